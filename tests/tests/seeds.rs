//! What is said of vetted seeds does happen with them, of the protocol as it is by default; and what is assumed is broken and
//! mended by its switch.

use faultline_core::catalogue::Entry;
use faultline_core::protocol::Vetted;
use faultline_core::trace::Line;
use faultline_core::view::Standing;
use faultline_core::{Scenario, Session};
use faultline_tests::entries;

/// A whole run as it is by default, with a seed.
fn run(entry: &'static Entry, seed: u64) -> Session {
    let mut scenario = Scenario::of(entry);
    scenario.seed = seed;
    let mut session = Session::new(scenario);
    session.seek_time(session.scenario().until);
    session
}

fn lines(session: &Session) -> Vec<Line> {
    session.run().lines(0, session.event())
}

/// Whether what is said of a seed happens in its run.
fn happens(slug: &str, seed: u64, session: &Session) -> bool {
    let lines = lines(session);
    let count = |words: &str| lines.iter().filter(|line| line.sentence.contains(words)).count();
    let stand = || lines.iter().filter(|it| it.sentence.ends_with("election in term 1"));
    let tells = |word: &str| lines.iter().flat_map(|line| &line.outputs).any(|it| it.starts_with(word));
    let votes = |node: &str| count(&format!("votes for {node} in term 1"));
    let reached = |name: &str| {
        let claims = session.view().claims;
        claims.iter().any(|it| it.name == name && matches!(it.standing, Standing::Reached { .. }))
    };
    match (slug, seed) {
        ("raft", 121) => {
            votes("n1") > 0
                && votes("n5") > 0
                && count("becomes leader of term 1") == 0
                && count("becomes leader of term 2") == 1
        }
        ("raft", 136) => {
            let first = stand().next().map(|line| line.record.node + 1);
            let won = first.map(|node| count(&format!("n{node} becomes leader of term 1")));
            stand().count() == 3 && won == Some(1)
        }
        ("raft", 153) => {
            stand().count() == 5 && count("in term 1") == 5 && count("becomes leader of term 2") == 1
        }
        ("amqp", 4) => reached("Silent Loss"),
        ("amqp", 26) => {
            lines.iter().any(|line| line.rule.is_some_and(|rule| rule.section.contains("queue.bind")))
                && tells("Unbound")
        }
        ("amqp", 35) => {
            tells("Dropped") && lines.iter().any(|line| line.outputs.concat().ends_with("rejected"))
        }
        ("quorum-kv", 5) => {
            let differs = "Below nodes that differ the children are compared.";
            lines.iter().any(|line| line.rule.is_some_and(|rule| rule.sentence == differs))
        }
        ("quorum-kv", 128) => tells("Read") && !reached("Siblings"),
        _ => panic!("nobody has said what the seed {seed} of {slug} shows"),
    }
}

#[test]
fn vetted_seeds_show_what_is_said_and_not_every_seed_does() {
    let mut count = 0;
    for entry in entries() {
        for &Vetted { seed, sentence } in entry.seeds {
            let slug = entry.info.slug;
            assert!(happens(slug, seed, &run(entry, seed)), "{slug}, seed {seed}: {sentence}");
            let others = (1..=10).filter(|other| *other != seed);
            let others = others.filter(|other| happens(slug, seed, &run(entry, *other))).count();
            assert!(others < 5, "{slug}: {others} of ten seeds do what {seed} is praised for");
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
}

/// Each switch breaks what it names, changes the run, and mends it again; what has no switch is not broken by a setting.
#[test]
fn what_is_assumed_is_broken_and_mended_by_its_switch() {
    let mut count = 0;
    for entry in entries() {
        let asked = |lines: &[&str]| {
            let mut scenario = Scenario::of(entry);
            // Where nobody asks anything, no message is there to be lost.
            (scenario.ask, scenario.until) = (5_000, 2_000_000);
            for words in lines {
                scenario.amend(words).unwrap();
            }
            Session::new(scenario)
        };
        let plain = asked(&[]);
        for it in plain.scenario().assumed() {
            let what = format!("{}: {}", entry.info.slug, it.flip);
            assert!(it.holds && plain.view().broken.is_empty(), "{what}");
            let broken = asked(&[&it.flip]);
            assert_eq!(broken.view().broken.len(), 1, "{what}");
            let now = broken.scenario().assumed().into_iter().find(|other| other.name == it.name).unwrap();
            assert!(!now.holds, "{what}");
            let events = |session: &Session| lines_of(session);
            assert_ne!(events(&broken), events(&plain), "{what} does something");
            let mended = asked(&[&it.flip, &now.flip]);
            assert_eq!(mended.scenario().to_string(), plain.scenario().to_string(), "{what}");
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
}

fn lines_of(session: &Session) -> Vec<String> {
    session.run().lines(0, session.run().records().len()).iter().map(Line::transcript).collect()
}
