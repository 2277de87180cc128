//! What happens to messages: sent, delivered, lost, dropped, delayed, copied.

use super::{Happening, World, rule};
use crate::agenda::{Envelope, Pending};
use crate::event::{MessageId, MessageName};
use crate::name::{NodeId, Rule, To};
use crate::network::{Fate, Posted, link, link_mut, passing_link};
use crate::shim::Stimulus;
use crate::slot::Payload;
use crate::time::{LATEST, Micros, exact};
use crate::toolbox::order::by_number;
use crate::trace::{Flags, Record, What};
use crate::world::CROWD;
use std::rc::Rc;

/// The most messages in flight, unless there are thousands of nodes.
const MOST_PENDING: usize = 100_000;
const FLOOD: &str =
    "The network is never flooded: it loses every message beyond a hundred thousand in flight.";

impl World {
    /// Whether the network can hold no more messages. A protocol that sends without end breaks this belief of ours
    /// before it breaks the machine.
    fn is_flooded(&mut self, from: NodeId) -> bool {
        let flooded = self.agenda.len() >= MOST_PENDING.max(64 * self.slots.len());
        if flooded && self.beliefs.iter().all(|(_, _, belief)| *belief != FLOOD) {
            self.beliefs.push((self.events, from, FLOOD));
        }
        flooded
    }

    /// The message, if it is still in flight.
    pub(crate) fn message(&self, message: MessageId) -> Option<&Envelope> {
        match self.agenda.get(message.place) {
            Some(Pending::Message(envelope)) if envelope.id == message.id => Some(envelope),
            _ => None,
        }
    }

