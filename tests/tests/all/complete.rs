//! What may be written next into the text of a scenario: each place offers what fits there, and every offer leads to a line
//! that is read.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Session;
use faultline_core::scenario::Completion;
use faultline_tests::{parse, presets};
use std::collections::BTreeSet;

/// A run whose messages, timers and inputs at 300 ms are known.
const RUN: &str = "faultline 2\nprotocol raft\nnodes 3\nseed 42\nuntil 1s\n";

fn session() -> Session {
    let mut session = Session::new(parse(RUN).unwrap());
    session.seek_time(250_000);
    session
}

/// The offers at the end of a text.
fn offers(session: &Session, text: &str) -> Vec<Completion> {
    session.complete(text, text.len())
}

fn words(offers: Vec<Completion>) -> Vec<String> {
    offers.into_iter().map(|it| it.text.trim_end().to_owned()).collect()
}

fn texts(line: &str) -> Vec<String> {
    words(offers(&session(), &format!("{RUN}{line}")))
}

#[test]
fn each_place_offers_what_fits_there() {
    for (line, offered) in [
        ("se", &["seed", "set"][..]),
        ("seed 4", &[]),
        ("latency ", &["5ms..15ms", "lnkd-ssd", "lnkd-disk", "ymmr"]),
        ("fifo o", &["on", "off"]),
        ("twin forgets-v", &["forgets-vote"]),
        ("set heartbeat ", &["50ms", "1ms", "60s"]),
        ("show ", &["250ms"]),
        ("expect ", &["violated", "holds", "reached", "checksum"]),
        ("expect violated election", &["election-safety"]),
        ("at ", &["250ms"]),
        ("at 1s cr", &["crash"]),
        ("at 1s t", &["take"]),
        ("at 1s take ", &["over"]),
        ("at 1s crash n", &["n1", "n2", "n3"]),
        ("at 1s crash n2 ", &["losing-write"]),
        ("at 1s cut ", &["n1|n2,n3", "n2|n1,n3", "n3|n1,n2"]),
        ("at 1s cut n1|", &["n1|n2,n3", "n1|n2", "n1|n3"]),
        ("at 1s cut n2", &["n2|n1,n3", "n2-n1", "n2-n3", "n2>n1", "n2>n3"]),
        ("at 1s heal n1>", &["n1>n2", "n1>n3"]),
        ("at 1s drop S1>", &[]),
        ("at 1s link n1-n2 l", &["latency", "loss"]),
        ("at 1s lose u", &["until"]),
        ("at 1s lose Append until ", &["2s"]),
        ("at 1s clock n1 jump ", &["+20ms"]),
        ("at 1s fire n9 ", &[]),
        ("# at 1s ", &[]),
        ("jump ", &[]),
    ] {
        assert_eq!(texts(line), offered, "{line}");
    }
    assert_eq!(offers(&session(), "fault")[0].text, "faultline 2");
    assert_eq!(offers(&session(), "faultline 2\nprotocol two-p")[0].text, "two-phase-commit");
}

/// What is in flight, set and asked for is of the time of the act, and not of the moment that is shown.
#[test]
fn messages_timers_and_inputs_are_those_of_the_time_of_the_act() {
    let session = session();
    let run = session.run();
    let mut seen = [0, 0];
    for time in (10..900).step_by(7).map(|ms| ms * 1_000) {
        let in_flight = {
            let mut there = Session::new(session.scenario().clone());
            there.seek_time(time);
            there.view()
        };
        let names: Vec<_> = in_flight.messages.iter().map(|it| it.name.clone()).collect();
        let offered = offers(&session, &format!("{RUN}at {time}us drop "));
        let messages: Vec<_> =
            offered.iter().filter(|it| it.text.contains(' ')).map(|it| it.text.clone()).collect();
        assert_eq!(messages, names, "at {time}us");
        let timers: BTreeSet<_> =
            offers(&session, &format!("{RUN}at {time}us fire n1 ")).into_iter().map(|it| it.text).collect();
        let set: BTreeSet<_> = in_flight.nodes[0].timers.iter().map(|it| it.name.clone()).collect();
        assert_eq!(timers, set, "at {time}us");
        let inputs: Vec<_> =
            offers(&session, &format!("{RUN}at {time}us n1 ")).into_iter().map(|it| it.text).collect();
        assert_eq!(inputs, in_flight.nodes[0].inputs, "at {time}us");
        seen = [seen[0] + names.len(), seen[1] + timers.len()];
    }
    assert!(seen[0] > 50 && seen[1] > 50, "{seen:?} of {} events", run.records().len());
}

/// A message that an act of the run takes away at that time is still offered to it.
#[test]
fn an_act_that_is_there_already_has_what_it_names() {
    let text = format!("{RUN}at 300ms crash n1\n");
    let session = Session::new(parse(&text).unwrap());
    let node = |help: &Completion| help.text == "n1" && help.help != "crashed" && !help.help.is_empty();
    assert!(offers(&session, &format!("{RUN}at 300ms crash ")).iter().any(node));
    let crashed = |help: &Completion| help.text == "n1" && help.help == "crashed";
    assert!(offers(&session, &format!("{RUN}at 301ms restart ")).iter().any(crashed));
}

