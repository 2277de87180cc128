//! A run that tells itself: what led to a violation, as the captions of its scenario.

use super::Session;
use crate::property::{Judgement, Sense};
use crate::scenario::{Caption, Scenario, slug};
use crate::time::Micros;
use crate::trace::Flags;
use crate::view::Explanation;

/// A scenario with captions that tell how a claim (by its slug) or a belief comes to break in it: what was promised, the
/// steps of its explanation, and what is the case then. They take the place of those that it had, which tell of another run.
pub fn told(scenario: &Scenario, claim: &str) -> Scenario {
    let bare = Scenario { captions: Vec::new(), ..scenario.clone() };
    let mut session = Session::new(bare.clone());
    let claims = scenario.entry.claims();
    let place = claims.iter().position(|known| slug(known.name) == claim);
    // What must hold eventually is known to break only at the end.
    let records = session.run().records();
    let is_broken = |judgement: &Judgement| matches!(judgement, Judgement::Violated { .. });
    let always = place.is_none_or(|place| claims[place].sense != Sense::Eventually);
    let judged = place.and_then(|place| session.run().verdicts().into_iter().nth(place));
    let event = match judged.filter(is_broken) {
        Some(Judgement::Violated { at, .. }) => records.get(at as usize),
        _ => records.iter().find(|record| record.flags.has(Flags::VIOLATION)),
    };
    let end = event.filter(|_| always).map_or(scenario.until, |record| record.time.min(scenario.until));
    session.seek_time(end);
    let captions = if let Some(explanation) = place.and_then(|place| session.explain(place).ok()) {
        captions(&explanation, end)
    } else {
        let title = "A belief of the protocol breaks".to_owned();
        vec![(end, Caption { title, text: one_line(&format!("“{claim}” does not hold any more.")) })]
    };
    let title = match (scenario.title.as_str(), place) {
        ("", Some(place)) => format!("{} breaks", claims[place].name),
        (title, _) => title.to_owned(),
    };
    Scenario { title, captions, ..bare }
}

/// A caption for the promise, for each moment of a step, and for the end.
fn captions(explanation: &Explanation, end: Micros) -> Vec<(Micros, Caption)> {
    let Explanation { name, promised, now, steps, twin, remark, .. } = explanation;
    let begins = Caption { title: format!("How {name} breaks"), text: format!("The promise: {promised}") };
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
