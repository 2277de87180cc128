//! AMQP against its literature (A7): the specification's patterns, one copy, the default exchange, headers, alternate
//! exchanges, the ways to die, consistent hashing; and every topology under the nemesis.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

mod competing;
mod declared;
mod frames;
mod options;
mod retry;
mod table;
mod ways;

use faultline_core::nemesis::{Attack, attack};
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_core::title::{Preset, Unit};
use faultline_core::trace::Line;
use faultline_core::view::LaneState;
use faultline_core::{Scenario, Session};
use faultline_protocols::messaging::amqp::topic;
use faultline_tests::{fact, find, play, presets, vetted};
use std::collections::BTreeSet;
use std::fmt::Display;

const SPEC: &str = "AMQP 0-9-1, §3.1.3";
const RABBIT: &str = "RabbitMQ documentation";

/// A run of a topology with some statements more; messages take 10 ms.
fn run(topology: &str, more: &str) -> Run {
    play(&format!(
        "faultline 2\nprotocol amqp\nlatency 10ms\nask 0s\nset topology {topology}\nuntil 1s\n{more}\n"
    ))
}

/// The scenario of a name, with some statements more.
fn preset(name: &str, more: &str) -> Run {
    let named = |(slug, preset): &(_, &Preset)| *slug == "amqp" && preset.name == name;
    let text = presets().find(named).map_or("", |(_, preset)| preset.text);
    play(&format!("{text}\n{more}\n"))
}

/// What the application was told that begins so: when, at which node, and the rest.
fn told(run: &Run, fact: &str) -> Vec<(u64, u32, String)> {
    let lines = run.lines(0, run.records().len());
    let facts = lines.iter().flat_map(|line| {
        let words = line.outputs.iter().filter_map(|output| output.strip_prefix(fact));
        words.map(|words| (line.record.time, line.record.node + 1, words.trim().to_owned()))
    });
    facts.collect()
}

/// States a fact of a file below this one among the facts of this protocol.
fn state(number: &str, what: &str, source: &str, expected: impl Display, measured: impl Display) {
    fact(number, what, source, expected, measured);
}

/// The queues that a message got into, by their nodes' numbers, once for each copy.
fn queues(run: &Run, name: &str) -> Vec<u32> {
    let mut found: Vec<u32> = told(run, "Queued")
        .into_iter()
        .filter(|(_, _, words)| words.ends_with(&format!(" {name}")))
        .map(|(_, node, _)| node)
        .collect();
    found.sort_unstable();
    found
}

/// Whether a list of words fits a pattern, straight from the words of the specification: `*` is one word, `#` none or more.
fn fits(pattern: &[&str], key: &[&str]) -> bool {
    match pattern {
        [] => key.is_empty(),
        ["#", rest @ ..] => (0..=key.len()).any(|taken| fits(rest, &key[taken..])),
        [word, rest @ ..] => {
            key.first().is_some_and(|first| *word == "*" || word == first) && fits(rest, &key[1..])
        }
    }
}

/// All lists of up to so many of these words.
fn lists<'a>(words: &[&'a str], most: usize) -> Vec<Vec<&'a str>> {
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..most {
        let to = all.len();
        for place in from..to {
            for word in words {
                let longer = [all[place].as_slice(), &[*word]].concat();
                all.push(longer);
            }
        }
        from = to;
    }
    all
}

/// A7.1, exact: the specification's example and what follows from it, then all patterns of up to five words against all
/// keys of up to five.
#[test]
fn a7_1_topic_patterns() {
    let table = [
        ("*.stock.#", "usd.stock", true),
        ("*.stock.#", "eur.stock.db", true),
        ("*.stock.#", "stock.nasdaq", false),
        ("#", "", true),
        ("#", "a.b.c", true),
        ("a.#.b", "a.b", true),
        ("a.#.b", "a.x.b", true),
        ("a.#.b", "a.x.y.b", true),
        ("a.#.b", "a", false),
        ("a.*", "a", false),
        ("a.*", "a.b", true),
        ("a.*", "a.b.c", false),
        ("*.#", "", false),
        ("*.#", "a", true),
        ("", "", true),
        ("", "a", false),
    ];
    for (pattern, key, expected) in table {
        assert_eq!(topic::matches(pattern, key), expected, "`{pattern}` and `{key}`");
    }
    fact("A7.1", "the table of patterns and keys", SPEC, "16 of 16", format!("{0} of {0}", table.len()));
    let (mut pairs, mut matched) = (0, 0);
    for pattern in lists(&["a", "b", "*", "#"], 5) {
        for key in lists(&["a", "b"], 5) {
            let expected = fits(&pattern, &key);
            assert_eq!(
                topic::matches(&pattern.join("."), &key.join(".")),
                expected,
                "{pattern:?} and {key:?}"
            );
            (pairs, matched) = (pairs + 1, matched + usize::from(expected));
        }
    }
    let measured = format!("{pairs} of {pairs} pairs, {matched} of them match");
    fact(
        "A7.1",
        "all patterns of up to 5 words against all keys of up to 5",
        SPEC,
        "as by definition",
        measured,
    );
    // It takes no longer where there are many ways to be wrong.
    let (hashes, words) = (["#"; 120].join(".a."), ["a"; 120].join("."));
    assert!(!topic::matches(&format!("{hashes}.b"), &words));
}

