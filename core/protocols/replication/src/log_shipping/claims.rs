//! What log shipping claims.

use super::record::Record;
use super::server::{Role, Server};
use super::wal::{Change, Pages, history, state, timeline_at};
use super::{LogShipping, Output, Shipping};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

type Here<'a, 'b> = &'a Scene<'b, LogShipping>;
type Judged = Result<(), Contradiction>;

pub(super) const CLAIMS: &[Property<LogShipping>] = &[
    always(
        "No Lost Commit",
        "No commit that was acknowledged is lost when a server begins to serve or is rewound. Promised with level on or remote-apply, \
         by stream, where the promoted standby is a synchronous one.",
        About::Outputs,
        no_lost_commit,
    )
    .given(|scene| given(scene.record.tested > 0, "no server has begun to serve since a commit was acknowledged")),
    always(
        "One Primary",
        "While one server serves, no other begins to. Promised with fencing, where operators vouch only for a server that stays off.",
        About::Outputs,
        one_primary,
    )
    .given(|scene| {
        given(
            !scene.record.vouched_wrongly,
            "an operator has vouched for a server that was up before another one served",
        )?;
        given(scene.record.promoted > 0, "no standby has been promoted yet")
    }),
    always(
        "Prefix",
        "The log of a standby is a prefix of the log of the primary of its timeline.",
        About::Outputs,
        prefix,
    )
    .given(|scene| given(scene.record.shipped, "no standby has flushed a record yet")),
    always(
        "Redo Once",
        "The pages of a server are what its log says, each record applied once, however often it was replayed.",
        About::Outputs,
        redo_once,
    )
    .given(|scene| given(scene.record.replayed, "no server has replayed a record yet")),
    always(
        "Exact Recovery",
        "A server that is restored to a time has exactly the commits of its timeline before the first one that is later than that time.",
        About::Outputs,
        exact_recovery,
    )
    .given(|scene| given(scene.record.restored, "no server has been restored yet")),
    always(
        "Archive Durable",
        "A segment that a primary holds for archived is on the disk of the archive.",
        About::Outputs,
        archive_durable,
    )
    .given(|scene| given(!scene.record.archived.is_empty(), "no primary holds a segment for archived yet")),
    eventually(
        "Availability",
        "Every commit is acknowledged, even if standbys are down. Not promised where it waits for a standby that is down.",
        Despite::Crashes,
        |scene| {
            given(scene.record.written.is_some(), "no server has been asked to commit yet")?;
            let follow = scene.record.waiting.keys().all(|(primary, _)| named_follow(scene, *primary));
            given(follow, "a synchronous standby is up and does not follow")
        },
        availability,
    )
    .since(|scene| scene.record.waiting.values().min().copied()),
    eventually(
        "Catch Up",
        "Every standby has the whole log of the primary on its disk and in its pages; by file, what was archived up to the first gap.",
        Despite::Nothing,
        |scene| {
            given(scene.record.written.is_some(), "no server has been asked to commit yet")?;
            given(primary(scene).is_some(), "no server serves")
        },
        catch_up,
    )
    .since(|scene| scene.record.written),
    sometimes(
        "Stale Read",
        "A hot standby answers a read without a commit that was acknowledged before.",
        About::Outputs,
        |scene| given(stale_read(scene), "").map_err(|_| Contradiction::default()),
    ),
    sometimes(
        "Divergence",
        "A server has records from after the fork that the new primary does not have.",
        About::Outputs,
        |scene| {
            let diverges = |output: &Output| matches!(output, Output::Diverged(_));
            given(scene.outputs.iter().any(diverges), "").map_err(|_| Contradiction::default())
        },
    ),
];

