//! # The problem of looking up a key among peers (Stoica et al. 2001)
//!
//! Keys and nodes have identifiers on one circle. A key belongs to its successor: the first member at or
//! after it, clockwise. Any member may receive a lookup of any key. It must find that node although it knows
//! only a few others, while nodes join, and fail without notice.
//!
//! An application may store keys at the nodes that they belong to. Where keys are stored, they must move when
//! a node joins or leaves. A node that leaves in order hands its keys over; the keys of a node that fails are
//! lost, because copies are the application's matter.
//!
//! That requires a ring: from any member, the first live successors lead past all members, in order, and
//! back. Failures are bounded in two ways: none may take away the last live successor that a member knows,
//! and the members of a *stable base* never fail. A node that leaves counts as one that fails. After a crash
//! or departure that violates these bounds nothing is promised, so the claims on the ring are no longer
//! judged.

use faultline_core::card::Fact;
use faultline_core::prelude::*;
use faultline_core::toolbox::order::by_number;

pub mod chord;

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(
    otherwise = "a member can be asked to `Lookup 42`, a node outside to `Join n1`; where keys are stored, a member also to \
                 `Put 42`, `Get 42` and `Leave`"
)]
pub enum Input {
    /// Of a member: find the node that a key belongs to.
    Lookup(u32),
    /// Of a node outside: become a member, with the help of one.
    Join(NodeId),
    /// Of a member: store this key at the node that it belongs to.
    Put(u32),
    /// Of a member: fetch this key from the node that it belongs to.
    Get(u32),
    /// Of a member: leave the ring, and hand over what you store.
    Leave,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// A lookup found a key at this node; so many hops led to the member before it.
    #[words("Located {0} at {1} after {2} hops")]
    Located(u32, NodeId, u32),
    /// This node has become a member.
    Joined,
    /// A key is stored at this node.
    #[words("Stored {0} at {1}")]
    Stored(u32, NodeId),
    /// A key was fetched from this node.
    #[words("Fetched {0} from {1}")]
    Fetched(u32, NodeId),
    /// The node that the lookup found does not hold the key. While keys move, another may hold it.
    #[words("Missing {0} at {1}")]
    Missing(u32, NodeId),
    /// This node has left the ring.
    Left,
}

/// A protocol that solves the problem with a ring.
pub trait Ring: Protocol<Input = Input, Output = Output, Record = Record> {
    /// Its identifier, while it is a member.
    fn identifier(&self) -> Option<u32>;
    /// The members that follow it, as far as it knows, the next first.
    fn successors(&self) -> &[NodeId];
    /// Whose list of successors it has asked for and not got.
    fn asked(&self) -> Option<NodeId>;
    /// The keys that it stores, in order.
    fn keys(&self) -> &[u32];
    /// The identifier that a node has or would have, be it up or down.
    fn identifier_of(&self, node: NodeId) -> u32;
    /// How many of the first nodes are members that are assumed never to fail; `None` where not all of them
    /// were members at the start.
    fn base(&self) -> Option<u32>;
    /// How many identifiers lie clockwise from one to another; none from one to itself.
    fn distance(&self, from: u32, to: u32) -> u32;
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// Whether a node has failed or joined, and when one last did.
    changed: bool,
    changed_at: Micros,
    /// The members in the order of their identifiers, until then.
    ring: Vec<(u32, NodeId)>,
    /// Whether a failure took away the last live successor that some member knew.
    cut_off: bool,
    /// How many of the first nodes never fail, and whether one of them did or was never there.
    base: u32,
    base_failed: bool,
    /// How many nodes have booted.
    booted: usize,
    /// Of each node what it last was as a member.
    members: Vec<Known>,
    /// How many lookups took 0, 1, 2, … hops to the member before the key.
    hops: Vec<u64>,
    keys: Keys,
}

/// What the judge remembers of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Keys {
    /// Whether a node has stored any.
    any: bool,
    /// The keys that a node held when it crashed.
    crashed: Map<u32, ()>,
    /// How many keys members have given up, and how many nodes have joined or left.
    given_up: u64,
    moved_by: u64,
}

