//! A broker: it leads some partitions and follows others.

use super::leader::Leading;
use super::partition::{Disk, Replica};
use super::vocabulary::{Image, Leadership, Message, Output, Partition, Refusal, Timer};
use super::{CLEAN, CONTROLLER, Cleanup, HEARTBEAT, Kafka, Stable};
use faultline_core::prelude::*;
use std::rc::Rc;

const BOOT: Rule =
    Rule::new("docs, Replication", "A broker that boots has its logs, and waits for the metadata.");
const ALIVE: Rule = Rule::new("KIP-631", "A broker tells the controller regularly that it is alive.");
const LEAD: Rule = Rule::new("docs, Replication", "The leader of a partition takes all its writes.");
const OFFLINE: Rule =
    Rule::new("docs, Replication", "Without a leader, nobody reads or writes the partition.");
const NEWS: Rule = Rule::new("KIP-631", "A broker goes by the newest metadata that it has.");
const NOTHING_NEW: Rule = Rule::new("KIP-631", "These metadata are not newer than those that it has.");
const FLUSH: Rule = Rule::new("docs, log.flush", "What is in the page cache reaches the disk.");

/// What a broker does about a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::large_enum_variant)] // There is one of each partition on a broker, and no list of them.
pub(super) enum Role {
    #[default]
    Offline,
    Leader(Leading),
    /// It has asked the leader where its last epoch ends.
    Truncating(NodeId),
    Following(NodeId),
}

/// A partition on a broker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part {
    pub name: Partition,
    pub replica: Replica,
    pub epoch: u32,
    pub role: Role,
}

/// A broker.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Broker {
    pub(super) boot: u32,
    pub(super) image: Rc<Image>,
    pub(super) parts: Map<Partition, Part>,
    /// Whether its page cache will be flushed.
    flushing: bool,
}

impl Broker {
    pub(super) fn start(stable: &Stable, ctx: &mut Ctx<Kafka>) -> Self {
        let mut broker = Broker { boot: stable.boot + 1, ..Broker::default() };
        let image = Rc::new(ctx.params().first_image());
        for name in image.partitions.keys() {
            let disk = stable.disks.get(name).cloned().unwrap_or_default();
            let (epoch, role) = (disk.epoch, Role::Offline);
            broker.parts.insert(*name, Part { name: *name, epoch, replica: Replica::boot(disk), role });
        }
        ctx.note(&BOOT);
        let lag = ctx.params().lag / 2;
        ctx.set(Timer::Lag, lag);
        if ctx.params().cleanup != Cleanup::Keep {
            ctx.set(Timer::Clean, CLEAN);
        }
        if broker.boot == 1 {
            broker.take_metadata(&image, ctx);
        }
        broker.beat(ctx);
        broker
    }

    pub(super) fn disks(&self) -> Map<Partition, Disk> {
        let mut disks = Map::default();
        for (name, part) in self.parts.iter() {
            disks.insert(*name, part.replica.disk());
        }
        disks
    }

    pub(super) fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Kafka>) {
        match message {
            Message::Metadata(image) => self.take_metadata(&image, ctx),
            Message::Produce { partition, .. }
            | Message::ProduceResults { partition, .. }
            | Message::Fetch { partition, .. }
            | Message::Poll { partition, .. }
            | Message::OffsetForLeaderEpoch { partition, .. }
            | Message::EpochEnd { partition, .. }
            | Message::Records { partition, .. } => {
                if let Some(part) = self.parts.get_mut(&partition) {
                    part.on_message(from, message, ctx);
                    self.flush_later(ctx);
                }
            }
            _ => ctx.note(&NOTHING_NEW),
        }
    }

    pub(super) fn on_timer(&mut self, timer: &Timer, ctx: &mut Ctx<Kafka>) {
        match timer {
            Timer::Heartbeat => self.beat(ctx),
            Timer::Lag => self.look_for_lag(ctx),
            Timer::Fetch(partition) => {
                if let Some(part) = self.parts.get(partition) {
                    part.fetch_again(ctx);
                }
            }
            Timer::Clean => self.clean(ctx),
            Timer::Flush => {
                ctx.note(&FLUSH);
                self.flushing = false;
                self.parts.values_mut().for_each(|part| part.replica.flushed = part.replica.end());
            }
            _ => ctx.note(&NOTHING_NEW),
        }
    }

    /// What was appended goes to disk at once, or waits for the flush. Later records do not put that off.
    fn flush_later(&mut self, ctx: &mut Ctx<Kafka>) {
        let delay = ctx.params().flush;
        for replica in self.parts.values_mut().map(|part| &mut part.replica) {
            if delay == 0 {
                replica.flushed = replica.end();
            } else if replica.flushed < replica.end() && !self.flushing {
                self.flushing = true;
                ctx.set(Timer::Flush, delay);
            }
        }
    }

    fn beat(&self, ctx: &mut Ctx<Kafka>) {
        ctx.remark(&ALIVE, || "tells the controller that it is alive".into());
        ctx.send(CONTROLLER, Message::BrokerHeartbeat { boot: self.boot, version: self.image.version });
        ctx.set(Timer::Heartbeat, HEARTBEAT);
    }

    fn take_metadata(&mut self, image: &Rc<Image>, ctx: &mut Ctx<Kafka>) {
        if image.version <= self.image.version {
            ctx.note(&NOTHING_NEW);
            return;
        }
        ctx.note(&NEWS);
        self.image = image.clone();
        for (partition, leadership) in image.partitions.iter() {
            if let Some(part) = self.parts.get_mut(partition) {
                part.take_leadership(leadership, ctx);
            }
        }
    }
}

