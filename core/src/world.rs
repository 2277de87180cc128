//! The world: nodes, disks, messages in flight, timers and cuts, and the one function that changes it.
//!
//! The world is not generic over the protocol; it reaches the protocol only through its shim. It
//! keeps no history: what it did in a step it leaves in a [`Record`], and in a [`Line`] when somebody wants to read.

use crate::network::{Envelope, Network, link_mut};
use crate::node::{NodeId, To};
use crate::random::{Purpose, draw, within};
use crate::shim::{Effects, Payload, Shim, Stimulus};
use crate::time::Micros;
use crate::trace::{Flags, Line, NO_CAUSE, NOBODY, Record, What};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// Everything that can happen.
#[derive(Clone)]
pub enum Event {
    /// A node starts for the first time.
    Boot(NodeId),
    /// A message reaches its receiver.
    Deliver(MessageId),
    /// The network loses a message.
    Lose(MessageId),
    /// A timer of a node fires, by its place in the node's list.
    Fire(NodeId, u32),
    /// The workload asks some node for something.
    Ask,
    /// Somebody takes a message away.
    Drop(MessageId),
    /// Somebody holds a message back for some time.
    Delay(MessageId, Micros),
    /// Somebody copies a message; the copy arrives right after it.
    Duplicate(MessageId),
    /// The application asks a node for something.
    Input(NodeId, Input),
    /// A node stops and forgets all but its disk.
    Crash(NodeId),
    /// A node that is down boots again.
    Restart(NodeId),
    /// Links lose from now on what is sent on them and what would arrive.
    Cut(Links),
    /// Links carry messages again; without any named, all of them.
    Heal(Option<Links>),
}

/// What an application asks of a node.
#[derive(Clone)]
pub struct Input(pub(crate) Payload);

/// A message in flight: its place among those in flight, and its number among all that were ever sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageId {
    pub(crate) place: u32,
    pub(crate) id: u64,
}

/// Some links, in the words of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Links {
    /// `n1>n2`: one way.
    OneWay(NodeId, NodeId),
    /// `n1-n2`: both ways.
    Both(NodeId, NodeId),
    /// `n1,n2|n3`: everything between groups. Nodes that no group names are a group of their own.
    Groups(Vec<Vec<NodeId>>),
}

impl Links {
    /// Every directed link that is meant, among `count` nodes.
    pub fn pairs(&self, count: u32) -> Vec<(NodeId, NodeId)> {
        match self {
            Links::OneWay(from, to) => vec![(*from, *to)],
            Links::Both(one, other) => vec![(*one, *other), (*other, *one)],
            Links::Groups(groups) => {
                let side = |node| groups.iter().position(|group| group.contains(&node));
                let sides: Vec<_> = (0..count).map(|node| side(NodeId(node))).collect();
                let all = (0..count).flat_map(|from| (0..count).map(move |to| (NodeId(from), NodeId(to))));
                all.filter(|(from, to)| sides[from.index()] != sides[to.index()]).collect()
            }
        }
    }
}

/// What is known of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Neither violated nor reached so far.
    Open,
    /// Something that must hold always did not after this event; who saw what.
    Violated {
        /// The event.
        at: u32,
        /// Who saw what.
        sentence: Rc<str>,
    },
    /// Something that should come up did, with this event.
    Reached {
        /// The event.
        at: u32,
    },
}

/// A timer of a node.
#[derive(Clone)]
pub(crate) struct Armed {
    pub(crate) what: Payload,
    /// What the handler that just ran wants: `Some(None)` is to cancel.
    pub(crate) wish: Option<Option<Micros>>,
    pub(crate) set: Micros,
    pub(crate) fires: Micros,
    pub(crate) cause: u32,
    /// Its place in the world's list of what is pending, once it has one.
    pending: Option<u32>,
    armed: bool,
}

impl Armed {
    pub(crate) fn new(what: Payload, delay: Option<Micros>) -> Self {
        Armed { what, wish: Some(delay), set: 0, fires: 0, cause: NO_CAUSE, pending: None, armed: false }
    }

