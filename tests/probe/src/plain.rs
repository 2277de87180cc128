//! The dumb version of the world: a generic loop with typed messages, written by hand, that plays a protocol and
//! nothing else. It keeps no history, judges nothing, tells nothing and can be stopped nowhere.
//!
//! It is the yardstick of the benches, and because it makes the same draws as the world, both must end in the same
//! state: clever code is checked against a dumb version.

use faultline_core::name::{NodeId, To};
use faultline_core::node::{Ctx, Node};
use faultline_core::random::{Purpose, draw, happens, within};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// A run without frills: so many nodes, a uniform network that loses some messages, a workload, and crashes.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many nodes.
    pub nodes: u32,
    /// What every draw depends on.
    pub seed: u64,
    /// Least and greatest latency, in microseconds.
    pub latency: (u64, u64),
    /// How many of a million messages are lost.
    pub loss_ppm: u32,
    /// The time between two inputs, in microseconds.
    pub ask: u64,
    /// Each node in turn crashes once in this time, for a tenth of it; 0 is never.
    pub crash: u64,
    /// When the run ends.
    pub until: u64,
}

enum Happening<N: Node> {
    Boot(NodeId),
    Message(NodeId, NodeId, N::Message),
    Lost,
    Timer(NodeId, usize, u64),
    Ask,
    Crash(NodeId),
    Restart(NodeId),
}

struct Place<N: Node> {
    node: Option<N>,
    disk: N::Stable,
    draws: u64,
    sent: Vec<u64>,
    /// Timers, and which setting of each is the valid one.
    timers: Vec<(N::Timer, u64)>,
}

struct Plain<N: Node> {
    plan: Plan,
    ctx: Ctx<N>,
    places: Vec<Place<N>>,
    slab: Vec<Option<Happening<N>>>,
    free: Vec<usize>,
    queue: BinaryHeap<Reverse<(u64, u64, usize)>>,
    now: u64,
    sequence: u64,
    asked: u64,
    events: u64,
}

/// Plays a plan; how many events there were, and what is on the disks in the end.
pub fn play<N: Node>(plan: Plan, params: N::Params) -> (u64, Vec<N::Stable>) {
    let empty = || Place::<N> {
        node: None,
        disk: N::Stable::default(),
        draws: 0,
        sent: vec![0; plan.nodes as usize],
        timers: Vec::new(),
    };
    let mut run = Plain {
        plan,
        ctx: Ctx::new(NodeId(0), plan.nodes, plan.seed, Rc::new(params)),
        places: (0..plan.nodes).map(|_| empty()).collect(),
        slab: Vec::new(),
        free: Vec::new(),
        queue: BinaryHeap::new(),
        now: 0,
        sequence: 0,
        asked: 0,
        events: 0,
    };
    for node in 0..plan.nodes {
        run.add(0, Happening::Boot(NodeId(node)));
    }
    run.add(plan.ask, Happening::Ask);
    for (at, node, up) in plan.crashes() {
        run.add(at, if up { Happening::Restart(node) } else { Happening::Crash(node) });
    }
    while run.step() {}
    let disk = |place: Place<N>| place.node.map_or(place.disk, |node| node.stable());
    (run.events, run.places.into_iter().map(disk).collect())
}

impl Plan {
    /// Every crash (`false`) and restart (`true`), in order.
    pub fn crashes(&self) -> Vec<(u64, NodeId, bool)> {
        let period = self.crash.checked_div(u64::from(self.nodes)).unwrap_or(0).max(1);
        let mut crashes = Vec::new();
        for nth in 1..self.until.checked_div(period).filter(|_| self.crash > 0).unwrap_or(0) {
            // The odd microsecond keeps these apart from what happens at round times.
            let at = nth * period + 1;
            let node = NodeId((nth % u64::from(self.nodes)) as u32);
            crashes.push((at, node, false));
            crashes.push((at + self.crash / 10, node, true));
        }
        crashes.retain(|(at, ..)| *at <= self.until);
        crashes.sort_unstable();
        crashes
    }
}

