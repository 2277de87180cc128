//! What servers are asked, and what they tell.

use crate::Key;
use faultline_core::prelude::*;

/// What the application, or the operator, asks of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "a server can be asked to `Add a 5`, to `Read a`, to `Backup`, to `Promote`, to `Confirm`, to `Rewind` or to \
                 `Restore 250ms`"
)]
pub enum Input {
    /// Of a primary: add so much to a page, and commit.
    #[words("Add {0} {1}")]
    Add(Key, u32),
    /// Of a primary or a hot standby: what is on a page?
    #[words("Read {0}")]
    Read(Key),
    /// Of a primary: make a base backup.
    Backup,
    /// Of a standby: become the primary of a new timeline.
    Promote,
    /// Of a server that waits for the old primary to be fenced: it is off, and stays off until you serve.
    Confirm,
    /// Of a server whose log went another way: take over the pages and the log of the primary.
    Rewind,
    /// Of a server that does not serve: restore the base backup, and replay the log up to this time.
    #[words("Restore {0}")]
    Restore(Target),
}

/// A point in time, as the clocks of primaries read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(pub Micros);

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// A primary has written a commit record, by its LSN.
    #[words("Wrote {0}")]
    Wrote(u64),
    /// The client is told that it committed.
    #[words("Acknowledged {0}")]
    Acknowledged(u64),
    /// A server serves a timeline after so many records.
    #[words("Serves timeline {0} after {1}")]
    Serves(u32, u64),
    /// An operator has vouched for this server: it is off, and stays off until a standby serves.
    #[words("Told that {0} is off")]
    Vouched(NodeId),
    /// A server will not serve this timeline any more.
    #[words("Fenced off timeline {0}")]
    FencedOff(u32),
    /// A server has these records in its log, on disk.
    #[words("Flushed {0}")]
    Flushed(u64),
    /// Its pages have these records.
    #[words("Replayed {0}")]
    Replayed(u64),
    /// Its log has a record that is not in the history of its primary.
    #[words("Diverged at {0}")]
    Diverged(u64),
    /// It has given up so many records that were only its own.
    #[words("Rewound by {0}")]
    Rewound(u64),
    /// The value of a page, from pages that have so many records.
    #[words("Read {0} = {1} at {2}")]
    Read(Key, u64, u64),
    /// A primary holds a segment for archived.
    #[words("Archived segment {1} of timeline {0}")]
    Archived(u32, u64),
    /// The archive has booted, or has something new on its disk.
    Synced,
    /// A base backup is in the archive.
    #[words("Backed up from {0} to {1}")]
    BackedUp(u64, u64),
    /// A server is restored to a time: it stands after so many records of a timeline.
    #[words("Restored to {0}: timeline {1}, record {2}")]
    Restored(Target, u32, u64),
    /// It cannot be restored to the time: it has so many records and finds no more.
    #[words("Ended before {0}, at record {1}")]
    Ended(Target, u64),
}
