//! Why a claim does not hold, in a few steps: what contradicts each other, what both sides descend from, what led to each, and
//! where a wrong twin first did what the right protocol does not do. And how something came about, in as few: who agreed to it, and
//! what they all descend from.
//!
//! A claim says what contradicts it, and not when that was; the run is played again to find that. A wrong twin is switched off
//! and the run played once more, and what kept a promise of the end from coming about is told only if it comes about without that.

use super::Session;
use super::why::Look;
use crate::claims::claims;
use crate::name::NodeId;
use crate::property::{Judgement, Made, Side};
use crate::time::{Micros, seconds};
use crate::toolbox::order;
use crate::trace::{Line, Record, What};
use crate::view::{Because, Claim, ExplainStep, Explanation, MOST_TOLD, Matter, Standing};
use counted::Counting;
use sides::{Print, Reading};
use std::ops::ControlFlow;
use story::{Candidate, End};
use tried::Trying;
use twin::Twinning;

mod counted;
mod sides;
mod story;
mod tried;
mod twin;

/// How many events are played in a slice, and how many where cards are looked at: a millisecond or two.
const SLICE: usize = 200;
const SLICE_OF_CARDS: usize = 25;

impl Session {
    /// Why a claim, by its place in [`View::claims`](crate::view::View::claims), does not hold at the playhead; or how it was
    /// reached, if it says what should come up sometimes.
    ///
    /// # Errors
    /// One sentence when it holds or is not judged, or when there is no such claim.
    pub fn explain(&self, claim: usize) -> Result<Explanation, String> {
        Ok(Explaining::of(self, claim)?.all(self))
    }

    /// How a node came to take a step: who had agreed to what it decided, where anybody had to, and what led there.
    ///
    /// # Errors
    /// One sentence when no step of a node is known at that place of the run.
    pub fn explain_event(&self, event: usize) -> Result<Explanation, String> {
        Ok(Explaining::of_event(self, event)?.all(self))
    }

    /// The first event up to the playhead in which a node tells the application something that begins with these words.
    ///
    /// # Errors
    /// One sentence when none does.
    pub fn first_told(&self, words: &str) -> Result<usize, String> {
        let mut lines = self.run.lines_from(0).take(self.event());
        let tells = |line: &Line| line.outputs.iter().any(|output| output.starts_with(words));
        let first = lines.find(tells).map(|line| line.index);
        first.ok_or_else(|| {
            format!("no claim is called `{words}`, and no node tells the application anything that begins so")
        })
    }
}

/// What is explained: a claim by its place, after so many events, at a time.
#[derive(Clone, Copy)]
struct Moment {
    claim: usize,
    /// The event that violated it, or that is what is explained; `None` for a claim about the end.
    violated: Option<usize>,
    until: usize,
    time: Micros,
}

/// An explanation that is worked out in slices, so that a page can do it without freezing.
pub struct Explaining {
    moment: Moment,
    /// The sides as the claim names them, each with the event that made it so, where that is known.
    sides: Vec<(Side, Option<usize>)>,
    /// What the steps of the run were like, where they are compared with those of another.
    prints: Vec<Print>,
    /// Whether that is looked for in cards, too, because lines do not show it.
    closely: bool,
    /// The steps that may be told, the most important first; once they are known, those that are.
    candidates: Vec<Candidate>,
    explanation: Explanation,
    stage: Stage,
}

/// What is worked out next.
enum Stage {
    /// It is found out who agreed.
    Counting(Counting),
    /// Who told what.
    Reading(Reading),
    /// When the side at a place came to be so.
    Looking(usize, Look),
    /// What the right protocol does.
    Twinning(Box<Twinning>),
    /// What kept a promise of the end from being met.
    Trying(Box<Trying>),
    /// What kept a timer from being set again, of the candidate at a place.
    Missing(usize),
    /// The steps, one by one.
    Telling,
}

