//! Changes of members: one server at a time (thesis ch. 4), or any number through a joint configuration (§6).
//!
//! A configuration is an entry of the log, and a server uses the latest one in its log, committed or not. If one server
//! joins or leaves, any majority before and any majority after share a server; for larger changes, the joint configuration
//! of both sides stands in between. A leader must have committed an entry of its own term before it changes members. The
//! thesis lacks this rule; without it, two leaders of different terms can each commit a change that the other does not know
//! (Ongaro on the list raft-dev, 10 July 2015).
//!
//! A new server has an empty log. If it has a vote at once, a majority may have to wait until it has caught
//! up. So, where that is switched on, it can join as a learner first: the leader sends it all entries and
//! counts it towards no majority. Once it holds what is committed, it can become a member (thesis §4.2.1; the
//! thesis lets the leader decide when).
//!
//! Every node boots with the same first members, given as a parameter. A node that is not a member answers requests and
//! appends entries. It does not stand for election, unless the change that removed it may still be undone (thesis §4.2.2).

use super::election::WIN;
use super::{Entry, Input, Membership, Message, Output, Raft, Role, Snapshot, Timer};
use crate::Command;
use faultline_core::prelude::*;
use faultline_core::toolbox::configuration::Configuration;
use faultline_core::toolbox::log::Log;
use faultline_core::toolbox::quorum::majority;
use std::sync::Arc;

const REFUSE: Rule = Rule::new(
    "problem",
    "The leader refuses a change of members that changes nothing or that the settings exclude.",
);
const TOO_EARLY: Rule = Rule::new(
    "thesis §4.1; raft-dev, 10 July 2015",
    "The leader refuses a change of members until the last change and an entry of its own term are committed.",
);
const CHANGE: Rule = Rule::new(
    "thesis §4.1",
    "One server joins or leaves. The new configuration takes effect as soon as it is in the log.",
);
const LEARN: Rule = Rule::new(
    "thesis §4.2.1",
    "A new server first joins without a vote. The leader replicates its log to it and does not count it towards \
     majorities.",
);
const BEHIND: Rule = Rule::new(
    "thesis §4.2.1",
    "The leader refuses to give a learner a vote until the learner holds all committed entries.",
);
const JOIN: Rule = Rule::new(
    "§6",
    "Until the joint configuration is committed, majorities of the old and of the new members decide together.",
);
const SKIP: Rule = Rule::new(
    "against §6",
    "This wrong twin replaces the members at once, without the joint configuration in between.",
);
const SETTLE: Rule =
    Rule::new("§6", "Once the joint configuration is committed, the leader appends the new one.");
const LEAVE: Rule = Rule::new(
    "thesis §4.2.2",
    "A leader that is no longer a member steps down once the new configuration is committed.",
);

/// The configurations of a log: the latest, the index of its entry, and those before it which it may fall back to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Members {
    latest: Arc<Configuration>,
    index: u64,
    earlier: Vec<(u64, Arc<Configuration>)>,
}

impl Members {
    /// Those of a log, on top of those of the snapshot or, without one, of the first.
    pub(super) fn of(log: &Log<Entry>, snapshot: Option<&Snapshot>, ctx: &Ctx<Raft>) -> Self {
        let first = || {
            let count = Some(ctx.params().members as usize).filter(|&members| members > 0);
            Arc::new(Configuration::of(ctx.everyone().take(count.unwrap_or(ctx.count())).collect()))
        };
        let latest = snapshot.map_or_else(first, |snapshot| snapshot.members.clone());
        let mut members = Members { latest, index: log.base().index, earlier: Vec::new() };
        if ctx.params().membership != Membership::Fixed && !ctx.params().bugs.uses_members_late {
            for (index, entry) in (log.base().index + 1..).zip(log.after(0)) {
                if let Command::Members(configuration) = &entry.command {
                    members.take_up(index, configuration.clone());
                }
            }
        }
        members
    }

