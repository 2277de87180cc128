//! The rules that the world itself follows, whatever the protocol.

use crate::node::Rule;

const fn model(sentence: &'static str) -> Rule {
    Rule { section: "model", sentence }
}

pub(super) const LOSS: Rule = model("A fair-loss link loses some of its messages.");
pub(super) const DROP: Rule = model("Somebody took the message away.");
pub(super) const DOWN: Rule = model("What reaches a node that is down is lost.");
pub(super) const CUT: Rule = model("A link that is cut loses what is sent on it and what would arrive.");
pub(super) const HEAL: Rule = model("A healed link carries what is sent from now on.");
pub(super) const DELAY: Rule = model("A link may take any time.");
pub(super) const COPY: Rule = model("A link may deliver a message twice.");
pub(super) const CRASH: Rule = model("A crash takes the memory and the timers, and leaves the disk.");
pub(super) const IDLE: Rule = model("The workload asks for nothing that a node does not offer.");
pub(super) const REFUSED: Rule = model("An act that cannot apply changes nothing.");
