//! Why a claim does not hold: the sides, the steps that led to them, and what the right protocol does instead of a wrong twin.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use crate::session::{TEXT, open};
use faultline_core::compare::compare;
use faultline_core::nemesis::attack;
use faultline_core::property::Judgement;
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::trace::{Flags, Line, NO_CAUSE, Record, What};
use faultline_core::view::{Because, Card, Explanation, Fact, MOST_TOLD, SideView, Standing, TwinView};
use faultline_core::{NodeId, Session};
use faultline_tests::{entries, golden, parse, presets};
use std::collections::BTreeMap;

/// Violations whose explanations a person has read and judged.
const READ: [&str; 12] = [
    "raft/figure-8-unsafe",
    "raft/forgets-vote",
    "raft/skips-check",
    "raft/truncates-always",
    "two-phase-commit/aborts-uncertain",
    "two-phase-commit/votes-unforced",
    "pbft/executes-prepared",
    "causal-broadcast/compares-as-lists",
    "amqp/confirms-early",
    "quorum-kv/no-tombstone",
    "chord/original-2001",
    "gossip/wall-clock",
];

/// Longer runs, in which a twin floods the network, are not explained here.
const MOST_EVENTS: u32 = 10_000;

/// The places of the claims that do not hold at the playhead, each with the event that violated it.
fn broken(session: &Session) -> Vec<(usize, Option<usize>)> {
    let claims = session.view().claims.into_iter().enumerate();
    let broken = claims.filter_map(|(place, claim)| match claim.standing {
        Standing::Violated { event, .. } => Some((place, Some(event))),
        Standing::Unmet { .. } => Some((place, None)),
        _ => None,
    });
    broken.collect()
}

pub(crate) fn at_the_end(scenario: Scenario) -> Session {
    let until = scenario.until;
    let mut session = Session::new(scenario);
    session.seek_time(until);
    session
}

#[test]
fn explanations_are_as_they_were_read() {
    let mut text = String::new();
    for name in READ {
        let (slug, preset) = name.split_once('/').unwrap();
        let (_, preset) = presets().find(|(of, it)| *of == slug && it.name == preset).unwrap();
        let session = at_the_end(parse(preset.text).unwrap());
        let broken = broken(&session);
        assert!(!broken.is_empty(), "{name}");
        for (place, _) in broken {
            text += &format!("# {name}\n{}\n", session.explain(place).unwrap());
        }
    }
    golden("explanations.txt", &text);
}

#[test]
fn what_holds_is_not_explained() {
    let session = open(TEXT);
    assert_eq!(
        session.explain(0),
        Err("Election Safety is neither violated nor reached at this moment".into())
    );
    assert_eq!(session.explain(99), Err("there is no such claim".into()));
    assert_eq!(session.explain_event(99_999), Err("event 99999 is no step of a node".into()));
}

/// Wherever the playhead stands after the violation.
#[test]
fn an_explanation_is_of_the_violation_and_not_of_the_moment() {
    let (_, preset) = presets().find(|(_, it)| it.name == "figure-8-unsafe").unwrap();
    let mut session = at_the_end(parse(preset.text).unwrap());
    let (place, event) = broken(&session)[0];
    let there = session.explain(place).unwrap();
    session.seek_event(event.unwrap() + 1);
    assert_eq!(session.explain(place).unwrap(), there);
    session.seek_event(event.unwrap());
    assert!(session.explain(place).is_err());
}

#[test]
fn every_violation_in_the_gallery_is_explained() {
    let mut explained = BTreeMap::new();
    for (slug, preset) in presets() {
        let session = at_the_end(parse(preset.text).unwrap());
        for (place, event) in broken(&session) {
            is_sound(&session, place, event);
            *explained.entry(slug).or_insert(0) += 1;
        }
    }
    assert_eq!(explained.len(), entries().len(), "{explained:?}");
}

#[test]
fn violations_that_attacks_find_are_explained() {
    for entry in entries() {
        let mut explained = 0;
        for twin in entry.twins {
            let mut base = Scenario::of(entry);
            twin.shows_with.iter().for_each(|words| base.amend(words).unwrap());
            base.amend(&format!("twin {}", twin.name)).unwrap();
            let attacks = (1..=8).map(|seed| attack(&base, seed));
            let attacks = attacks.filter(|attack| attack.broken.is_some() && attack.events < MOST_EVENTS);
            for attack in attacks.take(1) {
                // What comes after that may go in circles for ever.
                let until = attack.broken.map_or(0, |broken| broken.time);
                let session = at_the_end(Scenario { until, ..attack.scenario });
                for (place, event) in broken(&session) {
                    is_sound(&session, place, event);
                    explained += 1;
                }
            }
        }
        assert!(explained >= 3, "{}: {explained}", entry.info.slug);
    }
}

