//! A client: it coordinates its requests (§4.5), and repairs what it reads (§5).

use super::{Input, Key, Message, Output, Quorum, Quorums, Rc, Timer, Version, Versions};
use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;

const BEGIN: Rule = Rule::new(
    "§4.5",
    "Whoever coordinates a request sends it to all N homes of the key and waits for R or W answers.",
);
const WAIT: Rule = Rule::new("§4.5", "Too few have answered: the request goes on.");
const DONE: Rule = Rule::new("§4.5", "With W acknowledgements a write is done.");
const READ: Rule =
    Rule::new("§4.5", "With R answers a read returns every version that none of the others supersedes.");
const LATE: Rule = Rule::new("§5", "What comes after the answer can only help to repair.");
const STRAY: Rule = Rule::new("§4.5", "An answer to an earlier request decides nothing.");
const RETRY: Rule = Rule::new("§4.5", "Whoever has not answered in time is asked again.");
const STAND_IN: Rule = Rule::new(
    "§4.6",
    "Under a sloppy quorum the next replicas of the ring stand in for homes that do not answer.",
);
const GIVE_UP: Rule = Rule::new("§4.5", "Without a quorum a request fails; what was stored of it stays.");

/// How often a client asks before it gives up.
const TRIES: u32 = 3;

/// A request of a client, open or just answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Request {
    pub(super) key: Key,
    /// What it writes; it reads without.
    pub(super) write: Option<Version>,
    /// Whom it has asked: the homes, then stand-ins.
    pub(super) asked: Vec<NodeId>,
    /// Who has answered, and what each held.
    pub(super) replies: Map<NodeId, Versions>,
    pub(super) tries: u32,
    pub(super) open: bool,
}

impl Quorum {
    /// Begins a request: asks all homes of the key.
    pub(super) fn begin(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        ctx.note(&BEGIN);
        self.disk.requests += 1;
        let (key, write) = match input {
            Input::Get(key) => (key, None),
            Input::Put(key, value) => (key, Some(self.next_version(key, Some(value), ctx))),
            Input::Delete(key) => (key, Some(self.next_version(key, None, ctx))),
        };
        ctx.output(Output::Begun { input, write: write.clone() });
        let asked = self.quorums.homes(key).collect();
        let request = Request { key, write, asked, replies: Map::default(), tries: 1, open: true };
        self.ask(&request, ctx);
        self.request = Some(request);
    }

    /// The version that a write makes: it supersedes what this client has read of the key, and what it wrote itself.
    pub(super) fn next_version(&mut self, key: Key, value: Option<u32>, ctx: &Ctx<Self>) -> Version {
        let wall_clock = ctx.params().bugs.wall_clock;
        let count = if wall_clock { (ctx.clock() / 1_000) as u32 + 1 } else { self.disk.writes + 1 };
        self.disk.writes = count;
        let mut clock = VectorClock::default();
        if self.vectors {
            let known = Rc::make_mut(&mut self.disk.known).or_default(key);
            known.raise(self.me, count.into());
            clock.clone_from(known);
        }
        Version { author: self.me, count, clock, time: ctx.clock(), value }
    }

    /// Asks all homes that have not answered and, where that is allowed and they had their time, as many stand-ins.
    pub(super) fn ask(&self, request: &Request, ctx: &mut Ctx<Self>) {
        let number = self.disk.requests;
        let (homes, stand_ins) = request.asked.split_at(self.quorums.n as usize);
        let silent = |node: &&NodeId| !request.replies.contains_key(node);
        let message = |home| match &request.write {
            Some(version) => {
                Message::Put { request: number, key: request.key, version: version.clone(), home }
            }
            None => Message::Get { request: number, key: request.key },
        };
        for home in homes.iter().filter(silent) {
            ctx.send(*home, message(None));
        }
        for (stand_in, home) in stand_ins.iter().filter(silent).zip(homes.iter().filter(silent)) {
            ctx.send(*stand_in, message(Some(*home)));
        }
        ctx.set(Timer::Timeout, ctx.params().timeout);
    }

    /// An answer to request `number`.
    pub(super) fn reply(&mut self, from: NodeId, number: u32, versions: Versions, ctx: &mut Ctx<Self>) {
        let quorums = self.quorums;
        let current = number == self.disk.requests;
        let Some(request) = self.request.as_mut().filter(|_| current) else { return ctx.note(&STRAY) };
        request.replies.insert(from, versions);
        if !request.open {
            ctx.note(&LATE);
        } else if request.replies.len() < request.needed(quorums) {
            return ctx.note(&WAIT);
        } else {
            request.open = false;
            ctx.cancel(Timer::Timeout);
            let key = request.key;
            if request.write.is_some() {
                ctx.tell(&DONE, || format!("has written {key}"));
                return ctx.output(Output::Wrote { key });
            }
            let versions = request.merged();
            ctx.tell(&READ, || format!("reads {key}: {versions}"));
            if self.vectors {
                let known = Rc::make_mut(&mut self.disk.known).or_default(key);
                versions.iter().for_each(|version| known.merge(&version.clock));
            }
            ctx.output(Output::Read { key, versions });
        }
        if ctx.params().repair {
            request.repair(self.quorums.n as usize, ctx);
        }
    }

    pub(super) fn time_out(&mut self, ctx: &mut Ctx<Self>) {
        let Some(mut request) = self.request.take() else { return ctx.note(&STRAY) };
        if request.tries == TRIES {
            request.open = false;
            ctx.tell(&GIVE_UP, || format!("gives up on {}", request.key));
            ctx.output(Output::GaveUp);
        } else {
            request.tries += 1;
            let counts_hints = ctx.params().bugs.counts_hints && request.write.is_some();
            if self.quorums.sloppy || counts_hints {
                ctx.tell(&STAND_IN, || format!("asks stand-ins for {}", request.key));
                request.asked = self.quorums.ring(request.key).take(2 * self.quorums.n as usize).collect();
            } else {
                ctx.note(&RETRY);
            }
            self.ask(&request, ctx);
        }
        self.request = Some(request);
    }
}

impl Request {
    /// How many answers it needs.
    pub(super) fn needed(&self, Quorums { r, w, .. }: Quorums) -> usize {
        if self.write.is_some() { w as usize } else { r as usize }
    }

    /// What the answers come to.
    pub(super) fn merged(&self) -> Versions {
        let mut merged = Versions::default();
        self.replies.values().for_each(|versions| merged.merge(versions));
        merged
    }

    /// Tells what is newer to homes whose answer was older.
    pub(super) fn repair(&mut self, homes: usize, ctx: &mut Ctx<Quorum>) {
        let (key, merged) = (self.key, self.merged());
        for home in self.asked.iter().take(homes) {
            if let Some(answer) = self.replies.get_mut(home).filter(|answer| **answer != merged) {
                answer.clone_from(&merged);
                ctx.send(*home, Message::Repair { key, versions: merged.clone() });
            }
        }
    }
}
