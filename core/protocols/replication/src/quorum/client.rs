//! A client: it coordinates its requests (§4.5), and repairs what it reads (§5).

use super::session::BEHIND;
use super::{Input, Key, Message, Output, Quorum, Quorums, Rc, Timer, Version, Versions};
use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;

const BEGIN: Rule = Rule::new(
    "§4.5",
    "The coordinator of a request sends it to all N homes of the key and waits for R or W answers.",
);
pub(super) const WAIT: Rule = Rule::new("§4.5", "Too few replicas have answered, so the request stays open.");
pub(super) const DONE: Rule = Rule::new("§4.5", "A write is done when W replicas have acknowledged it.");
pub(super) const READ: Rule =
    Rule::new("§4.5", "With R answers, a read returns every version that no other version supersedes.");
pub(super) const LATE: Rule =
    Rule::new("§5", "An answer that comes after the request is done can only help to repair.");
pub(super) const STRAY: Rule = Rule::new("§4.5", "An answer to an earlier request is obsolete.");
pub(super) const RETRY: Rule =
    Rule::new("§4.5", "A client asks again the replicas that have not answered in time.");
const STAND_IN: Rule = Rule::new(
    "§4.6",
    "Under a sloppy quorum, the next replicas on the ring stand in for homes that do not answer.",
);
const HINT: Rule = Rule::new(
    "§4.6",
    "Even when a write is done, a stand-in, if there is one, keeps it for each home that has not answered in time.",
);
pub(super) const GIVE_UP: Rule =
    Rule::new("§4.5", "A request without a quorum fails, but replicas keep what they have stored of it.");

/// How often a client asks before it gives up.
pub(super) const TRIES: u32 = 3;

/// A request of a client, open or just answered, where it is coordinated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Request {
    pub(super) key: Key,
    /// What it writes; it reads without.
    pub(super) write: Option<Version>,
    pub(super) number: u32,
    /// The replicas that it has asked: the homes, then stand-ins.
    pub(super) asked: Vec<NodeId>,
    /// Who has answered, and what each held.
    pub(super) replies: Map<NodeId, Versions>,
    /// Which stand-in it has asked for which home, and whether that keeps a hint.
    pub(super) stand_ins: Map<NodeId, (NodeId, bool)>,
    pub(super) tries: u32,
    pub(super) open: bool,
}

impl Quorum {
    /// Begins a request: asks all homes of the key.
    pub(super) fn begin(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        let (key, write) = match input {
            Input::Get(key) => (key, None),
            Input::Put(key, value) => (key, Some(self.next_version(key, Some(value), ctx))),
            Input::Delete(key) => (key, Some(self.next_version(key, None, ctx))),
        };
        ctx.remark(&BEGIN, || format!("sends {input} to the homes of {key}"));
        ctx.output(Output::Begun { input, write: write.clone() });
        let request = Request::new(key, write, self.disk.requests, self.quorums.homes(key).collect());
        ask(&request, self.quorums, ctx);
        ctx.set(Timer::Timeout, ctx.params().timeout);
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
        Version { author: self.me, count, clock, time: ctx.clock().max(self.earliest(key, ctx)), value }
    }

    /// A replica keeps what request `number` writes, for itself or for a home.
    pub(super) fn stored(&mut self, from: NodeId, number: u32, home: Option<NodeId>, ctx: &mut Ctx<Self>) {
        let latest = self.request.as_mut().filter(|request| request.number == number);
        let is_latest = latest.is_some();
        for request in latest.into_iter().chain(self.silent.get_mut(&number)) {
            let of_home = home.and_then(|home| request.stand_ins.get_mut(&home));
            if let Some((_, keeps)) = of_home.filter(|(stand_in, _)| *stand_in == from) {
                *keeps = true;
            }
        }
        if let Some(request) = self.silent.get_mut(&number) {
            request.replies.insert(from, Versions::default());
            if request.is_everywhere(self.quorums) {
                self.silent.remove(&number);
                ctx.cancel(Timer::Silent(number));
            }
            if !is_latest {
                return ctx.note(&LATE);
            }
        }
        self.reply(from, number, Versions::default(), ctx);
    }

