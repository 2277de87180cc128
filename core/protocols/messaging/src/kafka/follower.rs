//! A follower: it makes its log a prefix of the leader's, and fetches what comes after.

use super::broker::{Broker, Part, Role};
use super::partition::Entry;
use super::vocabulary::{Message, Output, Partition, Timer};
use super::{FETCH, Kafka};
use faultline_core::prelude::*;

const ASK_END: Rule = Rule::new(
    "KIP-101",
    "A new follower asks the leader where the follower's last epoch ends, and cuts off what it has beyond that.",
);
pub(super) const EPOCH_END: Rule = Rule::new(
    "KIP-279",
    "The leader names its last epoch up to the one that is asked for, and the offset where that ends.",
);
const CUT: Rule = Rule::new("KIP-101", "Records that the leader does not have are cut off.");
const CUT_AT_HIGH: Rule =
    Rule::new("against KIP-101", "This wrong twin cuts off its log at its own high watermark.");
const FETCH_RULE: Rule = Rule::new("docs, Replication", "A follower fetches from the end of its log on.");
const COPY: Rule =
    Rule::new("docs, Replication", "A follower appends what the leader sends, at the same offsets.");
const STRAY: Rule = Rule::new("docs, Replication", "This answer is not what the follower asks for now.");

impl Broker {
    pub(super) fn follow(&mut self, partition: Partition, leader: NodeId, ctx: &mut Ctx<Kafka>) {
        let Some(part) = self.parts.get_mut(&partition) else { return };
        let high = part.replica.now.high;
        if ctx.params().bugs.truncates_to_high_watermark {
            part.role = Role::Following(leader);
            self.cut(partition, high, &CUT_AT_HIGH, ctx);
        } else if part.replica.last_epoch() == 0 {
            part.role = Role::Following(leader);
        } else {
            part.role = Role::Truncating(leader);
        }
        self.fetch_again(partition, ctx);
    }

    /// Asks the leader for what it needs next.
    pub(super) fn fetch_again(&mut self, partition: Partition, ctx: &mut Ctx<Kafka>) {
        let Some(Part { replica, role, epoch }) = self.parts.get(&partition) else { return };
        let epoch = *epoch;
        match *role {
            Role::Truncating(leader) => {
                let asked = replica.last_epoch();
                ctx.note(&ASK_END);
                ctx.send(leader, Message::OffsetForLeaderEpoch { partition, epoch, asked });
            }
            Role::Following(leader) => {
                let offset = replica.end();
                ctx.note(&FETCH_RULE);
                ctx.send(leader, Message::Fetch { partition, epoch, offset });
            }
            _ => {
                ctx.note(&STRAY);
                return;
            }
        }
        ctx.set(Timer::Fetch(partition), FETCH);
    }

    fn cut(&mut self, partition: Partition, end: u64, rule: &'static Rule, ctx: &mut Ctx<Kafka>) {
        let Some(part) = self.parts.get_mut(&partition) else { return };
        if end < part.replica.end() {
            part.replica.truncate(end);
            ctx.tell(rule, || format!("cuts off its log of {partition} at offset {end}"));
            ctx.output(Output::Truncated(partition, end));
        }
    }

    /// Hears where an epoch ends in the leader's log.
    pub(super) fn take_end(
        &mut self,
        from: NodeId,
        (partition, epoch): (Partition, u32),
        asked: u32,
        (last, end): (u32, u64),
        ctx: &mut Ctx<Kafka>,
    ) {
        let Some(part) = self.parts.get_mut(&partition) else { return };
        let replica = &part.replica;
        if part.role != Role::Truncating(from) || part.epoch != epoch || replica.last_epoch() != asked {
            ctx.note(&STRAY);
            return;
        }
        let (mine, my_end) = replica.end_of(last);
        ctx.note(&ASK_END);
        if mine == last {
            self.cut(partition, end.min(my_end), &CUT, ctx);
        } else {
            self.cut(partition, my_end, &CUT, ctx);
        }
        if let Some(part) = self.parts.get_mut(&partition)
            && (mine == last || mine == 0)
        {
            part.role = Role::Following(from);
        }
        self.fetch_again(partition, ctx);
    }

    /// Copies records of the leader.
    pub(super) fn copy(
        &mut self,
        from: NodeId,
        (partition, epoch): (Partition, u32),
        offset: u64,
        (start, high): (u64, u64),
        records: &[(u64, Entry)],
        ctx: &mut Ctx<Kafka>,
    ) {
        let Some(Part { replica, role, epoch: mine }) = self.parts.get_mut(&partition) else { return };
        if *role != Role::Following(from) || *mine != epoch || offset != replica.end() {
            ctx.note(&STRAY);
            return;
        }
        for (_, entry) in records {
            replica.append(*entry);
        }
        replica.now.start = replica.now.start.max(start);
        let grows = replica.raise(high);
        let (high, end) = (replica.now.high, replica.end());
        ctx.remark(&COPY, || format!("has {partition} up to {end}, high watermark {high}"));
        if grows {
            ctx.output(Output::Exposed(partition, high));
        }
        self.flush_later(partition, ctx);
        self.fetch_again(partition, ctx);
        ctx.note(&COPY);
    }
}
