//! The words and cards of Kafka.

use super::Kafka;
use super::broker::{Broker, Part, Role};
use super::consumer::{Consumer, Doing, Phase};
use super::controller::Controller;
use super::partition::{Body, Entry, Origin};
use super::producer::Producer;
use super::vocabulary::{Assignment, GroupError, Image, Key, Membership, OUT, Partition, Refusal};
use faultline_core::card::{Lane, LaneItem, LaneState, LogCell, LogMark};
use faultline_core::prelude::*;
use faultline_core::toolbox::hole::{letter, wrong};
use std::fmt::{self, Display};

/// So many of something: `1 record`, `2 records`.
pub(super) fn several(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// Nodes in order: `n2 n3`.
pub(super) fn nodes(set: &NodeSet) -> String {
    let names: Vec<_> = set.iter().map(|node| node.to_string()).collect();
    if names.is_empty() { "nobody".into() } else { names.join(" ") }
}

/// Who leads which partition: `p0 n2 epoch 1, p1 n3 epoch 1`.
pub(super) fn leaders(image: &Image) -> String {
    let words = image.partitions.iter().map(|(partition, it)| {
        let leader = it.leader.map_or("nobody".to_owned(), |leader| leader.to_string());
        format!("{partition} {leader} epoch {}", it.epoch)
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Partitions in order: `p0 p1`.
pub(super) fn names(partitions: &[Partition]) -> String {
    let names: Vec<_> = partitions.iter().map(ToString::to_string).collect();
    if names.is_empty() { "nothing".into() } else { names.join(" ") }
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

impl Display for GroupError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            GroupError::RebalanceInProgress => "rebalance in progress",
            GroupError::IllegalGeneration => "illegal generation",
        })
    }
}

/// The records of a batch with their offsets.
pub(super) fn batch(records: &[(u64, Entry)]) -> String {
    let words: Vec<_> = records.iter().map(|(offset, entry)| format!("{offset} {}", entry.body)).collect();
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
            Body::Result(partition, offset) => write!(out, "of {partition} {offset}"),
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

impl Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Refusal::NotLeader => "not the leader",
            Refusal::NotEnoughReplicas => "not enough replicas in sync",
            Refusal::OutOfOrderSequence => "out of order sequence",
            Refusal::InvalidProducerEpoch => "old producer epoch",
        })
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
    let row = |(partition, it): (&Partition, &super::vocabulary::Leadership)| {
        let leader = it.leader.map_or("nobody".to_owned(), |leader| leader.to_string());
        (partition.to_string(), format!("{leader}, epoch {}, ISR {}", it.epoch, nodes(&it.isr)))
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

/// What a leader's lane says of a partition, and what a follower's.
fn lane((partition, part): (&Partition, &Part)) -> Lane {
    let (end, high, start) = (part.replica.end(), part.replica.now.high, part.replica.now.start);
    let role = match &part.role {
        Role::Leader(_) => "leads",
        Role::Following(_) => "follows",
        Role::Truncating(_) => "truncates",
        Role::Offline => "has no leader",
    };
    let item = |(offset, entry): (u64, Entry)| LaneItem {
        text: format!("{offset} {}", entry.body),
        note: format!("epoch {}", entry.epoch),
        state: if offset < high { LaneState::Ready } else { LaneState::Waiting },
        changed: false,
    };
    let records = part.replica.between(start, end).into_iter();
    let stable = match partition.is_read() {
        true => String::new(),
        false => format!(", last stable offset {}", part.replica.last_stable()),
    };
    Lane {
        name: partition.to_string(),
        note: format!("{role} in epoch {}, high watermark {high}, end {end}{stable}", part.epoch),
        items: records.filter(|(_, entry)| entry.body != Body::Cleaned).map(item).collect(),
    }
}

fn broker(it: &Broker) -> Card {
    let leads = |(_, part): &(&Partition, &Part)| matches!(part.role, Role::Leader(_));
    let led: Vec<_> = it.parts.iter().filter(leads).map(|(partition, _)| partition.to_string()).collect();
    let (role, sign) = match led.is_empty() {
        _ if it.image.version == 0 => ("booting", Sign::Outside),
        true => ("follower", Sign::Idle),
        false => ("leader", Sign::Leading),
    };
    let first = it.parts.get(&Partition(0));
    let mut card = Card {
        title: "broker".into(),
        role,
        sign,
        badge: if led.is_empty() { String::new() } else { format!("leads {}", led.join(" ")) },
        lanes: it.parts.iter().map(lane).collect(),
        place: 1,
        log_base: Some(0),
        ..Card::default()
    };
    let Some(first) = first else { return card };
    let cell = |(offset, entry): (u64, Entry)| LogCell {
        index: offset + 1,
        term: entry.epoch.into(),
        text: format!("{offset} {}", entry.body),
        named: true,
        committed: offset < first.replica.now.high,
        changed: false,
    };
    let records = first.replica.between(first.replica.now.start, first.replica.end());
    card.log = records.into_iter().filter(|(_, entry)| entry.body != Body::Cleaned).map(cell).collect();
    card.fields = vec![
        Field::new("epoch of p0", Meaning::Term, first.epoch),
        Field::new("high watermark of p0", Meaning::Counter, first.replica.now.high),
        Field::new("end of p0", Meaning::Counter, first.replica.end()),
    ];
    if let Role::Leader(leading) = &first.role {
        card.fields.push(Field::new("ISR of p0", Meaning::Nodes, nodes(&leading.isr)));
        let mark = |(on, index): (&NodeId, &u64)| LogMark { on: *on, index: *index, sort: 0 };
        card.marks = leading.ends.iter().map(mark).collect();
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
    let item = |((partition, _), pending): (&(Partition, u64), &super::producer::Pending)| LaneItem {
        text: pending.entry.to_string(),
        note: format!("for {partition}"),
        state: if pending.sent { LaneState::Taken } else { LaneState::Waiting },
        changed: false,
    };
    let lanes = match waiting {
        0 => Vec::new(),
        _ => vec![Lane {
            name: "not acknowledged".into(),
            note: String::new(),
            items: it.pending.iter().map(item).collect(),
        }],
    };
    Card {
        title: "producer".into(),
        role,
        sign,
        fields: vec![
            Field::new("not acknowledged", Meaning::Counter, waiting),
            Field::new("acknowledged", Meaning::Counter, it.acknowledged),
            Field::new("producer epoch", Meaning::Term, it.epoch),
        ],
        lanes,
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
    let owned: Vec<_> = it.owned.keys().copied().collect();
    let at = |(partition, position): (&Partition, &Option<u64>)| {
        let position = position.map_or("?".to_owned(), |position| position.to_string());
        format!("{partition} at {position}")
    };
    let positions: Vec<_> = it.owned.iter().map(at).collect();
    let item = |(place, (offset, entry)): (usize, &(u64, Entry)), step: &Doing| LaneItem {
        text: format!("{offset} {}", entry.body),
        note: String::new(),
        state: match step {
            Doing::Processing(done) if place < *done => LaneState::Done,
            Doing::Processing(_) => LaneState::Taken,
            Doing::CommittingLast => LaneState::Done,
            _ => LaneState::Waiting,
        },
        changed: false,
    };
    let lane = it.work.iter().map(|work| Lane {
        name: format!("batch of {}", work.partition),
        note: format!("up to offset {}", work.next),
        items: work.records.iter().enumerate().map(|it| item(it, &work.step)).collect(),
    });
    let mut card = Card {
        title: "consumer".into(),
        role,
        sign,
        badge: if owned.is_empty() { String::new() } else { names(&owned) },
        fields: vec![
            Field::new("generation", Meaning::Term, it.generation),
            Field::new(
                "reads",
                Meaning::Value,
                if positions.is_empty() { "nothing".into() } else { positions.join(", ") },
            ),
            Field::new("processed", Meaning::Counter, it.processed),
        ],
        lanes: lane.collect(),
        place: 2,
        ..Card::default()
    };
    if let Some(epoch) = it.epoch {
        card.fields.push(Field::new("producer epoch", Meaning::Term, epoch));
    }
    card
}