/// What the judge knows of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Known {
    /// Whether it has booted, and whether it is a member, and up.
    booted: bool,
    live: bool,
    successors: Vec<NodeId>,
    /// Whose list it may be about to take.
    asked: Option<NodeId>,
    /// Whether that one was down then, or failed since: it is taken for failed, be it back by then or not.
    in_vain: bool,
    /// The keys that it holds.
    keys: Vec<u32>,
    /// Whether it has left, and the lists that it held before those who leave told it so, which may be on
    /// their way to others.
    has_left: bool,
    earlier: Vec<Vec<NodeId>>,
}

impl Keys {
    /// What a node held, and what it holds now; nothing is known of one that has crashed.
    fn follow(&mut self, held: &mut Vec<u32>, now: Option<&[u32]>) {
        let Some(now) = now else {
            for key in held.drain(..) {
                self.crashed.insert(key, ());
            }
            return;
        };
        if held.as_slice() != now {
            self.any = true;
            self.given_up += held.iter().filter(|key| !now.contains(key)).count() as u64;
            now.clone_into(held);
        }
    }
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Ring>(&mut self, step: &Step<'_, P>) {
        for output in step.outputs {
            match output {
                Output::Stored(..) | Output::Fetched(..) | Output::Missing(..) => {}
                Output::Left => self.keys.moved_by += 1,
                Output::Joined => {
                    self.keys.moved_by += 1;
                    (self.changed, self.changed_at) = (true, step.now);
                    // All that it was told of has failed in the meantime.
                    self.cut_off |= step.node.is_some_and(|node| !self.any_live(node.successors().iter()));
                }
                Output::Located(_, _, hops) => {
                    let hops = *hops as usize;
                    if self.hops.len() <= hops {
                        self.hops.resize(hops + 1, 0);
                    }
                    self.hops[hops] += 1;
                }
            }
        }
        if self.members.len() <= step.who.index() {
            self.members.resize(step.who.index() + 1, Known::default());
        }
        match step.node.map(Ring::base) {
            Some(Some(base)) => self.base = base,
            Some(None) => self.base_failed = true,
            None => {}
        }
        let told_of_leaving = self.was_told_of_leaving(step.who);
        let in_vain = step.node.and_then(Ring::asked).is_some_and(|asked| !self.is_member(asked));
        let known = &mut self.members[step.who.index()];
        self.booted += usize::from(!known.booted);
        known.booted = true;
        self.keys.follow(&mut known.keys, step.node.map(Ring::keys));
        known.has_left |= step.outputs.contains(&Output::Left);
        match step.node.and_then(|node| Some((node, node.identifier()?))) {
            Some((node, identifier)) => {
                if !known.live && !self.changed {
                    let member = (identifier, step.who);
                    self.ring.insert(self.ring.partition_point(|other| *other < member), member);
                }
                (known.live, known.has_left) = (true, false);
                if known.asked != node.asked() {
                    (known.asked, known.in_vain) = (node.asked(), in_vain);
                }
                if known.successors != node.successors() {
                    let before = std::mem::replace(&mut known.successors, node.successors().to_vec());
                    match told_of_leaving {
                        true => known.earlier.push(before),
                        false => known.earlier.clear(),
                    }
                }
            }
            None if known.live => {
                self.fails(step.who);
                self.changed_at = step.now;
            }
            None => {}
        }
    }

    /// A member fails.
    fn fails(&mut self, node: NodeId) {
        let known = &mut self.members[node.index()];
        (known.live, known.asked, self.changed) = (false, None, true);
        self.base_failed |= node.0 < self.base;
        let waiting = self.members.iter_mut().filter(|known| known.asked == Some(node));
        waiting.for_each(|known| known.in_vain = true);
        let mut members = (0..).map(NodeId).zip(&self.members);
        self.cut_off |= members.any(|(who, known)| known.live && self.is_cut_off(who, known));
    }

    /// The first member at or after an identifier, as long as nobody has failed or joined.
    fn successor(&self, key: u32) -> Option<NodeId> {
        let place = self.ring.partition_point(|(identifier, _)| *identifier < key);
        self.ring.get(place).or(self.ring.first()).map(|(_, node)| *node)
    }

