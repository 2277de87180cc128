//! # Distributed snapshots (Chandy & Lamport 1985)
//!
//! A process records its own state, then sends a marker along each outgoing channel before it sends anything else there. A
//! process that receives a marker and has not recorded its state yet does so at once. From then on it records what it
//! receives on each incoming channel, until the marker comes along that channel: that is the state of the channel. The
//! computation goes on all the while; markers change nothing of it.
//!
//! Why it is right: on a channel that keeps its order, the marker parts what was sent before its sender's record from what was
//! sent after it. So whatever arrives before the marker was sent before the cut, and whatever comes behind it arrives after
//! the receiver's record. No recorded state knows of a transfer that was not sent, and what was sent and is not in the recorded
//! state of the receiver is recorded on the channel.
//!
//! Where it hurts: the recorded state is one that the run may never have passed through (§4, Example 2.2); it is only one that
//! it could have. On a channel that does not keep its order a marker may overtake money, or money a marker, and the sum is wrong.
//! Each snapshot costs a marker on every channel, and it ends only when a path leads from those that began it to
//! everyone. Several may begin it together, and several snapshots, told apart by their numbers, may be under way at once.
//!
//! The paper leaves the collection of the parts to others (§3.3). Here each process sends its part along its channels, and in a
//! ring everyone passes on what it sees for the first time.
//!
//! A restart is not in the paper, which names checkpoints as one use of a snapshot. Whoever knows all parts of one may be asked to
//! `Restore` it. It takes back its recorded balance and what it had recorded on its incoming channels, and tells the others.
//! Every message names the restart that it comes after: one from before the receiver's latest restart is of a run that is undone
//! and is ignored; one from a later restart makes the receiver go back first. Complete parts are on disk. A process that crashed
//! has lost its balance and does nothing until the next restart. No part is ever thrown away: of two restarts at once, one
//! may be from a snapshot that the other has undone.
//!
//! **What this file leaves out:** channels that do not keep their order (Lai & Yang 1987 need none that do); detecting stable
//! properties (§5), for which the parts would be enough; forgetting; processes and channels that come and go. Nothing repeats what
//! is lost. Before the first snapshot there is nothing to go back to, and a process that crashes then never takes part again.

use super::{Era, Input, Name, Output, Part, Restart, Transfer};
use faultline_core::prelude::*;

mod collect;
mod money;
mod restart;
mod title;
mod words;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// How much money a process begins with.
    #[setting(default = 100, bounds = 0..=1000000)]
    pub money: u64,
    /// Which processes begin with money: every process, or the first one alone.
    pub holders: Holders,
    /// The channels: from every process to every other one, or from each to the next one alone.
    pub channels: Channels,
    /// A process sends its part of a snapshot to the others when it is complete, so that all know the global state.
    #[setting(default = true)]
    pub collect: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// Who begins with money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Holders {
    Everyone,
    First,
}

/// Which channels there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Channels {
    Complete,
    Ring,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A process sends its markers a moment after it recorded its state, and goes on sending money meanwhile.
    pub markers_late: bool,
    /// A process records every channel as empty.
    pub omits_transit: bool,
    /// The next marker after a process recorded its state ends the recording of all its channels.
    pub one_marker_ends_all: bool,
    /// A process goes on recording a channel after its marker, until it has all markers.
    pub records_past_marker: bool,
    /// A process passes markers on at once, but records its own state only when it has all of them.
    pub records_at_last_marker: bool,
    /// A process keeps no copy of its state: what it recorded changes with its balance until its part is complete.
    pub keeps_no_copy: bool,
    /// A process accepts money that was sent before the latest restart.
    pub accepts_undone: bool,
}

/// What processes send along channels: after which restart, if any, and what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    after: Option<Restart>,
    says: Says,
}

/// The contents of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Says {
    Transfer(Transfer),
    Marker(u64),
    Report(Name, NodeId, Part),
    Restore(Name),
}

kinds! { Message {
    Transfer 'T': Self { says: Says::Transfer(transfer), .. } => "{transfer}" as "{transfer}",
    Marker 'M': Self { says: Says::Marker(number), .. } => "{number}" as "the marker of snapshot {number}",
    Report 'R' reply: Self { says: Says::Report(name, of, part), .. } => "{name} of {of}: {part}"
        as "the part of {of} in snapshot {name}",
    Restore 'B': Self { says: Says::Restore(to), .. } => "{to}" as "the order to go back to snapshot {to}",
} }

/// A process reminds itself of nothing. Only a wrong twin sends its markers later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("Markers-{0}")]
pub struct Markers(u64);

