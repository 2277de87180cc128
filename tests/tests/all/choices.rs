//! What a node chooses with `Ctx::choose`: drawn in a simulation, branched on by a search, named by a
//! scenario.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::catalogue::Entry;
use faultline_core::check::{Bounds, Search, walk};
use faultline_core::prelude::*;
use faultline_core::scenario::{Act, Scenario};
use faultline_core::sim::Run;
use faultline_tests::parse;

/// A node that, asked to play, throws a die of three sides; with a two it throws a coin, and tells what came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Gambler {
    thrown: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Done;

kinds! { Done { Done 'D': Self } }

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
enum Never {}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a gambler can only be asked to `Play`")]
struct Play;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("Thrown {0} {1}")]
struct Thrown(u64, u64);

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("nothing")]
struct Nothing;

impl Node for Gambler {
    type Message = Done;
    type Timer = Never;
    type Input = Play;
    type Output = Thrown;
    type Stable = Nothing;
    type Params = ();

    fn start(_: Nothing, _: &mut Ctx<Self>) -> Self {
        Gambler { thrown: Vec::new() }
    }
    fn stable(&self) -> Nothing {
        Nothing
    }
    fn on_message(&mut self, _: NodeId, _: Done, ctx: &mut Ctx<Self>) {
        self.thrown.push(10 + ctx.choose(2));
    }
    fn on_timer(&mut self, never: Never, _: &mut Ctx<Self>) {
        match never {}
    }
    fn on_input(&mut self, _: Play, ctx: &mut Ctx<Self>) {
        let die = ctx.choose(3);
        let coin = if die == 2 { ctx.choose(2) } else { 0 };
        self.thrown.extend([die, coin]);
        ctx.output(Thrown(die, coin));
        ctx.broadcast(Done);
    }
    fn inputs(&self) -> Vec<Play> {
        vec![Play]
    }
    fn card(&self) -> Card {
        Card::default()
    }
}

impl Protocol for Gambler {
    const INFO: Info = Info {
        slug: "gambler",
        title: "Gambler",
        aka: "",
        family: "tests",
        source: "none",
        idea: "none",
        left_out: "everything",
        safety: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashStop,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashStop,
            timing: Timing::Asynchronous,
        },
        nodes: (2, 2, 2),
        until: 1_000_000,
        latency: (1_000, 2_000),
        ask: 0,
        layout: Layout::Row,
        picture: &[],
        panels: &[],
    };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&[
        always("No luck", "Nobody throws a two and then a one.", About::Outputs, |scene| {
            let luck = scene.outputs.contains(&Thrown(2, 1)) && *scene.record == 1;
            if luck { Err(format!("{} did", scene.who).into()) } else { Ok(()) }
        }),
        sometimes("One", "Somebody throws a one.", About::Outputs, |scene| {
            if scene.outputs.contains(&Thrown(1, 0)) { Ok(()) } else { Err(Contradiction::default()) }
        }),
        eventually(
            "Heard",
            "In the end somebody has thrown an eleven.",
            Despite::Nothing,
            |scene| if *scene.record == 0 { Err("nobody has played yet") } else { Ok(()) },
            |scene| {
                let heard = scene.nodes().any(|(_, node)| node.thrown.contains(&11));
                if heard { Ok(()) } else { Err("nobody has".to_owned().into()) }
            },
        ),
    ]];
    /// How often anybody played.
    type Record = u64;

    fn remember(record: &mut u64, step: &Step<'_, Self>) {
        *record += step.outputs.len() as u64;
    }
}

static GAMBLER: Entry = Entry::of::<Gambler>();

fn searched(bounds: Bounds) -> faultline_core::check::Findings {
    let mut search = Search::new(&Scenario::of(&GAMBLER), bounds);
    while !search.step(10) {}
    search.findings().clone()
}

fn acts(scenario: &Scenario) -> Vec<String> {
    scenario.acts.iter().map(|timed| timed.act.to_string()).collect()
}