    /// Whether all failures so far were such as the claims allow.
    pub fn is_promised(&self) -> bool {
        !self.cut_off && !self.base_failed
    }

    fn is_member(&self, node: NodeId) -> bool {
        self.members.get(node.index()).is_some_and(|known| known.live)
    }

    fn any_live<'a>(&self, mut successors: impl Iterator<Item = &'a NodeId>) -> bool {
        successors.any(|&node| self.is_member(node))
    }

    /// Whether a member's list names one that has left.
    fn was_told_of_leaving(&self, node: NodeId) -> bool {
        let has_left = |node: &NodeId| self.members.get(node.index()).is_some_and(|known| known.has_left);
        self.members.get(node.index()).is_some_and(|known| known.successors.iter().any(has_left))
    }

    /// Whether a member has no live successor, or will have none when it has waited in vain for one that
    /// failed, or if the answer of that one is still under way: that list, up to its own place and without
    /// its last, is what it will then hold.
    fn is_cut_off(&self, who: NodeId, known: &Known) -> bool {
        let failed = known.asked.filter(|_| known.in_vain);
        let others = known.successors.iter().filter(|&&node| Some(node) != failed);
        let asked = failed.and_then(|asked| self.members.get(asked.index()));
        let mut answers = asked.into_iter().flat_map(|it| it.earlier.iter().chain([&it.successors]));
        let is_no_help = |answer: &Vec<NodeId>| {
            let kept = answer.split_last().map(|(_, list)| list.iter().take_while(|&&node| node != who));
            kept.is_some_and(|kept| !self.any_live(kept))
        };
        !self.any_live(others) || answers.any(is_no_help)
    }

    /// Whether the crash of a node would leave the claims promised.
    fn survives(&self, node: NodeId) -> bool {
        let mut after = self.clone();
        after.fails(node);
        after.is_promised()
    }

    /// How many lookups took 0, 1, 2, … hops to the member before the key.
    pub fn hops(&self) -> &[u64] {
        &self.hops
    }

    /// How many keys members have given up to others, and how many nodes have joined or left.
    pub fn moved(&self) -> (u64, u64) {
        (self.keys.given_up, self.keys.moved_by)
    }
}

/// What every solution claims.
pub const fn claims<P: Ring>() -> [Property<P>; 8] {
    [
        always(
            "Owner",
            "While no node joins or fails, a lookup finds the first member at or after the key.",
            About::Outputs,
            owner,
        )
        .given(|scene: &Scene<'_, P>| match scene.record {
            Record { changed: true, .. } => Err("a node has joined or failed"),
            Record { hops, .. } if hops.is_empty() => Err("no lookup has ended yet"),
            Record { .. } => Ok(()),
        }),
        always(
            "Live Successor",
            "No member loses its last live successor by itself. This assumes that the stable base is up. It \
             also assumes that every failure leaves each member a live successor, in its list and in any \
             list on its way to it. A member that did not answer counts as failed, even if it is back.",
            About::Everything,
            live_successor,
        )
        .given(is_promised),
        always(
            "Ordered List",
            "A member that is not alone is never in its own list of successors. The list is in order and has \
             no duplicates.",
            About::Everything,
            ordered_list,
        )
        .given(is_promised),
        always(
            "Valid Ring",
            "Under the same condition, the first live successors form exactly one ring. The ring is ordered, \
             and the successors of every other member lead to it (Zave 2012).",
            About::Everything,
            valid_ring,
        )
        .given(is_promised),
        always(
            "Base Not Skipped",
            "Under the same condition, no list of successors skips a member of the stable base (Zave 2017).",
            About::Everything,
            base_not_skipped,
        )
        .given(is_promised),
        eventually(
            "One Ring",
            "Under the same condition, all members end up in one ordered ring: the first live successor of \
             each is the next member.",
            Despite::Crashes,
            |scene| match members(scene).len() {
                0 | 1 => Err("fewer than two members are up"),
                _ => is_promised(scene),
            },
            one_ring,
        )
        .since(|scene| Some(scene.record.changed_at)),
        always(
            "No Key Lost",
            "No member gives up a key that no other node holds, neither to a node that joins nor when it leaves itself. \
             A key that some node held when it crashed is not judged.",
            About::Everything,
            no_key_lost,
        )
        .given(|scene: &Scene<'_, P>| match scene.record.keys.given_up {
            0 => Err("no member has given up a key yet"),
            _ => Ok(()),
        }),
        eventually(
            "Keys at Owners",
            "Under the same condition as One Ring, every key that a member stores ends up at its owner, and nowhere \
             else: the first member at or after the key.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| match scene.record.keys.any {
                false => Err("no node has stored a key yet"),
                true => is_promised(scene),
            },
            keys_at_owners,
        )
        .since(|scene| Some(scene.record.changed_at)),
    ]
}

