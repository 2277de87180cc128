//! What is set before a run of PBFT, and its wrong twins.

use faultline_core::prelude::*;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The number of replicas that tolerate f Byzantine ones. 3f is one too few.
    pub replicas: Resilience,
    /// How long a client waits for answers before it asks all replicas. A replica waits as long for a request
    /// to be executed before it asks for another primary; this time doubles with every unsuccessful view.
    #[setting(default = 100ms, bounds = 1ms..=60s)]
    pub timeout: Micros,
    /// The number of requests between two checkpoints.
    #[setting(default = 4, bounds = 1..=1_000)]
    pub checkpoint: u64,
    /// How many checkpoints may follow the last stable one; this sets the distance between the watermarks.
    #[setting(default = 2, bounds = 1..=10)]
    pub window: u64,
    /// A client sends a request that only reads to all replicas at once, and waits until 2f + 1 of them send the
    /// same value. If they do not in time, it asks again as for any other request. Such a read may miss a write
    /// that is done.
    // (§5.1.)
    pub read_only: bool,
    /// Replicas execute a request as soon as it is prepared and those before it are committed, and answer
    /// that this is tentative. A client then waits for 2f + 1 equal answers of one view, or for f + 1 that
    /// are final.
    // (§5.1.)
    pub tentative: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How many replicas are taken to tolerate f liars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
pub enum Resilience {
    /// The fewest replicas that tolerate f liars.
    #[words("3f+1")]
    Enough,
    /// One replica too few.
    #[words("3f")]
    TooFew,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// Prepares and commits count even if they belong to another view.
    pub mixes_views: bool,
    /// The primary's pre-prepare also counts as its prepare, so one replica fewer than a quorum is enough.
    pub counts_primary_twice: bool,
    /// The primary may propose any sequence number, however high.
    pub no_watermarks: bool,
    /// Replicas execute a prepared request without waiting for commits.
    pub executes_prepared: bool,
    /// A client accepts the first answer that it receives.
    pub believes_first: bool,
    /// A view-change message does not show what its sender has prepared.
    pub omits_prepared: bool,
    /// The timeout for a new view never grows.
    pub fixed_timeout: bool,
    /// Replicas execute a retransmitted request again.
    pub forgets_timestamps: bool,
    /// Replicas do not check who signed a request.
    pub checks_no_signature: bool,
    /// Replicas do not check the certificates of a view-change message, on its own or in a new-view message.
    pub believes_certificates: bool,
    /// A replica does not join f + 1 others that ask for a later view; it waits for its own timer.
    pub never_joins: bool,
    /// A replica starts the timer of a new view when it asks for it, before 2f + 1 replicas do.
    pub hurries_views: bool,
}
