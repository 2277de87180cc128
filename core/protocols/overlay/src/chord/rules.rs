//! The rules that members apply, with where the papers have them: sections are those of 2001, but for what came in 2003.

use faultline_core::node::Rule;

pub(super) const START: Rule =
    Rule { section: "§4", sentence: "A node begins outside; the first ones can be given an ideal ring." };
pub(super) const JOIN: Rule = Rule {
    section: "§5.1",
    sentence: "A node joins by looking up its own identifier: that is its successor.",
};
pub(super) const JOINED: Rule = Rule {
    section: "Zave",
    sentence: "A new member takes its successor's list, and is unknown until it notifies.",
};
pub(super) const OUTSIDE: Rule = Rule { section: "§4", sentence: "Who is no member answers nobody." };
pub(super) const FORWARD: Rule =
    Rule { section: "§4.3", sentence: "A lookup goes on to the closest finger before the key." };
pub(super) const OWNED: Rule =
    Rule { section: "§4.3", sentence: "A key between a member and its successor belongs to the successor." };
pub(super) const LOST: Rule = Rule { section: "§5", sentence: "A lookup that goes in circles is given up." };
pub(super) const LOCATED: Rule =
    Rule { section: "§4.3", sentence: "Whoever asked is told whom the key belongs to." };
pub(super) const FIX: Rule =
    Rule { section: "§5.1", sentence: "Fingers are refreshed one after the other by lookups." };
pub(super) const STABILISE: Rule =
    Rule { section: "§5.1", sentence: "A member asks its successor who is before it, and who is after it." };
pub(super) const FAILED: Rule = Rule {
    section: "§5.2",
    sentence: "A successor that does not answer has failed; the next in the list follows.",
};
pub(super) const ANSWER: Rule = Rule { section: "§5.1", sentence: "Who is asked tells its neighbours." };
pub(super) const ADOPT: Rule = Rule {
    section: "§5.1",
    sentence: "Who has come between a member and its successor becomes its successor.",
};
pub(super) const RECONCILE: Rule = Rule {
    section: "§5.2",
    sentence: "A member's list is its successor, and that one's list without its last.",
};
pub(super) const PROBE: Rule =
    Rule { section: "Zave", sentence: "Nobody is adopted as a successor before it has answered itself." };
pub(super) const NOTIFIED: Rule = Rule {
    section: "§5.1",
    sentence: "Who notifies becomes predecessor if there is none, or it is closer.",
};
pub(super) const CHECK: Rule =
    Rule { section: "2003, §IV-E", sentence: "A predecessor that does not answer is forgotten." };
pub(super) const STALE: Rule =
    Rule { section: "§5.1", sentence: "An answer that nobody waits for changes nothing." };