/// A7.2, exact: however many bindings match, a queue gets one copy.
#[test]
fn a7_2_a_queue_gets_one_copy() {
    let more =
        "at 10ms n3 Bind n6 #\nat 10ms n3 Bind n6 eur.#\nat 10ms n3 Bind n6 *.db\nat 50ms n1 Publish eur.db";
    let run = run("topic", more);
    assert_eq!(queues(&run, "n1.1"), [6]);
    fact("A7.2", "copies in a queue of which 5 bindings match", SPEC, 1, queues(&run, "n1.1").len());
}

/// A7.3, exact: every queue is bound to the default exchange by its name, and that cannot be changed.
#[test]
fn a7_3_the_default_exchange() {
    let more = "at 10ms n3 Bind n5 other\nat 10ms n3 Unbind n6 n6\nat 50ms n1 Publish n6\nat 60ms n1 Publish other\n\
                at 70ms n1 Publish n9";
    let run = run("default", more);
    assert_eq!([queues(&run, "n1.1"), queues(&run, "n1.2"), queues(&run, "n1.3")], [vec![6], vec![], vec![]]);
    assert!(told(&run, "Bound").is_empty() && told(&run, "Unbound").is_empty());
    let where_to = format!("n{}", queues(&run, "n1.1")[0]);
    fact("A7.3", "where `n6` goes by the default exchange, after an unbind", SPEC, "n6", where_to);
}

/// A7.4, exact: all or any; `x-match` and other `x-` arguments are not compared; all of no arguments is anything.
#[test]
fn a7_4_headers() {
    let table = [
        ("x-match=all,a=1,b=2", "a=1,b=2,c=3", true),
        ("x-match=all,a=1,b=2", "a=1", false),
        ("a=1,b=2", "a=1,b=3", false),
        ("x-match=any,a=1,b=2", "b=2", true),
        ("x-match=any,a=1,b=2", "a=2,b=1", false),
        ("x-match=any,a=1,b=2", "x-match=any", false),
        ("x-match=all,x-other=1", "c=3", true),
        ("", "", true),
        ("x-match=all", "a=1", true),
        ("x-match=any", "a=1", false),
        ("a", "a=7", true),
        ("a", "b=7", false),
    ];
    for (arguments, headers, expected) in table {
        assert_eq!(topic::headers_match(arguments, headers), expected, "`{arguments}` and `{headers}`");
    }
    fact("A7.4", "the table of arguments and headers", SPEC, "12 of 12", format!("{0} of {0}", table.len()));
}

/// A7.5, exact: the alternate exchange gets what matched nothing and nothing else; what it finds a queue for is not returned.
#[test]
fn a7_5_the_alternate_exchange() {
    let run = preset("alternate", "");
    let passed: Vec<_> = told(&run, "Routed")
        .into_iter()
        .filter(|(_, node, _)| *node == 4)
        .map(|(_, _, words)| words)
        .collect();
    assert_eq!(passed, ["n1.2 unknown to n7", "n1.3 unknown to nobody"]);
    let returned: Vec<_> = told(&run, "Returned").into_iter().map(|(_, _, name)| name).collect();
    assert_eq!(returned, ["n1.3"]);
    assert_eq!(
        [queues(&run, "n1.1"), queues(&run, "n1.2"), queues(&run, "n1.3")],
        [vec![5], vec![7], vec![]]
    );
    let early = returned.iter().filter(|name| *name == "n1.2").count();
    fact("A7.5", "mandatory and routed by the alternate exchange: returned", RABBIT, 0, early);
    fact("A7.5", "mandatory and matched by neither: returned", RABBIT, 1, returned.len());
}