    /// Whether its place may be given to another timer.
    pub(crate) fn is_idle(&self) -> bool {
        !self.armed && self.wish.is_none()
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.armed
    }
}

/// A node's place in the world: its memory while it is up, its disk while it is down, its timers, its links.
#[derive(Clone, Default)]
pub(crate) struct Slot {
    pub(crate) machine: Option<Payload>,
    pub(crate) disk: Option<Payload>,
    pub(crate) timers: Vec<Armed>,
    pub(crate) links: Vec<crate::network::Link>,
    pub(crate) draws: u64,
    booted: bool,
}

/// Something that will happen by itself. A timer that is moved later keeps its entry in the queue and is queued
/// again when that comes up: so each has one entry, however often it is set.
#[derive(Clone)]
enum Pending {
    Free,
    Boot(NodeId),
    Ask,
    Message(Envelope),
    Timer { node: NodeId, place: u32, queued: u128 },
}

/// A key in the queue: time, sequence, place among the pending. So the order is total.
fn key(time: Micros, sequence: u64, place: u32) -> u128 {
    u128::from(time) << 78 | u128::from(sequence) << 32 | u128::from(place)
}

const NEVER: u128 = u128::MAX;

/// What holds for the whole run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// How many nodes there are.
    pub count: u32,
    /// What every draw depends on.
    pub seed: u64,
    /// How links behave.
    pub network: Network,
    /// How often the workload asks something; 0 is never.
    pub ask: Micros,
}

/// The state of a run between two events.
pub struct World {
    shim: Box<dyn Shim>,
    setup: Rc<Setup>,
    now: Micros,
    /// How many events have been applied.
    events: u32,
    sequence: u64,
    asked: u64,
    slots: Vec<Rc<Slot>>,
    pending: Vec<(u128, Pending)>,
    free: Vec<u32>,
    queue: BinaryHeap<Reverse<u128>>,
    record: Payload,
    verdicts: Vec<Verdict>,
    beliefs: Vec<(u32, NodeId, &'static str)>,
    fx: Effects,
    line: Option<Line>,
    telling: bool,
}

impl Clone for World {
    fn clone(&self) -> Self {
        World {
            shim: self.shim.clone_box(),
            setup: self.setup.clone(),
            slots: self.slots.clone(),
            pending: self.pending.clone(),
            free: self.free.clone(),
            queue: self.queue.clone(),
            record: self.record.clone(),
            verdicts: self.verdicts.clone(),
            beliefs: self.beliefs.clone(),
            fx: Effects::default(),
            line: None,
            ..*self
        }
    }
}

impl World {
    /// A world at time 0 in which every node is about to boot.
    pub(crate) fn new(setup: Setup, shim: Box<dyn Shim>, record: Payload, claims: usize) -> Self {
        let mut world = World {
            shim,
            now: 0,
            events: 0,
            sequence: 0,
            asked: 0,
            slots: vec![Rc::new(Slot::default()); setup.count as usize],
            pending: Vec::new(),
            free: Vec::new(),
            queue: BinaryHeap::new(),
            record,
            verdicts: vec![Verdict::Open; claims],
            beliefs: Vec::new(),
            fx: Effects::default(),
            line: None,
            telling: false,
            setup: Rc::new(setup),
        };
        for node in 0..world.setup.count {
            world.expect(0, Pending::Boot(NodeId(node)));
        }
        if world.setup.ask > 0 {
            world.expect(world.setup.ask, Pending::Ask);
        }
        world
    }

    /// The time of the latest event, or of the latest [`World::wait`].
    pub fn now(&self) -> Micros {
        self.now
    }