impl Part {
    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Kafka>) {
        match message {
            // As a leader.
            Message::Produce { entry, request, .. } => self.produce(from, &[entry], request, ctx),
            Message::ProduceResults { entries, request, .. } => {
                self.produce(from, &entries, Some(request), ctx);
            }
            Message::Fetch { epoch, offset, .. } | Message::Poll { epoch, offset, .. } => {
                self.fetched(from, epoch, offset, ctx);
            }
            Message::OffsetForLeaderEpoch { epoch, asked, .. } => self.tell_end(from, epoch, asked, ctx),
            // As a follower.
            Message::EpochEnd { epoch, asked, last, end, .. } => {
                self.take_end(from, (epoch, asked), (last, end), ctx);
            }
            Message::Records { epoch, from: offset, high, start, records, .. } => {
                self.copy((from, epoch), offset, (start, high), &records, ctx);
            }
            _ => ctx.note(&NOTHING_NEW),
        }
    }

    fn take_leadership(&mut self, it: &Leadership, ctx: &mut Ctx<Kafka>) {
        // After a restart, news that are late may tell of an epoch that is over.
        if it.epoch < self.epoch {
            return;
        }
        let same = it.epoch == self.epoch && it.leader.is_some();
        // It may follow in the epoch in which it restarts, but it leads in none in which an earlier life has led.
        if same && (self.role != Role::Offline || it.leader == Some(ctx.me())) {
            // Until the controller has decided on this partition, what was proposed may still come to pass.
            if let Role::Leader(leading) = &mut self.role
                && it.version > leading.version
            {
                (leading.isr, leading.version, leading.maybe) =
                    (it.isr.clone(), it.version, NodeSet::default());
                self.advance(ctx);
            }
            return;
        }
        (self.epoch, self.replica.now.epoch) = (it.epoch, it.epoch);
        self.step_down(ctx);
        match it.leader {
            None => {
                self.role = Role::Offline;
                ctx.cancel(Timer::Fetch(self.name));
                ctx.note(&OFFLINE);
            }
            Some(leader) if leader == ctx.me() => self.lead(it, ctx),
            Some(leader) => self.follow(leader, ctx),
        }
    }

    /// Tells those who wait for it that it leads no more.
    fn step_down(&mut self, ctx: &mut Ctx<Kafka>) {
        let Role::Leader(leading) = std::mem::take(&mut self.role) else { return };
        let partition = self.name;
        for (_, producer, (origin, request)) in leading.waiting {
            let result = Err(Refusal::NotLeader);
            ctx.send(producer, Message::Produced { partition, origin, request, result });
        }
        for (node, _) in leading.peers.iter().filter(|(_, peer)| peer.parked.is_some()) {
            ctx.send(*node, Message::NotLeader { partition });
        }
    }

    fn lead(&mut self, it: &Leadership, ctx: &mut Ctx<Kafka>) {
        let (partition, epoch) = (self.name, it.epoch);
        if ctx.params().bugs.forgets_producers {
            self.replica.forget_producers();
        }
        let (isr, version, began) = (it.isr.clone(), it.version, self.replica.end());
        self.role = Role::Leader(Leading { isr, version, began, ..Leading::default() });
        ctx.cancel(Timer::Fetch(partition));
        ctx.tell(&LEAD, || format!("leads {partition} in epoch {epoch}"));
        ctx.output(Output::Leads(partition, epoch, began));
        self.advance(ctx);
    }
}
