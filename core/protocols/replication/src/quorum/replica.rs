//! A replica: the versions that it holds of its keys (§4.4, §4.5), and those that it keeps for others (§4.6).

use super::{Bugs, Hint, Key, Message, Output, Quorum, REPAIR, Rc, Timer, Version, Versions, set_every};
use faultline_core::prelude::*;

const HINT: Rule =
    Rule::new("§4.6", "A stand-in keeps a version apart, with a hint for whom it is meant, and says so.");
pub(super) const HAND_OFF: Rule = Rule::new("§4.6", "A stand-in tries to deliver what it keeps to its home.");
const FORGET: Rule = Rule::new("§4.6", "What its home has taken, a stand-in may forget.");
const COLLECT: Rule = Rule::new(
    "Cassandra",
    "A tombstone is collected once its grace is over by the replica's clock, and not taken after that.",
);

/// The versions of each key, in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store(pub(super) Vec<(Key, Versions)>);

impl Store {
    /// The versions of a key, in a place of its own; a new key comes where it belongs, or else last.
    pub(super) fn of(&mut self, key: Key, in_order: bool) -> &mut Versions {
        let known = self.0.iter().position(|(known, _)| *known == key);
        let place = known.unwrap_or_else(|| {
            let place =
                if in_order { self.0.partition_point(|(known, _)| *known < key) } else { self.0.len() };
            self.0.insert(place, (key, Versions::default()));
            place
        });
        &mut self.0[place].1
    }
}

/// How long a version is kept from now on, by my clock; `None` where it is no tombstone, or for ever.
pub(super) fn grace_left(version: &Version, ctx: &Ctx<Quorum>) -> Option<Micros> {
    let ends = version.time.saturating_add(ctx.params().gc_grace);
    version.value.is_none().then(|| ends.saturating_sub(ctx.clock()))
}

/// Remembers to collect a version, where it is a tombstone.
pub(super) fn expire(key: Key, version: &Version, ctx: &mut Ctx<Quorum>) {
    if let Some(left) = grace_left(version, ctx) {
        ctx.set(Timer::Collect(key), left.max(1));
    }
}

impl Quorum {
    pub(super) fn held(&self, key: Key) -> Option<&Versions> {
        self.disk.store.0.iter().find(|(known, _)| *known == key).map(|(_, versions)| versions)
    }

    /// What it holds of a key, for itself and for others.
    pub(super) fn all_of(&self, key: Key) -> Versions {
        let mut all = self.held(key).cloned().unwrap_or_default();
        for hint in self.disk.hints.iter().filter(|hint| hint.key == key) {
            all.add(&hint.version);
        }
        all
    }

    /// Takes a version in, unless what it holds covers it, or it is a tombstone whose grace is over.
    pub(super) fn take(&mut self, key: Key, version: &Version, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        let Bugs { repair_overwrites, no_tombstone, drops_siblings, unordered_tree, .. } = ctx.params().bugs;
        let overwrites = repair_overwrites && *rule == REPAIR;
        let known = self.held(key);
        let news = known.is_none_or(|known| known.iter().all(|it| !it.covers(version)));
        if !(news || overwrites) || grace_left(version, ctx) == Some(0) {
            return;
        }
        let versions = Rc::make_mut(&mut self.disk.store).of(key, !unordered_tree);
        if overwrites || drops_siblings {
            *versions = Versions::only(version);
        } else {
            versions.add(version);
        }
        if no_tombstone {
            versions.take_out(|version| version.value.is_none());
        }
        expire(key, version, ctx);
        ctx.tell(rule, || format!("takes {key}: {version}"));
        ctx.output(Output::Took { key, version: version.clone() });
    }

    /// Keeps a version for a home.
    pub(super) fn keep(&mut self, hint: Hint, ctx: &mut Ctx<Self>) {
        ctx.note(&HINT);
        if !self.disk.hints.contains(&hint) {
            ctx.tell(&HINT, || format!("keeps {}: {} for {}", hint.key, hint.version, hint.home));
            Rc::make_mut(&mut self.disk.hints).push(hint);
            set_every(Timer::Handoff, ctx.params().handoff, ctx);
        }
    }

    /// Throws away the tombstones of a key whose grace is over, and waits for the others.
    pub(super) fn collect(&mut self, key: Key, ctx: &mut Ctx<Self>) {
        ctx.note(&COLLECT);
        let is_over = |version: &Version| grace_left(version, ctx) == Some(0);
        if Rc::make_mut(&mut self.disk.store).of(key, true).take_out(is_over) {
            ctx.tell(&COLLECT, || format!("collects the tombstone of {key}"));
            ctx.output(Output::Collected { key });
        }
        for version in self.all_of(key).iter() {
            expire(key, version, ctx);
        }
    }

    /// Tries to hand over what it keeps.
    pub(super) fn hand_off(&self, ctx: &mut Ctx<Self>) {
        ctx.note(&HAND_OFF);
        for Hint { home, key, version } in self.disk.hints.iter().cloned() {
            ctx.send(home, Message::Handoff { key, version });
        }
        if !self.disk.hints.is_empty() {
            set_every(Timer::Handoff, ctx.params().handoff, ctx);
        }
    }

    /// A home has taken what was kept for it.
    pub(super) fn forget(&mut self, home: NodeId, key: Key, author: NodeId, count: u32, ctx: &mut Ctx<Self>) {
        ctx.note(&FORGET);
        let kept = |hint: &Hint| {
            let Version { author: by, count: nth, .. } = hint.version;
            (hint.home, hint.key, by, nth) != (home, key, author, count)
        };
        if !self.disk.hints.iter().all(kept) {
            Rc::make_mut(&mut self.disk.hints).retain(kept);
            ctx.output(Output::HandedOff { key, home });
        }
    }
}
