//! What a session shows: the View of a moment, the diagram of a stretch of time, lines, marks, causes.

use super::Session;
use crate::agenda::Envelope;
use crate::card::{Card, Field};
use crate::claims::claims;
use crate::event::MessageName;
use crate::name::NodeId;
use crate::sign::{Face, Held, Sign, Story};
use crate::sim::Run;
use crate::time::Micros;
use crate::toolbox::order::by_number;
use crate::trace::{Flags, Line, NOBODY, Record, What};
use crate::view::{
    Arrow, Diagram, Dot, Ending, MOST_WORDED, Mark, MessageView, Milestone, NodeView, Outlook, TimerView,
    View,
};
use crate::world::World;
use std::rc::Rc;

impl Session {
    /// The moment at the playhead.
    pub fn view(&self) -> View {
        let world = &self.cursor.world;
        let (nodes, mut messages) = (self.nodes(), self.messages());
        tell_apart(&nodes, &mut messages);
        View {
            time: self.time,
            event: self.event(),
            events: self.run.records().len(),
            horizon: self.run.horizon(),
            caption: self.scenario().caption(self.time).cloned(),
            layout: self.info().layout,
            picture: self.info().picture,
            panels: self.info().panels,
            log_words: self.scenario().entry.log_words,
            lane_words: self.scenario().entry.lane_words,
            asked: self.asked(&nodes),
            frontiers: self.run.frontiers(),
            nodes,
            messages,
            cuts: world.cuts(),
            held: world.held(),
            altered: world.altered(),
            claims: claims(self.scenario(), world, self.time),
            broken: world.breaches().to_vec(),
            latest: self.latest.clone(),
        }
    }

    /// Whether somebody leads at the end of what is known of the run; a crowd has no leader.
    pub fn has_leader(&self) -> bool {
        let leads = |node| self.run.end().card(node).sign == Sign::Leading;
        !self.is_crowd() && (0..self.scenario().nodes).map(NodeId).any(leads)
    }

    fn asked(&self, nodes: &[Rc<NodeView>]) -> Option<NodeId> {
        let knows = |node: &NodeView| !node.card.paths.is_empty();
        nodes.iter().find(|node| knows(node))?;
        let mut asked = self.run.asked_before(self.event());
        asked.find(|node| nodes.get(node.index()).is_some_and(|node| knows(node)))
    }

    fn messages(&self) -> Vec<MessageView> {
        let world = &self.cursor.world;
        let messages = world.messages();
        if messages.len() > MOST_WORDED {
            return messages.into_iter().map(|(_, it)| message_view(world, None, it)).collect();
        }
        let view =
            |(id, name): (_, MessageName)| world.message(id).map(|it| message_view(world, Some(&name), it));
        world.message_names().into_iter().filter_map(view).collect()
    }

    /// A message under way with all its words, however many others there are.
    pub fn message(&self, id: u64) -> Option<MessageView> {
        let world = &self.cursor.world;
        let (place, name) = world.message_names().into_iter().find(|(place, _)| place.id == id)?;
        Some(message_view(world, Some(&name), world.message(place)?))
    }

    /// The nodes; only those are drawn up anew to which something has happened since they were last.
    fn nodes(&self) -> Vec<Rc<NodeView>> {
        let (world, here) = (&self.cursor.world, self.event());
        let mut drawn = self.drawn.borrow_mut();
        let (event, nodes) = &mut *drawn;
        // The latest event of then has left marks of what it changed.
        let passed =
            if *event <= here { self.run.records().get(event.saturating_sub(1)..here) } else { None };
        let one_by_one = |record: &Record| {
            record.what.ends_message()
                || matches!(record.what, What::Fire | What::Input | What::Idle | What::Boot)
        };
        match passed.filter(|passed| !nodes.is_empty() && passed.iter().all(one_by_one)) {
            Some(passed) => {
                for record in passed {
                    if let Some(node) = nodes.get_mut(record.node as usize) {
                        *node = self.node(NodeId(record.node));
                    }
                }
            }
            None => *nodes = (0..world.setup().count).map(|node| self.node(NodeId(node))).collect(),
        }
        *event = here;
        for node in nodes.iter_mut() {
            let clock = world.clock_offset(node.id, self.time);
            if clock != node.clock {
                Rc::make_mut(node).clock = clock;
            }
        }
        mark_newest(nodes);
        nodes.clone()
    }

