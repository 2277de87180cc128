//! The controller: it holds the metadata and elects leaders. It stands for a `KRaft` quorum, and is assumed not to fail.

use super::group::{Group, Member, Stage};
use super::transaction::{Phase, Transaction};
use super::vocabulary::{Image, Leadership, Message, OUT, Output, Partition, Timer};
use super::{Guarantee, Kafka, Params, RETRY, Stable, TRANSACTION};
use faultline_core::prelude::*;
use std::rc::Rc;

const START: Rule = Rule::new("KIP-631", "The controller has the metadata in its log.");
const HEARD: Rule =
    Rule::new("KIP-631", "A broker that sends heartbeats is alive. It is sent newer metadata.");
const REGISTER: Rule =
    Rule::new("KIP-631", "A broker that has restarted registers again. It leads nothing as before.");
const FENCE: Rule = Rule::new(
    "KIP-631",
    "A broker whose session has expired is fenced: it leads no partition, and leaves each ISR of which it is not the last member.",
);
const ELECT: Rule = Rule::new("docs, Replication", "Only an in-sync replica that is alive is elected.");
const UNCLEAN: Rule = Rule::new(
    "docs, unclean.leader.election",
    "No in-sync replica is alive, so another replica becomes the leader. What that does not have is lost.",
);
const ALTER: Rule = Rule::new(
    "KIP-497",
    "The leader changes the in-sync replicas through the controller, version by version.",
);
const OBSOLETE: Rule = Rule::new("KIP-497", "This is of an earlier life, epoch or version, and is ignored.");

/// The controller.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Controller {
    pub(super) image: Rc<Image>,
    /// The life of each broker, and whether it is alive.
    pub(super) brokers: Map<NodeId, (u32, bool)>,
    pub(super) group: Group,
    pub(super) transactions: Map<NodeId, Transaction>,
}

impl Params {
    /// Whether a node is a broker. The controller is the first node, the brokers follow, then producers, then consumers.
    pub(super) fn is_broker(&self, node: NodeId) -> bool {
        (1..=self.brokers).contains(&u64::from(node.0))
    }

    /// All brokers.
    pub(super) fn all_brokers(&self) -> NodeSet {
        (1..=self.brokers as u32).map(NodeId).collect()
    }

    /// The metadata at first: the leaders are spread over the brokers.
    pub(super) fn first_image(&self) -> Image {
        let mut partitions = Map::default();
        let out = (self.guarantee == Guarantee::ProcessedOnce).then_some(OUT);
        for (place, partition) in (0..).zip((0..self.partitions as u32).map(Partition).chain(out)) {
            let leader = Some(NodeId(1 + place % self.brokers as u32));
            partitions
                .insert(partition, Leadership { leader, epoch: 1, isr: self.all_brokers(), version: 1 });
        }
        Image { version: 1, partitions }
    }
}

impl Controller {
    pub(super) fn start(stable: Stable, ctx: &mut Ctx<Kafka>) -> Self {
        ctx.note(&START);
        let mut controller = stable.controller.map_or_else(Controller::default, |it| *it);
        if controller.image.version == 0 {
            controller.image = Rc::new(ctx.params().first_image());
            for broker in ctx.params().all_brokers().iter() {
                controller.brokers.insert(broker, (1, true));
            }
        }
        let session = ctx.params().session;
        for node in controller.brokers.keys().chain(controller.group.members.keys()) {
            ctx.set(Timer::Session(*node), session);
        }
        if controller.group.stage == Stage::Preparing {
            ctx.set(Timer::Rebalance, session);
        }
        for (producer, it) in controller.transactions.iter().filter(|(_, it)| it.phase != Phase::Empty) {
            let (timer, delay) = match it.phase {
                Phase::Ongoing => (Timer::Transaction(*producer), TRANSACTION),
                _ => (Timer::Marker(*producer), RETRY),
            };
            ctx.set(timer, delay);
        }
        controller
    }

