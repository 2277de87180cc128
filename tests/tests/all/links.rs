//! Links that were given away once open for ever, to the same run; what a link says and how long it is.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::fingerprint;
use faultline_core::link::{self, RunKey};
use faultline_core::scenario::{Moment, Scenario};
use faultline_tests::fuzz::{Text, cases, each, nearly_right};
use faultline_tests::{entries, find, folder, open, parse, play, presets};
use std::cell::Cell;
use std::collections::BTreeSet;

/// Lines are added to the corpus and never changed.
#[test]
fn old_links_open_to_the_same_run() {
    let corpus = std::fs::read_to_string(folder().join("links.tsv")).unwrap();
    let (mut protocols, mut keyed) = (BTreeSet::new(), 0);
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
        protocols.insert(linked.scenario.entry.info.slug);
    }
    assert!(keyed >= 20, "the corpus has only {keyed} links with a key of the run");
    let without = entries().into_iter().map(|entry| entry.info.slug).filter(|slug| !protocols.contains(slug));
    assert_eq!(without.collect::<Vec<_>>(), [""; 0], "protocols of which the corpus has no link");
}

/// Versions 1 and 2 are the same language: a text or link of them is the scenario that version 3 would write.
#[test]
fn older_versions_are_read_as_the_newest() {
    let text = "faultline 2\nprotocol raft\nseed 42\n";
    assert_eq!(parse(&text.replace("faultline 2", "faultline 1")).unwrap().to_string(), text);
    for link in ["/raft?1&seed+42&k=b6hy9", "/raft?2&seed+42&k=aptqaaaaaa", "/raft?3&seed+42"] {
        assert_eq!(open(link).unwrap().to_string(), text);
    }
}

/// The link of a scenario, and the key of its run where it has one.
fn keyed(scenario: &Scenario, checksum: Option<u64>) -> (String, Option<RunKey>) {
    let link = link::write(scenario, checksum).unwrap();
    let linked = link::read(&link).unwrap();
    assert_eq!(linked.scenario.to_string(), scenario.to_string(), "{link}");
    (link, linked.run)
}

/// A link knows its run by the key, from another run of the same text, and opens where it does not know it.
#[test]
fn a_link_knows_its_run() {
    let scenario = parse("faultline 2\nprotocol raft\nseed 42\n").unwrap();
    let checksum = play(&scenario.to_string()).checksum();
    let key = |checksum| keyed(&scenario, checksum).1;
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
    for scenario in [parse("faultline 2\nprotocol raft\nseed 42\n").unwrap(), preset("raft", "figure-8")] {
        let link = link::write(&scenario, Some(0)).unwrap();
        assert!(link.ends_with("aaaaa"), "{link}");
        for lost in 1..=5 {
            assert!(open(&link[..link.len() - lost]).is_err(), "{lost}");
        }
        assert!(open(&format!("{}b", &link[..link.len() - 1])).is_err());
    }
}

/// A scenario that comes with a protocol.
fn preset(slug: &str, name: &str) -> Scenario {
    let preset = find(slug).unwrap().presets().iter().find(|preset| preset.name == name).unwrap();
    parse(preset.text).unwrap()
}

/// The scenario at another moment.
fn at(scenario: &Scenario, time: u64) -> Scenario {
    Scenario { show: Some(Moment { time, nth: None }), ..scenario.clone() }
}

/// A scenario to which something more is done, as a session does it.
fn with(scenario: &Scenario, acts: &[(u64, &str)]) -> Scenario {
    acts.iter().fold(scenario.clone(), |scenario, (time, words)| {
        let place = scenario.acts.partition_point(|timed| timed.at.time <= *time);
        let act = scenario.parse_act(words).unwrap();
        scenario.with_acts(place, Moment { time: *time, nth: None }, vec![act])
    })
}

