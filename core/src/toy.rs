//! A protocol as small as one can be, for tests of what the engine does with any: whoever is asked, or hears its timer, says
//! hello to all others. Real protocols are crates of their own, which the core does not know.

use crate::card::Card;
use crate::catalogue::Entry;
use crate::event::Event;
use crate::kinds;
use crate::name::NodeId;
use crate::node::{Ctx, Node};
use crate::property::Property;
use crate::protocol::{Protocol, Step};
use crate::scenario::Scenario;
use crate::title::{Assumptions, Failures, Info, Layout, Links, Timing};
use crate::world::World;
use std::str::FromStr;

static ENTRY: Entry = Entry::of::<Greeter>();

/// Three greeters in manual mode that have booted, the first of which has said hello.
pub(crate) fn greeted() -> (Scenario, World) {
    let scenario = Scenario { manual: true, ..Scenario::of(&ENTRY) };
    let mut world = ENTRY.world(&scenario.choices, scenario.setup());
    while let Some((time, event)) = world.upcoming() {
        assert!(world.apply(time, event).is_ok());
    }
    assert!(world.apply(0, Event::Fire(NodeId(0), 0)).is_ok());
    (scenario, world)
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Greeter;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Word {
    Hello,
}

kinds! { Word { Hello 'H': Self::Hello } }

impl FromStr for Word {
    type Err = String;
    fn from_str(words: &str) -> Result<Self, String> {
        if words == "Hello" { Ok(Word::Hello) } else { Err(format!("`{words}` is not `Hello`")) }
    }
}

impl Node for Greeter {
    type Message = Word;
    type Timer = Word;
    type Input = Word;
    type Output = Word;
    type Stable = u64;
    type Params = ();

    fn start(_: u64, ctx: &mut Ctx<Self>) -> Self {
        ctx.set(Word::Hello, 10_000);
        Greeter
    }
    fn stable(&self) -> u64 {
        0
    }
    fn on_message(&mut self, _: NodeId, _: Word, _: &mut Ctx<Self>) {}
    fn on_timer(&mut self, word: Word, ctx: &mut Ctx<Self>) {
        ctx.set(word.clone(), 10_000);
        ctx.broadcast(word);
    }
    fn on_input(&mut self, word: Word, ctx: &mut Ctx<Self>) {
        ctx.broadcast(word);
    }
    fn inputs(&self) -> Vec<Word> {
        vec![Word::Hello]
    }
    fn lies(&self, _: NodeId, truth: &Word, _: &Ctx<Self>) -> Vec<Word> {
        vec![truth.clone()]
    }
    fn card(&self) -> Card {
        Card::default()
    }
}

impl Protocol for Greeter {
    const INFO: Info = Info {
        slug: "greeter",
        title: "Greeter",
        aka: "",
        family: "toys",
        source: "",
        idea: "",
        left_out: "",
        safety: Assumptions {
            links: Links::FairLoss,
            failures: Failures::Byzantine,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::Byzantine,
            timing: Timing::Asynchronous,
        },
        nodes: (3, 1, 9),
        until: 1_000_000,
        latency: (1_000, 2_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[],
        panels: &[],
    };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[];

    type Record = ();

    fn remember((): &mut (), _: &Step<'_, Self>) {}
}