    /// A node; of a crowd, if nobody looks at it, a glance.
    fn node(&self, id: NodeId) -> Rc<NodeView> {
        let world = &self.cursor.world;
        let called = self.scenario().names.called(id);
        let ignored = |focus: &Vec<NodeId>| self.is_crowd() && !focus.contains(&id);
        if self.focus.as_ref().is_some_and(ignored) {
            let card = world.slot(id).machine.as_ref().map(|machine| world.shim().glance(machine));
            let (up, paused, taken) = (card.is_some(), world.is_paused(id), world.is_taken_over(id));
            let (card, clock) = (card.unwrap_or_default(), world.clock_offset(id, self.time));
            let (timers, inputs) = (Vec::new(), Vec::new());
            let booted = world.slot(id).booted;
            return Rc::new(NodeView { id, called, up, booted, paused, taken, card, clock, timers, inputs });
        }
        let mut card = world.card(id);
        if let (Some((_, before)), true) =
            (self.before.as_ref().filter(|(node, _)| *node == id), self.event() > 0)
        {
            mark_changes(before, &mut card);
        }
        Rc::new(NodeView {
            id,
            called,
            up: world.is_up(id),
            booted: world.slot(id).booted,
            paused: world.is_paused(id),
            taken: world.is_taken_over(id),
            card,
            clock: world.clock_offset(id, self.time),
            timers: timers(world, id),
            inputs: world.input_texts(id),
        })
    }

    /// An event in words, by its place, if it can be read by playing so many events; else the next try goes on from there.
    pub fn line_at(&mut self, event: usize, most: usize) -> Option<Line> {
        let reader = self.reader.get_or_insert_with(|| self.run.at(0));
        self.run.approach(reader, event, most).then(|| self.run.tell(reader, event)).flatten()
    }

    /// The events from one to another (exclusive) in words.
    pub fn lines(&self, from: usize, to: usize) -> Vec<Line> {
        self.run.lines(from, to)
    }

    /// Of every event known, whether it may have influenced this one.
    pub fn past(&self, event: usize) -> Vec<bool> {
        self.run.past(event)
    }

    /// Of every event known, whether this one may have influenced it.
    pub fn future(&self, event: usize) -> Vec<bool> {
        self.run.future(event)
    }

    /// The events that a reader may want to jump to.
    pub fn milestones(&self) -> Vec<Milestone> {
        let interesting =
            self.run.records().iter().enumerate().filter(|(_, record)| Run::is_interesting(record));
        interesting
            .map(|(event, record)| Milestone { event, time: record.time, mark: mark(record) })
            .collect()
    }

    /// What happened between two times; it costs as much as happened there, however long the run is.
    pub fn diagram(&self, from: Micros, to: Micros) -> Diagram {
        self.diagram_of(from, to, |_| true)
    }

