//! # Quorums without a leader (Gifford 1979; Dynamo, by `DeCandia` and others, 2007)
//!
//! Every key has N homes: the replicas that follow its place on a ring. A write is done when W of them have taken it, a
//! read when R have answered. Where R + W > N, every read quorum meets every write quorum, so a read hears of each write
//! that was done before it began. It does not follow that reads are linearizable: of two reads during one write
//! the first may meet it and the second miss it.
//!
//! What replicas hold are *versions*. With `siblings` a version carries a vector clock of the writes that it supersedes;
//! versions that do not know each other are both kept, and a read returns both. With `timestamps` the later clock
//! wins, and the other write is gone, however far the clocks are off. A deletion is a version, too: its tombstone is
//! kept until `gc-grace` has passed, for a replica that has not heard of it would bring the value back.
//!
//! Three things bring versions to replicas that missed them: *read repair*, where the client that has read tells what
//! is newer to the homes whose answer was older; *hinted handoff*, where a stand-in keeps what was meant for a home
//! until that takes it; and *anti-entropy*, where two replicas compare hash trees over the keys that both are homes of.
//! All three only merge, so it does not matter how often, in which order or by which way a version comes.
//!
//! Under a *sloppy quorum* whoever hears nothing from a home asks a stand-in, the next replica of the ring, and counts
//! its answer. Then writes go on while homes are away, and R + W > N says nothing any more.
//!
//! **Who coordinates.** The client itself, by the library of the paper's §6.4, as in the model of PBS (Bailis et al.
//! 2012). With timestamps that is the paper's way; with vector clocks the paper forwards a write to a home, whose name
//! then stands in the clock. Here it is the client's, which is as exact (Preguiça et al. 2010) and costs an entry a
//! client.
//!
//! **What this file leaves out:** virtual nodes, members that come and go, the failure detector (homes are tried first by
//! every request), clocks cut short, and merging by the store: siblings are merged by who writes after reading them.

use super::{Input, Key};
use crate::fingerprint;
use crate::node::{Ctx, Node, NodeId, Rule};
use crate::time::Micros;
use crate::toolbox::clocks::VectorClock;
use crate::toolbox::map::Map;
use crate::toolbox::merkle::MerkleTree;
use crate::view::Card;
use std::rc::Rc;
use version::{Version, Versions};

mod claims;
mod title;
mod version;
mod words;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Params {
    /// How many nodes are clients; at least one node is a replica.
    pub clients: u64,
    /// How many homes a key has, at most all replicas.
    pub n: u64,
    /// How many must answer a read, at most all homes.
    pub r: u64,
    /// How many must take a write, at most all homes.
    pub w: u64,
    /// Whether stand-ins count; 0 or 1.
    pub sloppy: u64,
    /// A place in [`VERSIONS`].
    pub versions: u64,
    /// Whether clients tell what is newer to homes whose answer was older; 0 or 1.
    pub repair: u64,
    /// How often a stand-in tries to hand over its hints, in microseconds; 0 is never.
    pub handoff: u64,
    /// How often a replica compares trees with another, in microseconds; 0 is never.
    pub anti_entropy: u64,
    /// A tree has 2 to the power of this many leaves.
    pub depth: u64,
    /// How long a client waits before it asks again, in microseconds; at the third time it gives up.
    pub timeout: u64,
    /// How long a tombstone is kept, in microseconds.
    pub gc_grace: u64,
    /// How many keys the workload uses.
    pub keys: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

/// What decides between versions.
pub const VERSIONS: &[&str] = &["siblings", "timestamps"];
const TIMESTAMPS: u64 = 1;

impl Default for Params {
    fn default() -> Self {
        Params {
            clients: 3,
            n: 3,
            r: 2,
            w: 2,
            sloppy: 1,
            versions: 0,
            repair: 1,
            handoff: 200_000,
            anti_entropy: 500_000,
            depth: 3,
            timeout: 50_000,
            gc_grace: 864_000_000_000,
            keys: 2,
            bugs: Bugs::default(),
        }
    }
}

/// The wrong twins; the title page says what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Bugs {
    pub repair_overwrites: bool,
    pub counts_hints: bool,
    pub wall_clock: bool,
    pub no_tombstone: bool,
    pub drops_siblings: bool,
    pub unordered_tree: bool,
}

