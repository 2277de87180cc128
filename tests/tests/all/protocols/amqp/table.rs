//! What a queue does with a message, by policy and by the way on which the message comes in or goes out, against
//! `RabbitMQ`'s documentation, version 4.1. A cell is a run: what a node tells in it from some moment on. Where the
//! documentation says nothing, the code of the classic queue decides.
//!
//! Everything is published to n5, which n8 consumes; n7 gets the dead letters, and n10 consumes it. Messages take 10 ms and
//! work takes 20 ms, so what n1 publishes at 50 ms is in n5 at 70 ms, and n8's answer comes to n5 at 110 ms.

use super::{fate, run, state, told};

/// Nobody consumes n5.
const AWAY: &str = "at 5ms n8 Cancel\n";
/// n8 takes what it gets, and does not answer.
const SILENT: &str = "at 5ms n8 Answer nothing\n";
/// n8 returns what it gets.
const RETURNS: &str = "at 5ms n8 Answer requeue\n";
/// n8 rejects what it gets, and nobody consumes what n7 gets.
const REJECTS: &str = "at 5ms n8 Answer reject\nat 5ms n10 Cancel\n";

const ONE: &str = "at 50ms n1 Publish work\n";
const TWO: &str = "at 50ms n1 Publish work\nat 51ms n1 Publish work\n";
const THREE: &str = "at 50ms n1 Publish work\nat 51ms n1 Publish work\nat 52ms n1 Publish work\n";
const RANKED: &str = "set max-priority 5\nat 50ms n1 Publish work\nat 51ms n1 Publish work priority 5\n";
const MIXED: &str = "at 50ms n1 Publish work\nat 51ms n1 Publish work transient\n";

const RESTART: &str = "at 100ms crash n5\nat 120ms restart n5\n";

const TTL: &str = "RabbitMQ 4.1, Time-To-Live";
const LENGTH: &str = "RabbitMQ 4.1, Queue Length Limit";
const CODE: &str = "RabbitMQ 4.1, code of the classic queue";
const DEAD: &str = "RabbitMQ 4.1, Dead Letter Exchanges";
const QUORUM: &str = "RabbitMQ 4.1, Quorum Queues";
const PRIORITY: &str = "RabbitMQ 4.1, Priority Support in Queues";
const CONFIRMS: &str = "RabbitMQ 4.1, Consumer Acknowledgements and Publisher Confirms";
const PREFETCH: &str = "RabbitMQ 4.1, Consumer Prefetch";
const QUEUES: &str = "RabbitMQ 4.1, Queues";
const BINDINGS: &str = "RabbitMQ 4.1, Exchange to Exchange Bindings";

/// A cell: its way, the statements of its run, the node that is asked and the microsecond from which on, and what it tells.
type Cell<'a> = (&'a str, &'a [&'a str], (u32, u64), &'a [&'a str], &'a str);

