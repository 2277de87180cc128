//! The title page of quorums: what they are, what may be set, the wrong twins, the curve, the runs that come with them.

use super::claims::{CLAIMS, Record};
use super::{Message, Params, Quorum, VERSIONS};
use faultline_core::history::{KeyValue, Of};
use faultline_core::property::Property;
use faultline_core::protocol::{
    Assumptions, Bug, Chart, Failures, Info, Kind, Layout, Links, Panel, Parameter, Plot, Preset, Protocol,
    Step, Timing, Vetted, presets,
};
use faultline_core::time::Micros;

impl Protocol for Quorum {
    const INFO: Info = Info {
        slug: "quorum-kv",
        title: "Quorums without a leader",
        aka: "dynamo cassandra riak nwr eventual consistency key-value store",
        family: "Replication",
        source: "David Gifford: Weighted Voting for Replicated Data, SOSP 1979; Giuseppe DeCandia et al.: Dynamo: \
                 Amazon's Highly Available Key-value Store, SOSP 2007; Peter Bailis et al.: Probabilistically Bounded \
                 Staleness for Practical Partial Quorums, VLDB 2012",
        idea: "A write is done when W of a key's N replicas have taken it, a read when R have answered. If R + W > N \
               they meet, and a read hears of every write done before it; that is less than linearizable. Repair, hints and \
               hash trees bring the rest up to date, and versions tell what is newer from what is a conflict.",
        left_out: "Virtual nodes, members that come and go, a failure detector, vector clocks cut short, conflicts merged by \
                   the store, and coordination by replicas: the client's library coordinates.",
        assumptions: Assumptions {
            links: Links::FairLoss,
            failures: Failures::CrashRecovery,
            timing: Timing::Asynchronous,
        },
        nodes: (8, 2, 64),
        until: 3_000_000,
        latency: (5_000, 15_000),
        ask: 60_000,
        layout: Layout::Tiers,
        panels: &[Panel::Table, Panel::History, Panel::Charts],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "Put", letter: 'P', reply: false },
        Kind { name: "Stored", letter: 'P', reply: true },
        Kind { name: "Get", letter: 'G', reply: false },
        Kind { name: "Held", letter: 'G', reply: true },
        Kind { name: "Repair", letter: 'R', reply: false },
        Kind { name: "Handoff", letter: 'H', reply: false },
        Kind { name: "HandedOff", letter: 'H', reply: true },
        Kind { name: "Compare", letter: 'C', reply: false },
        Kind { name: "Exchange", letter: 'X', reply: false },
    ];

    const PRESETS: &'static [Preset] = presets!(
        "quorum-kv",
        [
            "first-steps",
            "not-linearizable",
            "sloppy",
            "hinted-handoff",
            "strict",
            "siblings",
            "zombie",
            "anti-entropy",
            "timestamps",
            "repair-overwrites",
            "counts-hints",
            "wall-clock",
            "no-tombstone",
            "drops-siblings",
            "unordered-tree"
        ]
    );

    const PARAMETERS: &'static [Parameter<Params>] = &[
        Parameter::count(
            "clients",
            "How many of the nodes are clients; the others, at least one, are replicas.",
            (1, 9),
            |it| &mut it.clients,
        ),
        Parameter::count("n", "N: how many homes a key has, at most all replicas.", (1, 9), |it| &mut it.n),
        Parameter::count("r", "R: how many must answer a read, at most N.", (1, 9), |it| &mut it.r),
        Parameter::count("w", "W: how many must take a write, at most N.", (1, 9), |it| &mut it.w),
        Parameter::switch(
            "sloppy",
            "Where homes do not answer, the next replicas of the ring stand in for them.",
            |it| &mut it.sloppy,
        ),
        Parameter::choice(
            "versions",
            "Whether versions that do not know each other are both kept, or the later clock wins.",
            VERSIONS,
            |it| &mut it.versions,
        ),
        Parameter::switch(
            "repair",
            "Who has read tells what is newer to the homes whose answer was older.",
            |it| &mut it.repair,
        ),
        Parameter::time(
            "handoff",
            "How often a stand-in tries to hand over what it keeps; 0 is never.",
            (0, 3_600_000_000),
            |it| &mut it.handoff,
        ),
        Parameter::time(
            "anti-entropy",
            "How often a replica compares hash trees with another, drawn at random; 0 is never.",
            (0, 3_600_000_000),
            |it| &mut it.anti_entropy,
        ),
        Parameter::count("depth", "A hash tree has 2 to the power of this many leaves.", (0, 10), |it| {
            &mut it.depth
        }),
        Parameter::time(
            "timeout",
            "How long a client waits before it asks again; at the third time it gives up.",
            (1_000, 60_000_000),
            |it| &mut it.timeout,
        ),
        Parameter::time(
            "gc-grace",
            "How long a tombstone is kept, by the replica's clock. Longer than any replica is away.",
            (1_000, 864_000_000_000),
            |it| &mut it.gc_grace,
        ),
        Parameter::count("keys", "How many keys the workload uses.", (1, 26), |it| &mut it.keys),
    ];

    const SEEDS: &'static [Vetted] = &[
        Vetted { seed: 5, sentence: "Two replicas compare their trees, and find where they differ." },
        Vetted { seed: 128, sentence: "No two writes meet: no read returns siblings." },
    ];

    const ALSO_CALLED: &'static str = "dynamo leaderless nwr";

    const BUGS: &'static [Bug<Params>] = &[
        Bug::new(
            "repair-overwrites",
            "A home takes a repair as it is, though it has heard of something newer since.",
            |it| &mut it.bugs.repair_overwrites,
        ),
        Bug::with(
            "counts-hints",
            "Though quorums are strict, a write asks stand-ins too, and counts their hints in W.",
            &["set sloppy off", "set anti-entropy 0s"],
            |it| &mut it.bugs.counts_hints,
        ),
        Bug::new("wall-clock", "A write is numbered by its client's clock, not by a counter.", |it| {
            &mut it.bugs.wall_clock
        }),
        Bug::new("no-tombstone", "A deletion removes the value and leaves nothing behind.", |it| {
            &mut it.bugs.no_tombstone
        }),
        Bug::new(
            "drops-siblings",
            "Of versions that do not know each other a replica keeps the last to come.",
            |it| &mut it.bugs.drops_siblings,
        ),
        Bug::new(
            "unordered-tree",
            "The hash of a leaf is made over its keys in the order in which they came.",
            |it| &mut it.bugs.unordered_tree,
        ),
    ];

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[CLAIMS];

    const CHARTS: &'static [Chart<Self>] = &[Chart {
        name: "Stale reads",
        sentence: "How many of a thousand reads missed a write that was done before they began, beside the odds if no \
                       write ever came beyond the W replicas that acknowledged it: C(N−W, R) / C(N, R) (Bailis et al. \
                       2012, §3.1).",
        axes: ("time, µs", "stale, ‰"),
        plot: Plot::OverTime(|scene| {
            (scene.record.stale * 1_000).checked_div(scene.record.reads).unwrap_or(0)
        }),
        theory: Some(odds),
    }];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        match message {
            Message::Put { .. } => 0,
            Message::Stored { .. } => 1,
            Message::Get { .. } => 2,
            Message::Held { .. } => 3,
            Message::Repair { .. } => 4,
            Message::Handoff { .. } => 5,
            Message::HandedOff { .. } => 6,
            Message::Compare { .. } => 7,
            Message::Exchange { .. } => 8,
        }
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }

    fn history(record: &Record) -> Option<&Of<KeyValue>> {
        Some(record.clients.history())
    }
}

/// How many of a thousand reads miss the latest write where it is at W random homes of N and R random ones are asked.
fn odds(params: &Params, _: usize, span: Micros) -> Vec<(u64, u64)> {
    let (n, r, w) = (params.n, params.r.min(params.n), params.w.min(params.n));
    // C(N−W, R) / C(N, R), a factor at a time.
    let missing = (0..r).map(|nth| (n - w).saturating_sub(nth)).product::<u64>();
    let all = (0..r).map(|nth| n - nth).product::<u64>();
    let share = 1_000 * missing / all;
    vec![(0, share), (span, share)]
}
