//! What nodes tell each other, themselves and the application.

use super::partition::{Body, Entry, Origin};
use super::words;
use faultline_core::prelude::*;
use std::rc::Rc;

/// A partition of the topic, from 0, or [`OUT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub u32);

/// The one partition of the topic that consumers write their results to, with processed-once.
pub(super) const OUT: Partition = Partition(u32::MAX);

/// A key: `a` to `z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u8);

/// The number of a request, which its answer bears: the life of the client, or its generation in the group, and a number within
/// that. So a client knows what an answer is about, however late it comes.
pub(super) type Request = (u32, u64);

/// Records with their offsets.
pub(super) type Batch = Vec<(u64, Entry)>;

/// What the controller knows of a partition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leadership {
    /// Who leads; nobody while no replica may.
    pub leader: Option<NodeId>,
    /// Its leader epoch: it grows with every election.
    pub epoch: u32,
    /// The in-sync replicas.
    pub isr: NodeSet,
    /// It grows with every change.
    pub version: u64,
}

/// The metadata: who leads which partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Image {
    /// It grows with every change.
    pub version: u64,
    /// All partitions.
    pub partitions: Map<Partition, Leadership>,
}

/// Why a broker does not take a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[allow(missing_docs)]
pub enum Refusal {
    #[words("not the leader")]
    NotLeader,
    #[words("not enough replicas in sync")]
    NotEnoughReplicas,
    #[words("out of order sequence")]
    OutOfOrderSequence,
    #[words("old producer epoch")]
    InvalidProducerEpoch,
}

/// Why the coordinator turns a member away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[allow(missing_docs)]
pub enum GroupError {
    #[words("rebalance in progress")]
    RebalanceInProgress,
    #[words("illegal generation")]
    IllegalGeneration,
}

/// A member of the group as its leader hears of it: what it still reads while the group rebalances.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Membership {
    /// Which consumer.
    pub member: NodeId,
    /// What it owned before, and what of it it has kept.
    pub owned: Vec<Partition>,
    /// The last partitions that it was given, which a sticky assignor gives it again.
    pub kept: Vec<Partition>,
}

/// Who gets what.
pub(super) type Assignment = Map<NodeId, Vec<Partition>>;

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Message {
    // The controller.

    // A broker is alive, in this life of its, and knows this version of the metadata; a client asks for them.
    BrokerHeartbeat { boot: u32, version: u64 },
    FetchMetadata,
    Metadata(Rc<Image>),
    // A leader wants these in-sync replicas in place of those of the version.
    AlterPartition { partition: Partition, epoch: u32, version: u64, isr: NodeSet },

    // Replication.

    // Where does this epoch end in your log?
    OffsetForLeaderEpoch { partition: Partition, epoch: u32, asked: u32 },
    // My last epoch up to the one that you ask for, and the offset after its last record.
    EpochEnd { partition: Partition, epoch: u32, asked: u32, last: u32, end: u64 },
    Fetch { partition: Partition, epoch: u32, offset: u64 },
    // A consumer fetches.
    Poll { partition: Partition, epoch: u32, offset: u64 },
    // Records from an offset on, up to `next`; what is missing between them was compacted away.
    Records { partition: Partition, epoch: u32, from: u64, next: u64, start: u64, high: u64, records: Batch },
    NotLeader { partition: Partition },

    // Producing.

    // Take this record. With acks zero no answer is asked for.
    Produce { partition: Partition, entry: Entry, request: Option<Request> },
    Produced { partition: Partition, origin: Origin, request: Request, result: Result<u64, Refusal> },

    // The group.

    // What it owns it was given in this generation.
    Join { request: Request, generation: u32, owned: Vec<Partition>, kept: Vec<Partition> },
    // The generation begins. Its leader hears who the members are.
    Joined { generation: u32, request: Request, members: Vec<Membership> },
    Sync { generation: u32, assignment: Option<Assignment> },
    Synced { generation: u32, partitions: Vec<Partition> },
    GroupHeartbeat { generation: u32 },
    Heard { generation: u32, error: Option<GroupError> },
    OffsetCommit { generation: u32, partition: Partition, offset: u64 },
    OffsetCommitted { generation: u32, partition: Partition, offset: u64, error: Option<GroupError> },
    // A member may ask twice in a generation.
    OffsetFetch { request: Request, partition: Partition },
    OffsetFetched { request: Request, partition: Partition, offset: u64 },

    // Transactions.
    InitProducer { request: Request },
    ProducerEpoch { request: Request, epoch: u32 },
    AddPartitions { epoch: u32 },
    Added { epoch: u32 },
    AddOffset { epoch: u32, generation: u32, partition: Partition, offset: u64 },
    OffsetAdded { epoch: u32, error: Option<GroupError> },
    EndTransaction { epoch: u32, commits: bool },
    Ended { epoch: u32, committed: bool },
    Fenced { epoch: u32 },
    // Take all results of a batch, or none of them. The first one's name is the answer's.
    ProduceResults { partition: Partition, entries: Vec<Entry>, request: Request },
}

