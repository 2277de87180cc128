//! Snapshots (§7): what was applied is replaced by what came of it, and a follower whose next entry is gone is sent
//! that. One message carries all of it; the paper cuts it into chunks.

use super::{Raft, rules};
use faultline_core::node::Ctx;
use faultline_core::toolbox::configuration::Configuration;
use faultline_core::toolbox::log::{Base, Log};
use faultline_core::toolbox::map::Map;
use std::sync::Arc;

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
    pub store: Map<char, u64>,
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
        self.snapshot = Some(Arc::new(Snapshot { index, term, base, members, store: self.store.clone() }));
        ctx.tell(&rules::COMPACT, || format!("takes a snapshot up to entry {index}"));
    }

    /// Takes over a snapshot, unless it brings nothing new. Entries after it are kept where the log agrees with it.
    pub(super) fn install(&mut self, snapshot: Arc<Snapshot>, ctx: &mut Ctx<Self>) {
        let index = snapshot.index;
        if index <= self.commit {
            return ctx.note(&rules::OLD_SNAPSHOT);
        }
        ctx.tell(&rules::INSTALL, || format!("installs the snapshot up to entry {index}"));
        if self.term_at(index) == Some(snapshot.term) {
            self.log.compact(index);
        } else {
            self.log = Log::based_on(snapshot.base);
        }
        (self.commit, self.applied, self.store) = (index, index, snapshot.store.clone());
        self.members = super::membership::Members::of(&self.log, Some(&snapshot), ctx);
        self.snapshot = Some(snapshot);
    }
}