impl Explaining {
    /// Asks why a claim, by its place in [`View::claims`](crate::view::View::claims), does not hold at the playhead, or how it was
    /// reached.
    ///
    /// # Errors
    /// As [`Session::explain`].
    pub fn of(session: &Session, claim: usize) -> Result<Self, String> {
        let (world, records) = (&session.cursor.world, session.run.records());
        let stands = claims(session.scenario(), world, session.time).into_iter().nth(claim);
        let Claim { name, sentence, standing, .. } = stands.ok_or("there is no such claim")?;
        let (violated, now) = match standing {
            Standing::Violated { event, sentence } => (Some(event), sentence),
            Standing::Unmet { sentence } => (None, sentence),
            Standing::Reached { event } => {
                let line = session.run.lines_from(event).next().ok_or("this event is not known")?;
                return Ok(Self::of_step(session, line, name, Matter::Reached(sentence)));
            }
            _ => return Err(format!("{name} is neither violated nor reached at this moment")),
        };
        let mut sides = match world.judgements_at(session.time).into_iter().nth(claim) {
            Some(Judgement::Violated { contradiction, .. }) => contradiction.sides.clone(),
            _ => Vec::new(),
        };
        if let Some(event) = violated.filter(|_| sides.is_empty()) {
            sides.push(Side::of(NodeId(records[event].node)));
        }
        let sides: Vec<_> = sides.into_iter().map(|side| (side, None)).collect();
        let until = violated.map_or(session.event(), |event| event + 1);
        let time = violated.map_or(session.time, |event| records[event].time);
        let stage = Stage::Reading(Reading::of(session.scenario(), &sides, false));
        let moment = Moment { claim, violated, until, time };
        let explaining = Self::begin(moment, name, Matter::Promised(sentence), now);
        Ok(Explaining { sides, stage, ..explaining })
    }

    /// Asks how a node came to take a step.
    ///
    /// # Errors
    /// As [`Session::explain_event`].
    pub fn of_event(session: &Session, event: usize) -> Result<Self, String> {
        let line = session.run.lines_from(event).next().filter(|line| line.record.what.is_step());
        let line = line.ok_or_else(|| format!("event {event} is no step of a node"))?;
        let told = if line.outputs.is_empty() { line.sentence.clone() } else { line.outputs.join("; ") };
        let matter = Matter::Step(line.rule);
        Ok(Self::of_step(session, line, told, matter))
    }

    fn of_step(session: &Session, line: Line, name: String, matter: Matter) -> Self {
        let (event, Record { node, time, .. }) = (line.index, line.record);
        let moment = Moment { claim: 0, violated: Some(event), until: event + 1, time };
        let with = line.agreed.as_ref().map(|poll| {
            let members: Vec<String> = poll.who(true).iter().map(|node| node.to_string()).collect();
            format!(", with {} of {} {} ({})", poll.got(), poll.asked.len(), poll.name, members.join(", "))
        });
        let now = line.sentence + &with.unwrap_or_default();
        let mut explaining = Self::begin(moment, name, matter, now);
        explaining.stage = match line.agreed {
            Some(poll) => Stage::Counting(Counting::of(session, (NodeId(node), event), poll)),
            None => explaining.choose(session),
        };
        explaining
    }

    /// Nothing is known yet.
    fn begin(moment: Moment, name: String, matter: Matter, now: String) -> Self {
        Explaining {
            moment,
            stage: Stage::Telling,
            sides: Vec::new(),
            prints: Vec::new(),
            closely: false,
            candidates: Vec::new(),
            explanation: Explanation {
                name,
                matter,
                now,
                sides: Vec::new(),
                agreed: None,
                steps: Vec::new(),
                twin: None,
                remark: None,
            },
        }
    }

    /// The whole explanation.
    fn all(mut self, session: &Session) -> Explanation {
        loop {
            if let Some(explanation) = self.step(session) {
                return explanation;
            }
        }
    }