    /// A write is done, and homes have not answered in time: stand-ins are asked to keep hints for them.
    pub(super) fn hint_for_silent(&mut self, number: u32, ctx: &mut Ctx<Self>) {
        let Some(request) = self.silent.get_mut(&number) else { return ctx.note(&STRAY) };
        if request.tries == TRIES {
            self.silent.remove(&number);
            return ctx.note(&HINT);
        }
        request.tries += 1;
        request.choose_stand_ins(self.quorums);
        ctx.tell(&HINT, || match request.stand_ins.is_empty() {
            true => format!("asks the silent homes of {} again", request.key),
            false => format!("asks stand-ins to keep {} for silent homes", request.key),
        });
        ask(request, self.quorums, ctx);
        ctx.set(Timer::Silent(number), ctx.params().timeout);
    }

    /// An answer to request `number`.
    pub(super) fn reply(&mut self, from: NodeId, number: u32, versions: Versions, ctx: &mut Ctx<Self>) {
        let quorums = self.quorums;
        let current = number == self.disk.requests;
        let Some(request) = self.request.as_mut().filter(|_| current) else { return ctx.note(&STRAY) };
        request.replies.insert(from, versions);
        if !request.open {
            ctx.note(&LATE);
        } else if request.count(quorums) < request.needed(quorums) {
            return ctx.note(&WAIT);
        } else if !ctx.params().bugs.takes_first_answers && request.is_behind(&self.disk.seen) {
            return ctx.remark(&BEHIND, || format!("waits for newer answers about {}", request.key));
        } else {
            request.open = false;
            ctx.agreed(|| Some(request.poll(quorums)));
            ctx.cancel(Timer::Timeout);
            let key = request.key;
            if let Some(version) = request.write.clone() {
                if quorums.sloppy && !request.is_everywhere(quorums) {
                    self.silent.insert(number, request.clone());
                    ctx.set(Timer::Silent(number), ctx.params().timeout);
                }
                self.see(key, &Versions::only(&version), ctx);
                ctx.tell(&DONE, || format!("completes its write of {key}"));
                return ctx.output(Output::Wrote { key });
            }
            let versions = request.merged();
            ctx.tell(&READ, || format!("reads {key}: {versions}"));
            if self.vectors {
                let known = Rc::make_mut(&mut self.disk.known).or_default(key);
                versions.iter().for_each(|version| known.merge(&version.clock));
            }
            self.see(key, &versions, ctx);
            ctx.output(Output::Read { key, versions });
        }
        let Some(request) = &mut self.request else { return };
        if ctx.params().repair {
            request.repair(self.quorums.n as usize, ctx);
        }
    }

    /// The latest request of a client: its key, whether it reads, and how many answers it needs.
    pub(super) fn latest(&self) -> Option<(Key, bool, usize)> {
        let Quorums { r, w, .. } = self.quorums;
        let (key, is_read) = match (&self.request, &self.forwarded) {
            (Some(request), _) => (request.key, request.write.is_none()),
            (None, Some(forwarded)) => (forwarded.input.key(), matches!(forwarded.input, Input::Get(_))),
            (None, None) => return None,
        };
        Some((key, is_read, if is_read { r } else { w } as usize))
    }

    pub(super) fn time_out(&mut self, ctx: &mut Ctx<Self>) {
        let Some(mut request) = self.request.take() else { return ctx.note(&STRAY) };
        if request.tries == TRIES {
            request.open = false;
            ctx.tell(&GIVE_UP, || format!("gives up its request for {}", request.key));
            ctx.output(Output::GaveUp);
        } else {
            request.tries += 1;
            if request.is_behind(&self.disk.seen) {
                // Replicas that have answered may know more by now.
                request.replies = Map::default();
            }
            let counts_hints = ctx.params().bugs.counts_hints && request.write.is_some();
            if self.quorums.sloppy || counts_hints {
                ctx.tell(&STAND_IN, || format!("turns to stand-ins for {}", request.key));
                request.choose_stand_ins(self.quorums);
            } else {
                ctx.remark(&RETRY, || format!("repeats its request for {}", request.key));
            }
            ask(&request, self.quorums, ctx);
            ctx.set(Timer::Timeout, ctx.params().timeout);
        }
        self.request = Some(request);
    }
}

