//! # Quorums without a leader (Gifford 1979; Dynamo, by `DeCandia` and others, 2007)
//!
//! Every key has N homes: the replicas that follow its place on a ring. A write is done when W of them have
//! stored it, a read when R have answered. Where R + W > N, every read quorum overlaps every write quorum, so
//! a read sees each write that was done before it began. Still, reads are not linearizable: of two reads
//! during one write, the first may see it and the second miss it.
//!
//! What replicas hold are *versions*. With `siblings` a version carries a vector clock of the writes that it
//! supersedes. Replicas keep both of two concurrent versions, and a read returns both. With `timestamps` the
//! later clock wins, and the other write is lost, however wrong the clocks are. Of equal timestamps, that of
//! the author with the greater number wins, so all replicas decide alike. A deletion is a version, too: a replica
//! keeps its tombstone for `gc-grace` after its arrival, because a replica that missed the deletion would
//! bring the value back. Cassandra counts from the clock of the coordinator. Here the replica counts by its
//! own clock and keeps an acknowledged deletion, however late it arrives. Once its grace has passed, other
//! replicas take a tombstone only where it still deletes something.
//!
//! Three things bring versions to replicas that missed them: *read repair*, where a client that has read
//! sends newer versions to the homes that answered with older ones; *hinted handoff*, where a stand-in keeps
//! a version for a home until the home takes it; and *anti-entropy*, where two replicas compare hash trees
//! over the keys that they share. All three only merge, so it does not matter how often, in which order or by
//! which way a version arrives.
//!
//! Under a *sloppy quorum* a client that gets no answer from a home asks a stand-in, the next replica on the
//! ring, and counts its answer. Then writes continue while homes are down, but R + W > N guarantees nothing
//! any more. Each home that does not answer a write gets one hint, at one stand-in, even where W others have
//! answered. A home and its stand-in count once. Like Cassandra's, hints expire after `gc-grace`: an older
//! one could bring back what was deleted since.
//!
//! **Votes.** In Gifford's paper homes have *votes*, and R and W count these: a read quorum and a write
//! quorum overlap where they are more than all votes together. The weights decide which homes are waited for,
//! and which crash stops what. A home without a vote is a weak representative: it holds a copy on which no
//! quorum rests.
//!
//! **Sessions.** A client may be a *session* (Terry et al. 1994; `session.rs`): it never goes behind what it
//! has read or written itself, even where quorums do not overlap. The price is availability: its reads wait
//! for a replica that is as far.
//!
//! **Who coordinates.** The client itself, by the library of the paper's §6.4, as in the model of PBS (Bailis
//! et al. 2012). With timestamps that is the paper's way; with vector clocks the paper forwards a write to a
//! home, whose name then stands in the clock. Where the client's name stands there, that is as exact
//! (Preguiça et al. 2010) and costs an entry a client. With `coordinator node` a home coordinates, and
//! versions bear dots (`coordinator.rs`).
//!
//! **How eventual.** Where quorums do not overlap, latencies decide how soon a read hears of a write. `latency
//! lnkd-disk` and its like are those that Bailis et al. measured; versions on their way to a replica then take the
//! time of writes, and all other messages that of answers.
//!
//! **What this file leaves out:** the inquiry of Gifford's paper, which asks for version numbers first and
//! then reads from the fastest copy that is current; sessions over several keys, and sessions that end;
//! virtual nodes, members that come and go, the failure detector (homes are tried first by every request),
//! truncated vector clocks, and merging by the store: the client that writes after reading siblings merges
//! them.
//! **What is not promised:** with timestamps, that a write that was done is ever read; that a deletion lasts
//! if a replica or a message is away for longer than the grace; that every silent home gets its hint if the
//! client crashes before it has asked stand-ins; that a session can still read a key where others deleted
//! what it has seen and the tombstone was collected, before it writes the key again.

use super::{Input, Key};
use client::Request;
pub use coordinator::Context;
use coordinator::Forwarded;
use faultline_core::prelude::*;
use faultline_core::toolbox::clocks::VectorClock;
use replica::{HANDED, Store};
use ring::Quorums;
pub use settings::{Bugs, Params};
use settings::{Coordinator, Versioning};
use std::rc::Rc;
use version::{Version, Versions};

mod anti_entropy;
mod claims;
mod client;
mod coordinator;
mod freshness;
mod record;
mod replica;
mod ring;
mod session;
mod session_claims;
mod settings;
mod title;
mod version;
mod words;

