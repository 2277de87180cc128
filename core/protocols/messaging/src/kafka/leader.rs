//! What a broker does as the leader of a partition.

use super::broker::{Broker, Part, Role};
use super::partition::{Body, Entry, Origin, Replica, Verdict};
use super::vocabulary::{Message, Output, Refusal, Request, Timer};
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
const EPOCH_END: Rule = Rule::new(
    "KIP-279",
    "The leader names its last epoch up to the one that is asked for, and the offset where that ends.",
);

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
    /// The followers and consumers of whom it knows.
    pub peers: Map<NodeId, Peer>,
    /// Records that are acknowledged once they are committed, and to whom.
    pub waiting: Vec<(u64, NodeId, (Origin, Request))>,
}

/// What a leader knows of a follower, or of a consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Peer {
    /// Of a follower: its log end, the leader's own end when it last fetched, and how often it was found to lag since.
    pub end: u64,
    pub seen: Option<u64>,
    lags: u64,
    /// The offset of its fetch, if that waits for news, and the high watermark that it was last told.
    pub parked: Option<u64>,
    told: Option<u64>,
}

impl Leading {
    fn lags(&self, node: NodeId) -> bool {
        self.peers.get(&node).is_some_and(|peer| peer.lags > 1)
    }
}

impl Part {
    /// A client sends a record, or a batch of results. A batch is appended and copied as a whole, so its first record tells whether
    /// it is there and whether it is committed.
    pub(super) fn produce(
        &mut self,
        from: NodeId,
        entries: &[Entry],
        request: Option<Request>,
        ctx: &mut Ctx<Kafka>,
    ) {
        let Some(first) = entries.first() else { return ctx.note(&APPEND) };
        let (partition, params, origin) = (self.name, ctx.params(), first.origin);
        // Transactions always ask for all.
        let acks = if partition.is_read() { params.acks } else { Acks::All };
        let (least, forgets) = (params.min_isr as usize, params.bugs.forgets_producers);
        let idempotent = params.idempotent || !partition.is_read();
        let answer = |result, ctx: &mut Ctx<Kafka>| {
            if let Some(request) = request {
                ctx.send(from, Message::Produced { partition, origin, request, result });
            }
        };
        let (replica, Role::Leader(leading)) = (&mut self.replica, &mut self.role) else {
            ctx.note(&WRONG_LEADER);
            return answer(Err(Refusal::NotLeader), ctx);
        };
        if acks == Acks::All && leading.isr.len() < least {
            ctx.tell(&MIN_ISR, || format!("refuses {origin}: too few replicas of {partition} are in sync"));
            return answer(Err(Refusal::NotEnoughReplicas), ctx);
        }
        let verdict = if idempotent { replica.judge(first, forgets) } else { Verdict::Append };
        let offset = match verdict {
            Verdict::Append => {
                let offset = replica.end();
                for entry in entries {
                    replica.append(Entry { epoch: self.epoch, ..*entry });
                }
                ctx.tell(&APPEND, || format!("appends {origin} to {partition} at offset {offset}"));
                offset
            }
            Verdict::Duplicate(offset) => {
                ctx.tell(&DEDUPE, || format!("has {origin} at offset {offset} already"));
                offset
            }
            Verdict::Refuse(why) => {
                ctx.tell(&SEQUENCE, || format!("refuses {origin}: {why}"));
                return answer(Err(why), ctx);
            }
        };
        if acks == Acks::All && offset >= replica.now.high {
            leading.waiting.extend(request.map(|request| (offset, from, (origin, request))));
        } else {
            answer(Ok(offset), ctx);
        }
        self.advance(ctx);
        self.serve_parked(ctx);
    }

    fn refuse(&self, to: NodeId, ctx: &mut Ctx<Kafka>) {
        ctx.note(&WRONG_LEADER);
        ctx.send(to, Message::NotLeader { partition: self.name });
    }

    /// A follower, or a consumer, asks for records from an offset on.
    pub(super) fn fetched(&mut self, from: NodeId, epoch: u32, offset: u64, ctx: &mut Ctx<Kafka>) {
        let (partition, follows) = (self.name, ctx.params().is_broker(from));
        let (replica, leading) = match (&self.replica, &mut self.role) {
            (replica, Role::Leader(leading)) if epoch == self.epoch => (replica, leading),
            _ => return self.refuse(from, ctx),
        };
        ctx.note(&HIGH);
        if follows {
            let peer = leading.peers.or_default(from);
            // What a follower has flushed it cannot lose, so an older fetch that is late says nothing.
            peer.end = if ctx.params().flush == 0 { offset.max(peer.end) } else { offset };
            if offset >= peer.seen.unwrap_or(u64::MAX).min(replica.end()) {
                peer.lags = 0;
            }
            peer.seen = Some(replica.end());
            let caught_up = offset >= replica.now.high && offset >= leading.began;
            if caught_up && !leading.isr.contains(from) && !leading.maybe.contains(from) {
                let (mut isr, version) = (leading.isr.clone(), leading.version);
                isr.insert(from);
                ctx.tell(&EXPAND, || format!("finds {from} in sync again with {partition}"));
                leading.maybe.insert(from);
                ctx.send(CONTROLLER, Message::AlterPartition { partition, epoch, version, isr });
            }
            self.advance(ctx);
        }
        let Role::Leader(leading) = &mut self.role else { return };
        let peer = leading.peers.or_default(from);
        let news = self.replica.has_news(peer, offset, follows);
        // A node that asks again may have missed the answer.
        if peer.parked.replace(offset).is_some() || news {
            self.serve(from, offset, ctx);
        }
    }

