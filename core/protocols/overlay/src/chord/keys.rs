//! Keys, and how they move (2001, §4.4; 2003, §IV-E): to a node that joins, and away from a member that
//! leaves.
//!
//! A member owns the keys after its predecessor up to its own place. When a node joins before it, the keys up
//! to the place of the new node have a new owner; the member hands them over once the new node has notified
//! it. A member that is asked to leave hands all its keys to its successor, with the name of its own
//! predecessor, which is the successor's from then on. When it holds no key any more, it tells its
//! predecessor which members follow, and is gone.
//!
//! **No key is lost** unless a member that holds it crashes. A member gives up a key only once another has
//! acknowledged that it took it, and only if it has not been given the key again in the meantime. Suppose the
//! last copy of a key were given up that way. Another member had taken the key; it gave it up because a third
//! took it later, and so on. The member that took the key last gave it up, too, though nobody took it later.
//!
//! **Two neighbours that leave at once** must not both rely on each other, or hand keys back and forth. So a
//! member that leaves takes no keys: the one before it waits until it has gone, and hands over to the next.
//! If all members leave, that would be a circle of waiting; the member with the greatest identifier breaks
//! it, because it goes on taking keys. It leaves when somebody else has come to take them.
//!
//! **Beside the papers.** They leave the moving of keys to the application and say when it has to be done;
//! numbers, acknowledgements and the rule for neighbours are ours. A leaving member sends its whole list to
//! its predecessor where the paper sends the last entry: where lists are short, the last entry alone could
//! skip a member.

use super::{Chord, Chore, Message, Output, Ring};
use faultline_core::prelude::*;

pub(super) const NO_KEYS: Rule =
    Rule::new("§4.4", "Members store keys, and leave in order, only where `keys` is on.");
const STORE: Rule = Rule::new("§1", "The application stores a key at the member that owns it.");
const STORED: Rule = Rule::new("§1", "The application learns which member stores the key.");
const FETCH: Rule = Rule::new("§1", "A member answers whether it holds a key.");
const FETCHED: Rule =
    Rule::new("§1", "The application learns whether the node that the lookup found holds the key.");
const JOINED_BEFORE: Rule = Rule::new(
    "§4.4",
    "A member hands the keys that it no longer owns to the node that has joined before it.",
);
const TAKE: Rule =
    Rule::new("§4.4", "A member keeps the keys that it is given, and acknowledges each hand-over.");
const GIVE_UP: Rule =
    Rule::new("§4.4", "A member gives up a key only after another has acknowledged that it took the key.");
const DEPART: Rule =
    Rule::new("2003, §IV-E", "A member that leaves first hands all its keys to its successor.");
const LEFT: Rule = Rule::new(
    "2003, §IV-E",
    "A member that holds no key any more tells its predecessor which members follow, and leaves.",
);
const REPLACE: Rule =
    Rule::new("2003, §IV-E", "The successor of a leaving member takes over its keys and its predecessor.");
const REMOVE: Rule = Rule::new(
    "2003, §IV-E",
    "The predecessor of a leaving member removes it from its list and adds the members that follow.",
);
const REFUSE: Rule = Rule::new(
    "2003, §IV-E",
    "A member that leaves takes no keys; only the one with the greatest identifier does, so that somebody stays.",
);
const UNKNOWN: Rule = Rule::new("§4.4", "An acknowledgement counts once, and only for the latest hand-over.");

/// What a member stores, and what it hands over.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Store {
    /// Whether members store keys at all.
    pub(super) on: bool,
    /// The keys, in order.
    pub(super) keys: Vec<u32>,
    /// The hand-over that is not acknowledged yet, and how many there have been.
    handing: Option<Handing>,
    number: u32,
    /// Whether it was asked to leave, and whether it has ever left.
    pub(super) leaves: bool,
    pub(super) has_left: bool,
}

/// A hand-over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Handing {
    to: NodeId,
    /// What may be given up when it is acknowledged.
    keys: Vec<u32>,
    /// Whether the member leaves when it is acknowledged and no key is left.
    departs: bool,
    /// Whether a period has begun since.
    is_late: bool,
}

impl Store {
    /// Nothing; whether keys are stored at all.
    pub(super) fn new(on: bool) -> Self {
        Store { on, ..Store::default() }
    }

    /// Adds a key. What has come again may not be given up for an earlier hand-over.
    fn take(&mut self, key: u32) {
        if let Err(place) = self.keys.binary_search(&key) {
            self.keys.insert(place, key);
        }
        if let Some(handing) = &mut self.handing {
            handing.keys.retain(|other| *other != key);
        }
    }

    fn give_up(&mut self, keys: &[u32]) {
        self.keys.retain(|key| !keys.contains(key));
    }
}

impl Chord {
    // Storing.

