//! Acts: what somebody does to a run, and how scenarios write it.

use super::percent;
use crate::clock::Adjustment;
use crate::event::Links;
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::time::{Micros, exact};
use std::fmt::{self, Display};

/// What somebody does to a run, in words that are resolved when their moment comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Deliver a message now.
    Deliver(MessageName),
    /// Take a message away.
    Drop(MessageName),
    /// Hold a message back for some time.
    Delay(MessageName, Micros),
    /// Copy a message.
    Duplicate(MessageName),
    /// Stop a node.
    Crash(NodeId),
    /// Boot a node again.
    Restart(NodeId),
    /// Let a timer fire now, by its name.
    Fire(NodeId, String),
    /// Cut links.
    Cut(Links),
    /// Heal links; all without any named.
    Heal(Option<Links>),
    /// Let a node take no step until it resumes.
    Pause(NodeId),
    /// Let a paused node go on.
    Resume(NodeId),
    /// Let wait what would arrive over links.
    Hold(Links),
    /// Let arrive what waits; all that is held without any links named.
    Release(Option<Links>),
    /// Let a message wait.
    HoldMessage(MessageName),
    /// Let a message that is held arrive.
    ReleaseMessage(MessageName),
    /// Change how links behave; all without any named.
    Link(Option<Links>, Behaviour),
    /// Lose messages, on some links or all, of one kind or any, until a time.
    Lose(Option<Links>, Option<&'static str>, Micros),
    /// Stop a node, and let its disk forget the last that was written.
    CrashLosing(NodeId),
    /// Let a node's timers take so many thousandths of their time.
    Slow(NodeId, u32),
    /// Do something to a node's clock.
    Clock(NodeId, Adjustment),
    /// Take a node over.
    TakeOver(NodeId),
    /// Let a node that is taken over say something else than it did, in the protocol's words.
    Forge(MessageName, String),
    /// Let a node that is taken over say what it says to somebody else, too.
    Inject(MessageName, NodeId),
    /// Make a node's next choices: each is below the bound that the protocol gives then, or the last below
    /// it.
    Choose(NodeId, Vec<u64>),
    /// Ask a node for something, in the protocol's words.
    Ask(NodeId, String),
}

/// A message as people point at it: its link, its kind, and which of those in flight, the first sent counting
/// 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageName {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// The kind's name.
    pub kind: &'static str,
    /// Which one, from 1.
    pub ordinal: u32,
}

/// A factor in thousandths as scenarios write it: `3x`, `1.5x`.
pub fn times(permille: u32) -> String {
    let text = format!("{}.{:03}", permille / 1_000, permille % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned() + "x"
}

impl Display for Behaviour {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Behaviour::Latency(least, greatest) => {
                write!(out, "latency {}..{}", exact(*least), exact(*greatest))
            }
            Behaviour::Loss(parts) => write!(out, "loss {}", percent(*parts)),
            Behaviour::Duplication(parts) => write!(out, "duplication {}", percent(*parts)),
            Behaviour::Normal => write!(out, "normal"),
        }
    }
}

impl Display for MessageName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}>{} {}", self.from, self.to, self.kind)?;
        if self.ordinal > 1 { write!(out, "#{}", self.ordinal) } else { Ok(()) }
    }
}

impl Display for Links {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Links::OneWay(from, to) => write!(out, "{from}>{to}"),
            Links::Both(one, other) => write!(out, "{one}-{other}"),
            Links::Groups(groups) => {
                for (place, group) in groups.iter().enumerate() {
                    out.write_str(if place == 0 { "" } else { "|" })?;
                    for (place, node) in group.iter().enumerate() {
                        write!(out, "{}{node}", if place == 0 { "" } else { "," })?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl Display for Act {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Deliver(message) => write!(out, "deliver {message}"),
            Act::Drop(message) => write!(out, "drop {message}"),
            Act::Delay(message, by) => write!(out, "delay {message} by {}", exact(*by)),
            Act::Duplicate(message) => write!(out, "duplicate {message}"),
            Act::Crash(node) => write!(out, "crash {node}"),
            Act::Restart(node) => write!(out, "restart {node}"),
            Act::Fire(node, timer) => write!(out, "fire {node} {timer}"),
            Act::Cut(links) => write!(out, "cut {links}"),
            Act::Heal(Some(links)) => write!(out, "heal {links}"),
            Act::Heal(None) => write!(out, "heal"),
            Act::Pause(node) => write!(out, "pause {node}"),
            Act::Resume(node) => write!(out, "resume {node}"),
            Act::Hold(links) => write!(out, "hold {links}"),
            Act::Release(Some(links)) => write!(out, "release {links}"),
            Act::Release(None) => write!(out, "release"),
            Act::HoldMessage(message) => write!(out, "hold {message}"),
            Act::ReleaseMessage(message) => write!(out, "release {message}"),
            Act::Link(Some(links), behaviour) => write!(out, "link {links} {behaviour}"),
            Act::Link(None, behaviour) => write!(out, "link {behaviour}"),
            Act::Lose(links, kind, until) => {
                out.write_str("lose ")?;
                links.iter().try_for_each(|links| write!(out, "{links} "))?;
                kind.iter().try_for_each(|kind| write!(out, "{kind} "))?;
                write!(out, "until {}", exact(*until))
            }
            Act::CrashLosing(node) => write!(out, "crash {node} losing-write"),
            Act::Slow(node, permille) => write!(out, "slow {node} {}", times(*permille)),
            Act::Clock(node, adjustment) => write!(out, "clock {node} {adjustment}"),
            Act::TakeOver(node) => write!(out, "take over {node}"),
            Act::Forge(message, lie) => write!(out, "forge {message} as {lie}"),
            Act::Inject(message, to) => write!(out, "inject {message} to {to}"),
            Act::Choose(node, choices) => {
                write!(out, "choose {node}")?;
                choices.iter().try_for_each(|choice| write!(out, " {choice}"))
            }
            Act::Ask(node, words) => write!(out, "{node} {words}"),
        }
    }
}
