//! Scenarios that come with a protocol: each runs to its golden transcript, keeps its promises, does something with every act,
//! and is the same as a text and as a link.

use crate::trial;
use faultline_core::catalogue::Entry;
use faultline_core::measure::{Measures, Measuring};
use faultline_core::nemesis::{Peace, attack_until};
use faultline_core::scenario::{Expectation, Scenario};
use faultline_core::sim::Run;
use faultline_core::title::Preset;
use faultline_core::trace::{Flags, What};
use faultline_core::{Session, link};
use faultline_tests::{find, folder, golden, idle_acts, open, parse, play, review, updates};
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::path::Path;

/// What is asked of a protocol's preset.
type Check = fn(&'static str, &'static Preset);

const CHECKS: [(&str, Check); 7] = [
    ("golden", keeps_its_promises_and_runs_to_its_golden_transcript),
    ("acts-do-something", acts_do_something),
    ("rules", every_event_has_a_rule),
    ("link", survives_the_way_through_text_and_link),
    ("measures", what_is_sent_arrives_or_is_lost_or_is_under_way),
    ("measures-in-slices", is_counted_the_same_in_slices),
    ("views", what_is_kept_from_view_to_view_is_what_would_be_drawn_up_anew),
];

pub(crate) fn trials(entry: &'static Entry) -> impl Iterator<Item = Trial> {
    let slug = entry.info.slug;
    entry.presets().iter().flat_map(move |preset| {
        let name = move |check| format!("{slug}/preset/{}/{check}", preset.name);
        let found = preset.text.contains("| faultline attack ");
        let command: &[(&str, Check)] = if found { &[("command", was_found_by_its_command)] } else { &[] };
        let checks = CHECKS.iter().chain(command);
        checks.map(move |&(check, run)| trial(name(check), move || run(slug, preset)))
    })
}

fn keeps_its_promises_and_runs_to_its_golden_transcript(slug: &'static str, preset: &'static Preset) {
    let run = play(preset.text);
    // Promises first: a wrong one also changes the transcript, which would hide what is wrong.
    // A challenge has a goal instead, which is tested with the lessons.
    let Scenario { expectations, challenge, .. } = run.scenario();
    assert!(!expectations.is_empty() || challenge.is_some(), "it promises nothing");
    for (expectation, met) in run.verify() {
        assert_eq!(met, Ok(()), "{expectation}");
    }
    let name = format!("{slug}/{}", preset.name);
    golden(&format!("{name}.txt"), &review(&name, &run));
}

fn acts_do_something(_: &'static str, preset: &'static Preset) {
    assert_eq!(idle_acts(&play(preset.text)), Vec::<String>::new(), "acts that do nothing");
}

fn every_event_has_a_rule(_: &'static str, preset: &'static Preset) {
    let run = play(preset.text);
    assert!(!run.records().is_empty());
    for line in run.lines(0, run.records().len()) {
        assert!(line.rule.is_some(), "{}", line.transcript());
    }
}

fn survives_the_way_through_text_and_link(slug: &'static str, preset: &'static Preset) {
    let scenario = parse(preset.text).unwrap();
    let text = scenario.to_string();
    assert_eq!(parse(&text).unwrap().to_string(), text);
    let link = link::write(&scenario, None).unwrap();
    assert_eq!(open(&link).unwrap().to_string(), text);
    assert_eq!(open(&format!("/{slug}/{}", preset.name)).unwrap().to_string(), text);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/?&=+~!.,-_:".contains(&byte);
    assert!(link.bytes().all(is_plain), "{link}");
}

/// The run, looked at after so many events.
fn at(run: &Run, event: usize) -> Session {
    let mut session = Session::new(run.scenario().clone());
    session.seek_event(event);
    session
}

