//! Golden transcripts: every scenario that comes with a protocol, line by line, and what it promises.

use faultline_core::link;
use faultline_tests::{folder, golden, open, parse, play, presets};

#[test]
fn every_preset_runs_to_its_golden_transcript_and_keeps_its_promises() {
    for (slug, preset) in presets() {
        let run = play(preset.text);
        let text = format!("{}checksum {:016x}\n", run.transcript(), run.checksum());
        golden(&format!("{slug}/{}.txt", preset.name), &text);
        assert!(!run.scenario().expectations.is_empty(), "{slug}/{} promises nothing", preset.name);
        for (expectation, met) in run.verify() {
            assert_eq!(met, Ok(()), "{slug}/{}: {expectation}", preset.name);
        }
    }
}

#[test]
fn no_act_of_a_preset_does_nothing() {
    for (slug, preset) in presets() {
        let transcript = play(preset.text).transcript();
        let idle = transcript.lines().find(|line| line.contains("nothing happens"));
        assert_eq!(idle, None, "{slug}/{}", preset.name);
    }
}

#[test]
fn every_event_has_a_rule() {
    for (slug, preset) in presets() {
        let run = play(preset.text);
        for line in run.lines(0, run.records().len()) {
            assert!(line.rule.is_some(), "{slug}/{}: {}", preset.name, line.transcript());
        }
    }
}

#[test]
fn a_preset_survives_the_way_through_text_and_link() {
    for (slug, preset) in presets() {
        let scenario = parse(preset.text).unwrap();
        let text = scenario.to_string();
        assert_eq!(parse(&text).unwrap().to_string(), text, "{slug}/{}", preset.name);
        let link = link::write(&scenario).unwrap();
        assert_eq!(open(&link).unwrap().to_string(), text, "{slug}/{}", preset.name);
        assert_eq!(open(&format!("/{slug}/{}", preset.name)).unwrap().to_string(), text);
        assert!(
            link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/?&=+~!.,-_:".contains(&byte)),
            "{link}"
        );
    }
}

/// Links that were given away once open for ever, to the same run. Lines are added and never changed.
#[test]
fn old_links_open_to_the_same_run() {
    let corpus = std::fs::read_to_string(folder().join("links.tsv")).unwrap();
    let mut count = 0;
    for line in corpus.lines().filter(|line| !line.starts_with("# ")) {
        let (link, checksum) = line.split_once('\t').unwrap();
        let scenario = open(link).unwrap_or_else(|complaint| panic!("{link}: {complaint}"));
        let run = play(&scenario.to_string());
        assert_eq!(format!("{:016x}", run.checksum()), checksum, "{link}");
        count += 1;
    }
    assert!(count >= 5, "the corpus has only {count} links");
}
