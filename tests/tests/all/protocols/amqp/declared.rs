//! Queues and exchanges that clients declare, against `RabbitMQ`'s documentation, version 4.1: names, the
//! errors that close a channel, exclusive and auto-delete queues, and several channels of one client.
//!
//! Messages take 10 ms. What a client asks at 50 ms, n3 answers at 60 ms; a declared queue gets the place n5,
//! the next one n6.

use super::{fate, queues, run, state, told};

const QUEUES: &str = "RabbitMQ 4.1, Queues";
const CHANNELS: &str = "RabbitMQ 4.1, Channels";
const PUBLISHERS: &str = "RabbitMQ 4.1, Publishers";
const CONSUMERS: &str = "RabbitMQ 4.1, Consumers";
const CANCEL: &str = "RabbitMQ 4.1, Consumer Cancel Notification";
const PREFETCH: &str = "RabbitMQ 4.1, Consumer Prefetch";
const CODE: &str = "RabbitMQ 4.1, code of queue.delete";

const ORDERS: &str = "at 20ms n1 Declare orders\n";
const LOGS: &str = "at 20ms n1 Declare orders\nat 21ms n1 Declare logs direct\n";
const MINE: &str = "at 20ms n8 Declare mine exclusive\n";
const TASKS: &str = "at 20ms n1 Declare tasks auto-delete\n";

/// A cell: what is done, by which statements, the node that is asked and the microsecond from which on, what
/// it tells, and the document that says so.
type Cell<'a> = (&'a str, &'a [&'a str], (u32, u64), &'a [&'a str], &'a str);

