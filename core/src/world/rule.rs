//! The rules that the world itself follows, whatever the protocol.

use crate::name::Rule;

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
pub(super) const CRASH_LOSING: Rule = model("A disk that did not sync forgets its last write in a crash.");
pub(super) const PAUSE: Rule =
    model("A paused node keeps all it has and takes no step; what comes to it waits.");
pub(super) const RESUME: Rule =
    model("All that waited for a node happens at once, in the order it would have.");
pub(super) const HOLD: Rule = model("What is held would arrive, and waits.");
pub(super) const RELEASE: Rule =
    model("What was held and is late arrives at once, in the order it would have.");
pub(super) const LINK: Rule = model("A link may change; what is on its way already is not touched.");
pub(super) const NORMAL: Rule = model("A link may become again what all links are.");
pub(super) const STAND: Rule = model("While a rule stands, it takes what is sent and what would arrive.");
pub(super) const SLOW: Rule =
    model("A node may be slower than others: it hears its timers later than it should.");
pub(super) const CLOCK: Rule =
    model("A node's clock may be off and go faster or slower than time; timers go as fast as it does.");
pub(super) const TAKE_OVER: Rule =
    model("A Byzantine node may do anything; it runs the protocol until somebody lets it lie.");
pub(super) const FORGE: Rule =
    model("A Byzantine node may say to each what it likes, and sign for itself only.");
pub(super) const INJECT: Rule = model("A Byzantine node may say to others what it says to one.");
pub(super) const CHOOSE: Rule = model("What a node would draw by lot, somebody may choose.");
pub(super) const IDLE: Rule = model("The workload asks for nothing that a node does not offer.");
pub(super) const REFUSED: Rule = model("An act that cannot apply changes nothing.");
