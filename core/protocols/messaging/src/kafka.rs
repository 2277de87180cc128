//! # Kafka (Kreps, Narkhede, Rao 2011; Apache Kafka 3.7)
//!
//! A topic is a set of *partitions*, and a partition is a log. Producers append records, and the key of a
//! record chooses its partition. A record keeps its offset for ever. Consumers pull, and remember by an
//! offset how far they have come; so a broker keeps nothing of them, and several groups may read the same
//! log.
//!
//! **Replication.** Each partition has a leader, which takes all writes; followers fetch from it. The
//! replicas that have kept up are *in sync* (ISR). What all of them have is below the *high watermark*: it is
//! committed, and only that is read by consumers. A follower that lags leaves the ISR, so the others go on.
//! Why it is right: only an in-sync replica is elected, and it has every committed record. Each leader writes
//! in an epoch of its own. A follower that finds another leader asks where its last epoch ends there, and
//! cuts off what it has beyond (KIP-101). Before that rule it cut off at its own high watermark, which is
//! behind the leader's, and committed records were lost.
//!
//! | acks | acknowledged once the record is | lost if |
//! |---|---|---|
//! | zero | sent | the message is lost or refused, or as with acks one |
//! | one | in the log of the leader | another broker leads before it has fetched the record |
//! | all | in the logs of all in-sync replicas, `min.insync.replicas` at least | an election is unclean, or one that lost its page cache is elected |
//!
//! **Groups.** The members of a group divide the partitions. When members come or go, all join again, and one
//! of them, the leader of the group, assigns the partitions for a new *generation*. Offsets of an earlier
//! generation are refused, so a zombie that was taken out cannot commit. With a cooperative assignor a member
//! goes on reading while it joins, and a partition that moves is given away one generation after its owner
//! has given it up (KIP-429).
//!
//! | guarantee | order of steps | a crash between them |
//! |---|---|---|
//! | at-most-once | commit the offset, then process | loses the batch |
//! | at-least-once | process, then commit the offset | repeats the batch |
//! | processed-once | results and offset in one transaction | aborts the transaction, and its results are never read |
//!
//! Why that is right: an *idempotent* producer numbers its records, and the numbers are in the log, so every
//! later leader recognises a record that is sent again (KIP-98). A broker remembers the last five numbers, so
//! a producer never sends a record five numbers ahead of its first unacknowledged one (KAFKA-5494). The
//! coordinator of transactions writes the outcome down before it sends the markers, and raises the epoch of
//! the producer, which fences all that is late (KIP-890). Offsets join a transaction only in their generation (KIP-447).
//!
//! **Compaction.** A log whose old records are not deleted by age may be compacted: of each key, the last record is
//! kept, at its offset. A record without a value is a *tombstone*. It deletes its key, and goes itself one
//! compaction later.
//!
//! Where it hurts: *exactly once* holds from Kafka into Kafka. What a consumer does outside (a mail, a
//! payment) no transaction takes back. A hot key has one partition, so one consumer. Order is kept within a
//! partition only. And acks all asks for no flush: a replica that loses its power loses what it had in
//! memory, and may be elected all the same, because it is still in sync.
//!
//! **Versions:** the rules are those of the documentation of Apache Kafka 3.7 ("docs"), with the classic
//! group protocol; KIP-N is a Kafka improvement proposal. The epoch that grows with every transaction
//! (KIP-890) came with 4.0. KIP-848, which moves the assignment to the coordinator, is not here, nor are
//! KIP-903, which keeps a replica that has restarted since from joining the ISR, and KIP-966.
//!
//! **Liberties:** the controller stands for a `KRaft` quorum and is assumed not to fail; it is also the
//! coordinator of the group and of transactions, and its disk stands for `__consumer_offsets` and
//! `__transaction_state`. Clients ask it for metadata. The life of a client is counted on its disk, in place
//! of a producer id and a member id that a server gives; so a consumer that restarts takes the place of its
//! earlier life at once, and a late record of a producer's earlier life is refused. Kafka appends that, unless
//! the producer has transactions. A member that joins with partitions of an earlier generation is refused
//! once; in Kafka the assignor ignores what it says it owns (KIP-792). Leader epochs are read from the
//! records, in place of a checkpoint file. A compacted record leaves its sequence number in place. A
//! tombstone is kept for one compaction, in place of `delete.retention.ms`; as in Kafka, a replica or a
//! consumer that lags for longer does not hear of the delete, and keeps the old value. A late commit of an
//! offset that is lower changes nothing. Messages overtake each other here, and not in a TCP connection; so
//! a leader that knows nothing of a producer expects number 0. Kafka 3.7 takes any number from a producer
//! that it does not know.
//!
//! **What this file leaves out:** batches of producers (only the results of a transaction are one), and
//! compression; several topics and groups; reassignment, and preferred leaders; retention by time; keyless
//! records and the sticky partitioner; transactions over several partitions; a reader of the results (the
//! claims read for it); reads from followers; quotas; tiered storage. A consumer does not find out that an
//! unclean election has cut off records that it has read (KIP-320, `auto.offset.reset`): it waits at its
//! position until the log is that long.