#[test]
fn a_completion_takes_the_place_of_the_word_at_the_cursor() {
    let session = session();
    let text = format!("{RUN}  at 1s crash n1\nexpect holds election-safety\n");
    let cursor = text.find("ash n1").unwrap();
    assert_eq!(session.complete(&text, cursor), [], "within a word");
    let cursor = text.find(" n1").unwrap();
    assert_eq!(session.complete(&text, cursor), [], "the word is whole");
    let text = text.replace("crash", "cra");
    let offered = session.complete(&text, text.find(" n1").unwrap());
    assert_eq!((offered.len(), offered[0].start, offered[0].more), (1, text.find("cra").unwrap(), true));
}

/// At every byte of every run of the catalogue, and of one that has every statement: an offer, and then the first offers
/// after it, make a line that is read.
#[test]
fn every_offer_leads_to_a_line_that_is_read() {
    let mut met = BTreeSet::new();
    let mut lines = BTreeSet::new();
    for (entry, preset) in presets() {
        let session = Session::begin(parse(preset.text).unwrap());
        let slug = entry;
        let nodes = parse(preset.text).unwrap().nodes;
        let head = format!("faultline 2\nprotocol {slug}\nnodes {nodes}\n");
        for cursor in 0..=preset.text.len() + 1 {
            let _ = session.complete(preset.text, cursor);
        }
        for line in preset.text.lines().skip(2).chain(STATEMENTS) {
            for end in (0..=line.len()).filter(|end| line.is_char_boundary(*end)) {
                if lines.insert((slug, nodes, line[..end].to_owned())) {
                    for offer in offers(&session, &format!("{head}{}", &line[..end])) {
                        met.insert((slug, offer.text.split(' ').next().unwrap_or_default().to_owned()));
                        leads_to_a_line(&session, &head, &line[..end], &offer);
                    }
                }
            }
        }
    }
    // Every word of the language was offered by every protocol.
    for word in STATEMENTS.iter().map(|line| line.split(' ').next().unwrap()).chain(VERBS) {
        assert!(met.contains(&("raft", word.to_owned())), "{word}");
    }
    assert!(met.len() > 1_000, "{}", met.len());
}

/// Lines that lead past every statement and act.
const STATEMENTS: [&str; 23] = [
    "title A",
    "nodes 3",
    "seed 7",
    "latency 1ms..2ms",
    "loss 1%",
    "duplication 1%",
    "fifo",
    "ask 10ms",
    "skew 1ms",
    "set x",
    "twin x",
    "manual off",
    "until 1s",
    "at 1s hold n1 ",
    "at 1s release n1>n2 A",
    "at 1s link n1-n2 loss ",
    "at 1s lose n1>n2 ",
    "at 1s clock n1 drift ",
    "at 1s slow n1 ",
    "at 1s choose n1 ",
    "at 1s cut n1,n2|n3",
    "show 5ms",
    "expect reached ",
];

const VERBS: [&str; 22] = [
    "deliver",
    "drop",
    "delay",
    "duplicate",
    "crash",
    "restart",
    "fire",
    "cut",
    "heal",
    "pause",
    "resume",
    "hold",
    "release",
    "link",
    "lose",
    "slow",
    "choose",
    "clock",
    "take",
    "forge",
    "inject",
    "say",
];

fn leads_to_a_line(session: &Session, head: &str, written: &str, offer: &Completion) {
    let mut line = written.to_owned();
    let mut next = offer.clone();
    for _ in 0..8 {
        line.truncate(next.start - head.len());
        line += &next.text;
        if !next.more && parse(&format!("{head}{line}")).is_ok() {
            return;
        }
        match offers(session, &format!("{head}{line}")).into_iter().next() {
            Some(first) => next = first,
            None => break,
        }
    }
    // What a person says, names, allows and a checksum are for nobody to offer; before the boots no timer is set, nothing is seen of a
    // node or under way, and nobody is asked or lies.
    let words: Vec<_> = line.split_whitespace().collect();
    let is_open = match words[..] {
        ["title" | "names" | "allow" | "hint" | "impossible", ..] | ["expect", "checksum", ..] => true,
        ["goal", subject, ..] => subject == "under" || subject.starts_with('n'),
        ["at", _, verb, ..] | ["solution", "at", _, verb, ..] => {
            let free = ["say", "fire", "forge", "question", "right", "wrong", "note", "point"];
            free.contains(&verb) || verb.starts_with('n')
        }
        _ => false,
    };
    assert!(is_open, "{head}{line}\n{:?}", parse(&format!("{head}{line}")).map(|it| it.to_string()));
}
