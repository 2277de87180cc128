//! What is claimed of sessions (Terry et al. 1994, §3), key by key.

use super::claims::{reached, reads, writer};
use super::record::Record;
use super::version::{Version, Versions};
use super::{Key, Output, Quorum};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// What the judge remembers of sessions, and what has come up that their claims need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sessions {
    /// Whether clients are sessions, and whether writes are later than what their clients have seen anyway.
    pub(super) on: bool,
    pub(super) vectors: bool,
    /// What each client has read, and which of its writes are done.
    pub(super) read: Map<(NodeId, Key), Versions>,
    pub(super) wrote: Map<(NodeId, Key), Versions>,
    /// Whether a client has read what it had written, or had read; and has written what it had written, or
    /// had read.
    read_own: bool,
    read_again: bool,
    wrote_own: bool,
    wrote_read: bool,
}

impl Sessions {
    /// Whether reads never go behind what their clients know.
    fn promises_reads(&self) -> bool {
        self.on
    }

    /// Whether writes are later than what their clients know: by the clocks of sessions, or by vector clocks.
    fn promises_writes(&self) -> bool {
        self.on || self.vectors
    }

    /// A client is about to be told what a key holds.
    pub(super) fn reads(&mut self, who: NodeId, key: Key, versions: &Versions) {
        self.read_own |= self.wrote.contains_key(&(who, key));
        self.read_again |= self.read.contains_key(&(who, key));
        self.read.or_default((who, key)).merge(versions);
    }

    /// A client begins a write.
    pub(super) fn begins(&mut self, who: NodeId, key: Key) {
        self.wrote_own |= self.wrote.contains_key(&(who, key));
        self.wrote_read |= self.read.get(&(who, key)).is_some_and(|versions| !versions.is_empty());
    }
}

const NO_SESSION: &str = "clients are no sessions";
const BY_THE_CLOCK: &str = "timestamps decide, and clients are no sessions";

/// What quorums claim of sessions.
pub(super) const CLAIMS: &[Property<Quorum>] = &[
    always(
        "Read Your Writes",
        "In a session, a read returns what the same client has written before, or what supersedes it.",
        About::Outputs,
        |scene| reads_hold(scene, Known::Wrote),
    )
    .given(|scene| match scene.record.sessions {
        Sessions { on: false, .. } => Err(NO_SESSION),
        Sessions { read_own: false, .. } => Err("no client has read a key after its own write of it"),
        _ => Ok(()),
    }),
    always(
        "Monotonic Reads",
        "In a session, a read returns what the same client has read before, or what supersedes it.",
        About::Outputs,
        |scene| reads_hold(scene, Known::Read),
    )
    .given(|scene| match scene.record.sessions {
        Sessions { on: false, .. } => Err(NO_SESSION),
        Sessions { read_again: false, .. } => Err("no client has read a key twice"),
        _ => Ok(()),
    }),
    always(
        "Monotonic Writes",
        "A write supersedes what the same client has written before, and nothing of that supersedes it \
         later. Timestamps promise this only in a session.",
        About::Outputs,
        |scene| writes_hold(scene, Known::Wrote),
    )
    .given(|scene| match scene.record.sessions {
        Sessions { on: false, vectors: false, .. } => Err(BY_THE_CLOCK),
        Sessions { wrote_own: false, .. } => Err("no client has written a key twice"),
        _ => Ok(()),
    }),
    always(
        "Writes Follow Reads",
        "A write supersedes what the same client has read before. Timestamps promise this only in a session.",
        About::Outputs,
        |scene| writes_hold(scene, Known::Read),
    )
    .given(|scene| match scene.record.sessions {
        Sessions { on: false, vectors: false, .. } => Err(BY_THE_CLOCK),
        Sessions { wrote_read: false, .. } => Err("no client has written a key whose value it had read"),
        _ => Ok(()),
    }),
    sometimes(
        "Session Anomaly",
        "A read or a write goes behind what the same client has read or written before.",
        About::Outputs,
        |scene| {
            let odd = |known| goes_behind(scene, known).is_some() || comes_behind(scene, known).is_some();
            reached([Known::Read, Known::Wrote].into_iter().any(odd))
        },
    ),
];

