//! # Load balancing (author, year)
//!
//! The idea: who tells whom what, and why, in a few plain sentences. What stands here until you write it is a real protocol,
//! the smallest that has everything a protocol has: a node greets all others, repeats its greeting to those that have not
//! answered, and a node that hears a greeting twice reports it once (Cachin, Guerraoui & Rodrigues, Introduction to Reliable
//! and Secure Distributed Programming, 2011, §2.4: perfect links out of fair-loss links).
//!
//! Why it is right: a repeated greeting arrives in the end, and its number tells a copy from a new one.
//!
//! Where it hurts: a node remembers the latest number of every other node for ever.
//!
//! **What this file leaves out:** crashes; more than one greeting of a node at a time.

use faultline_core::prelude::*;

/// The settings of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// How long a node waits for answers before it greets again.
    #[setting(default = 100ms, bounds = 1ms..=60s)]
    pub retry: Micros,
    /// The rules that are taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A node reports a greeting whenever it arrives, though it has reported it before.
    pub reports_copies: bool,
    /// A node greets once and never repeats its greeting.
    pub never_repeats: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// The sender's greeting of this number.
    Hello(u64),
    /// The greeting of this number has arrived.
    Reply(u64),
}

kinds! { Message {
    Hello 'H': Self::Hello(number) => "{number}",
    Reply 'R' reply: Self::Reply(number) => "{number}",
} }

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// Some answers may be missing.
    Retry,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a node can be asked to `Greet`")]
pub enum Input {
    /// Greet all others.
    Greet,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// A greeting was heard, of this node and with this number.
    #[words("Heard {1} from {0}")]
    Heard(NodeId, u64),
    /// All others have answered the greeting of this number.
    Answered(u64),
}

/// What survives a crash: nothing, for nodes do not crash here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("nothing")]
pub struct Stable;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoadBalancing {
    /// The number of its latest greeting, and the nodes that have not answered it.
    number: u64,
    missing: NodeSet,
    /// The latest number that it heard, by sender.
    heard: Map<NodeId, u64>,
}

const READY: Rule = Rule::new("§2.4", "A node begins without any greeting.");
const GREET: Rule = Rule::new("§2.4", "A node numbers its greeting and sends it to all others.");
const BUSY: Rule = Rule::new("§2.4", "A node finishes one greeting before it begins the next.");
const HEAR: Rule =
    Rule::new("§2.4", "A node answers every greeting and reports those that it has not heard.");
const DONE: Rule = Rule::new("§2.4", "A greeting is done when all others have answered it.");
const AGAIN: Rule = Rule::new("§2.4", "A node repeats its greeting to all that have not answered.");

impl Node for LoadBalancing {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(_: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&READY);
        LoadBalancing { number: 0, missing: NodeSet::default(), heard: Map::default() }
    }

    fn stable(&self) -> Stable {
        Stable
    }

    fn on_input(&mut self, Input::Greet: Input, ctx: &mut Ctx<Self>) {
        if !self.missing.is_empty() {
            return ctx.note(&BUSY);
        }
        self.number += 1;
        self.missing = ctx.others().collect();
        ctx.tell(&GREET, || format!("begins greeting {}", self.number));
        ctx.broadcast(Message::Hello(self.number));
        ctx.set(Timer::Retry, ctx.params().retry);
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            Message::Hello(number) => {
                ctx.note(&HEAR);
                ctx.send(from, Message::Reply(number));
                let latest = self.heard.or_default(from);
                if number > *latest || ctx.params().bugs.reports_copies {
                    *latest = number;
                    ctx.output(Output::Heard(from, number));
                }
            }
            Message::Reply(number) if number == self.number && self.missing.remove(from) => {
                ctx.note(&DONE);
                if self.missing.is_empty() {
                    ctx.tell(&DONE, || format!("has all answers to greeting {number}"));
                    ctx.output(Output::Answered(number));
                    ctx.cancel(Timer::Retry);
                }
            }
            // A copy, or the answer to an earlier greeting: that one is done.
            Message::Reply(_) => ctx.note(&DONE),
        }
    }

    fn on_timer(&mut self, Timer::Retry: Timer, ctx: &mut Ctx<Self>) {
        ctx.note(&AGAIN);
        if !ctx.params().bugs.never_repeats {
            self.missing.iter().for_each(|node| ctx.send(node, Message::Hello(self.number)));
        }
        ctx.set(Timer::Retry, ctx.params().retry);
    }

    fn inputs(&self) -> Vec<Input> {
        if self.missing.is_empty() { vec![Input::Greet] } else { Vec::new() }
    }

    fn card(&self) -> Card {
        let (role, sign) =
            if self.missing.is_empty() { ("idle", Sign::Idle) } else { ("greeting", Sign::Seeking) };
        let fields = vec![
            Field::new("greeting", Meaning::Counter, self.number),
            Field::new("not answered", Meaning::Nodes, &self.missing),
        ];
        Card { role, sign, badge: self.number.to_string(), fields, ..Card::default() }
    }
}

