//! One order of all events in which nothing comes before what led to it, and times for them.
//!
//! The order is that of the log wherever happened-before allows it. Times are those of the log where every
//! event has one; then an event may be shown a little later than dated, because hosts' clocks differ and no
//! message arrives before it was sent. Otherwise times are places in the order, at equal distances.

use crate::flaws::{Flaw, Flaws, shortened};
use crate::recording::{Carries, Event, Host, Recording};
use crate::{MOST_EVENTS, MOST_HOSTS, Refusal, clocks};
use clocks::Clock;
use faultline_core::time::{LATEST, Micros};
use faultline_core::toolbox::order::by_number;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The time from one event to the next where the log has no times.
pub(crate) const STEP: Micros = 1_000;
/// The most messages that may be under way at once: the engine's network loses what is more.
const MOST_UNDER_WAY: usize = 90_000;
/// The most entries of clocks that are kept to be shown.
const MOST_ENTRIES: usize = 4 << 20;
/// The longest name of a host that the stage shows.
const LONGEST_NAME: usize = 24;

/// An event as a log has it.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    /// Its host, by its place among the hosts.
    pub(crate) host: u32,
    pub(crate) text: String,
    pub(crate) fields: Vec<(String, String)>,
    /// The line with which it begins, from 1; 0 where the format has no lines.
    pub(crate) line: usize,
    /// When it was, in microseconds since some moment.
    pub(crate) time: Option<u64>,
    pub(crate) stands_out: bool,
}

impl Raw {
    /// Where it stands.
    pub(crate) fn place(&self) -> String {
        if self.line == 0 { crate::flaws::quoted(&self.text) } else { format!("line {}", self.line) }
    }
}

/// A message: the event with which it was sent, and that with which it arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) carries: Carries,
}

/// What is known of the order of events.
pub(crate) enum Order {
    /// The clock of each.
    Clocks(Vec<Clock>),
    /// Messages; a host's own events are in the order of their times, where all have one, or in that of the
    /// log.
    Messages(Vec<Edge>),
}

/// All that a reader found.
pub(crate) struct Parsed {
    pub(crate) hosts: Vec<String>,
    pub(crate) events: Vec<Raw>,
    pub(crate) order: Order,
}

/// The recording of a log.
pub(crate) fn recording(mut found: Parsed, flaws: &mut Flaws) -> Result<Recording, Refusal> {
    if found.events.len() > MOST_EVENTS {
        let more = found.events.len() - MOST_EVENTS;
        let place = found.events[MOST_EVENTS].place();
        flaws.count(Flaw::TooMany, more, || place);
        keep(&mut found, |place, _| place < MOST_EVENTS);
    }
    choose_hosts(&mut found, flaws);
    let Parsed { hosts, events, order } = found;
    if events.is_empty() {
        return Err(Refusal::new("There is no event in this log."));
    }
    let dated = events.iter().all(|event| event.time.is_some());
    let (lanes, edges) = match order {
        Order::Clocks(clocks) => clocks::causes(&events, &clocks, &hosts, flaws),
        Order::Messages(edges) => (lanes(&events, hosts.len(), dated), edges),
    };
    let (order, edges) = sorted(&events, &lanes, edges, dated, flaws);
    let times = times(&events, &order, &edges, dated, flaws);
    let recording = assembled(&hosts, events, &order, &times, &edges);
    if under_way(&recording) > MOST_UNDER_WAY {
        return Err(Refusal::new(format!(
            "More than {MOST_UNDER_WAY} messages of this log are under way at once; no run has so many."
        )));
    }
    Ok(recording)
}

/// Keeps some events, with their clocks and messages.
fn keep(found: &mut Parsed, kept: impl Fn(usize, &Raw) -> bool) {
    let mut places = Vec::with_capacity(found.events.len());
    let mut next = 0;
    for (place, event) in found.events.iter().enumerate() {
        places.push(kept(place, event).then_some(next));
        next += usize::from(kept(place, event));
    }
    let mut left = places.iter();
    found.events.retain(|_| left.next().is_some_and(Option::is_some));
    match &mut found.order {
        Order::Clocks(clocks) => {
            let mut left = places.iter();
            clocks.retain(|_| left.next().is_some_and(Option::is_some));
        }
        Order::Messages(edges) => {
            let moved = |edge: &Edge| Some(Edge { from: places[edge.from]?, to: places[edge.to]?, ..*edge });
            *edges = edges.iter().filter_map(moved).collect();
        }
    }
}