    /// How many events have been applied.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// What is known of each claim, in the order in which the protocol claims them.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Beliefs of the protocol's author that broke: after which event, at which node, what was believed.
    pub fn broken_beliefs(&self) -> &[(u32, NodeId, &'static str)] {
        &self.beliefs
    }

    /// Lets time pass until `time` without an event.
    pub fn wait(&mut self, time: Micros) {
        self.now = self.now.max(time);
    }

    /// From now on each event leaves a [`Line`], or no longer.
    pub fn tell(&mut self, telling: bool) {
        self.telling = telling;
    }

    /// The line of the latest event, if it was told.
    pub fn take_line(&mut self) -> Option<Line> {
        self.line.take()
    }

    /// When something next happens by itself.
    pub fn next_time(&mut self) -> Option<Micros> {
        self.front().map(|front| (front >> 78) as Micros)
    }

    /// What next happens by itself, and when; `None` when nothing ever will.
    pub fn next(&mut self) -> Option<(Micros, Event)> {
        let front = self.front()?;
        let event = match &self.pending[front as u32 as usize].1 {
            Pending::Boot(node) => Event::Boot(*node),
            Pending::Ask => Event::Ask,
            Pending::Timer { node, place, .. } => Event::Fire(*node, *place),
            Pending::Message(envelope) => {
                let message = MessageId { place: front as u32, id: envelope.id };
                if envelope.lost { Event::Lose(message) } else { Event::Deliver(message) }
            }
            Pending::Free => return None,
        };
        Some(((front >> 78) as Micros, event))
    }

    /// The valid front of the queue, after what is stale there was thrown away or queued again.
    fn front(&mut self) -> Option<u128> {
        loop {
            let Reverse(front) = *self.queue.peek()?;
            let (wanted, pending) = &mut self.pending[front as u32 as usize];
            if *wanted == front {
                return Some(front);
            }
            self.queue.pop();
            if let Pending::Timer { queued, .. } = pending
                && *queued == front
            {
                *queued = *wanted;
                if *wanted != NEVER {
                    self.queue.push(Reverse(*wanted));
                }
            }
        }
    }

    /// Adds something that will happen by itself at `time`, and returns its place.
    fn expect(&mut self, time: Micros, pending: Pending) -> u32 {
        let place = self.free.pop().unwrap_or(self.pending.len() as u32);
        let key = key(time, self.sequence, place);
        self.sequence += 1;
        let entry = (key, pending);
        match self.pending.get_mut(place as usize) {
            Some(free) => *free = entry,
            None => self.pending.push(entry),
        }
        self.queue.push(Reverse(key));
        place
    }

    /// Takes something off the list of what is pending.
    fn settle(&mut self, place: u32) -> Pending {
        self.free.push(place);
        let (wanted, pending) = &mut self.pending[place as usize];
        *wanted = NEVER;
        std::mem::replace(pending, Pending::Free)
    }

    /// The message, if it is still in flight.
    pub(crate) fn message(&self, message: MessageId) -> Option<&Envelope> {
        match self.pending.get(message.place as usize) {
            Some((_, Pending::Message(envelope))) if envelope.id == message.id => Some(envelope),
            _ => None,
        }
    }

    /// Every message in flight, the first sent first.
    pub(crate) fn messages(&self) -> Vec<(MessageId, &Envelope)> {
        let envelope = |(place, (_, pending)): (usize, &'_ (u128, Pending))| match pending {
            Pending::Message(envelope) => Some((place as u32, envelope.id)),
            _ => None,
        };
        let mut found: Vec<_> = self.pending.iter().enumerate().filter_map(envelope).collect();
        found.sort_unstable_by_key(|&(_, id)| id);
        let known = |(place, id)| {
            let message = MessageId { place, id };
            self.message(message).map(|envelope| (message, envelope))
        };
        found.into_iter().filter_map(known).collect()
    }

    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    pub(crate) fn shim(&self) -> &dyn Shim {
        &*self.shim
    }

    pub(crate) fn slot(&self, node: NodeId) -> &Slot {
        &self.slots[node.index()]
    }

    pub(crate) fn timer_name(&self, timer: &Armed) -> String {
        self.shim.timer_text(&timer.what)
    }

    /// Whether a node is up.
    pub fn is_up(&self, node: NodeId) -> bool {
        self.slots[node.index()].machine.is_some()
    }

    /// Applies one event at `time`, or now if that is past. An event that cannot apply changes nothing.
    ///
    /// # Errors
    /// One sentence that says why the event cannot apply.
    pub fn apply(&mut self, time: Micros, event: Event) -> Result<Record, String> {
        self.line = None;
        self.now = self.now.max(time);
        match event {
            Event::Boot(node) if self.slots[node.index()].booted => Err(format!("{node} has booted before")),
            Event::Boot(node) => Ok(self.boot(node, What::Boot)),
            Event::Restart(node) if self.is_up(node) => Err(format!("{node} is up already")),
            Event::Restart(node) => Ok(self.boot(node, What::Restart)),
            Event::Crash(node) => self.crash(node),
            Event::Deliver(message) => self.deliver(message),
            Event::Lose(message) => self.lose(message, What::Lose, None),
            Event::Drop(message) => self.lose(message, What::Drop, None),
            Event::Delay(message, by) => self.delay(message, by),
            Event::Duplicate(message) => self.duplicate(message),
            Event::Fire(node, place) => self.fire(node, place),
            Event::Ask => Ok(self.ask()),
            Event::Input(node, input) => self.input(node, input.0),
            Event::Cut(links) => Ok(self.set_links(What::Cut, Some(&links))),
            Event::Heal(links) => Ok(self.set_links(What::Heal, links.as_ref())),
        }
    }

    /// Applies an event that somebody wants, not one that happens by itself; its record says so.
    ///
    /// # Errors
    /// As [`World::apply`].
    pub fn apply_act(&mut self, time: Micros, event: Event) -> Result<Record, String> {
        let mut record = self.apply(time, event)?;
        record.flags.set(Flags::ACT, true);
        if let Some(line) = &mut self.line {
            line.record.flags.set(Flags::ACT, true);
        }
        Ok(record)
    }

    /// Records that somebody wanted what could not be, and why.
    pub fn refuse(&mut self, time: Micros, sentence: &str) -> Record {
        self.line = None;
        self.now = self.now.max(time);
        let mut record = Record { node: NOBODY, ..Record::new(What::Refused, self.now, NodeId(0)) };
        record.flags.set(Flags::ACT, true);
        self.close(record, || format!("nothing happens ({sentence})"))
    }

    fn boot(&mut self, node: NodeId, what: What) -> Record {
        let boots =
            self.pending.iter().position(|(_, pending)| matches!(pending, Pending::Boot(it) if *it == node));
        if what == What::Boot
            && let Some(place) = boots
        {
            self.settle(place as u32);
        }
        Rc::make_mut(&mut self.slots[node.index()]).booted = true;
        let sentence = if what == What::Boot { "starts" } else { "restarts with what was on disk" };
        self.step(Record::new(what, self.now, node), Stimulus::Boot, |_| (sentence.into(), String::new()))
    }

    fn crash(&mut self, node: NodeId) -> Result<Record, String> {
        let slot = Rc::make_mut(&mut self.slots[node.index()]);
        let Some(machine) = slot.machine.take() else { return Err(format!("{node} is down already")) };
        slot.disk = Some(self.shim.disk(&machine));
        for timer in &mut slot.timers {
            timer.wish = Some(None);
        }
        self.settle_timers(node);
        let mut record = Record::new(What::Crash, self.now, node);
        self.judge(&mut record);
        Ok(self.close(record, || format!("{node} crashes")))
    }

    fn deliver(&mut self, message: MessageId) -> Result<Record, String> {
        let Some(envelope) = self.message(message) else {
            return Err("that message is not in flight".into());
        };
        let (from, to) = (envelope.from, envelope.to);
        if !self.is_up(to) {
            return self.lose(message, What::Lose, Some("its receiver is down"));
        }
        if self.slots[from.index()].links.iter().any(|link| link.to == to && link.cut) {
            return self.lose(message, What::Lose, Some("the link is cut"));
        }
        let Pending::Message(envelope) = self.settle(message.place) else { return Err(String::new()) };
        let record = self.about(What::Deliver, &envelope);
        let text = if self.telling { self.shim.message_text(&envelope.message) } else { String::new() };
        let stimulus = Stimulus::Message(from, envelope.message);
        Ok(self
            .step(record, stimulus, |_| (format!("gets {text} from {from}"), format!("{text} from {from}"))))
    }

    fn lose(&mut self, message: MessageId, what: What, because: Option<&str>) -> Result<Record, String> {
        if self.message(message).is_none() {
            return Err("that message is not in flight".into());
        }
        let Pending::Message(envelope) = self.settle(message.place) else { return Err(String::new()) };
        let record = self.about(what, &envelope);
        let text = if self.telling { self.shim.message_text(&envelope.message) } else { String::new() };
        let verb = if what == What::Drop { "is dropped" } else { "is lost" };
        let because = because.map(|because| format!(": {because}")).unwrap_or_default();
        Ok(self.close(record, || format!("{text} from {} to {} {verb}{because}", envelope.from, envelope.to)))
    }

    fn delay(&mut self, message: MessageId, by: Micros) -> Result<Record, String> {
        let Some(envelope) = self.message(message) else {
            return Err("that message is not in flight".into());
        };
        let record = self.about(What::Delay, envelope);
        let Pending::Message(mut envelope) = self.settle(message.place) else { return Err(String::new()) };
        envelope.arrives = envelope.arrives.max(self.now).saturating_add(by).min(crate::time::LATEST);
        let sentence = match self.telling {
            true => format!(
                "{} from {} to {} is delayed by {}",
                self.shim.message_text(&envelope.message),
                envelope.from,
                envelope.to,
                crate::time::exact(by)
            ),
            false => String::new(),
        };
        self.expect(envelope.arrives, Pending::Message(envelope));
        Ok(self.close(record, || sentence))
    }

    fn duplicate(&mut self, message: MessageId) -> Result<Record, String> {
        let Some(envelope) = self.message(message) else {
            return Err("that message is not in flight".into());
        };
        let (record, mut copy) = (self.about(What::Duplicate, envelope), envelope.clone());
        let sentence = match self.telling {
            true => format!(
                "{} from {} to {} is duplicated",
                self.shim.message_text(&copy.message),
                copy.from,
                copy.to
            ),
            false => String::new(),
        };
        copy.id = self.sequence;
        self.expect(copy.arrives, Pending::Message(copy));
        Ok(self.close(record, || sentence))
    }

    fn fire(&mut self, node: NodeId, place: u32) -> Result<Record, String> {
        let slot = Rc::make_mut(&mut self.slots[node.index()]);
        let Some(timer) = slot.timers.get_mut(place as usize).filter(|timer| timer.armed) else {
            return Err(format!("{node} has not set that timer"));
        };
        timer.armed = false;
        let (what, cause) = (timer.what.clone(), timer.cause);
        if let Some(pending) = timer.pending {
            self.pending[pending as usize].0 = NEVER;
        }
        let name = if self.telling { self.shim.timer_text(&what) } else { String::new() };
        let record = Record { cause, ..Record::new(What::Fire, self.now, node) };
        let words = |_: &Effects| (format!("hears its {name} timer"), format!("its {name} timer"));
        Ok(self.step(record, Stimulus::Timer(what), words))
    }

    /// The workload asks a node drawn from the seed for one of the things it offers.
    fn ask(&mut self) -> Record {
        let place = self.pending.iter().position(|(_, pending)| matches!(pending, Pending::Ask));
        if let Some(place) = place {
            self.settle(place as u32);
        }
        self.expect(self.now + self.setup.ask, Pending::Ask);
        let nth = self.asked;
        self.asked += 1;
        let pick = |owner, bound: usize| {
            within(draw(self.setup.seed, Purpose::Workload, (owner, 0), nth), &(0..=bound as u64 - 1))
                as usize
        };
        let node = NodeId(pick(0, self.slots.len()) as u32);
        let inputs = self.slots[node.index()].machine.as_ref().map(|machine| self.shim.inputs(machine));
        let inputs = inputs.unwrap_or_default();
        let nobody = Record::new(What::Idle, self.now, node);
        if inputs.is_empty() {
            return self.close(nobody, || format!("{node} can be asked nothing"));
        }
        let input = inputs[pick(1, inputs.len())].clone();
        self.input(node, input).unwrap_or(nobody)
    }

    fn input(&mut self, node: NodeId, input: Payload) -> Result<Record, String> {
        if !self.is_up(node) {
            return Err(format!("{node} is down"));
        }
        let text = if self.telling { self.shim.input_text(&input) } else { String::new() };
        let words = |_: &Effects| (format!("is asked to {text}"), text.clone());
        Ok(self.step(Record::new(What::Input, self.now, node), Stimulus::Input(input), words))
    }

    fn set_links(&mut self, what: What, links: Option<&Links>) -> Record {
        let cut = what == What::Cut;
        let pairs = match links {
            Some(links) => links.pairs(self.setup.count),
            None => self.cuts(),
        };
        for (from, to) in pairs {
            link_mut(&mut Rc::make_mut(&mut self.slots[from.index()]).links, to).cut = cut;
        }
        let record = Record { node: NOBODY, ..Record::new(what, self.now, NodeId(0)) };
        self.close(record, || match (cut, links) {
            (true, Some(links)) => format!("the network is cut: {links}"),
            (false, Some(links)) => format!("the network is healed: {links}"),
            (_, None) => "the network is healed".into(),
        })
    }

    /// Every directed link that is cut.
    pub fn cuts(&self) -> Vec<(NodeId, NodeId)> {
        let of = |(from, slot): (usize, &Rc<Slot>)| {
            let cut = slot.links.iter().filter(|link| link.cut);
            cut.map(|link| (NodeId(from as u32), link.to)).collect::<Vec<_>>()
        };
        self.slots.iter().enumerate().flat_map(of).collect()
    }

    /// A record of something that is done to a message; its subject is the receiver.
    fn about(&self, what: What, envelope: &Envelope) -> Record {
        let reply = self.shim.kinds()[envelope.kind as usize].reply;
        let mut record = Record::new(what, self.now, envelope.to);
        (record.peer, record.kind, record.cause) = (envelope.from.0, envelope.kind, envelope.cause);
        record.flags.set(Flags::REPLY, reply);
        record
    }

    /// Lets a node take a step: runs its handler, does what that asked for, judges, and closes the event. `words`
    /// says what happened to the node and, for when the node has something better to tell, on what occasion.
    fn step(
        &mut self,
        mut record: Record,
        stimulus: Stimulus,
        words: impl FnOnce(&Effects) -> (String, String),
    ) -> Record {
        let node = NodeId(record.node);
        let mut fx = std::mem::take(&mut self.fx);
        let slot = Rc::make_mut(&mut self.slots[node.index()]);
        self.shim.step(node, slot, stimulus, self.telling, &mut fx);
        self.settle_timers(node);
        let sent = if self.telling { self.sent_text(&fx) } else { Vec::new() };
        for (to, message, kind) in fx.sends.drain(..) {
            match to {
                To::One(to) => self.send(node, to, message, kind),
                To::Others => {
                    for to in (0..self.setup.count).map(NodeId).filter(|&to| to != node) {
                        self.send(node, to, message.clone(), kind);
                    }
                }
            }
        }
        record.flags.set(Flags::WROTE, fx.wrote);
        record.flags.set(Flags::MILESTONE, fx.milestone);
        self.judge(&mut record);
        if let Some(belief) = fx.broken {
            self.beliefs.push((self.events, node, belief));
            record.flags.set(Flags::VIOLATION, true);
        }
        if self.telling {
            let (happened, occasion) = words(&fx);
            let (sentence, occasion) = if fx.told.is_empty() {
                (happened, String::new())
            } else {
                (std::mem::take(&mut fx.told), occasion)
            };
            self.line = Some(Line {
                sentence: format!("{node} {sentence}"),
                occasion,
                disk: fx.wrote.then(|| std::mem::take(&mut fx.disk)),
                sent,
                outputs: std::mem::take(&mut fx.outputs),
                rule: fx.rule,
                ..Line::new(self.events, record)
            });
        }
        self.fx = fx;
        self.events += 1;
        record
    }

    /// Ends an event that was no node's step.
    fn close(&mut self, record: Record, sentence: impl FnOnce() -> String) -> Record {
        if self.telling {
            self.line = Some(Line { sentence: sentence(), ..Line::new(self.events, record) });
        }
        self.events += 1;
        record
    }

    fn judge(&mut self, record: &mut Record) {
        let who = NodeId(record.node);
        let broke = self.shim.judge(who, &self.slots, &mut self.record, &mut self.verdicts, self.events);
        record.flags.set(Flags::VIOLATION, broke);
    }

    fn sent_text(&self, fx: &Effects) -> Vec<String> {
        let to = |to: &To| match to {
            To::One(node) => node.to_string(),
            To::Others => "all".into(),
        };
        fx.sends
            .iter()
            .map(|(whom, message, _)| format!("{} to {}", self.shim.message_text(message), to(whom)))
            .collect()
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: Payload, kind: u8) {
        if to.0 >= self.setup.count {
            return;
        }
        let slot = Rc::make_mut(&mut self.slots[from.index()]);
        let fate = self.setup.network.decide(self.setup.seed, from, link_mut(&mut slot.links, to), self.now);
        let (id, cause, sent) = (self.sequence, self.events, self.now);
        let envelope =
            Envelope { id, from, to, message, kind, cause, sent, arrives: fate.arrives, lost: fate.lost };
        if let Some(arrives) = fate.copy {
            let copy = Envelope { id: id + 1, arrives, ..envelope.clone() };
            self.expect(envelope.arrives, Pending::Message(envelope));
            self.expect(arrives, Pending::Message(copy));
        } else {
            self.expect(envelope.arrives, Pending::Message(envelope));
        }
    }

    /// Does what the handler that just ran wished of its node's timers.
    fn settle_timers(&mut self, node: NodeId) {
        for place in 0..self.slots[node.index()].timers.len() {
            if self.slots[node.index()].timers[place].wish.is_some() {
                self.settle_timer(node, place);
            }
        }
    }

    fn settle_timer(&mut self, node: NodeId, place: usize) {
        let timer = &mut Rc::make_mut(&mut self.slots[node.index()]).timers[place];
        let delay = timer.wish.take().flatten();
        timer.armed = delay.is_some();
        if let Some(delay) = delay {
            let fires = self.now.saturating_add(delay).min(crate::time::LATEST);
            (timer.set, timer.fires, timer.cause) = (self.now, fires, self.events);
        }
        let fires = timer.fires;
        match (timer.pending, delay) {
            (None, None) => {}
            (Some(pending), None) => self.pending[pending as usize].0 = NEVER,
            (Some(pending), Some(_)) => self.move_timer(pending, fires),
            (None, Some(_)) => {
                let pending = self.expect(fires, Pending::Timer { node, place: place as u32, queued: NEVER });
                let wanted = self.pending[pending as usize].0;
                self.pending[pending as usize].1 =
                    Pending::Timer { node, place: place as u32, queued: wanted };
                Rc::make_mut(&mut self.slots[node.index()]).timers[place].pending = Some(pending);
            }
        }
    }

    /// Gives a timer's entry its new time; it is queued again at once only if that is earlier than where it waits.
    fn move_timer(&mut self, place: u32, fires: Micros) {
        let new = key(fires, self.sequence, place);
        self.sequence += 1;
        let (wanted, pending) = &mut self.pending[place as usize];
        *wanted = new;
        if let Pending::Timer { queued, .. } = pending
            && new < *queued
        {
            *queued = new;
            self.queue.push(Reverse(new));
        }
    }
}
