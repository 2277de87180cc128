//! What a Byzantine client or replica of PBFT may say instead of the truth.

use super::{Message, Pbft, Proposal, Replica, State, distance, said};
use crate::{Operation, Request, Store};
use faultline_core::prelude::*;
use faultline_core::toolbox::signed::Signed;

/// The lies that are worth telling; whoever tells them signs only in its own name.
pub(super) fn instead(node: &Pbft, truth: &Message, ctx: &Ctx<Pbft>) -> Vec<Message> {
    match (node, truth) {
        (Pbft::Client(_), Message::Request(signed)) => {
            another(signed, ctx).map(Message::Request).into_iter().collect()
        }
        // A write that pretends to be a read.
        (Pbft::Client(_), Message::Read(signed)) => {
            another(signed, ctx).map(Message::Read).into_iter().collect()
        }
        (Pbft::Replica(replica), truth) => replica.lies(truth, ctx),
        _ => Vec::new(),
    }
}

/// A client sends different requests with the same timestamp to different replicas.
fn another(signed: &Signed<Request>, ctx: &Ctx<Pbft>) -> Option<Signed<Request>> {
    let request = signed.verify(ctx.me())?;
    let operation = Operation::Put('z', request.timestamp);
    Some(ctx.sign(Request { operation, ..*request }))
}

impl Replica {
    fn lies(&self, truth: &Message, ctx: &Ctx<Pbft>) -> Vec<Message> {
        match truth {
            Message::PrePrepare(signed) => {
                let Some(proposal) = said(signed) else { return Vec::new() };
                let mut lies = self.other(proposal);
                let sequence = proposal.sequence + distance(ctx);
                lies.push(Proposal { sequence, ..proposal.clone() });
                // In the name of the first client, but without its signature.
                let client = NodeId(ctx.count() as u32 - super::CLIENTS);
                let operation = Operation::Put('z', 0);
                let made_up = ctx.sign(Request { client, timestamp: 99, operation });
                lies.push(Proposal { request: Some(made_up), ..proposal.clone() });
                lies.into_iter().map(|lie| Message::PrePrepare(ctx.sign(lie))).collect()
            }
            Message::Prepare(signed) => {
                let lies = said(signed).map_or(Vec::new(), |proposal| self.other(proposal));
                lies.into_iter().map(|lie| Message::Prepare(ctx.sign(lie))).collect()
            }
            Message::Commit(proposal) => self.other(proposal).into_iter().map(Message::Commit).collect(),
            Message::Reply(view, timestamp, answer) => {
                vec![Message::Reply(*view, *timestamp, Some(answer.map_or(0, |value| value + 1)))]
            }
            // Another value, or none: what was there before any write.
            Message::Value(view, timestamp, answer) => {
                let lies = [Some(answer.map_or(0, |value| value + 1)), None];
                let lies = lies.into_iter().filter(|lie| lie != answer);
                lies.map(|lie| Message::Value(*view, *timestamp, lie)).collect()
            }
            Message::Tentative(view, timestamp, answer) => {
                vec![Message::Tentative(*view, *timestamp, Some(answer.map_or(0, |value| value + 1)))]
            }
            Message::Checkpoint(signed) => {
                let Some(state) = said(signed) else { return Vec::new() };
                vec![Message::Checkpoint(ctx.sign(State { store: Store::default(), ..state.clone() }))]
            }
            Message::ViewChange(signed) => {
                let lies = said(signed).map_or(Vec::new(), |change| self.other_changes(change, ctx));
                lies.into_iter().map(|lie| Message::ViewChange(ctx.sign(lie))).collect()
            }
            Message::NewView(view, changes, proposals) => {
                self.other_beginnings(*view, changes, proposals, ctx)
            }
            Message::Request(_) | Message::Read(_) | Message::Status(_) => Vec::new(),
        }
    }

    /// The same number with any other request that it knows, or with none.
    pub(super) fn other(&self, proposal: &Proposal) -> Vec<Proposal> {
        let given =
            self.log.values().flat_map(|slot| slot.proposal.iter().chain(&slot.prepares)).filter_map(said);
        let mut requests = vec![None];
        for request in given.filter_map(|given| given.request.as_ref()).chain(&self.waiting) {
            if !requests.contains(&Some(request)) {
                requests.push(Some(request));
            }
        }
        requests.retain(|request| *request != proposal.request.as_ref());
        let lie =
            |request: Option<&Signed<Request>>| Proposal { request: request.cloned(), ..proposal.clone() };
        requests.into_iter().map(lie).collect()
    }
}