    pub(super) fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Kafka>) {
        match message {
            Message::BrokerHeartbeat { boot, version } => self.hear(from, boot, version, ctx),
            Message::FetchMetadata => {
                ctx.note(&HEARD);
                ctx.send(from, Message::Metadata(self.image.clone()));
            }
            Message::AlterPartition { partition, epoch, version, isr } => {
                self.alter(from, partition, (epoch, version), isr, ctx);
            }
            Message::Produced { origin, result, .. } => self.marked(origin, result.is_ok(), ctx),
            // The group.
            Message::Join { request, generation, owned, kept } => {
                self.join(from, Member { request, joined: true, owned, kept }, generation, ctx);
            }
            Message::Sync { generation, assignment } => self.sync(from, generation, assignment, ctx),
            Message::GroupHeartbeat { generation } => self.beat(from, generation, ctx),
            Message::OffsetCommit { generation, partition, offset } => {
                self.commit_offset(from, generation, (partition, offset), ctx);
            }
            Message::OffsetFetch { request, partition } => self.tell_offset(from, request, partition, ctx),
            // Transactions.
            Message::InitProducer { request } => self.init_producer(from, request, ctx),
            Message::AddPartitions { epoch } => self.begin(from, epoch, ctx),
            Message::AddOffset { epoch, generation, partition, offset } => {
                self.add_offset(from, (epoch, generation), (partition, offset), ctx);
            }
            Message::EndTransaction { epoch, commits } => self.end_transaction(from, epoch, commits, ctx),
            _ => ctx.note(&OBSOLETE),
        }
    }

    pub(super) fn on_timer(&mut self, timer: &Timer, ctx: &mut Ctx<Kafka>) {
        match timer {
            Timer::Session(broker) if ctx.params().is_broker(*broker) => self.fence(*broker, ctx),
            Timer::Session(member) => self.expel(*member, ctx),
            Timer::Rebalance => self.close(ctx),
            Timer::Transaction(producer) => self.time_out(*producer, ctx),
            Timer::Marker(producer) => self.mark_again(*producer, ctx),
            _ => ctx.note(&OBSOLETE),
        }
    }

    fn is_alive(&self, broker: NodeId) -> bool {
        self.brokers.get(&broker).is_some_and(|(_, alive)| *alive)
    }

    fn hear(&mut self, broker: NodeId, boot: u32, version: u64, ctx: &mut Ctx<Kafka>) {
        let (known, alive) = self.brokers.get(&broker).copied().unwrap_or_default();
        if boot < known {
            return ctx.note(&OBSOLETE);
        }
        self.brokers.insert(broker, (boot, true));
        let session = ctx.params().session;
        ctx.set(Timer::Session(broker), session);
        ctx.note(&HEARD);
        if boot > known || !alive {
            ctx.tell(&REGISTER, || format!("registers {broker}"));
            let concerned = |it: &Leadership| it.leader.is_none() || it.leader == Some(broker);
            self.elect_where(&concerned, (boot > known).then_some(broker), ctx);
        }
        if version < self.image.version || boot > known {
            ctx.send(broker, Message::Metadata(self.image.clone()));
        }
    }

    fn fence(&mut self, broker: NodeId, ctx: &mut Ctx<Kafka>) {
        let Some(known) = self.brokers.get_mut(&broker) else { return };
        known.1 = false;
        ctx.tell(&FENCE, || format!("has not heard from {broker} and fences it"));
        let (mut shrinks, version) = (false, self.image.version);
        for (partition, it) in Rc::make_mut(&mut self.image).partitions.iter_mut() {
            if it.isr.len() > 1 && it.isr.contains(broker) {
                shrinks = true;
                it.version += 1;
                it.set_isr(it.isr.iter().filter(|node| *node != broker).collect(), *partition, ctx);
            }
        }
        self.elect_where(&|it| it.leader == Some(broker), None, ctx);
        if shrinks && self.image.version == version {
            self.publish(ctx);
        }
    }

    /// Elects a leader for each of these partitions, with a new epoch; one that has restarted only if nobody else can lead.
    fn elect_where(
        &mut self,
        concerned: &dyn Fn(&Leadership) -> bool,
        restarted: Option<NodeId>,
        ctx: &mut Ctx<Kafka>,
    ) {
        let unclean = ctx.params().unclean || ctx.params().bugs.elects_any_replica;
        let alive: Vec<_> = self.brokers.keys().copied().filter(|broker| self.is_alive(*broker)).collect();
        let mut changes = false;
        let all = Rc::make_mut(&mut self.image).partitions.iter_mut().enumerate();
        for (place, (partition, it)) in all.filter(|(_, (_, it))| concerned(it)) {
            let preferred = alive.iter().cycle().skip(place % alive.len().max(1)).take(alive.len()).copied();
            let in_sync: Vec<_> = preferred.clone().filter(|broker| it.isr.contains(*broker)).collect();
            let other = in_sync.iter().find(|broker| Some(**broker) != restarted);
            let clean = other.or(in_sync.first()).copied();
            let leader = clean.or(preferred.clone().next().filter(|_| unclean));
            if leader.is_none() && it.leader.is_none() {
                continue;
            }
            changes = true;
            it.leader = leader;
            it.epoch += 1;
            it.version += 1;
            let epoch = it.epoch;
            match leader {
                Some(leader) if clean.is_none() => {
                    ctx.tell(&UNCLEAN, || {
                        format!("lets {leader} lead {partition} in epoch {epoch}, out of sync")
                    });
                    it.set_isr([leader].into_iter().collect(), *partition, ctx);
                }
                Some(leader) => {
                    ctx.tell(&ELECT, || format!("elects {leader} for {partition}, epoch {epoch}"));
                }
                None => ctx.tell(&ELECT, || format!("finds nobody who may lead {partition}")),
            }
        }
        if changes {
            self.publish(ctx);
        }
    }

    fn alter(
        &mut self,
        from: NodeId,
        partition: Partition,
        (epoch, version): (u32, u64),
        isr: NodeSet,
        ctx: &mut Ctx<Kafka>,
    ) {
        let alive = isr.iter().all(|node| self.is_alive(node));
        let Some(it) = Rc::make_mut(&mut self.image).partitions.get_mut(&partition) else { return };
        let current = it.leader == Some(from) && it.epoch == epoch && it.version == version;
        if !current || !alive || !isr.contains(from) {
            ctx.note(&OBSOLETE);
            ctx.send(from, Message::Metadata(self.image.clone()));
            return;
        }
        ctx.tell(&ALTER, || format!("changes the ISR of {partition} to {}", super::words::nodes(&isr)));
        it.set_isr(isr, partition, ctx);
        it.version += 1;
        self.publish(ctx);
    }

    /// Sends the new metadata to all brokers; clients ask for them.
    fn publish(&mut self, ctx: &mut Ctx<Kafka>) {
        Rc::make_mut(&mut self.image).version += 1;
        for broker in ctx.params().all_brokers().iter() {
            ctx.send(broker, Message::Metadata(self.image.clone()));
        }
    }
}

impl Leadership {
    fn set_isr(&mut self, isr: NodeSet, partition: Partition, ctx: &mut Ctx<Kafka>) {
        let shrinks = self.isr.iter().any(|node| !isr.contains(node));
        ctx.output(Output::InSync(partition, isr.len() as u64, shrinks));
        self.isr = isr;
    }
}