/// What is on disk: complete parts, and the latest restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    is_open: bool,
    restart: Option<Restart>,
    parts: Map<Name, Part>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snapshot {
    me: NodeId,
    count: usize,
    /// The outgoing and the incoming channels, by their other ends.
    outgoing: NodeSet,
    incoming: NodeSet,
    /// Its state; `None` after a crash, until there is a restart.
    balance: Option<u64>,
    /// How many transfers it has sent.
    sent: u64,
    /// The number of the latest snapshot of this era that it has recorded its state for, or that everyone has gone back to.
    latest: u64,
    recordings: Map<Name, Recording>,
    /// Parts of snapshots, by their processes: its own, and what others have reported.
    reports: Map<Name, Map<NodeId, Part>>,
    restart: Option<Restart>,
}

/// A process's part of a snapshot while it comes about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Recording {
    part: Part,
    /// The channels whose marker has not come.
    missing: NodeSet,
    /// Of a wrong twin: whether it has yet to record its own state.
    is_late: bool,
}

/// How long the twin that sends its markers late takes to do so.
const LATER: Micros = 5_000;

const START: Rule = Rule::new("§2", "Each process begins in its initial state, and every channel is empty.");
const RECEIVE: Rule = Rule::new("§2", "An event may receive the first message of one incoming channel.");
const BEGIN: Rule = Rule::new("§3.3", "One or more processes record their states spontaneously.");
const RECORD: Rule = Rule::new(
    "§3.2 marker-sending rule",
    "A process that has recorded its state sends one marker along each outgoing channel before anything else.",
);
const FIRST: Rule = Rule::new(
    "§3.2 marker-receiving rule",
    "A process that has not recorded its state does so when it receives a marker; that channel is recorded as empty.",
);
const CHANNEL: Rule = Rule::new(
    "§3.2 marker-receiving rule",
    "The state of a channel is what is received along it after the process recorded its state and before the marker.",
);
const LATE: Rule = Rule::new(
    "against §3.2",
    "This wrong twin sends its markers, or records its state, later than the rules say.",
);
const COMPLETE: Rule = Rule::new(
    "§3.3",
    "A process that has a marker along every channel has recorded its state and all channels.",
);

impl Node for Snapshot {
    type Message = Message;
    type Timer = Markers;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let Params { money, holders, channels, .. } = *ctx.params();
        let (me, count) = (ctx.me(), ctx.count());
        let next = |by: usize| NodeSet::from_iter([NodeId(((me.index() + by) % count) as u32)]);
        let (outgoing, incoming) = match channels {
            Channels::Complete => (ctx.others().collect(), ctx.others().collect()),
            Channels::Ring => (next(1), next(count - 1)),
        };
        let balance = if holders == Holders::Everyone || me.0 == 0 { money } else { 0 };
        let balance = Some(balance).filter(|_| !stable.is_open);
        match balance {
            Some(balance) => {
                ctx.note(&START);
                ctx.output(Output::Opened(balance));
            }
            None => ctx.tell(&restart::LOST, || "has lost its balance".into()),
        }
        let complete = |part| Recording { part, missing: NodeSet::default(), is_late: false };
        let mut recordings = Map::default();
        for (name, part) in stable.parts {
            recordings.insert(name, complete(part));
        }
        let (restart, sent, latest, reports) = (stable.restart, 0, 0, Map::default());
        Snapshot { me, count, outgoing, incoming, balance, sent, latest, recordings, reports, restart }
    }

    fn stable(&self) -> Stable {
        let mut parts = Map::default();
        for (name, recording) in self.recordings.iter().filter(|(_, it)| it.missing.is_empty()) {
            parts.insert(*name, recording.part.clone());
        }
        Stable { is_open: true, restart: self.restart, parts }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match input {
            _ if self.balance.is_none() => ctx.note(&restart::LOST),
            Input::Transfer(amount, to) => self.transfer(amount, to, ctx),
            Input::Snapshot => {
                self.record(self.latest + 1, false, ctx);
                ctx.note(&BEGIN);
            }
            Input::Restore(number) => self.restore(number, ctx),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        let Message { after, says } = message;
        let is_accepted = ctx.params().bugs.accepts_undone && matches!(says, Says::Transfer(_));
        if after < self.restart && !is_accepted {
            return ctx.note(&restart::UNDONE);
        }
        if let Some(restart) = after.filter(|_| after > self.restart) {
            self.go_back(restart, ctx);
        }
        if self.balance.is_none() {
            return ctx.note(&restart::LOST);
        }
        match says {
            Says::Transfer(transfer) => self.receive(transfer, ctx),
            Says::Marker(number) => {
                let Bugs { one_marker_ends_all, records_at_last_marker, .. } = ctx.params().bugs;
                let is_first = !self.recordings.contains_key(&self.name(number));
                if is_first {
                    self.record(number, records_at_last_marker, ctx);
                }
                ctx.note(if is_first { &FIRST } else { &CHANNEL });
                if self.ends_recording(number, from, one_marker_ends_all && !is_first) {
                    self.complete(number, ctx);
                }
            }
            Says::Report(name, of, part) => self.collect(name, of, part, ctx),
            // It has gone back by now.
            Says::Restore(_) => ctx.note(&restart::GO_BACK),
        }
    }

    /// Only a wrong twin waits.
    fn on_timer(&mut self, Markers(number): Markers, ctx: &mut Ctx<Self>) {
        ctx.note(&LATE);
        if self.recordings.contains_key(&self.name(number)) {
            self.send(&Says::Marker(number), ctx);
        }
    }

    fn inputs(&self) -> Vec<Input> {
        const USUAL: u64 = 10;
        let Some(balance) = self.balance else { return Vec::new() };
        let amount = balance.min(USUAL);
        let transfers = self.outgoing.iter().filter(|_| amount > 0).map(|to| Input::Transfer(amount, to));
        let mut inputs: Vec<Input> = transfers.collect();
        inputs.push(Input::Snapshot);
        inputs.extend(self.restorable().map(Input::Restore));
        inputs
    }

    fn card(&self) -> Card {
        self.described()
    }
}

