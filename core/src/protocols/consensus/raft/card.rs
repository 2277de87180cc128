//! What the page shows of a server.

use super::{Entry, FIXED, Raft, Role};
use crate::node::NodeId;
use crate::view::{Card, Field, LogCell, Meaning, Tone};

pub(super) fn of(node: &Raft) -> Card {
    let (role, tone) = match node.role {
        Role::Follower => ("follower", Tone::Plain),
        Role::Candidate { .. } => ("candidate", Tone::Seeking),
        Role::Leader { .. } => ("leader", Tone::Leading),
        Role::PreCandidate { .. } => ("pre-candidate", Tone::Seeking),
    };
    let table = node.store.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    Card {
        role,
        tone,
        badge: format!("term {}", node.term),
        fields: fields(node),
        log: log(node),
        table,
        ..Card::default()
    }
}

fn fields(node: &Raft) -> Vec<Field> {
    let name = |node: Option<NodeId>| node.map_or("nobody".to_owned(), |node| node.to_string());
    let mut fields = vec![
        Field::new("term", Meaning::Term, node.term),
        Field::new("voted for", Meaning::Nodes, name(node.voted_for)),
        Field::new("leader", Meaning::Nodes, name(node.leader)),
        Field::new("commit index", Meaning::Counter, node.commit),
    ];
    match &node.role {
        Role::Follower => {}
        Role::Candidate { votes } => fields.push(Field::new("votes from", Meaning::Nodes, votes)),
        Role::PreCandidate { votes } => fields.push(Field::new("promises from", Meaning::Nodes, votes)),
        Role::Leader { next, matched } => {
            let list = |numbers: &[u64]| {
                let words: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                words.join(" ")
            };
            fields.push(Field::new("next index", Meaning::Counter, list(next)));
            fields.push(Field::new("match index", Meaning::Counter, list(matched)));
        }
    }
    if node.changes != FIXED {
        fields.push(Field::new("members", Meaning::Nodes, node.members.latest()));
    }
    if let Some(snapshot) = &node.snapshot {
        fields.push(Field::new("snapshot up to", Meaning::Counter, snapshot.index));
    }
    fields
}

/// The entries; a snapshot stands in the place of the last one that it replaced.
fn log(node: &Raft) -> Vec<LogCell> {
    let base = node.log.base().index;
    let cell =
        |index, term, text| LogCell { index, term, text, committed: index <= node.commit, changed: false };
    let snapshot = node.snapshot.iter().map(|snapshot| cell(base, snapshot.term, "snapshot".into()));
    let entry = |(index, entry): (u64, &Entry)| cell(index, entry.term, entry.command.to_string());
    snapshot.chain((base + 1..).zip(node.log.after(base)).map(entry)).collect()
}
