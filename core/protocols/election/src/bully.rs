//! # The bully algorithm (Garcia-Molina 1982)
//!
//! Every node knows all others and their order. A node that finds the coordinator gone asks all higher nodes, with `Election`.
//! One that is up answers `Ok` and takes over: it stands for election itself. A node that no higher one answers in time is the
//! highest that is up; it announces itself to all lower nodes with `Coordinator`. A node that restarts stands at once. So the
//! highest takes the office from a lower one that was content: it bullies it.
//!
//! Why it is right: bounds on time are known, so silence for twice the longest delay means that a node is down. Of the nodes
//! that are up all the time, only the highest hears no `Ok`.
//!
//! Where it hurts: all rests on that silence. A node that is slow or cut off, and not down, is passed over, and then two nodes
//! lead, each by its own lights. The old coordinator is not told: a coordinator asks nobody, and only lower nodes are told.
//! Nothing ends that before the next election. A lease would make an old coordinator stop by itself when it no longer hears
//! from the others; a quorum would let only one with a majority lead; and a number for each election would let others reject an
//! old one's orders.
//!
//! What it costs: n² − n − 1 messages if the lowest of n nodes notices that the highest is down. If the highest is up, and was
//! only suspected, it announces itself to all as often as it is asked: (n − 1)(2n − 1) messages if all take the same time. If
//! they do not, far more: an announcement ends a node's election while questions are still under way, and each of them begins
//! another. So there are at most 12 nodes here; among 21, a wrong suspicion cost some 900 000 messages. A textbook saves one
//! message: the node next in line need not ask the coordinator that it has just found down. That is right where a crashed node
//! stays down. Where it may be back by then, it is a wrong twin.
//!
//! **Textbooks and the paper.** The three messages are those of textbooks (Coulouris et al. 2012, §15.3.2). There a node leads
//! the moment it announces itself. If the highest node returns, or a crash falls into an election, two nodes lead until the
//! announcement arrives. Garcia-Molina's own algorithm does not allow that: a candidate that no higher node answered first
//! sends `Halt` to all lower nodes. They stop whatever they do, a coordinator resigns, and all answer. Only then does the
//! candidate announce itself. The setting `halt` adds this phase. His nodes ask each other with `AreYouUp`, candidates too, and
//! to be asked makes nobody stand; here it is how a node watches the coordinator. `AreYouNormal`, by which his coordinator finds
//! nodes that an election has left behind, and `Ready`, which hands out the new task, are left out.
//!
//! **What this file leaves out:** the work that a coordinator hands out; nodes that join; elections in partitions that merge
//! later (the paper's Invitation algorithm); an order other than that of the names.

use super::{Election, Input, Output};
use faultline_core::prelude::*;

mod office;
mod title;
mod words;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// How often a node asks the coordinator whether it is up.
    #[setting(default = 200ms, bounds = 20ms..=600s)]
    pub check: Micros,
    /// How long a node waits for an answer: longer than two messages may take.
    #[setting(default = 40ms, bounds = 31ms..=60s)]
    pub timeout: Micros,
    /// A candidate first halts all lower nodes and waits for their answers, as in the paper of 1982. Textbooks leave that out.
    pub halt: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A node waits for answers only a quarter as long as it should.
    pub hasty: bool,
    /// A node that stands for election already does not answer a lower one.
    pub answers_once: bool,
    /// A node asks all others and not only the higher ones, and everybody answers.
    pub asks_everybody: bool,
    /// A node does not ask the coordinator that it has just found down, which may be back by then.
    pub skips_suspect: bool,
    /// A node that was answered waits for the announcement for ever.
    pub waits_for_ever: bool,
    /// A node that restarts takes the highest node for the coordinator, as at the first start, and tells nobody.
    #[twin(shows_with = ["set halt on"])]
    pub returns_in_office: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A lower node stands for election.
    Election,
    /// A higher node is up and takes over.
    Ok,
    /// The sender leads from now on.
    Coordinator,
    /// A candidate that no higher node answered: stop whatever you do.
    Halt,
    /// It has stopped.
    Halted,
    /// Whether the coordinator is still there.
    AreYouUp,
    /// It is.
    Up,
}

kinds! { Message {
    Election 'E': Self::Election,
    Ok 'o' reply: Self::Ok,
    Coordinator 'C': Self::Coordinator,
    Halt 'H': Self::Halt,
    Halted 'h' reply: Self::Halted,
    AreYouUp '?': Self::AreYouUp,
    Up 'u' reply: Self::Up,
} }

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// It is time to ask the coordinator whether it is up.
    Check,
    /// The coordinator has not said that it is.
    Silence,
    /// The answers to `Election` or `Halt` are due.
    Answers,
    /// The announcement that must follow an `Ok` or a `Halt` is due.
    Announcement,
}

