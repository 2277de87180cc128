//! Session guarantees (Terry et al. 1994): a client never goes behind what it has read or written itself.
//!
//! The paper's session keeps what its reads and writes have seen, and only a server that is as far may serve
//! it. Here a read waits for answers that are as far, and a write is later than all that the session has
//! seen. The paper orders the writes of a whole database. This store orders the versions of one key, so the
//! guarantees hold key by key.

use super::client::Request;
use super::{Key, Quorum, Rc, Versions};
use faultline_core::prelude::*;

pub(super) const BEHIND: Rule = Rule::new(
    "Terry et al. 1994",
    "A read of a session waits while the answers are behind what the session has read or written.",
);

impl Request {
    /// Whether the answers to a read are behind what the session has seen of the key; without a session that
    /// is nothing.
    pub(super) fn is_behind(&self, seen: &Map<Key, Versions>) -> bool {
        self.write.is_none() && seen.get(&self.key).is_some_and(|seen| self.merged().is_behind(seen))
    }
}

impl Versions {
    /// Whether an answer is behind what a session has seen. Of a deletion it is enough that the answer holds
    /// nothing that it supersedes, since replicas forget deletions.
    pub(super) fn is_behind(&self, seen: &Versions) -> bool {
        seen.iter().any(|version| match version.value {
            Some(_) => !self.iter().any(|it| it.covers(version)),
            None => self.iter().any(|it| version.supersedes(it)),
        })
    }
}

impl Quorum {
    /// A session has read these versions of a key, or has written one.
    pub(super) fn see(&mut self, key: Key, versions: &Versions, ctx: &Ctx<Self>) {
        if ctx.params().session {
            Rc::make_mut(&mut self.disk.seen).or_default(key).merge(versions);
        }
    }

    /// How late a write must be stamped: in a session, later than all versions that it has seen.
    pub(super) fn earliest(&self, key: Key, ctx: &Ctx<Self>) -> Micros {
        let seen = self.disk.seen.get(&key).filter(|_| !ctx.params().bugs.stamps_by_clock);
        let latest = seen.and_then(|seen| seen.iter().map(|version| version.time).max());
        latest.map_or(0, |latest| latest.saturating_add(1))
    }
}
