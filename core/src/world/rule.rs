//! The rules that the world itself follows, whatever the protocol.

use crate::name::Rule;

const fn model(sentence: &'static str) -> Rule {
    Rule { section: "model", sentence }
}

pub(super) const LOSS: Rule = model("A fair-loss link loses some of its messages.");
pub(super) const DROP: Rule = model("The user or the scenario dropped this message.");
pub(super) const DOWN: Rule = model("A message that reaches a node that is down is lost.");
pub(super) const CUT: Rule =
    model("A cut link loses every message that is sent on it or would arrive over it.");
pub(super) const HEAL: Rule = model("A healed link carries the messages that are sent from now on.");
pub(super) const DELAY: Rule = model("A link may delay a message by any amount of time.");
pub(super) const COPY: Rule = model("A link may deliver a message twice.");
pub(super) const CRASH: Rule = model("A crash erases a node's memory and timers; its disk survives.");
pub(super) const CRASH_LOSING: Rule = model("A disk that was not synced loses its last write in a crash.");
pub(super) const PAUSE: Rule =
    model("A paused node keeps its state and takes no step; its messages and timers wait.");
pub(super) const RESUME: Rule = model(
    "Messages and timers that became due during the pause take effect at once, in their original order.",
);
pub(super) const HOLD: Rule = model("A held message waits instead of arriving.");
pub(super) const RELEASE: Rule =
    model("Held messages that are overdue arrive at once, in their original order.");
pub(super) const LINK: Rule =
    model("A link's behaviour may change; messages already in flight are not affected.");
pub(super) const NORMAL: Rule = model("A link may return to the behaviour that all links share.");
pub(super) const STAND: Rule =
    model("While a loss rule stands, it takes every matching message that is sent or would arrive.");
pub(super) const SLOW: Rule = model("A node may be slower than others: its timers fire late.");
pub(super) const CLOCK: Rule =
    model("A node's clock may be wrong and may run fast or slow; its timers run at the same rate.");
pub(super) const TAKE_OVER: Rule =
    model("A Byzantine node may do anything; it follows the protocol until somebody makes it lie.");
pub(super) const FORGE: Rule =
    model("A Byzantine node may tell each node something different, but can sign only as itself.");
pub(super) const INJECT: Rule = model("A Byzantine node may send the same message to further nodes.");
pub(super) const CHOOSE: Rule = model("The outcome of a node's random choice may be set in advance.");
pub(super) const IDLE: Rule = model("The workload requests only operations that the node offers.");
pub(super) const REFUSED: Rule = model("An act that cannot apply changes nothing.");