/// What survives a crash: how often the node has booted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("boot {boot}")]
pub struct Stable {
    boot: u64,
}

/// What a node does about the office.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum State {
    /// It follows a coordinator.
    Following(NodeId),
    /// It has asked the higher nodes and waits for their answers.
    Standing,
    /// A higher node has answered and will take over.
    Deferring(NodeId),
    /// No higher node has answered, and these have not said yet that they have halted.
    Halting(NodeSet),
    /// It was halted by a higher node and waits for its announcement.
    Halted(NodeId),
    /// It leads.
    Leading,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bully {
    me: NodeId,
    boot: u64,
    state: State,
    /// Whether candidates halt the others first, for those who judge it.
    halts: bool,
}

// The rules, with where the paper (GM) and the textbook of Coulouris and others (CDKB) have them.
const START: Rule =
    Rule::new("CDKB 15.3.2", "At first all nodes are up, and all know that the highest one coordinates.");
const RESTART: Rule = Rule::new("GM, CDKB 15.3.2", "A node that restarts stands for election.");
const IN_OFFICE: Rule = Rule::new(
    "against GM",
    "This wrong twin restarts with what all knew at the first start, and tells nobody.",
);
const WATCH: Rule = Rule::new("GM", "A node asks the coordinator from time to time whether it is up.");
const ALIVE: Rule = Rule::new("GM", "A coordinator that is up says so.");
const NO_LEADER: Rule = Rule::new("GM", "A node that does not coordinate lets the question pass.");
const SUSPECT: Rule =
    Rule::new("GM", "A coordinator that does not answer in time is down, as bounds on time are known.");
const STAND: Rule = Rule::new("CDKB 15.3.2", "A node that stands for election asks all higher nodes.");
const BUSY: Rule = Rule::new("CDKB 15.3.2", "A node holds one election at a time.");
const ANSWER: Rule = Rule::new(
    "CDKB 15.3.2",
    "A node answers a lower one that stands, and stands for election itself unless it already does.",
);
const DEFER: Rule = Rule::new("CDKB 15.3.2", "A node that a higher one answers leaves the office to it.");
const HALT: Rule = Rule::new("GM", "A candidate halts all lower nodes before it announces itself.");
const STOP: Rule =
    Rule::new("GM", "A node that is halted stops leading or standing, and waits for the announcement.");
const FOLLOW: Rule = Rule::new("CDKB 15.3.2", "A node follows whoever announces itself.");
const AGAIN: Rule = Rule::new(
    "CDKB 15.3.2",
    "Where no announcement follows, the higher node is gone, and the node stands again.",
);
const OBSOLETE: Rule = Rule::new("CDKB 15.3.2", "A message of an election that is over changes nothing.");

impl Node for Bully {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(Stable { boot }: Stable, ctx: &mut Ctx<Self>) -> Self {
        let me = ctx.me();
        let count = ctx.count() as u32;
        let highest = NodeId(count - 1);
        let state = if highest == me { State::Leading } else { State::Following(highest) };
        let mut node = Bully { me, boot: boot + 1, state, halts: ctx.params().halt };
        // Nodes do not ask at the same time, so that one of them is the first to notice.
        let check = ctx.params().check;
        let first = check + ctx.random(0..=check);
        ctx.set(Timer::Check, first);
        if boot == 0 {
            ctx.note(&START);
        } else if ctx.params().bugs.returns_in_office {
            ctx.note(&IN_OFFICE);
            ctx.output(if highest == me { Output::Leads } else { Output::Follows(highest) });
        } else {
            ctx.tell(&RESTART, || "restarts and stands for election".into());
            node.stand(None, ctx);
        }
        node
    }

    fn stable(&self) -> Stable {
        Stable { boot: self.boot }
    }

