//! A coordinator that is a node (§4.5): a client sends its request to a home of the key, and that asks the
//! others.
//!
//! With siblings, versions then bear *dotted version vectors* (Preguiça et al. 2010). The dot is the
//! coordinator and its count: this very write. The context is what the client had read. A plain vector of
//! coordinators cannot tell a write that has not seen the one before it from one that has, because one
//! coordinator writes for several clients. The context of a client is true because homes exchange all that
//! they hold of a key, never a single version: so a set of versions that shows the nth write of a coordinator
//! shows what became of all earlier ones, too.
//!
//! A client that gets no answer turns to the next home. It cannot know how far the first one came. If that
//! had begun a write, the same value stands there twice, as siblings. So it does where the first home hears of
//! the request only after the next one, and where a request comes twice, and its coordinator has crashed in
//! between and forgotten that it had begun it. Quorums are strict here: coordinators have no stand-ins.
//!
//! Where timestamps decide, a home that carries out an old request stamps it anew, and it supersedes what was
//! written since. In a session that would put the client's earlier write after its later one, which Terry et
//! al. (§3) exclude at every server. So a session stamps its writes itself, and all homes use its stamp.

use super::client::{DONE, GIVE_UP, LATE, READ, RETRY, Request, STRAY, TRIES, WAIT};
use super::session::BEHIND;
use super::{Input, Key, Message, Output, Quorum, REPAIR, Rc, Timer, Version, Versions};
use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;

const FORWARD: Rule = Rule::new(
    "§4.5",
    "A client sends its request to a home of the key, which coordinates it; if that is silent for too long, \
     to the next home.",
);
const COORDINATE: Rule = Rule::new(
    "§4.5",
    "The coordinator of a write stores the new version and sends all that it holds of the key to the other \
     homes.",
);
const ASK: Rule =
    Rule::new("§4.5", "The coordinator of a read asks the other homes of the key what they hold.");
const AGAIN: Rule =
    Rule::new("§4.5", "A coordinator begins a request once, and answers it again if asked again.");
const ANSWER: Rule = Rule::new(
    "§4.5",
    "A coordinator that has heard from R or W homes, itself among them, answers with all versions.",
);

/// What a client has sent to a coordinator, until it is answered or given up, and the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Forwarded {
    pub(super) input: Input,
    pub(super) number: u32,
    /// In a session, the time that every home gives to the write; 0 leaves it to the home's clock.
    stamp: Micros,
    tries: u32,
    pub(super) open: bool,
    /// The version that the coordinator made of it, where it writes, and what the coordinator held then, or
    /// read.
    pub(super) write: Option<Version>,
    pub(super) versions: Versions,
}

/// What the client of a coordinated request knows of its key: the writes that its context counts, and the
/// time of what it writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    /// How many writes of each coordinator the client has seen, or what supersedes them.
    pub clock: VectorClock,
    /// In a session, the time of a write; otherwise 0.
    pub stamp: Micros,
}

/// A client.
impl Quorum {
    /// Sends a request to a coordinator.
    pub(super) fn forward(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        ctx.output(Output::Begun { input: input.clone(), write: None });
        let (number, write, versions) = (self.disk.requests, None, Versions::default());
        let stamps = self.in_session && !matches!(input, Input::Get(_));
        let stamp = if stamps { ctx.clock().max(self.earliest(input.key(), ctx)).max(1) } else { 0 };
        self.forwarded = Some(Forwarded { input, number, stamp, tries: 0, open: true, write, versions });
        self.forward_on(ctx);
    }

    /// Sends it to the next home of its key, or gives it up.
    pub(super) fn forward_on(&mut self, ctx: &mut Ctx<Self>) {
        let quorums = self.quorums;
        let Some(forwarded) = self.forwarded.as_mut().filter(|it| it.open) else { return ctx.note(&STRAY) };
        let key = forwarded.input.key();
        if forwarded.tries == TRIES.max(quorums.n) {
            forwarded.open = false;
            ctx.tell(&GIVE_UP, || format!("gives up its request for {key}"));
            return ctx.output(Output::GaveUp);
        }
        let (request, input, stamp) = (forwarded.number, forwarded.input.clone(), forwarded.stamp);
        let coordinator = quorums.homes(key).nth((forwarded.tries % quorums.n) as usize);
        forwarded.tries += 1;
        let rule = if forwarded.tries == 1 { &FORWARD } else { &RETRY };
        let Some(coordinator) = coordinator else { return };
        ctx.remark(rule, || format!("has {coordinator} coordinate {input}"));
        let clock = self.disk.known.get(&key).cloned().unwrap_or_default();
        let context = Context { clock, stamp };
        ctx.send(coordinator, Message::Forward { request, input, context });
        // The coordinator has a round trip of its own.
        ctx.set(Timer::Timeout, ctx.params().timeout.saturating_mul(2));
    }

