//! The vocabulary of the picture: how the state of a node looks, for any protocol. Every protocol chooses from it, so that
//! a student who has read one protocol's stage can read the next one's; `docs/visual-language.md` shows the signs.
//!
//! Rim: what a node does. Fill: what it knows. Body: where it has ended. Label: what it holds.

use crate::name::NodeId;
use std::fmt::{self, Display};

/// The state of a node, as far as a picture cares. What goes on above a protocol (crashed, paused, taken over) the page
/// knows by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// It has nothing to show: it follows, waits to be asked, or has not heard. A thin rim, empty. Raft's follower, a
    /// participant without a transaction, a susceptible node of gossip.
    #[default]
    Idle,
    /// It asks others for something and waits until enough of them agree: a dotted rim, a wedge above. A candidate of an
    /// election, a Paxos proposer, a client that waits for a quorum, a node that asks for a lock.
    Seeking,
    /// It decides for others, by their consent or by the rules: a full disc in ink with a ring. A leader, a primary, a
    /// coordinator, the holder of a lock.
    Leading,
    /// It has promised and knows no outcome: the lower half full, and a question mark. A participant of two-phase commit that
    /// voted yes, an acceptor of Paxos that has accepted a value and does not know whether it is chosen, a replica in a chain
    /// that has passed a write on and has not heard from its tail.
    Uncertain,
    /// It has promised, knows no outcome, and cannot find one out by itself: the same in brackets. Two-phase commit without
    /// its coordinator, a process that waits in a deadlock.
    Blocked,
    /// It knows that the matter is settled as it was wished: full, a tick. Committed, decided, delivered.
    Committed,
    /// It knows that the matter is settled against it: eight corners, empty, a bar. Aborted, refused, expelled.
    Aborted,
    /// It has something and tells it to others: full in the accent, with rays. An infective node of gossip, a SWIM member
    /// that spreads an update, a node that floods.
    Telling,
    /// It knows and does nothing about it any more: a full square, a bar. A removed node of gossip, a process that has
    /// decided and halted.
    Stopped,
    /// It is up and takes no part, not yet or not any more: a smaller circle, pale. A node outside Chord's ring, a server that
    /// a change of members has taken out, a process that has left a group.
    Outside,
}

impl Sign {
    /// What it means for any protocol, in words that go on after a role; empty where there is nothing to say.
    pub fn meaning(self) -> &'static str {
        match self {
            Sign::Idle => "",
            Sign::Seeking => "asks others and waits until enough agree",
            Sign::Leading => "decides for others",
            Sign::Uncertain => "has promised and knows no outcome",
            Sign::Blocked => "cannot find out the outcome by itself",
            Sign::Committed => "knows that it is settled as wished",
            Sign::Aborted => "knows that it is settled against it",
            Sign::Telling => "tells others",
            Sign::Stopped => "knows and does nothing more",
            Sign::Outside => "takes no part",
        }
    }
}

/// All signs, in the order in which a legend tells them.
pub const SIGNS: [Sign; 10] = [
    Sign::Leading,
    Sign::Seeking,
    Sign::Uncertain,
    Sign::Blocked,
    Sign::Committed,
    Sign::Aborted,
    Sign::Telling,
    Sign::Stopped,
    Sign::Idle,
    Sign::Outside,
];

/// Something of which a node holds a version: a label beside it. It is solid if it is the newest that any node which is up
/// holds, hollow if it is older, and dashed if it is kept for another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is a version of: `a`.
    pub key: String,
    /// Its value: `7`; `✝` of what was deleted.
    pub value: String,
    /// What tells which of two is older.
    pub age: Age,
    /// The node that it is kept for, if that is another one: a hint.
    pub home: Option<NodeId>,
    /// Whether the node is up and none that is up holds a newer version of this. Protocols leave it false: the view
    /// compares the nodes.
    pub newest: bool,
}

/// What tells which of two versions of one thing is older.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Age {
    /// A timestamp, then what breaks ties: compared from the first number on.
    Stamp(Vec<u64>),
    /// A vector clock: older if no entry is greater and some entry is smaller, so that of two neither may be.
    Clock(Vec<u64>),
    /// A dotted version vector: the write, as the nth of a node, and how many writes of each node it
    /// supersedes. The write itself need not be the next after those, so of two versions that supersede the
    /// same neither is older.
    Dotted {
        /// Which write of which node it is.
        dot: (NodeId, u64),
        /// How many writes of each node it supersedes.
        after: Vec<u64>,
    },
}

