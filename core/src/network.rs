//! The network: how long messages are under way, which are lost, and the links that are cut.

use crate::fitted::Fitted;
use crate::name::NodeId;
use crate::random::{Purpose, draw, happens, within};
use crate::text::percent;
use crate::time::{Micros, exact};
use std::fmt::{self, Display};

/// How all links behave until somebody touches one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The least and the greatest latency of a message.
    pub latency: (Micros, Micros),
    /// The law from which latencies are drawn, between the same two; without one, all between are equally likely.
    pub fitted: Option<Fitted>,
    /// How many of a million messages are lost.
    pub loss_ppm: u32,
    /// How many of a million messages arrive twice.
    pub duplicate_ppm: u32,
    /// Whether a link delivers in the order of sending.
    pub fifo: bool,
}

/// How links shall behave from some moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Behaviour {
    /// The least and the greatest latency.
    Latency(Micros, Micros),
    /// Latencies that were measured.
    Fitted(Fitted),
    /// How many of a million messages are lost.
    Loss(u32),
    /// How many of a million messages arrive twice.
    Duplication(u32),
    /// As all links do until somebody touches one.
    Normal,
}

impl Display for Behaviour {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Behaviour::Latency(least, greatest) => {
                write!(out, "latency {}..{}", exact(*least), exact(*greatest))
            }
            Behaviour::Fitted(fitted) => write!(out, "latency {}", fitted.name()),
            Behaviour::Loss(parts) => write!(out, "loss {}", percent(*parts)),
            Behaviour::Duplication(parts) => write!(out, "duplication {}", percent(*parts)),
            Behaviour::Normal => write!(out, "normal"),
        }
    }
}

/// What of a link is not as in the network at large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Manner {
    latency: Option<(Micros, Micros)>,
    /// Only where there is a range that it lies in.
    fitted: Option<Fitted>,
    loss_ppm: Option<u32>,
    duplicate_ppm: Option<u32>,
}

impl Manner {
    /// The manner after a change.
    pub(crate) fn changed(mut self, behaviour: Behaviour) -> Self {
        match behaviour {
            Behaviour::Latency(least, greatest) => {
                (self.latency, self.fitted) = (Some((least, greatest)), None);
            }
            Behaviour::Fitted(fitted) => (self.latency, self.fitted) = (Some(fitted.range()), Some(fitted)),
            Behaviour::Loss(parts) => self.loss_ppm = Some(parts),
            Behaviour::Duplication(parts) => self.duplicate_ppm = Some(parts),
            Behaviour::Normal => self = Manner::default(),
        }
        self
    }

    /// Whether a link of this manner loses messages that others do not.
    pub(crate) fn loses(self) -> bool {
        self.loss_ppm.is_some_and(|parts| parts > 0)
    }

    /// How a link of this manner behaves in a network.
    pub(crate) fn in_network(self, network: Network) -> Network {
        Network {
            latency: self.latency.unwrap_or(network.latency),
            fitted: if self.latency.is_some() { self.fitted } else { network.fitted },
            loss_ppm: self.loss_ppm.unwrap_or(network.loss_ppm),
            duplicate_ppm: self.duplicate_ppm.unwrap_or(network.duplicate_ppm),
            fifo: network.fifo,
        }
    }
}

/// What a sender knows of one of its outgoing links.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) to: NodeId,
    pub(crate) sent: u64,
    pub(crate) cut: bool,
    pub(crate) held: bool,
    last_arrival: Micros,
}

impl Link {
    fn new(to: NodeId) -> Self {
        Link { to, sent: 0, cut: false, held: false, last_arrival: 0 }
    }
}

/// The link to a node among a sender's links, if it was used or changed before.
pub(crate) fn link(links: &[Link], to: NodeId) -> Option<&Link> {
    links.binary_search_by_key(&to, |link| link.to).ok().map(|place| &links[place])
}

/// The link to a node as it is in a crowd, where senders count their messages and not those on each link: so what is
/// kept grows with the nodes, and not with the pairs of them that ever talked.
pub(crate) fn passing_link(links: &[Link], to: NodeId, sent: u64) -> Link {
    Link { sent, ..link(links, to).cloned().unwrap_or_else(|| Link::new(to)) }
}

/// The link to a node among a sender's links, which are in order of their far ends and made when first used.
pub(crate) fn link_mut(links: &mut Vec<Link>, to: NodeId) -> &mut Link {
    let place = links.binary_search_by_key(&to, |link| link.to).unwrap_or_else(|place| {
        links.insert(place, Link::new(to));
        place
    });
    &mut links[place]
}

/// What the network does with a message: when it arrives (or is lost on the way), and when its copy does.
pub(crate) struct Fate {
    pub(crate) arrives: Micros,
    pub(crate) lost: bool,
    pub(crate) copy: Option<Micros>,
}

/// A message that is sent: from whom, when, whether it carries a write, and whether it is `doomed` to be lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posted {
    pub(crate) from: NodeId,
    pub(crate) now: Micros,
    pub(crate) is_write: bool,
    pub(crate) doomed: bool,
}

impl Network {
    /// The network where all links behave so.
    pub(crate) fn changed(self, behaviour: Behaviour) -> Self {
        Manner::default().changed(behaviour).in_network(self)
    }

    /// Decides about the next message on a link. What is lost is lost half-way. Every draw is made from the link and
    /// the message's number there, so a link's manner changes nothing on others.
    pub(crate) fn decide(&self, seed: u64, link: &mut Link, posted: Posted) -> Fate {
        let Posted { from, now, is_write, doomed } = posted;
        let owners = (from.0, link.to.0);
        let nth = link.sent;
        link.sent += 1;
        let drawn = draw(seed, Purpose::Latency, owners, nth);
        let latency = match self.fitted {
            Some(fitted) => fitted.latency(is_write, drawn),
            None => within(drawn, &(self.latency.0..=self.latency.1)),
        };
        let mut arrives = now + latency;
        if self.fifo {
            arrives = arrives.max(link.last_arrival + 1);
            link.last_arrival = arrives;
        }
        let lost = link.cut
            || doomed
            || self.loss_ppm > 0 && happens(draw(seed, Purpose::Loss, owners, nth), self.loss_ppm);
        if lost {
            return Fate { arrives: now + (arrives - now) / 2, lost, copy: None };
        }
        let twice = self.duplicate_ppm > 0
            && happens(draw(seed, Purpose::Duplication, owners, nth), self.duplicate_ppm);
        // The copy trails the original by as much as the original took.
        Fate { arrives, lost, copy: twice.then(|| arrives + (arrives - now).max(1)) }
    }
}