    /// Every message in flight, the first sent first.
    pub(crate) fn messages(&self) -> Vec<(MessageId, &Envelope)> {
        let named = |(place, envelope): (u32, &'_ Envelope)| MessageId { place, id: envelope.id };
        self.agenda.messages().into_iter().map(|found| (named(found), found.1)).collect()
    }

    /// Every message in flight with its name at this moment, the first sent first.
    pub(crate) fn message_names(&self) -> Vec<(MessageId, MessageName)> {
        let messages = self.messages();
        // Those that are named alike stand together in the order of these numbers, the first sent first.
        let number = |(place, (_, it)): (usize, &(MessageId, &Envelope))| {
            let link = (u128::from(it.from.0) << 96) | (u128::from(it.to.0) << 64);
            link | (u128::from(it.kind) << 32) | place as u128
        };
        let mut numbers: Vec<u128> = messages.iter().enumerate().map(number).collect();
        by_number(&mut numbers, |number| *number);
        let mut ordinals = vec![1; numbers.len()];
        for alike in numbers.chunk_by(|one, other| one >> 32 == other >> 32) {
            for (nth, number) in (1..).zip(alike) {
                ordinals[*number as u32 as usize] = nth;
            }
        }
        let named = |((id, Envelope { from, to, kind, .. }), ordinal): ((MessageId, &Envelope), u32)| {
            let kind = self.shim.kinds()[*kind as usize].name;
            (id, MessageName { from: *from, to: *to, kind, ordinal })
        };
        messages.into_iter().zip(ordinals).map(named).collect()
    }

    fn take_message(&mut self, message: MessageId) -> Result<Envelope, String> {
        let in_flight = self.message(message).is_some();
        match in_flight.then(|| self.agenda.take(message.place)) {
            Some(Pending::Message(envelope)) => Ok(envelope),
            _ => Err("that message is not in flight".into()),
        }
    }

    pub(super) fn deliver(&mut self, message: MessageId) -> Result<Record, String> {
        if self.someone_waits
            && let Some(envelope) = self.message(message)
        {
            self.must_be_awake(envelope.to)?;
        }
        let envelope = self.take_message(message)?;
        let (from, to) = (envelope.from, envelope.to);
        let cut = || link(&self.slots[from.index()].links, to).is_some_and(|link| link.cut);
        let lost = match () {
            () if !self.is_up(to) => Some(&rule::DOWN),
            () if cut() => Some(&rule::CUT),
            () if self.is_doomed(from, to, envelope.kind) => Some(&rule::STAND),
            () => None,
        };
        if let Some(rule) = lost {
            let record = self.close_message(&envelope, What::Lose, rule, "is lost");
            return Ok(self.marked(record, Flags::AT_END));
        }
        Ok(self.hand_over(envelope))
    }

    /// Gives a message in flight to its receiver, whatever the network would do to it.
    ///
    /// # Errors
    /// One sentence when it is not in flight, or its receiver takes no steps.
    pub(crate) fn give(&mut self, message: MessageId) -> Result<Record, String> {
        let envelope = self.take_message(message)?;
        if !self.is_up(envelope.to) {
            return Err(format!("{} is down", envelope.to));
        }
        self.must_be_awake(envelope.to)?;
        Ok(self.hand_over(envelope))
    }

    fn hand_over(&mut self, envelope: Envelope) -> Record {
        let (from, to) = (envelope.from, envelope.to);
        let record = self.about(What::Deliver, &envelope);
        let text = self.text_of(&envelope);
        let brief = if self.telling { self.shim.message_brief(&envelope.message) } else { None };
        let words = || Happening {
            is_brief: brief.is_some(),
            sentence: format!("{to} receives {} from {from}", brief.as_deref().unwrap_or(&text)),
            occasion: format!("{text} from {from}"),
            message: text.clone(),
        };
        self.step(record, Stimulus::Message(from, envelope.message), words)
    }

    pub(super) fn lose(
        &mut self,
        message: MessageId,
        what: What,
        rule: &'static Rule,
    ) -> Result<Record, String> {
        let envelope = self.take_message(message)?;
        let verb = if what == What::Drop { "is dropped" } else { "is lost" };
        Ok(self.close_message(&envelope, what, rule, verb))
    }

    pub(super) fn delay(&mut self, message: MessageId, by: Micros) -> Result<Record, String> {
        let mut envelope = self.take_message(message)?;
        envelope.arrives = envelope.arrives.max(self.now).saturating_add(by).min(LATEST);
        let verb = if self.telling { format!("is delayed by {}", exact(by)) } else { String::new() };
        let record = self.close_message(&envelope, What::Delay, &rule::DELAY, &verb);
        self.agenda.add(envelope.arrives, Pending::Message(envelope));
        Ok(record)
    }

    pub(super) fn duplicate(&mut self, message: MessageId) -> Result<Record, String> {
        let Some(envelope) = self.message(message) else {
            return Err("that message is not in flight".into());
        };
        let copy = Envelope { id: self.agenda.sequence(), ..envelope.clone() };
        let record = self.close_message(&copy, What::Duplicate, &rule::COPY, "is duplicated");
        // One that was held may be late, and nothing happens in the past.
        self.agenda.add(copy.arrives.max(self.now), Pending::Message(copy));
        Ok(record)
    }

    /// A message is under way for so long.
    fn takes_its_way(&mut self, way: Micros) {
        self.longest_way = self.longest_way.max(way);
    }

    /// The message in words, while somebody reads.
    pub(super) fn text_of(&self, envelope: &Envelope) -> String {
        if self.telling { self.shim.message_text(&envelope.message) } else { String::new() }
    }

    /// Ends an event that is done to a message on its way.
    pub(super) fn close_message(
        &mut self,
        envelope: &Envelope,
        what: What,
        rule: &'static Rule,
        verb: &str,
    ) -> Record {
        let text = self.text_of(envelope);
        let record = self.about(what, envelope);
        let record =
            self.close(record, rule, || format!("{text} from {} to {} {verb}", envelope.from, envelope.to));
        if let Some(line) = self.line.as_mut().filter(|_| self.telling) {
            line.message = text;
        }
        record
    }

    /// A record of something that is done to a message; its subject is the receiver.
    fn about(&self, what: What, envelope: &Envelope) -> Record {
        let reply = self.shim.kinds()[envelope.kind as usize].reply;
        let mut record = Record::new(what, self.now, envelope.to);
        (record.peer, record.kind, record.cause) = (envelope.from.0, envelope.kind, envelope.cause);
        record.flags.set(Flags::REPLY, reply);
        record
    }

    /// What was sent, each message once, with all that it goes to.
    pub(super) fn sent_text(&self) -> Vec<String> {
        let mut grouped: Vec<(String, String)> = Vec::new();
        for (to, message, _) in &self.fx.sends {
            let text = self.shim.message_text(message);
            let to = match to {
                To::One(node) => node.to_string(),
                To::Others => "all others".into(),
            };
            match grouped.iter_mut().find(|(known, _)| *known == text) {
                Some((_, whom)) => whom.extend([", ", &to]),
                None => grouped.push((text, to)),
            }
        }
        grouped.into_iter().map(|(text, whom)| format!("{text} to {whom}")).collect()
    }

    /// Sends a message; it arrives when that is known, and otherwise when the network decides.
    pub(super) fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: Payload,
        kind: u8,
        arrives: Option<Micros>,
    ) {
        if to.0 >= self.setup.count || self.is_flooded(from) {
            return;
        }
        let doomed = self.is_doomed(from, to, kind);
        let slot = Rc::make_mut(&mut self.slots[from.index()]);
        let own = slot.manners.get(&to).map(|manner| manner.in_network(self.setup.network));
        let network = own.as_ref().unwrap_or(&self.setup.network);
        let mut passing;
        let link = if self.setup.count > CROWD && !network.fifo {
            slot.sent += 1;
            passing = passing_link(&slot.links, to, slot.sent);
            &mut passing
        } else {
            link_mut(&mut slot.links, to)
        };
        // Only measured latencies tell writes from other messages.
        let is_write =
            network.fitted.is_some() && self.setup.writes.contains(&self.shim.kinds()[kind as usize].name);
        let posted = Posted { from, now: self.now, is_write, doomed };
        let mut fate = network.decide(self.setup.seed, link, posted);
        if let Some(arrives) = arrives {
            fate = Fate { arrives: arrives.max(self.now), lost: false, copy: None };
        }
        let (id, cause, sent) = (self.agenda.sequence(), self.events, self.now);
        let envelope = Envelope {
            id,
            from,
            to,
            message,
            kind,
            cause,
            sent,
            arrives: fate.arrives,
            lost: fate.lost,
            held: false,
        };
        let copy = fate.copy.map(|arrives| Envelope { id: id + 1, arrives, ..envelope.clone() });
        self.takes_its_way(fate.arrives - sent);
        self.agenda.add(fate.arrives, Pending::Message(envelope));
        if let Some(copy) = copy {
            self.takes_its_way(copy.arrives - sent);
            self.agenda.add(copy.arrives, Pending::Message(copy));
        }
    }
}