/// A7.6, exact: the four reasons; a circle that nobody rejected in is broken; a dead letter keeps its key.
#[test]
fn a7_6_dead_letters() {
    let run = preset("dead-letters", "");
    let died: Vec<_> = told(&run, "DeadLettered").into_iter().map(|(_, _, words)| words).collect();
    assert_eq!(died, ["1 n1.1 rejected", "2 n1.2 delivery-limit", "3 n1.3 expired", "4 n1.4 maxlen"]);
    let routed = told(&run, "Routed");
    let buried = routed.iter().filter(|(_, node, _)| *node == 4);
    assert!(buried.clone().all(|(_, _, words)| words.ends_with(" work to n7")) && buried.count() == 4);
    let reasons: Vec<_> = died.iter().map(|words| words.rsplit(' ').next().unwrap()).collect();
    fact("A7.6", "reasons", RABBIT, "rejected, delivery-limit, expired, maxlen", reasons.join(", "));
    let run = preset("circle", "");
    assert_eq!((queues(&run, "n1.1").len(), queues(&run, "n1.2").len() > 1), (1, true));
    fact(
        "A7.6",
        "times in a queue from which it died of age into a circle",
        RABBIT,
        1,
        queues(&run, "n1.1").len(),
    );
    let again = queues(&run, "n1.2").len();
    fact("A7.6", "the same, rejected until it was taken", RABBIT, "more than 1", again);
}

/// A7.7 (Lamping & Veach 2014), ±3 points: with one queue more, as many keys move as the new one's share, all of them to
/// it; and every queue has its share.
#[test]
fn a7_7_consistent_hashing() {
    const KEYS: u64 = 20_000;
    let keys: Vec<String> = (0..KEYS).map(|nth| format!("key.{nth}")).collect();
    for count in 1..=9_u64 {
        let moved: Vec<_> =
            keys.iter().filter(|key| topic::bucket(key, count) != topic::bucket(key, count + 1)).collect();
        assert!(moved.iter().all(|key| topic::bucket(key, count + 1) == count), "all move to the new queue");
        let (permille, expected) = (moved.len() as u64 * 1_000 / KEYS, 1_000 / (count + 1));
        assert!(permille.abs_diff(expected) <= 30, "{count} queues: {permille} ‰ against {expected} ‰");
        for bucket in 0..count {
            let share = keys.iter().filter(|key| topic::bucket(key, count) == bucket).count() as u64;
            assert!((share * 1_000 / KEYS).abs_diff(1_000 / count) <= 30, "{bucket} of {count}: {share}");
        }
        if matches!(count, 2 | 4 | 9) {
            let what = format!("keys of 1000 that move from {count} queues to {}", count + 1);
            fact("A7.7", &what, RABBIT, format!("{expected} ± 30"), permille);
        }
    }
    // And in the exchange itself: the same key, the same queue, until the bindings change.
    let run = preset("hash", "");
    assert_eq!(queues(&run, "n1.1"), queues(&run, "n2.1"));
    for nth in 1..=4 {
        let (before, after) = (queues(&run, &format!("n1.{nth}")), queues(&run, &format!("n1.{}", nth + 4)));
        assert!(after == before || after == [7], "{before:?}, then {after:?}");
    }
}

/// Permalink 1, silent loss: no binding, not mandatory, no alternate exchange: gone, and confirmed all the same.
#[test]
fn a7_permalink_1_silent_loss() {
    let run = preset("silent-loss", "");
    assert_eq!([queues(&run, "n1.1"), queues(&run, "n1.2"), queues(&run, "n1.3")], [vec![], vec![], vec![7]]);
    let names = |fact| told(&run, fact).into_iter().map(|(_, _, name)| name).collect::<Vec<_>>();
    assert_eq!(
        (names("Confirmed"), names("Returned")),
        (vec!["n1.1".into(), "n1.2".into(), "n1.3".into()], vec!["n1.2".to_owned()])
    );
    let confirms = names("Confirmed").iter().filter(|name| *name == "n1.1").count();
    fact("A7", "permalink 1: confirms of a message that no queue gets", RABBIT, 1, confirms);
}

