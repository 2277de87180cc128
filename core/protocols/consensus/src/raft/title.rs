//! Raft's title page: what it is, what may be set, its wrong twins, the runs that come with it.

use super::{Message, Params, Raft, Record, claims, gallery, params};
use faultline_core::property::Property;
use faultline_core::protocol::{
    Assumptions, Bug, Failures, Info, Kind, Layout, Links, LogWords, Panel, Parameter, Preset, Protocol,
    Step, Timing, Vetted,
};

impl Protocol for Raft {
    const INFO: Info = Info {
        slug: "raft",
        title: "Raft",
        aka: "replicated log state machine leader election etcd",
        family: "Commit and consensus",
        source: "Diego Ongaro and John Ousterhout: In Search of an Understandable Consensus Algorithm (extended \
                 version), USENIX ATC 2014; Diego Ongaro: Consensus: Bridging Theory and Practice (thesis), Stanford \
                 University, 2014",
        idea: "One node leads and decides what comes next in everybody's log; whoever wins a majority of votes leads a \
               term. What a majority holds survives every leader.",
        left_out: "Rounds of catching up before a server is added, snapshots in chunks, handing leadership over, and the \
                   clients' serial numbers.",
        assumptions: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::PartiallySynchronous,
        },
        nodes: (5, 1, 51),
        until: 3_000_000,
        latency: (5_000, 15_000),
        ask: 0,
        layout: Layout::Ring,
        panels: &[Panel::Logs, Panel::Blocks, Panel::Members, Panel::Table],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "RequestVote", letter: 'R', reply: false },
        Kind { name: "Vote", letter: 'V', reply: true },
        Kind { name: "Append", letter: 'A', reply: false },
        Kind { name: "Appended", letter: 'a', reply: true },
        Kind { name: "PreVote", letter: 'P', reply: false },
        Kind { name: "PreVoted", letter: 'p', reply: true },
        Kind { name: "InstallSnapshot", letter: 'S', reply: false },
    ];

    const LOG_WORDS: LogWords = LogWords {
        number: "term",
        settled: "known to be committed",
        marks: &[
            ("next index", "the next entry that the leader sends it"),
            ("match index", "the last entry that the leader knows it to hold"),
        ],
    };
    const PRESETS: &'static [Preset] = gallery::PRESETS;

    const PARAMETERS: &'static [Parameter<Params>] = params::PARAMETERS;
    const BUGS: &'static [Bug<Params>] = params::BUGS;

    const SEEDS: &'static [Vetted] = &[
        Vetted { seed: 121, sentence: "The votes of term 1 are split, and term 2 has the first leader." },
        Vetted { seed: 136, sentence: "Three stand in term 1, and the first of them wins all the same." },
        Vetted { seed: 153, sentence: "All five stand in term 1, and nobody gets a vote but their own." },
    ];

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[claims::ALL];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        match message {
            Message::RequestVote { .. } => 0,
            Message::Vote { .. } => 1,
            Message::Append { .. } => 2,
            Message::Appended { .. } => 3,
            Message::PreVote { .. } => 4,
            Message::PreVoted { .. } => 5,
            Message::InstallSnapshot { .. } => 6,
        }
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