/// What nodes tell each other. A client numbers its requests, and answers carry the number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Message {
    /// Take this version; where a home is named, keep it for that one.
    Put { request: u32, key: Key, version: Version, home: Option<NodeId> },
    /// It is on my disk.
    Stored { request: u32 },
    /// What do you hold?
    Get { request: u32, key: Key },
    /// This.
    Held { request: u32, versions: Versions },
    /// What was read is newer than what you answered.
    Repair { key: Key, versions: Versions },
    /// I kept this for you.
    Handoff { key: Key, version: Version },
    /// I have it; forget it.
    HandedOff { key: Key, author: NodeId, count: u32 },
    /// Nodes of my hash tree over the keys that we are both homes of, with their hashes.
    Compare { nodes: Vec<(u32, u64)> },
    /// All that I hold in these leaves; whether it answers the same.
    Exchange { leaves: Vec<u32>, entries: Vec<(Key, Versions)>, answer: bool },
}

/// What nodes remind themselves of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A client has waited for answers for some time.
    Timeout,
    /// A stand-in tries again to hand over its hints.
    Handoff,
    /// A replica compares its tree with another's.
    AntiEntropy,
    /// Tombstones of this key may be old enough to be collected.
    Collect(Key),
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
    /// A replica has compared so many hashes with another's, and so many differ.
    Compared { with: NodeId, hashes: u32, differing: u32 },
}

/// What is on a disk: of a client how many requests and writes it has made and the writes that it knows of each key, of a
/// replica its versions and hints.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Stable {
    pub requests: u32,
    pub writes: u32,
    pub known: Rc<Map<Key, VectorClock>>,
    pub store: Rc<Store>,
    pub hints: Rc<Vec<Hint>>,
}

/// The versions of each key, in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store(Vec<(Key, Versions)>);

/// A version that is kept for a home.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Hint {
    pub home: NodeId,
    pub key: Key,
    pub version: Version,
}

/// Who is who, and how many are needed: what the parameters come to among so many nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quorums {
    clients: u32,
    replicas: u32,
    n: u32,
    r: u32,
    w: u32,
    sloppy: bool,
}

/// A request of a client, open or just answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Request {
    key: Key,
    /// What it writes; it reads without.
    write: Option<Version>,
    /// Whom it has asked: the homes, then stand-ins.
    asked: Vec<NodeId>,
    /// Who has answered, and what each held.
    replies: Map<NodeId, Versions>,
    tries: u32,
    open: bool,
}

/// A node: a client, which coordinates its requests, or a replica.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quorum {
    me: NodeId,
    quorums: Quorums,
    disk: Stable,
    depth: u32,
    keys: u8,
    /// Whether it compares trees, and so promises to converge.
    compares: bool,
    vectors: bool,
    /// Of a client: its latest request.
    request: Option<Request>,
}

/// How often a client asks before it gives up.
const TRIES: u32 = 3;

const START: Rule = Rule { section: "§4", sentence: "A node begins with what is on its disk." };
const BEGIN: Rule = Rule {
    section: "§4.5",
    sentence: "Whoever coordinates a request sends it to all N homes of the key and waits for R or W answers.",
};
const NOT_ASKED: Rule =
    Rule { section: "§6.4", sentence: "Replicas are asked by clients, and a client by one at a time." };
const STORE: Rule = Rule {
    section: "§4.5",
    sentence: "A replica takes a version, unless it has one that covers it, and says so.",
};
const HINT: Rule = Rule {
    section: "§4.6",
    sentence: "A stand-in keeps a version apart, with a hint for whom it is meant, and says so.",
};
const ANSWER: Rule =
    Rule { section: "§4.5", sentence: "Who is asked answers with all versions that it holds." };
const WAIT: Rule = Rule { section: "§4.5", sentence: "Too few have answered: the request goes on." };
const DONE: Rule = Rule { section: "§4.5", sentence: "With W acknowledgements a write is done." };
const READ: Rule = Rule {
    section: "§4.5",
    sentence: "With R answers a read returns every version that none of the others supersedes.",
};
const REPAIR: Rule = Rule {
    section: "§5",
    sentence: "Who has read tells what is newer to the homes whose answer was older.",
};
const LATE: Rule = Rule { section: "§5", sentence: "What comes after the answer can only help to repair." };
const STRAY: Rule = Rule { section: "§4.5", sentence: "An answer to an earlier request decides nothing." };
const RETRY: Rule = Rule { section: "§4.5", sentence: "Whoever has not answered in time is asked again." };
const STAND_IN: Rule = Rule {
    section: "§4.6",
    sentence: "Under a sloppy quorum the next replicas of the ring stand in for homes that do not answer.",
};
const GIVE_UP: Rule =
    Rule { section: "§4.5", sentence: "Without a quorum a request fails; what was stored of it stays." };
