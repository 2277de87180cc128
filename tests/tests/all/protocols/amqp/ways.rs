//! The ways of a message through several exchanges, of which one may be the alternate of another, and what is
//! said of its acceptance.

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

/// n4 is the alternate exchange of n3 and passes everything back to it. The way through both is one walk, on
/// which no exchange is met twice (`rabbit_exchange:route` of `RabbitMQ`).
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

/// An exchange that sends the same message twice breaks the claim of one copy, also where no other exchange
/// has sent it: to a queue, and where no queue is bound, to an exchange.
#[test]
fn one_copy_counts_what_the_same_exchange_has_sent() {
    for unbind in ["", "at 10ms n4 Unbind n7\n"] {
        let more = "at 20ms n4 Bind n3\nat 50ms n1 Publish unknown\nexpect violated one-copy\n";
        let round = run("alternate", &format!("twin copies-per-way\n{unbind}{more}"));
        met(&round);
        assert!(told(&round, "Routed").len() > 20);
    }
}

/// The log says of no message that it is on disk: a queue accepts a transient one without that, and an
/// exchange accepts one that no queue gets.
#[test]
fn an_acceptance_says_nothing_of_a_disk() {
    let transient = run("dead-letter", "at 5ms n8 Cancel\nat 50ms n1 Publish work transient");
    let nowhere = run(
        "chain",
        "at 5ms n4 Unbind n5\nat 5ms n4 Unbind n6\nat 5ms n4 Unbind n7\n\
        at 50ms n1 Publish db.error",
    );
    for (run, from) in [(&transient, "n5"), (&nowhere, "n4")] {
        let lines = run.lines(0, run.records().len());
        let said: Vec<&str> = lines.iter().map(|line| line.sentence.as_str()).collect();
        let accepted = format!("n3 receives the acceptance of n1.1 from {from}");
        assert!(said.iter().any(|sentence| sentence.starts_with(&accepted)), "{said:?}");
        assert!(!said.iter().any(|sentence| sentence.contains("on disk")), "{said:?}");
    }
}