/// Holds the cells of a policy to what their documents say.
fn hold(policy: &str, cells: &[Cell<'_>]) {
    for (way, statements, (node, from), expected, document) in cells {
        let told = fate(&run("dead-letter", &statements.join("\n")), *node, *from);
        assert_eq!(told, *expected, "{policy}, {way}");
        state("A7.8", &format!("{policy}: {way}"), document, expected.join("; "), told.join("; "));
    }
}

#[test]
fn a7_8_time_to_live() {
    let lives = "at 50ms n1 Publish work ttl 100ms";
    let died = "DeadLettered 1 n1.1 expired";
    hold(
        "time to live",
        &[
            ("published, after 100 ms", &[AWAY, lives, "until 170ms"], (5, 170_000), &[died], TTL),
            ("dead letter", &[AWAY, lives, "at 5ms n10 Cancel"], (7, 0), &["Queued 1 n1.1"], DEAD),
            (
                "given back",
                &[RETURNS, "set work 50ms", lives],
                (5, 140_000),
                &["Requeued 1", "Handed 1 to n8 redelivered", "Requeued 1", died],
                TTL,
            ),
            (
                "channel closed",
                &[SILENT, lives, "at 200ms n8 Consume"],
                (5, 200_000),
                &["Requeued 1", died],
                TTL,
            ),
            ("restart, after 100 ms", &[AWAY, lives, RESTART, "until 170ms"], (5, 170_000), &[died], TTL),
            (
                "behind one that lives for 300 ms",
                &[AWAY, "at 49ms n1 Publish work ttl 300ms", lives, "until 369ms"],
                (5, 171_000),
                &["DeadLettered 1 n1.1 expired", "DeadLettered 2 n1.2 expired"],
                TTL,
            ),
        ],
    );
}

#[test]
fn a7_8_time_to_live_of_the_queue() {
    let lives = "set queue-ttl 100ms";
    let died = "DeadLettered 1 n1.1 expired";
    hold(
        "the queue's time to live",
        &[
            ("published, after 100 ms", &[AWAY, lives, ONE, "until 170ms"], (5, 170_000), &[died], TTL),
            (
                "the message's own is shorter, after 50 ms",
                &[AWAY, lives, "at 50ms n1 Publish work ttl 50ms", "until 120ms"],
                (5, 120_000),
                &[died],
                TTL,
            ),
            (
                "the message's own is longer, after 100 ms",
                &[AWAY, lives, "at 50ms n1 Publish work ttl 300ms", "until 170ms"],
                (5, 170_000),
                &[died],
                TTL,
            ),
            (
                "dead letter",
                &[AWAY, lives, "at 5ms n10 Cancel", "at 50ms n1 Publish work ttl 50ms", "until 240ms"],
                (7, 0),
                &["Queued 1 n1.1", "Dropped 1 n1.1 expired"],
                TTL,
            ),
            (
                "given back",
                &[RETURNS, "set work 50ms", lives, ONE],
                (5, 140_000),
                &["Requeued 1", "Handed 1 to n8 redelivered", "Requeued 1", died],
                TTL,
            ),
            (
                "channel closed",
                &[SILENT, lives, ONE, "at 200ms n8 Consume"],
                (5, 200_000),
                &["Requeued 1", died],
                TTL,
            ),
            (
                "restart, after 100 ms",
                &[AWAY, lives, ONE, RESTART, "until 170ms"],
                (5, 170_000),
                &[died],
                TTL,
            ),
        ],
    );
}

#[test]
fn a7_8_drop_head() {
    let limit = "set max-length 1";
    let died = "DeadLettered 1 n1.1 maxlen";
    hold(
        "length 1, drop-head",
        &[
            (
                "published",
                &[AWAY, limit, TWO],
                (5, 70_000),
                &["Queued 1 n1.1", "Queued 2 n1.2", died],
                LENGTH,
            ),
            (
                "dead letter",
                &[AWAY, limit, THREE, "at 5ms n10 Cancel"],
                (7, 0),
                &["Queued 1 n1.1", "Queued 2 n1.2", "Dropped 1 n1.1 maxlen"],
                LENGTH,
            ),
            (
                "given back",
                &[RETURNS, limit, "set prefetch 1", TWO, "until 110ms"],
                (5, 100_000),
                &["Requeued 1", died, "Handed 2 to n8"],
                CODE,
            ),
            (
                "channel closed",
                &[SILENT, limit, THREE, "at 200ms n8 Consume", "until 210ms"],
                (5, 200_000),
                &["Requeued 1", "Requeued 2", died, "DeadLettered 2 n1.2 maxlen", "Handed 3 to n8"],
                CODE,
            ),
            (
                "restart",
                &[SILENT, limit, THREE, RESTART, "until 130ms"],
                (5, 120_000),
                &["Requeued 1", "Requeued 2", died, "DeadLettered 2 n1.2 maxlen"],
                CODE,
            ),
        ],
    );
}

#[test]
fn a7_8_reject_publish() {
    let limit = "set max-length 1\nset overflow reject-publish";
    hold(
        "length 1, reject-publish",
        &[
            ("published", &[AWAY, limit, TWO], (5, 70_000), &["Queued 1 n1.1", "Refused n1.2"], LENGTH),
            (
                "published, its publisher",
                &[AWAY, limit, TWO],
                (1, 60_000),
                &["Confirmed n1.1", "Nacked n1.2"],
                LENGTH,
            ),
            (
                "dead letter",
                &[REJECTS, limit, ONE, "at 150ms n1 Publish work"],
                (7, 0),
                &["Queued 1 n1.1", "Refused n1.2"],
                DEAD,
            ),
            (
                "dead letter, its publisher",
                &[REJECTS, limit, ONE, "at 150ms n1 Publish work"],
                (1, 60_000),
                &["Confirmed n1.1", "Published n1.2 work", "Confirmed n1.2"],
                DEAD,
            ),
            (
                "given back",
                &[RETURNS, limit, "set prefetch 1", TWO, "until 110ms"],
                (5, 100_000),
                &["Requeued 1", "Handed 1 to n8 redelivered"],
                CODE,
            ),
            (
                "channel closed",
                &[SILENT, limit, THREE, "at 200ms n8 Consume", "until 210ms"],
                (5, 200_000),
                &["Requeued 1", "Requeued 2", "Handed 1 to n8 redelivered", "Handed 2 to n8 redelivered"],
                CODE,
            ),
            (
                "restart",
                &[SILENT, limit, THREE, RESTART, "until 130ms"],
                (5, 120_000),
                &["Requeued 1", "Requeued 2"],
                CODE,
            ),
        ],
    );
}

#[test]
fn a7_8_delivery_limit() {
    let limit = "set queue-type quorum\nset delivery-limit 1";
    let returned: &[&str] =
        &["Requeued 1", "Handed 1 to n8 redelivered", "DeadLettered 1 n1.1 delivery-limit"];
    let twice = "at 200ms crash n5\nat 220ms restart n5";
    hold(
        "delivery limit 1, quorum queue",
        &[
            ("given back", &[RETURNS, limit, ONE], (5, 100_000), returned, QUORUM),
            (
                "channel closed",
                &[SILENT, limit, ONE, "at 100ms n8 Consume\nat 150ms n8 Consume"],
                (5, 100_000),
                returned,
                QUORUM,
            ),
            (
                "out of patience",
                &[SILENT, limit, ONE, "set ack-timeout 100ms"],
                (5, 100_000),
                returned,
                QUORUM,
            ),
            ("restart", &[SILENT, limit, ONE, RESTART, twice], (5, 100_000), returned, QUORUM),
        ],
    );
    let handed = |kind: &str| {
        let quick = run("dead-letter", &format!("{RETURNS}set work 1ms\nset queue-type {kind}\n{ONE}"));
        let deliveries = told(&quick, "Handed").iter().filter(|it| it.1 == 5).count();
        (deliveries, told(&quick, "DeadLettered").len())
    };
    assert_eq!((handed("quorum"), handed("classic")), ((21, 1), (45, 0)));
    let text = |(deliveries, dead): (usize, usize)| format!("{deliveries} deliveries, {dead} dead");
    let what = "delivery limit not set, a message that is always returned, within 1 s:";
    state("A7.8", &format!("{what} quorum queue"), QUORUM, "21 deliveries, 1 dead", text(handed("quorum")));
    state("A7.8", &format!("{what} classic queue"), QUORUM, "45 deliveries, 0 dead", text(handed("classic")));
}

#[test]
fn a7_8_prefetch() {
    let silent: &[&str] = &["Queued 1 n1.1", "Handed 1 to n8", "Queued 2 n1.2", "Queued 3 n1.3"];
    let all: &[&str] = &[
        "Queued 1 n1.1",
        "Handed 1 to n8",
        "Queued 2 n1.2",
        "Handed 2 to n8",
        "Queued 3 n1.3",
        "Handed 3 to n8",
    ];
    hold(
        "prefetch",
        &[
            ("1, published", &[SILENT, "set prefetch 1", THREE, "until 200ms"], (5, 0), silent, PREFETCH),
            ("0, published", &[SILENT, "set prefetch 0", THREE, "until 200ms"], (5, 0), all, PREFETCH),
            (
                "1, acknowledged",
                &["set prefetch 1", TWO, "until 145ms"],
                (5, 100_000),
                &["Acked 1", "Handed 2 to n8"],
                CONFIRMS,
            ),
            (
                "1, rejected",
                &[REJECTS, "set prefetch 1", TWO, "until 145ms"],
                (5, 100_000),
                &["DeadLettered 1 n1.1 rejected", "Handed 2 to n8"],
                CONFIRMS,
            ),
            (
                "1, channel closed",
                &[SILENT, "set prefetch 1", TWO, "at 200ms n8 Consume", "until 210ms"],
                (5, 200_000),
                &["Requeued 1", "Handed 1 to n8 redelivered"],
                CONFIRMS,
            ),
        ],
    );
}

#[test]
fn a7_8_priority() {
    let (back, upto) = ("at 200ms n8 Consume", "until 210ms");
    let capped = "set max-priority 5\nat 50ms n1 Publish work priority 7\nat 51ms n1 Publish work priority 9";
    let urgent = "set max-priority 5\nat 50ms n1 Publish work priority 5\nat 51ms n1 Publish work";
    let old = "set max-priority 5\nat 50ms n1 Publish work ttl 50ms\nat 51ms n1 Publish work priority 5";
    hold(
        "priorities 0 to 5",
        &[
            (
                "published",
                &[AWAY, RANKED, back, upto],
                (5, 200_000),
                &["Handed 2 to n8", "Handed 1 to n8"],
                PRIORITY,
            ),
            (
                "published with 7 and 9",
                &[AWAY, capped, back, upto],
                (5, 200_000),
                &["Handed 1 to n8", "Handed 2 to n8"],
                PRIORITY,
            ),
            ("dead letter", &[REJECTS, urgent], (7, 0), &["Queued 1 n1.1 priority 5", "Queued 2 n1.2"], DEAD),
            (
                "given back",
                &[RETURNS, "set prefetch 1", RANKED, "until 160ms"],
                (5, 100_000),
                &["Requeued 1", "Handed 2 to n8", "Requeued 2", "Handed 2 to n8 redelivered"],
                CONFIRMS,
            ),
            (
                "channel closed",
                &[SILENT, RANKED, back, upto],
                (5, 200_000),
                &["Requeued 1", "Requeued 2", "Handed 2 to n8 redelivered", "Handed 1 to n8 redelivered"],
                CONFIRMS,
            ),
            (
                "restart",
                &[AWAY, RANKED, RESTART, back, upto],
                (5, 120_000),
                &["Handed 2 to n8", "Handed 1 to n8"],
                PRIORITY,
            ),
            (
                "length 1, drop-head",
                &[AWAY, urgent, "set max-length 1"],
                (5, 0),
                &["Queued 1 n1.1 priority 5", "Queued 2 n1.2", "DeadLettered 1 n1.1 maxlen"],
                PRIORITY,
            ),
            (
                "expired behind a higher priority",
                &[AWAY, old],
                (5, 0),
                &["Queued 1 n1.1", "Queued 2 n1.2 priority 5"],
                PRIORITY,
            ),
            (
                "prefetch 1, the consumer has one of a lower priority",
                &[SILENT, "set prefetch 1", RANKED],
                (5, 0),
                &["Queued 1 n1.1", "Handed 1 to n8", "Queued 2 n1.2 priority 5"],
                PRIORITY,
            ),
            (
                "none in this queue",
                &[AWAY, RANKED, "set max-priority 0", back, upto],
                (5, 200_000),
                &["Handed 1 to n8", "Handed 2 to n8"],
                PRIORITY,
            ),
        ],
    );
}

#[test]
fn a7_8_transient() {
    let (back, upto) = ("at 200ms n8 Consume", "until 210ms");
    let alone = "at 50ms n1 Publish work transient";
    hold(
        "transient",
        &[
            (
                "restart, one of two messages, classic queue",
                &[AWAY, MIXED, RESTART, back, upto],
                (5, 120_000),
                &["Handed 1 to n8"],
                QUEUES,
            ),
            (
                "restart, one of two messages, quorum queue",
                &[AWAY, MIXED, RESTART, back, upto, "set queue-type quorum"],
                (5, 120_000),
                &["Handed 1 to n8", "Handed 2 to n8"],
                QUORUM,
            ),
            (
                "restart, with a consumer, classic queue",
                &[SILENT, alone, RESTART],
                (5, 0),
                &["Queued 1 n1.1 transient", "Handed 1 to n8"],
                QUEUES,
            ),
            (
                "restart, with a consumer, quorum queue",
                &[SILENT, alone, RESTART, "until 130ms", "set queue-type quorum"],
                (5, 0),
                &["Queued 1 n1.1", "Handed 1 to n8", "Requeued 1"],
                QUORUM,
            ),
            ("its publisher", &[AWAY, alone], (1, 60_000), &["Confirmed n1.1"], CONFIRMS),
        ],
    );
}

#[test]
fn a7_8_ways_out() {
    let rekeyed = "set dead-letter-key on";
    let limit = "set queue-type quorum\nset delivery-limit 1";
    let (own, new): (&[&str], &[&str]) = (&["Routed n1.1 work to n7"], &["Routed n1.1 dead to n7"]);
    hold(
        "the way out",
        &[
            ("acknowledged", &[ONE], (5, 100_000), &["Acked 1"], CONFIRMS),
            ("rejected", &[REJECTS, ONE], (5, 100_000), &["DeadLettered 1 n1.1 rejected"], DEAD),
            (
                "rejected, no dead letter exchange",
                &["at 5ms n8 Answer reject\nat 5ms n10 Answer reject", ONE],
                (7, 140_000),
                &["Dropped 1 n1.1 rejected"],
                CONFIRMS,
            ),
            ("rejected, the dead letter's key", &[REJECTS, ONE], (4, 50_000), own, DEAD),
            ("rejected, a key for dead letters", &[REJECTS, ONE, rekeyed], (4, 50_000), new, DEAD),
            (
                "expired, a key for dead letters",
                &[AWAY, "at 50ms n1 Publish work ttl 50ms", rekeyed],
                (4, 50_000),
                new,
                DEAD,
            ),
            (
                "maxlen, a key for dead letters",
                &[AWAY, TWO, "set max-length 1", rekeyed],
                (4, 50_000),
                new,
                DEAD,
            ),
            (
                "delivery-limit, a key for dead letters",
                &[RETURNS, ONE, limit, rekeyed],
                (4, 50_000),
                new,
                DEAD,
            ),
        ],
    );
}

/// However many ways lead to a queue, it gets one copy, in a circle of exchanges, too; the confirm waits for all; and a
/// mandatory message comes back if no queue gets it on any way.
#[test]
fn a7_9_exchange_to_exchange() {
    let cells: [(&str, &str, u32, &[&str]); 5] = [
        (
            "two ways to n5",
            "at 50ms n1 Publish app.error",
            4,
            &["Routed n1.1 app.error to n6 n7, not again to n5"],
        ),
        (
            "two ways to n5: copies there",
            "at 50ms n1 Publish app.error\nat 5ms n8 Cancel",
            5,
            &["Queued 1 n1.1"],
        ),
        (
            "a circle",
            "at 5ms n4 Bind n3\nat 50ms n1 Publish db.error",
            4,
            &["Routed n1.1 db.error to n5 n6 n7, not again to n3"],
        ),
        (
            "one way is refused",
            "at 5ms n10 Cancel\nset max-length 1\nset overflow reject-publish\nat 30ms n2 Publish db.error\n\
             at 50ms n1 Publish app.error",
            1,
            &["Published n1.1 app.error", "Nacked n1.1"],
        ),
        (
            "mandatory, and the second exchange has no queue",
            "at 5ms n4 Unbind n5\nat 5ms n4 Unbind n6\nat 5ms n4 Unbind n7\nat 50ms n1 Publish db.error mandatory",
            1,
            &["Published n1.1 db.error", "Returned n1.1", "Confirmed n1.1"],
        ),
    ];
    for (what, more, node, expected) in cells {
        let told = fate(&run("chain", more), node, 25_000);
        assert_eq!(told, expected, "{what}");
        state("A7.9", what, BINDINGS, expected.join("; "), told.join("; "));
    }
    // The answer of the second exchange goes one way more than that of a queue, and the confirm waits for it.
    let run = run("chain", "at 50ms n1 Publish app.error");
    let confirmed: Vec<_> = told(&run, "Confirmed").iter().map(|it| it.0).collect();
    assert_eq!(confirmed, [110_000]);
    let waited = format!("{} ms", confirmed[0] / 1_000 - 50);
    state("A7.9", "the confirm comes after, where each message takes 10 ms", "computed", "60 ms", waited);
}
