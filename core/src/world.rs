//! The world: nodes, disks, messages in flight, timers and cuts, and the one function that changes it.
//!
//! The world is not generic over the protocol; it reaches the protocol only through its shim. It
//! keeps no history: what it did in a step it leaves in a [`Record`], and in a [`Line`] when somebody wants to read.

use crate::agenda::{Agenda, Pending};
use crate::card::Card;
use crate::clock::Clock;
#[cfg(not(target_family = "wasm"))]
use crate::costs::{Figured, Measures};
use crate::curves::Curves;
use crate::event::{Event, LossRule, MessageId};
use crate::history::{KeyValue, Of};
use crate::name::{NodeId, Rule, To};
use crate::network::{Behaviour, Network};
use crate::property::Judgement;
use crate::protocol::Protocol;
use crate::random::{Purpose, draw, within};
use crate::shim::{Effects, Rest, Shim, Stimulus};
use crate::slot::{Payload, Slot};
use crate::time::Micros;
use crate::title::Assumptions;
use crate::toolbox::map::Map;
use crate::trace::{Flags, Line, NOBODY, Record, What};
use std::rc::Rc;

mod again;
mod breaches;
mod choices;
mod clocks;
mod crashes;
mod liars;
mod links;
mod messages;
mod quiet;
mod rule;
mod still;
mod timers;
mod unrest;
mod waiting;

pub(crate) use again::Deed;
pub use breaches::{Breach, Scope};
use links::TOO_MANY_LINKS;
pub(crate) use still::{Still, Sum};
pub(crate) use unrest::Unrest;

/// More nodes than this are a crowd: nobody reads all their cards, and nobody keeps count of all their links.
pub const CROWD: u32 = 256;

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
    /// How far clocks may be off at first, either way.
    pub skew: Micros,
    /// Whether nothing but the boots happens by itself.
    pub manual: bool,
    /// What the protocol assumes for what must hold always.
    pub safety: Assumptions,
    /// What it assumes for what must hold in the end.
    pub liveness: Assumptions,
    /// The claim that what is set makes rest on clocks that run alike, and what is assumed of them.
    pub clocked: Option<(&'static str, &'static str)>,
    /// How many nodes may be faulty.
    pub tolerated: u32,
    /// How many of the first nodes are assumed never to fail.
    pub steady: u32,
    /// Of each node, whether it counts among those.
    pub counts: Rc<[bool]>,
    /// The bound on latency that is known, where bounds are.
    pub latency_known: Micros,
    /// The kinds of messages that carry writes.
    pub writes: &'static [&'static str],
}

/// The state of a run between two events.
pub struct World {
    shim: Shim,
    setup: Rc<Setup>,
    now: Micros,
    /// How many events have been applied.
    events: u32,
    asked: u64,
    /// When the last act was done that is no request, the messages had arrived that were in flight then, and the loss rules had ended;
    /// and the longest that a message takes that was sent since.
    disturbed: Micros,
    longest_way: Micros,
    slots: Vec<Rc<Slot>>,
    agenda: Agenda,
    /// Whether a node is paused or something held, so that what comes up may have to wait.
    someone_waits: bool,
    /// Messages that are lost for some time.
    loss_rules: Vec<LossRule>,
    /// The clocks that are not right.
    clocks: Map<NodeId, Clock>,
    /// Whether some clock may read something else than true time.
    clocks_matter: bool,
    breaches: Vec<Breach>,
    beliefs: Vec<(u32, NodeId, &'static str)>,
    fx: Effects,
    line: Option<Line>,
    telling: bool,
}

impl Clone for World {
    fn clone(&self) -> Self {
        World {
            shim: self.shim.clone(),
            setup: self.setup.clone(),
            slots: self.slots.clone(),
            agenda: self.agenda.clone(),
            loss_rules: self.loss_rules.clone(),
            clocks: self.clocks.clone(),
            breaches: self.breaches.clone(),
            beliefs: self.beliefs.clone(),
            fx: Effects::default(),
            line: None,
            ..*self
        }
    }
}

/// What happened to a node, in words.
struct Happening {
    /// As a sentence.
    sentence: String,
    /// As the occasion of something better, for when the node has that to tell.
    occasion: String,
    /// The message that arrived, if one did.
    message: String,
    /// Whether the occasion says more than the sentence.
    is_brief: bool,
}

impl Happening {
    fn new(sentence: String, occasion: String) -> Self {
        Happening { sentence, occasion, message: String::new(), is_brief: false }
    }
}

impl World {
    /// A world at time 0 in which every node is about to boot.
    pub(crate) fn new(setup: Setup, shim: Shim) -> Self {
        let mut world = World {
            shim,
            now: 0,
            events: 0,
            asked: 0,
            disturbed: 0,
            longest_way: 0,
            slots: (0..setup.count).map(|_| Rc::default()).collect(),
            agenda: Agenda::default(),
            someone_waits: false,
            loss_rules: Vec::new(),
            clocks: clocks::at_first(&setup),
            breaches: breaches::at_first(&setup),
            clocks_matter: setup.manual || setup.skew > 0,
            beliefs: Vec::new(),
            fx: Effects::default(),
            line: None,
            telling: false,
            setup: Rc::new(setup),
        };
        for node in 0..world.setup.count {
            world.agenda.add(0, Pending::Boot(NodeId(node)));
        }
        if world.setup.manual {
            world.agenda.be_quiet();
            world.shim.leave_nothing_to_chance();
        } else if world.setup.ask > 0 {
            world.agenda.add(world.setup.ask, Pending::Ask);
        }
        world
    }