fn given(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// The server that took the step.
fn server<'a>(scene: Here<'a, '_>) -> Option<&'a Server> {
    match scene.node? {
        LogShipping::Server(server) => Some(server),
        LogShipping::Archive(_) => None,
    }
}

fn no_lost_commit(scene: Here<'_, '_>) -> Judged {
    let Some(server) = server(scene) else { return Ok(()) };
    for output in scene.outputs {
        let lost = scene.record.lost_by(scene.who, server, output);
        if let Some(((lsn, timeline), by)) = lost.first() {
            let (who, count) = (scene.who, lost.len());
            let which =
                if count == 1 { format!("commit {lsn}") } else { format!("{count} commits from {lsn} on") };
            let told = Output::Acknowledged(*lsn);
            return Err(Contradiction::between(
                format!("{who} has not {which} of timeline {timeline}, which {by} had acknowledged"),
                [Side::of(who).showing(Fact::Field("written")), Side::of(*by).telling(&told)],
            ));
        }
    }
    Ok(())
}

fn one_primary(scene: Here<'_, '_>) -> Judged {
    // An operator who was wrong has given the promise up.
    let promised = scene.outputs.iter().filter(|_| !scene.record.vouched_wrongly);
    let mut serving = promised.filter_map(|output| match output {
        Output::Serves(timeline, ..) => Some(*timeline),
        _ => None,
    });
    let serves = serving.next();
    let other = scene.record.serving.iter().find(|(node, _)| **node != scene.who);
    match (serves, other) {
        (Some(timeline), Some((node, older))) => {
            let who = scene.who;
            Err(Contradiction::between(
                format!("{who} begins to serve timeline {timeline} while {node} serves timeline {older}"),
                [Side::of(who).showing(Fact::Role), Side::of(*node).showing(Fact::Role)],
            ))
        }
        _ => Ok(()),
    }
}

/// The standby whose log on disk has grown in this step.
fn flushes<'a>(scene: Here<'a, '_>) -> Option<&'a Server> {
    let flushes = |output: &Output| matches!(output, Output::Flushed(_));
    server(scene).filter(|it| it.role == Role::Standby && scene.outputs.iter().any(flushes))
}

fn prefix(scene: Here<'_, '_>) -> Judged {
    let Some(standby) = flushes(scene) else { return Ok(()) };
    let wal = &standby.disk.wal;
    let (length, timeline) = (wal.len(), timeline_at(wal, wal.len()));
    let Some(history) = scene.record.histories.get(&timeline) else { return Ok(()) };
    if length <= history.len() && wal.agrees_until(history, length) {
        return Ok(());
    }
    let who = scene.who;
    Err(Contradiction::between(
        format!("the log of {who} is no prefix of the log of timeline {timeline}"),
        [Side::of(who).showing(Fact::Field("flushed"))],
    ))
}

/// The server that has replayed records in this step, if it has its whole log.
fn replays<'a>(scene: Here<'a, '_>) -> Option<&'a Server> {
    let replays = |output: &Output| matches!(output, Output::Replayed(lsn) if *lsn > 0);
    server(scene).filter(|it| it.wal.base().index == 0 && scene.outputs.iter().any(replays))
}

fn redo_once(scene: Here<'_, '_>) -> Judged {
    let Some(server) = replays(scene) else { return Ok(()) };
    let expected = state(&server.wal, server.replayed);
    match first_wrong(&server.pages, &expected) {
        None => Ok(()),
        Some(key) => {
            let who = scene.who;
            let (has, wants) = (value(&server.pages, key), value(&expected, key));
            Err(Contradiction::between(
                format!("{who} has {key} = {has}, but its log up to {} says {wants}", server.replayed),
                [Side::of(who).showing(key.row())],
            ))
        }
    }
}

fn value(pages: &Pages, key: crate::Key) -> u64 {
    pages.get(&key).map_or(0, |page| page.value)
}

fn first_wrong(pages: &Pages, expected: &Pages) -> Option<crate::Key> {
    pages.keys().chain(expected.keys()).find(|key| value(pages, **key) != value(expected, **key)).copied()
}

fn exact_recovery(scene: Here<'_, '_>) -> Judged {
    let Some(server) = server(scene) else { return Ok(()) };
    for output in scene.outputs {
        let Output::Restored(target, timeline, lsn) = output else { continue };
        let Some(history) = scene.record.histories.get(timeline) else { continue };
        let later =
            history.after(0).into_iter().position(|it| it.change != Change::Fill && it.time > target.0);
        let expected = later.map_or(history.len(), |place| place as u64);
        let (who, pages) = (scene.who, state(history, expected));
        let side = Side::of(who).showing(Fact::Field("replayed"));
        if *lsn != expected {
            let sentence = format!(
                "{who} stops at record {lsn}, but timeline {timeline} has the records up to {expected} by {target}"
            );
            return Err(Contradiction::between(sentence, [side]));
        }
        if let Some(key) = first_wrong(&server.pages, &pages) {
            let (has, wants) = (value(&server.pages, key), value(&pages, key));
            let sentence = format!(
                "{who} is restored to {key} = {has}, but timeline {timeline} had {wants} at {target}"
            );
            return Err(Contradiction::between(sentence, [Side::of(who).showing(key.row())]));
        }
    }
    Ok(())
}

fn archive_durable(scene: Here<'_, '_>) -> Judged {
    let Some(LogShipping::Archive(archive)) = scene.node else { return Ok(()) };
    let has = |name: &(u32, u64)| archive.disk.files.contains_key(name);
    match scene.record.archived.iter().find(|(name, _)| !has(name)) {
        None => Ok(()),
        Some(((timeline, number), primary)) => {
            let who = scene.who;
            let told = Output::Archived(*timeline, *number);
            Err(Contradiction::between(
                format!(
                    "{who} does not have segment {number} of timeline {timeline}, which {primary} holds for archived"
                ),
                [Side::of(who).showing(Fact::Field("segments")), Side::of(*primary).telling(&told)],
            ))
        }
    }
}

/// Whether the synchronous standbys of a primary that are up follow it.
fn named_follow(scene: Here<'_, '_>, primary: NodeId) -> bool {
    let Some(LogShipping::Server(server)) = scene.node_of(primary) else { return true };
    let mut named = server.named.iter();
    named.all(|node| match scene.node_of(*node) {
        Some(LogShipping::Server(it)) => it.role == Role::Standby && it.disk.timeline <= server.disk.timeline,
        _ => true,
    })
}

fn availability(scene: Here<'_, '_>) -> Judged {
    match scene.record.waiting.iter().min_by_key(|(_, since)| **since) {
        None => Ok(()),
        Some(((who, lsn), _)) => Err(Contradiction::between(
            format!("{who} has written commit {lsn} and has not acknowledged it"),
            [Side::of(*who).showing(Fact::Field("first waiting commit")).telling(&Output::Wrote(*lsn))],
        )),
    }
}

/// The server that serves the newest timeline.
fn primary<'a>(scene: Here<'a, '_>) -> Option<&'a Server> {
    let servers = scene.nodes().filter_map(|(_, node)| match node {
        LogShipping::Server(server) if server.role == Role::Primary => Some(server),
        _ => None,
    });
    servers.max_by_key(|server| server.disk.timeline)
}

fn catch_up(scene: Here<'_, '_>) -> Judged {
    let Some(primary) = primary(scene) else { return Ok(()) };
    for (node, it) in scene.nodes() {
        let LogShipping::Server(standby) = it else { continue };
        let (has, wants) = match primary.shipping {
            Shipping::Stream => (standby.disk.wal.len(), primary.disk.wal.len()),
            Shipping::File => {
                (standby.disk.wal.len(), standby.disk.wal.len() + u64::from(lacks(scene, primary, standby)))
            }
        };
        if standby.role == Role::Standby && standby.replayed.min(has) < wants {
            return Err(Contradiction::between(
                format!("{node} has replayed {} records, and there are {wants} for it", standby.replayed),
                [Side::of(node).showing(Fact::Field("replayed"))],
            ));
        }
    }
    Ok(())
}

/// Whether a primary holds the segment for archived that has the next record of a standby. Where that was never archived, and its
/// primary is gone, there is nothing to follow.
fn lacks(scene: Here<'_, '_>, primary: &Server, standby: &Server) -> bool {
    let next = standby.disk.wal.len() + 1;
    let (number, least) = ((next - 1) / standby.segment, timeline_at(&primary.wal, next));
    let history = history(&primary.wal, primary.disk.timeline, primary.disk.began);
    let has = |timeline: u32| scene.record.archived.contains_key(&(timeline, number));
    least > 0 && history.iter().any(|(timeline, _)| *timeline >= least && has(*timeline))
}

fn stale_read(scene: Here<'_, '_>) -> bool {
    scene.outputs.iter().any(|output| {
        let Output::Read(key, _, at) = output else { return false };
        let missed =
            |(lsn, entry): (u64, Change)| lsn > *at && matches!(entry, Change::Add(of, _) if of == *key);
        let all = scene.record.acknowledged.iter();
        all.map(|((lsn, _), (entry, _))| (*lsn, entry.change)).any(missed)
    })
}

impl Record {
    /// How many acknowledged commits were lost, and how many there were.
    pub(super) fn losses(&self) -> (u64, u64) {
        (self.lost, self.commits)
    }
}
