//! What a broker does as the leader of a partition.

use super::broker::{Broker, Part, Role};
use super::partition::{Body, Entry, Origin, Verdict};
use super::vocabulary::{Message, Output, Partition, Refusal, Timer};
use super::{Acks, CONTROLLER, Kafka};
use faultline_core::prelude::*;

const WRONG_LEADER: Rule = Rule::new("KIP-320", "Only the leader answers, and only in its own epoch.");
const APPEND: Rule =
    Rule::new("docs, Replication", "The leader appends a record, which followers then fetch.");
const MIN_ISR: Rule = Rule::new(
    "docs, min.insync.replicas",
    "With acks all, the leader refuses records while fewer replicas than that are in sync.",
);
const DEDUPE: Rule = Rule::new(
    "KIP-98",
    "A record whose sequence number is in the log already is acknowledged, not appended.",
);
const SEQUENCE: Rule =
    Rule::new("KIP-98", "A record is refused while one with a lower sequence number is missing.");
const HIGH: Rule = Rule::new(
    "docs, Replication",
    "The high watermark is the lowest log end among the in-sync replicas. What is below it is committed.",
);
const EXPAND: Rule =
    Rule::new("docs, Replication", "A follower that has caught up with the high watermark is in sync again.");
const SHRINK: Rule = Rule::new(
    "docs, replica.lag.time.max",
    "A follower that has not caught up for this long is taken out of the in-sync replicas.",
);
const IN_STEP: Rule = Rule::new("docs, Replication", "All in-sync replicas have caught up of late.");
/// What a leader knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Leading {
    /// The in-sync replicas by the metadata, and the version of those.
    pub isr: NodeSet,
    pub version: u64,
    /// Those that may be in sync already, because it has proposed so.
    pub maybe: NodeSet,
    /// Where its epoch began.
    pub began: u64,
    /// The log ends of followers, its own end when they last fetched, and how often they were found to lag since.
    pub ends: Map<NodeId, u64>,
    pub seen: Map<NodeId, u64>,
    pub lags: Map<NodeId, u64>,
    /// Followers and consumers whose fetches wait for news, and the high watermark that was last told to each.
    pub parked: Map<NodeId, u64>,
    pub told: Map<NodeId, u64>,
    /// Records that are acknowledged once they are committed, and to whom.
    pub waiting: Vec<(u64, NodeId, (Origin, u64))>,
}

impl Broker {
    pub(super) fn produce(
        &mut self,
        from: NodeId,
        partition: Partition,
        entry: Entry,
        (wants_answer, correlation): (bool, u64),
        ctx: &mut Ctx<Kafka>,
    ) {
        let params = ctx.params();
        // Transactions always ask for all.
        let acks = if partition.is_read() { params.acks } else { Acks::All };
        let (least, forgets) = (params.min_isr as usize, params.bugs.forgets_producers);
        let idempotent = params.idempotent || !partition.is_read();
        let origin = entry.origin;
        let answer = |result, ctx: &mut Ctx<Kafka>| {
            if wants_answer {
                ctx.send(from, Message::Produced { partition, origin, correlation, result });
            }
        };
        let Some(Part { replica, role: Role::Leader(leading), epoch }) = self.parts.get_mut(&partition)
        else {
            ctx.note(&WRONG_LEADER);
            answer(Err(Refusal::NotLeader), ctx);
            return;
        };
        if acks == Acks::All && leading.isr.len() < least {
            ctx.tell(&MIN_ISR, || format!("refuses {origin}: too few replicas of {partition} are in sync"));
            answer(Err(Refusal::NotEnoughReplicas), ctx);
            return;
        }
        let verdict = if idempotent { replica.judge(&entry, forgets) } else { Verdict::Append };
        let offset = match verdict {
            Verdict::Append => {
                let offset = replica.append(Entry { epoch: *epoch, ..entry });
                ctx.tell(&APPEND, || format!("appends {origin} to {partition} at offset {offset}"));
                offset
            }
            Verdict::Duplicate(offset) => {
                ctx.tell(&DEDUPE, || format!("has {origin} at offset {offset} already"));
                offset
            }
            Verdict::Refuse(why) => {
                ctx.tell(&SEQUENCE, || format!("refuses {origin}: {why}"));
                answer(Err(why), ctx);
                return;
            }
        };
        if acks == Acks::All && offset >= replica.now.high {
            if wants_answer {
                leading.waiting.push((offset, from, (origin, correlation)));
            }
        } else {
            answer(Ok(offset), ctx);
        }
        self.flush_later(partition, ctx);
        self.advance(partition, ctx);
        self.serve_parked(partition, ctx);
    }

