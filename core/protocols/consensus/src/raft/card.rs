//! What the page shows of a server, and how its disk is written.

use super::{Entry, Membership, Raft, Role, Stable};
use faultline_core::card::{LogCell, LogMark, Member, Part, Poll};
use faultline_core::prelude::*;
use faultline_core::toolbox::quorum::majority;
use std::fmt::{self, Display};

pub(super) fn of(node: &Raft) -> Card {
    let (role, sign) = match node.role {
        Role::Follower if node.members.latest().learners().contains(node.me) => ("learner", Sign::Idle),
        Role::Follower => ("follower", Sign::Idle),
        Role::Candidate { .. } => ("candidate", Sign::Seeking),
        Role::Leader { .. } => ("leader", Sign::Leading),
        Role::PreCandidate { .. } => ("pre-candidate", Sign::Seeking),
    };
    let table = node.store.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    Card {
        role,
        sign,
        voted: voted(node),
        badge: format!("term {}", node.term),
        fields: fields(node),
        poll: poll(node),
        log: log(node),
        marks: marks(node),
        log_base: Some(node.log.base().index),
        members: members(node),
        table,
        ..Card::default()
    }
}

/// The node that got its vote, while it knows no leader of the term.
fn voted(node: &Raft) -> Option<NodeId> {
    let open = node.role == Role::Follower && node.leader.is_none();
    node.voted_for.filter(|_| open)
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
        Role::Leader { next, matched, .. } => {
            let list = |numbers: &[u64]| {
                let words: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                words.join(" ")
            };
            fields.push(Field::new("next index", Meaning::Counter, list(next)));
            fields.push(Field::new("match index", Meaning::Counter, list(matched)));
            let target = node.transfer.to.map(|to| Field::new("hands over to", Meaning::Nodes, to));
            fields.extend(target);
        }
    }
    if node.changes != Membership::Fixed {
        fields.push(Field::new("members", Meaning::Nodes, node.members.latest()));
    }
    if node.has_sessions {
        let each = node.sessions.iter().map(|(name, session)| format!("s{name}#{}", session.number));
        let each: Vec<_> = each.collect();
        let shown = if each.is_empty() { "none".into() } else { each.join(", ") };
        fields.push(Field::new("sessions", Meaning::Value, shown));
    }
    if let Some(snapshot) = &node.snapshot {
        fields.push(Field::new("snapshot up to", Meaning::Counter, snapshot.index));
    }
    fields
}

/// The votes of a candidate or, before it stands, the promises of votes; the copies of a leader's last entry while some member
/// may lack it, if it is of the leader's term: others are not counted (§5.4.2). Where old and new members decide together, no
/// number says how many are enough.
pub(super) fn poll(node: &Raft) -> Option<Poll> {
    let of_voters = |name: &str, votes: &NodeSet| Some(asked(node, name.into(), &|it| votes.contains(it)));
    match &node.role {
        Role::Candidate { votes } => of_voters("votes", votes),
        Role::PreCandidate { votes } => of_voters("promises of votes", votes),
        Role::Leader { .. } => {
            let last = node.log.len();
            let counts = last > node.log.base().index && node.term_at(last) == Some(node.term);
            let copies = copies(node, last).filter(|_| counts);
            copies.filter(|copies| copies.got() < copies.asked.len())
        }
        Role::Follower => None,
    }
}

/// The copies of an entry that a leader knows of.
pub(super) fn copies(node: &Raft, index: u64) -> Option<Poll> {
    let Role::Leader { matched, .. } = &node.role else { return None };
    let has = |it: NodeId| node.leader == Some(it) || matched[it.index()] >= index;
    Some(asked(node, format!("copies of entry {index}"), &has))
}

/// What a server asks of all members.
fn asked(node: &Raft, name: String, has: &dyn Fn(NodeId) -> bool) -> Poll {
    let members = node.members.latest();
    let enough = (!members.is_joint()).then(|| majority(members.members().len()));
    Poll::new(name, members.nodes().collect(), enough, has)
}

/// The voters according to this node, and the learners, if the members may change (§6).
fn members(node: &Raft) -> Vec<Member> {
    let latest = node.members.latest();
    let member = |node: NodeId| {
        let (part, word) = match latest.sides(node) {
            _ if latest.learners().contains(node) => (Part::Coming, "receives entries and has no vote"),
            (true, true) if latest.is_joint() => (Part::Full, "votes in both sets"),
            (false, _) => (Part::Coming, "votes in the new set only"),
            (_, false) => (Part::Going, "votes in the old set only"),
            _ => (Part::Full, "votes"),
        };
        Member { node, part, word }
    };
    latest.receivers().filter(|_| node.changes != Membership::Fixed).map(member).collect()
}

/// The leader's next and match index for every other member (Figure 2).
fn marks(node: &Raft) -> Vec<LogMark> {
    let Role::Leader { next, matched, .. } = &node.role else { return Vec::new() };
    let others = node.members.latest().receivers().filter(|&other| node.leader != Some(other));
    let both =
        |on: NodeId| [(next, 0), (matched, 1)].map(|(of, sort)| LogMark { on, index: of[on.index()], sort });
    others.flat_map(both).collect()
}

/// The entries; a snapshot stands in the place of the last one that it replaced.
fn log(node: &Raft) -> Vec<LogCell> {
    let base = node.log.base().index;
    let cell = |index, term, text| LogCell {
        index,
        term,
        text,
        named: false,
        committed: index <= node.commit,
        changed: false,
    };
    let snapshot = node.snapshot.iter().map(|snapshot| cell(base, snapshot.term, "snapshot".into()));
    let entry = |(index, entry): (u64, &Entry)| cell(index, entry.term, entry.command.to_string());
    snapshot.chain((base + 1..).zip(node.log.after(base)).map(entry)).collect()
}

impl Display for Stable {
    /// The terms of the last entries stand for the log: `term 4, voted n1, log …1·1·4`. A snapshot is named by its
    /// last entry.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "term {}, ", self.term)?;
        match self.voted_for {
            Some(candidate) => write!(out, "voted {candidate}, ")?,
            None => write!(out, "no vote, ")?,
        }
        if let Some(snapshot) = &self.snapshot {
            write!(out, "snapshot {}@{}, ", snapshot.index, snapshot.term)?;
        }
        write!(out, "log ")?;
        let base = self.log.base().index;
        let start = self.log.len().saturating_sub(12).max(base);
        let terms: Vec<_> = self.log.after(start).iter().map(|entry| entry.term.to_string()).collect();
        let (more, terms) = (if start > base { "…" } else { "" }, terms.join("·"));
        write!(out, "{more}{}", if terms.is_empty() { "empty" } else { &terms })
    }
}