    /// The time of the latest event.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// How many events have been applied.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// About how much memory the world takes, in words of 64 bits: what its nodes and the judge remember, the history of its
    /// clients, which no fingerprint covers, and what will happen.
    pub(crate) fn weight(&self) -> u64 {
        let operations = self.shim.history().map_or(0, |history| history.operations.len());
        self.shim.weight(&self.slots) + 16 * operations as u64 + 8 * self.agenda.len() as u64
    }

    /// What is known of each claim, in the order in which the protocol claims them.
    pub fn judgements(&self) -> &[Judgement] {
        self.shim.judgements()
    }

    /// The same at a time before the next event, and of what must hold eventually whether it does then; and which claims there is
    /// nothing to judge of.
    pub fn judgements_at(&self, now: Micros) -> Vec<Judgement> {
        let unrest = self.unrest();
        let rest = Rest {
            now,
            peace: self.disturbed,
            due: self.due(now),
            unrepaired: &|despite, tolerated| self.unrepaired(&unrest, despite, tolerated),
            too_soon: &|since| self.too_soon(since, now),
        };
        self.shim.judgements_at_rest(&self.slots, self.events, &rest)
    }

    /// Beliefs of the protocol's author that broke: after which event, at which node, what was believed.
    pub fn broken_beliefs(&self) -> &[(u32, NodeId, &'static str)] {
        &self.beliefs
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
        self.let_wait();
        self.agenda.first().map(|(time, ..)| time)
    }

    /// What next happens by itself, and when; `None` when nothing ever will.
    pub fn upcoming(&mut self) -> Option<(Micros, Event)> {
        self.let_wait();
        let (time, place, pending) = self.agenda.first()?;
        let event = match pending {
            Pending::Boot(node) => Event::Boot(*node),
            Pending::Ask => Event::Ask,
            Pending::Timer { node, place } => Event::Fire(*node, *place),
            Pending::Message(envelope) => {
                let message = MessageId { place, id: envelope.id };
                if envelope.lost { Event::Lose(message) } else { Event::Deliver(message) }
            }
            Pending::Free => return None,
        };
        Some((time, event))
    }

    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    pub(crate) fn shim(&self) -> &Shim {
        &self.shim
    }

    pub(crate) fn slot(&self, node: NodeId) -> &Slot {
        &self.slots[node.index()]
    }

    /// What the page shows of a node; of one that is down what it would if it booted from its disk.
    pub(crate) fn card(&self, node: NodeId) -> Card {
        match self.slot(node) {
            Slot { machine: Some(machine), .. } => self.shim.card(machine),
            Slot { disk: Some(disk), .. } => self.shim.card_of_disk(node, disk),
            _ => Card::default(),
        }
    }

    /// The cards of all nodes, in order.
    pub(crate) fn cards(&self) -> Vec<Card> {
        (0..self.setup.count).map(|node| self.card(NodeId(node))).collect()
    }

    /// The protocol's curves without their points, each with whether it is drawn over time.
    pub(crate) fn charts(&self, span: Micros) -> Vec<(Curves, bool)> {
        self.shim.charts(span)
    }

    /// The points of a curve now; of one over time, one.
    pub(crate) fn chart_points(&self, chart: usize) -> Vec<(u64, u64)> {
        self.shim.points(chart, &self.slots)
    }

    /// The protocol's figures, of a run that ends here and cost this.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn figures(&self, measures: &Measures) -> Vec<Figured> {
        self.shim.figures(measures, &self.slots)
    }

