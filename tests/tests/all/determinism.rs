//! The same scenario is the same run: again, from any of its events on, in another loop, and but for its consequences
//! also when something is taken away.

use faultline_core::Session;
use faultline_core::random::{Purpose, draw};
use faultline_core::session::Target;
use faultline_core::sim::Run;
use faultline_core::trace::{Line, What};
use faultline_core::world::World;
use faultline_probe::{bench, plain, traces};
use faultline_protocols::consensus::raft::{Params, Raft};
use faultline_tests::{parse, play};

#[test]
fn two_runs_are_equal() {
    for seed in 1..=20 {
        let text = traces::faulty("raft", seed);
        assert_eq!(play(&text).transcript(), play(&text).transcript());
    }
}

#[test]
fn standing_anywhere_equals_walking_there() {
    // Long enough for several copies of the world to come back to.
    let plan = bench::plan(5, 100_000_000);
    let scenario = bench::scenario(&plan);
    let run = Run::new(scenario.clone(), plan.until);
    let count = run.records().len();
    assert!(count > 12_000, "{count} events");
    let state = |world: &World| (world.now(), world.events(), world.judgements().to_vec(), world.cuts());
    for nth in 0..40 {
        let event = draw(3, Purpose::Nemesis, (0, 0), nth) as usize % count;
        let cursor = run.at(event);
        assert_eq!(cursor.world.events() as usize, event);
        let lines = run.lines(event, event + 3);
        assert_eq!(
            lines.iter().map(|line| line.record).collect::<Vec<_>>(),
            run.records()[event..(event + 3).min(count)]
        );
        let mut walked = faultline_core::sim::Cursor::new(&scenario);
        while (walked.world.events() as usize) < event {
            walked.step(&scenario, plan.until);
        }
        assert_eq!(state(&walked.world), state(&cursor.world));
    }
}

#[test]
fn the_world_ends_where_a_loop_written_by_hand_ends() {
    for seed in 1..=10 {
        let plan = plain::Plan { seed, ..bench::plan(5, 60_000_000) };
        let (events, disks) = plain::play::<Raft>(plan, Params::default());
        let run = Run::new(bench::scenario(&plan), plan.until);
        assert_eq!(run.records().len() as u64, events, "seed {seed}");
        assert_eq!(run.end().disks::<Raft>(), disks, "seed {seed}");
    }
}

/// What a line says, apart from the numbers of events: time, sentence, disk, what was sent, what was told.
type Said = (u64, String, Option<String>, Vec<String>, Vec<String>);

fn said(line: &Line) -> Said {
    (line.record.time, line.sentence.clone(), line.disk.clone(), line.sent.clone(), line.outputs.clone())
}

/// When each node may first have been influenced, in either of two runs, by what happened at `to` at `time` in the one
/// and did not in the other.
fn influenced(runs: [&Run; 2], to: u32, time: u64) -> Vec<u64> {
    let mut since = vec![u64::MAX; runs[0].scenario().nodes as usize];
    since[to as usize] = time;
    // A node that differs between the runs influences others by what it sends in either, so both are read again
    // until nothing more comes of it.
    loop {
        let before = since.clone();
        for run in runs {
            for record in run.records().iter().filter(|record| record.what == What::Deliver) {
                let cause = &run.records()[record.cause as usize];
                if cause.time >= since[cause.node as usize] {
                    let node = &mut since[record.node as usize];
                    *node = record.time.min(*node);
                }
            }
        }
        if since == before {
            return since;
        }
    }
}

/// The events before their node was influenced, in words; of a message, the node that sent it.
fn untouched(run: &Run, since: &[u64]) -> Vec<Said> {
    let before = |line: &Line| {
        let record = match line.record {
            lost if matches!(lost.what, What::Lose) => run.records()[lost.cause as usize],
            record => record,
        };
        since.get(record.node as usize).is_none_or(|since| record.time < *since)
            && line.record.what != What::Drop
    };
    run.lines(0, run.records().len()).iter().filter(|line| before(line)).map(said).collect()
}

/// One message is taken away. Every event outside the causal futures of its arrival, in the one run, and of its
/// absence, in the other, is the same in both, to the word and in the same order.
#[test]
fn a_dropped_message_changes_its_consequences_and_nothing_else() {
    let (mut compared, mut late) = (0, 0);
    for seed in 1..=200 {
        let mut session = Session::new(parse(&traces::faulty("raft", seed)).unwrap());
        let before = Run::new(session.scenario().clone(), session.scenario().until);
        let delivered: Vec<_> =
            before.records().iter().filter(|record| record.what == What::Deliver).collect();
        let chosen = *delivered[draw(seed, Purpose::Nemesis, (9, 9), 0) as usize % delivered.len()];

        session.seek_event(chosen.cause as usize + 1);
        let message = session.view().messages.into_iter().find(|message| {
            (message.from.0, message.to.0, message.until) == (chosen.peer, chosen.node, chosen.time)
        });
        let drop = &session.offers(Target::Message(message.unwrap().id))[0];
        session.act(&drop.words).unwrap();

        let since = influenced([&before, session.run()], chosen.node, chosen.time);
        let (left, right) = (untouched(&before, &since), untouched(session.run(), &since));
        if let Some(place) =
            (0..left.len().max(right.len())).find(|&place| left.get(place) != right.get(place))
        {
            panic!("seed {seed}, {}: {:?} became {:?}", drop.words, left.get(place), right.get(place));
        }
        compared += left.len();
        late += left.iter().filter(|(time, ..)| *time > chosen.time).count();
    }
    // It must not be for want of anything to compare, also after the message would have arrived.
    assert!(
        compared > 200 * 100 && late > 200 * 5,
        "only {compared} events were compared, {late} of them later"
    );
}

/// Whether one event may have influenced another is the same question asked from either end.
#[test]
fn the_past_of_one_event_is_the_future_of_the_other() {
    let run = play(&traces::faulty("raft", 3));
    let steps: Vec<usize> =
        (0..run.records().len()).filter(|&event| run.records()[event].what.is_step()).collect();
    let (mut related, mut concurrent) = (0, 0);
    for nth in 0..60 {
        let event = steps[draw(5, Purpose::Nemesis, (0, 0), nth) as usize % steps.len()];
        let past = run.past(event);
        for &other in steps.iter().step_by(7) {
            assert_eq!(past[other], run.future(other)[event], "{other} and {event}");
            related += usize::from(past[other]);
            concurrent += usize::from(!past[other] && !run.future(event)[other]);
        }
    }
    assert!(related > 300 && concurrent > 50, "{related} related, {concurrent} concurrent");
}