#[test]
fn a_scenario_with_a_name_is_linked_by_it() {
    let (eight, raft) = (preset("raft", "figure-8"), parse("faultline 2\nprotocol raft\n").unwrap());
    for (scenario, begins) in [
        (raft.clone(), "/raft"),
        (at(&raft, 206_123), "/raft?206.123ms"),
        (preset("gossip", "default"), "/gossip"),
        (at(&preset("gossip", "default"), 0), "/gossip?0s"),
        (eight.clone(), "/raft/figure-8?k="),
        (at(&eight, 1_200_000), "/raft/figure-8?1.2s&k="),
        (Scenario { seed: 7, ..eight.clone() }, "/raft/figure-8?3"),
        (with(&eight, &[(1_200_000, "crash n1")]), "/raft/figure-8?3&1.2s+crash+n1&k="),
        (at(&with(&eight, &[(1_200_000, "crash n1")]), 1_300_000), "/raft/figure-8?3&1.2s+crash+n1&1.3s&k="),
        (with(&raft, &[(1_200_000, "crash n1")]), "/raft?3&1.2s+crash+n1&k="),
        (parse("faultline 2\nprotocol gossip\n").unwrap(), "/gossip?3&k="),
        (Scenario { title: "Mine".into(), ..eight.clone() }, "/raft?3"),
        (Scenario { captions: Vec::new(), ..eight.clone() }, "/raft?3"),
    ] {
        let (link, _) = keyed(&scenario, None);
        assert!(link.starts_with(begins), "{link} does not begin with {begins}");
        keyed(&scenario, Some(7));
    }
    // One line is taken away, and nothing of what is expected is left.
    let mut fewer = with(&eight, &[]);
    (fewer.acts, fewer.expectations) = (eight.acts[1..].to_vec(), Vec::new());
    let (link, _) = keyed(&fewer, None);
    assert!(link.starts_with("/raft/figure-8?3&-"), "{link}");
}

/// A link that holds a difference says from what, and is refused where that is another scenario by now.
#[test]
fn a_difference_is_of_one_scenario_only() {
    let changed = with(&preset("raft", "figure-8"), &[(1_200_000, "crash n1")]);
    let link = link::write(&changed, Some(7)).unwrap();
    let (body, key) = link.rsplit_once("&k=").unwrap();
    let other = format!("aaaaa{}", &key[10..]);
    let complaint = open(&format!("{body}&k={}{other}", check(&(body, other.as_str())))).err().unwrap();
    assert!(complaint.sentence.contains("another one by now; `/raft/figure-8` opens that"), "{complaint}");
    // Of words for people it is not.
    assert!(open(&format!("{body}&k={}{}", check(&(body, &key[5..])), &key[5..])).is_ok());
    for none in ["-99", "-0", "-x", "-1&-1"] {
        let complaint = open(&format!("/raft/figure-8?3&{none}")).err().unwrap();
        assert!(complaint.sentence.contains("no line"), "{complaint}");
    }
}

/// The first letters of a key, made here in another way.
fn check(of: &impl std::hash::Hash) -> String {
    let letters = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bits = fingerprint::of(of);
    (0..5).map(|place| char::from(letters[(bits >> (5 * place)) as usize % 32])).collect()
}

/// What hosts and mail programs do to a link does not matter to it.
#[test]
fn a_link_survives_its_hosts() {
    let link = link::write(&at(&preset("raft", "figure-8"), 1_200_000), Some(7)).unwrap();
    let text = open(&link).unwrap().to_string();
    for (before, behind) in [
        ("", "#?secret=a1B2c3"),
        ("#", "#?secret=a1B2c3"),
        ("https://example.org/x/?embed#", "#?secret=a1B2c3"),
        ("\n#", " \n"),
    ] {
        let host = format!("{before}{link}{behind}");
        assert_eq!(open(&host).map(|it| it.to_string()), Ok(text.clone()), "{host}");
    }
    // And its way through programs that encode, mark, break and capitalise.
    let encoded = link.replace('&', "%26").replace('+', "%2B").replace('?', "%3F");
    let (start, end) = link.split_at(link.len() / 2);
    for host in [
        format!("https://example.org/x/%23{encoded}"),
        format!("#{}", link.replace('&', "&amp;")),
        format!("<https://example.org/x/#{link}>."),
        format!("(see “#{link}”),").replace("see ", ""),
        format!("\u{feff}#{start}\r\n  {end}\u{200b}\n"),
    ] {
        assert_eq!(open(&host).map(|it| it.to_string()), Ok(text.clone()), "{host}");
    }
    assert!(open("HTTPS://EXAMPLE.ORG/#/RAFT/FIGURE-8").is_ok());
    let packed = all_sorts().into_iter().find(|link| link.contains("?3z")).unwrap();
    let damaged = open(&format!("#{}", packed.to_uppercase())).err().unwrap().sentence;
    assert!(damaged.contains("damaged"), "{damaged}");
    for link in all_sorts() {
        assert!(link.ends_with(|letter: char| letter.is_ascii_alphanumeric()), "{link}");
        assert!(!link.contains(['#', '%', '"', '<', '>', ' ', '@', '(', ')', '*']), "{link}");
    }
}