fn hold(number: &str, cells: &[Cell<'_>]) {
    for (what, statements, (node, from), expected, document) in cells {
        let told = fate(&run("declared", &statements.join("\n")), *node, *from);
        assert_eq!(told, *expected, "{what}");
        state(number, what, document, expected.join("; "), told.join("; "));
    }
}

#[test]
fn a7_13_names() {
    let refused: &[&str] = &["Closed the channel of n9 406 PRECONDITION_FAILED"];
    let unknown: &[&str] = &["Closed the channel of n9 404 NOT_FOUND"];
    hold(
        "A7.13",
        &[
            ("declare", &[ORDERS], (3, 0), &["Granted n1 Declare orders", "Declared orders in n5"], QUEUES),
            (
                "declare the same again",
                &[ORDERS, "at 50ms n9 Declare orders"],
                (3, 50_000),
                &["Granted n9 Declare orders"],
                QUEUES,
            ),
            (
                "declare with another argument",
                &[ORDERS, "at 50ms n9 Declare orders ttl 5s"],
                (3, 50_000),
                refused,
                QUEUES,
            ),
            (
                "declare an exchange of another kind",
                &[LOGS, "at 50ms n9 Declare logs fanout"],
                (3, 50_000),
                refused,
                CHANNELS,
            ),
            (
                "consume a queue that is not there",
                &["at 50ms n9 Consume orders"],
                (3, 50_000),
                unknown,
                CHANNELS,
            ),
            (
                "bind a queue that is not there",
                &[LOGS, "at 50ms n9 Bind tasks logs"],
                (3, 50_000),
                unknown,
                CHANNELS,
            ),
            (
                "bind to an exchange that is not there",
                &[ORDERS, "at 50ms n9 Bind orders logs"],
                (3, 50_000),
                unknown,
                CHANNELS,
            ),
            (
                "delete a queue that is not there",
                &["at 50ms n9 Delete orders"],
                (3, 50_000),
                &["Granted n9 Delete orders"],
                CODE,
            ),
            (
                "publish to an exchange that is not there",
                &["at 50ms n1 Publish error to logs"],
                (1, 0),
                &["Published n1.1 error", "Lost n1.1"],
                PUBLISHERS,
            ),
            (
                "publish to the default exchange by the queue's name",
                &[ORDERS, "at 50ms n1 Publish orders"],
                (3, 50_000),
                &["Routed n1.1 orders to n5"],
                QUEUES,
            ),
            (
                "delete a queue with a message in it",
                &[
                    "at 20ms n1 Declare orders dead waits\nat 21ms n1 Declare waits",
                    "at 50ms n1 Publish orders\nat 100ms n1 Delete orders",
                ],
                (5, 0),
                &["Queued 1 n1.1", "Dropped 1 n1.1 deleted"],
                QUEUES,
            ),
            (
                "publish to a bound queue after it was deleted",
                &[
                    LOGS,
                    "at 60ms n1 Bind orders logs error\nat 200ms n1 Delete orders\nat 300ms n1 Publish error to logs",
                ],
                (4, 250_000),
                &["Routed n1.1 error to nobody", "Unroutable n1.1"],
                QUEUES,
            ),
        ],
    );
}

#[test]
fn a7_14_exclusive_and_auto_delete() {
    let locked: &[&str] = &["Closed the channel of n9 405 RESOURCE_LOCKED"];
    let gone: &[&str] = &["Deleted mine"];
    let both = "at 50ms n8 Consume tasks\nat 51ms n9 Consume tasks";
    let one = "at 50ms n8 Consume tasks";
    hold(
        "A7.14",
        &[
            (
                "exclusive: another client declares it",
                &[MINE, "at 50ms n9 Declare mine exclusive"],
                (3, 50_000),
                locked,
                QUEUES,
            ),
            (
                "exclusive: another client consumes it",
                &[MINE, "at 50ms n9 Consume mine"],
                (3, 50_000),
                locked,
                QUEUES,
            ),
            (
                "exclusive: another client deletes it",
                &[MINE, "at 50ms n9 Delete mine"],
                (3, 50_000),
                locked,
                QUEUES,
            ),
            (
                "exclusive: another client publishes to it",
                &[MINE, "at 50ms n1 Publish mine"],
                (5, 50_000),
                &["Queued 1 n1.1"],
                QUEUES,
            ),
            (
                "exclusive: its client opens another connection",
                &[MINE, "at 50ms n8 Reconnect"],
                (3, 50_000),
                gone,
                QUEUES,
            ),
            (
                "exclusive: its client crashes and comes back",
                &[MINE, "at 50ms crash n8\nat 80ms restart n8"],
                (3, 50_000),
                gone,
                QUEUES,
            ),
            (
                "auto-delete: no consumer has come",
                &[TASKS, "at 50ms n1 Publish tasks"],
                (5, 0),
                &["Queued 1 n1.1"],
                QUEUES,
            ),
            (
                "auto-delete: one of two consumers cancels",
                &[TASKS, both, "at 150ms n8 Cancel"],
                (5, 0),
                &[],
                QUEUES,
            ),
            (
                "auto-delete: the last consumer cancels",
                &[TASKS, both, "at 150ms n8 Cancel\nat 200ms n9 Cancel"],
                (5, 0),
                &["AutoDeleted tasks"],
                QUEUES,
            ),
            (
                "auto-delete: the last consumer closes its channel",
                &[TASKS, one, "at 150ms n8 Close"],
                (5, 0),
                &["AutoDeleted tasks"],
                QUEUES,
            ),
            (
                "auto-delete: the connection of the last consumer ends",
                &[TASKS, one, "at 150ms n8 Reconnect"],
                (5, 0),
                &["AutoDeleted tasks"],
                QUEUES,
            ),
            (
                "auto-delete: n3 hears of it",
                &[TASKS, one, "at 150ms n8 Close"],
                (3, 150_000),
                &["Deleted tasks"],
                QUEUES,
            ),
        ],
    );
}

/// The limit, the messages and the end of a channel are its own.
#[test]
fn a7_15_channels_of_one_client() {
    let declared = "at 20ms n1 Declare orders\nat 21ms n1 Declare tasks\nset work 500ms\n\
                    at 50ms n8 Consume orders prefetch 1\nat 51ms n8 Consume tasks\n\
                    at 100ms n1 Publish orders\nat 101ms n1 Publish orders\n\
                    at 102ms n1 Publish tasks\nat 103ms n1 Publish tasks\nuntil 400ms";
    let first: &[&str] = &["Queued 1 n1.1", "Handed 1 to n8", "Queued 2 n1.2"];
    let back: &[&str] = &["Requeued 1", "Requeued 2"];
    hold(
        "A7.15",
        &[
            ("a channel with a prefetch limit of 1", &[declared], (5, 0), first, PREFETCH),
            (
                "one channel closes: its queue",
                &[declared, "at 200ms n8 Close tasks"],
                (6, 200_000),
                back,
                CHANNELS,
            ),
            (
                "one channel closes: the queue of the other",
                &[declared, "at 200ms n8 Close tasks"],
                (5, 200_000),
                &[],
                CHANNELS,
            ),
            (
                "one channel is refused: the queue of the other",
                &[declared, "at 200ms n8 Declare orders ttl 5s\nat 201ms n8 Consume logs"],
                (5, 200_000),
                &[],
                CHANNELS,
            ),
            (
                "the connection ends: the queue of the first channel",
                &[declared, "at 200ms n8 Reconnect"],
                (5, 200_000),
                &["Requeued 1"],
                CONSUMERS,
            ),
            (
                "the connection ends: the queue of the second",
                &[declared, "at 200ms n8 Reconnect"],
                (6, 200_000),
                back,
                CONSUMERS,
            ),
        ],
    );
    let deleted = run("declared", &format!("{declared}\nat 200ms n1 Delete orders\nuntil 900ms"));
    assert_eq!(told(&deleted, "Processed").iter().map(|it| it.2.as_str()).collect::<Vec<_>>(), ["n1.3"]);
    let what = "the queue of one channel is deleted: what is processed in 900 ms";
    state("A7.15", what, CANCEL, "n1.3", told(&deleted, "Processed")[0].2.clone());
}

/// A queue in which rejected messages wait, made of declarations only.
#[test]
fn a_retry_queue_can_be_declared() {
    let more = "at 20ms n1 Declare orders dead waits\nat 21ms n1 Declare waits ttl 100ms dead orders\n\
                at 50ms n8 Consume orders\nat 51ms n8 Answer reject\nat 100ms n1 Publish orders\nat 300ms n8 Answer ack";
    let run = run("declared", more);
    assert_eq!(queues(&run, "n1.1"), [5, 5, 6]);
    assert_eq!(told(&run, "Acked").len(), 1);
}

/// A place that was down learns what it is from the first message for it, and forgets a deleted queue when it
/// is back.
#[test]
fn a_place_that_was_down_catches_up() {
    let late =
        run("declared", &format!("at 10ms crash n5\n{ORDERS}at 50ms restart n5\nat 100ms n1 Publish orders"));
    assert_eq!(fate(&late, 5, 0), ["Queued 1 n1.1"]);
    let more = "at 50ms n1 Publish orders\nat 100ms crash n5\nat 110ms n1 Delete orders\nat 200ms restart n5";
    let deleted = run("declared", &format!("{ORDERS}{more}"));
    assert_eq!(fate(&deleted, 5, 0), ["Queued 1 n1.1", "Dropped 1 n1.1 deleted"]);
    // n4 was down while it became an exchange, and the client hears when it knows.
    let more = "at 10ms crash n4\nat 20ms n1 Declare logs direct\nat 300ms restart n4\nat 600ms n1 Publish error to logs";
    assert_eq!(fate(&run("declared", more), 4, 0), ["Routed n1.1 error to nobody", "Unroutable n1.1"]);
}

/// A fourth queue finds no place, and a place is used again once its queue is deleted.
#[test]
fn there_are_three_places() {
    let three = "at 20ms n1 Declare one\nat 30ms n1 Declare two\nat 40ms n1 Declare three\n";
    let full = run("declared", &format!("{three}at 50ms n1 Declare four"));
    assert_eq!(fate(&full, 3, 55_000), ["Closed the channel of n1 506 RESOURCE_ERROR"]);
    let again = run(
        "declared",
        &format!("{three}at 50ms n1 Delete two\nat 80ms n1 Declare four\nat 150ms n1 Publish four"),
    );
    assert_eq!(queues(&again, "n1.1"), [6]);
}

/// In a fixed topology no client declares anything, and nothing comes of it.
#[test]
fn a_fixed_topology_stays_as_it_is() {
    let asked = "at 20ms n1 Declare orders\nat 30ms n8 Declare mine exclusive\nat 40ms n9 Delete orders\n\
                 at 50ms n8 Reconnect\nat 60ms n9 Consume orders\nat 100ms n1 Publish info";
    assert_eq!(fate(&run("direct", asked), 6, 0), ["Queued 1 n1.1", "Handed 1 to n9", "Acked 1"]);
    assert!(fate(&run("direct", asked), 3, 0).iter().all(|words| !words.contains("Declare")));
}