/// Permalink 2, head of line: 60 s and behind it 1 s, and nobody consumes: the second dies after the first, not after 1 s.
#[test]
fn a7_permalink_2_head_of_line() {
    let run = preset("head-of-line", "");
    let queued = told(&run, "Queued");
    let died = told(&run, "Dropped");
    assert_eq!((died.len(), died[0].0, died[1].0), (2, queued[0].0 + 60_000_000, queued[0].0 + 60_000_000));
    assert_eq!((died[0].2.as_str(), died[1].2.as_str()), ("1 n1.1 expired", "2 n1.2 expired"));
    let seconds = (died[1].0 - queued[0].0) / 1_000_000;
    fact(
        "A7",
        "permalink 2: the one with 1 s to live dies with the one of 60 s before it, after",
        RABBIT,
        "60 s",
        format!("{seconds} s"),
    );
}

/// Permalink 3, poison: a consumer gives a message back for ever; a limit ends it.
#[test]
fn a7_permalink_3_poison() {
    let handed = |more: &str| told(&preset("poison", more), "Handed").iter().filter(|it| it.1 == 5).count();
    // Each time round takes two messages and the work.
    let (short, long) = (handed("set delivery-limit 0\nuntil 2s"), handed("set delivery-limit 0\nuntil 4s"));
    assert_eq!((short, long), (49, 99));
    assert_eq!(handed(""), 6);
    fact(
        "A7",
        "permalink 3: deliveries per message in 2 s and in 4 s, 40 ms each",
        "computed",
        "49, 99",
        format!("{short}, {long}"),
    );
    fact("A7", "permalink 3: deliveries per message with a limit of 5 returns", RABBIT, 6, handed(""));
}

/// Permalink 4: a consumer dies after the work and before the acknowledgement: the work is done twice, and marked.
#[test]
fn a7_permalink_4_died_before_the_acknowledgement() {
    let run = preset("died-before-ack", "");
    let done: Vec<_> = told(&run, "Processed").into_iter().map(|(_, _, words)| words).collect();
    assert_eq!(done, ["n1.1", "n1.1 redelivered"]);
    fact("A7", "permalink 4: what is processed", RABBIT, "n1.1, n1.1 redelivered", done.join(", "));
}

/// What a queue told about its messages from some moment on, without the times.
fn fate(run: &Run, queue: u32, from: u64) -> Vec<String> {
    let lines = run.lines(0, run.records().len());
    let here = lines.iter().filter(|line| line.record.node + 1 == queue && line.record.time >= from);
    here.flat_map(|line| line.outputs.clone()).collect()
}

/// What has come of a claim at the end of a run.
fn verdict(run: &Run, claim: &str) -> Judgement {
    let mut claims = run.scenario().entry.claims().into_iter();
    let place = claims.position(|it| it.name == claim).unwrap();
    run.verdicts()[place].clone()
}

/// When something was told first, in microseconds.
fn when(run: &Run, fact: &str) -> u64 {
    told(run, fact).first().map_or(0, |(time, ..)| *time)
}

/// Time to live, on every way into a queue: it runs from when the message is queued, through deliveries and restarts, and
/// is taken away from a dead letter; and with no time at all a message is handed over at once or dies (`RabbitMQ`: ttl).
#[test]
fn a7_time_to_live_holds_on_every_way() {
    // Published, and nobody consumes.
    for (ttl, lives) in [("0s", 0), ("1us", 1), ("100ms", 100_000)] {
        let run = run("direct", &format!("at 5ms n9 Cancel\nat 50ms n1 Publish info ttl {ttl}"));
        assert_eq!(when(&run, "Dropped") - when(&run, "Queued"), lives, "{ttl}");
        if lives == 0 {
            fact(
                "A7",
                "how long `ttl 0s` waits where nobody consumes",
                RABBIT,
                "0 us",
                format!("{lives} us"),
            );
        }
    }
    // Published, and a consumer has room; the next one finds none.
    let more =
        "set prefetch 1\nset work 100ms\nat 50ms n1 Publish info ttl 0s\nat 55ms n1 Publish info ttl 0s";
    let direct = run("direct", more);
    assert_eq!(fate(&direct, 6, 0)[2..], ["Queued 2 n1.2", "Dropped 2 n1.2 expired", "Acked 1"]);
    // Behind a message that may wait, it waits for its turn to die.
    let more = "at 5ms n9 Cancel\nat 50ms n1 Publish info ttl 300ms\nat 60ms n1 Publish info ttl 0s";
    let behind = run("direct", more);
    let died = told(&behind, "Dropped");
    assert_eq!(died.iter().map(|it| it.0).collect::<Vec<_>>(), [370_000, 370_000]);
    // Given back, its channel closed, out of patience: it is not handed out again once it is too old.
    for way in
        ["at 200ms n9 Answer requeue", "at 200ms n9 Consume", "at 200ms crash n9\nat 250ms restart n9", ""]
    {
        for ttl in ["0s", "100ms"] {
            let work = if way.contains("requeue") { "set work 200ms" } else { "at 5ms n9 Answer nothing" };
            let more = format!("set ack-timeout 300ms\n{work}\nat 50ms n1 Publish info ttl {ttl}\n{way}");
            let run = run("direct", &more);
            let expected = ["Queued 1 n1.1", "Handed 1 to n9", "Requeued 1", "Dropped 1 n1.1 expired"];
            assert_eq!(fate(&run, 6, 0), expected, "{way}, {ttl}");
        }
    }
    // A restart of the queue takes nothing from its age and adds nothing.
    for crash in ["at 100ms crash n6\nat 150ms restart n6", "at 100ms crash n6\nat 350ms restart n6"] {
        let run = run("direct", &format!("at 5ms n9 Cancel\nat 50ms n1 Publish info ttl 200ms\n{crash}"));
        let back = if crash.contains("350") { 350_000 } else { 270_000 };
        assert_eq!(when(&run, "Dropped"), back, "{crash}");
    }
    // As a dead letter it does not die of its age again.
    let more = "at 5ms n8 Cancel\nat 5ms n10 Cancel\nat 50ms n1 Publish work ttl 50ms";
    assert_eq!(fate(&run("dead-letter", more), 7, 0), ["Queued 1 n1.1"]);
}