/// Keeps the hosts that have events, and of too many those with the most. A host that is called `n3` is the
/// third where it can be, so that its name is that of its node.
fn choose_hosts(found: &mut Parsed, flaws: &mut Flaws) {
    let mut counts = vec![0_usize; found.hosts.len()];
    found.events.iter().for_each(|event| counts[event.host as usize] += 1);
    let mut chosen: Vec<usize> = (0..counts.len()).filter(|&host| counts[host] > 0).collect();
    if chosen.len() > MOST_HOSTS {
        by_number(&mut chosen, |&host| u128::from(u64::MAX) - counts[host] as u128);
        let rest = chosen.split_off(MOST_HOSTS);
        flaws.count(Flaw::Host, rest.len(), || crate::flaws::quoted(&found.hosts[rest[0]]));
        by_number(&mut chosen, |&host| host as u128);
    }
    let mut seats: Vec<Option<usize>> = vec![None; chosen.len()];
    let seat_of = |name: &str| name.strip_prefix('n')?.parse::<usize>().ok()?.checked_sub(1);
    let mut standing = Vec::new();
    for host in chosen {
        let seat = seat_of(&found.hosts[host]).filter(|seat| *seat < seats.len() && seats[*seat].is_none());
        match seat.filter(|seat| format!("n{}", seat + 1) == found.hosts[host]) {
            Some(seat) => seats[seat] = Some(host),
            None => standing.push(host),
        }
    }
    let mut standing = standing.into_iter();
    let chosen: Vec<usize> = seats.into_iter().filter_map(|seat| seat.or_else(|| standing.next())).collect();
    let mut places = vec![None; found.hosts.len()];
    (0_u32..).zip(&chosen).for_each(|(place, &host)| places[host] = Some(place));
    keep(found, |_, event| places[event.host as usize].is_some());
    for event in &mut found.events {
        event.host = places[event.host as usize].unwrap_or_default();
    }
    if let Order::Clocks(clocks) = &mut found.order {
        for clock in clocks {
            *clock =
                clock.iter().filter_map(|&(host, count)| Some((places[host as usize]?, count))).collect();
            by_number(clock, |(host, _)| u128::from(*host));
        }
    }
    found.hosts = chosen.iter().map(|&host| std::mem::take(&mut found.hosts[host])).collect();
}

/// Each host's events in the order of their times, or in that of the log.
fn lanes(events: &[Raw], hosts: usize, dated: bool) -> Vec<Vec<usize>> {
    let mut lanes = vec![Vec::new(); hosts];
    for (place, event) in events.iter().enumerate() {
        lanes[event.host as usize].push(place);
    }
    if dated {
        for lane in &mut lanes {
            by_number(lane, |&event| u128::from(events[event].time.unwrap_or_default()));
        }
    }
    lanes
}

/// All events in one order, and the messages that fit into it.
fn sorted(
    events: &[Raw],
    lanes: &[Vec<usize>],
    mut edges: Vec<Edge>,
    dated: bool,
    flaws: &mut Flaws,
) -> (Vec<usize>, Vec<Edge>) {
    by_number(&mut edges, |edge| edge.from as u128);
    let mut waits = vec![0_u32; events.len()];
    let mut next = vec![None; events.len()];
    for pair in lanes.iter().flat_map(|lane| lane.windows(2)) {
        (waits[pair[1]], next[pair[0]]) = (1, Some(pair[1]));
    }
    for edge in &edges {
        waits[edge.to] += 1;
    }
    let from = |event: usize| {
        let start = edges.partition_point(|edge| edge.from < event);
        edges[start..].iter().take_while(move |edge| edge.from == event)
    };
    let rank = |event: usize| Reverse((events[event].time.filter(|_| dated), event));
    let mut ready: BinaryHeap<_> = (0..events.len()).filter(|&event| waits[event] == 0).map(rank).collect();
    let mut order = Vec::with_capacity(events.len());
    let mut place_of = vec![usize::MAX; events.len()];
    let mut reached = vec![0; lanes.len()];
    while order.len() < events.len() {
        let Some(Reverse((_, event))) = ready.pop() else {
            // Everything that is left waits for something that is left: the first of those whose host has
            // come to them goes on.
            let heads = lanes.iter().zip(&reached).filter_map(|(lane, reached)| lane.get(*reached));
            let Some(&first) = heads.min() else { break };
            flaws.add(Flaw::Circle, || format!("{}, which knows what comes after it", events[first].place()));
            waits[first] = 0;
            ready.push(rank(first));
            continue;
        };
        place_of[event] = order.len();
        order.push(event);
        reached[events[event].host as usize] += 1;
        for then in from(event).map(|edge| edge.to).chain(next[event]) {
            // One that was let go on in spite of this waits for nothing any more.
            if waits[then] > 0 {
                waits[then] -= 1;
                if waits[then] == 0 {
                    ready.push(rank(then));
                }
            }
        }
    }
    edges.retain(|edge| place_of[edge.from] < place_of[edge.to]);
    for edge in &mut edges {
        (edge.from, edge.to) = (place_of[edge.from], place_of[edge.to]);
    }
    (order, edges)
}