/// Whether all failures so far were such as the claims allow.
fn is_promised<P: Ring>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    match scene.record {
        Record { base_failed: true, .. } => {
            Err("a member of the stable base has failed, or was not there at the start")
        }
        Record { cut_off: true, .. } => Err("a failure has left some member without a live successor"),
        _ => Ok(()),
    }
}

/// A member, with the successors on its card.
fn follower(member: NodeId) -> Side {
    Side::of(member).showing(Fact::Field("successors"))
}

fn owner<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Located(key, found, _) = *output
            && !scene.record.changed
            && let Some(owner) = scene.record.successor(key)
            && owner != found
        {
            return Err(Contradiction::between(
                format!("{} learns that key {key} is at {found}, but it is at {owner}", scene.who),
                [Side::of(scene.who), follower(owner)],
            ));
        }
    }
    Ok(())
}

fn live_successor<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let Some(node) = scene.node.filter(|node| node.identifier().is_some()) else { return Ok(()) };
    let (list, record) = (node.successors(), scene.record);
    // A member that has just joined, or is alone, is not in the record yet.
    if !record.is_promised() || !record.is_member(scene.who) || record.any_live(list.iter()) {
        return Ok(());
    }
    let sentence = format!("{} has no live successor left", scene.who);
    Err(Contradiction::between(sentence, [follower(scene.who)]))
}

fn ordered_list<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let Some((node, me)) = scene.node.and_then(|node| Some((node, node.identifier()?))) else {
        return Ok(());
    };
    let list = node.successors();
    if !scene.record.is_promised() || list == [scene.who] {
        return Ok(());
    }
    let mut before = 0;
    for &next in list {
        let distance = node.distance(me, node.identifier_of(next));
        if next == scene.who || distance <= before {
            return Err(Contradiction::between(
                format!("{} holds {next} in the wrong place in its list of successors", scene.who),
                [follower(scene.who)],
            ));
        }
        before = distance;
    }
    Ok(())
}

/// The identifier of a member that is up.
fn node_identifier<P: Ring>(scene: &Scene<'_, P>, id: NodeId) -> Option<u32> {
    scene.node_of(id).and_then(P::identifier)
}

/// Members that are up, in the order of their identifiers.
fn members<'a, P: Ring>(scene: &'a Scene<'_, P>) -> Vec<(u32, NodeId, &'a P)> {
    let mut members: Vec<_> =
        scene.nodes().filter_map(|(id, node)| Some((node.identifier()?, id, node))).collect();
    by_number(&mut members, |(identifier, ..)| (*identifier).into());
    members
}

