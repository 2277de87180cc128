//! Links under somebody's hands: cut and healed, held and released, of another behaviour, and under standing rules.

use super::{World, rule};
use crate::event::{LinkSet, LossRule};
use crate::name::NodeId;
use crate::network::{Behaviour, Link, Manner, link_mut};
use crate::slot::Slot;
use crate::time::exact;
use crate::trace::{NOBODY, Record, What};
use std::rc::Rc;

/// The most directed links that one act may change, for each of them is remembered.
const MOST_LINKS: u64 = 1_000_000;
pub(super) const TOO_MANY_LINKS: &str =
    "this act would change more than a million links; name fewer nodes, or change the network's settings";

impl World {
    /// Whether links are more than an act may change; without any named, all.
    pub(super) fn are_too_many(&self, links: Option<&LinkSet>) -> bool {
        let count = self.setup.count;
        let all = u64::from(count) * u64::from(count - 1);
        all > MOST_LINKS && links.map_or(all, |links| links.how_many(count)) > MOST_LINKS
    }

    pub(super) fn set_links(&mut self, what: What, links: Option<&LinkSet>) -> Record {
        match what {
            What::Hold | What::Release => self.set_held(what == What::Hold, links),
            _ => self.on_links(links, |link| link.cut = what == What::Cut),
        }
        let (rule, done) = match what {
            What::Cut => (&rule::CUT, "cut"),
            What::Hold => (&rule::HOLD, "held"),
            What::Release => (&rule::RELEASE, "released"),
            _ => (&rule::HEAL, "healed"),
        };
        self.close(self.of_nobody(what), rule, || match links {
            Some(links) => format!("the network is {done}: {links}"),
            None => format!("the network is {done}"),
        })
    }

    /// A record of what happens to no node.
    fn of_nobody(&self, what: What) -> Record {
        Record { node: NOBODY, ..Record::new(what, self.now, NodeId(0)) }
    }

    fn set_held(&mut self, held: bool, links: Option<&LinkSet>) {
        self.changing_who_waits(|world| {
            world.on_links(links, |link| link.held = held);
            if links.is_none() {
                world.agenda.release_messages();
            }
        });
    }

    /// Changes links; without any named, all that have been used or changed.
    fn on_links(&mut self, links: Option<&LinkSet>, change: impl Fn(&mut Link)) {
        let Some(links) = links else {
            for slot in &mut self.slots {
                Rc::make_mut(slot).links.iter_mut().for_each(&change);
            }
            return;
        };
        for (from, to) in links.pairs(self.setup.count) {
            change(link_mut(&mut Rc::make_mut(&mut self.slots[from.index()]).links, to));
        }
    }

    pub(super) fn change_links(&mut self, links: Option<&LinkSet>, behaviour: Behaviour) -> Record {
        let count = self.setup.count;
        let normal = behaviour == Behaviour::Normal;
        let everywhere = || LinkSet::Groups((0..count).map(|node| vec![NodeId(node)]).collect());
        let pairs = match links {
            None if normal => self.altered(),
            None => everywhere().pairs(count),
            Some(links) => links.pairs(count),
        };
        for (from, to) in pairs {
            let manners = &mut Rc::make_mut(&mut self.slots[from.index()]).manners;
            let manner = manners.remove(&to).unwrap_or_default().changed(behaviour);
            if manner != Manner::default() {
                manners.insert(to, manner);
            }
        }
        let (what, rule) = if normal { (What::Normal, &rule::NORMAL) } else { (What::Link, &rule::LINK) };
        self.close(self.of_nobody(what), rule, || match links {
            Some(links) => format!("links change to {behaviour}: {links}"),
            None => format!("all links change to {behaviour}"),
        })
    }

    pub(super) fn stand(&mut self, rule: LossRule) -> Result<Record, String> {
        let until = rule.until;
        if until <= self.now {
            return Err(format!("{} has passed already", exact(until)));
        }
        let kind = rule.kind.map(|kind| self.shim.kinds()[kind as usize].name);
        let now = self.now;
        self.loss_rules.retain(|rule| rule.until > now);
        self.loss_rules.push(rule);
        self.disturbed = self.disturbed.max(until);
        let links = self.loss_rules.last().and_then(|rule| rule.links.clone());
        let record = self.of_nobody(What::Stand);
        Ok(self.close(record, &rule::STAND, || {
            let what = kind.map_or("every message".into(), |kind| format!("every {kind}"));
            let on = links.map_or(String::new(), |links| format!(" on {links}"));
            format!("{what}{on} is lost until {}", exact(until))
        }))
    }

    /// Whether a standing rule takes a message of some kind on a link.
    pub(super) fn is_doomed(&self, from: NodeId, to: NodeId, kind: u8) -> bool {
        let meant = |rule: &LossRule| {
            rule.until > self.now
                && rule.kind.is_none_or(|only| only == kind)
                && rule.links.as_ref().is_none_or(|links| links.include(from, to))
        };
        !self.loss_rules.is_empty() && self.loss_rules.iter().any(meant)
    }

    /// Every directed link that is cut.
    pub fn cuts(&self) -> Vec<(NodeId, NodeId)> {
        self.links_that(|link| link.cut)
    }

    /// Every directed link on which what would arrive waits.
    pub fn held(&self) -> Vec<(NodeId, NodeId)> {
        self.links_that(|link| link.held)
    }

    /// Every directed link that does not behave as all do.
    pub fn altered(&self) -> Vec<(NodeId, NodeId)> {
        let of = |(from, slot): (u32, &Rc<Slot>)| {
            slot.manners.keys().map(|to| (NodeId(from), *to)).collect::<Vec<_>>()
        };
        (0..).zip(&self.slots).flat_map(of).collect()
    }

    fn links_that(&self, holds: impl Fn(&Link) -> bool) -> Vec<(NodeId, NodeId)> {
        let of = |(from, slot): (usize, &Rc<Slot>)| {
            let found = slot.links.iter().filter(|link| holds(link));
            found.map(|link| (NodeId(from as u32), link.to)).collect::<Vec<_>>()
        };
        self.slots.iter().enumerate().flat_map(of).collect()
    }
}
