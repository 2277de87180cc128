//! A replica: the versions that it holds of its keys (§4.4, §4.5), and those that it keeps for others (§4.6).

use super::{
    Bugs, EXCHANGE, Hint, Key, Message, Output, Quorum, REPAIR, Rc, Timer, Version, Versions, set_every,
};
use faultline_core::prelude::*;

const HINT: Rule = Rule::new(
    "§4.6",
    "A stand-in keeps a version apart, with a hint that names its home, and acknowledges it.",
);
const HAND_OFF: Rule =
    Rule::new("§4.6", "A stand-in tries to deliver the versions that it keeps to their homes.");
pub(super) const HANDED: Rule =
    Rule::new("§4.6", "A home takes the version that a stand-in has kept for it.");
const FORGET: Rule = Rule::new("§4.6", "A stand-in may forget a version once its home has taken it.");
const COLLECT: Rule = Rule::new(
    "Cassandra",
    "A replica collects a tombstone once its grace has passed, counted from its arrival by the replica's \
     clock.",
);
const EXPIRE: Rule = Rule::new(
    "Cassandra",
    "A hint expires at the age at which a tombstone is collected, because a later deletion may be forgotten \
     by then.",
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

/// How much of the grace that began then is left by my clock.
fn grace_left(since: Micros, ctx: &Ctx<Quorum>) -> Micros {
    since.saturating_add(ctx.params().gc_grace).saturating_sub(ctx.clock())
}

/// Under what a tombstone is remembered.
fn grave(key: Key, version: &Version) -> (Key, NodeId, u32) {
    (key, version.author, version.count)
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

    /// Stores a version, unless what it holds covers it, or it is a tombstone from another replica whose
    /// grace has passed and that deletes nothing here: replicas that have collected it and those that have
    /// not would exchange it for ever.
    pub(super) fn take(&mut self, key: Key, version: &Version, rule: &'static Rule, ctx: &mut Ctx<Self>) {
        let Bugs { repair_overwrites, no_tombstone, drops_siblings, unordered_tree, .. } = ctx.params().bugs;
        let overwrites = repair_overwrites && *rule == REPAIR;
        let known = self.held(key);
        let news = known.is_none_or(|known| known.iter().all(|it| !it.covers(version)));
        let buries = known.is_some_and(|known| known.iter().any(|it| version.supersedes(it)));
        let told = [&REPAIR, &EXCHANGE].contains(&rule);
        let is_over = version.value.is_none() && grace_left(version.time, ctx) == 0;
        if !(news || overwrites) || told && is_over && !buries {
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
        if version.value.is_none() && !no_tombstone {
            Rc::make_mut(&mut self.disk.buried).insert(grave(key, version), ctx.clock());
            self.wait_for_grace(key, ctx);
        }
        ctx.tell(rule, || format!("stores {key}: {version}"));
        ctx.output(Output::Took { key, version: version.clone() });
    }

    /// Keeps a version for a home.
    pub(super) fn keep(&mut self, hint: Hint, ctx: &mut Ctx<Self>) {
        ctx.note(&HINT);
        let same = |old: &Hint| {
            (old.home, grave(old.key, &old.version)) == (hint.home, grave(hint.key, &hint.version))
        };
        if !self.disk.hints.iter().any(same) {
            ctx.tell(&HINT, || format!("keeps {}: {} for {}", hint.key, hint.version, hint.home));
            Rc::make_mut(&mut self.disk.hints).push(hint);
            set_every(Timer::Handoff, ctx.params().handoff, ctx);
            self.wait_for_hints_to_expire(ctx);
        }
    }

    /// Throws away the tombstones of a key whose grace is over, and waits for the others.
    pub(super) fn collect(&mut self, key: Key, ctx: &mut Ctx<Self>) {
        ctx.note(&COLLECT);
        let buried = Rc::make_mut(&mut self.disk.buried);
        let since = |version: &Version| buried.get(&grave(key, version));
        let is_over = |version: &Version| since(version).is_some_and(|since| grace_left(*since, ctx) == 0);
        if Rc::make_mut(&mut self.disk.store).of(key, true).take_out(is_over) {
            ctx.tell(&COLLECT, || format!("collects the tombstone of {key}"));
            ctx.output(Output::Collected { key });
        }
        self.wait_for_grace(key, ctx);
    }

    /// Remembers to collect the tombstones of a key, and forgets when it took those that it holds no more.
    pub(super) fn wait_for_grace(&mut self, key: Key, ctx: &mut Ctx<Self>) {
        let held = self.held(key).cloned().unwrap_or_default();
        let buried = Rc::make_mut(&mut self.disk.buried);
        let graves: Vec<_> = buried.keys().copied().filter(|grave| grave.0 == key).collect();
        for gone in graves.into_iter().filter(|it| held.iter().all(|version| grave(key, version) != *it)) {
            buried.remove(&gone);
        }
        let since = held.iter().filter_map(|version| buried.get(&grave(key, version))).min();
        if let Some(since) = since {
            ctx.set(Timer::Collect(key), grace_left(*since, ctx).max(1));
        }
    }

    pub(super) fn expire(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&EXPIRE);
        self.drop_expired(ctx);
    }

    /// Forgets the hints that are too old to be handed over, and waits for the others to become so.
    pub(super) fn drop_expired(&mut self, ctx: &mut Ctx<Self>) {
        let is_over = |hint: &Hint| grace_left(hint.since, ctx) == 0;
        let (over, kept): (Vec<_>, Vec<_>) = self.disk.hints.iter().cloned().partition(is_over);
        if !over.is_empty() {
            self.disk.hints = Rc::new(kept);
        }
        for Hint { home, key, version, .. } in over {
            ctx.tell(&EXPIRE, || format!("drops the expired hint {key}: {version} for {home}"));
            ctx.output(Output::Expired { key, version, home });
        }
        self.wait_for_hints_to_expire(ctx);
    }

    /// Sets the timer for the oldest hint.
    pub(super) fn wait_for_hints_to_expire(&self, ctx: &mut Ctx<Self>) {
        if let Some(since) = self.disk.hints.iter().map(|hint| hint.since).min() {
            ctx.set(Timer::Expire, grace_left(since, ctx).max(1));
        }
    }

    /// Tries to hand over what it keeps.
    pub(super) fn hand_off(&mut self, ctx: &mut Ctx<Self>) {
        ctx.note(&HAND_OFF);
        self.drop_expired(ctx);
        for Hint { home, key, version, .. } in self.disk.hints.iter().cloned() {
            ctx.send(home, Message::Handoff { key, version });
        }
        if !self.disk.hints.is_empty() {
            ctx.remark(&HAND_OFF, || "tries to hand over what it keeps".into());
            set_every(Timer::Handoff, ctx.params().handoff, ctx);
        }
    }

    /// A home has taken the version that was kept for it.
    pub(super) fn forget(&mut self, home: NodeId, key: Key, author: NodeId, count: u32, ctx: &mut Ctx<Self>) {
        ctx.note(&FORGET);
        let kept = |hint: &Hint| {
            let Version { author: by, count: nth, .. } = hint.version;
            (hint.home, hint.key, by, nth) != (home, key, author, count)
        };
        if !self.disk.hints.iter().all(kept) {
            ctx.remark(&FORGET, || format!("forgets {key}, which {home} has taken"));
            Rc::make_mut(&mut self.disk.hints).retain(kept);
            ctx.output(Output::HandedOff { key, home });
        }
    }
}
