//! Death certificates that do not stay for ever (§2.1, §2.2).
//!
//! After a time every node discards a death certificate, but for a few retention sites, where it lies
//! dormant: it is not told to others. When an older copy of the item comes to a retention site, from a node
//! that was down for long, the certificate awakens. It spreads again like a change, and deletes the copies
//! that have come back.
//!
//! An awakened certificate keeps its stamp, which decides what is older, and so it does not delete a value
//! that was set after the deletion. A second stamp, of its activation, decides when it falls asleep again.
//!
//! The time must be long enough. A certificate that is discarded before it has reached all nodes leaves the
//! item at some of them, and one that awakens falls asleep before it has spread. The age of a certificate is
//! what a node's own clock says: where that is ahead by more than the time, the node discards what has just
//! come.
//!
//! **Beside the paper.** It draws the retention sites at random and writes them into the certificate. Here
//! they are the node that deleted the item and those that follow it in number, so that everybody knows them.
//! A node that knows nothing of an item does not take a certificate that it would discard at once.

use super::{Gossip, Holding, Item, Stamp, Style};
use crate::Output;
use faultline_core::prelude::*;

const DISCARD: Rule =
    Rule::new("§2.1", "After some time a node discards a death certificate, unless it is a retention site.");
const DORMANT: Rule = Rule::new(
    "§2.1",
    "At a retention site an old death certificate lies dormant: others are not told of it.",
);
pub(super) const AWAKEN: Rule = Rule::new(
    "§2.2",
    "An older copy of a deleted item awakens the dormant death certificate, which spreads again.",
);
const TOO_LATE: Rule = Rule::new(
    "§2.1",
    "A node that knows nothing of an item takes no certificate that it would discard at once.",
);

impl Gossip {
    /// Whether a death certificate is so old that a node discards it or lets it lie dormant.
    fn is_old(item: &Item, ctx: &Ctx<Self>) -> bool {
        let kept = ctx.params().certificates;
        let is_certificate = item.value.is_none() && item.stamp != Stamp::default();
        kept > 0 && is_certificate && ctx.clock() >= item.stamp.time.max(item.awakened).saturating_add(kept)
    }

    /// Whether this node keeps a death certificate with this stamp for the others.
    fn retains(stamp: Stamp, ctx: &Ctx<Self>) -> bool {
        let count = ctx.count() as u64;
        let behind = (u64::from(ctx.me().0) + count - u64::from(stamp.author) % count) % count;
        behind < ctx.params().retention
    }

    /// Discards the death certificates that are old enough, or lets them lie dormant; whether it told so.
    pub(super) fn clear_certificates(&mut self, ctx: &mut Ctx<Self>) -> bool {
        let (mut is_told, always) = (false, ctx.params().style == Style::AntiEntropy);
        for holding in self.holdings_mut() {
            if holding.dormant || !Self::is_old(&holding.item, ctx) {
                continue;
            }
            is_told = true;
            let key = holding.item.key;
            if Self::retains(holding.item.stamp, ctx) {
                ctx.tell(&DORMANT, || format!("lets its death certificate{key} lie dormant"));
                holding.dormant = true;
            } else {
                ctx.tell(&DISCARD, || format!("discards its death certificate{key}"));
                ctx.output(Output::Discarded(holding.item));
                *holding = Holding::of(Item::nothing(key), always);
            }
        }
        is_told
    }

    /// Something with this stamp has come, in a call or in an answer: if it is older than a dormant death
    /// certificate, that one awakens, and the step is about that; whether it is so.
    pub(super) fn awaken(&mut self, place: usize, stamp: Stamp, ctx: &mut Ctx<Self>) -> bool {
        let Holding { mut item, dormant, .. } = *self.holding(place);
        let is_older = stamp != Stamp::default() && stamp < item.stamp;
        if !dormant || !is_older || ctx.params().bugs.sleeps_on {
            return false;
        }
        if ctx.params().bugs.restamps {
            self.stamped = ctx.clock().max(self.stamped + 1);
            item.stamp = Stamp { time: self.stamped, author: ctx.me().0 };
        } else {
            item.awakened = ctx.clock();
        }
        ctx.tell(&AWAKEN, || format!("awakens its death certificate{}, stamped {}", item.key, item.stamp));
        ctx.output(Output::Awakened(item));
        self.take(place, item);
        true
    }

    /// The same change has come: a death certificate that was awakened later somewhere stays awake here, too.
    pub(super) fn stays_awake(&mut self, place: usize, item: &Item) {
        let held = self.holding(place).item;
        if held.stamp == item.stamp && held.awakened < item.awakened {
            self.take(place, *item);
        }
    }

    /// Whether a death certificate that has come is so old that there is nothing to be done with it.
    pub(super) fn comes_too_late(&self, place: usize, item: &Item, ctx: &mut Ctx<Self>) -> bool {
        let knows = self.holding(place).item.stamp != Stamp::default();
        let too_late = !knows && Self::is_old(item, ctx) && !Self::retains(item.stamp, ctx);
        if too_late {
            ctx.note(&TOO_LATE);
        }
        too_late
    }
}
