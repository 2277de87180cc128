//! The stops of a lecture: every time at which its scenario says or asks something.

use faultline_core::lecture::Play;
use faultline_core::scenario::{Caption, Cue, Scenario, Seen};
use faultline_core::time::Micros;

/// A stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stop {
    pub(super) time: Micros,
    /// What is said from here on; that of the stop before, where this one has none of its own.
    pub(super) caption: Option<Caption>,
    /// Whether that is said here for the first time.
    pub(super) is_new: bool,
    pub(super) question: Option<Question>,
    /// What the lecturer has noted.
    pub(super) notes: Vec<String>,
    /// How many times slower than real time the run goes from here on.
    pub(super) pace: Option<u32>,
    /// The names that are lit.
    pub(super) points: Vec<String>,
    /// What is shown of the run from here on.
    pub(super) seen: Option<Seen>,
}

/// What is asked at a stop.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Question {
    pub(super) text: String,
    /// The answers: whether each is right, the answer, and what is said to it.
    pub(super) answers: Vec<(bool, String, String)>,
}

/// The stops of a run, whose scenario is this, from where it begins in the lecture to where it ends; at least one.
pub(super) fn stops(scenario: &Scenario, play: &Play) -> Vec<Stop> {
    let (from, to) = (play.from, play.to.unwrap_or(scenario.until));
    let asked = scenario.cues.iter().filter(|(_, cue)| matches!(cue, Cue::Question(_)));
    let said = scenario.captions.iter().map(|(time, _)| *time);
    let all = said.chain(asked.map(|(time, _)| *time));
    let mut times: Vec<Micros> = all.filter(|time| (from..=to).contains(time)).collect();
    times.push(from.min(to));
    times.sort_unstable();
    times.dedup();
    let mut cues = scenario.cues.iter().peekable();
    let stop = |(place, time): (usize, &Micros)| {
        let caption = scenario.caption(*time).cloned();
        let is_new = scenario.captions.iter().any(|(said, _)| said == time);
        let mut stop = Stop { time: *time, caption, is_new, ..Stop::default() };
        // What is noted on the way to the next stop is of this one.
        let until = times.get(place + 1).copied().unwrap_or(Micros::MAX);
        while let Some((at, cue)) = cues.next_if(|(time, _)| *time < until) {
            // Of what comes before the part that is shown, only how it is shown matters.
            match cue {
                Cue::Pace(slower) => stop.pace = Some(*slower),
                Cue::View(seen) => stop.seen = Some(*seen),
                _ if *at < from => {}
                Cue::Question(text) => {
                    stop.question = Some(Question { text: text.clone(), ..Question::default() });
                }
                Cue::Answer { is_right, text, said } => {
                    if let Some(question) = &mut stop.question {
                        question.answers.push((*is_right, text.clone(), said.clone()));
                    }
                }
                Cue::Note(text) => stop.notes.push(text.clone()),
                Cue::Point(names) => stop.points.extend(names.iter().cloned()),
            }
        }
        stop
    };
    times.iter().enumerate().map(stop).collect()
}

/// A few words for a stop, if it says or asks something.
pub(super) fn words_of(stop: &Stop) -> Option<&str> {
    let asked = stop.question.as_ref().map(|question| question.text.as_str());
    asked.or(stop.caption.as_ref().map(|caption| caption.title.as_str()))
}
