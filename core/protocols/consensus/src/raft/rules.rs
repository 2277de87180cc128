//! The rules that Raft's steps are annotated with, by the section of the paper or, where it says so, of the thesis.

use faultline_core::node::Rule;

const fn rule(section: &'static str, sentence: &'static str) -> Rule {
    Rule { section, sentence }
}

// Election.
pub(super) const START: Rule = rule("§5.2", "Servers start as followers.");
pub(super) const TIMEOUT: Rule =
    rule("§5.2", "A follower that hears nothing for an election timeout starts an election.");
pub(super) const GRANT: Rule = rule(
    "§5.2, §5.4.1",
    "Vote once a term, first come first served, for a log at least as up to date as the own.",
);
pub(super) const DENY: Rule = rule(
    "§5.4.1",
    "Deny the vote to an old term, to a second candidate, and to a log that is behind the own.",
);
pub(super) const WIN: Rule = rule("§5.2", "A candidate with the votes of a majority leads the term.");
pub(super) const COUNTED: Rule = rule("§5.2", "A candidate counts the votes of its term.");
pub(super) const NEWER: Rule = rule("§5.1", "Whoever sees a higher term takes it and becomes a follower.");
pub(super) const STALE: Rule = rule("§5.1", "A request with an old term is refused.");
pub(super) const LATE: Rule = rule("§5.1", "What comes too late for the term or the role changes nothing.");
pub(super) const ASK_AROUND: Rule =
    rule("thesis §9.6", "Before it raises its term, a server asks whether others would vote for it.");
pub(super) const PRE_GRANT: Rule = rule(
    "thesis §9.6",
    "Promise a vote to a log at least as up to date as the own, unless a leader was heard of lately.",
);
pub(super) const PRE_DENY: Rule = rule(
    "thesis §9.6",
    "Promise nothing to an old term, to a log that is behind, or while a leader is heard of.",
);
pub(super) const WITHHOLD: Rule = rule(
    "thesis §4.2.3",
    "Who heard from a leader within the least election timeout gives no vote and takes no new term.",
);
pub(super) const TRUST_ENDS: Rule =
    rule("thesis §4.2.3", "After the least election timeout without a leader a server may vote again.");

// Replication.
pub(super) const REPLICATE: Rule = rule("§5.3", "The leader appends the command and sends it to all.");
pub(super) const CHECK: Rule = rule("§5.3", "A follower refuses entries whose predecessor it does not have.");
pub(super) const ACCEPT: Rule = rule(
    "§5.3",
    "A follower deletes what conflicts with the leader's entries, and appends what it does not have.",
);
pub(super) const BACK: Rule = rule("§5.3", "After a refusal the leader tries again one entry earlier.");
pub(super) const COMMIT: Rule = rule(
    "§5.3, §5.4.2",
    "An entry of the leader's own term is committed once a majority holds it, and with it all before it.",
);
pub(super) const PROGRESS: Rule =
    rule("§5.3", "The leader keeps how far each follower's log is known to match its own.");
pub(super) const HEARTBEAT: Rule =
    rule("§5.2", "A leader sends heartbeats so that nobody stands against it.");
pub(super) const REDIRECT: Rule = rule("§8", "A server that does not lead names the leader that it knows.");

// Members.
pub(super) const CHANGE: Rule =
    rule("thesis §4.1", "One server comes or goes; the new configuration holds as soon as it is in the log.");
pub(super) const JOIN: Rule =
    rule("§6", "Until the joint configuration is committed, old and new majorities decide together.");
pub(super) const SETTLE: Rule =
    rule("§6", "When the joint configuration is committed, the leader appends the new one.");
pub(super) const LEAVE: Rule =
    rule("thesis §4.2.2", "A leader that is no member steps down once the new configuration is committed.");
pub(super) const TOO_EARLY: Rule = rule(
    "thesis §4.1; raft-dev, 10 July 2015",
    "No change before the last one is committed, and an entry of the leader's own term.",
);
pub(super) const OUTSIDE: Rule =
    rule("thesis §4.2", "Who is no member waits to be told, and does not stand.");
pub(super) const REFUSE: Rule = rule("§6", "What changes nothing, or what is set not to change, is refused.");

// Snapshots.
pub(super) const COMPACT: Rule =
    rule("§7", "A snapshot replaces what was applied; it names the last entry and its term.");
pub(super) const INSTALL: Rule =
    rule("§7", "A follower whose next entry is gone is sent the snapshot, and keeps what it has after it.");
pub(super) const OLD_SNAPSHOT: Rule =
    rule("§7", "A snapshot of what is committed already brings nothing new.");

// Reads.
pub(super) const ASK_FOLLOWERS: Rule = rule(
    "thesis §6.4",
    "A read waits until a majority has answered a round sent after it, and until its index is applied.",
);
pub(super) const LEASED: Rule =
    rule("thesis §6.4.1", "While a majority has promised to follow, the leader answers reads at once.");
pub(super) const LEASE_ENDS: Rule =
    rule("thesis §6.4.1", "A lease ends an election timeout after the round that it rests on was sent.");