impl Snapshot {
    /// Sends something along every outgoing channel.
    fn send(&self, says: &Says, ctx: &mut Ctx<Self>) {
        for to in self.outgoing.iter() {
            ctx.send(to, Message { after: self.restart, says: says.clone() });
        }
    }

    fn name(&self, number: u64) -> Name {
        Name { era: self.restart.map_or(Era::FIRST, |restart| restart.era), number }
    }

    /// Money arrives, and belongs to the state of each channel that is being recorded.
    fn receive(&mut self, transfer: Transfer, ctx: &mut Ctx<Self>) {
        let Bugs { omits_transit, records_past_marker, .. } = ctx.params().bugs;
        ctx.note(&RECEIVE);
        for recording in self.recordings.values_mut().filter(|it| !it.is_late && !omits_transit) {
            let is_recorded = recording.missing.contains(transfer.from)
                || records_past_marker && !recording.missing.is_empty();
            if is_recorded {
                ctx.note(&CHANNEL);
                recording.part.channels.or_default(transfer.from).push(transfer);
            }
        }
        if let Some(balance) = &mut self.balance {
            *balance += transfer.amount;
        }
        ctx.output(Output::Received(transfer));
    }

    /// Records the state of the process and sends the markers.
    fn record(&mut self, number: u64, is_late: bool, ctx: &mut Ctx<Self>) {
        let state = self.balance.unwrap_or_default();
        let mut channels = Map::default();
        for from in self.incoming.iter() {
            channels.insert(from, Vec::new());
        }
        let (part, missing) = (Part { state, channels }, self.incoming.clone());
        self.recordings.insert(self.name(number), Recording { part, missing, is_late });
        self.latest = self.latest.max(number);
        if !is_late {
            ctx.tell(&RECORD, || format!("records {state} for snapshot {number}"));
            self.pass_cut(number, ctx);
        }
        match ctx.params().bugs.markers_late {
            true => ctx.set(Markers(number), LATER),
            false => self.send(&Says::Marker(number), ctx),
        }
    }

    /// From now on whatever the process does comes after the cut.
    fn pass_cut(&self, number: u64, ctx: &mut Ctx<Self>) {
        let name = self.name(number);
        ctx.cut(format_args!("snapshot {name}"));
        ctx.output(Output::Recorded(name));
    }

    /// The marker has come along a channel, or along enough of them: the state of the channel is what was recorded until now.
    /// Whether it was the last channel.
    fn ends_recording(&mut self, number: u64, from: NodeId, ends_all: bool) -> bool {
        let name = self.name(number);
        let Some(recording) = self.recordings.get_mut(&name) else { return false };
        let is_new = recording.missing.remove(from);
        if ends_all {
            recording.missing = NodeSet::default();
        }
        is_new && recording.missing.is_empty()
    }

    /// The markers have come along all channels: its part is complete.
    fn complete(&mut self, number: u64, ctx: &mut Ctx<Self>) {
        let (keeps_no_copy, balance) = (ctx.params().bugs.keeps_no_copy, self.balance.unwrap_or_default());
        let name = self.name(number);
        let markers = self.markers(name);
        let Some(recording) = self.recordings.get_mut(&name) else { return };
        let was_late = std::mem::take(&mut recording.is_late);
        if was_late || keeps_no_copy {
            recording.part.state = balance;
        }
        let part = recording.part.clone();
        if was_late {
            self.pass_cut(number, ctx);
        }
        ctx.tell(&COMPLETE, || format!("completes its part of snapshot {number}"));
        ctx.agreed(|| markers);
        ctx.output(Output::Completed(name, part.clone()));
        if ctx.params().collect {
            self.collect(name, self.me, part, ctx);
        }
    }
}
