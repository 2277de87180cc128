//! PBFT while its primary is trusted: the three phases (§4.2), and checkpoints (§4.3).

use super::replica::{LATE, UNSIGNED};
use super::{
    Counts, Message, Pbft, Proposal, Replica, State, asked, distance, multicast, primary, quorum, replicas,
    said, words,
};
use crate::{Output, Request};
use faultline_core::prelude::*;
use faultline_core::toolbox::signed::Signed;

const PRE_PREPARE: Rule =
    Rule::new("§4.2", "The primary assigns a sequence number to a request and sends both to all backups.");
const PREPARE: Rule = Rule::new(
    "§4.2",
    "A backup accepts one request per number in a view, if the number lies between the watermarks. It then \
     tells all other replicas.",
);
const SECOND: Rule = Rule::new(
    "§4.2",
    "A backup that has accepted a request for a number accepts no other for it in this view.",
);
const NOT_A_BACKUP: Rule =
    Rule::new("§4.2", "Only backups send prepares; the primary has sent its pre-prepare.");
const COUNT: Rule = Rule::new("§4.2", "A replica counts matching messages from different replicas.");
const PREPARED: Rule = Rule::new(
    "§4.2",
    "A pre-prepare and 2f matching prepares make a request prepared. No other request can be prepared for \
     its number in this view.",
);
const COMMITTED: Rule = Rule::new(
    "§4.2",
    "2f + 1 matching commits make a prepared request committed. A replica executes it after all requests \
     with smaller numbers.",
);
const CHECKPOINT: Rule = Rule::new(
    "§4.3",
    "A checkpoint is stable once 2f + 1 replicas have signed it. Messages for the numbers that it covers can \
     be discarded.",
);

impl Replica {
    // The three phases (§4.2).

    /// As primary: assigns numbers to waiting requests, as far as the watermarks allow.
    pub(super) fn give_numbers(&mut self, ctx: &mut Ctx<Pbft>) {
        for signed in self.waiting.clone() {
            let within = self.given < self.high || ctx.params().bugs.no_watermarks;
            if !self.active || !within || self.has_number(&signed) {
                continue;
            }
            self.given += 1;
            let (view, sequence) = (self.view, self.given);
            let proposal = ctx.sign(Proposal { view, sequence, request: Some(signed) });
            ctx.tell(&PRE_PREPARE, || format!("assigns {}", words::of(&proposal)));
            multicast(&Message::PrePrepare(proposal.clone()), ctx);
            self.log.or_default(sequence).proposal = Some(proposal);
            self.prepare(sequence, ctx);
        }
    }

    /// Whether a request of this client, this or a later one, has a number in this view and is still to be executed.
    pub(super) fn has_number(&self, signed: &Signed<Request>) -> bool {
        let (given, executed) = (self.log.iter(), self.state.sequence);
        let given = given.filter(|(sequence, _)| **sequence > executed).filter_map(|(_, slot)| {
            slot.proposal.as_ref().and_then(said).and_then(|it| it.request.as_ref()).and_then(said)
        });
        let same =
            |one: &Request, other: &Request| one.client == other.client && one.timestamp >= other.timestamp;
        said(signed).is_some_and(|request| given.into_iter().any(|other| same(other, request)))
    }

    pub(super) fn on_pre_prepare(&mut self, signed: &Signed<Proposal>, ctx: &mut Ctx<Pbft>) {
        let Some(proposal) = signed.verify(primary(self.view, ctx)) else { return ctx.note(&UNSIGNED) };
        if proposal.view != self.view || proposal.request.as_ref().is_some_and(|it| asked(it, ctx).is_none())
        {
            return ctx.note(&UNSIGNED);
        }
        if self.log.get(&proposal.sequence).is_some_and(|slot| slot.proposal.is_some()) {
            return ctx.note(&SECOND);
        }
        ctx.note(&PREPARE);
        self.accept(signed, ctx);
    }

    /// As backup: accepts what the primary proposes, and tells the others.
    pub(super) fn accept(&mut self, signed: &Signed<Proposal>, ctx: &mut Ctx<Pbft>) {
        let Some(proposal) = said(signed) else { return };
        if let Some(request) = proposal.request.as_ref().filter(|request| !self.is_done(request)) {
            self.wait_for(request, ctx);
        }
        let prepare = ctx.sign(proposal.clone());
        multicast(&Message::Prepare(prepare.clone()), ctx);
        let slot = self.log.or_default(proposal.sequence);
        slot.proposal = Some(signed.clone());
        slot.prepares.push(prepare);
        self.prepare(proposal.sequence, ctx);
    }