/// What nodes tell each other. A client numbers its requests, and answers carry the number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Message {
    /// Store this version; if a home is named, keep it for that home.
    Put { request: u32, key: Key, version: Version, home: Option<NodeId> },
    /// The version is on my disk; if a home is named, I keep it for that home.
    Stored { request: u32, home: Option<NodeId> },
    /// Which versions do you hold?
    Get { request: u32, key: Key },
    /// I hold these versions.
    Held { request: u32, versions: Versions },
    /// These versions are newer than those in your answer.
    Repair { key: Key, versions: Versions },
    /// I kept this version for you.
    Handoff { key: Key, version: Version },
    /// I have stored it, so you may forget it.
    HandedOff { key: Key, author: NodeId, count: u32 },
    /// Nodes of my hash tree over the keys that we are both homes of, with their hashes.
    Compare { nodes: Vec<(u32, u64)> },
    /// All that I hold in these leaves; whether this answers the same message from you.
    Exchange { leaves: Vec<u32>, entries: Vec<(Key, Versions)>, answer: bool },
    /// Coordinate this request for me, which knows so much of the key.
    Forward { request: u32, input: Input, context: Context },
    /// It is done: what I made of your write, and what I hold of the key, or have read.
    Outcome { request: u32, write: Option<Version>, versions: Versions },
    /// A client reads: what do you hold?
    Fetch { client: NodeId, request: u32, key: Key },
    /// I hold these versions.
    Fetched { client: NodeId, request: u32, versions: Versions },
    /// A client writes: store all that I hold of the key.
    Copy { client: NodeId, request: u32, key: Key, versions: Versions },
    /// They are on my disk.
    Copied { client: NodeId, request: u32 },
}

kinds! { Message {
    Put 'P': Self::Put { request, key, version, home } =>
        ("{key} = {version}, request {request}{}", home.map_or(String::new(), |it| format!(", for {it}")))
        as ("the write {key} = {version}{}", home.map_or(String::new(), |it| format!(", to keep for {it}"))),
    Stored 'P' reply: Self::Stored { request, home } =>
        ("request {request}{}", home.map_or(String::new(), |it| format!(", for {it}")))
        as ("an acknowledgement{}", home.map_or(String::new(), |it| format!(" of its hint for {it}"))),
    Get 'G': Self::Get { request, key } => "{key}, request {request}" as "a read of {key}",
    Held 'G' reply: Self::Held { request, versions } => "{versions}, request {request}"
        as "the answer {versions}",
    Repair 'R': Self::Repair { key, versions } => "{key} = {versions}" as "the repair {key} = {versions}",
    Handoff 'H': Self::Handoff { key, version } => "{key} = {version}"
        as "the hinted version {key} = {version}",
    HandedOff 'H' reply: Self::HandedOff { key, author, count } => "{key}, write {count} of {author}"
        as "an acknowledgement of its hint for {key}",
    Compare 'C': Self::Compare { nodes } => ("{}", words::hashes(nodes))
        as ("{} to compare", words::number(nodes.len(), "hash", "hashes")),
    Exchange 'X': Self::Exchange { leaves, entries, .. } => ("leaves {}", words::exchanged(leaves, entries))
        as ("the contents of {}", words::number(leaves.len(), "leaf", "leaves")),
    Forward 'F': Self::Forward { request, input, context } => "{input}, request {request}{context}"
        as "{input} to coordinate",
    Outcome 'F' reply: Self::Outcome { request, versions, .. } => "{versions}, request {request}"
        as "the outcome, {versions}",
    Fetch 'E': Self::Fetch { client, request, key } => "{key}, request {request} of {client}"
        as "a read of {key} for {client}",
    Fetched 'E' reply: Self::Fetched { client, request, versions } =>
        "{versions}, request {request} of {client}" as "the answer {versions}",
    Copy 'Y': Self::Copy { client, request, key, versions } =>
        "{key} = {versions}, request {request} of {client}" as "the copy {key} = {versions}",
    Copied 'Y' reply: Self::Copied { client, request } => "request {request} of {client}"
        as "an acknowledgement",
} }