/// The length limit, on every way into a queue: after each step no more is ready than may be, and the oldest dies, be it
/// new, a dead letter, or given back just now (`RabbitMQ`: maxlength; the classic queue drops before it hands out).
#[test]
fn a7_the_length_limit_holds_on_every_way() {
    let publish = |count: usize| -> String {
        ["at 50ms n1 Publish work\n", "at 51ms n1 Publish work\n", "at 52ms n1 Publish work\n"][..count]
            .concat()
    };
    // Published: three, and nobody consumes. The two that die are dead letters, of which n7 keeps one.
    let more = format!("set max-length 1\nat 5ms n8 Cancel\nat 5ms n10 Cancel\n{}", publish(3));
    let dead = run("dead-letter", &more);
    let expected = ["Queued 1 n1.1", "Queued 2 n1.2", "Dropped 1 n1.1 maxlen"];
    assert_eq!(fate(&dead, 7, 0), expected);
    // Given back: one is with the consumer and one ready, so what comes back is the oldest of one too many.
    let more =
        format!("set max-length 1\nset prefetch 1\nset work 100ms\nat 5ms n8 Answer requeue\n{}", publish(2));
    let back = run("dead-letter", &format!("{more}until 190ms"));
    let expected = ["Requeued 1", "DeadLettered 1 n1.1 maxlen", "Handed 2 to n8"];
    assert_eq!(fate(&back, 5, 100_000), expected);
    // The channel closed, out of patience, or the queue restarted: two are with the consumer and one is ready.
    for way in [
        "at 200ms n8 Consume",
        "at 200ms crash n8\nat 250ms restart n8",
        "",
        "at 200ms crash n5\nat 250ms restart n5",
    ] {
        let more = format!(
            "set max-length 1\nset ack-timeout 300ms\nat 5ms n8 Answer nothing\n{}{way}\nuntil 500ms",
            publish(3)
        );
        let fate = fate(&run("dead-letter", &more), 5, 100_000);
        let expected = [
            "Requeued 1",
            "Requeued 2",
            "DeadLettered 1 n1.1 maxlen",
            "DeadLettered 2 n1.2 maxlen",
            "Handed 3 to n8",
        ];
        assert_eq!(fate[..5], expected, "{way}");
    }
}

/// The delivery limit, on every way back: what a consumer gives back, and what is taken back from it.
#[test]
fn a7_the_delivery_limit_counts_every_return() {
    let ways = [
        "at 5ms n8 Answer requeue",
        "at 5ms n8 Answer nothing\nat 100ms n8 Consume\nat 150ms n8 Consume",
        "at 5ms n8 Answer nothing\nset ack-timeout 100ms",
        "at 5ms n8 Answer nothing\nat 100ms crash n5\nat 120ms restart n5\nat 200ms crash n5\nat 220ms restart n5",
    ];
    for way in ways {
        let run = run("dead-letter", &format!("set delivery-limit 1\nat 50ms n1 Publish work\n{way}"));
        let expected = [
            "Queued 1 n1.1",
            "Handed 1 to n8",
            "Requeued 1",
            "Handed 1 to n8 redelivered",
            "DeadLettered 1 n1.1 delivery-limit",
        ];
        assert_eq!(fate(&run, 5, 0), expected, "{way}");
    }
}

