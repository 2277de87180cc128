//! A consumer: it belongs to the group, reads the partitions that it owns, and processes what it reads.

use super::assign::{Assignor, assign};
use super::partition::Body;
use super::vocabulary::{
    Assignment, Batch, GroupError, Image, Leadership, Membership, Message, Output, Partition, Request, Timer,
};
use super::words::names;
use super::{CONTROLLER, FETCH, Guarantee, HEARTBEAT, Kafka, Stable};
use faultline_core::prelude::*;
use std::rc::Rc;

const START: Rule = Rule::new("docs, Group protocol", "A consumer that starts joins the group.");
const JOIN: Rule =
    Rule::new("docs, Group protocol", "A member that joins gives up all that it owned, and waits.");
const KEEP: Rule =
    Rule::new("KIP-429", "A cooperative member joins with all that it owns, and goes on reading.");
const DIVIDE: Rule =
    Rule::new("docs, Group protocol", "The leader of the group divides the partitions among the members.");
const OWN: Rule = Rule::new("docs, Group protocol", "A member reads the partitions that it was given.");
const REVOKE: Rule = Rule::new(
    "KIP-429",
    "A member gives up what it was not given again, and joins once more, so that another member can have it.",
);
const BEAT: Rule = Rule::new("docs, heartbeat.interval", "A member says regularly that it is alive.");
const MUST_JOIN: Rule =
    Rule::new("docs, Group protocol", "The group rebalances, so every member joins again.");
const LOST: Rule = Rule::new(
    "docs, ILLEGAL_GENERATION",
    "A member that was taken out owns nothing. It drops its work and joins as a new member.",
);
const POLL: Rule =
    Rule::new("docs, Consumer", "A consumer pulls records from the leader, from its position on.");
const BEGIN_AT: Rule = Rule::new("docs, Offsets", "The consumer begins at the committed offset.");
const RESET: Rule = Rule::new(
    "docs, auto.offset.reset",
    "With auto.offset.reset earliest, a consumer goes on at the first record left if those at its position are deleted.",
);
const MOVED: Rule = Rule::new(
    "KIP-320",
    "The broker does not lead the partition in this epoch, so the consumer asks for metadata.",
);
const STRAY: Rule = Rule::new("docs, Consumer", "This answers nothing that the consumer waits for.");

/// Where a member stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    #[default]
    Joining,
    Syncing,
    Stable,
}

/// Records that are being processed, up to an offset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Work {
    pub partition: Partition,
    pub records: Batch,
    pub next: u64,
    pub step: Doing,
}

/// What is done about them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Doing {
    /// Their offset is committed first.
    CommittingFirst,
    /// So many of them were processed.
    Processing(usize),
    /// Their offset is committed last.
    CommittingLast,
    // With a transaction.
    Beginning,
    /// Their results are written, and not acknowledged.
    Writing,
    AddingOffset,
    Ending {
        commits: bool,
    },
}

/// A consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Consumer {
    pub(super) guarantee: Option<Guarantee>,
    pub(super) boot: u32,
    pub(super) image: Rc<Image>,
    pub(super) phase: Phase,
    pub(super) generation: u32,
    request: u64,
    /// What it owns, and from which offset on it reads next, once it knows.
    pub(super) owned: Map<Partition, Option<u64>>,
    kept: Vec<Partition>,
    /// As the leader of the group: what it hands out.
    assignment: Option<Assignment>,
    /// What it is given, once its work allows to give up the rest.
    given: Option<Vec<Partition>>,
    rejoins: bool,
    /// How often it has polled without an answer.
    unanswered: u32,
    pub(super) work: Option<Work>,
    pub(super) processed: u64,
    /// Its epoch as a transactional producer, and how often it has asked for one.
    pub(super) epoch: Option<u32>,
    pub(super) inits: u64,
}

impl Consumer {
    pub(super) fn start(stable: &Stable, ctx: &mut Ctx<Kafka>) -> Self {
        let image = Rc::new(ctx.params().first_image());
        let guarantee = Some(ctx.params().guarantee);
        let mut consumer = Consumer { guarantee, boot: stable.boot + 1, image, ..Consumer::default() };
        ctx.note(&START);
        if ctx.params().guarantee == Guarantee::ProcessedOnce {
            consumer.init(ctx);
        }
        consumer.join(ctx);
        consumer
    }

