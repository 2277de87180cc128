//! The words and cards of Kafka.

use super::Kafka;
use super::broker::{Broker, Part, Role};
use super::consumer::{Consumer, Doing, Phase};
use super::controller::Controller;
use super::leader::Peer;
use super::partition::{Body, Entry, Origin, Replica};
use super::producer::{Pending, Producer};
use super::vocabulary::{Assignment, GroupError, Image, Key, Leadership, Membership, OUT, Partition};
use faultline_core::card::{Lane, LaneItem, LaneState, LogCell, LogMark};
use faultline_core::prelude::*;
use faultline_core::text;
use faultline_core::toolbox::hole::{letter, wrong};
use std::fmt::{self, Display};

/// So many of something: `1 record`, `2 records`.
pub(super) fn several(count: usize, thing: &str) -> String {
    text::several(count as u64, thing)
}

/// Things in order, as `p0 p1`; another word where there are none.
pub(super) fn list(things: impl IntoIterator<Item = impl Display>, none: &str) -> String {
    let words: Vec<_> = things.into_iter().map(|it| it.to_string()).collect();
    if words.is_empty() { none.into() } else { words.join(" ") }
}

/// Nodes in order: `n2 n3`.
pub(super) fn nodes(set: &NodeSet) -> String {
    list(set.iter(), "nobody")
}

fn leader(it: &Leadership) -> String {
    list(it.leader, "nobody")
}

/// The leaders of all partitions: `p0 n2 epoch 1, p1 n3 epoch 1`.
pub(super) fn leaders(image: &Image) -> String {
    let word =
        |(partition, it): (&Partition, &Leadership)| format!("{partition} {} epoch {}", leader(it), it.epoch);
    image.partitions.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// Partitions in order: `p0 p1`.
pub(super) fn names(partitions: &[Partition]) -> String {
    list(partitions, "nothing")
}

/// What the leader of the group hands out: `: n6 p0, n7 p1`.
pub(super) fn handed(assignment: Option<&Assignment>) -> String {
    let Some(assignment) = assignment else { return String::new() };
    let words = assignment.iter().map(|(member, partitions)| format!("{member} {}", names(partitions)));
    format!(": {}", words.collect::<Vec<_>>().join(", "))
}

/// Whom the leader of the group hears of: `: n6 n7`.
pub(super) fn members(members: &[Membership]) -> String {
    match members {
        [] => String::new(),
        _ => format!(": {}", nodes(&members.iter().map(|it| it.member).collect())),
    }
}

pub(super) fn error(error: Option<GroupError>) -> String {
    error.map_or(String::new(), |error| format!(": {error}"))
}

/// The records of a batch with their offsets.
pub(super) fn batch(records: &[(u64, Entry)]) -> String {
    let words: Vec<_> = records.iter().map(|(offset, entry)| format!("{offset} {}", entry.body)).collect();
    words.join(", ")
}

/// Records before they have offsets.
pub(super) fn entries(entries: &[Entry]) -> String {
    let words: Vec<_> = entries.iter().map(Entry::to_string).collect();
    words.join(", ")
}

impl Display for Partition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == OUT { out.write_str("out") } else { write!(out, "p{}", self.0) }
    }
}

impl Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", char::from(b'a' + self.0))
    }
}

impl Hole for Key {
    fn read(word: &str) -> Result<Self, String> {
        let key = letter(word).map(|letter| Key(letter as u8 - b'a'));
        key.ok_or_else(|| wrong(word, "a key, one letter from a to z, as in `Send a 7`"))
    }
}

impl Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}#{}", self.producer, self.epoch, self.sequence)
    }
}

impl Display for Body {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Value(key, Some(value)) => write!(out, "{key}={value}"),
            Body::Value(key, None) => write!(out, "{key}=✝"),
            Body::Result(partition, offset, _) => write!(out, "of {partition} {offset}"),
            Body::Commit => out.write_str("commit"),
            Body::Abort => out.write_str("abort"),
            Body::Cleaned => out.write_str("–"),
        }
    }
}

