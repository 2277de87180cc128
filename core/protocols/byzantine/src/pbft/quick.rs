//! What makes PBFT answer sooner (§5.1): tentative execution, four delays in place of five, and read-only
//! requests in one round trip, two delays.
//!
//! A replica executes a prepared request tentatively when all before it are committed, so at most one at a
//! time. What that changes is worked out on a copy of the data, and the data itself changes when the request
//! is committed: to roll back is to forget the copy. A view change does so where the new view gives the
//! number to another request. If 2f + 1 replicas tell a client so in one view, f + 1 honest ones have
//! prepared the request, and every new view begins with it: the client need not wait for the commits.
//!
//! A value that 2f + 1 replicas read at once may be stale. A client accepts the answer to a write from f + 1
//! replicas, of which one may be the only honest one that has executed it, and 2f + 1 others may not include
//! that one. Waiting for 2f + 1 answers to writes, too, would prevent that, but a primary that leaves one
//! replica out and then falls silent could leave clients waiting for ever (Berger, Reiser & Bessani, SRDS 2021).
//! This file keeps to the paper, where writes take f + 1: all claims hold, and reads are not linearizable.

use super::replica::UNSIGNED;
use super::{Message, Pbft, Replica, asked, said};
use crate::{Operation, Output, Request};
use faultline_core::prelude::*;
use faultline_core::toolbox::signed::Signed;

/// What a replica has executed and may have to roll back: the view in which it said so, the number, and the
/// request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Tentative {
    view: u64,
    pub(super) sequence: u64,
    request: Signed<Request>,
}

const TENTATIVE: Rule = Rule::new(
    "§5.1",
    "A replica executes a request tentatively when it is prepared and all before it are committed, and \
     answers the client without waiting for commits.",
);
const ROLL_BACK: Rule = Rule::new(
    "§5.1",
    "A replica rolls back what it executed tentatively if the new view gives its number to another request.",
);
const READ: Rule = Rule::new(
    "§5.1",
    "A replica answers a read-only request at once, unless it has executed something tentatively.",
);
const READ_LATER: Rule = Rule::new(
    "§5.1",
    "A replica that has executed something tentatively answers read-only requests after it is committed.",
);
const NO_READ: Rule = Rule::new("§5.1", "A replica ignores a read-only request that would change something.");

impl Replica {
    /// Executes the next number, or says again in another view that it has, if it is prepared.
    pub(super) fn execute_tentatively(&mut self, ctx: &mut Ctx<Pbft>) {
        let sequence = self.state.sequence + 1;
        let ready = self.log.get(&sequence).filter(|slot| slot.prepared && !slot.committed);
        let proposal = ready.and_then(|slot| slot.proposal.as_ref()).and_then(said);
        let signed = proposal.and_then(|proposal| proposal.request.clone());
        let Some(signed) = signed.filter(|it| ctx.params().tentative && !self.is_done(it)) else { return };
        let said_so =
            self.tentative.as_ref().is_some_and(|it| it.view == self.view && it.sequence == sequence);
        let Some(request) = said(&signed).copied().filter(|_| !said_so) else { return };
        let answer = self.state.store.clone().execute(request.operation);
        ctx.tell(&TENTATIVE, || format!("executes {request} tentatively as number {sequence}"));
        ctx.output(Output::Tentative(sequence, request, answer));
        ctx.send(request.client, Message::Tentative(self.view, request.timestamp, answer));
        self.tentative = Some(Tentative { view: self.view, sequence, request: signed });
    }

    /// When a number is committed: whether the client has its answer in this view already.
    pub(super) fn has_answered_early(&mut self, sequence: u64) -> bool {
        let early = self.tentative.take_if(|tentative| tentative.sequence <= sequence);
        early.is_some_and(|tentative| tentative.sequence == sequence && tentative.view == self.view)
    }

    /// In a new view: forgets what it executed tentatively, unless the view begins with the same request or a
    /// checkpoint covers it.
    pub(super) fn roll_back(&mut self, ctx: &mut Ctx<Pbft>) {
        let stays = |tentative: &Tentative| {
            let slot = self.log.get(&tentative.sequence);
            let proposal = slot.and_then(|slot| slot.proposal.as_ref()).and_then(said);
            proposal.is_some_and(|proposal| proposal.request.as_ref() == Some(&tentative.request))
        };
        let gone = self.tentative.as_ref().is_some_and(|tentative| !stays(tentative));
        if let Some(tentative) = self.tentative.take_if(|_| gone)
            && tentative.sequence > self.state.sequence
            && let Some(request) = said(&tentative.request)
        {
            ctx.tell(&ROLL_BACK, || format!("rolls back {request} as number {}", tentative.sequence));
        }
    }

    // Read-only requests.

    pub(super) fn on_read(&mut self, from: NodeId, signed: &Signed<Request>, ctx: &mut Ctx<Pbft>) {
        match asked(signed, ctx).filter(|request| request.client == from) {
            None => ctx.note(&UNSIGNED),
            Some(Request { operation: Operation::Put(..), .. }) => ctx.note(&NO_READ),
            Some(_) if self.is_tentative() => {
                ctx.note(&READ_LATER);
                self.reads.push(signed.clone());
            }
            Some(request) => self.read(*request, ctx),
        }
    }

    /// Whether its client may count on something that is not committed here.
    fn is_tentative(&self) -> bool {
        self.tentative.as_ref().is_some_and(|tentative| tentative.sequence > self.state.sequence)
    }

    /// Answers what has waited for a commit.
    pub(super) fn answer_reads(&mut self, ctx: &mut Ctx<Pbft>) {
        if !self.is_tentative() {
            for signed in std::mem::take(&mut self.reads) {
                if let Some(request) = said(&signed) {
                    self.read(*request, ctx);
                }
            }
        }
    }

    fn read(&self, request: Request, ctx: &mut Ctx<Pbft>) {
        let answer = self.state.store.clone().execute(request.operation);
        ctx.tell(&READ, || format!("reads for {request}"));
        ctx.output(Output::Read(request, answer));
        ctx.send(request.client, Message::Value(self.view, request.timestamp, answer));
    }
}
