//! Two-phase commit's title page: what it is, what may be set, its wrong twins, the runs that come with it.

use super::{Message, Params, TwoPhase, VARIANTS};
use crate::{Decision, Record, blocking, claims};
use faultline_core::property::Property;
use faultline_core::protocol::{
    Assumptions, Bug, Failures, Info, Kind, Layout, Links, LogWords, Panel, Parameter, Preset, Protocol,
    Step, Timing, Unit, presets,
};

impl Protocol for TwoPhase {
    const INFO: Info = Info {
        slug: "two-phase-commit",
        title: "Two-phase commit",
        aka: "2pc xa atomic commit transaction",
        family: "Commit and consensus",
        source: "Jim Gray: Notes on Data Base Operating Systems, 1978; Philip Bernstein, Vassos Hadzilacos and Nathan \
                 Goodman: Concurrency Control and Recovery in Database Systems (BHG), 1987, chapter 7; C. Mohan, Bruce \
                 Lindsay and Ron Obermarck: Transaction Management in the R* Distributed Database Management System \
                 (R*), ACM TODS 11(4), 1986",
        idea: "A coordinator asks every participant for a vote and tells them what came of it. Who has voted yes is \
               bound and must wait for the answer, through any crash, and that is where the protocol blocks.",
        left_out: "The work before the vote, trees of coordinators, the coordinator's own data, the time that a disk \
                   takes, shrinking the logs, and forgetting at participants; who has not voted yet is silent when another \
                   participant asks, where the book lets it abort.",
        assumptions: Assumptions {
            links: Links::AtMostOnce,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (4, 2, 21),
        until: 1_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        panels: &[Panel::Logs],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "Prepare", letter: 'P', reply: false },
        Kind { name: "Vote", letter: 'V', reply: true },
        Kind { name: "Commit", letter: 'C', reply: false },
        Kind { name: "Abort", letter: 'A', reply: false },
        Kind { name: "Ack", letter: 'a', reply: true },
        Kind { name: "Inquire", letter: '?', reply: false },
    ];

    const LOG_WORDS: LogWords = LogWords { number: "transaction", settled: "on disk", marks: &[] };
    const PRESETS: &'static [Preset] = presets!(
        "two-phase-commit",
        [
            "first-steps",
            "default",
            "blocking",
            "cooperative",
            "presumed-abort",
            "presumed-commit",
            "votes-unforced",
            "decides-unforced",
            "aborts-uncertain",
            "commits-forgotten",
            "reuses-numbers"
        ]
    );

    const PARAMETERS: &'static [Parameter<Params>] = &[
        Parameter {
            name: "variant",
            sentence: "What is presumed of a transaction that the coordinator has no record of, and so need not \
                           be forced or acknowledged.",
            unit: Unit::Choice(VARIANTS),
            bounds: (0, 2),
            field: |it| &mut it.variant,
        },
        Parameter {
            name: "timeout",
            sentence: "How long a node waits for a vote, a decision or an acknowledgement before it acts.",
            unit: Unit::Time,
            bounds: (1_000, 60_000_000),
            field: |it| &mut it.timeout,
        },
        Parameter {
            name: "cooperative",
            sentence: "An uncertain participant asks everybody, not only the coordinator.",
            unit: Unit::Switch,
            bounds: (0, 1),
            field: |it| &mut it.cooperative,
        },
    ];

    const ALSO_CALLED: &'static str = "2pc atomic transaction";

    const BUGS: &'static [Bug<Params>] = &[
        Bug::new("votes-unforced", "A participant votes yes before its prepare record is on disk.", |it| {
            &mut it.bugs.votes_unforced
        }),
        Bug::new(
            "decides-unforced",
            "The coordinator tells its decision before the record is on disk.",
            |it| &mut it.bugs.decides_unforced,
        ),
        Bug::new(
            "aborts-uncertain",
            "A participant that waits too long for the decision aborts, though it voted yes.",
            |it| &mut it.bugs.aborts_uncertain,
        ),
        Bug::new(
            "commits-forgotten",
            "Asked about a transaction that it has no record of, the coordinator always answers commit.",
            |it| &mut it.bugs.commits_forgotten,
        ),
        Bug::new(
            "reuses-numbers",
            "After a crash the coordinator numbers on from its log, where not every transaction left a record.",
            |it| &mut it.bugs.reuses_numbers,
        ),
    ];

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&claims(), &[blocking()]];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        match message {
            Message::Prepare(_) => 0,
            Message::Vote(..) => 1,
            Message::Decide(_, Decision::Commit) => 2,
            Message::Decide(_, Decision::Abort) => 3,
            Message::Ack(_) => 4,
            Message::Inquire(_) => 5,
        }
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