/// Ten things that somebody does to a run.
const TEN: [(u64, &str); 10] = [
    (206_123, "drop n1>n2 Append"),
    (211_870, "crash n1"),
    (380_004, "n2 Put x=1"),
    (402_511, "cut n2|n3"),
    (512_900, "restart n1"),
    (611_111, "heal"),
    (720_300, "pause n3"),
    (801_250, "resume n3"),
    (950_008, "n4 Put y=2"),
    (1_203_417, "crash n5"),
];

/// Links of every sort: of names, at moments, with what was done, held as a whole.
fn all_sorts() -> Vec<String> {
    let raft = parse("faultline 2\nprotocol raft\n").unwrap();
    let eight = preset("raft", "figure-8");
    let mine = Scenario { title: "Mine".into(), ..eight.clone() };
    let named = |slug: &str, name: &str| at(&preset(slug, name), 1_234_567);
    let scenarios = [
        raft.clone(),
        at(&raft, 206_123),
        at(&preset("two-phase-commit", "default"), 1_234_567),
        at(&preset("pbft", "default"), 1_234_567),
        eight.clone(),
        named("raft", "figure-8"),
        named("raft", "found-any-message-resets-timer"),
        at(&preset("causal-broadcast", "question-and-answer"), 99_000),
        named("two-phase-commit", "votes-without-work"),
        named("quorum-kv", "sloppy"),
        with(&raft, &TEN[..1]),
        with(&raft, &TEN[..3]),
        at(&with(&raft, &TEN), 1_234_567),
        with(&eight, &TEN[..1]),
        with(&eight, &TEN[..3]),
        at(&with(&eight, &TEN), 1_234_567),
        Scenario { seed: 7, ..eight.clone() },
        parse("faultline 2\nprotocol raft\nseed 42\ntwin forgets-vote\n").unwrap(),
        mine.clone(),
        at(&with(&mine, &TEN), 1_234_567),
    ];
    scenarios.iter().map(|scenario| link::write(scenario, Some(0x0123_4567_89ab_cdef)).unwrap()).collect()
}

/// How long links are, behind the host's name.
#[test]
fn links_are_short() {
    let links: Vec<String> = all_sorts().into_iter().map(|link| format!("#{link}")).collect();
    for link in &links {
        println!("{:4} {link}", link.len());
    }
    assert_eq!(links.len(), 20);
    let longest = |links: &[String]| links.iter().map(String::len).max().unwrap();
    assert!(longest(&links[..4]) <= 40, "the run that a protocol opens with");
    assert!(longest(&links[..10]) <= 60, "a run with a name");
    assert!(longest(&links[10..16]) <= 300, "ten acts");
    // At its last microsecond the longest name of all takes one more.
    for (slug, preset) in presets() {
        let scenario = parse(preset.text).unwrap();
        let link = link::write(&at(&scenario, scenario.until - 1), Some(7)).unwrap();
        let holds = ["?3&", "?3z"].iter().any(|version| link.contains(version));
        let is_named = !holds && link.starts_with(&format!("/{slug}"));
        assert!(is_named && link.len() < 60 + usize::from(preset.name == "question-and-answer"), "{link}");
    }
}

/// A link that has been changed anywhere opens as nothing, or, where its whole key is gone, as what somebody could have typed.
#[test]
fn no_changed_link_opens_as_another() {
    let older = [
        "/raft?2&seed+42&at+1.2s+crash+n1&k=".to_owned() + &check(&"/raft?2&seed+42&at+1.2s+crash+n1"),
        "/raft?1&seed+42&k=b6hy9".into(),
    ];
    let links: Vec<String> =
        all_sorts().into_iter().filter(|link| link.contains("k=")).chain(older).collect();
    let texts: Vec<String> = links.iter().map(|link| open(link).unwrap().to_string()).collect();
    let (count, opened, typed) = (cases(100_000), Cell::new(0), Cell::new(0));
    let seeds = links.iter().map(|link| link.as_bytes().to_vec()).collect();
    each(count, &nearly_right(seeds, b"#/?&=+~!.,-_:0123456789abkmsz%"), |Text(bytes)| {
        let changed = String::from_utf8_lossy(&bytes);
        let Ok(scenario) = open(&changed) else { return };
        let fragment = changed.trim().trim_start_matches('#').split('#').next().unwrap_or_default();
        if fragment.contains("k=") {
            assert!(texts.contains(&scenario.to_string()), "{changed} opens as\n{scenario}");
            opened.set(opened.get() + 1);
        } else {
            typed.set(typed.get() + 1);
        }
    });
    let (opened, typed) = (opened.get(), typed.get());
    println!("{count} changed links: {opened} still a link of ours, {typed} without their key");
    assert!(opened + typed < count / 4, "{opened} and {typed} of {count}");
}
