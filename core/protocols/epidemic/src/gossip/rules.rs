//! The rules that nodes apply, with where the paper has them.

use faultline_core::node::Rule;

pub(super) const START: Rule =
    Rule { section: "§1", sentence: "A node begins with what is on its disk, and finds it no longer hot." };
pub(super) const CHANGE: Rule =
    Rule { section: "§1", sentence: "A change gets a stamp that is greater than all its author knows." };
pub(super) const DELETE: Rule = Rule {
    section: "§2",
    sentence: "A deletion leaves a death certificate, which spreads like any change.",
};
pub(super) const CALL: Rule =
    Rule { section: "§1.3", sentence: "Once a cycle a node calls another, drawn at random." };
pub(super) const SILENT: Rule =
    Rule { section: "§1.4", sentence: "Who has no hot rumour has nothing to push." };
pub(super) const MERGE: Rule = Rule {
    section: "§1.3",
    sentence: "Of two items the one with the greater stamp is kept, whoever tells it.",
};
pub(super) const KNOWN: Rule = Rule { section: "§1.4", sentence: "What is not newer changes nothing." };
pub(super) const ANSWER: Rule = Rule { section: "§1.3", sentence: "Who is asked tells what is newer." };
pub(super) const NO_NEWS: Rule =
    Rule { section: "§1.3", sentence: "Who has nothing newer, or none that is hot, leaves the question." };
pub(super) const NEEDED: Rule =
    Rule { section: "§1.4", sentence: "A contact that was needed keeps the rumour as hot as it was." };
pub(super) const COUNT: Rule = Rule {
    section: "§1.4",
    sentence: "A contact that was not needed is counted, or a coin is tossed over it.",
};
pub(super) const REMOVED: Rule = Rule {
    section: "§1.4",
    sentence: "At the k-th such contact, or with probability 1/k, a node loses interest.",
};
pub(super) const STALE: Rule =
    Rule { section: "§1.4", sentence: "An answer counts once, and only in the cycle of its call." };
