//! The rules that nodes apply, with where the papers have them: sections are those of Dynamo.

use faultline_core::node::Rule;

pub(super) const START: Rule = Rule { section: "§4", sentence: "A node begins with what is on its disk." };
pub(super) const BEGIN: Rule = Rule {
    section: "§4.5",
    sentence: "Whoever coordinates a request sends it to all N homes of the key and waits for R or W answers.",
};
pub(super) const NOT_ASKED: Rule =
    Rule { section: "§6.4", sentence: "Replicas are asked by clients, and a client by one at a time." };
pub(super) const STORE: Rule = Rule {
    section: "§4.5",
    sentence: "A replica takes a version, unless it has one that covers it, and says so.",
};
pub(super) const HINT: Rule = Rule {
    section: "§4.6",
    sentence: "A stand-in keeps a version apart, with a hint for whom it is meant, and says so.",
};
pub(super) const ANSWER: Rule =
    Rule { section: "§4.5", sentence: "Who is asked answers with all versions that it holds." };
pub(super) const WAIT: Rule =
    Rule { section: "§4.5", sentence: "Too few have answered: the request goes on." };
pub(super) const DONE: Rule = Rule { section: "§4.5", sentence: "With W acknowledgements a write is done." };
pub(super) const READ: Rule = Rule {
    section: "§4.5",
    sentence: "With R answers a read returns every version that none of the others supersedes.",
};
pub(super) const REPAIR: Rule = Rule {
    section: "§5",
    sentence: "Who has read tells what is newer to the homes whose answer was older.",
};
pub(super) const LATE: Rule =
    Rule { section: "§5", sentence: "What comes after the answer can only help to repair." };
pub(super) const STRAY: Rule =
    Rule { section: "§4.5", sentence: "An answer to an earlier request decides nothing." };
pub(super) const RETRY: Rule =
    Rule { section: "§4.5", sentence: "Whoever has not answered in time is asked again." };
pub(super) const STAND_IN: Rule = Rule {
    section: "§4.6",
    sentence: "Under a sloppy quorum the next replicas of the ring stand in for homes that do not answer.",
};
pub(super) const GIVE_UP: Rule =
    Rule { section: "§4.5", sentence: "Without a quorum a request fails; what was stored of it stays." };
pub(super) const HAND_OFF: Rule =
    Rule { section: "§4.6", sentence: "A stand-in tries to deliver what it keeps to its home." };
pub(super) const FORGET: Rule =
    Rule { section: "§4.6", sentence: "What its home has taken, a stand-in may forget." };
pub(super) const COMPARE: Rule = Rule {
    section: "§4.7",
    sentence: "Two replicas compare the roots of the trees over the keys that they share.",
};
pub(super) const DESCEND: Rule =
    Rule { section: "§4.7", sentence: "Below nodes that differ the children are compared." };
pub(super) const SAME: Rule =
    Rule { section: "§4.7", sentence: "Where hashes are equal there is nothing to exchange." };
pub(super) const EXCHANGE: Rule =
    Rule { section: "§4.7", sentence: "Of leaves that differ both tell what they hold, and both merge." };
pub(super) const COLLECT: Rule = Rule {
    section: "Cassandra",
    sentence: "A tombstone is collected once its grace is over by the replica's clock, and not taken after that.",
};
