//! A queue in which rejected messages wait for their next attempt (`RabbitMQ`: time to live, dead letter
//! exchanges).

use super::{fate, preset, queues, run, state, told};

const DEAD: &str = "RabbitMQ 4.1, Dead Letter Exchanges";

/// What is rejected comes back after its wait, each time; what expires on every way round does not.
#[test]
fn a7_12_a_rejected_message_waits_and_comes_back() {
    let run = preset("retry", "");
    let at = |node: u32, fact: &str, name: &str| -> Vec<u64> {
        let all = told(&run, fact).into_iter();
        all.filter(|(_, who, words)| *who == node && words.contains(name)).map(|(time, ..)| time).collect()
    };
    let (rejected, came) = (at(5, "DeadLettered", "n1.1 rejected"), at(5, "Queued", "n1.1"));
    assert_eq!((rejected.len(), came.len()), (2, 3));
    let waits: Vec<u64> = rejected.iter().zip(&came[1..]).map(|(from, to)| (to - from) / 1_000).collect();
    // To n4 and n7, 100 ms there, then to n3 and n5; each message takes 10 ms.
    assert_eq!(waits, [140, 140]);
    state(
        "A7.12",
        "from a rejection to the next attempt, 100 ms to wait",
        "computed",
        "140 ms",
        format!("{} ms", waits[0]),
    );
    let times = |name: &str| queues(&run, name).into_iter().filter(|queue| *queue == 5).count();
    assert_eq!(times("n1.2"), 1);
    state("A7.12", "times in n5, rejected twice and then acknowledged", DEAD, 3, times("n1.1"));
    state("A7.12", "times in n5, expired in n5 and in n7", DEAD, 1, times("n1.2"));
}

/// The wait is the queue's: without a number it is 100 ms, and the other queues have no limit.
#[test]
fn only_the_waiting_queue_has_a_time_to_live() {
    for (set, waited) in [("", 100), ("set queue-ttl 300ms", 300)] {
        let more = format!("{set}\nat 5ms n8 Answer reject\nat 50ms n1 Publish work\nuntil 450ms");
        let rejected = run("retry", &more);
        let told = told(&rejected, "DeadLettered 1 n1.1 expired");
        // Queued in n7 at 130 ms.
        assert_eq!(told.first().map(|it| (it.0, it.1)), Some((130_000 + waited * 1_000, 7)), "{set}");
        let waits = run("retry", &format!("{set}\nat 5ms n8 Cancel\nat 50ms n1 Publish work"));
        assert_eq!(fate(&waits, 5, 0), ["Queued 1 n1.1"], "{set}");
    }
}