const HAND_OFF: Rule =
    Rule { section: "§4.6", sentence: "A stand-in tries to deliver what it keeps to its home." };
const FORGET: Rule = Rule { section: "§4.6", sentence: "What its home has taken, a stand-in may forget." };
const COMPARE: Rule = Rule {
    section: "§4.7",
    sentence: "Two replicas compare the roots of the trees over the keys that they share.",
};
const DESCEND: Rule =
    Rule { section: "§4.7", sentence: "Below nodes that differ the children are compared." };
const SAME: Rule =
    Rule { section: "§4.7", sentence: "Where hashes are equal there is nothing to exchange." };
const EXCHANGE: Rule =
    Rule { section: "§4.7", sentence: "Of leaves that differ both tell what they hold, and both merge." };
const COLLECT: Rule = Rule {
    section: "Cassandra",
    sentence: "A tombstone is collected once its grace is over by the replica's clock, and not taken after that.",
};

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
        let node = Quorum {
            me: ctx.me(),
            quorums,
            disk: stable,
            depth: params.depth as u32,
            keys: params.keys as u8,
            compares: params.anti_entropy > 0,
            vectors: params.versions != TIMESTAMPS,
            request: None,
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
            }
            for (key, versions) in &node.disk.store.0 {
                versions.iter().for_each(|version| expire(*key, version, ctx));
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

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            // A request, at a replica.
            Message::Put { request, key, version, home: None } => {
                ctx.note(&STORE);
                self.take(key, &version, &STORE, ctx);
                ctx.send(from, Message::Stored { request });
            }
            Message::Put { request, key, version, home: Some(home) } => {
                self.keep(Hint { home, key, version }, ctx);
                ctx.send(from, Message::Stored { request });
            }
            Message::Get { request, key } => {
                ctx.note(&ANSWER);
                ctx.send(from, Message::Held { request, versions: self.all_of(key) });
            }
            // Its answers, at the client.
            Message::Stored { request } => self.reply(from, request, Versions::default(), ctx),
            Message::Held { request, versions } => self.reply(from, request, versions, ctx),
            Message::Repair { key, versions } => {
                ctx.note(&REPAIR);
                versions.iter().for_each(|version| self.take(key, version, &REPAIR, ctx));
            }
            // Hinted handoff.
            Message::Handoff { key, version } => {
                ctx.note(&HAND_OFF);
                self.take(key, &version, &HAND_OFF, ctx);
                let Version { author, count, .. } = version;
                ctx.send(from, Message::HandedOff { key, author, count });
            }
            Message::HandedOff { key, author, count } => {
                ctx.note(&FORGET);
                let kept = |hint: &Hint| {
                    let Version { author: by, count: nth, .. } = hint.version;
                    (hint.home, hint.key, by, nth) != (from, key, author, count)
                };
                if !self.disk.hints.iter().all(kept) {
                    Rc::make_mut(&mut self.disk.hints).retain(kept);
                    ctx.output(Output::HandedOff { key, home: from });
                }
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
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match timer {
            Timer::Timeout => self.time_out(ctx),
            Timer::Handoff => {
                ctx.note(&HAND_OFF);
                for Hint { home, key, version } in self.disk.hints.iter().cloned() {
                    ctx.send(home, Message::Handoff { key, version });
                }
                if !self.disk.hints.is_empty() {
                    set_every(Timer::Handoff, ctx.params().handoff, ctx);
                }
            }
            Timer::AntiEntropy => {
                ctx.note(&COMPARE);
                set_every(Timer::AntiEntropy, ctx.params().anti_entropy, ctx);
                let peers = self.quorums.peers(self.me);
                let drawn = ctx.choose(peers.len() as u64) as usize;
                if let Some(peer) = peers.get(drawn) {
                    let root = self.tree(*peer).hash(MerkleTree::ROOT);
                    ctx.send(*peer, Message::Compare { nodes: vec![(MerkleTree::ROOT, root)] });
                }
            }
            Timer::Collect(key) => self.collect(key, ctx),
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

/// Sets a timer that comes again and again; not where that is never.
fn set_every(timer: Timer, period: Micros, ctx: &mut Ctx<Quorum>) {
    if period > 0 {
        ctx.set(timer, period);
    }
}

/// How long a version is kept from now on, by my clock; `None` where it is no tombstone, or for ever.
fn grace_left(version: &Version, ctx: &Ctx<Quorum>) -> Option<Micros> {
    let ends = version.time.saturating_add(ctx.params().gc_grace);
    version.value.is_none().then(|| ends.saturating_sub(ctx.clock()))
}

/// Remembers to collect a version, where it is a tombstone.
fn expire(key: Key, version: &Version, ctx: &mut Ctx<Quorum>) {
    if let Some(left) = grace_left(version, ctx) {
        ctx.set(Timer::Collect(key), left.max(1));
    }
}

/// Where a key is on the ring, in 2⁻³² of it.
fn place(key: Key) -> u32 {
    (fingerprint::of(&key) >> 32) as u32
}

impl Quorums {
    fn new(params: &Params, count: usize) -> Self {
        let clients = (params.clients as u32).min(count as u32 - 1);
        let replicas = count as u32 - clients;
        let n = (params.n as u32).min(replicas);
        let (r, w) = ((params.r as u32).min(n), (params.w as u32).min(n));
        Quorums { clients, replicas, n, r, w, sloppy: params.sloppy == 1 }
    }

    /// All replicas in the order of the ring, from a key's place on. The first N are its homes.
    fn ring(self, key: Key) -> impl Iterator<Item = NodeId> {
        let first = ((u64::from(place(key)) * u64::from(self.replicas)) >> 32) as u32;
        (first..first + self.replicas).map(move |nth| NodeId(self.clients + nth % self.replicas))
    }

    fn homes(self, key: Key) -> impl Iterator<Item = NodeId> {
        self.ring(key).take(self.n as usize)
    }

    /// The replicas that are homes of some keys of which this one is a home.
    fn peers(self, me: NodeId) -> Vec<NodeId> {
        let others = (self.clients..self.clients + self.replicas).map(NodeId).filter(|node| *node != me);
        let near = |node: &NodeId| {
            let apart = node.0.abs_diff(me.0);
            apart.min(self.replicas - apart) < self.n
        };
        others.filter(near).collect()
    }

    /// Whether every read quorum meets every write quorum.
    fn is_strict(self) -> bool {
        self.r + self.w > self.n && !self.sloppy
    }
}

// A client.
impl Quorum {
    fn is_client(&self) -> bool {
        self.me.0 < self.quorums.clients
    }

    fn is_waiting(&self) -> bool {
        self.request.as_ref().is_some_and(|request| request.open)
    }

    /// The version that a write makes: it supersedes what this client has read of the key, and what it wrote itself.
    fn next_version(&mut self, key: Key, value: Option<u32>, ctx: &Ctx<Self>) -> Version {
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
    fn ask(&self, request: &Request, ctx: &mut Ctx<Self>) {
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
    fn reply(&mut self, from: NodeId, number: u32, versions: Versions, ctx: &mut Ctx<Self>) {
        let Quorums { r, w, .. } = self.quorums;
        let current = number == self.disk.requests;
        let Some(request) = self.request.as_mut().filter(|_| current) else { return ctx.note(&STRAY) };
        request.replies.insert(from, versions);
        let needed = if request.write.is_some() { w } else { r };
        if !request.open {
            ctx.note(&LATE);
        } else if request.replies.len() < needed as usize {
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
        if ctx.params().repair == 1 {
            request.repair(self.quorums.n as usize, ctx);
        }
    }

    fn time_out(&mut self, ctx: &mut Ctx<Self>) {
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
    /// What the answers come to.
    fn merged(&self) -> Versions {
        let mut merged = Versions::default();
        self.replies.values().for_each(|versions| merged.merge(versions));
        merged
    }

    /// Tells what is newer to homes whose answer was older.
    fn repair(&mut self, homes: usize, ctx: &mut Ctx<Quorum>) {
        let (key, merged) = (self.key, self.merged());
        for home in self.asked.iter().take(homes) {
            if let Some(answer) = self.replies.get_mut(home).filter(|answer| **answer != merged) {
                answer.clone_from(&merged);
                ctx.send(*home, Message::Repair { key, versions: merged.clone() });
            }
        }
    }
}

// A replica.
impl Quorum {
    fn held(&self, key: Key) -> Option<&Versions> {
        self.disk.store.0.iter().find(|(known, _)| *known == key).map(|(_, versions)| versions)
    }

    /// What it holds of a key, for itself and for others.
    fn all_of(&self, key: Key) -> Versions {
        let mut all = self.held(key).cloned().unwrap_or_default();
        for hint in self.disk.hints.iter().filter(|hint| hint.key == key) {
            all.add(&hint.version);
        }
        all
    }

    /// Takes a version in, unless what it holds covers it, or it is a tombstone whose grace is over.
    fn take(&mut self, key: Key, version: &Version, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        let Bugs { repair_overwrites, no_tombstone, drops_siblings, unordered_tree, .. } = ctx.params().bugs;
        let overwrites = repair_overwrites && *rule == REPAIR;
        let known = self.held(key);
        let news = known.is_none_or(|known| known.iter().all(|it| !it.covers(version)));
        if !(news || overwrites) || grace_left(version, ctx) == Some(0) {
            return;
        }
        let versions = Rc::make_mut(&mut self.disk.store).of(key, !unordered_tree);
        if overwrites || drops_siblings {
            *versions = Versions::only(version);
        } else {
            versions.add(version);
        }
        if no_tombstone {
            versions.take_out(|version| version.value.is_none());
        }
        expire(key, version, ctx);
        ctx.tell(rule, || format!("takes {key}: {version}"));
        ctx.output(Output::Took { key, version: version.clone() });
    }

    /// Keeps a version for a home.
    fn keep(&mut self, hint: Hint, ctx: &mut Ctx<Self>) {
        ctx.note(&HINT);
        if !self.disk.hints.contains(&hint) {
            ctx.tell(&HINT, || format!("keeps {}: {} for {}", hint.key, hint.version, hint.home));
            Rc::make_mut(&mut self.disk.hints).push(hint);
            set_every(Timer::Handoff, ctx.params().handoff, ctx);
        }
    }

    /// Throws away the tombstones of a key whose grace is over, and waits for the others.
    fn collect(&mut self, key: Key, ctx: &mut Ctx<Self>) {
        ctx.note(&COLLECT);
        let is_over = |version: &Version| grace_left(version, ctx) == Some(0);
        if Rc::make_mut(&mut self.disk.store).of(key, true).take_out(is_over) {
            ctx.tell(&COLLECT, || format!("collects the tombstone of {key}"));
            ctx.output(Output::Collected { key });
        }
        for version in self.all_of(key).iter() {
            expire(key, version, ctx);
        }
    }

    /// The hash tree over the keys that another replica is a home of, too. A leaf is a stretch of the ring.
    fn tree(&self, with: NodeId) -> MerkleTree {
        MerkleTree::new(self.depth, |leaf| {
            let entries: Vec<_> = self.shared(with).filter(|(key, _)| self.leaf(*key) == leaf).collect();
            fingerprint::of(&entries)
        })
    }

    /// What it holds of keys that another replica is a home of, too.
    fn shared(&self, with: NodeId) -> impl Iterator<Item = &(Key, Versions)> {
        let homes = move |key: Key| self.quorums.homes(key);
        let both = move |key| homes(key).any(|home| home == with) && homes(key).any(|home| home == self.me);
        self.disk.store.0.iter().filter(move |(key, versions)| !versions.is_empty() && both(*key))
    }

    fn leaf(&self, key: Key) -> u32 {
        (u64::from(place(key)) << self.depth >> 32) as u32
    }

    /// Compares nodes of another replica's tree with mine, and goes on with the children of those that differ.
    fn compare(&mut self, with: NodeId, nodes: &[(u32, u64)], ctx: &mut Ctx<Self>) {
        let tree = self.tree(with);
        let differing = tree.differing(nodes);
        ctx.note(if differing.is_empty() { &SAME } else { &DESCEND });
        let (hashes, differ) = (nodes.len() as u32, differing.len() as u32);
        ctx.output(Output::Compared { with, hashes, differing: differ });
        let leaves: Vec<u32> = differing.iter().filter_map(|number| tree.leaf(*number)).collect();
        if !leaves.is_empty() {
            self.exchange(with, leaves, false, ctx);
        } else if !differing.is_empty() {
            ctx.send(with, Message::Compare { nodes: tree.children(&differing) });
        }
    }

    /// Tells all that it holds in some leaves.
    fn exchange(&self, with: NodeId, leaves: Vec<u32>, answer: bool, ctx: &mut Ctx<Self>) {
        let entries =
            self.shared(with).filter(|(key, _)| leaves.contains(&self.leaf(*key))).cloned().collect();
        ctx.send(with, Message::Exchange { leaves, entries, answer });
    }
}

impl Store {
    /// The versions of a key, in a place of its own; a new key comes where it belongs, or else last.
    fn of(&mut self, key: Key, in_order: bool) -> &mut Versions {
        let known = self.0.iter().position(|(known, _)| *known == key);
        let place = known.unwrap_or_else(|| {
            let place =
                if in_order { self.0.partition_point(|(known, _)| *known < key) } else { self.0.len() };
            self.0.insert(place, (key, Versions::default()));
            place
        });
        &mut self.0[place].1
    }
}
