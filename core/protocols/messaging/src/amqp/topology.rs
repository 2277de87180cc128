//! The ready-made topologies: the kinds of n3 and n4, the initial bindings, and example messages.

use faultline_core::prelude::*;

/// What n3 is, and what is bound where at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Topology {
    Default,
    Direct,
    Topic,
    Fanout,
    Headers,
    Hash,
    Alternate,
    DeadLetter,
    Cycle,
    WorkQueue,
    Parking,
    Chain,
    Retry,
    Declared,
}

/// Which queue a consumer consumes: each its own, but where several share one.
pub(super) fn consumed(topology: Topology, consumer: NodeId) -> NodeId {
    match topology {
        Topology::WorkQueue => NodeId(4),
        // Nobody consumes the queue in which messages wait for their next attempt.
        Topology::Retry if consumer.0 == 9 => NodeId(5),
        _ => NodeId(4 + (consumer.0 - 7) % 3),
    }
}

/// The kinds of exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words(kebab)]
pub enum Sort {
    /// The nameless one, to which every queue is bound by its name.
    Default,
    /// The key must be the binding's.
    Direct,
    /// The key must match the binding's pattern.
    Topic,
    /// Any key will do.
    Fanout,
    /// The headers must match the binding's.
    Headers,
    /// One of the queues, by a hash of the key; the binding's key is its weight.
    Hash,
}

/// What everything is at first.
pub(super) struct Plan {
    /// What n3 is and what n4 is.
    pub sorts: [Sort; 2],
    /// Whose, to which queue, and how.
    pub bindings: &'static [(u32, u32, &'static str)],
    /// Where n3 sends what matches none of its bindings.
    pub alternate: Option<NodeId>,
    /// Where n5 and n6 send their dead letters, and where n7 does.
    pub dead_letters: [Option<NodeId>; 2],
    /// What is published for example: routing keys, with what else is said of the message.
    pub keys: &'static [&'static str],
    /// Of an exchange, a binding for example.
    pub example: (u32, &'static str),
}

/// The first exchange, to which all publish, and which keeps the names where queues are declared.
pub(super) const FIRST: NodeId = NodeId(2);
/// The second exchange; the one that a client declares, where exchanges are declared.
pub(super) const SECOND: NodeId = NodeId(3);

/// The plan of a topology.
pub(super) fn plan(topology: Topology) -> Plan {
    use Sort::{Default, Direct, Fanout, Hash, Headers, Topic};
    let (sort, bindings, keys, example): (_, &'static [_], &'static [_], _) = match topology {
        Topology::Default => (Default, &[], &["n5", "n6", "n9"], (4, "n5")),
        Topology::Direct => {
            let bindings = &[(2, 4, "error"), (2, 5, "error"), (2, 5, "info")];
            (Direct, bindings, &["error", "info", "debug"], (6, "debug"))
        }
        Topology::Topic => {
            let bindings = &[(2, 4, "*.stock.#"), (2, 5, "eur.*"), (2, 5, "#.db"), (2, 6, "usd.#")];
            (Topic, bindings, &["usd.stock", "eur.stock.db", "stock.nasdaq"], (6, "#"))
        }
        Topology::Fanout => (Fanout, &[(2, 4, ""), (2, 5, "")], &["", "any"], (6, "")),
        Topology::Headers => {
            let bindings =
                &[(2, 4, "x-match=all,format=pdf,type=report"), (2, 5, "x-match=any,format=pdf,type=log")];
            (Headers, bindings, &["format=pdf,type=report", "format=zip,type=log", "format=zip"], (6, ""))
        }
        Topology::Hash => (Hash, &[(2, 4, "1"), (2, 5, "1")], &["anna", "bert", "cleo", "dora"], (6, "1")),
        Topology::Alternate => (Direct, &[(2, 4, "known"), (3, 6, "")], &["known", "unknown"], (5, "known")),
        Topology::DeadLetter => {
            (Direct, &[(2, 4, "work"), (2, 5, "more"), (3, 6, "")], &["work", "more"], (5, "work"))
        }
        Topology::Cycle => (Direct, &[(2, 4, "work"), (2, 5, "more")], &["work", "more"], (5, "work")),
        Topology::WorkQueue => {
            let bindings = &[(2, 4, "task"), (3, 6, "")];
            let keys = &["task", "task takes 100ms", "task transient", "task ttl 100ms", "other mandatory"];
            (Direct, bindings, keys, (5, "task"))
        }
        Topology::Parking => {
            (Direct, &[(2, 4, "work"), (2, 5, "more"), (3, 6, "dead")], &["work", "more"], (5, "work"))
        }
        Topology::Chain => {
            let bindings = &[(2, 4, "app.#"), (2, 3, "#.error"), (3, 4, ""), (3, 5, ""), (3, 6, "")];
            (Topic, bindings, &["app.error", "app.info", "db.error"], (6, "app.#"))
        }
        // Clients declare what they need.
        Topology::Declared => (Default, &[], &[], (4, "")),
        Topology::Retry => {
            (Direct, &[(2, 4, "work"), (2, 5, "more"), (3, 6, "")], &["work", "more"], (5, "work"))
        }
    };
    Plan {
        sorts: [
            sort,
            if matches!(topology, Topology::Parking | Topology::Declared) { Direct } else { Fanout },
        ],
        bindings,
        alternate: (topology == Topology::Alternate).then_some(SECOND),
        dead_letters: match topology {
            Topology::DeadLetter | Topology::WorkQueue | Topology::Parking => [Some(SECOND), None],
            Topology::Cycle => [Some(FIRST), None],
            Topology::Retry => [Some(SECOND), Some(FIRST)],
            _ => [None, None],
        },
        keys,
        example,
    }
}
