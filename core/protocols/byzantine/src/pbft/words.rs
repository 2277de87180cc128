//! How what PBFT's messages and disks carry is written, and what its cards show.

use super::client::Client;
use super::resend::Standing;
use super::{Certificate, Change, Counts, Pbft, Proposal, Replica, Slot, Stable, State, said};
use crate::{Answer, Operation, Request, words};
use faultline_core::card::{LogCell, Poll};
use faultline_core::prelude::*;
use faultline_core::sign::Story;
use faultline_core::toolbox::signed::Signed;
use std::fmt::{self, Display};

/// Which request gets which number: `number 1 to n5.1 Put x=1`.
pub(super) fn of(signed: &Signed<Proposal>) -> String {
    said(signed)
        .map_or(String::new(), |it| format!("number {} to {}", it.sequence, requested(it.request.as_ref())))
}

/// A number, its view and its request: `number 1 in view 0 (n5.1 Put x=1)`.
pub(super) fn numbered(proposal: Option<&Proposal>) -> String {
    proposal.map_or(String::new(), |it| {
        format!("number {} in view {} ({})", it.sequence, it.view, requested(it.request.as_ref()))
    })
}

pub(super) fn sequence(signed: &Signed<State>) -> u64 {
    said(signed).map_or(0, |state| state.sequence)
}

/// What was signed, without who signed it.
pub(super) fn unsigned<T: Display>(signed: &Signed<T>) -> String {
    said(signed).map_or(String::new(), T::to_string)
}

/// Who wants a view, and what it begins with: `n2, n3, n4, 1 in view 1, n5.1 Put x=1`. A wish with an odd
/// proof is written out.
pub(super) fn begun(changes: &[Signed<Change>], proposals: &[Signed<Proposal>]) -> String {
    let wanting = changes.iter().map(|signed| match said(signed).filter(|change| change.is_odd()) {
        Some(change) => format!("{} ({change})", signed.by()),
        None => signed.by().to_string(),
    });
    wanting.chain(proposals.iter().map(unsigned)).collect::<Vec<_>>().join(", ")
}

/// A request; who signed it only where it should have been somebody else.
pub(super) fn requested(signed: Option<&Signed<Request>>) -> String {
    match signed.map(|signed| (signed, said(signed))) {
        Some((signed, Some(request))) if signed.by() == request.client => request.to_string(),
        Some((signed, Some(request))) => format!("{request} signed by {}", signed.by()),
        _ => "nothing".into(),
    }
}

impl Display for Proposal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} in view {}, {}", self.sequence, self.view, requested(self.request.as_ref()))
    }
}

impl Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, stable {}", self.view, self.checkpoint.first().map_or(0, sequence))?;
        if let [alone] = &self.checkpoint[..] {
            write!(out, " ({} alone)", alone.by())?;
        }
        for certificate in &self.prepared {
            let Some(proposal) = certificate.first().and_then(said) else { continue };
            write!(out, ", prepared {proposal}")?;
            if is_odd(certificate) {
                write!(out, " ({})", proof(certificate))?;
            }
        }
        Ok(())
    }
}

impl Change {
    /// Whether one of its proofs is written out, since it is none.
    fn is_odd(&self) -> bool {
        self.checkpoint.len() == 1 || self.prepared.iter().any(is_odd)
    }
}

/// Who has signed what stands in a certificate.
pub(super) fn signers(certificate: &Certificate) -> NodeSet {
    certificate.iter().map(Signed::by).collect()
}

/// Whether a certificate is none in any system: one replica has signed it alone, or twice, or others have
/// signed something else.
fn is_odd(certificate: &Certificate) -> bool {
    let first = certificate.first().and_then(said);
    let differs = |signed| said(signed) != first;
    signers(certificate).len() < certificate.len().max(2) || certificate.iter().any(differs)
}

/// The signatures of an odd certificate: `n4 alone`, `n1, n4, n4`, or `n4; of something else n2, n3`.
fn proof(certificate: &Certificate) -> String {
    let first = certificate.first().and_then(said);
    let (same, others): (Vec<_>, Vec<_>) = certificate.iter().partition(|signed| said(signed) == first);
    let names = |signed: Vec<&Signed<Proposal>>| {
        signed.into_iter().map(|it| it.by().to_string()).collect::<Vec<_>>().join(", ")
    };
    match (same.len(), others.is_empty()) {
        (1, true) => format!("{} alone", names(same)),
        (_, true) => names(same),
        (_, false) => format!("{}; of something else {}", names(same), names(others)),
    }
}

impl Display for Standing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Standing { view, active, stable, committed } = self;
        let has = if *active { "in" } else { "wants" };
        write!(out, "{has} view {view}, stable {stable}, committed {committed}")
    }
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.booted { "has run" } else { "nothing" })
    }
}

/// Which request has this number in its view: `1 is n5’s x=1`.
pub(super) fn story(proposal: &Proposal) -> Story {
    let Proposal { sequence, view, request } = proposal;
    let what = match request.as_ref().and_then(said) {
        Some(Request { client, operation: Operation::Put(key, value), .. }) => {
            format!("{client}’s {key}={value}")
        }
        Some(Request { client, operation: Operation::Get(key), .. }) => format!("{client}’s Get {key}"),
        None => "nothing".into(),
    };
    Story { about: format!("{sequence} in view {view}"), says: format!("{sequence} is {what}"), face: None }
}

/// How many messages prove what a replica brings into a new view: its checkpoint and what it has prepared.
pub(super) fn proofs(change: &Change) -> usize {
    change.checkpoint.len() + change.prepared.iter().map(Vec::len).sum::<usize>()
}

