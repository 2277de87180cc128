//! The coordinator of the group. It is on the controller, whose disk stands for the topic `__consumer_offsets`.

use super::controller::Controller;
use super::vocabulary::{Assignment, GroupError, Membership, Message, Output, Partition, Request, Timer};
use super::{GROUP_DELAY, Kafka};
use faultline_core::prelude::*;
use std::cmp::Ordering;

const JOIN: Rule = Rule::new(
    "docs, Group protocol",
    "A member joins, and so the group rebalances: all members must join again for the next generation.",
);
const COMPLETE: Rule = Rule::new(
    "docs, Group protocol",
    "All members have joined. A generation begins, and one member, the leader of the group, divides the partitions.",
);
const SYNC: Rule =
    Rule::new("docs, Group protocol", "Each member is told what the leader of the group gave it.");
const BEAT: Rule =
    Rule::new("docs, Group protocol", "A heartbeat is answered with what the member has to do.");
const EXPEL: Rule =
    Rule::new("docs, session.timeout", "A member that was silent for too long is taken out of the group.");
const LATE: Rule = Rule::new(
    "docs, max.poll.interval",
    "A member that does not join again in time is taken out of the group.",
);
const COMMIT: Rule =
    Rule::new("docs, Offsets", "The committed offset of a partition is where its next owner begins.");
const ILLEGAL: Rule =
    Rule::new("docs, ILLEGAL_GENERATION", "A member of an earlier generation may not commit offsets.");
const STALE: Rule = Rule::new(
    "KIP-792",
    "What a member has from an earlier generation, another member may own by now, so the member joins without it.",
);
const OFFSET: Rule = Rule::new("docs, Offsets", "A new owner asks where to begin.");
const UNSTABLE: Rule =
    Rule::new("KIP-447", "A transaction may still commit an offset, so the new owner has to wait.");
const OBSOLETE: Rule =
    Rule::new("docs, Group protocol", "This is of an earlier life or request of the member.");

/// Where the group stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Stage {
    #[default]
    Empty,
    /// Members join.
    Preparing,
    /// The leader divides the partitions.
    Completing,
    Stable,
}

/// A member: its life and its latest request, whether it has joined the coming generation, and what it owns and had.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Member {
    pub request: Request,
    pub joined: bool,
    pub owned: Vec<Partition>,
    pub kept: Vec<Partition>,
}

/// The group.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Group {
    pub generation: u32,
    pub stage: Stage,
    pub members: Map<NodeId, Member>,
    pub assignment: Assignment,
    pub offsets: Map<Partition, u64>,
}

impl Group {
    /// Why a member may not commit now.
    pub(super) fn refuses(&self, member: NodeId, generation: u32) -> Option<GroupError> {
        self.error(member, generation, Stage::Completing)
    }

    /// What a member of this generation is told, if the group rebalances in this stage.
    fn error(&self, member: NodeId, generation: u32, rebalances: Stage) -> Option<GroupError> {
        if !self.members.contains_key(&member) || generation != self.generation {
            return Some(GroupError::IllegalGeneration);
        }
        (self.stage == rebalances).then_some(GroupError::RebalanceInProgress)
    }
}

impl Controller {
    /// A member is heard from.
    fn touch(&self, member: NodeId, ctx: &mut Ctx<Kafka>) {
        if self.group.members.contains_key(&member) {
            let session = ctx.params().session;
            ctx.set(Timer::Session(member), session);
        }
    }

    pub(super) fn join(&mut self, from: NodeId, it: Member, generation: u32, ctx: &mut Ctx<Kafka>) {
        let known = self.group.members.get_mut(&from);
        match known.as_ref().map(|known| known.request.cmp(&it.request)) {
            Some(Ordering::Greater) => return ctx.note(&OBSOLETE),
            Some(Ordering::Equal) => {
                ctx.note(&OBSOLETE);
                // The answer was lost, and the next generation is being prepared already.
                if let Some(known) = known {
                    known.joined = true;
                }
                self.touch(from, ctx);
                return match self.group.stage {
                    Stage::Preparing => self.complete_if_all(ctx),
                    _ => self.tell_joined(from, ctx),
                };
            }
            _ if !it.owned.is_empty() && (known.is_none() || generation != self.group.generation) => {
                ctx.note(&STALE);
                let error = Some(GroupError::IllegalGeneration);
                return ctx.send(from, Message::Heard { generation, error });
            }
            _ => ctx.tell(&JOIN, || format!("lets {from} join")),
        }
        if matches!(self.group.stage, Stage::Completing | Stage::Stable) {
            self.group.members.values_mut().for_each(|member| member.joined = false);
        }
        self.group.members.insert(from, it);
        self.touch(from, ctx);
        match self.group.stage {
            Stage::Empty => {
                self.group.stage = Stage::Preparing;
                ctx.set(Timer::Rebalance, GROUP_DELAY);
            }
            Stage::Preparing => self.complete_if_all(ctx),
            Stage::Completing | Stage::Stable => self.prepare(ctx),
        }
    }

    fn prepare(&mut self, ctx: &mut Ctx<Kafka>) {
        self.group.stage = Stage::Preparing;
        let patience = ctx.params().session.saturating_mul(2);
        ctx.set(Timer::Rebalance, patience);
        self.complete_if_all(ctx);
    }

    fn complete_if_all(&mut self, ctx: &mut Ctx<Kafka>) {
        // The first generation waits a little, for a group usually starts as a whole.
        if self.group.generation > 0 && self.group.members.values().all(|member| member.joined) {
            self.complete(ctx);
        }
    }

