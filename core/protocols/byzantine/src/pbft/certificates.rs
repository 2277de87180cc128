//! What a replica of PBFT checks before it believes what others show for a new view (§4.4): each view-change
//! message (C and P), and a new-view message (V and O). A signature says who spoke. It does not say that what
//! was said is true.

use super::{Certificate, Change, Counts, Pbft, Proposal, distance, primary, quorum, replicas, said, words};
use faultline_core::prelude::*;
use faultline_core::toolbox::signed::Signed;
use std::fmt::{self, Display};

const CHECKPOINT: Rule = Rule::new(
    "§4.4",
    "A view-change message counts only if 2f + 1 replicas have signed the stable checkpoint that it names \
     (C).",
);
const PRIMARY: Rule = Rule::new(
    "§4.4",
    "A request counts as prepared only with a pre-prepare that the primary of its view has signed (P).",
);
const MATCH: Rule = Rule::new(
    "§4.4",
    "The prepares of a certificate must match its pre-prepare: the same view, number and request (P).",
);
const SIGNERS: Rule = Rule::new(
    "§4.4",
    "A request counts as prepared only with 2f prepares of different backups besides the pre-prepare (P).",
);
const WINDOW: Rule = Rule::new(
    "§4.4",
    "A view-change message proves only numbers between the watermarks, prepared in earlier views (P).",
);
const FROM: Rule = Rule::new("§4.4", "A replica accepts a new view only from the primary of that view.");
const QUORUM: Rule = Rule::new(
    "§4.4",
    "A replica accepts a new view only with valid view-change messages of 2f + 1 replicas for it (V).",
);
const FOLLOWS: Rule = Rule::new(
    "§4.4",
    "A backup works out the proposals from V itself, and refuses a new view that begins with others (O).",
);

/// Why a replica does not believe a view-change message; most have a number that they speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Checkpoint(u64),
    Primary(u64),
    Match(u64),
    Signers(u64, usize),
    Window(u64),
}

impl Flaw {
    pub(super) fn rule(self) -> &'static Rule {
        match self {
            Flaw::Checkpoint(_) => &CHECKPOINT,
            Flaw::Primary(_) => &PRIMARY,
            Flaw::Match(_) => &MATCH,
            Flaw::Signers(..) => &SIGNERS,
            Flaw::Window(_) => &WINDOW,
        }
    }
}

impl Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Checkpoint(number) => write!(out, "too few replicas have signed its checkpoint {number}"),
            Flaw::Primary(number) => {
                write!(out, "its certificate for number {number} has no pre-prepare of the primary")
            }
            Flaw::Match(number) => {
                write!(out, "the prepares in its certificate for number {number} are of something else")
            }
            Flaw::Signers(number, 1) => {
                write!(out, "only 1 replica has signed its certificate for number {number}")
            }
            Flaw::Signers(number, signers) => {
                write!(out, "only {signers} replicas have signed its certificate for number {number}")
            }
            Flaw::Window(number) => {
                write!(out, "number {number} is beyond a watermark, or is of no earlier view")
            }
        }
    }
}

/// Why a replica does not enter a new view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    NotPrimary,
    OtherView(NodeId),
    Flawed(NodeId, Flaw),
    Few(usize),
    Missing(u64),
    Differs(u64),
}

impl Doubt {
    pub(super) fn rule(self) -> &'static Rule {
        match self {
            Doubt::NotPrimary => &FROM,
            Doubt::Flawed(_, flaw) => flaw.rule(),
            Doubt::OtherView(_) | Doubt::Few(_) => &QUORUM,
            Doubt::Missing(_) | Doubt::Differs(_) => &FOLLOWS,
        }
    }
}

impl Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::NotPrimary => out.write_str("the sender is not its primary"),
            Doubt::OtherView(by) => write!(out, "{by} asked for another view"),
            Doubt::Flawed(by, flaw) => write!(out, "in the view-change message of {by}, {flaw}"),
            Doubt::Few(1) => out.write_str("only 1 replica asks for it"),
            Doubt::Few(wishes) => write!(out, "only {wishes} replicas ask for it"),
            Doubt::Missing(number) => write!(out, "it does not propose number {number}, which V proves"),
            Doubt::Differs(number) => {
                write!(out, "what it proposes as number {number} does not follow from V")
            }
        }
    }
}