kinds! { Message {
    BrokerHeartbeat 'h': Self::BrokerHeartbeat { boot, version } => "boot {boot}, metadata {version}" as "a heartbeat",
    FetchMetadata 'm': Self::FetchMetadata,
    Metadata 'M' reply: Self::Metadata(image) => ("{}: {}", image.version, words::leaders(image)) as ("metadata {}", image.version),
    AlterPartition 'A': Self::AlterPartition { partition, epoch, isr, .. } =>
        ("{partition} epoch {epoch} ISR {}", words::nodes(isr)) as ("the ISR {} of {partition}", words::nodes(isr)),
    OffsetForLeaderEpoch 'E': Self::OffsetForLeaderEpoch { partition, asked, .. } => "{partition} epoch {asked}"
        as "a question where epoch {asked} of {partition} ends",
    EpochEnd 'E' reply: Self::EpochEnd { partition, last, end, .. } => "{partition} epoch {last} ends at {end}"
        as "the answer that epoch {last} of {partition} ends at {end}",
    Fetch 'F': Self::Fetch { partition, offset, epoch } => "{partition} from {offset}, epoch {epoch}" as "a fetch from {offset} of {partition}",
    Poll 'c': Self::Poll { partition, offset, epoch } => "{partition} from {offset}, epoch {epoch}" as "a poll from {offset} of {partition}",
    Records 'R' reply: Self::Records { partition, records, from, high, .. } =>
        ("{partition} from {from} [{}], high watermark {high}", words::batch(records))
        as ("{} of {partition}, high watermark {high}", words::several(records.len(), "record")),
    NotLeader 'n' reply: Self::NotLeader { partition } => "{partition}" as "the answer that it does not lead {partition}",
    WriteMarker 'W': Self::Produce { entry, .. } if matches!(entry.body, Body::Commit | Body::Abort) =>
        ("{entry}") as ("the marker {entry}"),
    Produce 'P': Self::Produce { partition, entry, .. } => "{partition} {entry}" as "{entry} for {partition}",
    Produced 'p' reply: Self::Produced { partition, origin, result: Ok(offset), .. } => "{partition} {origin} at {offset}"
        as "the acknowledgement of {origin}, offset {offset} of {partition}",
    Refused 'x' reply: Self::Produced { partition, origin, result: Err(why), .. } => "{partition} {origin}: {why}"
        as "the refusal of {origin}: {why}",
    Join 'J': Self::Join { owned, .. } => ("owns {}", words::names(owned)) as "a request to join",
    Joined 'J' reply: Self::Joined { generation, members, .. } =>
        ("generation {generation}{}", words::members(members)) as "generation {generation}",
    Sync 'S': Self::Sync { generation, assignment } => ("generation {generation}{}", words::handed(assignment.as_ref()))
        as "its sync of generation {generation}",
    Synced 'S' reply: Self::Synced { generation, partitions } => ("generation {generation}: {}", words::names(partitions))
        as ("{} in generation {generation}", words::names(partitions)),
    GroupHeartbeat 'g': Self::GroupHeartbeat { generation } => "generation {generation}" as "a heartbeat of generation {generation}",
    Heard 'g' reply: Self::Heard { generation, error } => ("generation {generation}{}", words::error(*error))
        as ("the answer to its heartbeat{}", words::error(*error)),
    OffsetCommit 'O': Self::OffsetCommit { partition, offset, generation } => "{partition} {offset}, generation {generation}"
        as "offset {offset} of {partition}",
    OffsetCommitted 'O' reply: Self::OffsetCommitted { partition, offset, error, .. } => ("{partition} {offset}{}", words::error(*error))
        as ("the answer for offset {offset} of {partition}{}", words::error(*error)),
    OffsetFetch 'o': Self::OffsetFetch { partition, .. } => "{partition}" as "a question for the offset of {partition}",
    OffsetFetched 'o' reply: Self::OffsetFetched { partition, offset, .. } => "{partition} {offset}" as "the committed offset {offset} of {partition}",
    InitProducer 'i': Self::InitProducer { request } => ("life {}", request.0) as "a request for a producer epoch",
    ProducerEpoch 'i' reply: Self::ProducerEpoch { epoch, .. } => "{epoch}" as "the producer epoch {epoch}",
    AddPartitions 'a': Self::AddPartitions { epoch } => "out, epoch {epoch}" as "the beginning of a transaction",
    Added 'a' reply: Self::Added { epoch } => "epoch {epoch}" as "the answer that the transaction has begun",
    AddOffset 'T': Self::AddOffset { partition, offset, epoch, .. } => "{partition} {offset}, epoch {epoch}"
        as "offset {offset} of {partition} for its transaction",
    OffsetAdded 'T' reply: Self::OffsetAdded { epoch, error } => ("epoch {epoch}{}", words::error(*error))
        as ("the answer for its offset{}", words::error(*error)),
    EndTransaction 't': Self::EndTransaction { epoch, commits } => ("{}, epoch {epoch}", if *commits { "commit" } else { "abort" })
        as ("the request to {} its transaction", if *commits { "commit" } else { "abort" }),
    Ended 't' reply: Self::Ended { epoch, committed } =>
        ("{}, next epoch {epoch}", if *committed { "committed" } else { "aborted" }) as "the end of its transaction",
    Fenced 'f' reply: Self::Fenced { epoch } => "epoch {epoch}" as "the answer that epoch {epoch} is fenced",
    ProduceResults 'r': Self::ProduceResults { partition, entries, .. } => ("{partition} {}", words::entries(entries))
        as ("{} for {partition}", words::several(entries.len(), "result")),
} }

