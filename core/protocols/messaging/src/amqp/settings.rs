//! What is set before a run: the topology, the limits of queues and consumers, and the rules taken away.

use super::topology::Topology;
use faultline_core::prelude::*;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The kind of exchange that n3 is, with the initial bindings.
    #[setting(default = Topology::Topic)]
    pub topology: Topology,
    /// The maximum number of unacknowledged messages that a consumer holds; 0 means no limit.
    #[setting(default = 2, bounds = 0..=1_000)]
    pub prefetch: u64,
    /// How long a consumer works on a message.
    #[setting(default = 20ms, bounds = 0s..=3_600s)]
    pub work: Micros,
    /// How long a queue waits for the acknowledgement of a delivery before it takes back everything that its
    /// consumer holds.
    #[setting(default = 1s, bounds = 1ms..=3_600s)]
    pub ack_timeout: Micros,
    /// The maximum number of ready messages in a queue; 0 means no limit.
    #[setting(default = 0, bounds = 0..=1_000_000)]
    pub max_length: u64,
    /// What a full queue does when one more message arrives: the message at its head dies, the oldest of the
    /// most urgent, or it refuses the new one.
    pub overflow: Overflow,
    /// Classic queues keep transient messages in memory only. Quorum queues keep every message on disk, and
    /// limit its returns to 20 where no other limit is set.
    pub queue_type: QueueType,
    /// How often a message may be returned before it dies; 0 means no limit of its own.
    #[setting(default = 0, bounds = 0..=1_000)]
    pub delivery_limit: u64,
    /// The highest priority that a classic queue distinguishes; 0 means that it ignores priorities.
    #[setting(default = 0, bounds = 0..=255)]
    pub max_priority: u64,
    /// Whether a dead letter gets the routing key `dead` in place of its own.
    #[setting(default = false)]
    pub dead_letter_key: bool,
    /// How long a message may wait in a queue; 0 means no limit. In the topology `retry` this holds for n7 only,
    /// and 0 means 100 ms there.
    #[setting(default = 0s, bounds = 0s..=3_600s)]
    pub queue_ttl: Micros,
    /// Whether publishers show the frames of what they published last, byte by byte.
    #[setting(default = false)]
    pub frames: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// What a full queue does when one more message arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
pub enum Overflow {
    /// The message at its head dies: the oldest, and with priorities the oldest of the most urgent.
    DropHead,
    /// It refuses the new one, and the publisher is told.
    RejectPublish,
}

/// The kinds of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
pub enum QueueType {
    /// A queue on one node.
    Classic,
    /// A replicated queue; its replicas are left out here.
    Quorum,
}

/// How often a quorum queue takes a message back where nobody has set another limit (`RabbitMQ` 4.0).
const QUORUM_RETURNS: u64 = 20;

/// How long messages wait for their next attempt where nothing else is set, in microseconds.
const RETRY_AFTER: Micros = 100_000;

/// The routing key of dead letters, where they get one.
pub(super) const DEAD_KEY: &str = "dead";

impl Params {
    /// How often a message may be returned before it dies, if there is a limit.
    pub(super) fn returns(&self) -> Option<u64> {
        match (self.queue_type, self.delivery_limit) {
            (QueueType::Quorum, 0) => Some(QUORUM_RETURNS),
            (QueueType::Classic, 0) => None,
            (_, limit) => Some(limit),
        }
    }

    /// How long a message may wait in this queue, if there is a limit.
    pub(super) fn lives(&self, queue: NodeId) -> Option<Micros> {
        match (self.topology, queue, self.queue_ttl) {
            (Topology::Retry, NodeId(6), 0) => Some(RETRY_AFTER),
            (Topology::Retry, NodeId(4 | 5), _) | (_, _, 0) => None,
            (.., ttl) => Some(ttl),
        }
    }

    /// Whether a dead letter says of each death how often it died it. Elsewhere it says each death once.
    pub(super) fn counts_deaths(&self) -> bool {
        matches!(self.topology, Topology::Retry | Topology::Declared)
    }

