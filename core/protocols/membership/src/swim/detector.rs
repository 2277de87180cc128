//! The failure detector: a ping in each period, directly and through others, and what becomes of a ping that nobody acks.

use super::{Message, Output, Pinged, Probe, Standing, Swim, Timer};
use faultline_core::prelude::*;

const PING: Rule =
    Rule::new("§3.1, §4.3", "Once in a period a member pings another, in turn or drawn at random.");
const ALONE: Rule = Rule::new("§3.1", "A member that holds all others for failed has nobody to ping.");
const INDIRECT: Rule =
    Rule::new("§3.1", "A member whose ping is not acked in time asks k others to ping for it.");
const SUSPECT: Rule = Rule::new("§4.2", "A member that has not acked until the period ends is suspected.");
const FAILED: Rule = Rule::new("§3.1", "Without suspicion, a member that has not acked is failed.");
const CONFIRM: Rule = Rule::new(
    "§4.2",
    "A suspicion that is not refuted in so many periods is confirmed, and the member is removed.",
);
const REACHED: Rule =
    Rule::new("§3.1", "An ack through another member shows that only the link to the target is bad.");
const IN_ITS_NAME: Rule = Rule::new(
    "against §4.2",
    "This wrong twin raises the incarnation of a suspected member that has acked, in that one's name.",
);

impl Swim {
    /// The ping of the period that ends: who has not acked it is suspected, or has failed where there is no
    /// suspicion. Whether there is something to tell.
    pub(super) fn conclude(&mut self, ctx: &mut Ctx<Self>) -> bool {
        let Some(Pinged { target, answered: false, .. }) = self.pinged.take() else { return false };
        let Some(Standing::Alive(incarnation)) = self.view.get(&target).map(|entry| entry.standing) else {
            return false;
        };
        if self.limits.suspicion > 0 {
            ctx.tell(&SUSPECT, || format!("suspects {target}"));
            self.find(target, Standing::Suspected(incarnation), ctx);
        } else {
            ctx.tell(&FAILED, || format!("holds {target} for failed"));
            self.find(target, Standing::Failed(incarnation), ctx);
        }
        true
    }

    /// The suspicions that have not been refuted in time. Whether there are any.
    pub(super) fn confirm_overdue(&mut self, ctx: &mut Ctx<Self>) -> bool {
        let deadline = self.limits.suspicion;
        let overdue: Vec<_> = self
            .view
            .iter()
            .filter_map(|(member, entry)| match (entry.standing, entry.since) {
                (Standing::Suspected(incarnation), Some(since)) if self.period - since >= deadline => {
                    Some((*member, incarnation))
                }
                _ => None,
            })
            .collect();
        for (member, incarnation) in &overdue {
            ctx.tell(&CONFIRM, || format!("confirms that {member} has failed"));
            self.find(*member, Standing::Failed(*incarnation), ctx);
        }
        !overdue.is_empty()
    }

    /// Pings the next member. What the step told before is what it is about.
    pub(super) fn begin_period(&mut self, is_told: bool, ctx: &mut Ctx<Self>) {
        self.period += 1;
        let period = self.limits.period;
        ctx.set(Timer::Period, period);
        let Some(target) = self.next_target(ctx) else {
            ctx.cancel(Timer::Timeout);
            if !is_told {
                ctx.remark(&ALONE, || "has nobody to ping".into());
            }
            return;
        };
        if !is_told {
            ctx.remark(&PING, || format!("pings {target}"));
        }
        self.pinged = Some(Pinged { target, answered: false, relays: Vec::new() });
        let probe = Probe { prober: self.me, period: self.period };
        let news = self.piggyback(ctx);
        ctx.send(target, Message::Ping(probe, news));
        let timeout = ctx.params().timeout;
        ctx.set(Timer::Timeout, timeout);
    }

    /// The members that are not held for failed.
    pub(super) fn candidates(&self) -> Vec<NodeId> {
        let kept = self.view.iter().filter(|(_, entry)| !matches!(entry.standing, Standing::Failed(_)));
        kept.map(|(member, _)| *member).collect()
    }

    fn next_target(&mut self, ctx: &mut Ctx<Self>) -> Option<NodeId> {
        let candidates = self.candidates();
        if candidates.is_empty() {
            return None;
        }
        if !self.limits.in_turn || ctx.params().bugs.draws_with_replacement {
            let drawn = ctx.choose(candidates.len() as u64);
            return candidates.get(drawn as usize).copied();
        }
        self.round.retain(|member| candidates.contains(member));
        if self.round.is_empty() {
            self.round = drawn_from(candidates, usize::MAX, ctx);
        }
        self.round.pop()
    }

    /// The direct ack is overdue.
    pub(super) fn ask_others(&mut self, ctx: &mut Ctx<Self>) {
        let relays = ctx.params().relays as usize;
        let mut helpers = self.candidates();
        let probe = Probe { prober: self.me, period: self.period };
        // The timer is stopped by an ack and by the end of the period.
        let Some(Pinged { target, .. }) = self.pinged else { return ctx.note(&INDIRECT) };
        helpers.retain(|member| *member != target);
        let helpers = drawn_from(helpers, relays, ctx);
        match helpers.is_empty() {
            true => ctx.remark(&INDIRECT, || format!("waits for {target}, and has nobody to ask")),
            false => ctx.tell(&INDIRECT, || format!("asks others to ping {target}")),
        }
        for helper in &helpers {
            let news = self.piggyback(ctx);
            ctx.send(*helper, Message::PingReq(probe, target, news));
        }
        if let Some(pinged) = &mut self.pinged {
            pinged.relays = helpers;
        }
    }

    /// Whether it waits for this ack.
    pub(super) fn awaits(&self, probe: Probe, member: NodeId) -> bool {
        let awaited = |it: &Pinged| it.target == member && !it.answered;
        probe.prober == self.me && probe.period == self.period && self.pinged.as_ref().is_some_and(awaited)
    }

    /// The target of this period is up, says the one that the ack comes from.
    pub(super) fn acked(&mut self, from: NodeId, target: NodeId, ctx: &mut Ctx<Self>) {
        if from != target {
            ctx.tell(&REACHED, || format!("reaches {target} through {from}"));
            ctx.output(Output::Reached(target, from));
            if ctx.params().bugs.credits_relay {
                return;
            }
        }
        if let Some(pinged) = &mut self.pinged {
            pinged.answered = true;
        }
        ctx.cancel(Timer::Timeout);
        if ctx.params().bugs.others_refute
            && let Some(Standing::Suspected(incarnation)) = self.view.get(&target).map(|entry| entry.standing)
        {
            ctx.tell(&IN_ITS_NAME, || format!("declares {target} alive in incarnation {}", incarnation + 1));
            self.find(target, Standing::Alive(incarnation + 1), ctx);
        }
    }
}

/// So many of these, drawn without replacement, or all of them in an order that is drawn.
fn drawn_from(mut members: Vec<NodeId>, most: usize, ctx: &mut Ctx<Swim>) -> Vec<NodeId> {
    let count = members.len();
    for place in 0..most.min(count) {
        let drawn = ctx.choose((count - place) as u64) as usize;
        members.swap(place, place + drawn);
    }
    members.truncate(most);
    members
}
