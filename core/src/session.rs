//! A session: one run under somebody's hands. This is the whole boundary between the core and a front end, which
//! reads [`View`]s and speaks the words of scenarios.

use crate::network::Envelope;
use crate::node::NodeId;
use crate::property::Sense;
use crate::protocol::Info;
use crate::scenario::{MessageName, Moment, Scenario};
use crate::sim::{Cursor, Run, resolve};
use crate::time::{LATEST, Micros};
use crate::trace::{Flags, Line, NOBODY, Record, What};
use crate::view::{
    Arrow, Card, Claim, Diagram, Dot, Field, Mark, MessageView, Milestone, NodeView, Outlook, Standing,
    TimerView, View,
};
use crate::world::{Slot, Verdict, World};

/// How far beyond the playhead a run is known at least.
const LOOKAHEAD: Micros = 1_000_000;
/// What a front end may point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A message in flight, by its number.
    Message(u64),
    /// A node.
    Node(NodeId),
    /// The link between two nodes.
    Link(NodeId, NodeId),
}

/// Something that may be done to a target now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The verb, the same for all of a sort: a front end binds its keys to these.
    pub verb: &'static str,
    /// What it is called.
    pub label: String,
    /// The words for [`Session::act`].
    pub words: String,
}

/// A run, and the moment of it that is looked at.
pub struct Session {
    run: Run,
    /// The run after the events up to the playhead.
    cursor: Cursor,
    time: Micros,
    /// The cards as they were one event earlier, to mark what the latest one changed.
    before: Vec<Card>,
    latest: Option<Line>,
    undo: Vec<Scenario>,
    redo: Vec<Scenario>,
}

impl Session {
    /// Opens a scenario at the moment that it wants shown, or at its start.
    pub fn new(scenario: Scenario) -> Self {
        let show = scenario.show;
        let horizon = scenario.until.max(show.map_or(0, |show| show.time));
        let run = Run::new(scenario, horizon);
        let cursor = run.at(0);
        let mut session = Session {
            run,
            cursor,
            time: 0,
            before: Vec::new(),
            latest: None,
            undo: Vec::new(),
            redo: Vec::new(),
        };
        match show {
            Some(show) => session.seek(show),
            None => session.seek_time(0),
        }
        session
    }

    /// What is played.
    pub fn scenario(&self) -> &Scenario {
        self.run.scenario()
    }