    /// What clients have asked and been told, where the protocol keeps that.
    pub fn history(&self) -> Option<&Of<KeyValue>> {
        self.shim.history()
    }

    /// What is on the disk of every node, or would be if it crashed now, for a protocol whose world this is.
    pub fn disks<P: Protocol>(&self) -> Vec<P::Stable> {
        let disk = |slot: &Rc<Slot>| match (&slot.machine, &slot.disk) {
            (Some(machine), _) => self.shim.disk(machine),
            (None, disk) => disk.clone(),
        };
        let typed = |disk: Payload| disk.downcast_ref::<P::Stable>().cloned();
        self.slots.iter().map(|slot| disk(slot).and_then(typed).unwrap_or_default()).collect()
    }

    /// Whether a node is up.
    pub fn is_up(&self, node: NodeId) -> bool {
        self.slots.get(node.index()).is_some_and(|slot| slot.machine.is_some())
    }

    /// Applies one event at `time`, or now if that is past. An event that cannot apply changes nothing.
    ///
    /// # Errors
    /// One sentence that says why the event cannot apply.
    pub fn apply(&mut self, time: Micros, event: Event) -> Result<Record, String> {
        self.line = None;
        self.now = self.now.max(time);
        match event {
            Event::Boot(node) if self.slots[node.index()].booted => Err(format!("{node} has already booted")),
            Event::Boot(node) => Ok(self.boot(node, What::Boot)),
            Event::Restart(node) if self.is_up(node) => Err(format!("{node} is up already")),
            Event::Restart(node) => Ok(self.boot(node, What::Restart)),
            Event::Crash(node) => self.crash(node, false),
            Event::CrashLosing(node) => self.crash(node, true),
            Event::Deliver(message) => self.deliver(message),
            Event::Lose(message) => self.lose(message, What::Lose, &rule::LOSS),
            Event::Drop(message) => self.lose(message, What::Drop, &rule::DROP),
            Event::Delay(message, by) => self.delay(message, by),
            Event::Duplicate(message) => self.duplicate(message),
            Event::Fire(node, place) => self.fire(node, place),
            Event::Ask => Ok(self.ask()),
            Event::Input(node, input) => self.input(node, input.0),
            Event::Cut(links) if self.are_too_many(Some(&links)) => Err(TOO_MANY_LINKS.into()),
            Event::Cut(links) => Ok(self.set_links(What::Cut, Some(&links))),
            Event::Heal(links) => Ok(self.set_links(What::Heal, links.as_ref())),
            Event::Pause(_)
            | Event::Resume(_)
            | Event::Hold(_)
            | Event::Release(_)
            | Event::HoldMessage(_)
            | Event::ReleaseMessage(_)
            | Event::Link(_)
            | Event::Stand(_)
            | Event::Slow(..)
            | Event::Clock(..)
            | Event::TakeOver(_)
            | Event::Forge(..)
            | Event::Inject(..)
            | Event::Choose(..) => self.apply_act_of_few(event),
        }
    }