/// What nodes remind themselves of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// A broker, or a member of the group, says that it is alive.
    Heartbeat,
    /// The controller has not heard from a broker, or from a member of the group.
    #[words("Session-{0}")]
    Session(NodeId),
    /// A follower, or a consumer, has no answer and fetches again.
    #[words("Fetch-{0}")]
    Fetch(Partition),
    /// A leader looks which followers lag.
    Lag,
    /// Records in the page cache go to the disk.
    Flush,
    /// A producer, or a consumer, sends again what was not acknowledged.
    Retry,
    /// A broker deletes what it need not keep.
    Clean,
    /// The time in which members may join is over.
    Rebalance,
    /// A consumer has processed a record.
    Work,
    /// A transaction takes too long.
    #[words("Transaction-{0}")]
    Transaction(NodeId),
    /// The marker of a transaction was not acknowledged.
    #[words("Marker-{0}")]
    Marker(NodeId),
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a producer can be asked to `Send a 7` or to `Delete a`")]
pub enum Input {
    /// Of a producer: send a value for a key.
    Send(Key, u32),
    /// Of a producer: send a tombstone for a key.
    Delete(Key),
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// A producer sends a record for the first time.
    #[words("Sent {1} to {0}")]
    Sent(Partition, Origin),
    /// A producer is told that a record is in a partition, at an offset.
    #[words("Acknowledged {1} in {0} at {2}")]
    Acknowledged(Partition, Origin, u64),
    /// A producer has numbered a record anew, because its leader does not have what came before.
    #[words("Renumbered {1} in {0} to {2}")]
    Renumbered(Partition, Origin, Origin),
    /// A broker leads a partition in an epoch; its log has so many records.
    #[words("Leads {0} in epoch {1} after {2}")]
    Leads(Partition, u32, u64),
    /// The high watermark of a replica has grown.
    #[words("High watermark of {0} is {1}")]
    Exposed(Partition, u64),
    /// A follower has cut off its log.
    #[words("Truncated {0} to {1}")]
    Truncated(Partition, u64),
    /// The controller has changed the in-sync replicas of a partition; there are so many, and whether one was taken out.
    #[words("ISR of {0} has {1}")]
    InSync(Partition, u64, bool),
    /// A broker has compacted its replica up to an offset.
    #[words("Compacted {0} up to {1}")]
    Compacted(Partition, u64),
    /// In a generation, a consumer owns a partition.
    #[words("Owns {1} in generation {0}")]
    Owns(u32, Partition),
    /// A consumer has processed the record at an offset, and which one that was.
    #[words("Processed {0} at {1}")]
    Processed(Partition, u64, Origin),
    /// The committed offset of a partition has grown.
    #[words("Committed offset {1} of {0}")]
    Committed(Partition, u64),
    /// A consumer has skipped records that were deleted: it was at the one offset and goes on at the other.
    #[words("Skipped from {1} to {2} of {0}")]
    Reset(Partition, u64, u64),
}
