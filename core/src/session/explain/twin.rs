//! Where a wrong twin does what the right protocol does not do: the same scenario without its twins is played beside, and the steps
//! of each node are compared, one by one.
//!
//! The first step that differs may have nothing to do with what is explained. So of the steps that led to it the first is told
//! that differs: all that led to that step is the same in both runs. That need not be what matters: a twin may break its rule several
//! times. So the steps that made the sides so take its place if the right protocol says or tells something else on the same occasion;
//! or else the last step of which that is true is told with it.

use super::sides::{Print, next_line, talking};
use super::{Moment, Session};
use crate::compare::end_pairs;
use crate::name::NodeId;
use crate::property::{Judgement, Sense};
use crate::scenario::Scenario;
use crate::sim::Cursor;
use crate::time::{Micros, seconds};
use crate::title::Twin;
use crate::toolbox::order;
use crate::trace::{Flags, Line, Record};
use crate::view::{Divides, TwinView};
use crate::world::World;

/// How many characters of a sentence may be about one message or one disk.
const LONG: usize = 70;

/// The right protocol, played up to a time.
pub(super) struct Twinning {
    scenario: Scenario,
    cursor: Cursor,
    until: Micros,
    /// The events that led to what is explained.
    led: Vec<bool>,
    /// Whether what lines do not show counts, too.
    closely: bool,
    /// Of every node the steps that it takes with its twins, and how many it has taken without.
    nodes: Vec<(Vec<u32>, usize)>,
    /// Of every node the first step that differs.
    differ: Vec<Option<(usize, Option<Right>)>>,
    /// The events that made the sides so, and what the right protocol says on the same occasion, where that is something else.
    ends: Vec<(usize, Option<Line>)>,
    /// The last step of which it says something else on the same occasion.
    last: Option<(usize, Line)>,
    /// What was sent with every event without the twins.
    sent: Vec<u64>,
}

/// What the right protocol does: its step in words, and the world after it.
type Right = (Line, World);

impl Twinning {
    /// The same scenario without its twins up to a time, to be compared with the first events of a run of it, of which some made
    /// sides so, and more led to what is explained; closely, if what lines do not show counts, too.
    pub(super) fn of(
        scenario: &Scenario,
        (records, until): (&[Record], Micros),
        ends: impl Iterator<Item = usize>,
        led: Vec<bool>,
        closely: bool,
    ) -> Self {
        let mut right = scenario.clone();
        right.choices.twins.clear();
        let mut nodes = vec![(Vec::new(), 0); scenario.nodes as usize];
        for (event, record) in records.iter().enumerate().filter(|(_, record)| record.what.is_step()) {
            if let Some((steps, _)) = nodes.get_mut(record.node as usize) {
                steps.push(event as u32);
            }
        }
        let differ = nodes.iter().map(|_| None).collect();
        let ends = ends.map(|event| (event, None)).collect();
        let (cursor, last, sent) = (talking(&right), None, Vec::new());
        Twinning { scenario: right, cursor, until, led, closely, nodes, differ, ends, last, sent }
    }

    /// Plays on for so many events, and compares them with the steps of the run; whether it has come to its end.
    pub(super) fn step(&mut self, records: &[Record], prints: &[Print], events: usize) -> bool {
        for _ in 0..events {
            let Some(line) = next_line(&mut self.cursor, &self.scenario, self.until) else {
                for ((steps, taken), differs) in self.nodes.iter().zip(&mut self.differ) {
                    let next = steps.get(*taken).filter(|_| differs.is_none());
                    *differs = differs.take().or(next.map(|&event| (event as usize, None)));
                }
                return true;
            };
            let print = Print::of(&line, Some(&self.cursor.world).filter(|_| self.closely));
            self.sent.push(print.sent);
            if line.record.what.is_step() && (line.record.node as usize) < self.nodes.len() {
                self.compare(line, print, records, prints);
            }
        }
        false
    }