    /// The title page of its protocol.
    pub fn info(&self) -> &'static Info {
        &self.scenario().entry.info
    }

    /// The run itself.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The playhead.
    pub fn time(&self) -> Micros {
        self.time
    }

    /// How many events have happened at the playhead.
    pub fn event(&self) -> usize {
        self.cursor.world.events() as usize
    }

    // Moving in time.

    /// Moves to a time, after all its events.
    pub fn seek_time(&mut self, time: Micros) {
        let time = time.min(LATEST);
        self.know(time);
        self.go(self.run.events_until(time), time);
    }

    /// Moves to right after the first `event` events.
    pub fn seek_event(&mut self, event: usize) {
        let event = event.min(self.run.records().len());
        let time = event.checked_sub(1).map_or(0, |last| self.run.records()[last].time);
        self.go(event, time);
    }

    /// Moves on in time while playing; the known part of the run grows ahead of the playhead.
    pub fn play_to(&mut self, time: Micros) {
        if time + LOOKAHEAD > self.run.horizon() {
            self.know(self.run.horizon().max(time) + LOOKAHEAD);
        }
        if time >= self.time {
            self.go(self.run.events_until(time.min(self.run.horizon())), time.min(self.run.horizon()));
        }
    }

    /// Steps over one event.
    pub fn step(&mut self, forwards: bool) {
        if forwards {
            if self.event() == self.run.records().len() {
                self.know(self.run.horizon() + LOOKAHEAD);
            }
            self.seek_event(self.event() + 1);
        } else {
            self.seek_event(self.event().saturating_sub(1));
        }
    }

    /// Steps to the next or the previous event that a reader may want to stop at; `false` when there is none.
    pub fn step_interesting(&mut self, forwards: bool) -> bool {
        let (records, here) = (self.run.records(), self.event());
        let found = if forwards {
            records.iter().skip(here).position(Run::is_interesting).map(|ahead| here + ahead + 1)
        } else {
            records[..here.saturating_sub(1)].iter().rposition(Run::is_interesting).map(|place| place + 1)
        };
        if let Some(event) = found {
            self.seek_event(event);
        }
        found.is_some()
    }

    fn seek(&mut self, moment: Moment) {
        self.know(moment.time);
        let before = match moment.time.checked_sub(1) {
            Some(earlier) => self.run.events_until(earlier),
            None => 0,
        };
        let all = self.run.events_until(moment.time);
        let event = moment.nth.map_or(all, |nth| all.min(before + nth as usize));
        self.go(event, moment.time);
    }

    fn know(&mut self, time: Micros) {
        if time > self.run.horizon() && !self.run.is_cut_short() {
            self.run.extend(time);
        }
    }

    /// Stands after `event` events, at `time`, which is not earlier than the last of them.
    fn go(&mut self, event: usize, time: Micros) {
        self.time = time;
        if event == self.event() && (event == 0 || self.latest.is_some()) {
            return;
        }
        let earlier = event.saturating_sub(1);
        if earlier < self.event() || earlier - self.event() > 1_000 {
            self.cursor = self.run.at(earlier);
        }
        let (scenario, horizon) = (self.run.scenario(), self.run.horizon());
        while (self.cursor.world.events() as usize) < earlier && self.cursor.step(scenario, horizon).is_some()
        {
        }
        self.before = cards(&self.cursor.world);
        self.latest = None;
        if event > earlier {
            self.cursor.world.tell(true);
            self.cursor.step(scenario, horizon);
            self.cursor.world.tell(false);
            self.latest = self.cursor.world.take_line();
        }
    }

    // Acting.

    /// Does something at the playhead, in the words of a scenario: `crash n1`. Acts that come later in the scenario
    /// stay; [`Session::undo`] takes this one back.
    ///
    /// # Errors
    /// One sentence when it cannot be done; then nothing has changed.
    pub fn act(&mut self, words: &str) -> Result<(), String> {
        let act = self.scenario().parse_act(words)?;
        let mut trial = self.cursor.world.clone();
        let event = resolve(&act, &trial)?;
        trial.apply_act(self.time, event)?;
        let (here, place) = (self.event(), self.cursor.acts_done());
        let branch = self.scenario().with_act(place, self.moment(place), act);
        self.undo.push(self.here());
        self.redo.clear();
        self.run = self.run.fork(branch, here);
        self.go(here + 1, self.time);
        Ok(())
    }

    /// The moment of an act that is done now, as one of its scenario, before the act at `place`.
    fn moment(&self, place: usize) -> Moment {
        let (time, acts) = (self.time, &self.scenario().acts);
        let more_now = self.run.records().get(self.event()).is_some_and(|record| record.time == time);
        let now = Moment { time, nth: more_now.then(|| self.cursor.naturals_at(time)) };
        let last = place.checked_sub(1).map_or(now, |place| acts[place].at);
        if last.order() > now.order() { last } else { now }
    }

    /// Changes something that is set before the run, in the words of a scenario: `seed 7`. The run starts anew.
    ///
    /// # Errors
    /// One sentence when it cannot be set so; then nothing has changed.
    pub fn amend(&mut self, words: &str) -> Result<(), String> {
        let mut scenario = self.scenario().clone();
        scenario.amend(words)?;
        // What was done before may point at nodes that there no longer are; reading the text again finds out.
        let scenario = Scenario::parse(&scenario.to_string()).map_err(|complaint| complaint.sentence)?;
        self.undo.push(self.here());
        self.redo.clear();
        self.open(Scenario { show: None, expectations: Vec::new(), ..scenario });
        Ok(())
    }

    /// Takes back the last act; `false` when there is none.
    pub fn undo(&mut self) -> bool {
        let Some(earlier) = self.undo.pop() else { return false };
        self.redo.push(self.here());
        self.open(earlier);
        true
    }

    /// Does again what was taken back; `false` when nothing was.
    pub fn redo(&mut self) -> bool {
        let Some(later) = self.redo.pop() else { return false };
        self.undo.push(self.here());
        self.open(later);
        true
    }

    fn open(&mut self, scenario: Scenario) {
        let (undo, redo) = (std::mem::take(&mut self.undo), std::mem::take(&mut self.redo));
        *self = Session { undo, redo, ..Session::new(scenario) };
    }

    /// The scenario with the playhead as the moment to show.
    pub fn here(&self) -> Scenario {
        let before = self.run.records().partition_point(|record| record.time < self.time);
        let (here, all) = (self.event(), self.run.events_until(self.time));
        let nth = (here < all).then(|| here.saturating_sub(before) as u32);
        let show = (self.time > 0 || nth.is_some()).then_some(Moment { time: self.time, nth });
        Scenario { show, ..self.scenario().clone() }
    }

    /// What may be done to something now.
    pub fn offers(&self, target: Target) -> Vec<Offer> {
        let offer = |verb, label: &str, words: String| Offer { verb, label: label.to_owned(), words };
        let world = &self.cursor.world;
        match target {
            Target::Message(id) => {
                let Some((_, name)) = world.message_names().into_iter().find(|(message, _)| message.id == id)
                else {
                    return Vec::new();
                };
                vec![
                    offer("drop", "Drop", format!("drop {name}")),
                    offer("deliver", "Deliver", format!("deliver {name}")),
                    offer("delay", "Delay", format!("delay {name} by 20ms")),
                    offer("duplicate", "Copy", format!("duplicate {name}")),
                ]
            }
            Target::Node(node) if !world.is_up(node) => {
                vec![offer("restart", &format!("Restart {node}"), format!("restart {node}"))]
            }
            Target::Node(node) => {
                let mut offers = vec![offer("crash", &format!("Crash {node}"), format!("crash {node}"))];
                for words in self.inputs(node) {
                    offers.push(offer("ask", &words, format!("{node} {words}")));
                }
                for timer in timers(world, node) {
                    let label = format!("Fire {}", timer.name);
                    offers.push(offer("fire", &label, format!("fire {node} {}", timer.name)));
                }
                offers.push(offer(
                    "cut",
                    &format!("Cut off {node}"),
                    format!("cut {node}|{}", self.others(node)),
                ));
                if !world.cuts().is_empty() {
                    offers.push(offer("heal", "Heal all", "heal".into()));
                }
                offers
            }
            Target::Link(one, other) => {
                let cuts = world.cuts();
                let cut = |from, to| cuts.contains(&(from, to));
                let mut offers = Vec::new();
                if !(cut(one, other) && cut(other, one)) {
                    offers.push(offer("cut", "Cut", format!("cut {one}-{other}")));
                }
                for (from, to) in [(one, other), (other, one)] {
                    if !cut(from, to) {
                        offers.push(offer(
                            "cut-one-way",
                            &format!("Cut {from} to {to}"),
                            format!("cut {from}>{to}"),
                        ));
                    }
                }
                if cut(one, other) || cut(other, one) {
                    offers.push(offer("heal", "Heal", format!("heal {one}-{other}")));
                }
                offers
            }
        }
    }

    fn others(&self, node: NodeId) -> String {
        let others = (0..self.scenario().nodes).map(NodeId).filter(|&other| other != node);
        others.map(|other| other.to_string()).collect::<Vec<_>>().join(",")
    }

    fn inputs(&self, node: NodeId) -> Vec<String> {
        let world = &self.cursor.world;
        world.slot(node).machine.as_ref().map(|machine| world.shim().inputs(machine)).unwrap_or_default()
    }

    // Looking.

    /// The moment at the playhead.
    pub fn view(&self) -> View {
        let world = &self.cursor.world;
        View {
            time: self.time,
            event: self.event(),
            events: self.run.records().len(),
            horizon: self.run.horizon(),
            caption: self.scenario().caption(self.time).cloned(),
            layout: self.info().layout,
            panels: self.info().panels,
            nodes: self.nodes(),
            messages: self.messages(),
            cuts: world.cuts(),
            claims: self.claims(),
            latest: self.latest.clone(),
        }
    }

    fn messages(&self) -> Vec<MessageView> {
        let world = &self.cursor.world;
        let named = world.message_names().into_iter();
        named.filter_map(|(id, name)| world.message(id).map(|it| message_view(world, &name, it))).collect()
    }

    fn nodes(&self) -> Vec<NodeView> {
        let world = &self.cursor.world;
        let view = |(place, mut card): (usize, Card)| {
            let id = NodeId(place as u32);
            if let (Some(before), true) = (self.before.get(place), self.event() > 0) {
                mark_changes(before, &mut card);
            }
            NodeView { id, up: world.is_up(id), card, timers: timers(world, id), inputs: self.inputs(id) }
        };
        cards(world).into_iter().enumerate().map(view).collect()
    }

    fn claims(&self) -> Vec<Claim> {
        let world = &self.cursor.world;
        let claims = self.scenario().entry.claims();
        let mut stand: Vec<Claim> = claims
            .iter()
            .zip(world.verdicts_at_rest())
            .map(|(claim, verdict)| {
                let standing = match (claim.sense, verdict) {
                    // The end is not here yet: what must hold there may still not hold now.
                    (Sense::Eventually, Verdict::Reached { .. }) | (Sense::Always, Verdict::Open) => {
                        Standing::Holds
                    }
                    (Sense::Eventually, _) | (_, Verdict::Open) => Standing::Open,
                    (_, Verdict::Violated { at, sentence }) => {
                        Standing::Violated { event: at as usize, sentence: sentence.to_string() }
                    }
                    (_, Verdict::Reached { at }) => Standing::Reached { event: at as usize },
                };
                Claim { name: claim.name.into(), sentence: claim.sentence.into(), standing }
            })
            .collect();
        for (at, node, belief) in world.broken_beliefs() {
            let standing =
                Standing::Violated { event: *at as usize, sentence: format!("{node} saw otherwise") };
            stand.push(Claim { name: "Belief".into(), sentence: (*belief).into(), standing });
        }
        stand
    }

    /// The events from one to another (exclusive) in words.
    pub fn lines(&self, from: usize, to: usize) -> Vec<Line> {
        self.run.lines(from, to)
    }

    /// The events that a reader may want to jump to.
    pub fn milestones(&self) -> Vec<Milestone> {
        let interesting =
            self.run.records().iter().enumerate().filter(|(_, record)| Run::is_interesting(record));
        interesting
            .map(|(event, record)| Milestone { event, time: record.time, mark: mark(record) })
            .collect()
    }

    /// What happened between two times.
    pub fn diagram(&self, from: Micros, to: Micros) -> Diagram {
        let (records, kinds) = (self.run.records(), self.scenario().entry.kinds);
        let mut diagram = Diagram::default();
        let mut down: Vec<Option<Micros>> = vec![None; self.scenario().nodes as usize];
        for (event, record) in records.iter().enumerate() {
            let inside = (from..=to).contains(&record.time);
            if record.what.ends_message() && record.time >= from {
                let sent = records.get(record.cause as usize).map_or(record.time, |cause| cause.time);
                if sent <= to {
                    diagram.arrows.push(Arrow {
                        from: NodeId(record.peer),
                        to: NodeId(record.node),
                        sent,
                        until: record.time,
                        cause: record.cause as usize,
                        end: Some(event),
                        arrived: record.what == What::Deliver,
                        kind: kinds[record.kind as usize],
                    });
                }
            }
            if record.node == NOBODY {
                continue;
            }
            let node = NodeId(record.node);
            match record.what {
                What::Crash => down[node.index()] = Some(record.time),
                What::Restart => {
                    let since = down[node.index()].take();
                    diagram.gaps.extend(since.map(|since| (node, since, record.time)));
                }
                _ => {}
            }
            let plain = matches!(record.what, What::Deliver) && !Run::is_interesting(record);
            if inside && record.what.is_step() && !plain {
                diagram.dots.push(Dot {
                    event,
                    node,
                    time: record.time,
                    mark: mark(record),
                    label: String::new(),
                });
            }
        }
        for (node, since) in down.into_iter().enumerate() {
            diagram.gaps.extend(since.map(|since| (NodeId(node as u32), since, self.run.horizon())));
        }
        let flying = self.run.end().messages().into_iter().filter(|(_, it)| it.sent <= to);
        diagram.arrows.extend(flying.map(|(_, it)| Arrow {
            from: it.from,
            to: it.to,
            sent: it.sent,
            until: it.arrives,
            cause: it.cause as usize,
            end: None,
            arrived: false,
            kind: kinds[it.kind as usize],
        }));
        diagram.gaps.retain(|(_, since, until)| *since <= to && *until >= from);
        diagram
    }
}