/// What holds of every explanation, worked out from the run alone.
fn is_sound(session: &Session, place: usize, violated: Option<usize>) {
    let explanation = session.explain(place).unwrap();
    let about = format!("{}\n{explanation}", session.scenario());
    let records = session.run().records();
    let Explanation { sides, steps, twin, .. } = &explanation;
    let until = violated.map_or(session.event(), |event| event + 1);
    let mut roots: Vec<usize> =
        violated.into_iter().chain(sides.iter().filter_map(|side| side.event)).collect();
    if violated.is_none() {
        let latest = |side: &SideView| {
            let of_it = |it: &Record| it.node == side.node.0 && it.what.is_step();
            records[..until].iter().rposition(of_it)
        };
        roots.extend(sides.iter().filter_map(latest));
    }
    let past = past(records, &roots);
    assert!((1..=2).contains(&sides.len()), "{about}");
    sides.iter().enumerate().for_each(|it| is_side(session, it, violated.is_none(), until, &about));
    assert!(steps.len() <= MOST_TOLD, "{about}");
    // Two nights in which a message each was lost: to take back one of them keeps no promise, and that is said.
    assert!(!steps.is_empty() || violated.is_none() && explanation.remark.is_some(), "{about}");
    assert!(steps.windows(2).all(|pair| pair[0].line.index < pair[1].line.index), "{about}");
    assert!(violated.is_none_or(|event| steps.iter().any(|step| step.line.index == event)), "{about}");
    for step in steps {
        let (event, record) = (step.line.index, step.line.record);
        assert!(event < until && step.sentence.starts_with(&step.line.sentence), "{about}");
        match (step.because, record.what) {
            (Because::Absence, _) => is_missing(session, place, (event, &step.sentence), violated, &about),
            (Because::Fault, What::Forge) => {
                let lie =
                    |it: &Record| (it.what, it.node, it.peer) == (What::Deliver, record.node, record.peer);
                let mut led = records.iter().enumerate().filter(|(event, it)| past[*event] && lie(it));
                assert!(led.any(|(came, it)| event < came && (it.cause as usize) < event), "{about}");
            }
            _ => assert!(past[event], "event {event} is not in the past:\n{about}"),
        }
    }
    let twins = session.scenario().choices.twins.len();
    assert_eq!(twin.as_ref().map_or(0, |twin| twin.twins.len()), twins, "{about}");
    if let Some(twin) = twin {
        is_twin(session, place, twin, (&past, until), &about);
    }
}

/// The events from which others descend, those included, by what caused what and by what a node did before.
pub(crate) fn past(records: &[Record], roots: &[usize]) -> Vec<bool> {
    let mut last: BTreeMap<u32, usize> = BTreeMap::new();
    let mut before = vec![None; records.len()];
    for (event, record) in records.iter().enumerate().filter(|(_, record)| record.what.is_step()) {
        before[event] = last.insert(record.node, event);
    }
    let (mut past, mut open) = (vec![false; records.len()], roots.to_vec());
    while let Some(event) = open.pop() {
        if !std::mem::replace(&mut past[event], true) {
            open.extend(before[event]);
            open.extend(Some(records[event].cause).filter(|it| *it != NO_CAUSE).map(|it| it as usize));
        }
    }
    past
}

/// A side shows what its node's card shows.
fn is_side(session: &Session, (place, side): (usize, &SideView), unmet: bool, until: usize, about: &str) {
    let lacks = unmet && place == 0;
    let at = side.event.filter(|_| !lacks).map_or(until, |event| event + 1);
    let mut looking = Session::new(session.scenario().clone());
    let mut value = |fact: Fact<'_>, node: NodeId, event: usize| fact.of(&card(&mut looking, node, event));
    assert!(at <= until, "{about}");
    if let Some(fact) = side.fact {
        assert_eq!(value(fact, side.node, at), side.value, "{about}");
        assert!(side.value.is_some() || matches!(fact, Fact::Cell(_) | Fact::Row(_)), "{about}");
        for also in &side.also {
            assert_ne!(*also, side.node);
            assert_eq!(value(fact, *also, until), side.value, "{about}");
        }
    } else {
        assert_eq!((side.value.as_ref(), side.also.as_slice()), (None, &[][..]), "{about}");
    }
}

/// What a node's card shows after so many events.
fn card(looking: &mut Session, node: NodeId, event: usize) -> Card {
    looking.seek_event(event);
    looking.view().nodes[node.index()].card.clone()
}

