//! What the literature says of load-balancing, and what came out here.

use faultline_core::trace::What;
use faultline_tests::{fact, play};

const BOOK: &str = "Cachin, Guerraoui & Rodrigues 2011, §2.4";

/// Nothing is lost: a greeting and an answer for each of the others.
#[test]
fn a_greeting_takes_two_messages_a_node() {
    for nodes in [2, 3, 7] {
        let run = play(&format!(
            "faultline 2\nprotocol load-balancing\nnodes {nodes}\nlatency 10ms\nuntil 90ms\nat 10ms n1 Greet\n"
        ));
        let delivered = run.records().iter().filter(|record| record.what == What::Deliver).count();
        assert_eq!(delivered, 2 * (nodes - 1));
        fact("Z0", &format!("messages of a greeting among {nodes}"), BOOK, 2 * (nodes - 1), delivered);
    }
}