/// What the page shows of a node.
pub(super) fn card(node: &Pbft) -> Card {
    match node {
        Pbft::Client(client) => {
            let open = client.open.as_ref().map_or_else(|| "nothing".into(), |it| requested(Some(it)));
            let believed = client.believed.map_or_else(
                || "nothing".into(),
                |(request, answer)| format!("{request}: {}", words(answer)),
            );
            let answers: Vec<_> =
                client.answers.iter().map(|(who, answer)| format!("{who}: {}", words(*answer))).collect();
            let answers = if answers.is_empty() { "none".to_owned() } else { answers.join(", ") };
            Card {
                role: "client",
                sign: if client.open.is_some() { Sign::Seeking } else { Sign::Idle },
                badge: if client.open.is_some() { "waiting".into() } else { "idle".into() },
                fields: vec![
                    Field::new("waiting for", Meaning::Value, open),
                    Field::new("answers", Meaning::Value, answers),
                    Field::new("accepted", Meaning::Value, believed),
                    Field::new("view", Meaning::Term, client.view),
                ],
                poll: client.poll(),
                ..Card::default()
            }
        }
        Pbft::Replica(replica) => replica.card(),
        Pbft::Forgetful { client } => {
            Card { role: "forgetful", place: u32::from(!client), ..Card::default() }
        }
    }
}

impl Replica {
    /// The first phase that some number is in or, without any, who has committed the latest.
    fn poll(&self) -> Option<Poll> {
        let polls = || self.log.iter().filter(|(_, slot)| slot.proposal.is_some());
        let open = polls().find(|(_, slot)| !slot.committed);
        let (sequence, slot) = open.or_else(|| polls().next_back())?;
        slot.poll(*sequence, self.counts)
    }

    /// What it knows of each number; the last stable checkpoint stands in the place of all that it covers.
    fn cells(&self) -> Vec<LogCell> {
        let checkpoint = LogCell {
            index: self.stable,
            term: self.view,
            text: "checkpoint".into(),
            named: false,
            committed: true,
            changed: false,
        };
        let cells = self.log.iter().filter_map(|(index, slot)| {
            let tentative = self.tentative.as_ref().is_some_and(|it| it.sequence == *index);
            slot.cell(*index, &self.state, tentative)
        });
        Some(checkpoint).filter(|_| self.stable > 0).into_iter().chain(cells).collect()
    }

    fn card(&self) -> Card {
        let (role, sign) = match self.active {
            false => ("changing view", Sign::Seeking),
            true if self.leads => ("primary", Sign::Leading),
            true => ("backup", Sign::Idle),
        };
        let waiting: Vec<_> = self.waiting.iter().map(|signed| requested(Some(signed))).collect();
        Card {
            role,
            sign,
            badge: format!("view {}", self.view),
            fields: vec![
                Field::new("view", Meaning::Term, self.view),
                Field::new("executed", Meaning::Counter, self.state.sequence),
                Field::new("stable checkpoint", Meaning::Counter, self.stable),
                Field::new(
                    "waiting for",
                    Meaning::Value,
                    if waiting.is_empty() { "nothing".into() } else { waiting.join("; ") },
                ),
            ],
            poll: self.poll(),
            told: self.log.values().filter_map(|slot| Some(story(said(slot.proposal.as_ref()?)?))).collect(),
            log: self.cells(),
            log_base: Some(self.stable),
            table: self
                .state
                .store
                .0
                .iter()
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .collect(),
            place: 1,
            ..Card::default()
        }
    }
}

impl Client {
    /// Of the answers to the open request those that most replicas give.
    pub(super) fn poll(&self) -> Option<Poll> {
        self.open.as_ref()?;
        let alike = |answer: &Answer| self.answers.values().filter(|other| *other == answer).count();
        let most = self.answers.values().max_by_key(|answer| alike(answer));
        let (agreeing, enough) = self.agreeing(most.copied().unwrap_or_default());
        let has = |node| most.is_some() && agreeing.contains(node);
        Some(self.counts.poll("equal answers".into(), enough, &has))
    }
}

impl Counts {
    pub(super) fn poll(self, name: String, enough: usize, has: &dyn Fn(NodeId) -> bool) -> Poll {
        Poll::new(name, (0..self.replicas).map(NodeId).collect(), Some(enough), has)
    }
}

impl Slot {
    /// The replicas that have prepared the request of this number; the primary has done so by its pre-prepare. Once commits of
    /// two replicas are known, the poll counts the commits instead.
    pub(super) fn poll(&self, sequence: u64, counts: Counts) -> Option<Poll> {
        let signed = self.proposal.as_ref()?;
        let proposal = said(signed)?;
        let same = |other: &Proposal| counts.match_up(proposal, other);
        let commits = || self.commits.iter().filter(|(_, other)| same(other)).map(|(who, _)| *who);
        Some(if self.committed || self.prepared && commits().nth(1).is_some() {
            let has = |node| commits().any(|who| who == node);
            counts.poll(format!("commits of number {sequence}"), counts.committed, &has)
        } else {
            let prepares = || std::iter::once(signed).chain(&self.prepares);
            let has = |node| prepares().any(|it| it.by() == node && said(it).is_some_and(same));
            counts.poll(format!("prepares of number {sequence}"), counts.prepared, &has)
        })
    }

    fn cell(&self, index: u64, state: &State, tentative: bool) -> Option<LogCell> {
        let proposal = self.proposal.as_ref().and_then(said)?;
        let executed = index <= state.sequence;
        let phase = match () {
            () if executed => "executed",
            () if self.committed => "committed",
            () if tentative => "executed tentatively",
            () if self.prepared => "prepared",
            () => "pre-prepared",
        };
        let text = format!("{}, {phase}", requested(proposal.request.as_ref()));
        Some(LogCell {
            index,
            term: proposal.view,
            text,
            named: false,
            committed: executed || self.committed,
            changed: false,
        })
    }
}
