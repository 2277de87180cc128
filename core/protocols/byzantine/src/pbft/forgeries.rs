//! What a Byzantine replica of PBFT may show for proof when another primary takes over (§4.4). It signs only
//! in its own name, but it keeps what others have signed, and may leave some of it out or put it where it
//! does not belong.

use super::certificates::chosen;
use super::{Certificate, Change, Message, Pbft, Proposal, Replica, State, quorum, said};
use faultline_core::prelude::*;
use faultline_core::toolbox::signed::Signed;

impl Replica {
    /// View-change messages that show less than the liar knows, or more than it can prove.
    pub(super) fn other_changes(&self, change: &Change, ctx: &Ctx<Pbft>) -> Vec<Change> {
        let with = |prepared: &[Certificate]| Change { prepared: prepared.to_vec(), ..change.clone() };
        let mut lies = Vec::new();
        // Nothing prepared, or not all of it.
        if let Some((_, rest)) = change.prepared.split_last() {
            lies.push(with(&[]));
            lies.extend(Some(with(rest)).filter(|_| !rest.is_empty()));
        }
        // An old checkpoint: the start, which needs no proof.
        if !change.checkpoint.is_empty() {
            lies.push(Change { checkpoint: Vec::new(), ..change.clone() });
        }
        lies.extend(self.forged(change.view, ctx).into_iter().map(|forged| replacing(change, forged)));
        // A checkpoint that nobody else has taken.
        let sequence = self.stable + ctx.params().checkpoint;
        let checkpoint = vec![ctx.sign(State { sequence, ..State::default() })];
        lies.push(Change { checkpoint, prepared: Vec::new(), ..change.clone() });
        lies
    }

    /// Certificates that prove nothing, for the first number that no stable checkpoint covers.
    fn forged(&self, view: u64, ctx: &Ctx<Pbft>) -> Vec<Certificate> {
        let (sequence, slot) = (self.stable + 1, self.log.get(&(self.stable + 1)));
        let pre_prepare = slot.and_then(|slot| slot.proposal.as_ref());
        let truth = slot.and_then(|slot| slot.certificate.as_ref());
        let known = truth.and_then(|it| it.first()).or(pre_prepare).and_then(said);
        let request = known.and_then(|proposal| proposal.request.clone());
        let claimed = Proposal { view: view.saturating_sub(1), sequence, request };
        let others = self.other(&claimed);
        // Nobody else has signed.
        let mut forged: Vec<Certificate> = others.iter().map(|other| vec![ctx.sign(other.clone())]).collect();
        match (truth, pre_prepare.and_then(|signed| Some((signed, said(signed)?)))) {
            // The prepares are of another request, or of an earlier view.
            (Some(truth), _) => {
                let later = Some(&claimed).filter(|it| known.is_some_and(|known| known.view < it.view));
                for first in others.first().into_iter().chain(later) {
                    let prepares = truth.iter().skip(1).cloned();
                    forged.push(std::iter::once(ctx.sign(first.clone())).chain(prepares).collect());
                }
            }
            // Too few have prepared it, so the liar counts as often as it takes.
            (None, Some((pre_prepare, proposal))) => {
                let own = ctx.sign(proposal.clone());
                let prepares = std::iter::repeat_n(own, quorum(ctx) - 1);
                forged.push(std::iter::once(pre_prepare.clone()).chain(prepares).collect());
            }
            (None, None) => {}
        }
        forged
    }

    /// New-view messages that leave out or change what must follow, or show too few wishes or forged ones.
    pub(super) fn other_beginnings(
        &self,
        view: u64,
        changes: &[Signed<Change>],
        proposals: &[Signed<Proposal>],
        ctx: &Ctx<Pbft>,
    ) -> Vec<Message> {
        let mut lies = Vec::new();
        let mut begin = |changes: &[Signed<Change>], proposals: Vec<Signed<Proposal>>| {
            lies.push(Message::NewView(view, changes.to_vec(), proposals));
        };
        let follow = |changes: &[Signed<Change>]| -> Vec<_> {
            chosen(view, changes).into_iter().map(|proposal| ctx.sign(proposal)).collect()
        };
        // O omits all, or the last, or has another request.
        if let Some((_, rest)) = proposals.split_last() {
            begin(changes, Vec::new());
            if !rest.is_empty() {
                begin(changes, rest.to_vec());
            }
        }
        if let Some((first, rest)) = proposals.split_first() {
            for other in said(first).map_or(Vec::new(), |first| self.other(first)) {
                begin(changes, std::iter::once(ctx.sign(other)).chain(rest.iter().cloned()).collect());
            }
        }
        // V is a subset, and O is what follows from that.
        let fewer: Vec<_> = match changes.iter().rposition(|it| it.by() != ctx.me()) {
            Some(last) => changes.iter().enumerate().filter(|(place, _)| *place != last).collect(),
            None => Vec::new(),
        };
        let fewer: Vec<_> = fewer.into_iter().map(|(_, signed)| signed.clone()).collect();
        begin(&fewer, follow(&fewer));
        // In V the liar's own wish shows a forged certificate.
        let own = changes.iter().position(|signed| signed.by() == ctx.me());
        if let Some((own, change)) = own.and_then(|own| Some((own, said(changes.get(own)?)?))) {
            for forged in self.forged(view, ctx) {
                let mut changes = changes.to_vec();
                changes[own] = ctx.sign(replacing(change, forged));
                begin(&changes, follow(&changes));
            }
        }
        lies
    }
}

/// The view-change message with this certificate, in place of the true one for the same number if it has one.
fn replacing(change: &Change, forged: Certificate) -> Change {
    let number = |it: &Certificate| it.first().and_then(said).map(|proposal| proposal.sequence);
    let others = change.prepared.iter().filter(|it| number(it) != number(&forged)).cloned();
    let mut prepared: Vec<_> = others.collect();
    prepared.insert(0, forged);
    Change { prepared, ..change.clone() }
}