    pub(super) fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Kafka>) {
        match message {
            Message::Metadata(image) if image.version > self.image.version => {
                self.image = image;
                self.poll(ctx);
            }
            Message::NotLeader { .. } => {
                ctx.note(&MOVED);
                ctx.send(CONTROLLER, Message::FetchMetadata);
            }
            // The group.
            Message::Joined { generation, request, members } => {
                self.joined(generation, request, &members, ctx);
            }
            Message::Synced { generation, partitions } => self.synced(generation, partitions, ctx),
            Message::Heard { generation, error } => self.heard(generation, error, ctx),
            // Reading.
            Message::OffsetFetched { request, partition, offset } => {
                self.begin_at(request, partition, offset, ctx);
            }
            Message::Records { partition, epoch, from: offset, next, start, records, .. } => {
                let leads = |it: &Leadership| it.leader == Some(from) && it.epoch == epoch;
                match self.image.partitions.get(&partition).is_some_and(leads) {
                    true => self.take(partition, (offset, next, start), records, ctx),
                    false => ctx.note(&STRAY),
                }
            }
            Message::OffsetCommitted { generation, partition, offset, error } => {
                self.offset_committed(generation, (partition, offset), error, ctx);
            }
            other => self.on_transaction(other, ctx),
        }
    }

    pub(super) fn on_timer(&mut self, timer: &Timer, ctx: &mut Ctx<Kafka>) {
        match timer {
            Timer::Heartbeat => self.beat(ctx),
            Timer::Fetch(partition) => {
                self.poll_one(*partition, ctx);
                self.unanswered += 1;
                // A poll waits for records for a while. More silence than that may mean that somebody else leads.
                if self.unanswered > 3 {
                    ctx.send(CONTROLLER, Message::FetchMetadata);
                }
            }
            Timer::Work => self.process(ctx),
            Timer::Retry => {
                // The leader of the topic of results may be down, and another broker lead it by now.
                if self.is_writing() {
                    ctx.send(CONTROLLER, Message::FetchMetadata);
                }
                self.retry(ctx);
            }
            _ => ctx.note(&STRAY),
        }
    }

    // The group.

    fn is_cooperative(ctx: &Ctx<Kafka>) -> bool {
        ctx.params().assignor == Assignor::Cooperative
    }

    fn join(&mut self, ctx: &mut Ctx<Kafka>) {
        (self.phase, self.rejoins) = (Phase::Joining, false);
        self.request += 1;
        if Self::is_cooperative(ctx) {
            ctx.tell(&KEEP, || "joins the group with what it owns".into());
        } else {
            ctx.tell(&JOIN, || "joins the group".into());
            self.give_up_all_but(&[], ctx);
        }
        self.send_join(ctx);
        ctx.set(Timer::Heartbeat, 2 * HEARTBEAT);
    }

    fn give_up_all_but(&mut self, partitions: &[Partition], ctx: &mut Ctx<Kafka>) {
        for partition in self.owned.keys().filter(|it| !partitions.contains(it)) {
            ctx.cancel(Timer::Fetch(*partition));
        }
        self.owned.retain(|partition, _| partitions.contains(partition));
    }

    fn send_join(&self, ctx: &mut Ctx<Kafka>) {
        let (request, owned) = ((self.boot, self.request), self.owned.keys().copied().collect());
        let (generation, kept) = (self.generation, self.kept.clone());
        ctx.send(CONTROLLER, Message::Join { request, generation, owned, kept });
    }

    fn joined(&mut self, generation: u32, request: Request, members: &[Membership], ctx: &mut Ctx<Kafka>) {
        if self.phase != Phase::Joining || request != (self.boot, self.request) {
            return ctx.note(&STRAY);
        }
        (self.phase, self.generation, self.rejoins) = (Phase::Syncing, generation, false);
        // What the generation before gave it, and its work put off, is void.
        self.given = None;
        self.owned.keys().for_each(|partition| ctx.output(Output::Owns(generation, *partition)));
        ctx.note(&MUST_JOIN);
        let params = ctx.params();
        let divide =
            || assign(params.assignor, members, params.partitions as u32, params.bugs.assigns_at_once);
        self.assignment = (!members.is_empty()).then(divide);
        if self.assignment.is_some() {
            ctx.tell(&DIVIDE, || format!("divides the partitions in generation {generation}"));
        }
        self.send_sync(ctx);
    }

    fn send_sync(&self, ctx: &mut Ctx<Kafka>) {
        let (generation, assignment) = (self.generation, self.assignment.clone());
        ctx.send(CONTROLLER, Message::Sync { generation, assignment });
    }

    fn synced(&mut self, generation: u32, partitions: Vec<Partition>, ctx: &mut Ctx<Kafka>) {
        if self.phase != Phase::Syncing || generation != self.generation {
            return ctx.note(&STRAY);
        }
        self.phase = Phase::Stable;
        if self.work.as_ref().is_some_and(|work| !partitions.contains(&work.partition)) {
            ctx.note(&REVOKE);
            self.given = Some(partitions);
        } else {
            self.own(partitions, ctx);
        }
    }

    /// Owns these partitions and no others.
    fn own(&mut self, partitions: Vec<Partition>, ctx: &mut Ctx<Kafka>) {
        let (generation, before) = (self.generation, self.owned.len());
        self.give_up_all_but(&partitions, ctx);
        let revokes = self.owned.len() < before;
        for partition in &partitions {
            if !self.owned.contains_key(partition) {
                self.owned.insert(*partition, None);
                ctx.output(Output::Owns(generation, *partition));
            }
        }
        ctx.tell(&OWN, || format!("reads {} in generation {generation}", names(&partitions)));
        self.kept = partitions;
        if revokes {
            ctx.note(&REVOKE);
            self.join(ctx);
        }
        self.poll(ctx);
    }

    fn beat(&self, ctx: &mut Ctx<Kafka>) {
        ctx.set(Timer::Heartbeat, HEARTBEAT);
        ctx.remark(&BEAT, || "tells the coordinator that it is alive".into());
        match self.phase {
            Phase::Joining => self.send_join(ctx),
            Phase::Syncing => self.send_sync(ctx),
            Phase::Stable => ctx.send(CONTROLLER, Message::GroupHeartbeat { generation: self.generation }),
        }
    }

    fn heard(&mut self, generation: u32, error: Option<GroupError>, ctx: &mut Ctx<Kafka>) {
        match error {
            _ if generation != self.generation => ctx.note(&STRAY),
            None => ctx.note(&BEAT),
            // One that joins and owns nothing has nothing to lose.
            Some(GroupError::IllegalGeneration) if self.phase == Phase::Joining && self.owned.is_empty() => {
                ctx.note(&STRAY);
            }
            Some(GroupError::IllegalGeneration) => self.lose(ctx),
            Some(GroupError::RebalanceInProgress) if self.phase == Phase::Joining => ctx.note(&STRAY),
            Some(GroupError::RebalanceInProgress) => {
                ctx.note(&MUST_JOIN);
                self.rejoins = true;
                if self.work.is_none() || Self::is_cooperative(ctx) {
                    self.join(ctx);
                }
            }
        }
    }

    /// It is no member any more.
    pub(super) fn lose(&mut self, ctx: &mut Ctx<Kafka>) {
        ctx.tell(&LOST, || "learns that it was taken out of the group".into());
        self.give_up_all_but(&[], ctx);
        (self.kept, self.given) = (Vec::new(), None);
        self.drop_work(ctx);
        self.join(ctx);
    }

    pub(super) fn drop_work(&mut self, ctx: &mut Ctx<Kafka>) {
        if self.work.take().is_some_and(|work| work.step.is_transactional()) {
            // A new epoch aborts what it has begun.
            self.init(ctx);
        } else if ctx.params().guarantee != Guarantee::ProcessedOnce {
            ctx.cancel(Timer::Retry);
        }
        ctx.cancel(Timer::Work);
    }

    // Reading.

    /// Asks for records of all that it owns, unless it works.
    pub(super) fn poll(&self, ctx: &mut Ctx<Kafka>) {
        self.owned.keys().for_each(|partition| self.poll_one(*partition, ctx));
    }

    fn poll_one(&self, partition: Partition, ctx: &mut Ctx<Kafka>) {
        let (None, Some(position)) = (&self.work, self.owned.get(&partition)) else {
            return ctx.note(&STRAY);
        };
        ctx.note(&POLL);
        ctx.set(Timer::Fetch(partition), FETCH);
        match (*position, self.image.partitions.get(&partition)) {
            // It asks again in a generation only after it was fenced, and then for a new epoch, too.
            (None, _) => {
                let request = (self.generation, self.inits);
                ctx.send(CONTROLLER, Message::OffsetFetch { request, partition });
            }
            (Some(offset), Some(&Leadership { leader: Some(leader), epoch, .. })) => {
                ctx.send(leader, Message::Poll { partition, epoch, offset });
            }
            _ => ctx.send(CONTROLLER, Message::FetchMetadata),
        }
    }

    fn begin_at(&mut self, asked: Request, partition: Partition, offset: u64, ctx: &mut Ctx<Kafka>) {
        match self.owned.get_mut(&partition) {
            Some(position @ None) if asked == (self.generation, self.inits) => {
                *position = Some(offset);
                ctx.note(&BEGIN_AT);
                self.poll_one(partition, ctx);
            }
            _ => ctx.note(&STRAY),
        }
    }

    fn take(
        &mut self,
        partition: Partition,
        (offset, next, start): (u64, u64, u64),
        records: Batch,
        ctx: &mut Ctx<Kafka>,
    ) {
        self.unanswered = 0;
        let Some(position) = self.owned.get(&partition).copied().flatten() else {
            return ctx.note(&STRAY);
        };
        let skips = offset > position && offset == start;
        if self.work.is_some() || next <= position || (offset != position && !skips) {
            return ctx.note(&STRAY);
        }
        if skips {
            ctx.tell(&RESET, || format!("skips {partition} to offset {start}"));
            ctx.output(Output::Reset(partition, position, start));
        }
        let records =
            records.into_iter().filter(|(_, entry)| matches!(entry.body, Body::Value(..))).collect();
        self.begin(partition, records, next, ctx);
    }

    /// It has done what it does about these records, and goes on behind them.
    pub(super) fn finish(&mut self, ctx: &mut Ctx<Kafka>) {
        if let Some(work) = self.work.take()
            && let Some(position) = self.owned.get_mut(&work.partition)
        {
            *position = Some(work.next);
        }
        ctx.cancel(Timer::Retry);
        match self.given.take() {
            Some(partitions) => self.own(partitions, ctx),
            None if self.rejoins && self.phase == Phase::Stable => self.join(ctx),
            None => self.poll(ctx),
        }
    }
}