    /// Compares a step of the right protocol with the same node's step after as many, and with that on the same occasion.
    fn compare(&mut self, line: Line, print: Print, records: &[Record], prints: &[Print]) {
        let place = line.record.node as usize;
        let (steps, taken) = &mut self.nodes[place];
        let next = steps.get(*taken).map(|&event| event as usize);
        *taken += 1;
        if let Some(event) = next.filter(|&event| self.differ[place].is_none() && prints[event] != print) {
            self.differ[place] = Some((event, Some((line.clone(), self.cursor.world.clone()))));
        }
        let same = self.same_occasion(line.record, next, records, prints);
        let remarkable = |event: usize| line.is_milestone() || records[event].flags.has(Flags::MILESTONE);
        let says_else = |&event: &usize| {
            prints[event].told != print.told || prints[event].said != print.said && remarkable(event)
        };
        if let Some(event) = same.filter(says_else) {
            for (_, instead) in self.ends.iter_mut().filter(|(end, _)| *end == event) {
                *instead = Some(line.clone());
            }
            self.last = Some((event, line));
        }
    }

    /// The event, of those that led to what is explained, that happens on the same occasion as a step of the right protocol: the
    /// same to the same node at the same time, because of something with which the same was sent. Of several it is the node's
    /// step after as many.
    fn same_occasion(
        &self,
        right: Record,
        next: Option<usize>,
        records: &[Record],
        prints: &[Print],
    ) -> Option<usize> {
        let steps = &self.nodes[right.node as usize].0;
        let first = steps.partition_point(|&event| records[event as usize].time < right.time);
        let now = steps[first..].iter().map(|&event| event as usize);
        let now = now.take_while(|&event| records[event].time == right.time);
        let sort = |it: Record| (it.what, it.peer, it.kind);
        let sent = self.sent.get(right.cause as usize).copied();
        let is_same = |&event: &usize| {
            let caused = prints.get(records[event].cause as usize).map(|print| print.sent);
            self.led[event] && caused == sent && sort(records[event]) == sort(right)
        };
        let same: Vec<usize> = now.filter(is_same).collect();
        match same.as_slice() {
            [only] => Some(*only),
            several => next.filter(|next| several.contains(next)),
        }
    }

    /// What came of it.
    pub(super) fn view(&mut self, session: &Session, moment: Moment) -> TwinView {
        let scenario = session.scenario();
        let is_on = |twin: &&Twin| scenario.choices.twins.contains(&twin.name);
        let twins: Vec<&Twin> = scenario.entry.twins.iter().filter(is_on).collect();
        let without = if twins.len() > 1 { "Without the twins" } else { "Without the twin" };
        let divides = |event: usize, right: Option<Line>, world: Option<&World>| {
            let mut cursor = session.run.at(event);
            let line = session.run.tell(&mut cursor, event)?;
            let worlds = world.map(|world| [&cursor.world, world]);
            let instead = instead(&line, right.as_ref(), worlds);
            let rules = [line.rule, right.as_ref().and_then(|right| right.rule)];
            Some(Divides { event, sentence: format!("{without}, {instead}."), right, rules })
        };
        let differ = self.differ.iter_mut().filter_map(Option::take).filter(|(event, _)| self.led[*event]);
        let first = differ.min_by_key(|(event, _)| *event);
        let first = first.and_then(|(event, right)| match right {
            Some((line, world)) => divides(event, Some(line), Some(&world)),
            None => divides(event, None, None),
        });
        let ends = std::mem::take(&mut self.ends).into_iter();
        let ends = ends.filter_map(|(event, instead)| Some((event, instead?)));
        let mut told: Vec<_> = ends.filter_map(|(event, right)| divides(event, Some(right), None)).collect();
        if told.is_empty() {
            told.extend(first.clone());
            let last = self.last.take().filter(|(event, _)| told.iter().all(|first| first.event != *event));
            told.extend(last.and_then(|(event, right)| divides(event, Some(right), None)));
        }
        order::by_number(&mut told, |divides| divides.event as u128);
        let (breaks_too, comes) = self.verdict(session, moment);
        TwinView { twins, first, told, breaks_too, sentence: format!("{without}, {comes}.") }
    }