/// What nodes remind themselves of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// A client has waited too long for answers.
    Timeout,
    /// A client has waited too long for homes whose answers its request did not need.
    #[words("Silent-{0}")]
    Silent(u32),
    /// A stand-in tries again to hand over its hints.
    Handoff,
    /// A replica compares its tree with another's.
    AntiEntropy,
    /// Tombstones of this key may be old enough to be collected.
    #[words("Collect-{0}")]
    Collect(Key),
    /// Hints may be old enough to expire.
    Expire,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Output {
    /// A client has begun to read a key, or to write this version of it.
    Begun { input: Input, write: Option<Version> },
    /// A client has read a key.
    Read { key: Key, versions: Versions },
    /// A client's write is done.
    Wrote { key: Key },
    /// A client has given up its request, which may still take effect.
    GaveUp,
    /// A replica holds a version that it did not hold before.
    Took { key: Key, version: Version },
    /// A replica has thrown away the tombstones of a key.
    Collected { key: Key },
    /// A stand-in has handed over what it kept for a home.
    HandedOff { key: Key, home: NodeId },
    /// A stand-in has forgotten what it kept for a home, which is too old.
    Expired { key: Key, version: Version, home: NodeId },
    /// A replica has compared this many hashes with another's, and this many differ.
    Compared { with: NodeId, hashes: u32, differing: u32 },
    /// A coordinator has made this version of what a client writes.
    Coordinated { client: NodeId, request: u32, key: Key, version: Version },
}

/// What is on a disk: of a client how many requests and writes it has made, the writes that it knows of each
/// key, and what its session has seen; of a replica its versions, when by its clock it took those that are
/// tombstones, and hints.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Stable {
    pub requests: u32,
    pub writes: u32,
    pub known: Rc<Map<Key, VectorClock>>,
    pub seen: Rc<Map<Key, Versions>>,
    pub store: Rc<Store>,
    pub buried: Rc<Map<(Key, NodeId, u32), Micros>>,
    pub hints: Rc<Vec<Hint>>,
}

/// A version that is kept for a home.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Hint {
    pub home: NodeId,
    pub key: Key,
    pub version: Version,
    /// When the stand-in took it, by its clock.
    pub since: Micros,
}

/// A node: a client, which coordinates its requests unless replicas do, or a replica.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quorum {
    me: NodeId,
    quorums: Quorums,
    disk: Stable,
    depth: u32,
    keys: u8,
    /// Whether it compares trees, and so promises to converge.
    compares: bool,
    /// For how long it keeps tombstones.
    grace: Micros,
    vectors: bool,
    /// Whether clients are sessions.
    in_session: bool,
    /// Of a client: its latest request, and writes that are done though homes have not answered yet, by number.
    request: Option<Request>,
    silent: Map<u32, Request>,
    /// The latest request that it has sent to a coordinator.
    forwarded: Option<Forwarded>,
    /// Of a coordinator: the latest request of each client.
    coordinates: Map<NodeId, Request>,
}

// The rules, with where the papers have them: sections are those of Dynamo.
const START: Rule = Rule::new("§4", "A node starts with what is on its disk.");
const NOT_ASKED: Rule =
    Rule::new("§6.4", "Only clients take requests from the application, each one at a time.");
const STORE: Rule =
    Rule::new("§4.5", "A replica stores a version, unless it holds one that covers it, and acknowledges it.");
const ANSWER: Rule = Rule::new("§4.5", "A replica answers a read with all versions that it holds.");
const REPAIR: Rule = Rule::new(
    "§5",
    "A client that has read sends newer versions to the homes that answered with older ones.",
);
const EXCHANGE: Rule =
    Rule::new("§4.7", "Two replicas send each other what they hold in differing leaves, and both merge it.");