    /// A follower, or a consumer, asks for records from an offset on.
    pub(super) fn fetched(
        &mut self,
        from: NodeId,
        (partition, epoch): (Partition, u32),
        offset: u64,
        follows: bool,
        ctx: &mut Ctx<Kafka>,
    ) {
        let durable = ctx.params().flush == 0;
        let Some(Part { replica, role: Role::Leader(leading), epoch: mine }) = self.parts.get_mut(&partition)
        else {
            ctx.note(&WRONG_LEADER);
            ctx.send(from, Message::NotLeader { partition });
            return;
        };
        if epoch != *mine {
            ctx.note(&WRONG_LEADER);
            ctx.send(from, Message::NotLeader { partition });
            return;
        }
        ctx.note(&HIGH);
        if follows {
            let before = leading.ends.get(&from).copied().unwrap_or(0);
            // What a follower has flushed it cannot lose, so an older fetch that is late says nothing.
            leading.ends.insert(from, if durable { offset.max(before) } else { offset });
            if offset >= leading.seen.get(&from).copied().unwrap_or(u64::MAX).min(replica.end()) {
                leading.lags.insert(from, 0);
            }
            leading.seen.insert(from, replica.end());
            let caught_up = offset >= replica.now.high && offset >= leading.began;
            if caught_up && !leading.isr.contains(from) && !leading.maybe.contains(from) {
                let mut isr = leading.isr.clone();
                isr.insert(from);
                ctx.tell(&EXPAND, || format!("finds {from} in sync again with {partition}"));
                leading.maybe.insert(from);
                let version = leading.version;
                ctx.send(CONTROLLER, Message::AlterPartition { partition, epoch, version, isr });
            }
            self.advance(partition, ctx);
        }
        let Some(Part { replica, role: Role::Leader(leading), .. }) = self.parts.get_mut(&partition) else {
            return;
        };
        let end = if follows { replica.end() } else { replica.now.high };
        let news = offset < end || (follows && leading.told.get(&from) != Some(&replica.now.high));
        // Whoever asks again may have missed the answer.
        if leading.parked.insert(from, offset).is_some() || news {
            self.serve(partition, from, offset, ctx);
        }
    }

    /// Sends records to a follower or a consumer whose fetch is parked.
    fn serve(&mut self, partition: Partition, to: NodeId, offset: u64, ctx: &mut Ctx<Kafka>) {
        let (follows, most) = (ctx.params().is_broker(to), ctx.params().batch);
        let Some(Part { replica, role: Role::Leader(leading), epoch }) = self.parts.get_mut(&partition)
        else {
            return;
        };
        leading.parked.remove(&to);
        let high = replica.now.high;
        let start = replica.now.start;
        let from = if follows { offset } else { offset.max(start) };
        let end = if follows { replica.end() } else { high.min(from.saturating_add(most)) };
        let mut records = replica.between(from, end);
        // A deleted record still has its place.
        let deleted = records.iter_mut().filter(|(offset, _)| *offset < start);
        deleted.for_each(|(_, entry)| entry.body = Body::Cleaned);
        leading.told.insert(to, high);
        let (epoch, next) = (*epoch, end.max(from));
        ctx.send(to, Message::Records { partition, epoch, from, next, start, high, records });
    }