use faultline_core::prelude::*;
use std::fmt::{self, Display};

pub mod assign;
mod broker;
mod claims;
pub mod compaction;
mod consumer;
mod controller;
mod follower;
mod group;
mod leader;
pub mod murmur;
mod partition;
mod producer;
mod record;
mod title;
mod transaction;
mod vocabulary;
mod words;
mod worker;

use assign::Assignor;
use broker::Broker;
use consumer::Consumer;
use controller::Controller;
use partition::Disk;
use producer::Producer;
pub use vocabulary::{Input, Message, Output, Partition, Timer};

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The number of brokers. Each has a replica of every partition.
    #[setting(default = 3, bounds = 1..=5)]
    pub brokers: u64,
    /// The number of producers.
    #[setting(default = 1, bounds = 0..=4)]
    pub producers: u64,
    /// The number of partitions of the topic.
    #[setting(default = 2, bounds = 1..=6)]
    pub partitions: u64,
    /// When a record is acknowledged: never (zero), by the leader (one), or once all in-sync replicas have it.
    #[setting(default = Acks::All)]
    pub acks: Acks,
    /// `min.insync.replicas`: with acks all, a leader refuses records while fewer replicas are in sync.
    #[setting(default = 2, bounds = 1..=5)]
    pub min_isr: u64,
    /// `unclean.leader.election.enable`: whether a replica that is not in sync may lead if no other can.
    pub unclean: bool,
    /// `enable.idempotence`: whether brokers recognise a record that is sent again by its sequence number.
    #[setting(default = true)]
    pub idempotent: bool,
    /// `max.in.flight.requests`: how many records of a producer may wait for their acknowledgement, in each partition. With
    /// idempotence, these have consecutive numbers.
    #[setting(default = 5, bounds = 1..=5)]
    pub in_flight: u64,
    /// What a crash of a consumer does to the records that it works on: they are lost, repeated, or processed once.
    #[setting(default = Guarantee::AtLeastOnce)]
    pub guarantee: Guarantee,
    /// How the partitions are divided among the consumers, and whether those go on reading meanwhile.
    #[setting(default = Assignor::Range)]
    pub assignor: Assignor,
    /// How long a consumer takes to process a record. With processed-once, only writing the result takes time.
    #[setting(default = 10ms, bounds = 0s..=10s)]
    pub work: Micros,
    /// `max.poll.records`: how many records a consumer receives and processes at a time.
    #[setting(default = 2, bounds = 1..=9)]
    pub batch: u64,
    /// What brokers delete: nothing, old records, or records whose key has a later value.
    #[setting(default = Cleanup::Keep)]
    pub cleanup: Cleanup,
    /// How many records a segment has. The last, active one is neither deleted nor compacted.
    #[setting(default = 3, bounds = 1..=100)]
    pub segment: u64,
    /// With cleanup delete: how many records a partition keeps at least.
    #[setting(default = 6, bounds = 0..=1000)]
    pub retention: u64,
    /// `replica.lag.time.max`: how long a follower may lag until it is taken out of the in-sync replicas.
    #[setting(default = 100ms, bounds = 60ms..=60s)]
    pub lag: Micros,
    /// How long brokers and consumers may be silent until they are given up.
    #[setting(default = 150ms, bounds = 50ms..=60s)]
    pub session: Micros,
    /// How long a record may be in the page cache of a broker before it is on disk. A crash loses what is not on disk.
    #[setting(default = 0s, bounds = 0s..=60s)]
    pub flush: Micros,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// When a record is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Acks {
    Zero,
    One,
    All,
}

/// What a crash of a consumer does to the records that it works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Guarantee {
    AtMostOnce,
    AtLeastOnce,
    ProcessedOnce,
}

