//! View changes of PBFT (§4.4): how another primary continues with what was prepared.

use super::certificates::{check_change, check_new_view, chosen, latest_stable};
use super::{
    Certificate, Change, Message, Pbft, Proposal, Replica, Timer, faulty, multicast, primary, quorum, said,
};
use crate::Output;
use faultline_core::prelude::*;
use faultline_core::toolbox::signed::Signed;

const VIEW_CHANGE: Rule = Rule::new(
    "§4.4",
    "A replica that waits too long asks for the next view and proves what it has prepared.",
);
const JOIN: Rule = Rule::new(
    "§4.5.2",
    "When f + 1 other replicas ask for later views, a replica joins the earliest of these without waiting \
     for its own timer.",
);
const WAIT: Rule = Rule::new(
    "§4.5.2",
    "The timer for a new view starts only when 2f + 1 replicas ask for it. Its timeout doubles with every \
     attempt.",
);
const COUNT: Rule = Rule::new("§4.4", "A replica counts the view-change messages for a later view.");
const NEW_VIEW: Rule = Rule::new(
    "§4.4",
    "The new primary shows 2f + 1 view-change messages and proposes again every request that they prove \
     prepared. It fills the gaps with null requests.",
);
const ENTER: Rule = Rule::new(
    "§4.4",
    "A backup derives the same proposals from the same view-change messages and prepares them in the new \
     view.",
);
const PAST: Rule = Rule::new("§4.4", "A replica ignores messages about a view that it has entered or left.");
const UNSIGNED: Rule = Rule::new("§4.4", "A view-change message counts only if its sender has signed it.");

impl Replica {
    pub(super) fn lose_patience(&mut self, ctx: &mut Ctx<Pbft>) {
        self.want(self.view + 1, &VIEW_CHANGE, ctx);
    }

    /// Leaves its view and asks for a later one.
    fn want(&mut self, view: u64, rule: &'static Rule, ctx: &mut Ctx<Pbft>) {
        (self.view, self.active, self.leads) = (view, false, primary(view, ctx) == ctx.me());
        self.attempts += 1;
        ctx.tell(rule, || format!("asks for view {view}"));
        ctx.cancel(Timer::Patience);
        let mut prepared: Vec<Certificate> =
            self.log.values().filter_map(|slot| slot.certificate.clone()).collect();
        if ctx.params().bugs.omits_prepared {
            prepared.clear();
        }
        let change = ctx.sign(Change { view, checkpoint: self.checkpoint.clone(), prepared });
        multicast(&Message::ViewChange(change.clone()), ctx);
        self.changes.insert(ctx.me(), change);
        self.begin_or_wait(0, ctx);
        if !self.active {
            // Whether or not the timer of the view starts here, this step is the wish for it.
            ctx.note(rule);
        }
    }

    pub(super) fn on_view_change(&mut self, from: NodeId, signed: &Signed<Change>, ctx: &mut Ctx<Pbft>) {
        let Some(change) = signed.verify(from) else { return ctx.note(&UNSIGNED) };
        if let Err(flaw) = check_change(change, ctx) {
            return ctx.tell(flaw.rule(), || {
                format!("refuses the view-change message of {from} for view {}: {flaw}", change.view)
            });
        }
        let known = self.changes.get(&from).and_then(said).map_or(0, |known| known.view);
        if change.view < self.view + u64::from(self.active) || change.view <= known {
            return ctx.note(&PAST);
        }
        ctx.note(&COUNT);
        let before = self.wanting(self.view);
        self.changes.insert(from, signed.clone());
        let later: Vec<u64> = self.changes.values().filter_map(said).map(|change| change.view).collect();
        let later: Vec<u64> = later.into_iter().filter(|view| *view > self.view).collect();
        match later.iter().min() {
            Some(view) if later.len() > faulty(ctx) && !ctx.params().bugs.never_joins => {
                self.want(*view, &JOIN, ctx);
            }
            _ if !self.active => self.begin_or_wait(before, ctx),
            _ => {}
        }
    }