/// Zave's invariants of the ring; each is judged when a member comes, goes or has another list.
fn valid_ring<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let record = scene.record;
    let member = scene.node.filter(|node| node.identifier().is_some());
    let known = record.members.get(scene.who.index());
    let same = member.map(Ring::successors) == known.filter(|it| it.live).map(|it| &it.successors[..]);
    // Before all have booted the ring at the start is not complete, and what this step does is not in the
    // record yet.
    let fails = member.is_none() && known.is_some_and(|it| it.live);
    let joins_nobody =
        member.is_some_and(|node| !record.is_member(scene.who) && !record.any_live(node.successors().iter()));
    if same
        || joins_nobody
        || record.booted < scene.count()
        || !record.is_promised()
        || fails && !record.survives(scene.who)
    {
        return Ok(());
    }
    let members = members(scene);
    let mut places = vec![None; scene.count()];
    members.iter().enumerate().for_each(|(place, (_, id, _))| places[id.index()] = Some(place));
    let next: Vec<Option<usize>> =
        members.iter().map(|(.., node)| node.successors().iter().find_map(|to| places[to.index()])).collect();
    let name = |place: usize| members[place].1;
    // Each member is walked from once; a walk that meets itself has found a ring.
    let (mut walks, mut ring) = (vec![None; members.len()], None);
    for start in 0..members.len() {
        let mut at = Some(start);
        while let Some(place) = at.filter(|&place| walks[place].is_none()) {
            walks[place] = Some(start);
            at = next[place];
        }
        match at {
            None => {
                return Err(Contradiction::between(
                    format!("no live successor leads from {} to a ring", name(start)),
                    [follower(name(start))],
                ));
            }
            Some(place) if walks[place] == Some(start) => match ring.replace(place) {
                None => {}
                Some(other) => {
                    return Err(Contradiction::between(
                        format!("{} and {} are on different rings", name(other), name(place)),
                        [follower(name(other)), follower(name(place))],
                    ));
                }
            },
            Some(_) => {}
        }
    }
    let Some(first) = ring else { return Ok(()) };
    let (mut at, mut turns) = (first, 0);
    while let Some(to) = next[at] {
        turns += u32::from(to <= at);
        at = to;
        if at == first {
            break;
        }
    }
    if turns > 1 {
        Err(Contradiction::between(
            format!("the ring of {} goes {turns} times round the circle", name(first)),
            [follower(name(first))],
        ))
    } else {
        Ok(())
    }
}

fn base_not_skipped<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let Some((node, me)) = scene.node.and_then(|node| Some((node, node.identifier()?))) else {
        return Ok(());
    };
    if !scene.record.is_promised() {
        return Ok(());
    }
    let way = |to: NodeId| match node.distance(me, node.identifier_of(to)) {
        0 => u64::from(u32::MAX) + 1,
        way => way.into(),
    };
    let (list, base) = (node.successors(), (0..node.base().unwrap_or(0)).map(NodeId));
    let farthest = list.last().map_or(0, |&last| way(last));
    let skipped = |member: &NodeId| *member != scene.who && way(*member) < farthest && !list.contains(member);
    match base.into_iter().find(skipped) {
        Some(member) => Err(Contradiction::between(
            format!("the list of {} skips {member}, which never fails", scene.who),
            [follower(scene.who), follower(member)],
        )),
        None => Ok(()),
    }
}

fn one_ring<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let members = members(scene);
    for (place, (_, id, node)) in members.iter().enumerate() {
        let next = members[(place + 1) % members.len()].1;
        let live = node.successors().iter().copied().find(|&other| node_identifier(scene, other).is_some());
        if live != Some(next) {
            let live = live.map_or_else(|| "nobody".to_owned(), |live| live.to_string());
            return Err(Contradiction::between(
                format!("{id} is followed by {live}, but the next member is {next}"),
                [follower(*id), follower(next)],
            ));
        }
    }
    Ok(())
}

/// A node, with the keys on its card.
fn keeper(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("keys"))
}

fn no_key_lost<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let (Some(node), Some(known)) = (scene.node, scene.record.members.get(scene.who.index())) else {
        return Ok(());
    };
    let is_lost = |key: &&u32| {
        !node.keys().contains(key)
            && !scene.record.keys.crashed.contains_key(key)
            && !scene.nodes().any(|(_, other)| other.keys().contains(key))
    };
    match known.keys.iter().find(is_lost) {
        Some(key) => Err(Contradiction::between(
            format!("{} gives up key {key}, and no other node holds it", scene.who),
            [keeper(scene.who)],
        )),
        None => Ok(()),
    }
}

fn keys_at_owners<P: Ring>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let members = members(scene);
    for &(_, id, node) in &members {
        for &key in node.keys() {
            let place = members.partition_point(|(identifier, ..)| *identifier < key);
            let owner = members[place % members.len()].1;
            if owner != id {
                return Err(Contradiction::between(
                    format!("{id} holds key {key}, but {owner} is the first member at or after it"),
                    [keeper(id), keeper(owner)],
                ));
            }
        }
    }
    Ok(())
}