fn cards(world: &World) -> Vec<Card> {
    let card = |node| match world.slot(NodeId(node)) {
        Slot { machine: Some(machine), .. } => world.shim().card(machine),
        Slot { disk: Some(disk), .. } => world.shim().card_of_disk(NodeId(node), disk),
        _ => Card::default(),
    };
    (0..world.setup().count).map(card).collect()
}

fn timers(world: &World, node: NodeId) -> Vec<TimerView> {
    let armed = world.slot(node).timers.iter().filter(|timer| timer.is_set());
    let mut timers: Vec<_> = armed
        .map(|timer| TimerView { name: world.timer_name(timer), set: timer.set, fires: timer.fires })
        .collect();
    timers.sort_by_key(|timer| timer.fires);
    timers
}

fn mark_changes(before: &Card, card: &mut Card) {
    let same =
        |field: &Field| before.fields.iter().any(|it| it.name == field.name && it.value == field.value);
    for field in &mut card.fields {
        field.changed = !same(field);
    }
    for (place, cell) in card.log.iter_mut().enumerate() {
        cell.changed = before.log.get(place) != Some(&*cell);
    }
}

fn message_view(world: &World, name: &MessageName, envelope: &Envelope) -> MessageView {
    MessageView {
        id: envelope.id,
        name: name.to_string(),
        from: envelope.from,
        to: envelope.to,
        kind: world.shim().kinds()[envelope.kind as usize],
        text: world.shim().message_text(&envelope.message),
        sent: envelope.sent,
        until: envelope.arrives,
        outlook: if envelope.lost { Outlook::Lost } else { Outlook::Arrives },
    }
}

fn mark(record: &Record) -> Mark {
    match record.what {
        _ if record.flags.has(Flags::VIOLATION) => Mark::Violation,
        What::Restart | What::Heal => Mark::Repair,
        what if what.is_fault() => Mark::Fault,
        _ if record.flags.has(Flags::MILESTONE) => Mark::Milestone,
        _ => Mark::Local,
    }
}
