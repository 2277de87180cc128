//! A follower: it makes its log a prefix of the leader's, and fetches what comes after.

use super::broker::{Part, Role};
use super::partition::Entry;
use super::vocabulary::{Message, Output, Timer};
use super::{FETCH, Kafka};
use faultline_core::prelude::*;

const ASK_END: Rule = Rule::new(
    "KIP-101",
    "A new follower asks the leader where the follower's last epoch ends, and cuts off what it has beyond that.",
);
const CUT: Rule = Rule::new("KIP-101", "Records that the leader does not have are cut off.");
const CUT_AT_HIGH: Rule =
    Rule::new("against KIP-101", "This wrong twin cuts off its log at its own high watermark.");
const FETCH_RULE: Rule = Rule::new("docs, Replication", "A follower fetches from the end of its log on.");
const COPY: Rule =
    Rule::new("docs, Replication", "A follower appends what the leader sends, at the same offsets.");
const STRAY: Rule = Rule::new("docs, Replication", "This answer is not what the follower asks for now.");

impl Part {
    pub(super) fn follow(&mut self, leader: NodeId, ctx: &mut Ctx<Kafka>) {
        self.role = Role::Following(leader);
        if ctx.params().bugs.truncates_to_high_watermark {
            self.cut(self.replica.now.high, &CUT_AT_HIGH, ctx);
        } else if self.replica.last_epoch() > 0 {
            self.role = Role::Truncating(leader);
        }
        self.fetch_again(ctx);
    }

    /// Asks the leader for what it needs next.
    pub(super) fn fetch_again(&self, ctx: &mut Ctx<Kafka>) {
        let (partition, epoch) = (self.name, self.epoch);
        match self.role {
            Role::Truncating(leader) => {
                let asked = self.replica.last_epoch();
                ctx.note(&ASK_END);
                ctx.send(leader, Message::OffsetForLeaderEpoch { partition, epoch, asked });
            }
            Role::Following(leader) => {
                let offset = self.replica.end();
                ctx.note(&FETCH_RULE);
                ctx.send(leader, Message::Fetch { partition, epoch, offset });
            }
            _ => return ctx.note(&STRAY),
        }
        ctx.set(Timer::Fetch(partition), FETCH);
    }

    fn cut(&mut self, end: u64, rule: &'static Rule, ctx: &mut Ctx<Kafka>) {
        let partition = self.name;
        if end < self.replica.end() {
            self.replica.truncate(end);
            ctx.tell(rule, || format!("cuts off its log of {partition} at offset {end}"));
            ctx.output(Output::Truncated(partition, end));
        }
    }

    /// Hears where an epoch ends in the leader's log.
    pub(super) fn take_end(
        &mut self,
        from: NodeId,
        (epoch, asked): (u32, u32),
        (last, end): (u32, u64),
        ctx: &mut Ctx<Kafka>,
    ) {
        if (&self.role, self.epoch, self.replica.last_epoch()) != (&Role::Truncating(from), epoch, asked) {
            return ctx.note(&STRAY);
        }
        let (mine, my_end) = self.replica.end_of(last);
        ctx.note(&ASK_END);
        self.cut(if mine == last { end.min(my_end) } else { my_end }, &CUT, ctx);
        if mine == last || mine == 0 {
            self.role = Role::Following(from);
        }
        self.fetch_again(ctx);
    }

    /// Copies records of the leader.
    pub(super) fn copy(
        &mut self,
        (from, epoch): (NodeId, u32),
        offset: u64,
        (start, high): (u64, u64),
        records: &[(u64, Entry)],
        ctx: &mut Ctx<Kafka>,
    ) {
        let (partition, replica) = (self.name, &mut self.replica);
        if self.role != Role::Following(from) || self.epoch != epoch || offset != replica.end() {
            return ctx.note(&STRAY);
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
        self.fetch_again(ctx);
        ctx.note(&COPY);
    }
}
