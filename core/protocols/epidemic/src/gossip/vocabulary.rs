//! What gossip can be set to, its wrong twins, and what nodes tell each other.

use crate::{Item, Key, Stamp};
use faultline_core::prelude::*;
use std::fmt::{self, Display};

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// Whether nodes spread a change only while it is hot, or compare their items for ever.
    pub style: Style,
    /// Whether a caller sends its item, asks for a newer one, or does both.
    pub direction: Direction,
    /// Only contacts with nodes that already knew count; otherwise every contact counts.
    #[setting(default = true)]
    pub feedback: bool,
    /// Whether a node loses interest at the k-th contact that counts, or at each with probability 1/k.
    pub stop: Stop,
    /// The patience of a node: the counter's limit, or one over the coin's probability.
    #[setting(default = 2, bounds = 1..=20)]
    pub k: u64,
    /// When it is judged whether a node already knew: at the call's arrival, or at the beginning of its
    /// cycle.
    pub judged: Judged,
    /// A contact that was needed resets the counter to zero.
    pub resets: bool,
    /// How partners are drawn: uniformly, or by distance, with n1 and n2 close together and all others far
    /// away.
    pub partners: Partners,
    /// The length of a cycle. It must be longer than a call and its answer, or cycles get out of step.
    #[setting(default = 1s, bounds = 1ms..=3600s)]
    pub cycle: Micros,
    /// How many items there are. With several, a request names its item: `Update b 7`.
    #[setting(default = 1, bounds = 1..=26)]
    pub items: u64,
    /// Rumours are backed by anti-entropy: each node compares all its items with those of one other once in
    /// this time; 0 is never.
    #[setting(default = 0s, bounds = 0s..=3600s)]
    pub backup: Micros,
    /// How two nodes compare all their items: at once, or only if their checksums differ, or only if these
    /// still differ after both have sent their recent changes.
    pub compare: Comparison,
    /// How long a change is recent.
    #[setting(default = 10s, bounds = 1ms..=3600s)]
    pub recent: Micros,
    /// How long each node keeps a death certificate; 0 is for ever. It must be longer than a change takes to
    /// reach all nodes, and than the clocks of two nodes may differ.
    #[setting(default = 0s, bounds = 0s..=3600s)]
    pub certificates: Micros,
    /// How many nodes keep a death certificate after that time, dormant: the deleting node and those that
    /// follow it in number.
    #[setting(default = 2, bounds = 0..=64)]
    pub retention: u64,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How long a change is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Style {
    Rumour,
    AntiEntropy,
}

/// The direction of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Direction {
    Push,
    Pull,
    PushPull,
}

/// How interest is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Stop {
    Counter,
    Coin,
}

/// When it is judged whether the other knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Judged {
    OnContact,
    AtCycleStart,
}

/// How partners are drawn: uniformly, or as in the paper's §3.2 with n1 and n2 close together and all others
/// far away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Partners {
    Uniform,
    TwoSiteHub,
}

/// How two nodes compare all their items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Comparison {
    Whole,
    Checksums,
    Recent,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A deletion removes the item without leaving a death certificate.
    pub no_certificate: bool,
    /// Every tenth cycle, each node discards its death certificate.
    pub drops_certificates: bool,
    /// A node stamps a change with the time since it booted, and does not keep its latest stamp on disk.
    pub wall_clock: bool,
    /// A node draws its partner among all nodes, itself included.
    pub picks_itself: bool,
    /// An answer that arrives twice counts as two contacts.
    pub counts_twice: bool,
    /// A node that is asked for changes newer than a stamp takes the question itself for news.
    #[twin(shows_with = ["set style anti-entropy", "set direction pull"])]
    pub pull_as_push: bool,
    /// A dormant death certificate does not awaken when an older copy of its item comes.
    #[twin(shows_with = ["set style anti-entropy", "set direction push-pull", "set certificates 8s"])]
    pub sleeps_on: bool,
    /// A death certificate that awakens gets a new stamp, so it deletes newer values, too.
    #[twin(shows_with = ["set style anti-entropy", "set direction push-pull", "set certificates 8s"])]
    pub restamps: bool,
    /// A checksum covers the values of items, but not their stamps.
    #[twin(shows_with = ["set style anti-entropy", "set direction push-pull", "set compare checksums"])]
    pub sums_values: bool,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A call: what the caller holds.
    Push(Item),
    /// A call: the caller asks for what is newer than this.
    Pull(Key, Stamp),
    /// The answer to a call: something newer.
    Reply(Item),
    /// The answer to a push, where interest depends on it: whether it was needed.
    Feedback(Key, bool),
    /// A call: the checksum of all that the caller holds, and its recent changes.
    Check(u32, Vec<Item>),
    /// The answer where there is a difference: the same of the other node.
    Checked(u32, Vec<Item>),
    /// One of all items that the caller holds, or what it lacks.
    Offer(Item),
}

kinds! { Message {
    Push 'P': Self::Push(item) => "{item}" as ("{}", brought(item)),
    Pull '?': Self::Pull(key, stamp) => ("{}after {stamp}", name(*key)) as ("a request for a newer item{key}"),
    Reply 'R' reply: Self::Reply(item) => "{item}" as ("a reply with {}", brought(item)),
    Feedback 'f' reply: Self::Feedback(key, needed) => ("{}{}", name(*key), if *needed { "needed" } else { "known" })
        as ("the feedback “{}”{key}", if *needed { "needed" } else { "known" }),
    Recent 'L': Self::Check(sum, recent) if !recent.is_empty() => ("{sum:08x} after {}", listed(recent))
        as ("the recent changes {} and a checksum", listed(recent)),
    Check 'C': Self::Check(sum, _) => "{sum:08x}" as "a checksum",
    News 'l' reply: Self::Checked(sum, recent) if !recent.is_empty() => ("{sum:08x} after {}", listed(recent))
        as ("the recent changes {} and a checksum in return", listed(recent)),
    Checked 'c' reply: Self::Checked(sum, _) => "{sum:08x}" as "another checksum",
    Offer 'O': Self::Offer(item) => "{item}" as ("{}", brought(item)),
} }

/// The name of one of several items, before what is said of it.
pub(super) fn name(key: Key) -> impl Display {
    fmt::from_fn(move |out| key.0.map_or(Ok(()), |letter| write!(out, "{letter} ")))
}

/// Items one after the other.
pub(super) fn listed(items: &[Item]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What a node receives, without its stamp.
pub(super) fn brought(item: &Item) -> impl Display {
    fmt::from_fn(move |out| {
        match item.value {
            Some(value) => write!(out, "value {value}"),
            None if item.stamp == Stamp::default() => out.write_str("nothing"),
            None => out.write_str("a death certificate"),
        }?;
        write!(out, "{}", item.key)
    })
}

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// The next call is due.
    Cycle,
    /// The next comparison that backs rumours is due.
    Backup,
}