    pub(super) fn on_prepare(&mut self, signed: &Signed<Proposal>, ctx: &mut Ctx<Pbft>) {
        let Some(proposal) = said(signed) else { return };
        if signed.by() == primary(proposal.view, ctx) {
            return ctx.note(&NOT_A_BACKUP);
        }
        ctx.note(&COUNT);
        let slot = self.log.or_default(proposal.sequence);
        let same = |other: &Signed<Proposal>| {
            other.by() == signed.by() && said(other).is_some_and(|other| other.view == proposal.view)
        };
        if !slot.prepares.iter().any(same) {
            slot.prepares.push(signed.clone());
        }
        self.prepare(proposal.sequence, ctx);
    }

    /// Checks whether a number is prepared now, the paper's `prepared(m, v, n, i)`, and says so.
    fn prepare(&mut self, sequence: u64, ctx: &mut Ctx<Pbft>) {
        let slot = self.log.or_default(sequence);
        let Some(pre_prepare) = slot.proposal.clone().filter(|_| !slot.prepared) else { return };
        let Some(proposal) = said(&pre_prepare).cloned() else { return };
        let mut certificate = vec![pre_prepare];
        for prepare in &slot.prepares {
            let fresh = certificate.iter().all(|other| other.by() != prepare.by());
            if fresh && said(prepare).is_some_and(|other| self.counts.match_up(&proposal, other)) {
                certificate.push(prepare.clone());
            }
        }
        if certificate.len() >= self.counts.prepared {
            slot.certificate = Some(certificate);
            slot.prepared = true;
            slot.commits.push((ctx.me(), proposal.clone()));
            ctx.tell(&PREPARED, || format!("has prepared {}", words::numbered(Some(&proposal))));
            multicast(&Message::Commit(proposal), ctx);
        }
        self.commit(sequence, ctx);
        self.execute_tentatively(ctx);
    }

    pub(super) fn on_commit(&mut self, from: NodeId, proposal: &Proposal, ctx: &mut Ctx<Pbft>) {
        ctx.note(&COUNT);
        let slot = self.log.or_default(proposal.sequence);
        if slot.commits.iter().all(|(who, other)| *who != from || other.view != proposal.view) {
            slot.commits.push((from, proposal.clone()));
        }
        self.commit(proposal.sequence, ctx);
    }

    /// Checks whether a number is committed now, the paper's `committed-local(m, v, n, i)`.
    fn commit(&mut self, sequence: u64, ctx: &mut Ctx<Pbft>) {
        let slot = self.log.or_default(sequence);
        let Some(proposal) = slot.proposal.as_ref().and_then(said).filter(|_| slot.prepared) else { return };
        let agree = slot.commits.iter().filter(|(_, other)| self.counts.match_up(proposal, other));
        let enough = agree.map(|(who, _)| *who).collect::<NodeSet>().len() >= self.counts.committed;
        if !slot.committed && enough {
            ctx.agreed(|| slot.poll(sequence, self.counts));
            slot.committed = true;
            self.execute(ctx);
        }
    }

    /// Executes what is committed, number by number.
    pub(super) fn execute(&mut self, ctx: &mut Ctx<Pbft>) {
        let waited_for = self.waiting.first().cloned();
        while let Some(slot) = self.log.get(&(self.state.sequence + 1)).filter(|slot| slot.committed) {
            let request = slot.proposal.as_ref().and_then(said).and_then(|proposal| proposal.request.clone());
            self.state.sequence += 1;
            self.carry_out(request.as_ref(), ctx);
            if self.state.sequence.is_multiple_of(ctx.params().checkpoint) {
                let checkpoint = ctx.sign(self.state.clone());
                multicast(&Message::Checkpoint(checkpoint.clone()), ctx);
                self.count_checkpoint(checkpoint, ctx);
            }
        }
        self.stop_waiting(waited_for.as_ref(), ctx);
        self.execute_tentatively(ctx);
        self.answer_reads(ctx);
    }

    fn carry_out(&mut self, signed: Option<&Signed<Request>>, ctx: &mut Ctx<Pbft>) {
        let sequence = self.state.sequence;
        let fresh = signed.filter(|signed| !self.is_done(signed) || ctx.params().bugs.forgets_timestamps);
        let Some(request) = fresh.and_then(said).copied() else {
            ctx.tell(&COMMITTED, || format!("has nothing new to execute as number {sequence}"));
            return ctx.output(Output::Executed(sequence, None, None));
        };
        let answer = self.state.store.execute(request.operation);
        self.state.last.insert(request.client, (request.timestamp, answer));
        self.waiting.retain(|waiting| Some(waiting) != signed);
        ctx.tell(&COMMITTED, || format!("executes {request} as number {sequence}"));
        ctx.output(Output::Executed(sequence, Some(request), answer));
        if !self.has_answered_early(sequence) {
            ctx.send(request.client, Message::Reply(self.view, request.timestamp, answer));
        }
    }

