//! A run that tells itself: what led to a violation, as the captions of its scenario.

use super::{Explaining, Session};
use crate::property::{Judgement, Sense};
use crate::scenario::{Caption, Scenario, slug};
use crate::time::Micros;
use crate::trace::Flags;
use crate::view::{Explanation, Matter};

/// A scenario that is given captions, in slices, so that a page can do it without freezing: they tell how a claim or a belief comes
/// to break in it: what was promised, the steps of its explanation, and what is the case then. They take the place of those that
/// it had, which tell of another run.
pub struct Telling {
    session: Box<Session>,
    /// The claim by its slug and its place, or the belief.
    claim: String,
    place: Option<usize>,
    /// When it breaks, and why, once the run is played; without an explanation where a belief breaks.
    broken: Option<(Micros, Option<Explaining>)>,
}

/// The scenario with captions that tell how a claim (by its slug) or a belief comes to break in it; see [`Telling`].
pub fn told(scenario: &Scenario, claim: &str) -> Scenario {
    let mut telling = Telling::of(scenario, claim);
    loop {
        if let Some(told) = telling.step(usize::MAX) {
            return told;
        }
    }
}

impl Telling {
    /// Begins to tell how a claim (by its slug) or a belief comes to break in a scenario.
    pub fn of(scenario: &Scenario, claim: &str) -> Self {
        let session = Box::new(Session::begin(Scenario { captions: Vec::new(), ..scenario.clone() }));
        let place = scenario.entry.claims().iter().position(|known| slug(known.name) == claim);
        Telling { session, claim: claim.to_owned(), place, broken: None }
    }

    /// Plays on for so many events, or goes on for a few milliseconds with the explanation; the scenario with its captions, once
    /// they are known.
    pub fn step(&mut self, events: usize) -> Option<Scenario> {
        if self.session.learn(events) {
            return None;
        }
        let Some((end, explaining)) = &mut self.broken else {
            let end = self.breaks();
            self.session.seek_time(end);
            let explaining = self.place.and_then(|place| Explaining::of(&self.session, place).ok());
            self.broken = Some((end, explaining));
            return None;
        };
        let captions = if let Some(explaining) = explaining {
            captions(&explaining.step(&self.session)?, *end)
        } else {
            let title = "A belief of the protocol breaks".to_owned();
            let text = one_line(&format!("“{}” does not hold any more.", self.claim));
            vec![(*end, Caption { title, text })]
        };
        let bare = self.session.scenario();
        let title = match (bare.title.as_str(), self.place) {
            ("", Some(place)) => format!("{} breaks", bare.entry.claims()[place].name),
            (title, _) => title.to_owned(),
        };
        Some(Scenario { title, captions, ..bare.clone() })
    }

    /// When the claim breaks. What must hold eventually is known to break only at the end.
    fn breaks(&self) -> Micros {
        let (run, scenario) = (self.session.run(), self.session.scenario());
        let (records, claims) = (run.records(), scenario.entry.claims());
        let always = self.place.is_none_or(|place| claims[place].sense != Sense::Eventually);
        let event = match self.place.and_then(|place| run.verdicts().into_iter().nth(place)) {
            Some(Judgement::Violated { at, .. }) => records.get(at as usize),
            _ => records.iter().find(|record| record.flags.has(Flags::VIOLATION)),
        };
        event.filter(|_| always).map_or(scenario.until, |record| record.time.min(scenario.until))
    }
}

/// A caption for the promise, for each moment of a step, and for the end.
fn captions(explanation: &Explanation, end: Micros) -> Vec<(Micros, Caption)> {
    let Explanation { name, matter, now, steps, twin, remark, .. } = explanation;
    let promise = if let Matter::Promised(sentence) = matter { sentence } else { "" };
    let begins = Caption { title: format!("How {name} breaks"), text: format!("The promise: {promise}") };
    let mut captions = vec![(0, begins)];
    for (place, step) in steps.iter().enumerate() {
        let time = step.line.record.time;
        match captions.last_mut() {
            Some((last, caption)) if *last == time => {
                caption.text += &format!(" {}", step.sentence);
            }
            _ => {
                let title = format!("Step {} of {}", place + 1, steps.len());
                captions.push((time, Caption { title, text: step.sentence.clone() }));
            }
        }
    }
    let title = format!("{name} breaks");
    let last = format!("The promise is broken: {now}.");
    let more = twin.iter().map(|twin| &twin.sentence).chain(remark);
    let last = more.fold(last, |all, sentence| format!("{all} {sentence}"));
    match captions.last_mut() {
        Some((time, caption)) if *time == end => {
            *caption = Caption { title, text: format!("{} {last}", caption.text) };
        }
        _ => captions.push((end, Caption { title, text: last })),
    }
    for (_, caption) in &mut captions {
        caption.text = one_line(&caption.text);
    }
    captions
}

/// The words in one line, as a scenario writes them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