/// The acknowledgement timeout is each delivery's own: other acknowledgements do not put it off, and what was handed out
/// at the same moment comes back at the same moment.
#[test]
fn a7_an_acknowledgement_puts_off_no_other_delivery() {
    let others =
        [150, 200, 250, 300, 350, 400, 450].map(|at| format!("at {at}ms n1 Publish info\n")).concat();
    let more = format!(
        "set ack-timeout 300ms\nset work 1ms\nat 5ms n9 Answer nothing\nat 50ms n1 Publish info\nat 100ms n9 Answer ack\n{others}"
    );
    let run = run("direct", &more);
    let waited = when(&run, "Requeued 1") - when(&run, "Handed 1");
    let acked = told(&run, "Acked").iter().filter(|(time, ..)| *time < when(&run, "Requeued 1")).count();
    assert_eq!((waited, acked), (300_000, 4));
    let what =
        "an unacknowledged delivery comes back after, with a timeout of 300 ms and others acknowledged";
    fact("A7", what, RABBIT, "300 ms", format!("{} ms", waited / 1_000));
}

/// A consumer that has cancelled is handed nothing more until it asks, whatever closes its channel; it may acknowledge what
/// it has.
#[test]
fn a7_a_consumer_that_has_cancelled_stays_away() {
    let first = "set ack-timeout 300ms\nset work 30ms\nat 50ms n1 Publish info\n";
    // It acknowledges what it had, and gets no more.
    let polite = run("direct", &format!("{first}at 85ms n9 Cancel\nat 200ms n1 Publish info"));
    assert_eq!(fate(&polite, 6, 90_000), ["Acked 1", "Queued 2 n1.2"]);
    // Its queue loses patience; its queue restarts; its queue does not hear it, as it is down.
    for way in [
        "at 5ms n9 Answer nothing\nat 150ms n9 Cancel",
        "at 5ms n9 Answer nothing\nat 150ms n9 Cancel\nat 200ms crash n6\nat 250ms restart n6",
        "at 5ms n9 Answer nothing\nat 150ms crash n6\nat 160ms n9 Cancel\nat 250ms restart n6",
    ] {
        let run = run("direct", &format!("{first}{way}\nat 500ms n1 Publish info"));
        assert_eq!(fate(&run, 6, 100_000), ["Requeued 1", "Queued 2 n1.2"], "{way}");
    }
    // It asks again, and gets what waits.
    let back = run("direct", &format!("{first}at 5ms n9 Cancel\nat 500ms n9 Consume"));
    assert_eq!(fate(&back, 6, 100_000), ["Handed 1 to n9", "Acked 1"]);
    // One that has not cancelled comes back by itself when its queue does.
    let loyal = run("direct", "at 50ms crash n6\nat 60ms restart n6\nat 200ms n1 Publish info");
    assert_eq!(fate(&loyal, 6, 0), ["Queued 1 n1.1", "Handed 1 to n9", "Acked 1"]);
}

/// A message that waits is accounted for: in its queue, with a consumer at work, with one that does not answer. While a queue is
/// down nobody can tell.
#[test]
fn a_message_that_waits_is_accounted_for() {
    for waits in [
        "at 5ms n9 Cancel\nat 50ms n1 Publish info",
        "set work 5s\nset ack-timeout 10s\nat 50ms n1 Publish info\nat 51ms n1 Publish info\nat 52ms n1 Publish info",
        "set ack-timeout 300ms\nat 5ms n9 Answer nothing\nat 50ms n1 Publish info",
        "at 5ms n9 Answer requeue\nat 50ms n1 Publish info",
        "at 5ms n9 Cancel\nat 50ms n1 Publish info\nat 200ms crash n6\nat 300ms restart n6",
        "at 50ms n1 Publish info\nat 75ms crash n9",
        // On its way to the consumer, and the acknowledgement on its way back.
        "at 50ms n1 Publish info\nuntil 75ms",
        "at 50ms n1 Publish info\nuntil 105ms",
    ] {
        let verdict = verdict(&run("direct", waits), "Accounted For");
        assert!(matches!(verdict, Judgement::Reached { .. }), "{waits}: {verdict:?}");
    }
    let down = verdict(
        &run("direct", "at 5ms n9 Cancel\nat 50ms n1 Publish info\nat 200ms crash n6"),
        "Accounted For",
    );
    assert_eq!(down, Judgement::Unjudged { why: "a queue is down".into() });
}