impl Display for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.body, self.origin)
    }
}

/// What the page shows of a node.
pub(super) fn card(node: &Kafka) -> Card {
    match node {
        Kafka::Controller(it) => controller(it),
        Kafka::Broker(it) => broker(it),
        Kafka::Producer(it) => producer(it),
        Kafka::Consumer(it) => consumer(it),
    }
}

fn controller(it: &Controller) -> Card {
    let row = |(partition, it): (&Partition, &Leadership)| {
        (partition.to_string(), format!("{}, epoch {}, ISR {}", leader(it), it.epoch, nodes(&it.isr)))
    };
    let offsets = it.group.offsets.iter().map(|(it, offset)| (format!("{it}-offset"), offset.to_string()));
    let alive: NodeSet = it.brokers.iter().filter(|(_, it)| it.1).map(|(node, _)| *node).collect();
    Card {
        title: "controller".into(),
        role: "active",
        sign: Sign::Leading,
        fields: vec![
            Field::new("metadata", Meaning::Counter, it.image.version),
            Field::new("brokers alive", Meaning::Nodes, nodes(&alive)),
            Field::new("generation", Meaning::Term, it.group.generation),
            Field::new("offset of p0", Meaning::Counter, it.group.offsets.get(&Partition(0)).unwrap_or(&0)),
        ],
        table: it.image.partitions.iter().map(row).chain(offsets).collect(),
        place: 1,
        ..Card::default()
    }
}

fn item(text: String, note: String, state: LaneState) -> LaneItem {
    LaneItem { text, note, state, changed: false }
}

/// The records of a replica that were neither deleted nor compacted away.
fn records(replica: &Replica) -> impl Iterator<Item = (u64, Entry)> {
    let all = replica.between(replica.now.start, replica.end()).into_iter();
    all.filter(|(_, entry)| entry.body != Body::Cleaned)
}

/// What a leader's lane says of a partition, and what a follower's.
fn lane(part: &Part) -> Lane {
    let (end, high) = (part.replica.end(), part.replica.now.high);
    let role = match &part.role {
        Role::Leader(_) => "leads",
        Role::Following(_) => "follows",
        Role::Truncating(_) => "truncates",
        Role::Offline => "has no leader",
    };
    let stable = match part.name.is_read() {
        true => String::new(),
        false => format!(", last stable offset {}", part.replica.last_stable()),
    };
    let items = records(&part.replica).map(|(offset, entry)| {
        let state = if offset < high { LaneState::Ready } else { LaneState::Waiting };
        item(format!("{offset} {}", entry.body), format!("epoch {}", entry.epoch), state)
    });
    Lane {
        name: part.name.to_string(),
        note: format!("{role} in epoch {}, high watermark {high}, end {end}{stable}", part.epoch),
        items: items.collect(),
    }
}

fn broker(it: &Broker) -> Card {
    let leads = |part: &&Part| matches!(part.role, Role::Leader(_));
    let led = list(it.parts.values().filter(leads).map(|part| part.name), "");
    let (role, sign) = match led.is_empty() {
        _ if it.image.version == 0 => ("booting", Sign::Outside),
        true => ("follower", Sign::Idle),
        false => ("leader", Sign::Leading),
    };
    let mut card = Card {
        title: "broker".into(),
        role,
        sign,
        badge: led,
        lanes: it.parts.values().map(lane).collect(),
        place: 1,
        log_base: Some(0),
        ..Card::default()
    };
    let Some(Part { replica, epoch, role, .. }) = it.parts.get(&Partition(0)) else { return card };
    let cell = |(offset, entry): (u64, Entry)| LogCell {
        index: offset + 1,
        term: entry.epoch.into(),
        text: format!("{offset} {}", entry.body),
        named: true,
        committed: offset < replica.now.high,
        changed: false,
    };
    card.log = records(replica).map(cell).collect();
    card.fields = vec![
        Field::new("epoch of p0", Meaning::Term, epoch),
        Field::new("high watermark of p0", Meaning::Counter, replica.now.high),
        Field::new("end of p0", Meaning::Counter, replica.end()),
    ];
    if let Role::Leader(leading) = role {
        card.fields.push(Field::new("ISR of p0", Meaning::Nodes, nodes(&leading.isr)));
        let followers = leading.peers.iter().filter(|(_, peer)| peer.seen.is_some());
        let mark = |(on, peer): (&NodeId, &Peer)| LogMark { on: *on, index: peer.end, sort: 0 };
        card.marks = followers.map(mark).collect();
    }
    card
}