    /// A lookup that the application asked for in order to store or fetch a key has found its owner.
    pub(super) fn found_owner(message: Message, owner: NodeId, ctx: &mut Ctx<Self>) {
        ctx.remark(&STORE, || format!("asks {owner}, which owns the key"));
        ctx.send(owner, message);
    }

    /// Stores a key for the application at another node.
    pub(super) fn store_key(&mut self, from: NodeId, key: u32, ctx: &mut Ctx<Self>) {
        ctx.remark(&STORE, || format!("stores key {key}"));
        self.store.take(key);
        ctx.send(from, Message::Stored(key));
        self.hand_over(ctx);
    }

    /// The application learns that a key is stored.
    pub(super) fn stored(from: NodeId, key: u32, ctx: &mut Ctx<Self>) {
        ctx.tell(&STORED, || format!("learns that {from} stores key {key}"));
        ctx.output(Output::Stored(key, from));
    }

    /// Says whether it holds a key.
    pub(super) fn fetch(&self, from: NodeId, key: u32, ctx: &mut Ctx<Self>) {
        let holds = self.store.keys.contains(&key);
        ctx.remark(&FETCH, || {
            format!("tells {from} that it {} key {key}", if holds { "holds" } else { "lacks" })
        });
        ctx.send(from, Message::Fetched(key, holds));
    }

    /// The application learns whether the owner holds the key.
    pub(super) fn fetched(from: NodeId, key: u32, holds: bool, ctx: &mut Ctx<Self>) {
        ctx.tell(&FETCHED, || match holds {
            true => format!("fetches key {key} from {from}"),
            false => format!("learns that {from} does not hold key {key}"),
        });
        ctx.output(if holds { Output::Fetched(key, from) } else { Output::Missing(key, from) });
    }

    // Handing over.

    /// Whether a key lies after the predecessor and up to its own place.
    fn owns(&self, key: u32, predecessor: NodeId) -> bool {
        let from = self.identifier_of(predecessor);
        let way = |to| match self.circle.distance(from, to) {
            0 => 1 << self.circle.bits,
            way => u64::from(way),
        };
        way(key) <= way(self.identifier_of(self.me))
    }

    /// The member that it has to hand keys to now, and these keys; all of them where it leaves.
    fn due(&self, ctx: &Ctx<Self>) -> Option<(NodeId, Vec<u32>)> {
        if self.store.leaves {
            return Some((self.successors[0], self.store.keys.clone())).filter(|(to, _)| *to != self.me);
        }
        let before = self.predecessor.filter(|&node| node != self.me && !ctx.params().bugs.keeps_keys)?;
        let keys: Vec<_> = self.store.keys.iter().copied().filter(|&key| !self.owns(key, before)).collect();
        Some((before, keys)).filter(|(_, keys)| !keys.is_empty())
    }

    /// Hands keys over, if there are any to be handed over and no other hand-over is open.
    pub(super) fn hand_over(&mut self, ctx: &mut Ctx<Self>) {
        if self.store.handing.is_some() {
            return;
        }
        let Some((to, keys)) = self.due(ctx) else { return };
        let departs = self.store.leaves;
        self.store.number += 1;
        let number = self.store.number;
        let rule = if departs { &DEPART } else { &JOINED_BEFORE };
        ctx.remark(rule, || match keys.is_empty() {
            true => format!("tells {to} that it leaves"),
            false => format!("hands {} to {to}", counted(&keys)),
        });
        ctx.send(
            to,
            match departs {
                true => Message::Depart(number, keys.clone(), self.predecessor),
                false => Message::HandOver(number, keys.clone()),
            },
        );
        if ctx.params().bugs.hands_over_blindly {
            self.store.give_up(&keys);
            if departs {
                self.go(ctx);
            }
            return;
        }
        self.store.handing = Some(Handing { to, keys, departs, is_late: false });
    }

    /// Begins again what was not acknowledged for a period, or what would go to another by now.
    pub(super) fn hand_over_again(&mut self, ctx: &mut Ctx<Self>) {
        let due = self.due(ctx).map(|(to, _)| to);
        let store = &mut self.store;
        store.handing = store.handing.take().filter(|it| !it.is_late && due == Some(it.to));
        if let Some(handing) = &mut store.handing {
            handing.is_late = true;
        }
        self.hand_over(ctx);
    }

    /// Takes the keys that another member hands over, unless it leaves itself; whether it did.
    pub(super) fn take_keys(
        &mut self,
        from: NodeId,
        number: u32,
        keys: Vec<u32>,
        ctx: &mut Ctx<Self>,
    ) -> bool {
        let is_last = self.identifier_of(self.successors[0]) < self.identifier_of(self.me);
        if self.store.leaves && !is_last {
            ctx.remark(&REFUSE, || format!("takes no keys from {from}, because it leaves itself"));
            return false;
        }
        ctx.remark(&TAKE, || match keys.is_empty() {
            true => format!("learns that {from} leaves and has no keys"),
            false => format!("takes {} from {from}", counted(&keys)),
        });
        for key in &keys {
            self.store.take(*key);
        }
        ctx.send(from, Message::Taken(number, keys));
        true
    }