/// Silent Loss is a message that never got into a queue: not a dead letter that nobody wants, which was queued and confirmed.
#[test]
fn a_dead_letter_that_nobody_wants_is_no_silent_loss() {
    let reached = |run: &Run| matches!(verdict(run, "Silent Loss"), Judgement::Reached { .. });
    for (topology, more) in [
        ("cycle", "at 5ms n8 Cancel\nat 50ms n1 Publish work ttl 50ms"),
        ("dead-letter", "at 5ms n4 Unbind n7\nat 5ms n8 Answer reject\nat 50ms n1 Publish work"),
    ] {
        let run = run(topology, more);
        assert_eq!((told(&run, "Unroutable").len(), reached(&run)), (1, false), "{topology}");
    }
    assert!(reached(&run("direct", "at 50ms n1 Publish debug")));
}

/// What the page shows: who is in which row, bindings as lines, and a queue with what is handed out and what is ready.
#[test]
fn the_cards_show_the_broker() {
    let more = "set prefetch 1\nat 50ms n1 Publish error\nat 50ms n1 Publish error\nshow 75ms";
    let view = Session::new(run("direct", more).scenario().clone()).view();
    let rows: Vec<_> = view.nodes.iter().map(|node| node.card.place).collect();
    assert_eq!(rows, [0, 0, 1, 1, 2, 2, 2, 3, 3, 3]);
    let lines: Vec<_> =
        view.nodes[2].card.pointers.iter().map(|it| (it.name.as_str(), it.to.0 + 1)).collect();
    assert_eq!(lines, [("error", 5), ("error", 6), ("info", 6)]);
    let lane = &view.nodes[4].card.lanes[0];
    let items: Vec<_> = lane.items.iter().map(|it| (it.text.as_str(), it.note.as_str(), it.state)).collect();
    assert_eq!(items, [("n1.1 error", "with n8", LaneState::Taken), ("n1.2 error", "", LaneState::Ready)]);
    assert_eq!(
        (lane.note.as_str(), view.nodes[4].card.badge.as_str()),
        ("1 ready, 1 unacknowledged", "1 + 1")
    );
}

/// Words that a node cannot be asked are refused with a sentence.
#[test]
fn bad_input_gets_a_sentence() {
    let amqp = find("amqp").unwrap();
    for (words, part) in [
        ("Publish a b", "one word"),
        ("Publish a ttl soon", "no time"),
        ("Bind n2 a", "n5, n6 or n7"),
        ("Bind", "`Bind n5 usd.#`"),
        ("Answer maybe", "`requeue`"),
        ("Purge q", "a publisher can be asked"),
        ("Declare N", "small letter"),
        ("Declare n5", "no node's name"),
        ("Declare orders ttl 0s", "longer than 0"),
        ("Declare orders durable", "`auto-delete`"),
        ("Bind orders", "n5, n6 or n7"),
        ("Consume orders prefetch", "`Consume orders`"),
        ("Publish error to", "an exchange"),
    ] {
        let sentence = amqp.check_input(words).unwrap_err();
        assert!(sentence.contains(part), "{words}: {sentence}");
    }
    assert!(amqp.check_input(&format!("Publish {}", "x".repeat(256))).is_err());
    for words in [
        "Publish",
        "Publish mandatory",
        "Publish ttl 5s",
        "Publish a.b ttl 5s mandatory",
        "Bind n5",
        "Bind n7 a.#",
        "Bind orders logs",
        "Unbind orders logs a.#",
        "Declare orders exclusive auto-delete ttl 5s dead waits",
        "Declare logs topic",
        "Consume orders prefetch 1",
        "Close orders",
        "Publish to logs",
        "Publish a.b mandatory to logs",
    ] {
        assert_eq!(amqp.check_input(words), Ok(()), "{words}");
    }
}

/// What the nemesis breaks of a topology and a wrong twin with one seed, inside the assumptions.
fn attacked(topology: &str, more: &[&str], seed: u64) -> Attack {
    let mut base = Scenario::of(find("amqp").unwrap());
    base.amend(&format!("set topology {topology}")).unwrap();
    for line in more {
        base.amend(line).unwrap();
    }
    attack(&base, seed)
}

