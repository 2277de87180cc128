//! Competing consumers: one queue, three consumers, every third task heavy (`RabbitMQ`'s tutorial on work queues).

use super::{preset, run, state, told};
use faultline_core::sim::Run;

const TUTORIAL: &str = "RabbitMQ tutorial 2, work queues";

/// How many tasks each of the three consumers has done, and when the last was done, in milliseconds after the first was
/// published.
fn shares(run: &Run) -> ([usize; 3], u64) {
    let done = told(run, "Processed");
    let last = done.iter().map(|it| it.0).max().map_or(0, |last| last / 1_000 - 50);
    ([8, 9, 10].map(|node| done.iter().filter(|it| it.1 == node).count()), last)
}

/// Without a limit, each consumer gets as many messages as another, whatever the work; with a limit of one, whoever is
/// free gets the next.
#[test]
fn a7_10_fair_dispatch() {
    let (even, fair) = (shares(&preset("round-robin", "")), shares(&preset("fair-dispatch", "")));
    assert_eq!(even.0, [3, 3, 3]);
    assert_eq!((even.1, fair.1), (930, 452));
    // Nobody does a second task while it is at work on a heavy one.
    assert_eq!(fair.0.iter().sum::<usize>(), 9);
    state("A7.10", "tasks of each consumer without a prefetch limit", TUTORIAL, "3, 3, 3", text(even.0));
    // 900 ms of work and 30 ms on the way; then, three heavy tasks at once but for the way to get them.
    state(
        "A7.10",
        "nine tasks without a prefetch limit take",
        "computed",
        "930 ms",
        format!("{} ms", even.1),
    );
    state(
        "A7.10",
        "nine tasks with a prefetch limit of 1 take",
        "computed",
        "452 ms",
        format!("{} ms", fair.1),
    );
}

fn text(shares: [usize; 3]) -> String {
    shares.map(|it| it.to_string()).join(", ")
}

/// Where consumers share a queue, random requests ask for all that clients can do with it.
#[test]
fn random_requests_close_cancel_and_return() {
    let all = ["sends Close to n5", "sends Cancel to n5", "requeue to n5", "expired", "tells Returned"];
    let runs =
        (1..=20).map(|seed| run("work-queue", &format!("ask 50ms\nseed {seed}\nuntil 4s")).transcript());
    let said: Vec<String> = runs.collect();
    for words in all {
        assert!(said.iter().any(|run| run.contains(words)), "{words}");
    }
}
