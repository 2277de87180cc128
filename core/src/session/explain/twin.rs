//! Where a wrong twin first does what the right protocol does not do: the same scenario without its twins is played beside, and
//! the steps of each node are compared, one by one.
//!
//! The first step that differs may have nothing to do with what is explained. So of the steps that led to it the first is told
//! that differs: all that led to that step is the same in both runs.

use super::sides::{next_line, print_of, talking};
use super::{Moment, Session};
use crate::name::NodeId;
use crate::property::{Judgement, Sense};
use crate::scenario::Scenario;
use crate::sim::Cursor;
use crate::time::{Micros, seconds};
use crate::title::Twin;
use crate::trace::{Line, Record};
use crate::view::{Divides, TwinView};

/// The right protocol, played up to a time.
pub(super) struct Twinning {
    scenario: Scenario,
    cursor: Cursor,
    until: Micros,
    /// Of every node the steps that it takes with its twins, and how many it has taken without.
    nodes: Vec<(Vec<u32>, usize)>,
    /// Of every node the first step that differs: with its twins, and without them.
    differ: Vec<Option<(usize, Option<Line>)>>,
}

impl Twinning {
    /// The same scenario without its twins, to be compared with the first events of a run of it.
    pub(super) fn of(scenario: &Scenario, records: &[Record], until: Micros) -> Self {
        let mut right = scenario.clone();
        right.choices.twins.clear();
        let mut nodes = vec![(Vec::new(), 0); scenario.nodes as usize];
        for (event, record) in records.iter().enumerate().filter(|(_, record)| record.what.is_step()) {
            if let Some((steps, _)) = nodes.get_mut(record.node as usize) {
                steps.push(event as u32);
            }
        }
        let differ = vec![None; nodes.len()];
        Twinning { cursor: talking(&right), scenario: right, until, nodes, differ }
    }

    /// Plays on for so many events, and compares them with what the steps of the run were like; whether it has come to its end.
    pub(super) fn step(&mut self, prints: &[u64], events: usize) -> bool {
        for _ in 0..events {
            let Some(line) = next_line(&mut self.cursor, &self.scenario, self.until) else {
                for ((steps, taken), differs) in self.nodes.iter().zip(&mut self.differ) {
                    let next = steps.get(*taken).filter(|_| differs.is_none());
                    *differs = differs.take().or(next.map(|&event| (event as usize, None)));
                }
                return true;
            };
            let place = line.record.node as usize;
            if !line.record.what.is_step() || place >= self.nodes.len() {
                continue;
            }
            let (steps, taken) = &mut self.nodes[place];
            let event = steps.get(*taken).map(|&event| event as usize);
            *taken += 1;
            if let Some(event) = event
                && self.differ[place].is_none()
                && prints[event] != print_of(&line)
            {
                self.differ[place] = Some((event, Some(line)));
            }
        }
        false
    }

    /// What came of it, where these events led to what is explained.
    pub(super) fn view(
        &mut self,
        session: &Session,
        moment: Moment,
        led: impl Fn(usize) -> bool,
    ) -> TwinView {
        let scenario = session.scenario();
        let is_on = |twin: &&Twin| scenario.choices.twins.contains(&twin.name);
        let twins: Vec<&Twin> = scenario.entry.twins.iter().filter(is_on).collect();
        let without = if twins.len() > 1 { "Without the twins" } else { "Without the twin" };
        let differ = self.differ.iter_mut().filter_map(Option::take);
        let first = differ.filter(|(event, _)| led(*event)).min_by_key(|(event, _)| *event);
        let first = first.and_then(|(event, right)| {
            let line = session.run.lines_from(event).next()?;
            let instead = instead(&line, right.as_ref());
            let rule = right.as_ref().and_then(|right| right.rule).or(line.rule);
            Some(Divides { event, sentence: format!("{without}, {instead}."), right, rule })
        });
        let (breaks_too, comes) = self.verdict(session, moment);
        TwinView { twins, first, breaks_too, sentence: format!("{without}, {comes}.") }
    }

    /// Whether the claim breaks in this run, too, and what comes of it, in words.
    fn verdict(&self, session: &Session, moment: Moment) -> (bool, String) {
        let world = &self.cursor.world;
        let claims = session.scenario().entry.claims();
        let by = seconds(moment.time, 3);
        let Some(claim) = claims.get(moment.claim) else {
            let belief = session.cursor.world.broken_beliefs().get(moment.claim - claims.len());
            let broken =
                world.broken_beliefs().iter().any(|(_, _, it)| belief.is_some_and(|(.., known)| it == known));
            let comes =
                if broken { "the belief is found to be false, too" } else { "the belief has proved true" };
            return (broken, format!("{comes} by {by} s"));
        };
        let ends = claim.sense == Sense::Eventually;
        match &world.judgements_at(moment.time)[moment.claim] {
            Judgement::Violated { contradiction, .. } => {
                (true, format!("the same claim is violated by {by} s, too: {}", contradiction.sentence))
            }
            Judgement::Unjudged { why } => (false, format!("the claim is not judged at {by} s: {why}")),
            _ if ends => (false, format!("the claim holds at {by} s")),
            _ => (false, format!("the claim has held by {by} s")),
        }
    }
}

/// What happens instead of a step, in words.
fn instead(step: &Line, right: Option<&Line>) -> String {
    let node = NodeId(step.record.node);
    let Some(right) = right else { return format!("{node} does not take this step") };
    if (&step.sentence, step.record.time) != (&right.sentence, right.record.time) {
        return match step.record.time == right.record.time {
            true => right.sentence.clone(),
            false => format!("{}, at {} s", right.sentence, seconds(right.record.time, 6)),
        };
    }
    let disk = |line: &Line| line.disk.iter().map(|disk| format!("{disk} to its disk")).collect::<Vec<_>>();
    let differ = [
        changed(["writes", "write"], &disk(step), &disk(right)),
        changed(["sends", "send"], &step.sent, &right.sent),
        changed(["tells the application", "tell the application"], &step.outputs, &right.outputs),
    ];
    match differ.into_iter().flatten().next() {
        Some(differs) => format!("{node} {differs}"),
        None => format!("{}, on {}", right.sentence, right.occasion),
    }
}

/// What is done that was not done, and what is not done that was.
fn changed([does, do_it]: [&str; 2], was: &[String], is: &[String]) -> Option<String> {
    let without = |these: &[String], those: &[String]| {
        these.iter().filter(|it| !those.contains(it)).cloned().collect::<Vec<_>>().join("; ")
    };
    let (more, less) = (without(is, was), without(was, is));
    match (more.is_empty(), less.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("also {does} {more}")),
        (true, false) => Some(format!("does not {do_it} {less}")),
        (false, false) => Some(format!("{does} {more} instead of {less}")),
    }
}