/// Every claim holds in every topology under crashes, pauses and slow links.
#[test]
fn every_topology_survives_the_nemesis() {
    let Unit::Choice(topologies) = find("amqp").unwrap().settings[0].unit else { unreachable!() };
    for topology in topologies {
        let seeds = if *topology == "topic" { 1_000 } else { 200 };
        let mut redelivered = 0;
        for seed in 1..=seeds {
            // Where nothing is declared at first, it takes more requests until something is delivered.
            let more: &[&str] = if *topology == "declared" { &["ask 50ms"] } else { &[] };
            let attack = attacked(topology, more, seed);
            assert_eq!(attack.broken, None, "{topology}, seed {seed}:\n{}", attack.scenario);
            redelivered += usize::from(attack.reached.contains(&"Redelivery"));
        }
        println!("{topology}: in {redelivered} runs of {seeds} something was handed out again");
        assert!(redelivered > 0, "{topology}");
    }
}

/// Where dead letters come back to their own queue, what a consumer rejects goes round as long as it does, and copies of
/// a message die one by one: one that died in a queue keeps no other out of it. Each was once taken for a violation.
#[test]
fn rejected_messages_go_round_and_copies_are_apart() {
    for (setting, seed) in [("set prefetch 1", 472), ("set max-length 1", 64)] {
        let attack = attacked("cycle", &[setting], seed);
        assert_eq!(attack.broken, None, "{setting}:\n{}", attack.scenario);
    }
}

/// The same nemesis notices every wrong twin where its rule matters, by the claim that is about it.
#[test]
fn the_nemesis_notices_every_wrong_twin() {
    let twins = [
        ("hash-needs-word", "topic", "", "matching"),
        ("dot-not-optional", "topic", "", "matching"),
        ("copies-per-binding", "topic", "", "one-copy"),
        ("always-alternate", "alternate", "", "alternate-last"),
        ("requeues-at-tail", "fanout", "set work 2s", "oldest-first"),
        ("loses-key", "dead-letter", "", "intact"),
        ("confirms-early", "topic", "", "confirmed-is-safe"),
        ("returns-overflow", "fanout", "set max-length 1", "queue-length"),
        ("ignores-prefetch", "fanout", "set prefetch 1", "prefetch"),
        ("forgets-redelivery", "topic", "", "redelivered"),
        ("keeps-unacked", "topic", "", "accounted-for"),
        ("goes-in-circles", "cycle", "set max-length 1", "no-circles"),
        ("skips-turns", "work-queue", "", "in-turn"),
        (
            "confirms-refused",
            "fanout",
            "set max-length 1\nset overflow reject-publish",
            "refused-is-not-confirmed",
        ),
        ("loses-priority", "work-queue", "set max-priority 9", "by-priority"),
        ("copies-per-way", "chain", "", "one-copy"),
        ("restarts-ttl", "fanout", "set queue-ttl 3s", "time-to-live"),
        ("ignores-arguments", "declared", "set work 50ms", "same-arguments"),
        ("shares-exclusive", "declared", "set work 50ms", "exclusive"),
        ("deletes-early", "declared", "set work 50ms", "auto-delete"),
    ];
    for (twin, topology, more, claim) in twins {
        let twin = format!("twin {twin}");
        // Only where there is a queue does its order matter.
        let mut lines = vec![&twin[..]];
        if !more.is_empty() {
            lines.extend(more.lines().chain(["ask 50ms"]));
        }
        let broken =
            (1..=500).filter_map(|seed| attacked(topology, &lines, seed).broken.map(|it| (seed, it.claim)));
        let noticed = broken.into_iter().find(|(_, broken)| broken == claim);
        println!("{twin}: {noticed:?}");
        assert!(noticed.is_some(), "{twin}");
    }
    let all: BTreeSet<&str> = find("amqp").unwrap().twins.iter().map(|twin| twin.name).collect();
    assert_eq!(twins.map(|(twin, ..)| twin).into_iter().collect::<BTreeSet<_>>(), all);
}

#[test]
fn vetted_seeds_show_what_is_said_of_them() {
    vetted("amqp", |seed, seen| match seed {
        4 => seen.reached("Silent Loss"),
        26 => {
            let bound = |line: &Line| line.rule.is_some_and(|rule| rule.section.contains("queue.bind"));
            seen.lines.iter().any(bound) && seen.tells("Unbound")
        }
        35 => {
            let rejected = |line: &Line| line.outputs.concat().ends_with("rejected");
            seen.tells("Dropped") && seen.lines.iter().any(rejected)
        }
        _ => panic!("nobody has said what the seed {seed} shows"),
    });
}
