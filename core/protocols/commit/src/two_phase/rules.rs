//! The rules that nodes apply, with where the literature has them: BHG is the book of Bernstein, Hadzilacos and Goodman, R* the
//! paper of Mohan, Lindsay and Obermarck.

use faultline_core::node::Rule;

pub(super) const START: Rule = Rule {
    section: "BHG 7.4",
    sentence: "A node has in hand the transactions that its log tells of; the first time, none.",
};
pub(super) const RECOVER: Rule = Rule {
    section: "BHG 7.4, R* 2",
    sentence: "After a crash the log tells where a node stands: who decided, tells; who prepared, asks; else it forgets.",
};
pub(super) const BEGIN: Rule =
    Rule { section: "BHG 7.4", sentence: "The coordinator asks every participant for its vote." };
pub(super) const COLLECT: Rule = Rule {
    section: "R* 4",
    sentence: "Where commit is presumed, a forced record says that votes are collected, lest a crash turn them into a \
               commit.",
};
pub(super) const INTEND: Rule =
    Rule { section: "BHG 7.3", sentence: "Until it has voted yes, a participant may choose as it likes." };
pub(super) const BOUND: Rule =
    Rule { section: "BHG 7.3", sentence: "Who has voted can no longer choose; the coordinator has no vote." };
pub(super) const YES: Rule = Rule {
    section: "BHG 7.4",
    sentence: "A participant forces its prepare record before it votes yes, and is uncertain from then on.",
};
pub(super) const NO: Rule = Rule {
    section: "BHG 7.4",
    sentence: "A participant that votes no has decided to abort, and needs no answer.",
};
pub(super) const READ: Rule = Rule {
    section: "R* 3",
    sentence: "A participant that only read votes so, writes nothing, and is spared the second phase.",
};
pub(super) const VOTED: Rule = Rule { section: "BHG 7.4", sentence: "A participant votes once." };
pub(super) const COUNT: Rule =
    Rule { section: "BHG 7.4", sentence: "The coordinator waits for the votes of all." };
pub(super) const DECIDE: Rule = Rule {
    section: "BHG 7.4",
    sentence: "With every yes the coordinator commits, with one no it aborts; it forces the record before it tells.",
};
pub(super) const LAZY: Rule = Rule {
    section: "R* 3, R* 4",
    sentence: "A decision need not be forced where recovery would come to the same without its record.",
};
pub(super) const GIVE_UP: Rule =
    Rule { section: "BHG 7.4", sentence: "A coordinator that waits too long for a vote aborts." };
pub(super) const SETTLE: Rule =
    Rule { section: "BHG 7.4, R* 2", sentence: "A participant forces the decision before it acknowledges." };
pub(super) const KNOWN: Rule = Rule {
    section: "R* 2",
    sentence: "Who knows the decision, or is not concerned, acknowledges once more and does nothing.",
};
pub(super) const END: Rule = Rule {
    section: "R* 2",
    sentence: "When all have acknowledged, the coordinator writes an end and forgets.",
};
pub(super) const AGAIN: Rule =
    Rule { section: "R* 2", sentence: "The coordinator tells again whoever has not acknowledged." };
pub(super) const INQUIRE: Rule = Rule {
    section: "BHG 7.4",
    sentence: "An uncertain participant must not decide by itself; it asks those who may know.",
};
pub(super) const BLOCKED: Rule = Rule {
    section: "BHG 7.4",
    sentence: "While nobody who knows can be reached, an uncertain participant is blocked.",
};
pub(super) const ANSWER: Rule =
    Rule { section: "BHG 7.4", sentence: "Who knows the decision tells whoever asks." };
pub(super) const PRESUME: Rule = Rule {
    section: "R* 2, R* 3, R* 4",
    sentence: "Asked about what it does not have in hand, the coordinator answers abort, or commit where that is presumed.",
};
pub(super) const IGNORANT: Rule =
    Rule { section: "BHG 7.4", sentence: "Who does not know the decision cannot help the one who asks." };
pub(super) const LATE: Rule =
    Rule { section: "BHG 7.4", sentence: "What comes after the decision changes nothing." };