/// What brokers delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Cleanup {
    Keep,
    Delete,
    Compact,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A follower cuts off its log at its own high watermark, as before KIP-101. It does not ask the leader.
    pub truncates_to_high_watermark: bool,
    /// The controller elects any replica that is alive, although unclean election is off.
    pub elects_any_replica: bool,
    /// A new leader does not know which sequence numbers of producers are in its log.
    pub forgets_producers: bool,
    /// The leader of the group gives a partition away although its owner has not given it up.
    #[twin(shows_with = ["set assignor cooperative"])]
    pub assigns_at_once: bool,
    /// A consumer commits the offset of what it has polled, and processes it afterwards.
    pub auto_commits: bool,
    /// A consumer processes records without waiting for the commit of their offset.
    #[twin(shows_with = ["set guarantee at-most-once"])]
    pub commits_in_passing: bool,
    /// The coordinator does not ask to which generation offsets in a transaction belong.
    #[twin(shows_with = ["set guarantee processed-once"])]
    pub trusts_zombies: bool,
    /// Compaction moves together what it keeps, so that offsets change.
    #[twin(shows_with = ["set cleanup compact"])]
    pub renumbers: bool,
    /// A producer sends on although its first unacknowledged record is so old that the leader forgets its number.
    pub sends_ahead: bool,
}

/// What is on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    /// How often the node has booted, but for the controller.
    boot: u32,
    /// Of a broker: its replicas.
    disks: Map<Partition, Disk>,
    /// Of the controller: all that it knows.
    controller: Option<Box<Controller>>,
}

/// A node: the controller, which is the first, then brokers, producers and consumers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Kafka {
    Controller(Controller),
    Broker(Broker),
    Producer(Producer),
    Consumer(Consumer),
}

/// The node that is the controller.
const CONTROLLER: NodeId = NodeId(0);
/// How often brokers and members of the group say that they are alive.
const HEARTBEAT: Micros = 40_000;
/// How long a follower waits for an answer to its fetch before it fetches again.
const FETCH: Micros = 40_000;
/// How long a producer waits for an acknowledgement.
const RETRY: Micros = 80_000;
/// How long the coordinator of a group that was empty waits for more members.
const GROUP_DELAY: Micros = 30_000;
/// `transaction.timeout`: how long a transaction may take.
const TRANSACTION: Micros = 400_000;
/// How often brokers look for what they need not keep.
const CLEAN: Micros = 100_000;

const ROLES: Rule = Rule::new("problem", "Only producers are asked for something.");

impl Node for Kafka {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let me = ctx.me();
        if me == CONTROLLER {
            Kafka::Controller(Controller::start(stable, ctx))
        } else if ctx.params().is_broker(me) {
            Kafka::Broker(Broker::start(&stable, ctx))
        } else if u64::from(me.0) <= ctx.params().brokers + ctx.params().producers {
            Kafka::Producer(Producer::start(&stable, ctx))
        } else {
            Kafka::Consumer(Consumer::start(&stable, ctx))
        }
    }

    fn stable(&self) -> Stable {
        match self {
            Kafka::Controller(it) => Stable { controller: Some(Box::new(it.clone())), ..Stable::default() },
            Kafka::Broker(it) => Stable { boot: it.boot, disks: it.disks(), ..Stable::default() },
            Kafka::Producer(it) => Stable { boot: it.epoch, ..Stable::default() },
            Kafka::Consumer(it) => Stable { boot: it.boot, ..Stable::default() },
        }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (self, input) {
            (Kafka::Producer(it), Input::Send(key, value)) => it.send(key, Some(value), ctx),
            (Kafka::Producer(it), Input::Delete(key)) => it.send(key, None, ctx),
            _ => ctx.note(&ROLES),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match self {
            Kafka::Controller(it) => it.on_message(from, message, ctx),
            Kafka::Broker(it) => it.on_message(from, message, ctx),
            Kafka::Producer(it) => it.on_message(from, message, ctx),
            Kafka::Consumer(it) => it.on_message(from, message, ctx),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match self {
            Kafka::Controller(it) => it.on_timer(&timer, ctx),
            Kafka::Broker(it) => it.on_timer(&timer, ctx),
            Kafka::Producer(it) => it.retry(ctx),
            Kafka::Consumer(it) => it.on_timer(&timer, ctx),
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self {
            Kafka::Producer(it) => it.inputs(),
            _ => Vec::new(),
        }
    }

    fn card(&self) -> Card {
        words::card(self)
    }
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(controller) = &self.controller {
            let (version, generation) = (controller.image.version, controller.group.generation);
            write!(out, "metadata {version}, generation {generation}")?;
            for (partition, offset) in controller.group.offsets.iter() {
                write!(out, ", {partition} offset {offset}")?;
            }
            return Ok(());
        }
        write!(out, "boot {}", self.boot)?;
        for (partition, disk) in self.disks.iter() {
            write!(out, ", {partition} {} records, high watermark {}", disk.log.len(), disk.high)?;
        }
        Ok(())
    }
}
