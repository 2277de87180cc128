//! Raft's own claims beyond those of the problem (Figure 3): why it is safe.

use super::record::numbered;
use super::{Entry, Input, Output, Raft, Record, Role};
use crate::{Command, Fact, Request, Serial, StateMachineReplication};
use faultline_core::card;
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;

/// How it comes to be safe.
pub(super) const LEMMAS: &[Property<Raft>] = &[
    always("Election Safety", "Each term has at most one leader.", About::Outputs, election_safety)
        .given(has_leader),
    always(
        "Leader Append-Only",
        "A leader never overwrites or deletes entries in its log.",
        About::Disks,
        append_only,
    )
    .given(has_leader),
    always(
        "Log Matching",
        "If two logs have the same term at an index, they agree on all entries before it.",
        About::Disks,
        log_matching,
    )
    .given(|scene| {
        let logs = scene.record.servers.iter().filter(|server| !server.log.is_empty());
        if logs.count() > 1 { Ok(()) } else { Err("no two logs have entries yet") }
    }),
    always(
        "Leader Completeness",
        "Every committed entry is in the log of every later leader.",
        About::Outputs,
        completeness,
    )
    .given(|scene| {
        let latest = scene.record.leaders.keys().next_back();
        match scene.record.committed_in.get(1) {
            None => Err("no entry has been committed yet"),
            Some(first) if latest <= Some(first) => {
                Err("no leader was elected in a later term than that of a commit")
            }
            Some(_) => Ok(()),
        }
    }),
];

/// What sessions promise to clients.
pub(super) const SESSIONS: &[Property<Raft>] = &[
    always(
        "Executed Once",
        "A command of a session is executed at one entry only, and at the same one on every server.",
        About::Outputs,
        executed_once,
    )
    .given(|scene| match scene.record.has_repeated {
        true => Ok(()),
        false => Err("no client has repeated a command in a session yet"),
    }),
    always(
        "Same Sessions",
        "Two servers that have applied the same entries know the same sessions.",
        About::Outputs,
        same_sessions,
    )
    .given(|scene| match scene.nodes().any(|(_, node)| !node.sessions.is_empty()) {
        true => Ok(()),
        false => Err("no client has a session yet"),
    }),
];

/// What comes about in the end, and what may come about on the way.
pub(super) const COURSE: &[Property<Raft>] = &[
    eventually(
        "Leadership",
        "Eventually, a majority follows one leader, though perhaps not for long. This assumes that messages \
         to all servers and their answers take much less time than the election timeout (§5.6). Without \
         `pre-vote` it also assumes that no member stands with an earlier set of members and so asks too few \
         (thesis §4.2.3).",
        Despite::Few,
        |scene| majority_is_up(scene).and_then(|()| all_members_are_asked(scene)),
        leadership,
    )
    .since(|scene| Some(scene.record.followed)),
    sometimes(
        "Rival leaders",
        "Two nodes believe at the same time that they lead.",
        About::Outputs,
        rival_leaders,
    ),
    sometimes("Overwriting", "An entry that was never committed is overwritten.", About::Disks, overwriting),
];

impl StateMachineReplication for Raft {
    type Entry = Entry;

    fn command(entry: &Entry) -> &Command {
        &entry.command
    }

    fn fact(output: &Output) -> Option<Fact<'_, Entry>> {
        match output {
            Output::Applied { index, entry } => Some(Fact::Applied(*index, entry)),
            Output::Skipped { index, .. } => Some(Fact::Skipped(*index)),
            Output::Client(reply) => Some(Fact::Told(reply)),
            Output::Elected { .. } | Output::Refused { .. } => None,
        }
    }

    fn applying(index: u64, entry: &Entry) -> Output {
        Output::Applied { index, entry: entry.clone() }
    }

    fn request(input: &Input) -> Option<&Request> {
        match input {
            Input::Client(request) | Input::Numbered { request, .. } => Some(request),
            Input::Register
            | Input::Add(_)
            | Input::Learn(_)
            | Input::Remove(_)
            | Input::Reconfigure(_)
            | Input::Transfer(_) => None,
        }
    }

    fn serial(input: &Input) -> Option<Serial> {
        match input {
            Input::Numbered { serial, .. } => Some(*serial),
            _ => None,
        }
    }

    fn known(record: &Record) -> &crate::Record<Entry> {
        &record.replicated
    }

    fn stuck(scene: &Scene<'_, Self>) -> Option<(NodeId, u64, Micros)> {
        stuck(scene)
    }

    fn asked(scene: &Scene<'_, Self>) -> Result<(), &'static str> {
        let Some((_, leader)) = followed_leaders(scene).next() else {
            return Err("no majority follows a leader yet");
        };
        let is_client = |entry: &Entry| {
            matches!(entry.command, Command::Client(_) | Command::Register | Command::Numbered { .. })
        };
        // What a snapshot stands for was asked for by somebody.
        let asked = leader.log.base().index > 0
            || (1..=leader.log.len()).any(|index| leader.log.get(index).is_some_and(is_client));
        if asked { Ok(()) } else { Err("no client has requested anything yet") }
    }

    fn applied(&self) -> Option<(&Log<Entry>, u64)> {
        Some((&self.log, self.applied))
    }
}

