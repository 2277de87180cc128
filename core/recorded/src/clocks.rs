//! Vector clocks: which messages there must have been.
//!
//! An event's clock says of each host how many of its events it knows. Where it knows more of another host
//! than the event before it at its own host did, a message brought that. Of several such hosts only those are
//! senders of which no other one had told (the maximal elements of what is new), so that happened-before is
//! drawn with as few messages as it takes, and exactly.

use crate::flaws::{Flaw, Flaws};
use crate::order::{Edge, Raw};
use crate::recording::Carries;
use faultline_core::toolbox::order::by_number;

/// A clock: hosts, by their places, in order, each with its entry.
pub(crate) type Clock = Vec<(u32, u64)>;

/// The entry of a host.
pub(crate) fn entry(clock: &Clock, host: u32) -> u64 {
    clock.binary_search_by_key(&host, |(host, _)| *host).map_or(0, |place| clock[place].1)
}

/// The order of each host's events, and the messages, of events with clocks.
pub(crate) fn causes(
    events: &[Raw],
    clocks: &[Clock],
    hosts: &[String],
    flaws: &mut Flaws,
) -> (Vec<Vec<usize>>, Vec<Edge>) {
    let own = |event: usize| entry(&clocks[event], events[event].host);
    let mut lanes = vec![Vec::new(); hosts.len()];
    for (place, event) in events.iter().enumerate() {
        lanes[event.host as usize].push(place);
    }
    for (lane, host) in lanes.iter_mut().zip(hosts) {
        by_number(lane, |event| u128::from(own(*event)));
        count(lane, events, host, &own, flaws);
    }
    let mut edges = Vec::new();
    for lane in &lanes {
        let mut known: Clock = Vec::new();
        for &event in lane {
            senders(event, &mut known, events, clocks, &lanes, hosts, &mut edges, flaws);
        }
    }
    (lanes, edges)
}

/// Tells what is wrong with the numbers of one host's events.
fn count(lane: &[usize], events: &[Raw], host: &str, own: &dyn Fn(usize) -> u64, flaws: &mut Flaws) {
    let mut last = 0;
    for &event in lane {
        let number = own(event);
        let place = events[event].place();
        if number == last {
            flaws.add(Flaw::Twice, || format!("event {number} of {host} at {place}"));
        }
        let missing = usize::try_from(number - last).unwrap_or(usize::MAX).saturating_sub(1);
        flaws.count(Flaw::Gap, missing, || format!("event {} of {host}, before {place}", last + 1));
        last = number;
    }
}

/// Finds from where messages arrived with an event, of which host so much was known before.
#[allow(clippy::too_many_arguments)] // They are the log and what is found in it; a struct would be made for this call only.
fn senders(
    event: usize,
    known: &mut Clock,
    events: &[Raw],
    clocks: &[Clock],
    lanes: &[Vec<usize>],
    hosts: &[String],
    edges: &mut Vec<Edge>,
    flaws: &mut Flaws,
) {
    let host = events[event].host;
    let place = || events[event].place();
    // The latest event of another host that this one knows and that the log has, where that is new.
    let mut new: Vec<usize> = Vec::new();
    for &(other, number) in clocks[event].iter().filter(|(other, _)| *other != host) {
        let before = entry(known, other);
        let name = &hosts[other as usize];
        if number < before {
            flaws.add(Flaw::Forgets, || {
                format!("{}, which knows {number} of {name} and not {before}", place())
            });
        }
        if number <= before {
            continue;
        }
        let lane = &lanes[other as usize];
        let up_to = |number: u64| lane.partition_point(|&event| entry(&clocks[event], other) <= number);
        let sender = up_to(number).checked_sub(1).map(|place| lane[place]);
        let found = sender.map_or(0, |sender| entry(&clocks[sender], other));
        if found < number {
            flaws.add(Flaw::Unknown, || format!("event {number} of {name}, which {} knows", place()));
        }
        if found > before {
            new.extend(sender);
        }
    }
    let lost = known.iter().find(|(other, number)| {
        *number > 0 && clocks[event].binary_search_by_key(other, |(host, _)| *host).is_err()
    });
    if let Some((other, number)) = lost {
        let name = &hosts[*other as usize];
        flaws.add(Flaw::Forgets, || format!("{}, which knows nothing of {name} and not {number}", place()));
    }
    let number = |sender: usize| entry(&clocks[sender], events[sender].host);
    let has_heard = |one: usize, other: usize| entry(&clocks[one], events[other].host) >= number(other);
    // Two that know each other contradict themselves; then both are drawn, and the order of all finds the
    // circle.
    let is_told = |&sender: &usize| {
        new.iter().any(|&other| other != sender && has_heard(other, sender) && !has_heard(sender, other))
    };
    for &from in new.iter().filter(|sender| !is_told(sender)) {
        edges.push(Edge { from, to: event, carries: Carries::Knowledge });
        let lacking = clocks[from].iter().find(|(host, number)| entry(&clocks[event], *host) < *number);
        if let Some((other, number)) = lacking {
            let (name, from) = (&hosts[*other as usize], events[from].place());
            flaws.add(Flaw::Lacks, || {
                format!("{}, which lacks event {number} of {name} from {from}", place())
            });
        }
    }
    merge(known, &clocks[event]);
}

/// Takes of each entry the greater.
fn merge(known: &mut Clock, clock: &Clock) {
    for &(host, number) in clock {
        match known.binary_search_by_key(&host, |(host, _)| *host) {
            Ok(place) => known[place].1 = known[place].1.max(number),
            Err(place) => known.insert(place, (host, number)),
        }
    }
}
