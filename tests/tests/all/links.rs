//! Links that were given away once open for ever, to the same run.

use faultline_core::link;
use faultline_tests::{folder, open, parse, play};

/// Lines are added to the corpus and never changed.
#[test]
fn old_links_open_to_the_same_run() {
    let corpus = std::fs::read_to_string(folder().join("links.tsv")).unwrap();
    let (mut count, mut keyed) = (0, 0);
    for line in corpus.lines().filter(|line| !line.starts_with("# ")) {
        let (link, checksum) = line.split_once('\t').unwrap();
        faultline_protocols::install();
        let linked = link::read(link).unwrap_or_else(|complaint| panic!("{link}: {complaint}"));
        let run = play(&linked.scenario.to_string());
        assert_eq!(format!("{:016x}", run.checksum()), checksum, "{link}");
        if let Some(key) = linked.run {
            assert!(key.fits(run.checksum()), "{link}");
            keyed += 1;
        }
        count += 1;
    }
    assert!(
        count >= 5 && keyed >= 1,
        "the corpus has only {count} links, {keyed} of them with a key of the run"
    );
}

/// Version 1 is the same language: a text or link of it is the scenario that version 2 would write.
#[test]
fn version_1_is_read_as_version_2() {
    let text = "faultline 2\nprotocol raft\nseed 42\n";
    assert_eq!(parse(&text.replace("faultline 2", "faultline 1")).unwrap().to_string(), text);
    assert_eq!(open("/raft?1&seed+42&k=b6hy9").unwrap().to_string(), text);
}

/// A link knows its run by the key, from another run of the same text, and opens where it does not know it.
#[test]
fn a_link_knows_its_run() {
    let scenario = parse("faultline 2\nprotocol raft\nseed 42\n").unwrap();
    let checksum = play(&scenario.to_string()).checksum();
    let key = |checksum| {
        let linked = link::read(&link::write(&scenario, checksum).unwrap()).unwrap();
        assert_eq!(linked.scenario.to_string(), scenario.to_string());
        linked.run
    };
    assert_eq!(key(None), None);
    assert!(key(Some(checksum)).unwrap().fits(checksum));
    // Each of the lowest 25 bits counts, so that of the others none is needed.
    for bit in 0..25 {
        assert!(!key(Some(checksum ^ 1 << bit)).unwrap().fits(checksum), "bit {bit}");
    }
}

/// Where it stands still at a moment the link is of the same run, so the key is the same.
#[test]
fn a_shown_moment_is_no_other_run() {
    let whole = "faultline 2\nprotocol raft\nseed 42\n";
    assert_eq!(play(whole).checksum(), play(&format!("{whole}show 250ms\n")).checksum());
}

/// The letters of the run are part of what the link's own letters are of: one that is lost or changed makes a damaged link,
/// and not another run.
#[test]
fn a_damaged_key_of_the_run_is_a_damaged_link() {
    let scenario = parse("faultline 2\nprotocol raft\nseed 42\n").unwrap();
    let link = link::write(&scenario, Some(0)).unwrap();
    assert_eq!(link, "/raft?2&seed+42&k=aptqaaaaaa");
    for lost in 1..=5 {
        assert!(open(&link[..link.len() - lost]).is_err(), "{lost}");
    }
    assert!(open(&format!("{}b", &link[..link.len() - 1])).is_err());
}