    /// A coordinator has done what it was asked, and held or read these versions.
    pub(super) fn come_out(
        &mut self,
        number: u32,
        write: Option<Version>,
        versions: Versions,
        ctx: &mut Ctx<Self>,
    ) {
        let is_it = |it: &&mut Forwarded| it.number == number && it.open;
        let Some(forwarded) = self.forwarded.as_mut().filter(is_it) else { return ctx.note(&STRAY) };
        let key = forwarded.input.key();
        let seen =
            self.disk.seen.get(&key).filter(|_| write.is_none() && !ctx.params().bugs.takes_first_answers);
        if seen.is_some_and(|seen| versions.is_behind(seen)) {
            return ctx.remark(&BEHIND, || format!("waits for newer answers about {key}"));
        }
        forwarded.open = false;
        forwarded.write.clone_from(&write);
        forwarded.versions.clone_from(&versions);
        ctx.cancel(Timer::Timeout);
        if self.vectors {
            let known = Rc::make_mut(&mut self.disk.known).or_default(key);
            for version in versions.iter() {
                known.merge(&version.clock);
                known.raise(version.author, version.count.into());
            }
        }
        if let Some(version) = write {
            self.see(key, &Versions::only(&version), ctx);
            ctx.tell(&DONE, || format!("completes its write of {key}"));
            return ctx.output(Output::Wrote { key });
        }
        self.see(key, &versions, ctx);
        ctx.tell(&READ, || format!("reads {key}: {versions}"));
        ctx.output(Output::Read { key, versions });
    }
}

/// A home of the key.
impl Quorum {
    /// Coordinates a request of a client.
    pub(super) fn coordinate(
        &mut self,
        client: NodeId,
        request: u32,
        input: &Input,
        context: Context,
        ctx: &mut Ctx<Self>,
    ) {
        match self.coordinates.get(&client) {
            Some(known) if known.number > request => return ctx.note(&STRAY),
            Some(known) if known.number == request => {
                ctx.note(&AGAIN);
                if !known.open {
                    ctx.send(client, self.outcome(known));
                }
                return;
            }
            _ => {}
        }
        let key = input.key();
        let others: Vec<_> = self.quorums.homes(key).filter(|home| *home != self.me).collect();
        let write = match input {
            Input::Get(_) => None,
            Input::Put(_, value) => Some(self.dotted(key, Some(*value), context, ctx)),
            Input::Delete(_) => Some(self.dotted(key, None, context, ctx)),
        };
        let held = |node: &Self| node.held(key).cloned().unwrap_or_default();
        if let Some(version) = &write {
            let version = version.clone();
            ctx.note(&COORDINATE);
            ctx.output(Output::Coordinated { client, request, key, version: version.clone() });
            self.take(key, &version, &COORDINATE, ctx);
            let versions = held(self);
            for home in others {
                ctx.send(home, Message::Copy { client, request, key, versions: versions.clone() });
            }
        } else {
            ctx.note(&ASK);
            for home in others {
                ctx.send(home, Message::Fetch { client, request, key });
            }
        }
        let own = if write.is_some() { Versions::default() } else { held(self) };
        let mut begun = Request::new(key, write, request, self.quorums.homes(key).collect());
        begun.replies.insert(self.me, own);
        self.coordinates.insert(client, begun);
        self.count(client, ctx);
    }

    /// The version that a write makes, and what it supersedes: what its client has seen.
    fn dotted(&mut self, key: Key, value: Option<u32>, context: Context, ctx: &Ctx<Self>) -> Version {
        self.disk.writes += 1;
        let mut clock = VectorClock::default();
        if self.vectors {
            let has_seen = |version: &Version| context.clock.get(version.author) >= version.count.into();
            let is_whole = || self.held(key).is_none_or(|held| held.iter().all(has_seen));
            if !ctx.params().bugs.whole_context || is_whole() {
                clock = context.clock;
            }
            // A context without entries would be that of a timestamp.
            clock.raise(self.me, 0);
        }
        let time = if context.stamp > 0 { context.stamp } else { ctx.clock() };
        Version { author: self.me, count: self.disk.writes, clock, time, value }
    }

    /// Another home has stored what a client writes, or holds these versions of what a client reads.
    pub(super) fn hear(
        &mut self,
        from: NodeId,
        (client, request): (NodeId, u32),
        versions: Versions,
        ctx: &mut Ctx<Self>,
    ) {
        let known = self.coordinates.get_mut(&client).filter(|it| it.number == request);
        let Some(known) = known else { return ctx.note(&STRAY) };
        known.replies.insert(from, versions);
        self.count(client, ctx);
    }

    /// Answers the client once enough homes have, and repairs what was read.
    fn count(&mut self, client: NodeId, ctx: &mut Ctx<Self>) {
        let quorums = self.quorums;
        let Some(request) = self.coordinates.get_mut(&client) else { return };
        let was_open = std::mem::replace(&mut request.open, false);
        if was_open && request.count(quorums) < request.needed(quorums) {
            request.open = true;
            return ctx.note(&WAIT);
        }
        let request = request.clone();
        if was_open {
            ctx.tell(&ANSWER, || format!("has enough answers about {} for {client}", request.key));
            ctx.send(client, self.outcome(&request));
        } else {
            ctx.note(&LATE);
        }
        if request.write.is_none() && ctx.params().repair {
            self.repair(client, &request, ctx);
        }
    }

    /// Takes what it has read itself, and sends it to homes that answered with less.
    fn repair(&mut self, client: NodeId, request: &Request, ctx: &mut Ctx<Self>) {
        let merged = request.merged();
        merged.iter().for_each(|version| self.take(request.key, version, &REPAIR, ctx));
        let (me, homes) = (self.me, self.quorums.n as usize);
        if let Some(request) = self.coordinates.get_mut(&client) {
            request.replies.insert(me, merged);
            request.repair(homes, ctx);
        }
    }

    /// What the client is answered.
    fn outcome(&self, request: &Request) -> Message {
        let held = || self.held(request.key).cloned().unwrap_or_default();
        let versions = if request.write.is_some() { held() } else { request.merged() };
        Message::Outcome { request: request.number, write: request.write.clone(), versions }
    }
}