impl<N: Node> Plain<N> {
    fn add(&mut self, time: u64, happening: Happening<N>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slab.push(None);
            self.slab.len() - 1
        });
        self.slab[place] = Some(happening);
        self.queue.push(Reverse((time, self.sequence, place)));
        self.sequence += 1;
    }

    fn step(&mut self) -> bool {
        let Some(Reverse((time, _, place))) =
            self.queue.pop().filter(|Reverse((time, ..))| *time <= self.plan.until)
        else {
            return false;
        };
        self.free.push(place);
        let Some(happening) = self.slab[place].take() else { return true };
        self.now = time;
        self.events += 1;
        match happening {
            Happening::Boot(node) => self.boot(node),
            Happening::Lost => {}
            Happening::Message(from, to, message) => {
                self.turn(to, |node, ctx| node.on_message(from, message, ctx));
            }
            Happening::Timer(node, place, setting) => {
                let timer = &mut self.places[node.index()].timers[place];
                if timer.1 == setting {
                    timer.1 = 0;
                    let what = timer.0.clone();
                    self.turn(node, |node, ctx| node.on_timer(what, ctx));
                } else {
                    self.events -= 1;
                }
            }
            Happening::Ask => self.ask(),
            Happening::Crash(node) => {
                let place = &mut self.places[node.index()];
                if let Some(node) = place.node.take() {
                    place.disk = node.stable();
                }
                for timer in &mut place.timers {
                    timer.1 = 0;
                }
            }
            Happening::Restart(node) => self.boot(node),
        }
        true
    }

    fn ask(&mut self) {
        self.add(self.now + self.plan.ask, Happening::Ask);
        let (seed, nth) = (self.plan.seed, self.asked);
        self.asked += 1;
        let pick = |owner, bound: usize| {
            within(draw(seed, Purpose::Workload, (owner, 0), nth), &(0..=bound as u64 - 1))
        };
        let who = NodeId(pick(0, self.places.len()) as u32);
        let mut inputs = self.places[who.index()].node.as_ref().map(Node::inputs).unwrap_or_default();
        if !inputs.is_empty() {
            let input = inputs.swap_remove(pick(1, inputs.len()) as usize);
            self.turn(who, |node, ctx| node.on_input(input, ctx));
        }
    }

    fn boot(&mut self, who: NodeId) {
        let place = &mut self.places[who.index()];
        self.ctx.turn_to(who, place.draws);
        place.node = Some(N::start(place.disk.clone(), &mut self.ctx));
        self.collect(who);
    }

    fn turn(&mut self, who: NodeId, handler: impl FnOnce(&mut N, &mut Ctx<N>)) {
        let place = &mut self.places[who.index()];
        let Some(node) = &mut place.node else { return };
        self.ctx.turn_to(who, place.draws);
        handler(node, &mut self.ctx);
        self.collect(who);
    }

    fn collect(&mut self, who: NodeId) {
        self.places[who.index()].draws = self.ctx.draws();
        let collected = self.ctx.collected();
        collected.outputs.clear();
        let timers = std::mem::take(collected.timers);
        let mut sends = std::mem::take(collected.sends);
        for (timer, delay) in &timers {
            self.arm(who, timer, *delay);
        }
        for (to, message) in sends.drain(..) {
            match to {
                To::One(to) => self.send(who, to, message),
                To::Others => {
                    for to in (0..self.plan.nodes).map(NodeId).filter(|&to| to != who) {
                        self.send(who, to, message.clone());
                    }
                }
            }
        }
        let (mut empty, collected) = (timers, self.ctx.collected());
        empty.clear();
        (*collected.timers, *collected.sends) = (empty, sends);
    }

    fn arm(&mut self, who: NodeId, timer: &N::Timer, delay: Option<u64>) {
        let timers = &mut self.places[who.index()].timers;
        let place = timers.iter().position(|(known, _)| known == timer).unwrap_or_else(|| {
            timers.push((timer.clone(), 0));
            timers.len() - 1
        });
        timers[place].1 = 0;
        if let Some(delay) = delay {
            // The sequence number names the setting; 0 names none.
            timers[place].1 = self.sequence + 1;
            self.add(self.now + delay, Happening::Timer(who, place, self.sequence + 1));
        }
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: N::Message) {
        let sent = &mut self.places[from.index()].sent[to.index()];
        let (seed, owners, nth) = (self.plan.seed, (from.0, to.0), *sent);
        *sent += 1;
        let latency =
            within(draw(seed, Purpose::Latency, owners, nth), &(self.plan.latency.0..=self.plan.latency.1));
        if self.plan.loss_ppm > 0 && happens(draw(seed, Purpose::Loss, owners, nth), self.plan.loss_ppm) {
            self.add(self.now + latency / 2, Happening::Lost);
        } else {
            self.add(self.now + latency, Happening::Message(from, to, message));
        }
    }
}