    /// Goes on for a few milliseconds with the same session, wherever its playhead; the explanation, once it is known.
    pub fn step(&mut self, session: &Session) -> Option<Explanation> {
        let moment = self.moment;
        let slice = if self.closely { SLICE_OF_CARDS } else { SLICE };
        self.stage = match std::mem::replace(&mut self.stage, Stage::Telling) {
            Stage::Counting(mut counting) => match counting.step(session, SLICE) {
                None => Stage::Counting(counting),
                agreed => {
                    self.explanation.agreed = agreed;
                    self.choose(session)
                }
            },
            Stage::Reading(mut reading) => {
                if reading.step(session.scenario(), moment.until, slice) {
                    self.prints = reading.prints;
                    self.sides.iter_mut().zip(reading.told).for_each(|((_, event), told)| *event = told);
                    self.look(session, 0)
                } else {
                    Stage::Reading(reading)
                }
            }
            Stage::Looking(place, mut look) => {
                let fact = self.sides[place].0.fact;
                match fact.and_then(|fact| look.step(session, fact, &mut 0)) {
                    None => Stage::Looking(place, look),
                    Some(found) => {
                        self.sides[place].1 = found.ok().map(|found| found.event);
                        self.look(session, place + 1)
                    }
                }
            }
            Stage::Twinning(mut twinning) => {
                if twinning.step(session.run.records(), &self.prints, slice) {
                    let view = twinning.view(session, moment);
                    let seen = !view.told.is_empty() || view.breaks_too || self.closely;
                    self.explanation.twin = Some(view);
                    if seen { self.choose(session) } else { self.look_closely(session) }
                } else {
                    Stage::Twinning(twinning)
                }
            }
            Stage::Trying(mut trying) => match trying.step(session, moment, SLICE) {
                ControlFlow::Continue(()) => Stage::Trying(trying),
                ControlFlow::Break(found) => {
                    let twin = self.explanation.twin.as_ref();
                    let is_known = found.is_some() || twin.is_some_and(|twin| !twin.breaks_too);
                    self.explanation.remark = (!is_known).then(|| tried::IN_VAIN.to_owned());
                    let place = self.candidates.len().min(MOST_TOLD / 2);
                    self.candidates.splice(place..place, found);
                    Stage::Missing(0)
                }
            },
            Stage::Missing(place) => self.miss(session, place),
            Stage::Telling => return self.tell(session),
        };
        None
    }

    /// Begins again, and compares what cards show as well.
    fn look_closely(&mut self, session: &Session) -> Stage {
        self.closely = true;
        Stage::Reading(Reading::of(session.scenario(), &self.sides, true))
    }

    /// Looks for the event that made the first side from a place on so that nobody told; then goes on with the twin.
    fn look(&mut self, session: &Session, mut place: usize) -> Stage {
        let (Moment { violated, until, .. }, records) = (self.moment, session.run.records());
        while let Some((side, event)) = self.sides.get_mut(place) {
            let by = violated.filter(|&event| place == 0 && side.node == Some(NodeId(records[event].node)));
            match (&side.made, side.fact, side.node) {
                (Made::Lately, ..) if by.is_some() => *event = by,
                (Made::Lately, Some(_), Some(node)) => return Stage::Looking(place, Look::back(node, until)),
                (Made::Lately | Made::Crashing, ..) => *event = sides::latest(side, &records[..until]),
                (Made::Telling { .. }, ..) => {}
            }
            place += 1;
        }
        if session.scenario().choices.twins.is_empty() {
            return self.choose(session);
        }
        let mut led = vec![false; records.len()];
        for root in self.roots(records) {
            led.iter_mut().zip(session.run.past(root)).for_each(|(led, past)| *led |= past);
        }
        let ends = self.ends().into_iter().map(|end| end.event);
        let run = (&records[..until], self.moment.time);
        Stage::Twinning(Twinning::of(session.scenario(), run, ends, led, self.closely).into())
    }

    /// The ends of the story: what violated the claim, and what made its sides so, each once.
    fn ends(&self) -> Vec<End> {
        let mut ends: Vec<End> =
            self.moment.violated.map(|event| End { event, side: 0 }).into_iter().collect();
        for (side, (_, event)) in self.sides.iter().enumerate() {
            if let Some(event) = event.filter(|event| ends.iter().all(|end| end.event != *event)) {
                ends.push(End { event, side });
            }
        }
        ends
    }

    /// The events that nothing comes after which is explained: the ends, and of a promise of the end the latest steps of its nodes.
    fn roots(&self, records: &[Record]) -> Vec<usize> {
        let mut roots: Vec<usize> = self.ends().into_iter().map(|end| end.event).collect();
        if self.moment.violated.is_none() {
            let nodes = self.sides.iter().filter_map(|(side, _)| side.node);
            roots.extend(
                nodes.filter_map(|node| sides::latest(&Side::of(node), &records[..self.moment.until])),
            );
        }
        roots
    }