    /// The time to join is over.
    pub(super) fn close(&mut self, ctx: &mut Ctx<Kafka>) {
        if self.group.stage == Stage::Preparing {
            ctx.note(&LATE);
            self.group.members.retain(|_, member| member.joined);
            self.complete(ctx);
        } else {
            ctx.note(&OBSOLETE);
        }
    }

    fn complete(&mut self, ctx: &mut Ctx<Kafka>) {
        ctx.cancel(Timer::Rebalance);
        if self.group.members.is_empty() {
            self.group.stage = Stage::Empty;
            return;
        }
        self.group.generation += 1;
        self.group.stage = Stage::Completing;
        self.group.assignment = Assignment::default();
        let generation = self.group.generation;
        ctx.tell(&COMPLETE, || format!("begins generation {generation}"));
        self.group.members.keys().for_each(|member| self.tell_joined(*member, ctx));
    }

    /// A member hears of the generation. The first of them leads the group, and hears of all.
    fn tell_joined(&self, to: NodeId, ctx: &mut Ctx<Kafka>) {
        let Some(member) = self.group.members.get(&to) else { return };
        let leads = self.group.members.keys().next() == Some(&to);
        let all = self.group.members.iter().filter(|_| leads).map(|(member, it)| Membership {
            member: *member,
            owned: it.owned.clone(),
            kept: it.kept.clone(),
        });
        let (generation, request) = (self.group.generation, member.request);
        ctx.send(to, Message::Joined { generation, request, members: all.collect() });
    }

    pub(super) fn sync(
        &mut self,
        from: NodeId,
        generation: u32,
        assignment: Option<Assignment>,
        ctx: &mut Ctx<Kafka>,
    ) {
        self.touch(from, ctx);
        let error = self.group.error(from, generation, Stage::Preparing);
        if error.is_some() {
            ctx.note(&OBSOLETE);
            return ctx.send(from, Message::Heard { generation, error });
        }
        ctx.note(&SYNC);
        match (self.group.stage, assignment) {
            (Stage::Completing, Some(assignment)) => {
                self.group.stage = Stage::Stable;
                self.group.assignment = assignment;
                ctx.tell(&SYNC, || format!("tells the members what they read in generation {generation}"));
                self.group.members.keys().for_each(|member| self.tell_synced(*member, ctx));
            }
            (Stage::Stable, _) => self.tell_synced(from, ctx),
            _ => {}
        }
    }

    fn tell_synced(&self, to: NodeId, ctx: &mut Ctx<Kafka>) {
        let generation = self.group.generation;
        let partitions = self.group.assignment.get(&to).cloned().unwrap_or_default();
        ctx.send(to, Message::Synced { generation, partitions });
    }

    pub(super) fn beat(&self, from: NodeId, generation: u32, ctx: &mut Ctx<Kafka>) {
        self.touch(from, ctx);
        ctx.note(&BEAT);
        let error = self.group.error(from, generation, Stage::Preparing);
        ctx.send(from, Message::Heard { generation, error });
    }

    /// A member was silent for too long.
    pub(super) fn expel(&mut self, member: NodeId, ctx: &mut Ctx<Kafka>) {
        if self.group.members.remove(&member).is_none() {
            return ctx.note(&OBSOLETE);
        }
        ctx.tell(&EXPEL, || format!("has not heard from {member} and takes it out of the group"));
        match self.group.stage {
            Stage::Preparing => self.complete_if_all(ctx),
            _ if self.group.members.is_empty() => self.group.stage = Stage::Empty,
            _ => {
                self.group.members.values_mut().for_each(|member| member.joined = false);
                self.prepare(ctx);
            }
        }
    }

    // Offsets.

    pub(super) fn commit_offset(
        &mut self,
        from: NodeId,
        generation: u32,
        (partition, offset): (Partition, u64),
        ctx: &mut Ctx<Kafka>,
    ) {
        self.touch(from, ctx);
        let error = self.group.refuses(from, generation);
        if let Some(error) = error {
            ctx.tell(&ILLEGAL, || format!("refuses the offset {offset} of {partition} from {from}: {error}"));
        } else {
            self.store_offset(partition, offset, &COMMIT, ctx);
        }
        ctx.send(from, Message::OffsetCommitted { generation, partition, offset, error });
    }

    /// Stores an offset; one that is late changes nothing.
    pub(super) fn store_offset(
        &mut self,
        partition: Partition,
        offset: u64,
        rule: &'static Rule,
        ctx: &mut Ctx<Kafka>,
    ) {
        let stored = self.group.offsets.or_default(partition);
        if offset > *stored {
            *stored = offset;
            ctx.tell(rule, || format!("commits the offset {offset} of {partition}"));
            ctx.output(Output::Committed(partition, offset));
        } else {
            ctx.note(rule);
        }
    }

    pub(super) fn tell_offset(
        &self,
        from: NodeId,
        request: Request,
        partition: Partition,
        ctx: &mut Ctx<Kafka>,
    ) {
        self.touch(from, ctx);
        if self.group.refuses(from, request.0).is_some() {
            ctx.note(&ILLEGAL);
        } else if self.is_unstable(partition) {
            ctx.note(&UNSTABLE);
        } else {
            ctx.note(&OFFSET);
            let offset = self.group.offsets.get(&partition).copied().unwrap_or(0);
            ctx.send(from, Message::OffsetFetched { request, partition, offset });
        }
    }
}
