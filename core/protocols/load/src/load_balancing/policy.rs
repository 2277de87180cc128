//! The policies: which server is chosen, by what the balancer knows.

use super::balancer::{Backend, Balancer};
use super::{Layer, Load, LoadBalancing, Policy, Request};
use faultline_core::prelude::*;

/// Into how many parts a weight is divided while it grows.
const PARTS: u64 = 16;
/// The share of the latest answer in a moving average: one in so many.
const MEMORY: u64 = 8;

const POLICY: [Rule; 6] = [
    Rule::new(
        "nginx round robin",
        "Each server gains its weight; the richest is chosen and pays the weights of all.",
    ),
    Rule::new("random", "Every server in rotation is as likely as every other."),
    Rule::new("rendezvous hash", "The server is chosen whose hash with the key is the greatest."),
    Rule::new("Mitzenmacher 2001", "Of some servers drawn at random, the least loaded is chosen."),
    Rule::new(
        "Winston 1977",
        "The server with the fewest connections is chosen; of equal ones, that whose turn is longest ago.",
    ),
    Rule::new("least time", "The server with the least product of answer time and connections is chosen."),
];

impl Balancer {
    /// A server for a request, and those among which it was the least loaded where only some were looked at.
    pub(super) fn choose(
        &mut self,
        request: &Request,
        without: Option<NodeId>,
        ctx: &mut Ctx<LoadBalancing>,
    ) -> Option<(NodeId, Vec<NodeId>)> {
        // Only at layer 7 does the balancer see a path.
        let key = match self.params.layer {
            Layer::Request => u64::from(request.path.0),
            Layer::Connection | Layer::Name => u64::from(request.name.client.0),
        };
        self.choose_for(key, without, ctx)
    }

    /// A server for such a key.
    pub(super) fn choose_for(
        &mut self,
        key: u64,
        without: Option<NodeId>,
        ctx: &mut Ctx<LoadBalancing>,
    ) -> Option<(NodeId, Vec<NodeId>)> {
        let policy = self.params.policy;
        let ignores_health = policy == Policy::Hash && self.params.bugs.hashes_all;
        let fits = |backend: &Backend| {
            (backend.is_healthy || ignores_health) && self.has_room(backend) && Some(backend.node) != without
        };
        let mut fit: Vec<usize> =
            (0..self.backends.len()).filter(|place| fits(&self.backends[*place])).collect();
        if fit.is_empty() {
            return None;
        }
        ctx.note(&POLICY[policy as usize]);
        let chosen = match policy {
            Policy::RoundRobin => self.next_in_turn(&fit),
            Policy::Random => fit[ctx.choose(fit.len() as u64) as usize],
            Policy::Hash => *fit.iter().max_by_key(|place| mix(key, **place as u64))?,
            Policy::TwoChoices => {
                self.draw(&mut fit, ctx);
                // The first of equal ones, which is one drawn at random.
                let least = self.least(&fit, |_| 0)?;
                let among = fit.iter().map(|place| self.backends[*place].node).collect();
                return Some((self.backends[least].node, among));
            }
            Policy::LeastConnections => {
                let first = self.params.bugs.ties_to_first;
                self.least(&fit, |backend| if first { 0 } else { backend.turn })?
            }
            Policy::LeastTime => self.soonest(&fit)?,
        };
        Some((self.backends[chosen].node, Vec::new()))
    }

    /// Whether a server may have one more connection.
    fn has_room(&self, backend: &Backend) -> bool {
        self.params.connections == 0 || backend.connections < self.params.connections
    }

    /// A server's weight, which grows from one part to all of them in the time of a slow start.
    pub(super) fn weight(&self, backend: &Backend) -> u64 {
        let checks = self.params.slow_start / self.params.check_every;
        let parts = if backend.age >= checks { PARTS } else { (PARTS * backend.age / checks).max(1) };
        backend.weight * parts
    }

    fn load(&self, backend: &Backend) -> u64 {
        match self.params.load {
            Load::Counted => backend.connections,
            Load::Reported => backend.reported,
        }
    }

    /// Smooth weighted round robin: in proportion, and no server more often in a row than it must.
    fn next_in_turn(&mut self, fit: &[usize]) -> usize {
        let (mut total, mut richest) = (0, fit[0]);
        for place in fit {
            let weight = self.weight(&self.backends[*place]).cast_signed();
            total += weight;
            self.backends[*place].credit += weight;
            if self.backends[*place].credit > self.backends[richest].credit {
                richest = *place;
            }
        }
        self.backends[richest].credit -= total;
        richest
    }

    /// Keeps as many as there are choices, all different, drawn at random.
    fn draw(&self, fit: &mut Vec<usize>, ctx: &mut Ctx<LoadBalancing>) {
        let choices = fit.len().min(self.params.choices as usize);
        for place in 0..choices {
            let drawn = place + ctx.choose((fit.len() - place) as u64) as usize;
            fit.swap(place, drawn);
        }
        fit.truncate(choices);
        if self.params.bugs.same_hash {
            let first = fit[0];
            fit.fill(first);
        }
    }

    /// The least load for its weight; of equal ones that with the least `tie`, then the first.
    fn least(&self, fit: &[usize], tie: impl Fn(&Backend) -> u64) -> Option<usize> {
        let key = |place: &usize| {
            let backend = &self.backends[*place];
            (self.load(backend) * PARTS * PARTS / self.weight(backend), tie(backend))
        };
        fit.iter().min_by_key(|place| key(place)).copied()
    }

    fn soonest(&self, fit: &[usize]) -> Option<usize> {
        let key = |place: &usize| {
            let backend = &self.backends[*place];
            let product = backend.estimate.saturating_mul(self.load(backend) + 1);
            (product.saturating_mul(PARTS) / self.weight(backend), backend.turn)
        };
        fit.iter().min_by_key(|place| key(place)).copied()
    }

    /// A server has taken so long to answer, or to be given up.
    pub(super) fn took(&mut self, server: NodeId, time: Micros) {
        if let Some(backend) = self.backend(server) {
            backend.estimate = match backend.estimate {
                0 => time,
                before => (before * (MEMORY - 1) + time) / MEMORY,
            };
        }
    }
}

/// A hash of a key and a server: every bit of both moves every bit of it.
fn mix(key: u64, server: u64) -> u64 {
    let mut mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ server.wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    for _ in 0..2 {
        mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    mixed ^ mixed >> 32
}