    /// Chooses the steps that may be told.
    fn choose(&mut self, session: &Session) -> Stage {
        if let (Some(event), Matter::Reached(_) | Matter::Step(_)) =
            (self.moment.violated, &self.explanation.matter)
        {
            let since = self.explanation.agreed.iter().flat_map(|agreed| &agreed.since);
            let agreed: Vec<usize> = since.filter_map(|(_, event)| *event).collect();
            self.candidates = story::led(&session.run, event, &agreed);
            return Stage::Missing(0);
        }
        let twin = self.explanation.twin.as_ref();
        let divides = twin.into_iter().flat_map(|twin| &twin.told).map(|told| told.event);
        self.candidates = story::candidates(&session.run, &self.ends(), divides);
        if self.moment.violated.is_some() {
            return Stage::Missing(0);
        }
        let nodes: Vec<NodeId> = self.sides.iter().filter_map(|(side, _)| side.node).collect();
        Stage::Trying(Box::new(Trying::of(&session.run.records()[..self.moment.until], &nodes)))
    }

    /// Adds what kept a timer from being set again where the candidate at a place is one that fired; then goes on to the next. Once
    /// there is none left, the same is asked of all about those who did not answer.
    fn miss(&mut self, session: &Session, nth: usize) -> Stage {
        let all = self.candidates.len();
        let place = if nth < all { nth } else { nth - all };
        let Some(candidate) = self.candidates.get(place) else {
            self.settle();
            return Stage::Telling;
        };
        let Record { node, time, what, .. } = session.run.records()[candidate.event];
        let fired = candidate.because != Because::Absence && what == What::Fire;
        let absence = fired.then(|| {
            let timer = format!("the timer of {} that fires at {} s", NodeId(node), seconds(time, 3));
            match nth < all {
                true => session.absences(candidate.event, &timer).into_iter().next(),
                false => session.unheard(candidate.event, &timer),
            }
        });
        if let Some(absence) = absence.flatten() {
            let event = absence.event;
            let missing = Candidate { absence: Some(absence), ..Candidate::new(event, Because::Absence) };
            let after = self.candidates.len().min(place.max(MOST_TOLD / 2) + 1);
            self.candidates.insert(after, missing);
            self.settle();
            return Stage::Telling;
        }
        Stage::Missing(nth + 1)
    }

    /// Keeps the most important candidates, each event once, in the order of time.
    fn settle(&mut self) {
        let mut kept: Vec<Candidate> = Vec::new();
        for candidate in std::mem::take(&mut self.candidates) {
            if kept.len() < MOST_TOLD && kept.iter().all(|it| it.event != candidate.event) {
                kept.push(candidate);
            }
        }
        order::by_number(&mut kept, |candidate| candidate.event as u128);
        self.candidates = kept;
    }

    /// Tells the next step; the explanation, once all are told.
    fn tell(&mut self, session: &Session) -> Option<Explanation> {
        let told = self.explanation.steps.len();
        let Some(candidate) = self.candidates.get(told) else {
            let views = self.sides.iter().enumerate().filter_map(|(place, side)| {
                let lacks = place == 0 && self.moment.violated.is_none();
                sides::view(side, lacks, session, self.moment.until)
            });
            self.explanation.sides = views.collect();
            return Some(self.explanation.clone());
        };
        let line = session.run.lines_from(candidate.event).next()?;
        let mut told = self.explanation.twin.iter().flat_map(|twin| &twin.told);
        let divides = told.find(|told| told.event == candidate.event);
        let mut sentence = format!("{}.", line.sentence);
        let more = candidate.absence.as_ref().map(|absence| format!("{}.", absence.sentence));
        for more in more.into_iter().chain(divides.map(|first| first.sentence.clone())) {
            sentence += " ";
            sentence += &more;
        }
        self.explanation.steps.push(ExplainStep { line, sentence, because: candidate.because });
        None
    }
}