/// When each event is shown, in their order.
fn times(events: &[Raw], order: &[usize], edges: &[Edge], dated: bool, flaws: &mut Flaws) -> Vec<Micros> {
    let stamps: Vec<u64> = order.iter().map(|&event| events[event].time.unwrap_or_default()).collect();
    let first = stamps.iter().copied().min().unwrap_or_default();
    let span = stamps.iter().copied().max().unwrap_or_default() - first;
    if !dated || span > LATEST / 2 {
        return (1..=order.len() as u64).map(|place| place * STEP).collect();
    }
    let mut times: Vec<Micros> = stamps.iter().map(|stamp| stamp - first + 1).collect();
    let mut latest = vec![0; events.iter().map(|event| event.host as usize + 1).max().unwrap_or_default()];
    let mut arriving = edges.iter().collect::<Vec<_>>();
    by_number(&mut arriving, |edge| edge.to as u128);
    let mut arriving = arriving.into_iter().peekable();
    for (place, &event) in order.iter().enumerate() {
        let host = events[event].host as usize;
        let mut time = times[place].max(latest[host] + 1);
        // Two events of a host in the same microsecond are an order, and no surprise; what a message delays
        // is one.
        let own = time;
        while let Some(edge) = arriving.next_if(|edge| edge.to == place) {
            time = time.max(times[edge.from] + 1);
        }
        if time > own {
            flaws.add(Flaw::Late, || format!("{}, by {} us", events[event].place(), time - own));
        }
        (times[place], latest[host]) = (time, time);
    }
    times
}

fn assembled(
    hosts: &[String],
    events: Vec<Raw>,
    order: &[usize],
    times: &[Micros],
    edges: &[Edge],
) -> Recording {
    let mut recording = Recording { hosts: named(hosts), ..Recording::default() };
    let mut events: Vec<Option<Raw>> = events.into_iter().map(Some).collect();
    for (&event, &time) in order.iter().zip(times) {
        let Raw { host, text, fields, line, stands_out, .. } = events[event].take().unwrap_or_default();
        let place = recording.events.len() as u32;
        recording.hosts[host as usize].events.push(place);
        let (text, line) = (text.into_boxed_str(), line as u32);
        let (sends, awaits) = (Vec::new(), 0);
        recording.events.push(Event { host, time, text, fields, line, sends, awaits, stands_out });
    }
    for edge in edges {
        recording.events[edge.to].awaits += 1;
        recording.events[edge.from].sends.push((edge.to as u32, edge.carries));
    }
    recording.clocks = vector_clocks(&recording);
    recording
}

/// The vector clocks of all events, unless they take too much memory.
fn vector_clocks(recording: &Recording) -> Vec<u32> {
    let hosts = recording.hosts.len();
    if recording.events.len().saturating_mul(hosts) > MOST_ENTRIES {
        return Vec::new();
    }
    let mut clocks = vec![0_u32; recording.events.len() * hosts];
    let mut before: Vec<Option<usize>> = vec![None; hosts];
    for (place, event) in recording.events.iter().enumerate() {
        let host = event.host as usize;
        if let Some(before) = before[host] {
            hand_on(&mut clocks, hosts, before, place);
        }
        clocks[place * hosts + host] += 1;
        event.sends.iter().for_each(|(to, _)| hand_on(&mut clocks, hosts, place, *to as usize));
        before[host] = Some(place);
    }
    clocks
}

/// Lets an event know what an earlier one does.
fn hand_on(clocks: &mut [u32], hosts: usize, from: usize, to: usize) {
    let (earlier, later) = clocks.split_at_mut(to * hosts);
    let known = &earlier[from * hosts..(from + 1) * hosts];
    later.iter_mut().zip(known).for_each(|(entry, known)| *entry = (*entry).max(*known));
}

/// The hosts with names that the stage can show, each another.
fn named(hosts: &[String]) -> Vec<Host> {
    let mut named: Vec<Host> = Vec::new();
    for host in hosts {
        let short = shortened(host, LONGEST_NAME);
        let mut name = short.clone();
        let mut nth = 1;
        while named.iter().any(|other| other.name == name) {
            nth += 1;
            name = format!("{short} ({nth})");
        }
        let whole = (name != *host).then(|| host.clone());
        named.push(Host { name, whole, events: Vec::new() });
    }
    named
}

/// The most messages that are under way at once.
fn under_way(recording: &Recording) -> usize {
    let (mut now, mut most) = (0, 0_usize);
    for event in &recording.events {
        now += event.sends.len();
        most = most.max(now);
        now -= event.awaits as usize;
    }
    most
}