fn what_is_sent_arrives_or_is_lost_or_is_under_way(_: &'static str, preset: &'static Preset) {
    let run = play(preset.text);
    let measures = Measures::of(&run);
    let end = run.events_until(run.scenario().until);
    let records = &run.records()[..end];
    let count = |wanted: fn(What) -> bool| records.iter().filter(|it| wanted(it.what)).count() as u64;
    assert_eq!(measures.sum(|it| it.delivered), count(|what| what == What::Deliver));
    assert_eq!(measures.sum(|it| it.lost), count(|what| matches!(what, What::Lose | What::Drop)));
    let flying = at(&run, end).view().messages.len() as u64;
    let ended = measures.sum(|it| it.delivered) + measures.sum(|it| it.lost);
    assert_eq!(measures.sum(|it| it.sent), ended + flying);
    let writes = records.iter().filter(|it| it.flags.has(Flags::WROTE)).count() as u64;
    assert_eq!(measures.writes(), writes);
    assert_eq!(measures.delays.len() as u64, count(|what| what == What::Deliver));
    // Who got a reply had waited at least as long as the reply was under way.
    assert!(measures.waits.len() <= measures.delays.len());
    assert!(measures.rounds <= count(|what| what == What::Deliver));
}

fn is_counted_the_same_in_slices(_: &'static str, preset: &'static Preset) {
    let run = play(preset.text);
    let end = run.events_until(run.scenario().until);
    let mut slices = Measuring::of(&run);
    while !slices.step(&run, end, 7) {}
    assert_eq!(at(&run, end).measures(&slices), Measures::of(&run));
    // What was counted up to the middle is what a shorter run costs.
    let middle = end / 2;
    let mut half = Measuring::of(&run);
    assert!(half.step(&run, middle, usize::MAX));
    assert_eq!(half.counted(), middle);
    assert_eq!(at(&run, middle).measures(&half).events, middle as u64);
}

fn what_is_kept_from_view_to_view_is_what_would_be_drawn_up_anew(_: &'static str, preset: &'static Preset) {
    let scenario = || Scenario { show: None, ..parse(preset.text).unwrap() };
    let mut walked = Session::new(scenario());
    walked.seek_time(0);
    for event in (1..=120).chain([119, 118, 400, 401, 402]) {
        walked.seek_event(event);
        let view = walked.view();
        if event % 7 == 0 || event > 118 {
            let mut fresh = Session::new(scenario());
            fresh.seek_event(event);
            assert_eq!(view.nodes, fresh.view().nodes, "after event {event}");
        }
    }
}

/// What random faults found by themselves and shrank stands beside what we thought of, and says how it was found: the
/// command that it names breaks the same claim.
fn was_found_by_its_command(slug: &'static str, preset: &'static Preset) {
    let found = parse(preset.text).unwrap();
    let caption = &found.captions[0].1.text;
    let (command, _) = caption.split_once(": ").unwrap();
    let options = command.strip_prefix(&format!("faultline attack {slug} ")).unwrap();
    let options: Vec<_> = options.split(' ').collect();
    let (mut base, mut peace, mut seed) = (Scenario::of(found.entry), Peace::All, 0);
    for option in options.chunks(2) {
        match option {
            ["--twin", name] => base.amend(&format!("twin {name}")).unwrap(),
            ["--nodes", count] => base.amend(&format!("nodes {count}")).unwrap(),
            ["--param", setting] => {
                base.amend(&format!("set {}", setting.replacen('=', " ", 1))).unwrap();
            }
            ["--peace", "all-but-one"] => peace = Peace::AllButOne,
            ["--first", first] => seed = first.parse().unwrap(),
            other => panic!("{other:?}"),
        }
    }
    let broken = attack_until(&base, seed, peace).broken.unwrap_or_else(|| panic!("{command} finds nothing"));
    assert_eq!(found.expectations, [Expectation::Violated(broken.claim)], "{command}");
}

/// A transcript that is left over would be reviewed for ever and compared with nothing; `FAULTLINE_UPDATE=1` takes it away.
pub(crate) fn golden_files_have_presets(entry: &Entry) {
    let folder = folder().join("golden").join(entry.info.slug);
    let known: BTreeSet<_> = entry.presets().iter().map(|preset| format!("{}.txt", preset.name)).collect();
    let mut left = names_in(&folder);
    left.retain(|name| !known.contains(name));
    if updates() {
        for name in left.drain(..) {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
    }
    assert!(left.is_empty(), "of no preset, in tests/golden/{}: {left:?}", entry.info.slug);
}

pub(crate) fn golden_folders_have_protocols() {
    let mut left = names_in(&folder().join("golden"));
    // These are of all protocols together.
    let together = ["explanations.txt", "exports", "reached.txt"];
    left.retain(|name| find(name).is_none() && !together.contains(&name.as_str()));
    assert!(left.is_empty(), "of no protocol, in tests/golden: {left:?}");
}

/// What stands in a folder, nothing where it is not there yet.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
