//! The lectures that come with Faultline: every run can be opened, what is stated of it is so, and what is lit is there.

use crate::trial;
use faultline_core::Session;
use faultline_core::catalogue::index;
use faultline_core::lecture::{Lecture, Play};
use faultline_core::scenario::{Cue, Expectation};
use faultline_core::sim::Run;
use faultline_protocols::lectures::{LECTURES, text};
use libtest_mimic::Trial;

/// The minutes that a lecture may take.
const MINUTES: u32 = 45;

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    LECTURES.iter().flat_map(|&(name, title)| {
        let lecture = Lecture::parse(text(name).unwrap_or_default()).unwrap();
        let plays: Vec<Play> = lecture.plays.clone();
        let runs = plays
            .into_iter()
            .enumerate()
            .map(move |(place, play)| trial(format!("lectures/{name}/{}", place + 1), move || is_so(&play)));
        let whole = trial(format!("lectures/{name}"), move || {
            assert_eq!((lecture.title.as_str(), lecture.minutes()), (title, MINUTES));
            // An address behind `/present` names a lecture or a protocol.
            assert!(index().iter().all(|leaf| leaf.slug != name));
        });
        runs.chain([whole])
    })
}

fn is_so(play: &Play) {
    let scenario = play.scenario().unwrap_or_else(|complaint| panic!("{}: {complaint}", play.link));
    let (from, to) = (play.from, play.to.unwrap_or(scenario.until));
    let mut session = Session::new(scenario.clone());
    let mut asked = 0;
    let mut right = 0;
    for (time, cue) in &scenario.cues {
        let is_ours = play.lines.iter().any(|(_, line)| line.contains(&cue.to_string()));
        assert!(!is_ours || (from..=to).contains(time), "{}: `{cue}` is never seen", play.link);
        match cue {
            Cue::Question(_) => asked += 1,
            Cue::Answer { is_right: true, .. } => right += 1,
            Cue::Point(names) => {
                session.seek_time(*time);
                let view = session.view();
                for name in names {
                    assert!(
                        !view.bearers(name).is_empty(),
                        "{}: nothing is called {name} at {time}",
                        play.link
                    );
                }
            }
            _ => {}
        }
    }
    assert_eq!(asked, right, "{}: each question has one right answer", play.link);
    assert!(to <= scenario.until && from < to, "{}", play.link);
    let until = scenario.until;
    let run = Run::new(scenario, until);
    for (expectation, met) in run.verify() {
        if let Expectation::Seen(_, seen) = expectation {
            assert_eq!(met, Ok(()), "{}: {seen}", play.link);
        }
    }
}