impl Protocol for LoadBalancing {
    const INFO: Info = Info {
        slug: "load-balancing",
        title: "Load balancing",
        aka: "",
        family: "Load",
        source: "Author: Title, year",
        idea: "What it is for and how it works, in two or three sentences.",
        left_out: "Crashes, and more than one greeting of a node at a time.",
        safety: Assumptions {
            links: Links::FairLoss,
            failures: Failures::None,
            timing: Timing::Asynchronous,
        },
        liveness: Assumptions {
            links: Links::FairLoss,
            failures: Failures::None,
            timing: Timing::Asynchronous,
        },
        nodes: (3, 2, 15),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        picture: &[],
        panels: &[],
    };
    const PRESETS: &'static [Preset] = presets! { "load-balancing":
        "default" "lost" "reports-copies" "never-repeats"
    };
    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&[
        always("No Duplication", "No node reports a greeting twice.", About::Outputs, no_duplication).given(
            |scene| match scene.record.heard.len() {
                0 => Err("no node has reported a greeting yet"),
                _ => Ok(()),
            },
        ),
        eventually(
            "Reliable Delivery",
            "Every greeting is answered by all others.",
            Despite::Nothing,
            asked,
            delivery,
        )
        .since(|scene| waiting(scene).filter_map(|(node, _)| scene.record.greeted.get(&node)).min().copied()),
        sometimes("Company", "All others have answered a greeting.", About::Outputs, company),
    ]];

    type Record = Record;

    /// A greeting takes a message and its answer, and another pair after each retry: in a quiet run the second does.
    fn settles(params: &Params, quiet: Quiet) -> Option<Micros> {
        Some(params.retry.saturating_add(quiet.way.saturating_mul(2)).saturating_mul(2))
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        if step.input.is_some() {
            record.greeted.insert(step.who, step.now);
        }
        for output in step.outputs {
            match output {
                Output::Heard(from, number) => drop(record.heard.insert((step.who, *from), *number)),
                Output::Answered(_) => {}
            }
        }
    }
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// The latest number that was reported, by who reported it and of whom.
    heard: Map<(NodeId, NodeId), u64>,
    /// When a node was last asked to greet.
    greeted: Map<NodeId, Micros>,
}

fn no_duplication(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Heard(from, number) = output
            && scene.record.heard.get(&(scene.who, *from)).is_some_and(|latest| latest >= number)
        {
            let twice = Side::of(scene.who);
            let before = Side::of(scene.who).telling(output);
            return Err(Contradiction::between(
                format!("{} reports greeting {number} of {from} twice", scene.who),
                [twice, before],
            ));
        }
    }
    Ok(())
}

/// What must have come up before [`delivery`] says anything.
fn asked(scene: &Scene<'_, LoadBalancing>) -> Result<(), &'static str> {
    match scene.nodes().any(|(_, node)| node.number > 0) {
        true => Ok(()),
        false => Err("nobody has greeted anybody yet"),
    }
}

/// The nodes whose greeting is not answered by all.
fn waiting<'a>(scene: &'a Scene<'_, LoadBalancing>) -> impl Iterator<Item = (NodeId, &'a LoadBalancing)> {
    scene.nodes().filter(|(_, node)| !node.missing.is_empty())
}

/// Judged once a greeting has had the time that it may take: `settles` says how long that is, `since` from when on.
fn delivery(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    match waiting(scene).next() {
        Some((node, it)) => Err(Contradiction::between(
            format!("greeting {} of {node} is still not answered by {}", it.number, it.missing),
            [Side::of(node)],
        )),
        None => Ok(()),
    }
}

/// Nobody reads why something has not come up yet.
fn company(scene: &Scene<'_, LoadBalancing>) -> Result<(), Contradiction> {
    match scene.outputs.iter().any(|output| matches!(output, Output::Answered(_))) {
        true => Ok(()),
        false => Err(Contradiction::default()),
    }
}
