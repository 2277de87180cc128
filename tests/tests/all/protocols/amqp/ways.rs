//! The ways of a message through several exchanges, of which one may be the alternate of another.

use super::{queues, run, told};
use faultline_core::sim::Run;

/// What was told `n1.1` is told so often.
fn times(run: &Run, fact: &str) -> usize {
    told(run, fact).iter().filter(|(_, _, words)| words == "n1.1").count()
}

fn met(run: &Run) {
    for (expectation, met) in run.verify() {
        assert_eq!(met, Ok(()), "{expectation:?}");
    }
}

/// n4 is the alternate exchange of n3 and passes everything back to it. The way through both is one walk, on which no
/// exchange is met twice (`rabbit_exchange:route` of `RabbitMQ`).
#[test]
fn an_alternate_exchange_sends_nothing_back() {
    let back = "at 20ms n4 Bind n3\nat 50ms n1 Publish unknown mandatory\n";
    let expected = "expect holds one-copy\nexpect holds matching\nexpect holds alternate-last\n";
    let one = run("alternate", &format!("{back}{expected}"));
    met(&one);
    assert_eq!(queues(&one, "n1.1"), [7]);
    assert_eq!((times(&one, "Confirmed"), times(&one, "Returned")), (1, 0));
    let none = run("alternate", &format!("at 10ms n4 Unbind n7\n{back}{expected}"));
    met(&none);
    assert_eq!((queues(&none, "n1.1"), told(&none, "Routed").len()), (vec![], 2));
    assert_eq!((times(&none, "Confirmed"), times(&none, "Returned")), (1, 1));
}

/// An exchange that sends the same message twice breaks the claim of one copy, also where no other exchange has sent
/// it: to a queue, and where no queue is bound, to an exchange.
#[test]
fn one_copy_counts_what_the_same_exchange_has_sent() {
    for unbind in ["", "at 10ms n4 Unbind n7\n"] {
        let more = "at 20ms n4 Bind n3\nat 50ms n1 Publish unknown\nexpect violated one-copy\n";
        let round = run("alternate", &format!("twin copies-per-way\n{unbind}{more}"));
        met(&round);
        assert!(told(&round, "Routed").len() > 20);
    }
}