/// Checks what a view-change message shows: its checkpoint (C), then each certificate (P).
pub(super) fn check_change(change: &Change, ctx: &Ctx<Pbft>) -> Result<(), Flaw> {
    if ctx.params().bugs.believes_certificates {
        return Ok(());
    }
    let low = stable_of(change);
    let signers = replicas_of(&change.checkpoint, ctx);
    let stable = change.checkpoint.first().and_then(said);
    let same = change.checkpoint.iter().all(|other| said(other) == stable);
    if stable.is_some() && signers.len() < quorum(ctx) || !same {
        return Err(Flaw::Checkpoint(low));
    }
    for certificate in &change.prepared {
        let proposal = check_certificate(certificate, ctx)?;
        let window = low < proposal.sequence && proposal.sequence <= low + distance(ctx);
        if !window && !ctx.params().bugs.no_watermarks || proposal.view >= change.view {
            return Err(Flaw::Window(proposal.sequence));
        }
    }
    Ok(())
}

/// What a certificate proves to be prepared.
fn check_certificate<'a>(certificate: &'a Certificate, ctx: &Ctx<Pbft>) -> Result<&'a Proposal, Flaw> {
    let counts = Counts::new(ctx);
    let claimed = certificate.first().and_then(|pre_prepare| Some((pre_prepare, said(pre_prepare)?)));
    let Some((pre_prepare, proposal)) = claimed else { return Err(Flaw::Primary(0)) };
    let (number, signers) = (proposal.sequence, replicas_of(certificate, ctx));
    let same = certificate.iter().filter_map(said).all(|other| counts.match_up(proposal, other));
    if pre_prepare.by() != primary(proposal.view, ctx) {
        Err(Flaw::Primary(number))
    } else if !same {
        Err(Flaw::Match(number))
    } else if signers.len() < counts.prepared {
        Err(Flaw::Signers(number, signers.len()))
    } else {
        Ok(proposal)
    }
}

/// Checks a new-view message: its sender, V, and that O follows from V.
pub(super) fn check_new_view(
    from: NodeId,
    view: u64,
    changes: &[Signed<Change>],
    proposals: &[Signed<Proposal>],
    ctx: &Ctx<Pbft>,
) -> Result<(), Doubt> {
    if from != primary(view, ctx) {
        return Err(Doubt::NotPrimary);
    }
    for (by, change) in changes.iter().filter_map(|signed| Some((signed.by(), said(signed)?))) {
        if change.view != view {
            return Err(Doubt::OtherView(by));
        }
        check_change(change, ctx).map_err(|flaw| Doubt::Flawed(by, flaw))?;
    }
    let wishing = replicas_of(changes, ctx);
    if wishing.len() < quorum(ctx) {
        return Err(Doubt::Few(wishing.len()));
    }
    let follow = chosen(view, changes);
    let shown: Vec<_> = proposals.iter().map(|signed| signed.verify(from)).collect();
    let alike = shown.iter().zip(&follow).take_while(|(shown, follow)| **shown == Some(*follow)).count();
    let number = latest_stable(changes).map_or(0, stable_of) + 1 + alike as u64;
    match (alike == shown.len(), alike == follow.len()) {
        (true, true) => Ok(()),
        (true, false) => Err(Doubt::Missing(number)),
        (false, _) => Err(Doubt::Differs(number)),
    }
}

/// The replicas among those who signed. Any number of clients may lie, so none of them counts.
fn replicas_of<T>(signed: &[Signed<T>], ctx: &Ctx<Pbft>) -> NodeSet {
    signed.iter().map(Signed::by).filter(|by| by.index() < replicas(ctx)).collect()
}

/// The view-change message with the latest stable checkpoint (min-s).
pub(super) fn latest_stable(changes: &[Signed<Change>]) -> Option<&Change> {
    changes.iter().filter_map(said).max_by_key(|change| stable_of(change))
}

fn stable_of(change: &Change) -> u64 {
    change.checkpoint.first().map_or(0, words::sequence)
}

/// What the new view begins with (O): every number after the latest stable checkpoint up to the last that is
/// prepared, with the request that was prepared for it in the latest view; without one, if none was.
pub(super) fn chosen(view: u64, changes: &[Signed<Change>]) -> Vec<Proposal> {
    let stable = latest_stable(changes).map_or(0, stable_of);
    let prepared = changes.iter().filter_map(said).flat_map(|change| &change.prepared);
    let prepared: Vec<_> = prepared.filter_map(|it| it.first().and_then(said)).collect();
    let last = prepared.iter().map(|proposal| proposal.sequence).max().unwrap_or(0);
    let choice = |sequence| {
        let here = prepared.iter().filter(|proposal| proposal.sequence == sequence);
        let latest = here.max_by_key(|proposal| proposal.view);
        Proposal { view, sequence, request: latest.and_then(|proposal| proposal.request.clone()) }
    };
    (stable + 1..=last).map(choice).collect()
}
