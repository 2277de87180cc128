//! AMQP's title page: what it is, what may be set, its wrong twins, the runs that come with it.

use super::claims::{CLAIMS, Record};
use super::{Amqp, Message, Params, TOPOLOGIES};
use faultline_core::property::Property;
use faultline_core::protocol::{
    Assumptions, Bug, Failures, Info, Kind, Layout, Links, Panel, Parameter, Preset, Protocol, Step, Timing,
    Unit, Vetted, presets,
};

impl Protocol for Amqp {
    const INFO: Info = Info {
        slug: "amqp",
        title: "AMQP exchanges and queues",
        aka: "rabbitmq message queue broker",
        family: "Messages and middleware",
        source: "Advanced Message Queuing Protocol, version 0-9-1, AMQP Working Group, 2008, §3.1; RabbitMQ's documentation \
                 of publisher confirms, alternate exchanges, dead letters, time to live and consistent hashing; John Lamping \
                 and Eric Veach: A Fast, Minimal Memory, Consistent Hash Algorithm, 2014",
        idea: "Publishers hand messages to exchanges, and bindings decide into which queues they go; a queue keeps what it \
               hands out until it is acknowledged. Bindings may be changed while messages flow.",
        left_out: "Declaring and deleting, channels, virtual hosts, users, frames, get, transactions, priorities, transient \
                   messages, headers beside the routing key, and another key for dead letters.",
        assumptions: Assumptions {
            links: Links::Fifo,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (10, 10, 10),
        until: 4_000_000,
        latency: (5_000, 15_000),
        ask: 700_000,
        layout: Layout::Tiers,
        panels: &[Panel::Lanes],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "Publish", letter: 'P', reply: false },
        Kind { name: "DeadLetter", letter: 'X', reply: false },
        Kind { name: "Enqueue", letter: 'E', reply: false },
        Kind { name: "Accepted", letter: 'e', reply: true },
        Kind { name: "Confirm", letter: 'c', reply: true },
        Kind { name: "Return", letter: 'r', reply: true },
        Kind { name: "Consume", letter: 'C', reply: false },
        Kind { name: "ConsumeOk", letter: 'o', reply: true },
        Kind { name: "Cancel", letter: 'Z', reply: false },
        Kind { name: "Deliver", letter: 'D', reply: false },
        Kind { name: "Ack", letter: 'a', reply: true },
        Kind { name: "Reject", letter: 'R', reply: true },
    ];

    const PRESETS: &'static [Preset] = presets!(
        "amqp",
        [
            "first-steps",
            "default",
            "topic",
            "silent-loss",
            "head-of-line",
            "poison",
            "died-before-ack",
            "alternate",
            "dead-letters",
            "circle",
            "hash",
            "headers",
            "bindings",
            "hash-needs-word",
            "dot-not-optional",
            "copies-per-binding",
            "always-alternate",
            "requeues-at-tail",
            "loses-key",
            "confirms-early",
            "ignores-prefetch",
            "forgets-redelivery",
            "keeps-unacked",
            "goes-in-circles"
        ]
    );

    const PARAMETERS: &'static [Parameter<Params>] = &[
        Parameter {
            name: "topology",
            sentence: "What sort of exchange n3 is, and what is bound where at first.",
            unit: Unit::Choice(TOPOLOGIES),
            bounds: (0, 8),
            field: |it| &mut it.topology,
        },
        Parameter {
            name: "prefetch",
            sentence: "The most messages that a consumer holds unacknowledged.",
            unit: Unit::Count,
            bounds: (1, 1_000),
            field: |it| &mut it.prefetch,
        },
        Parameter {
            name: "work",
            sentence: "How long a consumer works on a message.",
            unit: Unit::Time,
            bounds: (0, 3_600_000_000),
            field: |it| &mut it.work,
        },
        Parameter {
            name: "ack-timeout",
            sentence: "How long a queue waits for an acknowledgement before it takes back what a consumer has.",
            unit: Unit::Time,
            bounds: (1_000, 3_600_000_000),
            field: |it| &mut it.ack_timeout,
        },
        Parameter {
            name: "max-length",
            sentence: "The most messages that are ready in a queue, of which the oldest dies when one more comes; 0 is \
                           any number.",
            unit: Unit::Count,
            bounds: (0, 1_000_000),
            field: |it| &mut it.max_length,
        },
        Parameter {
            name: "delivery-limit",
            sentence: "How often a message may be given back before it dies; 0 is for ever.",
            unit: Unit::Count,
            bounds: (0, 1_000),
            field: |it| &mut it.delivery_limit,
        },
    ];

    const SEEDS: &'static [Vetted] = &[
        Vetted { seed: 4, sentence: "No queue wants a message, and it is lost without a word." },
        Vetted { seed: 26, sentence: "A queue is bound, and unbound again." },
        Vetted { seed: 35, sentence: "A consumer rejects a message, which leaves its queue." },
    ];

    const ALSO_CALLED: &'static str = "rabbitmq message broker queue";

    const BUGS: &'static [Bug<Params>] = &[
        Bug::new("hash-needs-word", "A `#` stands for one word or more, not for none.", |it| {
            &mut it.bugs.hash_needs_word
        }),
        Bug::new(
            "dot-not-optional",
            "A `#` beside a dot stands for one word or more, as the dot is taken for a must.",
            |it| &mut it.bugs.dot_not_optional,
        ),
        Bug::new("copies-per-binding", "An exchange sends a copy for every binding that matches.", |it| {
            &mut it.bugs.copies_per_binding
        }),
        Bug::with(
            "always-alternate",
            "The alternate exchange gets everything, not only what matches nothing.",
            &["set topology alternate"],
            |it| &mut it.bugs.always_alternate,
        ),
        Bug::with(
            "requeues-at-tail",
            "What is given back goes to the tail of the queue.",
            &["set topology fanout", "set work 2s", "ask 50ms"],
            |it| &mut it.bugs.requeues_at_tail,
        ),
        Bug::with(
            "loses-key",
            "A dead letter goes on without its routing key.",
            &["set topology dead-letter"],
            |it| &mut it.bugs.loses_key,
        ),
        Bug::new(
            "confirms-early",
            "An exchange confirms what it has sent to the queues, and does not wait for them.",
            |it| &mut it.bugs.confirms_early,
        ),
        Bug::with(
            "ignores-prefetch",
            "A queue hands out all that it has.",
            &["set topology fanout", "set prefetch 1", "ask 50ms"],
            |it| &mut it.bugs.ignores_prefetch,
        ),
        Bug::new("forgets-redelivery", "What is handed out again does not say so.", |it| {
            &mut it.bugs.forgets_redelivery
        }),
        Bug::new("keeps-unacked", "What a consumer has is not taken back when it is gone.", |it| {
            &mut it.bugs.keeps_unacked
        }),
        Bug::with(
            "goes-in-circles",
            "Dead letters go to where they died, whatever they died of.",
            &["set topology cycle", "set max-length 1", "ask 50ms"],
            |it| &mut it.bugs.goes_in_circles,
        ),
    ];

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        match message {
            Message::Publish(letter) => usize::from(!letter.deaths.is_empty()),
            Message::Enqueue(_) => 2,
            Message::Accepted(_) => 3,
            Message::Confirm(_) => 4,
            Message::Return(_) => 5,
            Message::Consume => 6,
            Message::ConsumeOk => 7,
            Message::Cancel => 8,
            Message::Deliver { .. } => 9,
            Message::Ack(_) => 10,
            Message::Reject { .. } => 11,
        }
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