    /// What only some scenarios do. It stands apart to keep the way of all others short: together they were a tenth
    /// slower.
    #[cold]
    #[inline(never)]
    fn apply_act_of_few(&mut self, event: Event) -> Result<Record, String> {
        match event {
            Event::Pause(node) => self.pause(node),
            Event::Resume(node) => self.resume(node),
            Event::Hold(links) if self.are_too_many(Some(&links)) => Err(TOO_MANY_LINKS.into()),
            Event::Link(change) if change.1 != Behaviour::Normal && self.are_too_many(change.0.as_ref()) => {
                Err(TOO_MANY_LINKS.into())
            }
            Event::Hold(links) => Ok(self.set_links(What::Hold, Some(&links))),
            Event::Release(links) => Ok(self.set_links(What::Release, links.as_ref())),
            Event::HoldMessage(message) => self.hold_message(message),
            Event::ReleaseMessage(message) => self.release_message(message),
            Event::Link(change) => Ok(self.change_links(change.0.as_ref(), change.1)),
            Event::Stand(rule) => self.stand(*rule),
            Event::Slow(node, permille) => Ok(self.slow(node, permille)),
            Event::Clock(node, adjustment) => Ok(self.adjust_clock(node, adjustment)),
            Event::TakeOver(node) => self.take_over(node),
            Event::Forge(message, lie) => self.forge(message, lie),
            Event::Inject(message, to) => self.inject(message, to),
            Event::Choose(node, choices) => Ok(self.choose(node, &choices)),
            Event::Boot(_)
            | Event::Deliver(_)
            | Event::Lose(_)
            | Event::Fire(..)
            | Event::Ask
            | Event::Drop(_)
            | Event::Delay(..)
            | Event::Duplicate(_)
            | Event::Input(..)
            | Event::Crash(_)
            | Event::Restart(_)
            | Event::Cut(_)
            | Event::Heal(_)
            | Event::CrashLosing(_) => unreachable!("`apply` applies these"),
        }
    }

    /// Applies an event that somebody wants, not one that happens by itself; its record says so.
    ///
    /// # Errors
    /// As [`World::apply`].
    pub fn apply_act(&mut self, time: Micros, event: Event) -> Result<Record, String> {
        let breaches = self.breaches_by(&event);
        // A request is no disturbance: what it asks for has its own time.
        let disturbs = !matches!(event, Event::Input(..));
        let record = self.apply(time, event)?;
        if disturbs {
            let arrives = self.messages().into_iter().map(|(_, it)| it.arrives).max().unwrap_or(0);
            self.disturbed = self.disturbed.max(self.now).max(arrives);
            self.longest_way = 0;
        }
        self.breaches.extend(breaches.into_iter().map(|breach| Breach { by: Some(record), ..breach }));
        Ok(self.marked(record, Flags::ACT))
    }

    /// The record of the event that was just closed, and its line, with one more mark.
    fn marked(&mut self, mut record: Record, mark: Flags) -> Record {
        record.flags.set(mark, true);
        if let Some(line) = &mut self.line {
            line.record.flags.set(mark, true);
        }
        record
    }

    /// Records that somebody wanted what could not be, and why.
    pub fn refuse(&mut self, time: Micros, sentence: &str) -> Record {
        self.line = None;
        self.now = self.now.max(time);
        let mut record = Record { node: NOBODY, ..Record::new(What::Refused, self.now, NodeId(0)) };
        record.flags.set(Flags::ACT, true);
        self.close(record, &rule::REFUSED, || format!("nothing happens ({sentence})"))
    }

    fn boot(&mut self, node: NodeId, what: What) -> Record {
        if what == What::Boot
            && let Some(place) =
                self.agenda.find(|pending| matches!(pending, Pending::Boot(it) if *it == node))
        {
            self.agenda.take(place);
        }
        Rc::make_mut(&mut self.slots[node.index()]).booted = true;
        let verb = if what == What::Boot { "starts" } else { "restarts from its disk" };
        self.step(Record::new(what, self.now, node), Stimulus::Boot, || {
            Happening::new(format!("{node} {verb}"), String::new())
        })
    }

    /// The workload asks a node drawn from the seed for one of the things it offers.
    fn ask(&mut self) -> Record {
        if let Some(place) = self.agenda.find(|pending| matches!(pending, Pending::Ask)) {
            self.agenda.reschedule(place, Some(self.now + self.setup.ask));
        }
        let nth = self.asked;
        self.asked += 1;
        let pick = |owner, bound: usize| {
            within(draw(self.setup.seed, Purpose::Workload, (owner, 0), nth), &(0..=bound as u64 - 1))
                as usize
        };
        let node = NodeId(pick(0, self.slots.len()) as u32);
        let machine = self.slots[node.index()].machine.as_ref().filter(|_| !self.is_paused(node));
        let mut inputs = machine.map(|machine| self.shim.inputs(machine)).unwrap_or_default();
        if inputs.is_empty() {
            let nobody = Record::new(What::Idle, self.now, node);
            return self.close(nobody, &rule::IDLE, || format!("the workload finds no request for {node}"));
        }
        let input = inputs.swap_remove(pick(1, inputs.len()));
        self.asked_to(node, input)
    }