    /// The same of a member that leaves: its predecessor is this node's from now on.
    pub(super) fn succeed(
        &mut self,
        from: NodeId,
        number: u32,
        (keys, before): (Vec<u32>, Option<NodeId>),
        ctx: &mut Ctx<Self>,
    ) {
        if self.take_keys(from, number, keys, ctx) && self.predecessor == Some(from) {
            ctx.note(&REPLACE);
            self.predecessor = before.filter(|&node| node != self.me);
        }
    }

    /// Another member has taken what it was handed.
    pub(super) fn taken(&mut self, from: NodeId, number: u32, keys: &[u32], ctx: &mut Ctx<Self>) {
        let is_latest = number == self.store.number;
        let Some(handing) = self.store.handing.take_if(|it| it.to == from && is_latest) else {
            return ctx.note(&UNKNOWN);
        };
        let given_up: Vec<_> = handing.keys.into_iter().filter(|key| keys.contains(key)).collect();
        ctx.remark(&GIVE_UP, || match (keys, &given_up[..]) {
            ([], _) => format!("learns that {from} knows that it leaves"),
            (_, []) => format!("keeps {}, because it was given that again", counted(keys)),
            _ => format!("gives up {}, which {from} has taken", counted(&given_up)),
        });
        self.store.give_up(&given_up);
        if handing.departs && self.store.keys.is_empty() {
            self.go(ctx);
        } else {
            self.hand_over(ctx);
        }
    }

    // Leaving.

    /// The application asks the member to leave.
    pub(super) fn leave(&mut self, ctx: &mut Ctx<Self>) {
        ctx.tell(&DEPART, || "begins to leave the ring".into());
        self.store.leaves = true;
        self.hand_over_again(ctx);
    }

    /// Leaves.
    fn go(&mut self, ctx: &mut Ctx<Self>) {
        ctx.tell(&LEFT, || "leaves the ring".into());
        if let Some(before) = self.predecessor.filter(|&node| node != self.me) {
            ctx.send(before, Message::Leave(self.successors.clone()));
        }
        ctx.output(Output::Left);
        for chore in [Chore::Stabilise, Chore::FixFinger, Chore::CheckPredecessor] {
            ctx.cancel(chore);
        }
        (self.member, self.next_finger) = (false, 0);
        (self.store.leaves, self.store.has_left) = (false, true);
        (self.predecessor, self.asked, self.pinged) = (None, None, None);
        self.successors = vec![self.me];
        self.fingers.fill(self.me);
    }

    /// Its successor has left.
    pub(super) fn left(&mut self, from: NodeId, list: &[NodeId], ctx: &mut Ctx<Self>) {
        ctx.note(&REMOVE);
        let Some(place) = self.successors.iter().position(|&node| node == from) else { return };
        ctx.tell(&REMOVE, || format!("removes {from}, which has left"));
        self.successors.remove(place);
        self.fingers.iter_mut().filter(|finger| **finger == from).for_each(|finger| *finger = self.me);
        self.asked = self.asked.filter(|&asked| asked != from);
        let mut before = self.ahead(from);
        for &node in list {
            let ahead = self.ahead(node);
            if node == self.me || ahead <= before {
                break;
            }
            before = ahead;
            if self.successors.last().is_none_or(|&last| self.ahead(last) < ahead) {
                self.successors.push(node);
            }
        }
        self.successors.truncate(ctx.params().successors as usize);
        if self.successors.is_empty() {
            self.successors.push(self.me);
        }
        self.hand_over_again(ctx);
    }
}

/// What a member brings that leaves.
pub(super) fn brought(keys: &[u32]) -> String {
    match keys {
        [] => "the word of a member without keys that it leaves".into(),
        _ => format!("{} of a member that leaves", counted(keys)),
    }
}

/// What was taken, or known if there was nothing to take.
pub(super) fn acknowledged(keys: &[u32]) -> String {
    match keys {
        [] => "the acknowledgement that it knows".into(),
        _ => format!("the acknowledgement of {}", counted(keys)),
    }
}

/// `key 5`, `keys 5, 9`.
pub(super) fn counted(keys: &[u32]) -> String {
    match keys {
        [] => "no keys".into(),
        [key] => format!("key {key}"),
        _ => format!("keys {}", listed(keys)),
    }
}

/// `5, 9`.
pub(super) fn listed(keys: &[u32]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
