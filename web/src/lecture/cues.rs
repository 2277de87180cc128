//! The stops of a lecture: every time at which its scenario says or asks something.

use faultline_core::scenario::{Caption, Cue, Scenario};
use faultline_core::time::Micros;

/// A stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stop {
    pub(super) time: Micros,
    /// What is said from here on; that of the stop before, where this one has none of its own.
    pub(super) caption: Option<Caption>,
    pub(super) question: Option<Question>,
    /// What the lecturer has noted.
    pub(super) notes: Vec<String>,
    /// How many times slower than real time the run goes from here on.
    pub(super) pace: Option<u32>,
}

/// What is asked at a stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Question {
    pub(super) text: String,
    /// The answers: whether each is right, the answer, and what is said to it.
    pub(super) answers: Vec<(bool, String, String)>,
}

/// The stops of a scenario, in order; at least one, at its start.
pub(super) fn stops(scenario: &Scenario) -> Vec<Stop> {
    let asked = scenario.cues.iter().filter(|(_, cue)| matches!(cue, Cue::Question(_)));
    let said = scenario.captions.iter().map(|(time, _)| *time);
    let mut times: Vec<Micros> =
        said.chain(asked.map(|(time, _)| *time)).filter(|time| *time <= scenario.until).collect();
    times.push(0);
    times.sort_unstable();
    times.dedup();
    let mut cues = scenario.cues.iter().peekable();
    let stop = |(place, time): (usize, &Micros)| {
        let mut stop = Stop { time: *time, caption: scenario.caption(*time).cloned(), ..Stop::default() };
        // What is noted on the way to the next stop is of this one.
        let until = times.get(place + 1).copied().unwrap_or(Micros::MAX);
        while let Some((_, cue)) = cues.next_if(|(time, _)| *time < until) {
            match cue {
                Cue::Question(text) => {
                    stop.question = Some(Question { text: text.clone(), ..Question::default() });
                }
                Cue::Answer { is_right, text, said } => {
                    if let Some(question) = &mut stop.question {
                        question.answers.push((*is_right, text.clone(), said.clone()));
                    }
                }
                Cue::Note(text) => stop.notes.push(text.clone()),
                Cue::Pace(slower) => stop.pace = Some(*slower),
            }
        }
        stop
    };
    times.iter().enumerate().map(stop).collect()
}