fn has_leader(scene: &Scene<'_, Raft>) -> Result<(), &'static str> {
    if scene.record.leaders.is_empty() { Err("no leader has been elected yet") } else { Ok(()) }
}

fn election_safety(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Elected { term } = output
            && let Some(other) = scene.record.leaders.get(term).filter(|&&other| other != scene.who)
        {
            let leads = |node| Side::of(node).showing(card::Fact::Role);
            return Err(Contradiction::between(
                format!("{other} and {} both won term {term}", scene.who),
                [leads(scene.who), leads(*other).telling(output)],
            ));
        }
    }
    Ok(())
}

fn executed_once(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    let executed = numbered(scene.outputs).filter(|(_, _, is_executed)| *is_executed);
    for (index, serial, _) in executed {
        if let Some(&first) = scene.record.executed.get(&serial).filter(|&&first| first != index) {
            let cell = card::Fact::Cell;
            let mut sides = vec![Side::of(scene.who).showing(cell(index))];
            let entry = scene.record.replicated.applied.get(first).cloned();
            let applied = entry.map(|entry| Output::Applied { index: first, entry });
            sides.extend(applied.map(|applied| Side::first_to_tell(&applied).showing(cell(first))));
            let who = scene.who;
            let sentence =
                format!("{who} executes {serial} in entry {index}, and it was executed in entry {first}");
            return Err(Contradiction::between(sentence, sides));
        }
    }
    Ok(())
}

fn same_sessions(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    let Some(node) = scene.node.filter(|_| !scene.outputs.is_empty()) else { return Ok(()) };
    let seen = |node: &Raft| node.sessions.iter().map(|(name, it)| (*name, it.number)).collect::<Vec<_>>();
    let others = scene.nodes().filter(|(id, other)| *id != scene.who && other.applied == node.applied);
    for (other, it) in others {
        if seen(it) != seen(node) {
            let field = |id| Side::of(id).showing(card::Fact::Field("sessions"));
            let (who, last) = (scene.who, node.applied);
            let sentence =
                format!("{who} and {other} have applied {last} entries and know different sessions");
            return Err(Contradiction::between(sentence, [field(who), field(other)]));
        }
    }
    Ok(())
}

fn append_only(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    let Some(node) = scene.node.filter(|node| node.leads()) else { return Ok(()) };
    let led =
        scene.record.servers.get(scene.who.index()).is_some_and(|server| server.leads == Some(node.term));
    let Some(before) = scene.record.log(scene.who).filter(|_| led) else { return Ok(()) };
    if before.is_same(&node.log) || node.log.agrees_until(before, before.len()) {
        return Ok(());
    }
    let changed = (1..=before.len()).find(|&index| node.log.get(index) != before.get(index));
    let cell = card::Fact::Cell(changed.unwrap_or(before.len()));
    Err(Contradiction::between(
        format!("{}, leader of term {}, changed entries of its own log", scene.who, node.term),
        [
            Side::of(scene.who).showing(cell),
            Side::of(scene.who).showing(card::Fact::Role).telling(&Output::Elected { term: node.term }),
        ],
    ))
}

fn log_matching(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    let Some(node) = scene.node else { return Ok(()) };
    let log = &node.log;
    if scene.record.log(scene.who).is_some_and(|before| before.is_same(log)) {
        return Ok(());
    }
    for (other, theirs) in scene.record.other_logs(scene.who) {
        let same_term = |index: &u64| term(log, *index) == term(theirs, *index);
        let base = log.base().index.max(theirs.base().index);
        let last = (base + 1..=log.len().min(theirs.len())).rev().find(same_term).unwrap_or(0);
        if !log.agrees_until(theirs, last) {
            let differs = (base + 1..last).rev().find(|&index| log.get(index) != theirs.get(index));
            let holds = |node| Side::of(node).showing(card::Fact::Cell(differs.unwrap_or(last)));
            return Err(Contradiction::between(
                format!("{} and {other} agree on entry {last}, but not on all before it", scene.who),
                [holds(scene.who), holds(other)],
            ));
        }
    }
    Ok(())
}

fn term(log: &Log<Entry>, index: u64) -> Option<u64> {
    log.get(index).map(|entry| entry.term)
}