    /// Sends records to a follower or a consumer whose fetch is parked.
    fn serve(&mut self, to: NodeId, offset: u64, ctx: &mut Ctx<Kafka>) {
        let (partition, epoch, replica) = (self.name, self.epoch, &self.replica);
        let (high, start) = (replica.now.high, replica.now.start);
        let (from, end) = match ctx.params().is_broker(to) {
            true => (offset, replica.end()),
            false => (offset.max(start), high.min(offset.max(start).saturating_add(ctx.params().batch))),
        };
        let mut records = replica.between(from, end);
        // A deleted record still has its place.
        let deleted = records.iter_mut().filter(|(offset, _)| *offset < start);
        deleted.for_each(|(_, entry)| entry.body = Body::Cleaned);
        if let Role::Leader(leading) = &mut self.role {
            let peer = leading.peers.or_default(to);
            (peer.parked, peer.told) = (None, Some(high));
        }
        let next = end.max(from);
        ctx.send(to, Message::Records { partition, epoch, from, next, start, high, records });
    }

    /// Answers the parked fetches for which there is something new.
    fn serve_parked(&mut self, ctx: &mut Ctx<Kafka>) {
        let Role::Leader(leading) = &self.role else { return };
        let parked = leading.peers.iter().filter_map(|(node, peer)| {
            let offset = peer.parked?;
            let news = self.replica.has_news(peer, offset, ctx.params().is_broker(*node));
            news.then_some((*node, offset))
        });
        for (node, offset) in parked.collect::<Vec<_>>() {
            self.serve(node, offset, ctx);
        }
    }

    /// Raises the high watermark as far as the in-sync replicas have come, and acknowledges what is committed by that.
    pub(super) fn advance(&mut self, ctx: &mut Ctx<Kafka>) {
        let (partition, me, least) = (self.name, ctx.me(), ctx.params().min_isr as usize);
        let Role::Leader(leading) = &mut self.role else { return };
        let others = leading.isr.iter().chain(leading.maybe.iter()).filter(|node| *node != me);
        let ends = others.map(|node| leading.peers.get(&node).map_or(0, |peer| peer.end));
        if !self.replica.raise(ends.fold(self.replica.end(), u64::min)) {
            return;
        }
        let high = self.replica.now.high;
        ctx.remark(&HIGH, || format!("raises the high watermark of {partition} to {high}"));
        ctx.output(Output::Exposed(partition, high));
        let enough = leading.isr.len() >= least;
        let (committed, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut leading.waiting).into_iter().partition(|(offset, ..)| *offset < high);
        leading.waiting = waiting;
        for (offset, producer, (origin, request)) in committed {
            let result = if enough { Ok(offset) } else { Err(Refusal::NotEnoughReplicas) };
            ctx.send(producer, Message::Produced { partition, origin, request, result });
        }
        self.serve_parked(ctx);
    }

    /// Proposes the in-sync replicas without the followers that lag.
    fn drop_laggards(&mut self, ctx: &mut Ctx<Kafka>) {
        let (partition, epoch, me) = (self.name, self.epoch, ctx.me());
        let Role::Leader(leading) = &mut self.role else { return };
        let in_step = |set: &NodeSet| set.iter().filter(|node| !leading.lags(*node)).collect::<NodeSet>();
        let (isr, maybe) = (in_step(&leading.isr), in_step(&leading.maybe));
        if isr.len() < leading.isr.len() {
            ctx.tell(&SHRINK, || format!("finds that a replica of {partition} lags"));
        }
        // A proposal that was lost is made again. One that was refused may reach the controller once more, so the
        // leader waits for that replica until the controller has decided on a version without it.
        let proposed: NodeSet = isr.iter().chain(maybe.iter()).collect();
        if proposed != leading.isr || maybe != leading.maybe {
            let version = leading.version;
            ctx.send(CONTROLLER, Message::AlterPartition { partition, epoch, version, isr: proposed });
        }
        for node in ctx.params().all_brokers().iter().filter(|node| *node != me) {
            leading.peers.or_default(node).lags += 1;
        }
    }

    /// Says where an epoch ends in its log.
    pub(super) fn tell_end(&self, to: NodeId, epoch: u32, asked: u32, ctx: &mut Ctx<Kafka>) {
        if epoch != self.epoch || !matches!(self.role, Role::Leader(_)) {
            return self.refuse(to, ctx);
        }
        let (partition, (last, end)) = (self.name, self.replica.end_of(asked));
        ctx.note(&EPOCH_END);
        ctx.send(to, Message::EpochEnd { partition, epoch, asked, last, end });
    }
}

impl Replica {
    /// Whether there is something new, for a follower or a consumer that has all before an offset.
    fn has_news(&self, peer: &Peer, offset: u64, follows: bool) -> bool {
        let end = if follows { self.end() } else { self.now.high };
        offset < end || (follows && peer.told != Some(self.now.high))
    }
}

impl Broker {
    /// Takes followers that lag out of the in-sync replicas.
    pub(super) fn look_for_lag(&mut self, ctx: &mut Ctx<Kafka>) {
        let lag = ctx.params().lag / 2;
        ctx.set(Timer::Lag, lag);
        ctx.note(&IN_STEP);
        self.parts.values_mut().for_each(|part| part.drop_laggards(ctx));
    }
}