    /// What happened to some nodes and between them. In a crowd steps bear no words, since these have to be read one by one.
    pub fn diagram_of(&self, from: Micros, to: Micros, shown: impl Fn(NodeId) -> bool) -> Diagram {
        let both = |arrow: &Arrow| shown(arrow.from) && shown(arrow.to);
        let (records, kinds) = (self.run.records(), self.scenario().entry.kinds);
        let first = from.checked_sub(1).map_or(0, |earlier| self.run.events_until(earlier));
        let within = first..self.run.events_until(to);
        let mut diagram = Diagram { gaps: self.gaps(from, to), ..Diagram::default() };
        diagram.gaps.retain(|(node, ..)| shown(*node));
        let ends = self.run.ends(within.clone());
        let arrived = ends.filter(|(_, record)| shown(NodeId(record.peer)) && shown(NodeId(record.node)));
        for (event, record) in arrived {
            diagram.arrows.push(Arrow {
                from: NodeId(record.peer),
                to: NodeId(record.node),
                sent: records[record.cause as usize].time,
                until: record.time,
                cause: record.cause as usize,
                end: Some(event),
                ending: ending(record),
                kind: kinds[record.kind as usize],
            });
        }
        let flying = self.run.end().messages().into_iter().filter(|(_, it)| it.sent <= to);
        let flying = flying.map(|(_, it)| Arrow {
            from: it.from,
            to: it.to,
            sent: it.sent,
            until: it.arrives,
            cause: it.cause as usize,
            end: None,
            ending: Ending::Flying,
            kind: kinds[it.kind as usize],
        });
        diagram.arrows.extend(flying.filter(both));
        for event in within {
            let record = &records[event];
            let plain = matches!(record.what, What::Deliver) && !Run::is_interesting(record);
            if record.node != NOBODY && record.what.is_step() && !plain && shown(NodeId(record.node)) {
                let (node, time, mark) = (NodeId(record.node), record.time, mark(record));
                diagram.dots.push(Dot { event, node, time, mark, label: String::new() });
            }
        }
        if !self.is_crowd() {
            self.label(&mut diagram.dots);
        }
        diagram
    }

    /// The stretches of time in which nodes were down, as far as they lie between two times.
    fn gaps(&self, from: Micros, to: Micros) -> Vec<(NodeId, Micros, Micros)> {
        let mut down: Vec<Option<Micros>> = vec![None; self.scenario().nodes as usize];
        let mut gaps = Vec::new();
        for record in self.run.turns() {
            let since = &mut down[record.node as usize];
            if record.what.is_crash() {
                *since = Some(record.time);
            } else if let Some(since) = since.take() {
                gaps.push((NodeId(record.node), since, record.time));
            }
        }
        for (node, since) in down.into_iter().enumerate() {
            gaps.extend(since.map(|since| (NodeId(node as u32), since, self.run.horizon())));
        }
        gaps.retain(|(_, since, until)| *since <= to && *until >= from);
        gaps
    }

    /// Labels the steps that the protocol told in its own words with the role, or else the badge, that they brought.
    fn label(&self, dots: &mut [Dot]) {
        let milestones: Vec<usize> =
            (0..dots.len()).filter(|&dot| dots[dot].mark == Mark::Milestone).collect();
        let Some(&first) = milestones.first() else { return };
        let (mut cursor, scenario) = (self.run.at(dots[first].event), self.scenario());
        for place in milestones {
            let Dot { event, node, .. } = dots[place];
            self.run.move_to(&mut cursor, event);
            let before = cursor.world.card(node);
            cursor.step(scenario, self.run.horizon());
            let after = cursor.world.card(node);
            if after.role != before.role && after.sign != Sign::Idle {
                dots[place].label = after.role.into();
            } else if after.badge != before.badge {
                dots[place].label = after.badge;
            }
        }
    }
}

pub(super) fn timers(world: &World, node: NodeId) -> Vec<TimerView> {
    let armed = world.slot(node).timers.iter().filter(|timer| timer.is_set);
    let mut timers: Vec<_> = armed
        .map(|timer| TimerView { name: world.timer_name(timer), set: timer.set, fires: timer.fires })
        .collect();
    // One without a name is none that anybody set.
    timers.retain(|timer| !timer.name.is_empty());
    by_number(&mut timers, |timer| timer.fires.into());
    timers
}

fn mark_changes(before: &Card, card: &mut Card) {
    let same =
        |field: &Field| before.fields.iter().any(|it| it.name == field.name && it.value == field.value);
    for field in &mut card.fields {
        field.changed = !same(field);
    }
    // A log may have given up its beginning, so a cell is found by its index.
    let first = before.log.first().map_or(0, |cell| cell.index);
    for cell in &mut card.log {
        let place = cell.index.checked_sub(first).map(|place| place as usize);
        cell.changed = place.and_then(|place| before.log.get(place)) != Some(&*cell);
    }
}