impl Node for Quorum {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        let quorums = Quorums::new(ctx.params(), ctx.count());
        let params = ctx.params();
        let mut node = Quorum {
            me: ctx.me(),
            quorums,
            disk: stable,
            depth: params.depth as u32,
            keys: params.keys as u8,
            compares: params.anti_entropy > 0,
            grace: params.gc_grace,
            vectors: params.versions == Versioning::Siblings,
            in_session: params.session,
            request: None,
            silent: Map::default(),
            forwarded: None,
            coordinates: Map::default(),
        };
        if !node.is_client() {
            let (anti_entropy, handoff) = (params.anti_entropy, params.handoff);
            if anti_entropy > 0 {
                // Not all at the same time.
                let first = ctx.random(1..=anti_entropy);
                ctx.set(Timer::AntiEntropy, first);
            }
            if !node.disk.hints.is_empty() {
                set_every(Timer::Handoff, handoff, ctx);
                node.wait_for_hints_to_expire(ctx);
            }
            for (key, _) in &node.disk.store.clone().0 {
                node.wait_for_grace(*key, ctx);
            }
        }
        node
    }

    fn stable(&self) -> Stable {
        self.disk.clone()
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        if !self.is_client() || self.is_waiting() {
            return ctx.note(&NOT_ASKED);
        }
        self.disk.requests += 1;
        if self.quorums.by_node { self.forward(input, ctx) } else { self.begin(input, ctx) }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            // A request, at a replica.
            Message::Put { request, key, version, home: None } => {
                ctx.note(&STORE);
                self.take(key, &version, &STORE, ctx);
                ctx.send(from, Message::Stored { request, home: None });
            }
            Message::Put { request, key, version, home: Some(home) } => {
                self.keep(Hint { home, key, version, since: ctx.clock() }, ctx);
                ctx.send(from, Message::Stored { request, home: Some(home) });
            }
            Message::Get { request, key } => {
                ctx.note(&ANSWER);
                self.drop_expired(ctx);
                ctx.send(from, Message::Held { request, versions: self.all_of(key) });
            }
            // Its answers, at the client.
            Message::Stored { request, home } => self.stored(from, request, home, ctx),
            Message::Held { request, versions } => self.reply(from, request, versions, ctx),
            Message::Repair { key, versions } => {
                ctx.note(&REPAIR);
                versions.iter().for_each(|version| self.take(key, version, &REPAIR, ctx));
            }
            // Hinted handoff.
            Message::Handoff { key, version } => {
                ctx.note(&HANDED);
                self.take(key, &version, &HANDED, ctx);
                let Version { author, count, .. } = version;
                ctx.send(from, Message::HandedOff { key, author, count });
            }
            Message::HandedOff { key, author, count } => {
                self.forget(from, key, author, count, ctx);
            }
            // Anti-entropy.
            Message::Compare { nodes } => self.compare(from, &nodes, ctx),
            Message::Exchange { leaves, entries, answer } => {
                ctx.note(&EXCHANGE);
                for (key, versions) in &entries {
                    versions.iter().for_each(|version| self.take(*key, version, &EXCHANGE, ctx));
                }
                if !answer {
                    self.exchange(from, leaves, true, ctx);
                }
            }
            // A coordinator that is a node.
            Message::Forward { request, input, context } => {
                self.coordinate(from, request, &input, context, ctx);
            }
            Message::Fetch { client, request, key } => {
                ctx.note(&ANSWER);
                let versions = self.held(key).cloned().unwrap_or_default();
                ctx.send(from, Message::Fetched { client, request, versions });
            }
            Message::Copy { client, request, key, versions } => {
                ctx.note(&STORE);
                versions.iter().for_each(|version| self.take(key, version, &STORE, ctx));
                ctx.send(from, Message::Copied { client, request });
            }
            Message::Fetched { client, request, versions } => {
                self.hear(from, (client, request), versions, ctx);
            }
            Message::Copied { client, request } => {
                self.hear(from, (client, request), Versions::default(), ctx);
            }
            Message::Outcome { request, write, versions } => self.come_out(request, write, versions, ctx),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match timer {
            Timer::Timeout if self.quorums.by_node => self.forward_on(ctx),
            Timer::Timeout => self.time_out(ctx),
            Timer::Silent(number) => self.hint_for_silent(number, ctx),
            Timer::Handoff => self.hand_off(ctx),
            Timer::AntiEntropy => self.begin_to_compare(ctx),
            Timer::Collect(key) => self.collect(key, ctx),
            Timer::Expire => self.expire(ctx),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        if !self.is_client() || self.is_waiting() {
            return Vec::new();
        }
        // Nobody else writes this value.
        let value = (self.disk.requests + 1) * 10 + self.me.0 + 1;
        let of = |key| [Input::Get(key), Input::Put(key, value), Input::Delete(key)];
        (0..self.keys).map(Key).flat_map(of).collect()
    }

    fn card(&self) -> Card {
        self.described()
    }
}

impl Quorum {
    fn is_client(&self) -> bool {
        self.me.0 < self.quorums.clients
    }

    fn is_waiting(&self) -> bool {
        let is_forwarded = self.forwarded.as_ref().is_some_and(|forwarded| forwarded.open);
        is_forwarded || self.request.as_ref().is_some_and(|request| request.open)
    }
}

/// Sets a timer that comes again and again; not where that is never.
fn set_every(timer: Timer, period: Micros, ctx: &mut Ctx<Quorum>) {
    if period > 0 {
        ctx.set(timer, period);
    }
}