    /// Those that decide.
    pub(super) fn latest(&self) -> &Configuration {
        &self.latest
    }

    /// The greatest number above `floor` that a quorum has reached, where each node has got so far; Figure 2's "greatest N".
    pub(super) fn reached_beyond(&self, floor: u64, has_got: impl Fn(NodeId) -> u64) -> Option<u64> {
        let beyond = self.latest.nodes().map(&has_got).filter(|&number| number > floor);
        beyond.filter(|&number| self.latest.is_quorum(|node| has_got(node) >= number)).max()
    }

    /// The same for the wrong twin that counts learners: as many nodes as are a majority of the members,
    /// learners among them.
    pub(super) fn reached_with_learners(&self, floor: u64, has_got: impl Fn(NodeId) -> u64) -> Option<u64> {
        let enough = majority(self.latest.members().len());
        let mut beyond: Vec<u64> = self.latest.receivers().map(has_got).collect();
        beyond.sort_unstable_by(|one, other| other.cmp(one));
        beyond.get(enough - 1).copied().filter(|&number| number > floor)
    }

    pub(super) fn take_up(&mut self, index: u64, configuration: Arc<Configuration>) {
        let before = std::mem::replace(&mut self.latest, configuration);
        self.earlier.push((self.index, before));
        self.index = index;
    }

    pub(super) fn fall_back(&mut self, length: u64) {
        while self.index > length
            && let Some(before) = self.earlier.pop()
        {
            (self.index, self.latest) = before;
        }
    }

    /// Those of the latest entry up to `index`; the ones before them are forgotten.
    pub(super) fn settle(&mut self, index: u64) -> Arc<Configuration> {
        if self.index <= index {
            self.earlier.clear();
            return self.latest.clone();
        }
        let known = self.earlier.iter().rposition(|(entry, _)| *entry <= index).unwrap_or(0);
        self.earlier.drain(..known);
        self.earlier.first().map_or_else(|| self.latest.clone(), |(_, configuration)| configuration.clone())
    }
}

impl Raft {
    /// Whether a node stands when it loses patience: as a member, or as long as its removal may be undone. A
    /// learner was no member before.
    pub(super) fn may_stand(&self, me: NodeId) -> bool {
        let Members { latest, index, .. } = &self.members;
        latest.contains(me) || (*index > self.commit && !latest.learners().contains(me))
    }

    /// Sends a message to every other member.
    pub(super) fn tell_members(&self, message: Message, ctx: &mut Ctx<Self>) {
        let members = &self.members.latest;
        if ctx.others().all(|node| members.contains(node)) {
            return ctx.broadcast(message);
        }
        let me = ctx.me();
        members.nodes().filter(|&node| node != me).for_each(|node| ctx.send(node, message.clone()));
    }

    /// Begins a term with an entry of its own: once that is committed, so is all before it.
    pub(super) fn open_term(&mut self, ctx: &mut Ctx<Self>) {
        self.reads.opening = self.log.len() + 1;
        self.append(Command::Nothing, &WIN, ctx);
    }

