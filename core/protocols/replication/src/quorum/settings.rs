//! What is set before a run of quorums: sizes, options, and the wrong twins.

use faultline_core::prelude::*;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// How many of the nodes are clients; the others, at least one, are replicas.
    #[setting(default = 3, bounds = 1..=9)]
    pub clients: u64,
    /// N: how many homes a key has, at most all replicas.
    #[setting(default = 3, bounds = 1..=9)]
    pub n: u64,
    /// R: how many replicas must answer a read, at most N. Where votes are set, it counts votes, and is at most
    /// all of them together.
    #[setting(default = 2, bounds = 1..=9)]
    pub r: u64,
    /// W: how many replicas must store a write, at most N. Where votes are set, it counts votes, too.
    #[setting(default = 2, bounds = 1..=9)]
    pub w: u64,
    /// How many votes each home of a key has, a digit for each, in the order of the ring: 211 gives the first
    /// home two votes. R and W count votes then, and a home without a digit has none. As R and W are at most 9,
    /// quorums of more than 17 votes in all are never strict. With 0 every home has one vote.
    #[setting(default = 0, bounds = 0..=999_999_999)]
    pub votes: u64,
    /// Whether the next replicas on the ring stand in for homes that do not answer.
    #[setting(default = true)]
    pub sloppy: bool,
    /// Whether replicas keep concurrent versions as siblings, or the later timestamp wins. Of equal
    /// timestamps, that of the author with the greater number wins: the client, or the node that coordinates.
    pub versions: Versioning,
    /// Who asks the homes and counts their answers: the client, or a home to which the client sends its
    /// request. With `node` quorums are strict, and siblings are told apart by dotted version vectors.
    pub coordinator: Coordinator,
    /// Whether a client that has read sends newer versions to the homes that answered with older ones.
    #[setting(default = true)]
    pub repair: bool,
    /// How often a stand-in tries to hand over the versions that it keeps. 0 means never, which gives up
    /// `Handover`.
    #[setting(default = 200ms, bounds = 0s..=3600s)]
    pub handoff: Micros,
    /// How often a replica compares hash trees with another one, chosen at random; 0 means never.
    #[setting(default = 500ms, bounds = 0s..=3600s)]
    pub anti_entropy: Micros,
    /// The depth of a hash tree, which has 2 to this power leaves.
    #[setting(default = 3, bounds = 0..=10)]
    pub depth: u64,
    /// How long a client waits for answers before it asks again. The third time it gives up.
    #[setting(default = 50ms, bounds = 1ms..=60s)]
    pub timeout: Micros,
    /// Whether every client is a session: its reads never go behind what it has read or written, and its
    /// writes are later than that.
    pub session: bool,
    /// How long a replica keeps a tombstone or a hint after its arrival, by its own clock. It should exceed
    /// the time that any replica is down.
    #[setting(default = 864_000s, bounds = 1ms..=864_000s)]
    pub gc_grace: Micros,
    /// How many keys the workload uses.
    #[setting(default = 2, bounds = 1..=26)]
    pub keys: u64,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// What decides between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Versioning {
    Siblings,
    Timestamps,
}

/// Who coordinates requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Coordinator {
    Client,
    Node,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A home stores a repair unchanged, even if it holds something newer by then.
    pub repair_overwrites: bool,
    /// Although quorums are strict, a write also asks stand-ins and counts their hints in W.
    #[twin(shows_with = ["set sloppy off", "set anti-entropy 0s"])]
    pub counts_hints: bool,
    /// A client that coordinates its writes numbers them by its clock, not by a counter.
    pub wall_clock: bool,
    /// A deletion removes the value and leaves no tombstone.
    pub no_tombstone: bool,
    /// Of concurrent versions, a replica keeps only the last one to arrive.
    pub drops_siblings: bool,
    /// The hash of a leaf depends on the order in which its keys arrived.
    pub unordered_tree: bool,
    /// A quorum counts the homes that have answered, and not their votes.
    #[twin(shows_with = ["set sloppy off", "set votes 100", "set r 1", "set w 1"])]
    pub counts_nodes: bool,
    /// A session takes the first answers, however far behind they are.
    #[twin(shows_with = ["set r 1", "set w 1", "set sloppy off", "set session on"])]
    pub takes_first_answers: bool,
    /// A session stamps its writes by its clock alone.
    #[twin(shows_with = ["set versions timestamps", "set session on"])]
    pub stamps_by_clock: bool,
    /// A coordinator lets a write supersede something only if its client has seen all that the coordinator
    /// holds, since one vector stands for all siblings.
    #[twin(shows_with = ["set coordinator node"])]
    pub whole_context: bool,
}