/// Asks all homes that have not answered, and the stand-ins that were chosen for them.
fn ask(request: &Request, quorums: Quorums, ctx: &mut Ctx<Quorum>) {
    let number = request.number;
    let silent = |node: &NodeId| !request.replies.contains_key(node);
    for home in quorums.homes(request.key).filter(silent) {
        ctx.send(home, request.message(number, None));
    }
    let mut asked = Vec::new();
    for home in quorums.homes(request.key).filter(silent) {
        let Some((stand_in, keeps)) = request.stand_ins.get(&home) else { continue };
        // A read asks a stand-in once, whomever it stands in for.
        let again = request.write.is_none() && (asked.contains(stand_in) || !silent(stand_in));
        if !keeps && !again {
            asked.push(*stand_in);
            ctx.send(*stand_in, request.message(number, Some(home)));
        }
    }
}

impl Request {
    /// A request that was just begun, of so many homes.
    pub(super) fn new(key: Key, write: Option<Version>, number: u32, asked: Vec<NodeId>) -> Self {
        let (replies, stand_ins) = (Map::default(), Map::default());
        Request { key, write, number, asked, replies, stand_ins, tries: 1, open: true }
    }

    /// What a home is told, or a stand-in for a home.
    fn message(&self, request: u32, home: Option<NodeId>) -> Message {
        let key = self.key;
        match &self.write {
            Some(version) => Message::Put { request, key, version: version.clone(), home },
            None => Message::Get { request, key },
        }
    }

    /// Each home that is silent gets one stand-in, for good: the next replica of the ring that is no home and stands in for
    /// as few as any.
    fn choose_stand_ins(&mut self, quorums: Quorums) {
        let others: Vec<_> = quorums.ring(self.key).skip(quorums.n as usize).collect();
        for home in quorums.homes(self.key).filter(|home| !self.replies.contains_key(home)) {
            let load = |node: &&NodeId| self.stand_ins.values().filter(|(other, _)| other == *node).count();
            if let Some(next) = others.iter().min_by_key(load).filter(|_| !self.stand_ins.contains_key(&home))
            {
                self.stand_ins.insert(home, (*next, false));
                if !self.asked.contains(next) {
                    self.asked.push(*next);
                }
            }
        }
    }

    /// How many answers count, or how many votes: those of homes, and for homes that are silent those of
    /// their stand-ins.
    pub(super) fn count(&self, quorums: Quorums) -> usize {
        self.counted(quorums).values().sum()
    }

    /// Whose answers count, and for how many votes: homes, and for homes that are silent their stand-ins. One
    /// that stands in for two homes counts once, as the one of them with more votes.
    pub(super) fn counted(&self, quorums: Quorums) -> Map<NodeId, usize> {
        let mut counted = Map::default();
        for (home, votes) in quorums.votes(self.key) {
            let stand_in = || self.stand_ins.get(&home).map(|(stand_in, _)| *stand_in);
            let has = |node: &NodeId| self.replies.contains_key(node);
            if let Some(node) = Some(home).filter(has).or_else(|| stand_in().filter(has)) {
                let known: &mut usize = counted.or_default(node);
                *known = quorums.counted(votes).max(*known);
            }
        }
        counted
    }

    /// Whether each home has answered, or a stand-in keeps a hint for it.
    fn is_everywhere(&self, quorums: Quorums) -> bool {
        let keeps = |home: &NodeId| self.stand_ins.get(home).is_some_and(|(_, keeps)| *keeps);
        quorums.homes(self.key).all(|home| self.replies.contains_key(&home) || keeps(&home))
    }

    /// How many answers it needs, or how many votes.
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
