//! Golden transcripts: of the run of every scenario what a person reviews, and a checksum of the rest.

use crate::{folder, updates};
use faultline_core::sim::Run;
use faultline_core::trace::{Flags, What};
use std::path::PathBuf;

/// What a person reviews of a run: what was done to it, what its protocol told in its own words, what broke, what came
/// of its expectations, and the checksum, which covers every event.
pub fn review(name: &str, run: &Run) -> String {
    let end = run.events_until(run.scenario().until);
    let lines = run.lines(0, end);
    let kept: Vec<_> = lines.iter().filter(|line| Run::is_interesting(&line.record)).collect();
    let mut text = format!("# {} of {end} events; all of them: faultline run {name}\n", kept.len());
    for line in kept {
        text += &(line.transcript() + "\n");
    }
    for (expectation, met) in run.verify() {
        let met = met.map_or_else(|sentence| format!("no, {sentence}"), |()| "yes".to_owned());
        text += &format!("expect {expectation}: {met}\n");
    }
    text + &format!("checksum {:016x}\n", run.checksum())
}

/// The acts of a run that did nothing: those that could not apply, and those that come after its end.
pub fn idle_acts(run: &Run) -> Vec<String> {
    let end = run.events_until(run.scenario().until);
    let mut done = run.records()[..end].iter().filter(|record| record.flags.has(Flags::ACT));
    let acts = run.scenario().acts.iter();
    // Every act makes one record, also where it is refused.
    let idle = acts.filter(|_| done.next().is_none_or(|record| record.what == What::Refused));
    idle.map(|timed| timed.act.to_string()).collect()
}

/// Compares a text with the one kept under `tests/golden`, or, with `FAULTLINE_UPDATE=1`, keeps it.
///
/// # Panics
/// When they differ: with the first line that does.
pub fn golden(name: &str, text: &str) {
    let path: PathBuf = folder().join("golden").join(name);
    if updates() {
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{error}"));
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; FAULTLINE_UPDATE=1 cargo test -p faultline-tests writes it", path.display())
    });
    let (mut kept, mut now) = (kept.lines(), text.lines());
    for number in 1.. {
        match (kept.next(), now.next()) {
            (None, None) => return,
            (kept, now) => assert_eq!(kept, now, "line {number} of tests/golden/{name}"),
        }
    }
}
