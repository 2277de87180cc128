//! Raft's title page: what it is, what may be set, its wrong twins, the runs that come with it.

use super::{Message, Params, Raft, Record, claims};
use crate::property::Property;
use crate::protocol::{
    Assumptions, Bug, Failures, Info, Kind, Layout, Links, Panel, Parameter, Preset, Protocol, Step, Timing,
    Unit,
};

impl Protocol for Raft {
    const INFO: Info = Info {
        slug: "raft",
        title: "Raft",
        family: "Commit and consensus",
        source: "Diego Ongaro and John Ousterhout: In Search of an Understandable Consensus Algorithm (extended \
                 version), USENIX ATC 2014",
        idea: "One node leads and decides what comes next in everybody's log; whoever wins a majority of votes leads a \
               term. What a majority holds survives every leader.",
        left_out: "Membership changes, snapshots, pre-vote, leases, and the clients' serial numbers.",
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
        panels: &[Panel::Logs, Panel::Table],
    };

    const KINDS: &'static [Kind] = &[
        Kind { name: "RequestVote", letter: 'R', reply: false },
        Kind { name: "Vote", letter: 'V', reply: true },
        Kind { name: "Append", letter: 'A', reply: false },
        Kind { name: "Appended", letter: 'a', reply: true },
    ];

    const PRESETS: &'static [Preset] = &[
        Preset { name: "first-steps", text: include_str!("../../../../scenarios/raft/first-steps.txt") },
        Preset { name: "figure-7", text: include_str!("../../../../scenarios/raft/figure-7.txt") },
        Preset { name: "figure-8", text: include_str!("../../../../scenarios/raft/figure-8.txt") },
        Preset {
            name: "figure-8-unsafe",
            text: include_str!("../../../../scenarios/raft/figure-8-unsafe.txt"),
        },
        Preset { name: "figure-8-e", text: include_str!("../../../../scenarios/raft/figure-8-e.txt") },
        Preset {
            name: "sleeping-leader",
            text: include_str!("../../../../scenarios/raft/sleeping-leader.txt"),
        },
        Preset { name: "held-votes", text: include_str!("../../../../scenarios/raft/held-votes.txt") },
        Preset { name: "forgets-vote", text: include_str!("../../../../scenarios/raft/forgets-vote.txt") },
        Preset {
            name: "votes-by-length",
            text: include_str!("../../../../scenarios/raft/votes-by-length.txt"),
        },
        Preset {
            name: "truncates-always",
            text: include_str!("../../../../scenarios/raft/truncates-always.txt"),
        },
        Preset {
            name: "matches-whole-log",
            text: include_str!("../../../../scenarios/raft/matches-whole-log.txt"),
        },
        Preset {
            name: "commits-unchecked",
            text: include_str!("../../../../scenarios/raft/commits-unchecked.txt"),
        },
        Preset { name: "skips-check", text: include_str!("../../../../scenarios/raft/skips-check.txt") },
        Preset {
            name: "replaces-old-entries",
            text: include_str!("../../../../scenarios/raft/replaces-old-entries.txt"),
        },
        Preset {
            name: "any-message-resets-timer",
            text: include_str!("../../../../scenarios/raft/any-message-resets-timer.txt"),
        },
    ];

    type Record = Record;

    fn kind(message: &Message) -> usize {
        match message {
            Message::RequestVote { .. } => 0,
            Message::Vote { .. } => 1,
            Message::Append { .. } => 2,
            Message::Appended { .. } => 3,
        }
    }

    fn parameters() -> Vec<Parameter<Params>> {
        let time = |name, sentence, field| Parameter {
            name,
            sentence,
            unit: Unit::Time,
            bounds: (1_000, 60_000_000),
            field,
        };
        vec![
            time("election-min", "The least time a follower waits for a leader.", |it| &mut it.election_min),
            time("election-max", "The greatest time a follower waits for a leader.", |it| {
                &mut it.election_max
            }),
            time("heartbeat", "The time between two heartbeats of a leader.", |it| &mut it.heartbeat),
            Parameter {
                name: "batch",
                sentence: "The most entries that one Append carries.",
                unit: Unit::Count,
                bounds: (1, 1_000),
                field: |it| &mut it.batch,
            },
            Parameter {
                name: "shortcut",
                sentence: "A refusal lets the leader go back a whole term at once.",
                unit: Unit::Switch,
                bounds: (0, 1),
                field: |it| &mut it.shortcut,
            },
        ]
    }

    fn bugs() -> Vec<Bug<Params>> {
        let bug = |name, sentence, switch| Bug { name, sentence, switch };
        vec![
            bug("forgets-vote", "A vote is not written to disk: after a crash a node votes again.", |it| {
                &mut it.bugs.forgets_vote
            }),
            bug(
                "counts-old-terms",
                "A leader commits an entry of an earlier term by counting its copies.",
                |it| &mut it.bugs.counts_old_terms,
            ),
            bug(
                "votes-by-length",
                "Votes go to the longer log, whatever the term of its last entry.",
                |it| &mut it.bugs.votes_by_length,
            ),
            bug("truncates-always", "A follower cuts its log at every Append, even one that is old.", |it| {
                &mut it.bugs.truncates_always
            }),
            bug(
                "matches-whole-log",
                "A follower reports its whole log as matching, not what was checked.",
                |it| &mut it.bugs.matches_whole_log,
            ),
            bug(
                "commits-unchecked",
                "A follower commits what the leader has, past what it was sent.",
                |it| &mut it.bugs.commits_unchecked,
            ),
            bug("skips-check", "A follower takes entries without comparing the one before them.", |it| {
                &mut it.bugs.skips_check
            }),
            bug(
                "replaces-old-entries",
                "A leader puts a new command in place of old entries not yet committed.",
                |it| &mut it.bugs.replaces_old_entries,
            ),
            bug(
                "any-message-resets-timer",
                "Any message postpones a follower's election, not only a leader's.",
                |it| &mut it.bugs.any_message_resets_timer,
            ),
        ]
    }

    fn properties() -> Vec<Property<Self>> {
        claims::all()
    }

    fn remember(record: &mut Record, step: &Step<'_, Self>) {
        record.remember(step);
    }
}
