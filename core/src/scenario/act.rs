//! Acts: what somebody does to a run, and how scenarios write it.

use crate::clock::Adjustment;
use crate::event::{LinkSet, MessageName};
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::text::times;
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
    Cut(LinkSet),
    /// Heal links; all without any named.
    Heal(Option<LinkSet>),
    /// Let a node take no step until it resumes.
    Pause(NodeId),
    /// Let a paused node go on.
    Resume(NodeId),
    /// Let wait what would arrive over links.
    Hold(LinkSet),
    /// Let arrive what waits; all that is held without any links named.
    Release(Option<LinkSet>),
    /// Let a message wait.
    HoldMessage(MessageName),
    /// Let a message that is held arrive.
    ReleaseMessage(MessageName),
    /// Change how links behave; all without any named.
    Link(Option<LinkSet>, Behaviour),
    /// Lose messages, on some links or all, of one kind or any, until a time.
    Lose(Option<LinkSet>, Option<&'static str>, Micros),
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