/// What breaks with one in six throws of the second player is found, told with the choices, and breaks again.
#[test]
fn a_search_branches_on_what_nodes_choose() {
    // Nobody plays: one state, and it is at rest.
    let none = searched(Bounds { inputs: 0, ..Bounds::default() });
    assert_eq!((none.states, none.at_rest, none.complete), (1, 1, true));
    // Within one step: four different throws of either node.
    let one = searched(Bounds { inputs: 1, depth: 1, ..Bounds::default() });
    assert_eq!((one.states, one.steps, one.complete), (1 + 2 * 4, 2 * 4, false));
    assert_eq!(one.reached, ["One"]);
    let found = searched(Bounds { inputs: 2, ..Bounds::default() });
    // One request comes before two, so what breaks at rest after one is found first.
    let (_, run) = found.broken.into_iter().find(|(claim, _)| claim == "no-luck").unwrap();
    assert!(run.manual && found.complete);
    assert_eq!(acts(&run), ["n1 Play", "choose n1 2 1", "n1 Play"]);
    assert!(Run::new(run.clone(), run.until).verify().iter().all(|(_, met)| met.is_ok()));
}

/// What must hold eventually is judged where nothing happens any more, and the run that breaks it is told as
/// well.
#[test]
fn a_search_judges_what_comes_to_rest() {
    let found = searched(Bounds { inputs: 1, ..Bounds::default() });
    let (claim, run) = found.broken.into_iter().next().unwrap();
    assert_eq!(claim, "heard");
    assert_eq!(acts(&run), ["n1 Play", "deliver n1>n2 Done"]);
    assert!(Run::new(run.clone(), run.until).verify().iter().all(|(_, met)| met.is_ok()));
}

/// A walk draws what nodes choose, and tells it.
#[test]
fn a_walk_tells_what_nodes_chose() {
    let bounds = Bounds { inputs: 2, depth: 5, ..Bounds::default() };
    let (claim, run) = (1..100).find_map(|seed| walk(&Scenario::of(&GAMBLER), bounds, seed)).unwrap();
    assert_eq!(claim, "no-luck");
    assert!(acts(&run).iter().any(|act| act.starts_with("choose ") && act.ends_with(" 2 1")), "{run}");
    assert!(Run::new(run.clone(), run.until).verify().iter().all(|(_, met)| met.is_ok()));
}

/// Chosen, what was drawn is different in that choice and in no other: later draws are what they were.
#[test]
fn a_choice_changes_only_itself() {
    let told = |seed: u64, text: &[&str]| {
        let mut scenario = Scenario { seed, ..Scenario::of(&GAMBLER) };
        for (nth, words) in text.iter().enumerate() {
            let at = faultline_core::scenario::Moment { time: 10_000 * (nth as u64 + 1), nth: None };
            let act = scenario.parse_act(words).unwrap();
            assert_eq!(act.to_string(), *words);
            scenario.acts.push(faultline_core::scenario::Timed { at, act });
        }
        let run = Run::new(scenario, 1_000_000);
        let lines = run.lines(0, run.records().len());
        lines.into_iter().flat_map(|line| line.outputs).collect::<Vec<_>>()
    };
    // A one instead of a nothing, neither of which uses a coin.
    let played = (1..).map(|seed| (seed, told(seed, &["n1 Play"; 4])));
    let (seed, drawn) = played.into_iter().find(|(_, drawn)| drawn[1] == "Thrown 0 0").unwrap();
    let chosen = told(seed, &["n1 Play", "choose n1 1", "n1 Play", "n1 Play", "n1 Play"]);
    assert_eq!(chosen[1], "Thrown 1 0");
    assert_eq!((&drawn[0], &drawn[2..]), (&chosen[0], &chosen[2..]));
    // What is out of bounds is the last that is not.
    assert_eq!(told(1, &["choose n1 7 9", "n1 Play"]), ["Thrown 2 1"]);
}

#[test]
fn the_act_is_written_as_it_is_read() {
    let scenario = parse("faultline 2\nprotocol raft\nat 1s choose n1 2 0\n").unwrap();
    assert_eq!(scenario.acts[0].act, Act::Choose(NodeId(0), vec![2, 0]));
    assert!(scenario.to_string().contains("at 1s choose n1 2 0\n"));
    for wrong in ["choose", "choose n1", "choose n1 x", "choose n1 -1", "choose n9 1"] {
        assert!(scenario.parse_act(wrong).is_err(), "{wrong}");
    }
}