    fn input(&mut self, node: NodeId, input: Payload) -> Result<Record, String> {
        if !self.is_up(node) {
            return Err(format!("{node} is down"));
        }
        self.must_be_awake(node)?;
        Ok(self.asked_to(node, input))
    }

    fn asked_to(&mut self, node: NodeId, input: Payload) -> Record {
        let text = if self.telling { self.shim.input_text(&input) } else { String::new() };
        let words = || Happening::new(format!("{node} receives the request {text}"), text.clone());
        self.step(Record::new(What::Input, self.now, node), Stimulus::Input(input), words)
    }

    /// Lets a node take a step: runs its handler, does what that asked for, judges, and closes the event. `words` says what
    /// happened to the node.
    fn step(&mut self, mut record: Record, stimulus: Stimulus, words: impl FnOnce() -> Happening) -> Record {
        let node = NodeId(record.node);
        self.fx.clock = self.reading(node);
        let slot = Rc::make_mut(&mut self.slots[node.index()]);
        self.shim.step(node, slot, stimulus, self.telling, &mut self.fx);
        self.settle_timers(node);
        let sent = if self.telling { self.sent_text() } else { Vec::new() };
        let mut sends = std::mem::take(&mut self.fx.sends);
        for (place, (to, message, kind)) in sends.drain(..).enumerate() {
            let due = self.fx.due.binary_search_by_key(&place, |(place, _)| *place);
            let arrives = due.ok().map(|due| self.fx.due[due].1);
            match to {
                To::One(to) => self.send(node, to, message, kind, arrives),
                To::Others => {
                    for to in (0..self.setup.count).map(NodeId).filter(|&to| to != node) {
                        self.send(node, to, message.clone(), kind, arrives);
                    }
                }
            }
        }
        self.fx.sends = sends;
        record.flags.set(Flags::WROTE, self.fx.wrote);
        record.flags.set(Flags::MILESTONE, self.fx.milestone);
        self.judge(&mut record, self.fx.wrote);
        if let Some(belief) = self.fx.broken.filter(|_| !self.is_taken_over(node)) {
            self.beliefs.push((self.events, node, belief));
            record.flags.set(Flags::VIOLATION, true);
        }
        if self.telling {
            self.line = Some(self.line_of(record, words(), sent));
        }
        self.events += 1;
        record
    }

    /// The step in words: the protocol's own where it told it, otherwise what happened.
    fn line_of(&mut self, record: Record, happening: Happening, sent: Vec<String>) -> Line {
        let fx = &mut self.fx;
        let Happening { mut sentence, mut occasion, message, is_brief } = happening;
        let told = std::mem::take(&mut fx.told);
        if !told.is_empty() {
            sentence = format!("{} {told}", NodeId(record.node));
        } else if !is_brief {
            occasion.clear();
        }
        Line {
            sentence,
            occasion,
            message,
            disk: fx.wrote.then(|| std::mem::take(&mut fx.disk)),
            sent,
            outputs: std::mem::take(&mut fx.outputs),
            rule: fx.rule,
            agreed: fx.agreed.take(),
            ..Line::new(self.events, record)
        }
    }

    /// The cut of which the latest step was its node's point, if it was one of any; whoever asks takes it away.
    pub(crate) fn take_cut(&mut self) -> Option<String> {
        self.fx.cut.take()
    }

    /// Ends an event that was no node's step.
    fn close(&mut self, record: Record, rule: &'static Rule, sentence: impl FnOnce() -> String) -> Record {
        self.fx.cut = None;
        if self.telling {
            self.line =
                Some(Line { sentence: sentence(), rule: Some(rule), ..Line::new(self.events, record) });
        }
        self.events += 1;
        record
    }

    fn judge(&mut self, record: &mut Record, wrote: bool) {
        let who = NodeId(record.node);
        let broke = self.shim.judge(who, &self.slots, wrote, (self.events, self.now));
        record.flags.set(Flags::VIOLATION, broke);
    }
}
