//! Who agreed to what a node decided, and with which step: what the node counts is read step by step.

use super::{Session, story::is_message_from};
use crate::card::Poll;
use crate::name::NodeId;
use crate::sim::Cursor;
use crate::time::Micros;
use crate::toolbox::order;
use crate::trace::What;
use crate::view::Agreed;

/// The most steps of a node that are read for what it told others.
const MOST_READ: usize = 16;

/// Plays a run from its start up to a step in which a node had enough answers.
pub(super) struct Counting {
    cursor: Cursor,
    node: NodeId,
    event: usize,
    poll: Poll,
    /// Those whom the node has counted so far, each with the node's own step in which it began to, if that is where the answer came.
    counted: Vec<(NodeId, Option<usize>)>,
}

impl Counting {
    /// Looks for those who gave a node what it counted in a step.
    pub(super) fn of(session: &Session, (node, event): (NodeId, usize), poll: Poll) -> Self {
        Counting { cursor: session.run.at(0), node, event, poll, counted: Vec::new() }
    }

    /// Plays on for so many events; who agreed, once that is known.
    pub(super) fn step(&mut self, session: &Session, events: usize) -> Option<Agreed> {
        let records = session.run.records();
        for _ in 0..events {
            let here = self.cursor.world.events() as usize;
            if here >= self.event || self.cursor.step(session.scenario(), Micros::MAX).is_none() {
                return Some(Agreed { poll: self.poll.clone(), since: self.all_since(session) });
            }
            let record = records[here];
            if record.node != self.node.0 || !record.what.is_step() {
                continue;
            }
            let poll = self.cursor.world.card(self.node).poll.filter(|poll| poll.name == self.poll.name);
            let members = poll.map(|poll| poll.who(true)).unwrap_or_default();
            self.counted.retain(|(member, _)| members.contains(*member));
            let is_new = |member: &NodeId| self.counted.iter().all(|(known, _)| known != member);
            let new: Vec<NodeId> = members.iter().filter(is_new).collect();
            // Where an answer brought another one, the node itself may have agreed before.
            let by_another =
                new.iter().any(|member| *member != self.node && is_message_from(*member, &record));
            for member in new {
                let brought =
                    if member == self.node { !by_another } else { is_message_from(member, &record) };
                self.counted.push((member, brought.then_some(here)));
            }
        }
        None
    }

    /// The steps with which all agreed. Where the answers of some came before the node counted them, and of another sort than the
    /// last, only those are known that were counted as they came.
    fn all_since(&self, session: &Session) -> Vec<(NodeId, Option<usize>)> {
        let members = self.poll.who(true);
        let since = || members.iter().map(|member| (member, self.since(session, member)));
        let is_known = |(member, event): (NodeId, Option<usize>)| event.is_some() || member == self.node;
        if since().all(is_known) {
            return since().collect();
        }
        let is_counted = |member| self.counted.iter().any(|(it, event)| *it == member && event.is_some());
        since().map(|(member, event)| (member, event.filter(|_| is_counted(member)))).collect()
    }

    /// The step with which somebody agreed: the node's own, or the one that sent the answer. Where the node counted something else
    /// when it came, that was the latest answer of the sort of the one that was enough, or of any sort where none came last; the
    /// node's own went to others.
    fn since(&self, session: &Session, member: NodeId) -> Option<usize> {
        let (records, own) = (session.run.records(), member == self.node);
        let counted = self.counted.iter().find(|(known, _)| *known == member).and_then(|(_, event)| *event);
        if own {
            return counted.or_else(|| self.own(session));
        }
        let last = records[self.event];
        let answers = |event: &usize| {
            let record = records[*event];
            let is_alike = last.what != What::Deliver || record.kind == last.kind;
            is_alike && is_message_from(member, &record) && record.node == self.node.0
        };
        let answer = counted.or_else(|| (0..=self.event).rev().find(answers))?;
        Some(records[answer].cause as usize).filter(|&sent| sent < self.event)
    }

    /// The first step with which the node told others, who may not have heard it yet, the same as the last answer says. Where each
    /// answer says something else, it is the step of the latest of that sort that others have heard.
    fn own(&self, session: &Session) -> Option<usize> {
        let records = session.run.records();
        let last = records.get(self.event).filter(|last| last.what == What::Deliver)?;
        let heard = records[..self.event].iter().filter(|record| is_message_from(self.node, record));
        let heard = heard.filter(|record| record.kind == last.kind).map(|record| record.cause as usize);
        let heard: Vec<usize> = heard.filter(|&event| event < self.event).collect();
        let messages = self.cursor.world.messages();
        let under_way = messages.iter().map(|(_, envelope)| envelope);
        let under_way = under_way.filter(|it| it.from == self.node && it.kind == last.kind);
        let mut told: Vec<usize> = under_way.map(|envelope| envelope.cause as usize).collect();
        told.extend(&heard);
        order::by_number(&mut told, |&event| event as u128);
        told.dedup();
        let line = |event: usize| session.run.lines_from(event).next();
        let said = line(self.event)?.message;
        let is_same = |event: &usize| {
            line(*event).is_some_and(|line| line.sent.iter().any(|sent| sent.starts_with(&said)))
        };
        let latest = &told[told.len().saturating_sub(MOST_READ)..];
        latest.iter().copied().find(is_same).or(heard.last().copied())
    }
}