    pub(super) fn change_members(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        let old = &self.members.latest;
        let (mut new, mut learners) = (old.members().clone(), old.learners().clone());
        match &input {
            Input::Add(node) => {
                new.insert(*node);
                learners.remove(*node);
            }
            Input::Learn(node) if ctx.params().learners && !new.contains(*node) => {
                learners.insert(*node);
            }
            Input::Remove(node) => {
                new.remove(*node);
                learners.remove(*node);
            }
            Input::Reconfigure(nodes) => new = nodes.clone(),
            _ => {}
        }
        let single = ctx.params().membership == Membership::Single;
        let known = new.iter().chain(learners.iter()).all(|node| node.index() < ctx.count());
        let is_new = new != *old.members() || learners != *old.learners();
        let possible = known && !new.is_empty() && is_new && ctx.params().membership != Membership::Fixed;
        let settled = !old.is_joint() && self.is_settled();
        let own_term = self.term_at(self.commit) == Some(self.term) || ctx.params().bugs.changes_too_early;
        let unfit = match input {
            Input::Reconfigure(_) => single,
            Input::Learn(_) => !single,
            _ => false,
        };
        if !possible || unfit {
            ctx.note(&REFUSE);
            ctx.output(Output::Refused { input });
        } else if !settled || !own_term {
            ctx.note(&TOO_EARLY);
            ctx.output(Output::Refused { input });
        } else if self.is_behind(&input) {
            ctx.note(&BEHIND);
            ctx.output(Output::Refused { input });
        } else if single || ctx.params().bugs.skips_joint {
            let rule = match (single, &input) {
                (_, Input::Learn(_)) => &LEARN,
                (true, _) => &CHANGE,
                (false, _) => &SKIP,
            };
            let latest = Configuration::of(new).with_learners(learners);
            ctx.tell(rule, || format!("changes the members to {latest}"));
            self.append(Command::Members(Arc::new(latest)), rule, ctx);
        } else {
            ctx.tell(&JOIN, || format!("begins to change the members to {new}"));
            let joint = Configuration::joint(old.members().clone(), new);
            self.append(Command::Members(Arc::new(joint)), &JOIN, ctx);
        }
    }

    /// Whether a learner would get a vote before it holds what is committed.
    fn is_behind(&self, input: &Input) -> bool {
        let (Input::Add(node), Role::Leader { matched, .. }) = (input, &self.role) else { return false };
        self.members.latest.learners().contains(*node) && matched[node.index()] < self.commit
    }

    /// Whether every change of members in the log is committed. The wrong twin that uses members late looks for those
    /// that it does not use yet.
    fn is_settled(&self) -> bool {
        let changes = |entry: &&Entry| matches!(entry.command, Command::Members(_));
        self.members.index <= self.commit && !self.log.after(self.commit).iter().any(changes)
    }

    /// What a leader does once the latest configuration is committed: it ends a joint one, and it goes if it is no member.
    pub(super) fn settle_members(&mut self, ctx: &mut Ctx<Self>) {
        let Members { latest, index, .. } = &self.members;
        if *index == 0 || !self.is_settled() || !self.leads() {
            return;
        }
        if latest.is_joint() {
            let new = latest.members().clone();
            ctx.tell(&SETTLE, || format!("changes the members to {new}"));
            self.append(Command::Members(Arc::new(Configuration::of(new))), &SETTLE, ctx);
        } else if !latest.contains(ctx.me()) {
            ctx.tell(&LEAVE, || "steps down: it is no longer a member".into());
            ctx.cancel(Timer::Heartbeat);
            self.reads.give_up();
            self.transfer.to = None;
            (self.role, self.leader) = (Role::Follower, None);
        }
    }

    /// What a leader may be asked of its members: where they change one by one each node, otherwise some sets of them.
    pub(super) fn offer_changes(&self, inputs: &mut Vec<Input>) {
        let Role::Leader { matched, .. } = &self.role else { return };
        let members = self.members.latest.members();
        let all = (0..matched.len() as u32).map(NodeId);
        match self.changes {
            Membership::Fixed => {}
            Membership::Single => {
                let learners = self.members.latest.learners();
                let takes_part = |node: NodeId| members.contains(node) || learners.contains(node);
                inputs.extend(all.clone().map(|node| match members.contains(node) {
                    true => Input::Remove(node),
                    false => Input::Add(node),
                }));
                inputs.extend(learners.iter().map(Input::Remove));
                inputs.extend(all.filter(|&node| self.has_learners && !takes_part(node)).map(Input::Learn));
            }
            Membership::Joint => {
                let half = majority(matched.len());
                let sets: [NodeSet; 3] = [
                    all.clone().take(half).collect(),
                    all.clone().skip(matched.len() - half).collect(),
                    all.collect(),
                ];
                inputs.extend(sets.into_iter().filter(|set| set != members).map(Input::Reconfigure));
            }
        }
    }
}
