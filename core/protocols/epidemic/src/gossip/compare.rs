//! Comparing all items (§1.3), and anti-entropy as a backup of rumours (§1.5).
//!
//! Two nodes that compare mostly hold the same, so sending all items is a waste. With checksums the caller
//! sends only the checksum of all that it holds; the items follow if the other node has another one. While
//! changes are under way, checksums differ nearly always. So both may send their changes of late before, and
//! compare checksums after both have merged them.
//!
//! Rumours cost little, and a few nodes never hear them. Where rumours are backed, each node also compares
//! all items with some other node once in a longer time. What a node learns so is news, and becomes a hot
//! rumour again.
//!
//! An answer to a checksum is heard whenever it comes, also after the cycle in which it was asked for: two
//! nodes that compare once too often do no harm.
//!
//! **Beside the paper.** A checksum has 32 bits: of four thousand million comparisons that find a difference,
//! one on average overlooks it, until something changes. Nobody answers a checksum that is the same as its
//! own.

use super::{ANSWER, AWAKEN, Comparison, Gossip, Holding, KNOWN, MERGE, Message, partner::partner};
use crate::Item;
use faultline_core::fingerprint;
use faultline_core::prelude::*;

const CHECK: Rule = Rule::new("§1.3", "A node sends the checksum of its items before any item.");
const RECENT: Rule =
    Rule::new("§1.3", "Two nodes exchange their recent changes, and compare checksums after that.");
const SAME: Rule = Rule::new("§1.3", "Two nodes with the same checksum hold the same items.");
const DIFFERENT: Rule = Rule::new("§1.3", "Where checksums differ, all items are compared.");
const BACKUP: Rule = Rule::new(
    "§1.5",
    "Now and then a node compares all items with another, so that no rumour is missed for ever.",
);

impl Gossip {
    /// The comparison that backs rumours.
    pub(super) fn back_up(&mut self, ctx: &mut Ctx<Self>) {
        let backup = ctx.params().backup;
        ctx.set(super::Timer::Backup, backup);
        let Some(partner) = partner(ctx) else { return };
        match ctx.params().compare {
            Comparison::Whole => {
                ctx.remark(&BACKUP, || format!("compares all items with {partner}"));
                self.offer_all(partner, ctx);
            }
            Comparison::Checksums | Comparison::Recent => self.send_checksum(partner, ctx),
        }
    }

    /// Calls with the checksum of all that it holds, after its recent changes.
    pub(super) fn send_checksum(&mut self, partner: NodeId, ctx: &mut Ctx<Self>) {
        let recent = self.recent(ctx);
        ctx.remark(if recent.is_empty() { &CHECK } else { &RECENT }, || {
            format!("sends {partner} its checksum")
        });
        ctx.send(partner, Message::Check(self.sum(ctx), recent));
    }

    /// Another node has sent its checksum.
    pub(super) fn checked_by(&mut self, from: NodeId, sum: u32, recent: Vec<Item>, ctx: &mut Ctx<Self>) {
        let mut mine = self.recent(ctx);
        mine.retain(|item| !recent.contains(item));
        let is_told = self.merge_all(recent, ctx);
        let is_same = mine.is_empty() && sum == self.sum(ctx);
        if !is_told {
            ctx.note(if is_same { &SAME } else { &DIFFERENT });
        }
        if !is_same {
            ctx.send(from, Message::Checked(self.sum(ctx), mine));
        }
    }

    /// The node that it sent its checksum has answered.
    pub(super) fn heard_checksum(&mut self, from: NodeId, sum: u32, recent: Vec<Item>, ctx: &mut Ctx<Self>) {
        let is_told = self.merge_all(recent, ctx);
        let is_same = sum == self.sum(ctx);
        match (is_told, is_same) {
            (true, _) => {}
            (false, true) => ctx.note(&SAME),
            (false, false) => ctx.remark(&DIFFERENT, || format!("compares all items with {from}")),
        }
        if !is_same {
            self.offer_all(from, ctx);
        }
    }

    /// Sends all that it holds, and says what it lacks.
    fn offer_all(&self, partner: NodeId, ctx: &mut Ctx<Self>) {
        self.holdings().for_each(|holding| ctx.send(partner, Message::Offer(holding.offered())));
    }

    /// Another node has sent one of all its items: of the two, the newer is kept at both.
    pub(super) fn offered(&mut self, from: NodeId, item: Item, ctx: &mut Ctx<Self>) {
        let Some(place) = self.place(item.key) else { return };
        let awakens = self.awaken(place, item.stamp, ctx);
        let mine = self.holding(place).offered();
        if (mine.stamp, mine.awakened) > (item.stamp, item.awakened) {
            ctx.note(if awakens { &AWAKEN } else { &ANSWER });
            return ctx.send(from, Message::Reply(mine));
        }
        self.merge(item, &KNOWN, ctx);
    }

    /// Adopts the newer of these; whether one was, or awakened a certificate: then the step is about that.
    fn merge_all(&mut self, items: Vec<Item>, ctx: &mut Ctx<Self>) -> bool {
        let mut about = None;
        for item in items {
            if let Some(place) = self.place(item.key) {
                if self.awaken(place, item.stamp, ctx) {
                    about = Some(&AWAKEN);
                }
                if self.merge(item, about.unwrap_or(&KNOWN), ctx) {
                    about = about.or(Some(&MERGE));
                }
            }
        }
        if let Some(rule) = about {
            ctx.note(rule);
        }
        about.is_some()
    }

    /// The changes of late, where they are exchanged.
    fn recent(&self, ctx: &Ctx<Self>) -> Vec<Item> {
        let since = ctx.clock().saturating_sub(ctx.params().recent);
        let is_recent = |item: &Item| item.stamp.time > 0 && item.stamp.time.max(item.awakened) >= since;
        match ctx.params().compare {
            Comparison::Recent => self.holdings().map(Holding::offered).filter(is_recent).collect(),
            Comparison::Whole | Comparison::Checksums => Vec::new(),
        }
    }

    /// The checksum of all items that others are told of.
    fn sum(&self, ctx: &Ctx<Self>) -> u32 {
        let values = ctx.params().bugs.sums_values;
        let of = |item: Item| match item {
            Item { stamp, .. } if stamp.time == 0 => 0,
            Item { key, value, .. } if values => fingerprint::of(&(key, value)) as u32,
            Item { key, stamp, .. } => fingerprint::of(&(key, stamp)) as u32,
        };
        self.holdings().fold(0, |sum, holding| sum ^ of(holding.offered()))
    }
}
