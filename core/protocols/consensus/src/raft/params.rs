//! What may be set of Raft before a run, and its wrong twins.

use faultline_core::protocol::{Bug, Parameter};

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Params {
    /// Least election timeout, in microseconds.
    pub election_min: u64,
    /// Greatest election timeout, in microseconds.
    pub election_max: u64,
    /// Time between a leader's heartbeats, in microseconds.
    pub heartbeat: u64,
    /// The most entries that one `Append` carries.
    pub batch: u64,
    /// Whether a refusal lets the leader go back a whole term at once (end of §5.3); 0 or 1.
    pub shortcut: u64,
    /// Whether a server asks around before it stands (thesis §9.6); 0 or 1.
    pub pre_vote: u64,
    /// How members change: [`FIXED`], [`SINGLE`] or [`JOINT`].
    pub membership: u64,
    /// How many nodes, counted from `n1`, are members at first; 0 means all.
    pub members: u64,
    /// After how many applied entries a snapshot replaces them; 0 means never.
    pub snapshot: u64,
    /// How a `Get` is answered: [`LOG`], [`INDEX`] or [`LEASE`].
    pub reads: u64,
    /// Rules taken away.
    pub bugs: Bugs,
}

/// Members never change.
pub const FIXED: u64 = 0;
/// One member comes or goes at a time (thesis ch. 4).
pub const SINGLE: u64 = 1;
/// Old and new members decide together in between (§6).
pub const JOINT: u64 = 2;

/// A read is an entry of the log.
pub const LOG: u64 = 0;
/// A read waits for a round of heartbeats that shows that the leader still leads (thesis §6.4).
pub const INDEX: u64 = 1;
/// A read trusts the latest such round for an election timeout (thesis §6.4.1).
pub const LEASE: u64 = 2;

/// The wrong twins; [`BUGS`] says what each does.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, clippy::struct_excessive_bools)]
pub struct Bugs {
    pub forgets_vote: bool,
    pub counts_old_terms: bool,
    pub votes_by_length: bool,
    pub truncates_always: bool,
    pub matches_whole_log: bool,
    pub commits_unchecked: bool,
    pub skips_check: bool,
    pub replaces_old_entries: bool,
    pub any_message_resets_timer: bool,
    pub changes_too_early: bool,
    pub skips_joint: bool,
    pub forgets_snapshot_term: bool,
    pub reads_unconfirmed: bool,
}

impl Default for Params {
    /// The timeouts that the paper recommends (§9.3).
    fn default() -> Self {
        Params {
            election_min: 150_000,
            election_max: 300_000,
            heartbeat: 50_000,
            batch: 100,
            shortcut: 0,
            pre_vote: 0,
            membership: FIXED,
            members: 0,
            snapshot: 0,
            reads: LOG,
            bugs: Bugs::default(),
        }
    }
}

impl Params {
    /// Whether who hears from a leader withholds its vote (thesis §4.2.3): where removed servers must not disturb, and
    /// where a lease trusts in it.
    pub(super) fn is_loyal(&self) -> bool {
        self.pre_vote == 1 || self.membership != FIXED || self.reads == LEASE
    }

    /// Whether a leader begins its term with an empty entry, which reads and changes of members wait for.
    pub(super) fn opens_terms(&self) -> bool {
        self.membership != FIXED || self.reads != LOG
    }
}

pub(super) const PARAMETERS: &[Parameter<Params>] = &[
    Parameter::time(
        "election-min",
        "The least time a follower waits for a leader.",
        (1_000, 60_000_000),
        |it| &mut it.election_min,
    ),
    Parameter::time(
        "election-max",
        "The greatest time a follower waits for a leader.",
        (1_000, 60_000_000),
        |it| &mut it.election_max,
    ),
    Parameter::time("heartbeat", "The time between two heartbeats of a leader.", (1_000, 60_000_000), |it| {
        &mut it.heartbeat
    }),
    Parameter::count("batch", "The most entries that one Append carries.", (1, 1_000), |it| &mut it.batch),
    Parameter::switch("shortcut", "A refusal lets the leader go back a whole term at once.", |it| {
        &mut it.shortcut
    }),
    Parameter::switch("pre-vote", "A server asks around whether it could win before it stands.", |it| {
        &mut it.pre_vote
    }),
    Parameter::choice(
        "membership",
        "How members change: never, one server at a time, or jointly.",
        &["fixed", "single", "joint"],
        |it| &mut it.membership,
    ),
    Parameter::count("members", "How many nodes are members at first; 0 is all.", (0, 51), |it| {
        &mut it.members
    }),
    Parameter::count(
        "snapshot",
        "After how many applied entries a snapshot replaces them; 0 is never.",
        (0, 1_000),
        |it| &mut it.snapshot,
    ),
    Parameter::choice(
        "reads",
        "How a Get is answered: through the log, by read index, or under a lease.",
        &["log", "index", "lease"],
        |it| &mut it.reads,
    ),
];

pub(super) const BUGS: &[Bug<Params>] = &[
    Bug::new("forgets-vote", "A vote is not written to disk: after a crash a node votes again.", |it| {
        &mut it.bugs.forgets_vote
    }),
    Bug::new(
        "counts-old-terms",
        "A leader commits an entry of an earlier term by counting its copies.",
        |it| &mut it.bugs.counts_old_terms,
    ),
    Bug::new("votes-by-length", "Votes go to the longer log, whatever the term of its last entry.", |it| {
        &mut it.bugs.votes_by_length
    }),
    Bug::new("truncates-always", "A follower cuts its log at every Append, even one that is old.", |it| {
        &mut it.bugs.truncates_always
    }),
    Bug::new(
        "matches-whole-log",
        "A follower reports its whole log as matching, not what was checked.",
        |it| &mut it.bugs.matches_whole_log,
    ),
    Bug::with(
        "commits-unchecked",
        "A follower commits what the leader has, past what it was sent.",
        &["nodes 3", "set batch 1", "set shortcut on"],
        |it| &mut it.bugs.commits_unchecked,
    ),
    Bug::new("skips-check", "A follower takes entries without comparing the one before them.", |it| {
        &mut it.bugs.skips_check
    }),
    Bug::new(
        "replaces-old-entries",
        "A leader puts a new command in place of old entries not yet committed.",
        |it| &mut it.bugs.replaces_old_entries,
    ),
    Bug::new(
        "any-message-resets-timer",
        "Any message postpones a follower's election, not only a leader's.",
        |it| &mut it.bugs.any_message_resets_timer,
    ),
    Bug::with(
        "changes-too-early",
        "A leader changes the members before it has committed an entry of its own term.",
        &["set membership single", "set members 4"],
        |it| &mut it.bugs.changes_too_early,
    ),
    Bug::with(
        "skips-joint",
        "Members are replaced at once, without the joint configuration between.",
        &["set membership joint"],
        |it| &mut it.bugs.skips_joint,
    ),
    Bug::with(
        "forgets-snapshot-term",
        "A snapshot does not say of which term its last entry was; it counts as term 0.",
        &["nodes 3", "set snapshot 2"],
        |it| &mut it.bugs.forgets_snapshot_term,
    ),
    Bug::with(
        "reads-unconfirmed",
        "A leader answers a read from memory, without asking whether it still leads.",
        &["nodes 3", "set reads index"],
        |it| &mut it.bugs.reads_unconfirmed,
    ),
];
