//! What is set before a run of two-phase commit, and its wrong twins.

use crate::Decision;
use faultline_core::prelude::*;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// The decision presumed for a transaction that the coordinator has no record of. It need not be forced
    /// or acknowledged.
    pub variant: Variant,
    /// How long a node waits for a vote, a decision or an acknowledgement before it acts.
    #[setting(default = 100ms, bounds = 1ms..=60s)]
    pub timeout: Micros,
    /// An uncertain participant asks all other nodes, not only the coordinator.
    #[setting(default = true)]
    pub cooperative: bool,
    /// Whether a transaction locks the items that it names, and what comes of one that finds a lock held: it
    /// waits, or the participant refuses it.
    pub locks: Locks,
    /// An operator may decide for an uncertain participant by hand, a heuristic decision.
    #[setting(default = false)]
    pub heuristics: bool,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// The decision that is presumed for a forgotten transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Variant {
    PresumedNothing,
    PresumedAbort,
    PresumedCommit,
}

/// What comes of a transaction that finds a lock held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Locks {
    None,
    Wait,
    Refuse,
}

impl Params {
    /// Whether a participant that asks about a forgotten transaction is told this on purpose.
    pub(super) fn presumes(&self, decision: Decision) -> bool {
        matches!(
            (self.variant, decision),
            (Variant::PresumedAbort, Decision::Abort) | (Variant::PresumedCommit, Decision::Commit)
        )
    }

    /// What is answered about a transaction of which the coordinator has no record.
    pub(super) fn presumption(&self) -> Decision {
        match self.variant {
            Variant::PresumedCommit => Decision::Commit,
            _ if self.bugs.commits_forgotten => Decision::Commit,
            _ => Decision::Abort,
        }
    }
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A participant votes yes before its prepare record is on disk.
    pub votes_unforced: bool,
    /// The coordinator announces its decision before the record is on disk.
    pub decides_unforced: bool,
    /// A participant that voted yes aborts when it has waited too long for the decision.
    pub aborts_uncertain: bool,
    /// The coordinator always answers commit when asked about a transaction that it has no record of.
    pub commits_forgotten: bool,
    /// After a crash, the coordinator continues its numbering from its log, where not every transaction left
    /// a record.
    pub reuses_numbers: bool,
    /// A participant forgets that a crash undid its work and still votes yes.
    pub votes_without_work: bool,
    /// With commit presumed, the coordinator requests votes before its collecting record is on disk.
    #[twin(shows_with = ["set variant presumed-commit"])]
    pub collects_unforced: bool,
    /// A participant acknowledges a decision before its record is on disk.
    pub acks_unforced: bool,
    /// The coordinator answers an inquiry by its presumption while it is still collecting votes.
    pub presumes_early: bool,
    /// A participant that recovers does not take the locks of its uncertain transactions again.
    #[twin(shows_with = ["set locks wait"])]
    pub forgets_locks: bool,
}