    /// Answers the parked fetches for which there is something new.
    fn serve_parked(&mut self, partition: Partition, ctx: &mut Ctx<Kafka>) {
        let Some(Part { replica, role: Role::Leader(leading), .. }) = self.parts.get(&partition) else {
            return;
        };
        let params = ctx.params();
        let (end, high) = (replica.end(), replica.now.high);
        let parked = leading.parked.iter().map(|(node, offset)| (*node, *offset));
        let news = |(node, offset): &(NodeId, u64)| match params.is_broker(*node) {
            true => *offset < end || leading.told.get(node) != Some(&high),
            false => *offset < high,
        };
        let parked: Vec<_> = parked.filter(news).collect();
        for (node, offset) in parked {
            self.serve(partition, node, offset, ctx);
        }
    }

    /// Raises the high watermark as far as the in-sync replicas have come, and acknowledges what is committed by that.
    pub(super) fn advance(&mut self, partition: Partition, ctx: &mut Ctx<Kafka>) {
        let (me, least) = (ctx.me(), ctx.params().min_isr as usize);
        let Some(Part { replica, role: Role::Leader(leading), .. }) = self.parts.get_mut(&partition) else {
            return;
        };
        let end = |node: NodeId| match node == me {
            true => replica.end(),
            false => leading.ends.get(&node).copied().unwrap_or(0),
        };
        let all = leading.isr.iter().chain(leading.maybe.iter());
        let high = all.map(end).fold(replica.end(), u64::min);
        if !replica.raise(high) {
            return;
        }
        let high = replica.now.high;
        ctx.remark(&HIGH, || format!("raises the high watermark of {partition} to {high}"));
        ctx.output(Output::Exposed(partition, high));
        let enough = leading.isr.len() >= least;
        let waiting = std::mem::take(&mut leading.waiting);
        for (offset, producer, (origin, correlation)) in waiting {
            if offset < high {
                let result = if enough { Ok(offset) } else { Err(Refusal::NotEnoughReplicas) };
                ctx.send(producer, Message::Produced { partition, origin, correlation, result });
            } else {
                leading.waiting.push((offset, producer, (origin, correlation)));
            }
        }
        self.serve_parked(partition, ctx);
    }

    /// Takes followers that lag out of the in-sync replicas.
    pub(super) fn look_for_lag(&mut self, ctx: &mut Ctx<Kafka>) {
        let me = ctx.me();
        let lag = ctx.params().lag / 2;
        ctx.set(Timer::Lag, lag);
        ctx.note(&IN_STEP);
        for (partition, part) in self.parts.iter() {
            let (partition, epoch) = (*partition, part.epoch);
            let Role::Leader(leading) = &part.role else { continue };
            let lags = |node: NodeId| node != me && leading.lags.get(&node).copied().unwrap_or(0) > 1;
            let isr: NodeSet = leading.isr.iter().filter(|node| !lags(*node)).collect();
            if isr.len() < leading.isr.len() {
                ctx.tell(&SHRINK, || format!("finds that a replica of {partition} lags"));
            }
            // A proposal that was lost is made again. One that was refused may reach the controller once more, so the
            // leader waits for that replica until the controller has decided on a version without it.
            let isr: NodeSet = isr.iter().chain(leading.maybe.iter().filter(|node| !lags(*node))).collect();
            if isr != leading.isr || leading.maybe.iter().any(lags) {
                let version = leading.version;
                ctx.send(CONTROLLER, Message::AlterPartition { partition, epoch, version, isr });
            }
        }
        let others: Vec<_> = ctx.others().filter(|node| ctx.params().is_broker(*node)).collect();
        for part in self.parts.values_mut() {
            if let Role::Leader(leading) = &mut part.role {
                for node in &others {
                    *leading.lags.or_default(*node) += 1;
                }
            }
        }
    }

    pub(super) fn tell_end(
        &mut self,
        from: NodeId,
        (partition, epoch): (Partition, u32),
        asked: u32,
        ctx: &mut Ctx<Kafka>,
    ) {
        match self.parts.get(&partition) {
            Some(Part { replica, role: Role::Leader(_), epoch: mine }) if epoch == *mine => {
                let (last, end) = replica.end_of(asked);
                ctx.note(&super::follower::EPOCH_END);
                ctx.send(from, Message::EpochEnd { partition, epoch, asked, last, end });
            }
            _ => {
                ctx.note(&WRONG_LEADER);
                ctx.send(from, Message::NotLeader { partition });
            }
        }
    }
}