/// What is said to be missing would be there without the event; of a promise of the end that is played here.
fn is_missing(
    session: &Session,
    place: usize,
    (event, sentence): (usize, &str),
    violated: Option<usize>,
    about: &str,
) {
    let records = session.run().records();
    if violated.is_some() || !sentence.contains("the claim would hold") {
        assert!(sentence.contains("set the timer of "), "{about}");
        return;
    }
    if !records[event].flags.has(Flags::ACT) || sentence.contains("of that moment") {
        return;
    }
    let act = records[..event].iter().filter(|it| it.flags.has(Flags::ACT)).count();
    let mut scenario = session.scenario().clone();
    scenario.acts.remove(act);
    let verdicts = Run::new(scenario, session.time()).verdicts();
    assert!(matches!(verdicts[place], Judgement::Reached { .. }), "{about}");
}

/// The first step that differs is the first, of those that led there; and the right run comes to what is said of it.
fn is_twin(session: &Session, place: usize, twin: &TwinView, (past, until): (&[bool], usize), about: &str) {
    let mut right = session.scenario().clone();
    right.choices.twins.clear();
    let time = match session.view().claims[place].standing {
        Standing::Violated { .. } => session.run().records()[until - 1].time,
        _ => session.time(),
    };
    let right = Run::new(right, time);
    if let Some(verdict) = right.verdicts().get(place) {
        assert_eq!(matches!(verdict, Judgement::Violated { .. }), twin.breaks_too, "{about}");
    }
    for told in &twin.told {
        assert!(past[told.event] && twin.first.as_ref().is_some_and(|it| it.event <= told.event), "{about}");
    }
    let Some(first) = &twin.first else {
        assert!(twin.told.is_empty(), "{about}");
        return;
    };
    // Where the runs part altogether, if lines show it.
    let at_first = session.run().lines(first.event, first.event + 1).remove(0);
    let is_seen = first.right.as_ref().is_none_or(|right| !is_same(&at_first, right));
    if let Some(parting) = compare([session.run(), &right]).first.filter(|_| is_seen) {
        assert!(parting.event <= first.event, "{about}");
    }
    let (mine, theirs) = (session.run().lines(0, until), right.lines(0, right.records().len()));
    let steps = |lines: Vec<Line>| {
        let mut steps = vec![Vec::new(); session.scenario().nodes as usize];
        for line in lines.into_iter().filter(|line| line.record.what.is_step()) {
            steps[line.record.node as usize].push(line);
        }
        steps
    };
    for ((node, mine), theirs) in (0..).zip(steps(mine)).zip(steps(theirs)) {
        for (nth, line) in mine.iter().enumerate() {
            if past[line.index] && line.index < first.event {
                assert!(
                    theirs.get(nth).is_some_and(|it| is_same(line, it)),
                    "event {}:\n{about}",
                    line.index
                );
            } else if line.index == first.event {
                assert_eq!(first.right.as_ref(), theirs.get(nth), "{about}");
                // What no line shows is on a card.
                let cards = |nth: &Line| {
                    let places = [(session.scenario(), line.index), (right.scenario(), nth.index)];
                    places.map(|(scenario, event)| {
                        card(&mut Session::new(scenario.clone()), NodeId(node), event + 1)
                    })
                };
                let same = theirs.get(nth).is_some_and(|it| {
                    let [one, other] = cards(it);
                    is_same(line, it) && one == other
                });
                assert!(!same, "{about}");
            }
        }
    }
}

fn is_same(one: &Line, other: &Line) -> bool {
    let when = |it: &Line| (it.record.time, it.record.node, it.record.peer, it.record.what);
    let what = |it: &Line| (it.sentence.clone(), it.occasion.clone(), it.disk.clone());
    (when(one), what(one)) == (when(other), what(other))
        && (&one.sent, &one.outputs) == (&other.sent, &other.outputs)
}

/// A message that a liar said to somebody else, too, has no cause but that.
#[test]
fn what_was_injected_is_explained() {
    let text = "faultline 2\nprotocol pbft\nlatency 10ms\nuntil 60ms\nat 5ms take over n1\nat 10ms n5 Put x=1\n\
                at 20ms inject n1>n2 PrePrepare to n3\n";
    let session = at_the_end(parse(text).unwrap());
    let records = session.run().records();
    let injected = records.iter().position(|it| it.what == What::Inject).unwrap();
    let came =
        records.iter().position(|it| it.what == What::Deliver && it.cause as usize == injected).unwrap();
    let steps = session.why_event(came);
    assert_eq!(steps.iter().map(|step| step.line.index).collect::<Vec<_>>(), [came, injected]);
}