/// What a client has read, or what it has written.
#[derive(Clone, Copy)]
enum Known {
    Read,
    Wrote,
}

/// A step that goes behind what a client knows: what it does, in words, the side that shows it, and the
/// version of which key it should supersede.
struct Behind {
    does: String,
    shows: Side,
    key: Key,
    known: Version,
}

/// Reads return what their clients know, where that is promised.
fn reads_hold(scene: &Scene<'_, Quorum>, known: Known) -> Result<(), Contradiction> {
    let promised = scene.record.sessions.promises_reads();
    if promised { holds(scene, goes_behind(scene, known)) } else { Ok(()) }
}

/// Writes supersede what their clients know, where that is promised.
fn writes_hold(scene: &Scene<'_, Quorum>, known: Known) -> Result<(), Contradiction> {
    let promised = scene.record.sessions.promises_writes();
    if promised { holds(scene, comes_behind(scene, known)) } else { Ok(()) }
}

fn holds(scene: &Scene<'_, Quorum>, behind: Option<Behind>) -> Result<(), Contradiction> {
    let Some(Behind { does, shows, key, known }) = behind else { return Ok(()) };
    Err(Contradiction::between(does, [shows, writer(scene.record, key, &known)]))
}

/// A read that misses what its client knows.
fn goes_behind(scene: &Scene<'_, Quorum>, known: Known) -> Option<Behind> {
    let (record, who): (&Record, _) = (scene.record, scene.who);
    reads(scene).find_map(|(key, versions)| {
        let (known, verb) = match known {
            Known::Read => (&record.sessions.read, "read"),
            Known::Wrote => (&record.sessions.wrote, "written"),
        };
        let known = known.get(&(who, key))?.iter().find(|known| record.misses(key, known, versions))?.clone();
        let does = format!("{who} reads {key}: {versions}, but had {verb} {known} before");
        Some(Behind { does, shows: Side::of(who).showing(Fact::Field("answers")), key, known })
    })
}

/// A write that does not supersede what its client knew when it began.
fn comes_behind(scene: &Scene<'_, Quorum>, known: Known) -> Option<Behind> {
    let record: &Record = scene.record;
    scene.outputs.iter().find_map(|output| {
        let (client, key, version) = match output {
            Output::Begun { input, write: Some(version) } => (scene.who, input.key(), version),
            Output::Coordinated { client, key, version, .. } => (*client, *key, version),
            _ => return None,
        };
        let now = |known: &Map<_, Versions>| known.get(&(client, key)).cloned().unwrap_or_default();
        let is_own = matches!(known, Known::Wrote);
        let (known, verb) = match (known, output) {
            (known, Output::Coordinated { request, .. }) => {
                let asked = record.asked.get(&(client, *request))?;
                match known {
                    Known::Read => (asked.read.clone(), "read"),
                    Known::Wrote => (asked.wrote.clone(), "written"),
                }
            }
            (Known::Read, _) => (now(&record.sessions.read), "read"),
            (Known::Wrote, _) => (now(&record.sessions.wrote), "written"),
        };
        let behind = known.iter().find(|known| !version.supersedes(known));
        let misordered = || match output {
            Output::Coordinated { request, .. } if is_own => {
                record.misordered((client, *request), key, version).map(|write| &write.version)
            }
            _ => None,
        };
        let known = behind.or_else(misordered)?.clone();
        let who = scene.who;
        let (does, shows) = if who == client {
            (format!("{who} writes {key}: {version}"), Side::of(who).showing(Fact::Field("request")))
        } else {
            (format!("{who} makes {key}: {version} for {client}"), Side::of(who).showing(key.row()))
        };
        let does = match behind {
            Some(_) => format!("{does}, but {client} had {verb} {known} before"),
            None => {
                format!("{does}, but {known} is another write of {client}, and the earlier one supersedes it")
            }
        };
        Some(Behind { does, shows, key, known })
    })
}