    /// Whether clients declare what the broker has.
    pub(super) fn declares(&self) -> bool {
        self.topology == Topology::Declared
    }

    /// Whether a queue with so many ready messages has no room for another.
    pub(super) fn is_at_length(&self, ready: usize) -> bool {
        self.max_length > 0 && ready >= self.max_length as usize
    }

    /// The priority that a queue gives to a message which was published with this one.
    pub(super) fn ranks(&self, priority: u8) -> u8 {
        match self.queue_type {
            QueueType::Classic => u64::from(priority).min(self.max_priority) as u8,
            QueueType::Quorum => 0,
        }
    }

    /// Whether a queue keeps a message in memory only.
    pub(super) fn forgets(&self, transient: bool) -> bool {
        transient && self.queue_type == QueueType::Classic
    }
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// In a pattern, `#` stands for one word or more, never for none.
    pub hash_needs_word: bool,
    /// A `#` beside a dot stands for one word or more, because the dot is taken as required.
    pub dot_not_optional: bool,
    /// An exchange sends a copy for every matching binding.
    pub copies_per_binding: bool,
    /// The alternate exchange receives every message, not only those that match no binding.
    #[twin(shows_with = ["set topology alternate"])]
    pub always_alternate: bool,
    /// A returned message goes to the tail of the queue.
    #[twin(shows_with = ["set topology fanout", "set work 2s", "ask 50ms"])]
    pub requeues_at_tail: bool,
    /// A dead letter loses its routing key.
    #[twin(shows_with = ["set topology dead-letter"])]
    pub loses_key: bool,
    /// An exchange confirms a message as soon as it has sent it to the queues.
    pub confirms_early: bool,
    /// A queue checks its length only when a message is published, not when messages are returned.
    #[twin(shows_with = ["set topology fanout", "set max-length 1", "ask 50ms"])]
    pub returns_overflow: bool,
    /// A queue delivers all its messages at once, without regard to the prefetch limit.
    #[twin(shows_with = ["set topology fanout", "set prefetch 1", "ask 50ms"])]
    pub ignores_prefetch: bool,
    /// A queue delivers a message again without marking it as redelivered.
    pub forgets_redelivery: bool,
    /// A queue does not take back what a consumer holds when its channel closes.
    pub keeps_unacked: bool,
    /// Dead letters return to the queue in which they died, whatever the reason.
    #[twin(shows_with = ["set topology cycle", "set max-length 1", "ask 50ms"])]
    pub goes_in_circles: bool,
    /// A queue delivers to the first of its consumers that has room, and not to each in turn.
    #[twin(shows_with = ["set topology work-queue"])]
    pub skips_turns: bool,
    /// An exchange confirms a message that one queue has refused when its other queues have it.
    #[twin(shows_with = ["set topology fanout", "set max-length 1", "set overflow reject-publish", "ask 50ms"])]
    pub confirms_refused: bool,
    /// A returned message has the lowest priority.
    #[twin(shows_with = ["set topology work-queue", "set max-priority 9", "ask 50ms"])]
    pub loses_priority: bool,
    /// An exchange sends a message to its queues without regard to what another exchange has sent them, and an
    /// alternate exchange does not know which exchange a message has passed.
    #[twin(shows_with = ["set topology chain"])]
    pub copies_per_way: bool,
    /// The time to live of a returned message starts anew.
    #[twin(shows_with = ["set topology fanout", "set queue-ttl 3s", "ask 50ms"])]
    pub restarts_ttl: bool,
    /// A declaration is granted although the queue was declared with other arguments.
    #[twin(shows_with = ["set topology declared", "ask 50ms"])]
    pub ignores_arguments: bool,
    /// Every client may use an exclusive queue.
    #[twin(shows_with = ["set topology declared", "ask 50ms"])]
    pub shares_exclusive: bool,
    /// An auto-delete queue goes as soon as one of its consumers has gone.
    #[twin(shows_with = ["set topology declared", "ask 50ms"])]
    pub deletes_early: bool,
}