    /// How many replicas are known to ask for this view or a later one.
    fn wanting(&self, view: u64) -> usize {
        self.changes.values().filter_map(said).filter(|change| change.view >= view).count()
    }

    /// When a quorum asks for the view, its primary begins it. The others wait for that, and so does the
    /// primary where some already ask for a later one; the timer starts when they become a quorum.
    fn begin_or_wait(&mut self, before: usize, ctx: &mut Ctx<Pbft>) {
        let view = self.view;
        let of_view = |signed: &&Signed<Change>| said(signed).is_some_and(|change| change.view == view);
        let changes: Vec<_> = self.changes.values().filter(of_view).cloned().collect();
        if !self.leads || changes.len() < quorum(ctx) {
            let enough = if ctx.params().bugs.hurries_views { 1 } else { quorum(ctx) };
            if before < enough && self.wanting(view) >= enough {
                ctx.note(&WAIT);
                ctx.set(Timer::Patience, self.timeout());
            }
            return;
        }
        let proposals: Vec<_> =
            chosen(view, &changes).into_iter().map(|proposal| ctx.sign(proposal)).collect();
        ctx.tell(&NEW_VIEW, || format!("begins view {view} as its primary"));
        let (enough, wants) = (quorum(ctx), |node| changes.iter().any(|change| change.by() == node));
        ctx.agreed(|| Some(self.counts.poll(format!("calls for view {view}"), enough, &wants)));
        multicast(&Message::NewView(view, changes.clone(), proposals.clone()), ctx);
        self.enter(view, &changes, &proposals, ctx);
        self.begun = Some((changes, proposals));
    }

    pub(super) fn on_new_view(
        &mut self,
        from: NodeId,
        view: u64,
        changes: &[Signed<Change>],
        proposals: &[Signed<Proposal>],
        ctx: &mut Ctx<Pbft>,
    ) {
        if view < self.view + u64::from(self.active) {
            return ctx.note(&PAST);
        }
        if let Err(doubt) = check_new_view(from, view, changes, proposals, ctx) {
            return ctx.tell(doubt.rule(), || {
                format!("refuses the new-view message of {from} for view {view}: {doubt}")
            });
        }
        ctx.tell(&ENTER, || format!("enters view {view}"));
        self.enter(view, changes, proposals, ctx);
    }

    fn enter(
        &mut self,
        view: u64,
        changes: &[Signed<Change>],
        proposals: &[Signed<Proposal>],
        ctx: &mut Ctx<Pbft>,
    ) {
        let leads = primary(view, ctx) == ctx.me();
        let timed = !self.active && self.view == view && !leads && self.wanting(view) >= quorum(ctx);
        (self.view, self.active, self.leads) = (view, true, leads);
        ctx.output(Output::Entered(view));
        if let Some(change) = latest_stable(changes) {
            self.stabilize(change.checkpoint.clone(), ctx);
        }
        for slot in self.log.values_mut() {
            (slot.proposal, slot.prepared, slot.committed) = (None, false, false);
            if !ctx.params().bugs.mixes_views {
                (slot.prepares, slot.commits) = (Vec::new(), Vec::new());
            }
        }
        self.given = self.stable;
        for signed in proposals {
            let Some(proposal) = said(signed).filter(|it| it.sequence > self.stable) else { continue };
            self.given = proposal.sequence;
            if self.leads {
                self.log.or_default(proposal.sequence).proposal = Some(signed.clone());
            } else {
                self.accept(signed, ctx);
            }
        }
        // The timer of the view already runs where the replica waited for its beginning.
        if !timed || self.waiting.is_empty() {
            self.be_patient(ctx);
        }
        self.pass_on(ctx);
        self.roll_back(ctx);
        self.execute(ctx);
        self.ask_for_refused(ctx);
    }

    /// Makes sure that the new primary knows the waiting requests.
    fn pass_on(&mut self, ctx: &mut Ctx<Pbft>) {
        if self.leads {
            return self.give_numbers(ctx);
        }
        for signed in self.waiting.clone().into_iter().filter(|signed| !self.has_number(signed)) {
            ctx.send(primary(self.view, ctx), Message::Request(signed));
        }
    }
}
