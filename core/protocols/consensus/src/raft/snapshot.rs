//! Snapshots (§7): a snapshot of the state machine replaces the applied entries, and a follower whose next entry was
//! discarded receives the snapshot. One message carries all of it; the paper cuts it into chunks.

use super::{Raft, Sessions, membership::Members};
use crate::Store;
use faultline_core::prelude::*;
use faultline_core::toolbox::configuration::Configuration;
use faultline_core::toolbox::log::{Base, Log};
use std::fmt::{self, Display};
use std::sync::Arc;

const COMPACT: Rule = Rule::new(
    "§7",
    "A snapshot replaces the applied entries. It records the index and the term of the last one.",
);
const OLD_SNAPSHOT: Rule =
    Rule::new("§7", "A snapshot of entries that are already committed brings nothing new.");
const INSTALL: Rule = Rule::new(
    "§7",
    "A follower whose next entry was discarded receives the snapshot. It keeps its entries after the snapshot.",
);

/// What a beginning of the log came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snapshot {
    /// The index of the last entry included.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// What stands for the entries in the log.
    pub base: Base,
    /// The latest members up to there.
    pub members: Arc<Configuration>,
    /// The state machine.
    pub store: Store,
    /// Its sessions: without them, a server that begins with a snapshot would execute again what it contains.
    pub sessions: Sessions,
}

impl Raft {
    /// Replaces what was applied by a snapshot, where that is enough entries.
    pub(super) fn compact(&mut self, ctx: &mut Ctx<Self>) {
        let (every, index) = (ctx.params().snapshot, self.applied);
        if every == 0 || index < self.log.base().index + every {
            return;
        }
        let forgets = ctx.params().bugs.forgets_snapshot_term;
        let term = self.term_at(index).filter(|_| !forgets).unwrap_or(0);
        self.log.compact(index);
        let (base, members) = (self.log.base(), self.members.settle(index));
        let (store, sessions) = (self.store.clone(), self.sessions.clone());
        self.snapshot = Some(Arc::new(Snapshot { index, term, base, members, store, sessions }));
        ctx.tell(&COMPACT, || format!("takes a snapshot up to entry {index}"));
    }

    /// Takes over a snapshot, unless it brings nothing new. Entries after it are kept where the log agrees with it.
    pub(super) fn install(&mut self, snapshot: Arc<Snapshot>, ctx: &mut Ctx<Self>) {
        let index = snapshot.index;
        if index <= self.commit {
            return ctx.note(&OLD_SNAPSHOT);
        }
        ctx.tell(&INSTALL, || format!("installs the snapshot up to entry {index}"));
        let keeps = self.term_at(index) == Some(snapshot.term) || ctx.params().bugs.keeps_conflicting_log;
        let later: Vec<_> = self.log.after(index).into_iter().filter(|_| keeps).cloned().collect();
        self.log = Log::based_on(snapshot.base);
        for entry in later {
            self.log.push(entry);
        }
        (self.commit, self.applied, self.store) = (index, index, snapshot.store.clone());
        self.sessions = snapshot.sessions.clone();
        self.members = Members::of(&self.log, Some(&snapshot), ctx);
        self.snapshot = Some(snapshot);
    }
}

impl Display for Snapshot {
    /// The last entry, then the state machine: `4@2, x=1`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}", self.index, self.term)?;
        self.store.iter().try_for_each(|(key, value)| write!(out, ", {key}={value}"))
    }
}
