//! Every protocol of the catalogue is held to what every protocol is held to: a trial for each preset, twin, claim and
//! assumption and what is asked of it, so that what one breaks hides nothing of another. A new entry is tested by being there.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed its trial.

use faultline_core::catalogue::Entry;
use faultline_tests::entries;
use libtest_mimic::{Arguments, Trial};
use std::collections::BTreeSet;
use std::process::ExitCode;

mod assumptions;
mod attacks;
mod judged;
mod lectures;
mod lessons;
mod presets;
mod shown;
mod twins;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = all();
    let names: Vec<String> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    trials.push(trial("catalogue/trials".into(), move || are_there(&names)));
    trials.extend(lectures::trials());
    trials.push(trial("catalogue/golden".into(), presets::golden_folders_have_protocols));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: String, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, || {
        check();
        Ok(())
    })
}

/// All trials of all entries, what takes longest first, so that no core waits for another at the end.
fn all() -> Vec<Trial> {
    let mut trials = Vec::new();
    trials.extend(entries().into_iter().flat_map(attacks::trials));
    for entry in entries() {
        trials.extend(twins::trials(entry));
        trials.extend(assumptions::trials(entry));
        trials.extend(judged::trials(entry));
        trials.extend(presets::trials(entry));
        trials.extend(lessons::trials(entry));
        let slug = entry.info.slug;
        trials.push(trial(format!("{slug}/golden-files"), move || presets::golden_files_have_presets(entry)));
        trials.push(trial(format!("{slug}/complete"), move || is_complete(entry)));
    }
    trials
}

/// An entry without presets, twins or claims would have no trials of them, and none would fail.
fn is_complete(entry: &'static Entry) {
    assert!(entry.presets().len() >= 3, "only {} presets", entry.presets().len());
    assert!(!entry.twins.is_empty(), "no wrong twins");
    assert!(!entry.claims().is_empty(), "no claims");
}

/// There are trials of each sort, and no two have one name.
fn are_there(names: &[String]) {
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "two trials have one name");
    let count = |sort: &str| names.iter().filter(|name| name.contains(sort)).count();
    let seen = [
        ("/seeds", 8),
        ("/golden-files", 8),
        ("/preset/", 141),
        ("/golden", 149),
        ("/acts-do-something", 141),
        ("/twin/", 57),
        ("/claim/", 60),
        ("/assumption/", 8),
        ("/judged/", 40),
        ("/command", 13),
    ];
    for (sort, least) in seen {
        assert!(count(sort) >= least, "only {} trials of {sort}", count(sort));
    }
}
