//! A broker: it leads some partitions and follows others.

use super::leader::Leading;
use super::partition::{Disk, Replica};
use super::vocabulary::{Image, Leadership, Message, Output, Partition, Refusal, Timer};
use super::{CLEAN, CONTROLLER, Cleanup, HEARTBEAT, Kafka, Stable};
use faultline_core::prelude::*;
use std::rc::Rc;

pub(super) const BOOT: Rule =
    Rule::new("docs, Replication", "A broker that boots has its logs, and waits for the metadata.");
pub(super) const ALIVE: Rule =
    Rule::new("KIP-631", "A broker tells the controller regularly that it is alive.");
pub(super) const LEAD: Rule =
    Rule::new("docs, Replication", "The leader of a partition takes all its writes.");
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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Part {
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
        for partition in image.partitions.keys() {
            let disk = stable.disks.get(partition).cloned().unwrap_or_default();
            let part = Part { epoch: disk.epoch, replica: Replica::boot(disk), role: Role::Offline };
            broker.parts.insert(*partition, part);
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
        for (partition, part) in self.parts.iter() {
            disks.insert(*partition, part.replica.disk());
        }
        disks
    }

    pub(super) fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Kafka>) {
        match message {
            Message::Metadata(image) => self.take_metadata(&image, ctx),
            // As a leader.
            Message::Produce { partition, entry, asks, correlation } => {
                self.produce(from, partition, entry, (asks, correlation), ctx);
            }
            Message::Fetch { partition, epoch, offset } => {
                self.fetched(from, (partition, epoch), offset, true, ctx);
            }
            Message::Poll { partition, epoch, offset } => {
                self.fetched(from, (partition, epoch), offset, false, ctx);
            }
            Message::OffsetForLeaderEpoch { partition, epoch, asked } => {
                self.tell_end(from, (partition, epoch), asked, ctx);
            }
            // As a follower.
            Message::EpochEnd { partition, epoch, asked, last, end } => {
                self.take_end(from, (partition, epoch), asked, (last, end), ctx);
            }
            Message::Records { partition, epoch, from: offset, high, start, records, .. } => {
                self.copy(from, (partition, epoch), offset, (start, high), &records, ctx);
            }
            _ => ctx.note(&NOTHING_NEW),
        }
    }

    pub(super) fn on_timer(&mut self, timer: &Timer, ctx: &mut Ctx<Kafka>) {
        match timer {
            Timer::Heartbeat => self.beat(ctx),
            Timer::Lag => self.look_for_lag(ctx),
            Timer::Fetch(partition) => self.fetch_again(*partition, ctx),
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
    pub(super) fn flush_later(&mut self, partition: Partition, ctx: &mut Ctx<Kafka>) {
        let flushes = ctx.params().flush;
        let Some(Part { replica, .. }) = self.parts.get_mut(&partition) else { return };
        if flushes == 0 {
            replica.flushed = replica.end();
        } else if replica.flushed < replica.end() && !self.flushing {
            self.flushing = true;
            ctx.set(Timer::Flush, flushes);
        }
    }

    fn beat(&self, ctx: &mut Ctx<Kafka>) {
        ctx.remark(&ALIVE, || "tells the controller that it is alive".into());
        ctx.send(CONTROLLER, Message::BrokerHeartbeat { boot: self.boot, version: self.image.version });
        ctx.set(Timer::Heartbeat, HEARTBEAT);
    }

    // Metadata.

    fn take_metadata(&mut self, image: &Rc<Image>, ctx: &mut Ctx<Kafka>) {
        if image.version <= self.image.version {
            ctx.note(&NOTHING_NEW);
            return;
        }
        ctx.note(&NEWS);
        self.image = image.clone();
        for (partition, leadership) in image.partitions.iter() {
            self.take_leadership(*partition, leadership, ctx);
        }
    }

    fn take_leadership(&mut self, partition: Partition, it: &Leadership, ctx: &mut Ctx<Kafka>) {
        let Some(part) = self.parts.get_mut(&partition) else { return };
        // After a restart, news that are late may tell of an epoch that is over.
        if it.epoch < part.epoch {
            return;
        }
        let same = it.epoch == part.epoch && it.leader.is_some();
        // It may follow in the epoch in which it restarts, but it leads in none in which an earlier life has led.
        if same && (part.role != Role::Offline || it.leader == Some(ctx.me())) {
            // Until the controller has decided on this partition, what was proposed may still come to pass.
            if let Role::Leader(leading) = &mut part.role
                && it.version > leading.version
            {
                (leading.isr, leading.version, leading.maybe) =
                    (it.isr.clone(), it.version, NodeSet::default());
                self.advance(partition, ctx);
            }
            return;
        }
        (part.epoch, part.replica.now.epoch) = (it.epoch, it.epoch);
        self.step_down(partition, ctx);
        match it.leader {
            None => {
                if let Some(part) = self.parts.get_mut(&partition) {
                    part.role = Role::Offline;
                }
                ctx.cancel(Timer::Fetch(partition));
                ctx.note(&OFFLINE);
            }
            Some(leader) if leader == ctx.me() => self.lead(partition, it, ctx),
            Some(leader) => self.follow(partition, leader, ctx),
        }
    }

    /// Tells those who wait for it that it leads no more.
    fn step_down(&mut self, partition: Partition, ctx: &mut Ctx<Kafka>) {
        let Some(Part { role: Role::Leader(leading), .. }) = self.parts.get_mut(&partition) else { return };
        for (_, producer, (origin, correlation)) in std::mem::take(&mut leading.waiting) {
            let result = Err(Refusal::NotLeader);
            ctx.send(producer, Message::Produced { partition, origin, correlation, result });
        }
        for node in leading.parked.keys() {
            ctx.send(*node, Message::NotLeader { partition });
        }
        leading.parked = Map::default();
    }

    fn lead(&mut self, partition: Partition, it: &Leadership, ctx: &mut Ctx<Kafka>) {
        let Some(part) = self.parts.get_mut(&partition) else { return };
        if ctx.params().bugs.forgets_producers {
            part.replica.forget_producers();
        }
        let (isr, version, began) = (it.isr.clone(), it.version, part.replica.end());
        part.role = Role::Leader(Leading { isr, version, began, ..Leading::default() });
        ctx.cancel(Timer::Fetch(partition));
        let epoch = it.epoch;
        ctx.tell(&LEAD, || format!("leads {partition} in epoch {epoch}"));
        ctx.output(Output::Leads(partition, epoch, began));
        self.advance(partition, ctx);
    }
}