    fn on_input(&mut self, Input::Elect: Input, ctx: &mut Ctx<Self>) {
        if self.is_electing() {
            return ctx.note(&BUSY);
        }
        ctx.tell(&STAND, || "stands for election".into());
        self.stand(None, ctx);
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        let is_electing = self.is_electing();
        match (message, &mut self.state) {
            // Asking the higher nodes.
            (Message::Election, _) if from > self.me => {
                // Only the twin asks lower nodes.
                ctx.note(&ANSWER);
                ctx.send(from, Message::Ok);
            }
            (Message::Election, _) if is_electing => {
                ctx.note(&ANSWER);
                if !ctx.params().bugs.answers_once {
                    ctx.send(from, Message::Ok);
                }
            }
            (Message::Election, _) => {
                ctx.send(from, Message::Ok);
                ctx.tell(&ANSWER, || format!("answers {from} and stands for election"));
                self.stand(None, ctx);
            }
            (Message::Ok, state @ State::Standing) => {
                *state = State::Deferring(from);
                ctx.tell(&DEFER, || format!("leaves the office to {from}"));
                ctx.cancel(Timer::Answers);
                ctx.set(Timer::Announcement, patience(ctx.params()));
            }
            // Another one has answered already, or the answer comes after its election.
            (Message::Ok, _) => ctx.note(&OBSOLETE),
            // Halting the lower nodes, where that is set.
            (Message::Halt, State::Halted(by)) if *by > from => {
                ctx.note(&STOP);
                ctx.send(from, Message::Halted);
            }
            (Message::Halt, state) => {
                let led = *state == State::Leading;
                *state = State::Halted(from);
                ctx.tell(&STOP, || format!("{} for {from}", if led { "resigns" } else { "halts" }));
                ctx.cancel(Timer::Answers);
                ctx.cancel(Timer::Silence);
                ctx.set(Timer::Announcement, patience(ctx.params()));
                ctx.send(from, Message::Halted);
            }
            (Message::Halted, State::Halting(missing)) => {
                missing.remove(from);
                ctx.note(&HALT);
                if missing.is_empty() {
                    self.lead(ctx);
                }
            }
            (Message::Halted, _) => ctx.note(&OBSOLETE),
            // The announcement.
            (Message::Coordinator, State::Halted(by)) if *by > from => ctx.note(&OBSOLETE),
            (Message::Coordinator, state) => {
                *state = State::Following(from);
                ctx.tell(&FOLLOW, || format!("follows {from}"));
                ctx.output(Output::Follows(from));
                for timer in [Timer::Answers, Timer::Announcement, Timer::Silence] {
                    ctx.cancel(timer);
                }
            }
            // Watching the coordinator.
            (Message::AreYouUp, State::Leading) => {
                ctx.note(&ALIVE);
                ctx.send(from, Message::Up);
            }
            (Message::AreYouUp, _) => ctx.note(&NO_LEADER),
            (Message::Up, _) => {
                ctx.note(&ALIVE);
                ctx.cancel(Timer::Silence);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match (timer, &self.state) {
            (Timer::Check, state) => {
                ctx.note(&WATCH);
                let check = ctx.params().check;
                ctx.set(Timer::Check, check);
                if let State::Following(leader) = *state {
                    ctx.send(leader, Message::AreYouUp);
                    ctx.set(Timer::Silence, ctx.params().timeout);
                }
            }
            (Timer::Silence, &State::Following(leader)) => {
                ctx.tell(&SUSPECT, || format!("believes that {leader} is down and stands for election"));
                let down = Some(leader).filter(|_| ctx.params().bugs.skips_suspect);
                self.stand(down, ctx);
            }
            (Timer::Answers, State::Standing) => self.win(ctx),
            // Those that have not answered are down.
            (Timer::Answers, State::Halting(_)) => self.lead(ctx),
            (Timer::Announcement, State::Deferring(_)) if ctx.params().bugs.waits_for_ever => {
                ctx.note(&DEFER);
            }
            (Timer::Announcement, State::Deferring(higher) | State::Halted(higher)) => {
                let higher = *higher;
                ctx.tell(&AGAIN, || format!("has waited in vain for {higher} and stands again"));
                self.stand(None, ctx);
            }
            // It waits for something else by now.
            (Timer::Silence | Timer::Answers | Timer::Announcement, _) => ctx.note(&OBSOLETE),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        if self.is_electing() { Vec::new() } else { vec![Input::Elect] }
    }

    fn card(&self) -> Card {
        self.described()
    }
}

/// How long a node that was answered or halted waits for the announcement: until the higher node, and all above it, must have
/// done with waiting for answers, to `Election` and to `Halt`.
fn patience(params: &Params) -> Micros {
    params.timeout.saturating_mul(4)
}

impl Bully {
    /// Whether it takes part in an election.
    fn is_electing(&self) -> bool {
        !matches!(self.state, State::Following(_) | State::Leading)
    }
}

impl Election for Bully {
    fn leader(&self) -> Option<NodeId> {
        match self.state {
            State::Following(leader) => Some(leader),
            State::Leading => Some(self.me),
            State::Standing | State::Deferring(_) | State::Halting(_) | State::Halted(_) => None,
        }
    }

    fn deposes_first(&self) -> bool {
        self.halts
    }
}
