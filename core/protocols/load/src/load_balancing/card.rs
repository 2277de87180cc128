//! What the page shows of clients, balancers and servers.

use super::balancer::{Backend, Balancer};
use super::client::Client;
use super::server::Server;
use super::{Layer, Policy};
use faultline_core::card::{Lane, LaneItem, LaneState, Member, Part, Pointer};
use faultline_core::prelude::*;
use faultline_core::time;

/// Of more servers than these no lines are drawn, which nobody could tell apart.
const MOST_LINES: usize = 30;

impl Client {
    pub(super) fn card(&self) -> Card {
        let open = self.open.len();
        let address = self.address.map_or_else(|| "none".to_owned(), |server| server.to_string());
        let asks = |to, name: &str| Pointer { name: name.into(), to, always: true };
        Card {
            role: "client",
            badge: format!("{open} open"),
            fields: vec![
                Field::new("open", Meaning::Counter, open),
                Field::new("sent", Meaning::Counter, self.numbered),
                Field::new("address", Meaning::Nodes, address),
            ],
            pointers: self.address.map(|server| asks(server, "address")).into_iter().collect(),
            place: 0,
            ..Card::default()
        }
    }
}

impl Server {
    pub(super) fn card(&self) -> Card {
        let count = self.queue.len();
        let (role, sign) = match (self.fails, self.times, count) {
            (true, ..) => ("failing", Sign::Aborted),
            (false, 1, 0) => ("idle", Sign::Idle),
            (false, 1, _) => ("busy", Sign::Idle),
            (false, ..) => ("slow", Sign::Idle),
        };
        let item = |(place, (_, request)): (usize, &(NodeId, super::Request))| LaneItem {
            text: request.name.to_string(),
            note: if place == 0 { "in service".into() } else { String::new() },
            state: if place == 0 { LaneState::Taken } else { LaneState::Ready },
            changed: false,
        };
        let letter = char::from(b'a' + (self.place % 26) as u8);
        Card {
            title: if self.place < 26 { letter.to_string() } else { String::new() },
            role,
            sign,
            badge: count.to_string(),
            fields: vec![
                Field::new("in hand", Meaning::Counter, count),
                Field::new("times as long", Meaning::Value, self.times),
            ],
            lanes: vec![Lane {
                name: "queue".into(),
                note: format!("{count} in hand"),
                items: self.queue.iter().enumerate().map(item).collect(),
            }],
            place: 2,
            ..Card::default()
        }
    }
}

impl Balancer {
    pub(super) fn card(&self) -> Card {
        let healthy = || self.backends.iter().filter(|it| it.is_healthy);
        let list = |of: &dyn Fn(&Backend) -> Option<String>| {
            let words: Vec<String> = self.backends.iter().filter_map(of).collect();
            if words.is_empty() { "none".to_owned() } else { words.join(", ") }
        };
        let in_rotation = list(&|it| it.is_healthy.then(|| it.node.to_string()));
        let connections = list(&|it| (it.connections > 0).then(|| format!("{} {}", it.node, it.connections)));
        let times =
            list(&|it| (it.estimate > 0).then(|| format!("{} {}", it.node, time::exact(it.estimate))));
        let waiting = self.waiting.len();
        let mut fields = vec![
            Field::new("in rotation", Meaning::Nodes, in_rotation),
            Field::new("connections", Meaning::Value, connections),
            Field::new("waiting", Meaning::Counter, waiting),
        ];
        if self.params.policy == Policy::LeastTime {
            fields.push(Field::new("answer times", Meaning::Value, times));
        }
        let names = self.params.layer == Layer::Name;
        let points = |it: &Backend| Pointer { name: "in rotation".into(), to: it.node, always: true };
        let waits = |request: &super::Request| LaneItem {
            text: request.name.to_string(),
            note: String::new(),
            state: LaneState::Waiting,
            changed: false,
        };
        let lane = Lane {
            name: "waiting".into(),
            note: format!("{waiting} waiting"),
            items: self.waiting.iter().map(waits).collect(),
        };
        let is_drawn = self.backends.len() <= MOST_LINES && !names;
        Card {
            role: if names { "name server" } else { "balancer" },
            sign: Sign::Leading,
            badge: format!("{} of {}", healthy().count(), self.backends.len()),
            fields,
            members: self.backends.iter().map(|it| self.member(it)).collect(),
            lanes: if self.params.connections > 0 { vec![lane] } else { Vec::new() },
            pointers: if is_drawn { healthy().map(points).collect() } else { Vec::new() },
            place: 1,
            ..Card::default()
        }
    }

    /// What the balancer holds a server for.
    fn member(&self, backend: &Backend) -> Member {
        let grows = backend.age < self.params.slow_start / self.params.check_every;
        let (part, word) = match (backend.is_healthy, backend.streak) {
            (true, 0) if grows => (Part::Coming, "slow start"),
            (true, 0) => (Part::Full, "in rotation"),
            (true, _) => (Part::Doubtful, "failing checks"),
            (false, 0) => (Part::Gone, "out of rotation"),
            (false, _) => (Part::Coming, "passing checks"),
        };
        Member { node: backend.node, part, word }
    }
}