    /// Whether the claim breaks in this run, too, and what comes of it, in words.
    fn verdict(&self, session: &Session, moment: Moment) -> (bool, String) {
        let (world, at) = (&self.cursor.world, seconds(moment.time, 3));
        let claims = session.scenario().entry.claims();
        let Some(claim) = claims.get(moment.claim) else {
            let belief = session.cursor.world.broken_beliefs().get(moment.claim - claims.len());
            let is_it = |known: &str| belief.is_some_and(|(.., it)| *it == known);
            let broken = world.broken_beliefs().iter().any(|(.., known)| is_it(known));
            let comes =
                if broken { "the belief is false at" } else { "nothing contradicts the belief up to" };
            return (broken, format!("{comes} {at} s{}", if broken { ", too" } else { "" }));
        };
        match &world.judgements_at(moment.time)[moment.claim] {
            Judgement::Violated { contradiction, .. } => {
                (true, format!("the claim is violated at {at} s, too: {}", contradiction.sentence))
            }
            Judgement::Unjudged { why } => (false, format!("the claim is not judged at {at} s: {why}")),
            _ if claim.sense == Sense::Eventually => (false, format!("the claim holds at {at} s")),
            _ => (false, format!("the claim holds up to {at} s")),
        }
    }
}

/// What happens instead of a step, in words; with the worlds after both, where no line may show it.
fn instead(step: &Line, right: Option<&Line>, worlds: Option<[&World; 2]>) -> String {
    let node = NodeId(step.record.node);
    let Some(right) = right else { return format!("{node} does not take this step") };
    if step.record.time != right.record.time {
        return format!("{}, at {} s", right.sentence, seconds(right.record.time, 6));
    }
    if step.sentence != right.sentence {
        return right.sentence.clone();
    }
    let disk =
        |line: &Line| line.disk.iter().map(|disk| format!("{} to its disk", short(disk))).collect::<Vec<_>>();
    let sent = |line: &Line| line.sent.iter().map(|sent| short_message(sent)).collect::<Vec<_>>();
    let tells = ["tells the application", "tell the application"];
    let differs = changed(["writes", "write"], &disk(step), &disk(right))
        .or_else(|| changed(["sends", "send"], &sent(step), &sent(right)))
        .or_else(|| changed(tells, &step.outputs, &right.outputs));
    if let Some(differs) = differs {
        return format!("{node} {differs}");
    }
    let mut pairs = worlds.map(end_pairs).unwrap_or_default().into_iter();
    match pairs.find(|pair| pair.node == node) {
        Some(pair) => {
            let [was, is] = pair.values.map(|value| value.unwrap_or("nothing".into()));
            format!("{node} has {is} as {} instead of {was}", pair.name)
        }
        None => format!("{}, on {}", right.sentence, right.occasion),
    }
}

/// What is done that was not done, and what is not done that was.
fn changed([does, not]: [&str; 2], was: &[String], is: &[String]) -> Option<String> {
    let without = |these: &[String], those: &[String]| {
        these.iter().filter(|it| !those.contains(it)).cloned().collect::<Vec<_>>().join("; ")
    };
    let (more, less) = (without(is, was), without(was, is));
    match (more.is_empty(), less.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("also {does} {more}")),
        (true, false) => Some(format!("does not {not} {less}")),
        (false, false) => Some(format!("{does} {more} instead of {less}")),
    }
}

/// A message and its receivers; of a long one its kind.
fn short_message(sent: &str) -> String {
    match (sent.split_once(' '), sent.rsplit_once(" to ")) {
        (Some((kind, _)), Some((_, to))) if sent.chars().count() > LONG => format!("{kind} to {to}"),
        _ => sent.to_owned(),
    }
}

/// The end of a long text, where the latest stands.
fn short(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONG {
        text.to_owned()
    } else {
        format!("…{}", text.chars().skip(count - LONG).collect::<String>())
    }
}