fn producer(it: &Producer) -> Card {
    let waiting = it.pending.len();
    let (role, sign) = match waiting {
        _ if it.fenced => ("fenced", Sign::Aborted),
        0 if it.acknowledged == 0 => ("idle", Sign::Idle),
        0 => ("acknowledged", Sign::Committed),
        _ => ("waiting", Sign::Seeking),
    };
    let items = it.pending.iter().map(|((partition, _), Pending { entry, sent })| {
        let state = if *sent { LaneState::Taken } else { LaneState::Waiting };
        item(entry.to_string(), format!("for {partition}"), state)
    });
    let lane = Lane { name: "not acknowledged".into(), note: String::new(), items: items.collect() };
    Card {
        title: "producer".into(),
        role,
        sign,
        fields: vec![
            Field::new("not acknowledged", Meaning::Counter, waiting),
            Field::new("acknowledged", Meaning::Counter, it.acknowledged),
            Field::new("producer epoch", Meaning::Term, it.epoch),
        ],
        lanes: (waiting > 0).then_some(lane).into_iter().collect(),
        place: 0,
        ..Card::default()
    }
}

fn consumer(it: &Consumer) -> Card {
    let (role, sign) = match (it.phase, it.work.as_ref().map(|work| &work.step)) {
        (_, Some(Doing::Processing(_))) => ("processing", Sign::Telling),
        (_, Some(Doing::CommittingFirst | Doing::CommittingLast)) => ("committing", Sign::Seeking),
        (_, Some(_)) => ("in-transaction", Sign::Uncertain),
        (Phase::Stable, None) if it.owned.is_empty() => ("idle", Sign::Outside),
        (Phase::Stable, None) => ("polling", Sign::Idle),
        (_, None) => ("joining", Sign::Seeking),
    };
    let at = |(partition, position): (&Partition, &Option<u64>)| {
        format!("{partition} at {}", position.map_or("?".to_owned(), |position| position.to_string()))
    };
    let positions: Vec<_> = it.owned.iter().map(at).collect();
    let reads = if positions.is_empty() { "nothing".into() } else { positions.join(", ") };
    let lane = it.work.iter().map(|work| {
        let items = work.records.iter().enumerate().map(|(place, (offset, entry))| {
            let state = match work.step {
                Doing::Processing(done) if place >= done => LaneState::Taken,
                Doing::Processing(_) | Doing::CommittingLast => LaneState::Done,
                _ => LaneState::Waiting,
            };
            item(format!("{offset} {}", entry.body), String::new(), state)
        });
        let (name, note) = (format!("batch of {}", work.partition), format!("up to offset {}", work.next));
        Lane { name, note, items: items.collect() }
    });
    let mut fields = vec![
        Field::new("generation", Meaning::Term, it.generation),
        Field::new("reads", Meaning::Value, reads),
        Field::new("processed", Meaning::Counter, it.processed),
    ];
    fields.extend(it.epoch.map(|epoch| Field::new("producer epoch", Meaning::Term, epoch)));
    Card {
        title: "consumer".into(),
        role,
        sign,
        badge: list(it.owned.keys(), ""),
        fields,
        lanes: lane.collect(),
        place: 2,
        ..Card::default()
    }
}