/// What somebody says of a matter of which everybody should be told the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The matter: `1 in view 0`.
    pub about: String,
    /// The statement about it, short: `1 is n5’s x=1`.
    pub says: String,
    /// Which of the stories it is, where there are several. Protocols leave it `None`: the view compares.
    pub face: Option<Face>,
}

/// One of two stories that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The first: a circle.
    One,
    /// Any other: a diamond.
    Other,
}

impl Display for Held {
    /// `a = 7`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} = {}", self.key, self.value)
    }
}

impl Held {
    /// All that its tag shows: `a = 7 [2 1], the newest`, `a = 3 [1], older`, with `for n5` where it is kept for another node.
    pub fn in_words(&self) -> String {
        let clock = self.age.to_string();
        let clock = if clock.is_empty() { clock } else { format!(" {clock}") };
        let home = self.home.map_or(String::new(), |home| format!(" for {home}"));
        format!("{self}{clock}{home}, {}", if self.newest { "the newest" } else { "older" })
    }
}

impl Display for Age {
    /// A clock is `[2 1]`, a dotted version vector `n4:3 after n4:1 n5:2`; a timestamp is not written out.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Age::Stamp(_) => Ok(()),
            Age::Clock(entries) => {
                for (place, entry) in entries.iter().enumerate() {
                    write!(out, "{}{entry}", if place == 0 { '[' } else { ' ' })?;
                }
                out.write_str("]")
            }
            Age::Dotted { dot: (node, nth), after } => {
                write!(out, "{node}:{nth}")?;
                let known = (0..).map(NodeId).zip(after).filter(|(_, entry)| **entry > 0);
                known.enumerate().try_for_each(|(place, (node, entry))| {
                    write!(out, "{} {node}:{entry}", if place == 0 { " after" } else { "" })
                })
            }
        }
    }
}

impl Age {
    /// Whether this is older than the other one.
    pub fn is_older_than(&self, other: &Age) -> bool {
        match (self, other) {
            (Age::Stamp(one), Age::Stamp(other)) => one < other,
            (Age::Clock(one), Age::Clock(other)) => {
                let entry = |clock: &[u64], place: usize| clock.get(place).copied().unwrap_or(0);
                let within = (0..one.len()).all(|place| entry(one, place) <= entry(other, place));
                within && (0..other.len()).any(|place| entry(one, place) < entry(other, place))
            }
            (Age::Dotted { dot, .. }, Age::Dotted { dot: other, after }) => {
                dot != other && after.get(dot.0.index()).is_some_and(|entry| *entry >= dot.1)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Age::{self, Clock, Stamp};
    use crate::name::NodeId;

    fn dotted(nth: u64, after: &[u64]) -> Age {
        Age::Dotted { dot: (NodeId(1), nth), after: after.to_vec() }
    }

    #[test]
    fn of_two_versions_at_most_one_is_older() {
        let older = [
            (Stamp(vec![3, 9]), Stamp(vec![4, 0])),
            (Stamp(vec![4, 0]), Stamp(vec![4, 1])),
            (Clock(vec![]), Clock(vec![0, 1])),
            (Clock(vec![2, 1]), Clock(vec![2, 1, 1])),
            (dotted(1, &[]), dotted(3, &[0, 1])),
        ];
        for (one, other) in older {
            assert!(one.is_older_than(&other) && !other.is_older_than(&one), "{one:?} {other:?}");
        }
        let neither = [
            (Clock(vec![2, 1]), Clock(vec![1, 2])),
            (Clock(vec![2]), Clock(vec![2, 0])),
            (Stamp(vec![4, 1]), Stamp(vec![4, 1])),
            // A write that has not seen the one before it, and a clock that says otherwise.
            (dotted(2, &[0, 0]), dotted(3, &[0, 1])),
            (dotted(3, &[0, 1]), dotted(3, &[0, 1])),
        ];
        for (one, other) in neither {
            assert!(!one.is_older_than(&other) && !other.is_older_than(&one), "{one:?} {other:?}");
        }
    }

    #[test]
    fn ages_print_what_they_know() {
        let said = [dotted(3, &[0, 1, 2]), dotted(1, &[0, 0]), Clock(vec![2, 1])].map(|age| age.to_string());
        assert_eq!(said, ["n2:3 after n2:1 n3:2", "n2:1", "[2 1]"]);
    }
}