/// Judged when a leader is elected, of what was committed in earlier terms, and when something is committed, of the
/// leaders of later terms that there are already.
fn completeness(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    let record = scene.record;
    let known = record.replicated.applied.len();
    let news = scene.outputs.iter().filter(|output| match output {
        Output::Elected { .. } => true,
        Output::Applied { index, .. } => *index > known,
        _ => false,
    });
    for output in news {
        if let (Output::Elected { term }, Some(node)) = (output, scene.node) {
            let length = record.committed_before(*term);
            if node.log.len() < length || !node.log.agrees_until(&record.replicated.applied, length) {
                let missing =
                    (1..=length).find(|&index| node.log.get(index) != record.replicated.applied.get(index));
                let missing = missing.unwrap_or(length);
                let cell = card::Fact::Cell(missing);
                let entry = record.replicated.applied.get(missing).cloned();
                let applied = entry.map(|entry| Output::Applied { index: missing, entry });
                let mut sides = vec![Side::of(scene.who).showing(cell)];
                sides.extend(applied.map(|applied| Side::first_to_tell(&applied).showing(cell)));
                return Err(Contradiction::between(
                    format!("{} leads term {term} without the committed entry {missing}", scene.who),
                    sides,
                ));
            }
        }
        if let (Output::Applied { index, entry }, Some(node)) = (output, scene.node) {
            let later = scene.nodes().find(|(_, other)| {
                other.leads() && other.term > node.term && other.log.get(*index) != Some(entry)
            });
            if let Some((leader, other)) = later {
                let (who, term) = (scene.who, other.term);
                let (cell, elected) = (card::Fact::Cell(*index), Output::Elected { term });
                return Err(Contradiction::between(
                    format!("{who} commits entry {index}, but {leader} leads term {term} without it"),
                    [Side::of(who).showing(cell), Side::of(leader).showing(cell).telling(&elected)],
                ));
            }
        }
    }
    Ok(())
}

/// The leaders that a majority follows, as far as their followers know.
fn followed_leaders<'a>(scene: &'a Scene<'_, Raft>) -> impl Iterator<Item = (NodeId, &'a Raft)> {
    scene.nodes().filter(|(id, node)| {
        let follows = |follower: NodeId| {
            let follower = scene.node_of(follower);
            follower.is_some_and(|it| it.leader == Some(*id) && it.term == node.term)
        };
        node.leads() && node.members.latest().is_quorum(follows)
    })
}

fn majority_is_up(scene: &Scene<'_, Raft>) -> Result<(), &'static str> {
    let is_up =
        |(_, node): (NodeId, &Raft)| node.members.latest().is_quorum(|id| scene.node_of(id).is_some());
    if scene.nodes().any(is_up) { Ok(()) } else { Err("no majority of the members is up") }
}

/// Without pre-vote, a member that was removed, missed that, and was added again goes on to stand with the
/// members that its log names. It cannot win and does not ask all, so the others learn of its term only when
/// it refuses them. Their elections meet it in terms in which it has voted for itself, until one of them
/// overtakes it by chance. That takes far longer than `settles` allows, which counts on candidates that reach
/// each other.
fn all_members_are_asked(scene: &Scene<'_, Raft>) -> Result<(), &'static str> {
    let Some((_, newest)) = scene.nodes().max_by_key(|(_, node)| (node.last_term(), node.log.len())) else {
        return Ok(());
    };
    let latest = newest.members.latest();
    let asks_too_few = scene.nodes().any(|(id, node)| {
        let asks = |other: NodeId| other == id || node.members.latest().contains(other);
        latest.contains(id) && !node.asks_first && node.may_stand(id) && !latest.nodes().all(asks)
    });
    if asks_too_few {
        return Err("a member stands with an earlier set of members, which `pre-vote` prevents");
    }
    Ok(())
}

fn leadership(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    if followed_leaders(scene).next().is_some() {
        return Ok(());
    }
    let alone = scene.nodes().find(|(_, node)| node.leads()).or(scene.nodes().next());
    let sides: Vec<Side> = alone.map(|(id, _)| Side::of(id).showing(card::Fact::Role)).into_iter().collect();
    Err(Contradiction::between("no majority follows a leader".into(), sides))
}

/// The first entry of a leader's own term that it has not committed, though a majority holds it, and since when it has committed
/// nothing.
fn stuck(scene: &Scene<'_, Raft>) -> Option<(NodeId, u64, Micros)> {
    followed_leaders(scene).find_map(|(leader, node)| {
        let is_own = |index: &u64| node.term_at(*index) == Some(node.term);
        let index = (node.commit + 1..=node.log.len()).find(is_own)?;
        let holds = |id| scene.node_of(id).is_some_and(|it| it.term_at(index) == Some(node.term));
        node.members.latest().is_quorum(holds).then_some((
            leader,
            index,
            scene.record.servers.get(leader.index())?.committed_at,
        ))
    })
}

fn rival_leaders(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    let elected = scene.outputs.iter().any(|output| matches!(output, Output::Elected { .. }));
    let others = scene.record.servers.iter().enumerate().filter(|(place, _)| *place != scene.who.index());
    let rivals = elected && others.into_iter().any(|(_, server)| server.leads.is_some());
    if rivals { Ok(()) } else { Err(Contradiction::default()) }
}

fn overwriting(scene: &Scene<'_, Raft>) -> Result<(), Contradiction> {
    let node = scene.node.filter(|node| matches!(node.role, Role::Follower));
    let before = scene.record.log(scene.who);
    let (Some(node), Some(before)) = (node, before) else { return Err(Contradiction::default()) };
    if before.is_same(&node.log) {
        return Err(Contradiction::default());
    }
    let kept = node.log.len() >= before.len() && node.log.agrees_until(before, before.len());
    if kept { Err(Contradiction::default()) } else { Ok(()) }
}