    /// Whether this or a later request of its client is executed.
    pub(super) fn is_done(&self, signed: &Signed<Request>) -> bool {
        let last = |request: &Request| self.state.last.get(&request.client).map_or(0, |(last, _)| *last);
        said(signed).is_none_or(|request| request.timestamp <= last(request))
    }

    /// Stops waiting for executed requests, and starts the timer afresh for the next one.
    fn stop_waiting(&mut self, waited_for: Option<&Signed<Request>>, ctx: &mut Ctx<Pbft>) {
        let mut waiting = std::mem::take(&mut self.waiting);
        if !ctx.params().bugs.forgets_timestamps {
            waiting.retain(|signed| !self.is_done(signed));
        }
        self.waiting = waiting;
        if self.waiting.first() != waited_for {
            self.attempts = 0;
            self.be_patient(ctx);
        }
    }

    // Checkpoints (§4.3).

    /// Whoever passes it on: its signature says whose it is.
    pub(super) fn on_checkpoint(&mut self, signed: &Signed<State>, ctx: &mut Ctx<Pbft>) {
        match said(signed).filter(|_| signed.by().index() < replicas(ctx)) {
            Some(state) if state.sequence > self.stable => {
                ctx.note(&COUNT);
                self.count_checkpoint(signed.clone(), ctx);
            }
            Some(_) => ctx.note(&LATE),
            None => ctx.note(&UNSIGNED),
        }
    }

    /// Keeps one checkpoint of a replica for a number, and above the high watermark only its latest.
    fn keep_checkpoint(&mut self, signed: Signed<State>) {
        let (by, new) = (signed.by(), words::sequence(&signed));
        let high = self.high;
        let is_rival = |old: u64| old == new || old > high && new > high;
        let known = self.checkpoints.iter().filter(|it| it.by() == by).map(words::sequence);
        if known.filter(|old| is_rival(*old)).all(|old| old < new) {
            self.checkpoints.retain(|it| it.by() != by || !is_rival(words::sequence(it)));
            self.checkpoints.push(signed);
        }
    }

    fn count_checkpoint(&mut self, signed: Signed<State>, ctx: &mut Ctx<Pbft>) {
        let same = |other: &&Signed<State>| said(other) == said(&signed);
        let mut proof: Vec<_> = self.checkpoints.iter().filter(same).cloned().collect();
        if proof.iter().all(|other| other.by() != signed.by()) {
            proof.push(signed.clone());
            self.keep_checkpoint(signed);
        }
        if proof.len() >= quorum(ctx) {
            self.stabilize(proof, ctx);
            if self.leads {
                self.give_numbers(ctx);
            }
            self.execute(ctx);
            self.ask_for_refused(ctx);
        }
    }

    /// Discards what a proved checkpoint covers, and takes the data from it if this replica has not executed
    /// that far.
    pub(super) fn stabilize(&mut self, proof: Vec<Signed<State>>, ctx: &mut Ctx<Pbft>) {
        let Some(state) = proof.first().and_then(said).filter(|state| state.sequence > self.stable) else {
            return;
        };
        let waited_for = self.waiting.first().cloned();
        self.stable = state.sequence;
        self.high = self.stable + distance(ctx);
        self.given = self.given.max(self.stable);
        let behind = self.state.sequence < self.stable;
        if behind {
            self.state = state.clone();
        }
        ctx.tell(&CHECKPOINT, || {
            let number = proof.first().map_or(0, words::sequence);
            let rest = if behind { ", and takes its data from it" } else { "" };
            format!("has proof that checkpoint {number} is stable{rest}")
        });
        self.checkpoint = proof;
        let stable = self.stable;
        let covered: Vec<u64> = self.log.keys().copied().filter(|sequence| *sequence <= stable).collect();
        for sequence in covered {
            self.log.remove(&sequence);
        }
        self.checkpoints.retain(|other| said(other).is_some_and(|other| other.sequence > stable));
        self.stop_waiting(waited_for.as_ref(), ctx);
    }
}

impl Counts {
    /// Whether two proposals are the same.
    pub(super) fn match_up(self, one: &Proposal, other: &Proposal) -> bool {
        let one_view = one.view == other.view || self.mixes_views;
        one_view && one.sequence == other.sequence && one.request == other.request
    }
}