/// Says of each version that a node holds whether any node which is up holds a newer one.
fn mark_newest(nodes: &mut [Rc<NodeView>]) {
    let newer = |it: &Held, other: &Held| other.key == it.key && it.age.is_older_than(&other.age);
    // Those that none is newer than, each once: few, however many nodes hold them.
    let mut latest: Vec<Held> = Vec::new();
    for it in nodes.iter().filter(|node| node.up).flat_map(|node| &node.card.holds) {
        let same = |other: &Held| other.key == it.key && other.age == it.age;
        if !latest.iter().any(|other| same(other) || newer(it, other)) {
            latest.retain(|other| !newer(other, it));
            latest.push(it.clone());
        }
    }
    for node in nodes.iter_mut().filter(|node| !node.card.holds.is_empty()) {
        let newest = |it: &Held| node.up && !latest.iter().any(|other| newer(it, other));
        let found: Vec<bool> = node.card.holds.iter().map(newest).collect();
        if !node.card.holds.iter().map(|it| it.newest).eq(found.iter().copied()) {
            let holds = &mut Rc::make_mut(node).card.holds;
            holds.iter_mut().zip(found).for_each(|(it, newest)| it.newest = newest);
        }
    }
}

/// Says of each message that tells a story which one it is, if two are told of its matter. The one that the first node goes by
/// is the first; without any, what was sent first.
fn tell_apart(nodes: &[Rc<NodeView>], messages: &mut [MessageView]) {
    if messages.iter().all(|message| message.story.is_none()) {
        return;
    }
    let known = nodes.iter().filter(|node| node.up).flat_map(|node| &node.card.told);
    let known: Vec<Story> =
        known.chain(messages.iter().filter_map(|it| it.story.as_ref())).cloned().collect();
    for story in messages.iter_mut().filter_map(|it| it.story.as_mut()) {
        let mut of_it = known.iter().filter(|other| other.about == story.about).map(|other| &other.says);
        let Some(first) = of_it.next() else { continue };
        if of_it.any(|other| other != first) {
            story.face = Some(if *first == story.says { Face::One } else { Face::Other });
        }
    }
}

fn message_view(world: &World, name: Option<&MessageName>, envelope: &Envelope) -> MessageView {
    MessageView {
        id: envelope.id,
        cause: envelope.cause as usize,
        name: name.map(ToString::to_string).unwrap_or_default(),
        from: envelope.from,
        to: envelope.to,
        kind: world.shim().kinds()[envelope.kind as usize],
        text: name.map(|_| world.shim().message_text(&envelope.message)).unwrap_or_default(),
        story: name.and_then(|_| world.shim().message_story(&envelope.message)),
        way: name.and_then(|_| world.shim().message_way(&envelope.message)),
        proofs: name.map_or(0, |_| world.shim().message_proofs(&envelope.message)),
        sent: envelope.sent,
        until: envelope.arrives,
        held: world.is_held(envelope),
        outlook: if envelope.lost { Outlook::Lost } else { Outlook::Arrives },
    }
}

fn ending(record: &Record) -> Ending {
    match record.what {
        What::Deliver => Ending::Arrived,
        What::Drop => Ending::Dropped,
        _ if record.flags.has(Flags::AT_END) => Ending::LostAtEnd,
        _ => Ending::LostOnTheWay,
    }
}

fn mark(record: &Record) -> Mark {
    match record.what {
        _ if record.flags.has(Flags::VIOLATION) => Mark::Violation,
        What::Restart | What::Heal | What::Resume | What::Release | What::Normal => Mark::Repair,
        what if what.is_fault() => Mark::Fault,
        _ if record.flags.has(Flags::MILESTONE) => Mark::Milestone,
        _ => Mark::Local,
    }
}
