//! Kafka against its literature (A8): the partitioner, the assignors, what acks and in-sync replicas promise, what a crash of a
//! consumer loses or repeats, and the permalinks.

#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::Session;
use faultline_core::property::Judgement;
use faultline_core::sim::Run;
use faultline_protocols::messaging::kafka::assign::{range, round_robin};
use faultline_protocols::messaging::kafka::murmur::{murmur2, partition};
use faultline_tests::{fact, find, play};

const DOCS: &str = "Apache Kafka documentation 3.7";
const CLIENT: &str = "Apache Kafka, UtilsTest";

/// A run of one partition, with every message under way for 5 ms.
fn run(lines: &str) -> Run {
    run_until("1500ms", lines)
}

fn run_until(until: &str, lines: &str) -> Run {
    play(&format!("faultline 2\nprotocol kafka\nlatency 5ms\nset partitions 1\nuntil {until}\n{lines}"))
}

fn preset(name: &str) -> Run {
    play(find("kafka").unwrap().presets().iter().find(|preset| preset.name == name).unwrap().text)
}

/// What was told, in order.
fn told(run: &Run, begins: &str) -> Vec<String> {
    let lines = run.lines(0, run.records().len());
    let all = lines.iter().flat_map(|line| line.outputs.iter().cloned());
    all.filter(|output| output.starts_with(begins)).collect()
}

/// Of these words of several outputs, those that occur, each once.
fn distinct(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}

fn verdict(run: &Run, claim: &str) -> Judgement {
    let claims = run.scenario().entry.claims();
    let place = claims.iter().position(|it| it.name == claim).unwrap();
    run.verdicts()[place].clone()
}

fn is_violated(run: &Run, claim: &str) -> bool {
    matches!(verdict(run, claim), Judgement::Violated { .. })
}

/// What the logs of p0 hold at the end, as the cards of b1 and b3 show them.
fn logs_of_b1_and_b3(run: &Run) -> [Vec<String>; 2] {
    let mut session = Session::new(run.scenario().clone());
    session.seek_time(run.scenario().until);
    let view = session.view();
    [1_usize, 3].map(|node| view.nodes[node].card.log.iter().map(|cell| cell.text.clone()).collect())
}

/// A8.1.
#[test]
fn the_partitioner_is_that_of_the_java_client() {
    for (key, hash) in [("21", -973_932_308), ("foobar", -790_332_482), ("abc", 479_470_107)] {
        fact("A8.1", &format!("murmur2 of {key}"), CLIENT, hash, murmur2(key.as_bytes()));
        assert_eq!(murmur2(key.as_bytes()), hash);
        let expected = (i64::from(hash) & 0x7fff_ffff) % 7;
        assert_eq!(i64::from(partition(key.as_bytes(), 7)), expected);
    }
    // The keys of the run about skew.
    assert_eq!([b"f", b"a", b"b"].map(|key| partition(key, 3)), [0, 1, 2]);
}

/// A8.2: what each of two members gets, of two topics with three partitions each.
#[test]
fn assignors_divide_as_documented() {
    let words = |all: Vec<Vec<(usize, u32)>>| {
        let members = all.into_iter().map(|pairs| {
            pairs.into_iter().map(|(topic, it)| format!("t{topic}p{it}")).collect::<Vec<_>>().join(" ")
        });
        members.collect::<Vec<_>>().join(", ")
    };
    let cases = [
        ("range", range(2, &[3, 3]), "t0p0 t0p1 t1p0 t1p1, t0p2 t1p2"),
        ("round robin", round_robin(2, &[3, 3]), "t0p0 t0p2 t1p1, t0p1 t1p0 t1p2"),
    ];
    for (name, measured, expected) in cases {
        let measured = words(measured);
        fact("A8.2", &format!("{name}, two members, two topics of three"), DOCS, expected, &measured);
        assert_eq!(measured, expected);
    }
}

/// A8.3: more members than partitions.
#[test]
fn surplus_members_are_idle() {
    for assignor in ["range", "round-robin", "sticky", "cooperative"] {
        let run = run(&format!("nodes 8\nset assignor {assignor}\n"));
        let owners = told(&run, "Owns p0 in generation 1").len();
        fact("A8.3", &format!("owners of one partition among three members, {assignor}"), DOCS, 1, owners);
        assert_eq!(owners, 1);
    }
}

/// Whether a record that was acknowledged with so many in-sync replicas is there after so many brokers that had it are lost,
/// though an unclean election is allowed.
fn survives(min_isr: u64, losses: usize) -> bool {
    let cuts = match min_isr {
        1 => "at 50ms cut n2-n3\nat 50ms cut n2-n4\nat 50ms cut n3-n4\n",
        2 => "at 50ms cut n2-n4\nat 50ms cut n3-n4\n",
        _ => "",
    };
    let crashes: Vec<_> =
        ["n2", "n3", "n4"][..losses].iter().map(|it| format!("at 420ms crash {it}\n")).collect();
    let crashes = crashes.concat();
    let run = run(&format!(
        "nodes 5\nset min-isr {min_isr}\nset unclean on\n{cuts}at 350ms n5 Send a 1\n{crashes}at 430ms heal\n"
    ));
    assert_eq!(told(&run, "Acknowledged").len(), 1);
    !is_violated(&run, "No Lost Record")
}

/// Whether a record is acknowledged where so many of three brokers are down.
fn is_available(min_isr: u64, losses: usize) -> bool {
    let crashes: Vec<_> =
        ["n4", "n3", "n2"][..losses].iter().map(|it| format!("at 50ms crash {it}\n")).collect();
    let crashes = crashes.concat();
    let run = run(&format!("nodes 5\nset min-isr {min_isr}\n{crashes}at 500ms n5 Send a 1\n"));
    told(&run, "Acknowledged").len() == 1
}

/// A8.4: with m in-sync replicas a record survives m - 1 losses, and not m; three replicas stay available for 3 - m.
#[test]
fn in_sync_replicas_are_what_survives_and_what_is_waited_for() {
    for m in 1..=3 {
        let lost = (0..3).take_while(|losses| survives(m, *losses)).last().unwrap();
        fact("A8.4", &format!("losses that a record survives, min.insync.replicas {m}"), DOCS, m - 1, lost);
        assert_eq!(lost as u64, m - 1);
        let down = (0..3).take_while(|losses| is_available(m, *losses)).last().unwrap();
        fact(
            "A8.4",
            &format!("brokers that may be down for writes, min.insync.replicas {m}"),
            DOCS,
            3 - m,
            down,
        );
        assert_eq!(down as u64, 3 - m);
    }
}

/// A8.5: six records in batches; n6 crashes between the commit and the processing of the first batch, or the other way round.
#[test]
fn a_crash_loses_or_repeats_exactly_the_batch() {
    let records: Vec<_> = (0..6).map(|nth| format!("at {}ms n5 Send a {nth}\n", 5 + nth)).collect();
    let records = records.concat();
    for batch in 1..=3u64 {
        let base = format!("nodes 6\nset batch {batch}\n{records}");
        let most = run(&format!("{base}set guarantee at-most-once\nat 85ms crash n6\nat 150ms restart n6\n"));
        let lost = 6 - distinct(told(&most, "Processed")).len() as u64;
        fact("A8.5", &format!("records lost at most once, batch of {batch}"), DOCS, batch, lost);
        let done = 70 + 10 * batch;
        let crash = format!("at {}ms drop n6>n1 OffsetCommit\nat {}ms crash n6\n", done + 1, done + 2);
        let least = run(&format!("{base}{crash}at 150ms restart n6\n"));
        let processed = told(&least, "Processed");
        let (all, repeated) = (processed.len() as u64, processed.len() as u64 - 6);
        fact("A8.5", &format!("records repeated at least once, batch of {batch}"), DOCS, batch, repeated);
        assert_eq!((lost, repeated, all), (batch, batch, 6 + batch));
        assert_eq!(distinct(processed).len(), 6);
    }
}

/// A8.5, beside a transaction: the same crash, and each record has one result.
#[test]
fn the_three_guarantees_differ_under_the_same_crash() {
    let outcome = |name| {
        let run = preset(name);
        let claims = ["At Most Once", "At Least Once", "Processed Once", "Every Record Processed"];
        let broken = claims.iter().filter(|claim| is_violated(&run, claim)).count();
        (distinct(told(&run, "Processed")).len(), told(&run, "Processed").len(), broken)
    };
    // Of its three records, only the one after the crash.
    assert_eq!(outcome("at-most-once"), (1, 1, 0));
    assert_eq!(outcome("at-least-once"), (2, 3, 0));
    // Its results are in the topic out.
    assert_eq!(outcome("processed-once"), (0, 0, 0));
    assert_eq!(distinct(told(&preset("processed-once"), "Committed offset")), ["Committed offset 2 of p0"]);
}

/// A8.6: what is kept is the claim; here is that it was compacted twice on each broker, and that nothing was renumbered.
#[test]
fn compaction_keeps_offsets() {
    let run = preset("compaction");
    let compacted = told(&run, "Compacted p0").len() as u64;
    fact(
        "A8.6",
        "compactions of three replicas, with the tombstone that goes in the second",
        DOCS,
        6,
        compacted,
    );
    assert_eq!(compacted, 6);
    assert!(!is_violated(&run, "Compaction") && !is_violated(&run, "Agreement"));
    assert!(is_violated(&preset("renumbers"), "Compaction"));
}

/// KIP-497: b1 proposes that n4 is in sync again with p0, and the proposal is held up. Meanwhile it hears news of p1, a is
/// committed without n4, and the proposal arrives. Every replica that is in sync by then must have a.
#[test]
fn a_replica_that_may_be_in_sync_is_waited_for() {
    let faults = "at 50ms cut n2-n4\nat 50ms cut n3-n4\nat 331ms heal\n\
                  at 376ms delay n2>n1 AlterPartition by 200ms\nat 376ms cut n2-n4\nat 400ms n5 Send a 1\n";
    let head = "faultline 2\nprotocol kafka\nlatency 5ms\nnodes 5\nuntil 1200ms\n";
    let run = play(&format!("{head}{faults}at 590ms crash n2\nat 590ms crash n3\n"));
    assert!(told(&run, "ISR of p1 has 3").len() == 1 && !is_violated(&run, "No Lost Record"));
    // It is not waited for in vain: once n4 lags, the controller decides again, and the record is acknowledged.
    let run = play(&format!("{head}{faults}"));
    assert_eq!(told(&run, "Acknowledged").len(), 1);
}

/// b1 restarts, and news arrive that are old: of its own epoch, when only b1 and b2 were in sync. It leads no more by them.
#[test]
fn a_broker_that_restarts_leads_in_no_epoch_of_its_earlier_life() {
    let run = run(
        "nodes 5\nat 50ms cut n2-n4\nat 157ms duplicate n1>n2 Metadata\nat 157ms delay n1>n2 Metadata by 300ms\n\
         at 331ms heal\nat 430ms cut n2-n4\nat 450ms crash n2\nat 451ms restart n2\n\
         at 452ms delay n2>n1 BrokerHeartbeat by 150ms\nat 463ms cut n1-n2\nat 465ms n5 Send a 1\n\
         at 550ms crash n2\nat 550ms crash n3\n",
    );
    assert_eq!(told(&run, "ISR of p0 has 3").len(), 1);
    assert_eq!(told(&run, "Leads p0 in epoch 1").len(), 1);
    assert!(!is_violated(&run, "No Lost Record"));
}

/// c1 is fenced, for its transaction takes too long, and asks again where to begin. The answer to its first question comes twice,
/// the second time now.
#[test]
fn an_old_answer_does_not_move_a_consumer_back() {
    let run = run(
        "nodes 6\nset guarantee processed-once\nset session 2s\nat 10ms n5 Send a 1\nat 15ms n5 Send b 2\n\
         at 56ms duplicate n1>n6 OffsetFetched\nat 56ms delay n1>n6 OffsetFetched by 612ms\nat 200ms n5 Send c 3\n\
         at 221ms cut n3-n6\nat 640ms heal\n",
    );
    assert_eq!(told(&run, "Committed offset 3 of p0").len(), 1);
    assert!(!is_violated(&run, "Processed Once"));
}

/// A replica that is proposed as in sync, and goes down: the controller refuses the proposal, and b1 does not wait for ever.
#[test]
fn a_proposal_that_was_refused_is_made_without_the_replica() {
    let run = play(
        "faultline 2\nprotocol kafka\nlatency 5ms\nnodes 5\nset partitions 1\nuntil 2s\nat 50ms cut n4-n1\n\
         at 50ms cut n4-n2\nat 331ms heal n4-n2\nat 400ms crash n4\nat 450ms n5 Send a 1\n",
    );
    assert_eq!(told(&run, "Acknowledged").len(), 1);
}

/// What the setting says of the page cache: a record is on disk after that time, also if others come meanwhile.
#[test]
fn later_records_do_not_put_off_the_flush() {
    let records = (0..20).map(|nth| format!("at {}ms n5 Send a {nth}\n", 100 + 20 * nth));
    let records = records.collect::<Vec<_>>().concat();
    let run = run(&format!("nodes 5\nset flush 50ms\n{records}at 460ms crash n3\n"));
    let lines = run.lines(0, run.records().len());
    let disks = lines.iter().filter(|line| line.record.node == 2).filter_map(|line| line.disk.as_ref());
    let count = |disk: &String| disk.split_whitespace().nth(3).and_then(|it| it.parse::<u64>().ok()).unwrap();
    let most = disks.map(count).max().unwrap();
    // Those of the last 50 ms to 100 ms are lost.
    assert!((12..18).contains(&most), "{most}");
}

/// A steady follower is in sync with the lowest `replica.lag.time.max` that can be set.
#[test]
fn a_follower_that_keeps_up_does_not_lag() {
    let run = run("nodes 5\nset lag 60ms\nat 300ms n5 Send a 1\n");
    assert_eq!((told(&run, "ISR of").len(), told(&run, "Acknowledged").len()), (0, 1));
}

/// c1 works on a record of p2 for 2 s. Generation 3 leaves it p0 and p1, generation 4, without c2, all four: nothing is given up.
#[test]
fn a_new_generation_makes_void_what_the_last_one_gave() {
    let run = play(
        "faultline 2\nprotocol kafka\nlatency 5ms\nnodes 7\nset partitions 4\nset assignor cooperative\nset work 2s\n\
         until 3s\nat 1ms crash n7\nat 207ms n5 Send c 1\nat 300ms restart n7\nat 420ms crash n7\n",
    );
    assert_eq!(told(&run, "Owns p3 in generation 4").len(), 1);
    assert_eq!(told(&run, "Owns p3 in generation 5").len(), 0);
}

/// A8.6, of tombstones: the log of b1 once all is compacted has no record of a key that was deleted.
#[test]
fn a_tombstone_goes_after_what_it_deletes() {
    let [log, same] = logs_of_b1_and_b3(&preset("compaction"));
    assert_eq!(log, ["4 a=5", "6 c=6", "7 d=7", "8 e=8", "9 e=9"]);
    assert_eq!(log, same);
}

/// What is not promised, as in Kafka: b3 is cut off while the tombstone of b is compacted away, and keeps b=1 for ever.
#[test]
fn a_replica_that_lags_for_two_compactions_does_not_hear_of_a_delete() {
    let run =
        run("nodes 5\nset cleanup compact\nat 10ms n5 Send b 1\nat 50ms cut n2-n4\nat 200ms n5 Delete b\n\
         at 205ms n5 Send a 1\nat 210ms n5 Send a 2\nat 215ms n5 Send a 3\nat 320ms n5 Send a 4\n\
         at 325ms n5 Send a 5\nat 330ms n5 Send a 6\nat 520ms heal\n");
    let has_b = logs_of_b1_and_b3(&run).map(|log| log.contains(&"0 b=1".to_owned()));
    assert_eq!(has_b, [false, true]);
    assert!(!is_violated(&run, "Compaction"));
}

/// b2 is out of sync while b1 commits three records alone, and is elected with an empty log.
fn unclean(nodes: u32, lines: &str) -> Run {
    let head = format!("nodes {nodes}\nset brokers 2\nset min-isr 1\nset unclean on\nat 50ms cut n2-n3\n");
    let lost = "at 250ms n4 Send a 1\nat 255ms n4 Send b 2\nat 260ms n4 Send c 3\nat 290ms crash n2\n";
    run_until("4s", &format!("{head}{lost}at 310ms heal n2-n3\n{lines}"))
}

/// Of a record that was lost nothing is asked any more, and those in its place are in their own order.
#[test]
fn sequence_is_judged_after_an_unclean_election() {
    let sent = "at 600ms n4 Send a 4\nat 601ms n4 Send a 5\n";
    assert!(!is_violated(&unclean(4, sent), "Sequence"));
    // The first of the two is lost on its way to b2.
    let reordered =
        unclean(4, &format!("set idempotent off\nset in-flight 2\n{sent}at 691ms drop n4>n3 Produce\n"));
    assert_eq!(told(&reordered, "High watermark of p0 is").last().unwrap(), "High watermark of p0 is 2");
    assert!(is_violated(&reordered, "Sequence"));
}

/// c1 is down until the records are lost. It is not asked to process them.
#[test]
fn a_record_that_is_lost_need_not_be_processed() {
    let run = unclean(5, "at 1ms crash n5\nat 600ms n4 Send a 4\nat 700ms restart n2\nat 700ms restart n5\n");
    assert_eq!(told(&run, "Processed"), ["Processed p0 at 0"]);
    for claim in ["At Least Once", "Every Record Processed"] {
        assert!(matches!(verdict(&run, claim), Judgement::Open | Judgement::Reached { .. }), "{claim}");
    }
}

/// c1 has processed the three records that are lost. It skips those that take their places, and processes what comes after.
#[test]
fn a_record_in_the_place_of_a_lost_one_is_not_promised_to_be_processed() {
    let sent = (0..5).map(|nth| format!("at {}ms n4 Send a {nth}\n", 600 + 5 * nth)).collect::<Vec<_>>();
    let run = unclean(5, &format!("{}at 900ms restart n2\n", sent.concat()));
    let processed = [0, 1, 2, 3, 4].map(|offset| format!("Processed p0 at {offset}"));
    assert_eq!(told(&run, "Processed"), processed);
    for claim in ["At Least Once", "Every Record Processed"] {
        assert!(matches!(verdict(&run, claim), Judgement::Open | Judgement::Reached { .. }), "{claim}");
    }
}

/// Compaction is judged by what is there after an unclean election, and not by what was lost.
#[test]
fn compaction_is_judged_after_an_unclean_election() {
    let keys = ["b", "a", "b", "b", "b", "b"].iter().zip(0..);
    let sent: Vec<_> =
        keys.map(|(key, nth)| format!("at {}ms n4 Send {key} {nth}\n", 600 + 5 * nth)).collect();
    let lines = format!("set cleanup compact\n{}", sent.concat());
    let right = unclean(4, &lines);
    assert!(!told(&right, "Compacted p0").is_empty() && !is_violated(&right, "Compaction"));
    assert!(is_violated(&unclean(4, &format!("twin renumbers\n{lines}")), "Compaction"));
}

/// b2 leads the topic out alone, and crashes after it has written a result. b1 leads it with an empty log.
#[test]
fn processed_once_is_not_judged_once_results_are_lost() {
    let lines = "nodes 5\nset brokers 2\nset min-isr 1\nset guarantee processed-once\nset unclean on\n\
                 at 50ms cut n2-n3\nat 250ms n4 Send a 1\n";
    let before = run_until("3s", lines);
    assert_eq!(told(&before, "Committed offset"), ["Committed offset 1 of p0"]);
    assert_eq!(verdict(&before, "Processed Once"), Judgement::Open);
    let after = run_until("3s", &format!("{lines}at 500ms crash n3\nat 510ms heal\nat 900ms n4 Send a 2\n"));
    assert_eq!(told(&after, "Leads out"), ["Leads out in epoch 1 after 0", "Leads out in epoch 2 after 0"]);
    assert_eq!(
        verdict(&after, "Processed Once"),
        Judgement::Unjudged { why: "committed results are lost".into() }
    );
    assert_eq!(told(&after, "Committed offset").len(), 2);
    assert_eq!(verdict(&after, "At Least Once"), Judgement::Open);
}

/// One of five replicas is taken out, and four are left.
#[test]
fn in_sync_replicas_shrink_from_any_number() {
    let run = run("nodes 7\nset brokers 5\nat 50ms crash n6\n");
    assert_eq!(told(&run, "ISR of p0"), ["ISR of p0 has 4"]);
    assert!(matches!(verdict(&run, "ISR Shrinks"), Judgement::Reached { .. }));
}

/// `app` sends so many records of one key, one each millisecond from 100 ms on.
fn burst(count: u64) -> String {
    let records = (0..count).map(|nth| format!("at {}ms n5 Send a {nth}\n", 100 + nth));
    records.collect()
}

/// KAFKA-5494: the first of seven acknowledgements is lost. Number 5 is not sent before number 0 is known to be there, so b1
/// recognises number 0 when it is sent again, and no record is numbered anew.
#[test]
fn a_record_that_is_sent_again_is_among_those_that_its_leader_remembers() {
    let lost = "at 126ms drop n2>n5 Produced\n";
    let run = run(&format!("nodes 5\n{}{lost}", burst(7)));
    assert_eq!(told(&run, "Acknowledged").len(), 7);
    assert_eq!(told(&run, "Renumbered"), [""; 0]);
    assert_eq!(told(&run, "High watermark of p0 is").last().unwrap(), "High watermark of p0 is 7");
    assert!(!is_violated(&run, "Sequence"));
}

/// Without numbers, records are in flight however long ago the first of them was sent.
#[test]
fn a_producer_without_numbers_counts_what_is_in_flight() {
    let lost = "at 126ms drop n2>n5 Produced\n";
    let numbers_five_and_six = |idempotent: &str| {
        let run = run_until("160ms", &format!("nodes 5\nset idempotent {idempotent}\n{}{lost}", burst(7)));
        told(&run, "Acknowledged").len()
    };
    assert_eq!(["off", "on"].map(numbers_five_and_six), [6, 4]);
}

/// KIP-360: b1 acknowledges two records alone and crashes. b2 leads without them, and the third record is numbered anew.
#[test]
fn a_producer_numbers_anew_what_comes_after_lost_records() {
    let run = run("nodes 5\nset acks one\nat 85ms n5 Send a 1\nat 86ms n5 Send a 2\nat 90ms cut n2-n3\n\
                   at 90ms cut n2-n4\nat 110ms crash n2\nat 400ms n5 Send a 3\n");
    assert_eq!(told(&run, "Renumbered"), ["Renumbered n5:1#2 in p0 to n5:2#0"]);
    assert_eq!(told(&run, "Acknowledged").last().unwrap(), "Acknowledged n5:2#0 in p0 at 0");
    assert!(is_violated(&run, "No Lost Record") && !is_violated(&run, "Sequence"));
}

/// What Sequence does not promise: b1 alone has a=1 and crashes. b2 refuses a=2, so `app` numbers it anew. Then messages with
/// the old numbers of both arrive at b2, which appends them, and a=2 once more under its new number.
#[test]
fn a_late_message_with_an_old_number_repeats_a_record_that_was_numbered_anew() {
    let run = run("nodes 5\nset acks one\nat 85ms n5 Send a 1\nat 86ms n5 Send a 2\nat 89ms cut n2-n3\n\
                   at 89ms cut n2-n4\nat 90.2ms delay n2>n5 Produced by 200ms\nat 90.5ms crash n2\n\
                   at 255.5ms delay n5>n3 Produce by 90ms\nat 256ms delay n5>n3 Produce#2 by 90ms\n\
                   at 336ms drop n5>n3 Produce#3\n");
    assert_eq!(told(&run, "Renumbered"), ["Renumbered n5:1#1 in p0 to n5:2#0"]);
    assert!(is_violated(&run, "No Lost Record") && is_violated(&run, "Sequence"));
}

/// c1 starts when nine records are there, and writes nine results in one transaction.
fn nine_results(head: &str, lines: &str) -> Run {
    let records = (1..10).map(|nth| format!("at {}ms n5 Send a {nth}\n", 60 * nth));
    let records = records.collect::<String>();
    play(&format!(
        "faultline 2\nprotocol kafka\nnodes 6\nset partitions 1\nset guarantee processed-once\nset batch 9\nuntil 3s\n\
         {head}at 0s crash n6\n{records}at 900ms restart n6\n{lines}"
    ))
}

/// Results do not overtake each other, and without a fault the first transaction commits.
#[test]
fn nine_results_are_one_batch() {
    for seed in 1..=12 {
        let run = nine_results(&format!("seed {seed}\n"), "");
        let committed = told(&run, "Committed offset");
        assert_eq!(committed.first().unwrap(), "Committed offset 9 of p0", "seed {seed}");
        assert!(!run.transcript().contains("aborts"), "seed {seed}");
    }
}

/// The acknowledgement of the nine results is lost. b2 knows the batch by its first number, and appends it once.
#[test]
fn a_batch_of_results_that_is_sent_again_is_recognised() {
    let right = nine_results("latency 5ms\n", "");
    let lines = right.transcript();
    let sends = lines.lines().find(|line| line.contains("sends Produced out n6:2#1 at 0 to n6")).unwrap();
    let seconds = sends.split_whitespace().nth(1).unwrap();
    let run = nine_results("latency 5ms\n", &format!("at {}1s drop n3>n6 Produced\n", &seconds[..5]));
    assert!(run.transcript().contains("has n6:2#1 at offset 0 already"));
    assert!(!run.transcript().contains("aborts"));
    // Nine results and a marker.
    let high = distinct(told(&run, "High watermark of out is"));
    assert!(high.contains(&"High watermark of out is 10".to_owned()), "{high:?}");
    assert_eq!(high.len(), 2);
    assert!(!is_violated(&run, "Processed Once"));
}

/// What the table of acks says may lose a record, loses one.
#[test]
fn each_level_of_acks_loses_what_is_said_of_it() {
    let lost = |lines: &str| is_violated(&run(&format!("nodes 5\n{lines}")), "No Lost Record");
    // All: b2 alone loses its page cache. It is elected, though b3 has the record.
    assert!(lost(
        "set flush 200ms\nat 100ms n5 Send a 1\nat 150ms crash n3\nat 155ms restart n3\nat 156ms crash n2\n"
    ));
    // One: b3 has fetched the record, and b2 is elected.
    assert!(lost("set acks one\nat 85ms n5 Send a 1\nat 92ms drop n2>n3 Records\nat 102ms crash n2\n"));
    // One: b1 does not fail. It is cut off from the others, and acknowledges.
    assert!(lost(
        "set acks one\nat 100ms cut n2-n1\nat 100ms cut n2-n3\nat 100ms cut n2-n4\nat 150ms n5 Send a 1\nat 700ms heal\n"
    ));
    // Zero: the record arrives, and is lost with its leader.
    let zero = run("nodes 5\nset acks zero\nat 85ms n5 Send a 1\nat 92ms drop n2>n3 Records\n\
                    at 92ms drop n2>n4 Records\nat 97ms crash n2\n");
    assert!(zero.transcript().contains("appends n5:1#0 to p0 at offset 0"));
    assert_eq!(told(&zero, "High watermark of p0"), [""; 0]);
}

/// What Progress does not promise: as many brokers are up as are asked for, but none of them is in sync.
#[test]
fn a_broker_that_is_up_and_not_in_sync_does_not_lead() {
    let run = run_until(
        "6s",
        "nodes 4\nset brokers 2\nset min-isr 1\nat 50ms cut n2-n3\nat 250ms n4 Send a 1\nat 300ms crash n2\n\
         at 310ms heal n2-n3\nat 600ms n4 Send a 2\n",
    );
    assert!(is_violated(&run, "Progress"));
}

/// What Compaction does not promise: b1 has compacted a=1 away for a=3, and b2 leads without a=3.
#[test]
fn an_unclean_election_may_take_the_last_value_of_a_key() {
    let later = (0..4).map(|nth| format!("at {}ms n4 Send e {nth}\n", 900 + 5 * nth));
    let later = later.collect::<String>();
    let run = run(&format!(
        "nodes 4\nset brokers 2\nset min-isr 1\nset unclean on\nset cleanup compact\nat 5ms n4 Send a 1\n\
         at 10ms n4 Send b 2\nat 40ms cut n2-n3\nat 250ms n4 Send a 3\nat 255ms n4 Send b 4\nat 260ms n4 Send c 5\n\
         at 265ms n4 Send c 6\nat 270ms n4 Send d 7\nat 420ms crash n2\nat 430ms heal n2-n3\nat 650ms n4 Send c 8\n\
         at 655ms n4 Send d 9\nat 750ms restart n2\n{later}"
    ));
    assert!(is_violated(&run, "Compaction"));
}

/// A liberty: a record of an earlier life that is late is refused. Kafka would append it, as that of another producer.
#[test]
fn a_late_record_of_an_earlier_life_is_refused() {
    let run =
        run("nodes 5\nat 100ms n5 Send a 1\nat 101ms delay n5>n2 Produce by 100ms\nat 110ms crash n5\n\
                   at 120ms restart n5\nat 130ms n5 Send a 2\n");
    assert!(run.transcript().contains("refuses n5:1#0: old producer epoch"));
    assert_eq!(told(&run, "High watermark of p0 is").last().unwrap(), "High watermark of p0 is 1");
}

/// KIP-792: c1 is taken out of the group while it joins with what it owns. Its Join is refused, under a rule of its own.
#[test]
fn a_member_does_not_join_with_what_it_had_in_an_earlier_generation() {
    let cooperative =
        find("kafka").unwrap().presets().iter().find(|preset| preset.name == "cooperative").unwrap();
    let run = play(&format!("{}at 366ms cut n1-n6\nat 700ms heal\n", cooperative.text));
    let transcript = run.transcript();
    let refused = transcript.lines().find(|line| line.contains("| KIP-792")).unwrap();
    assert!(refused.contains("on Join owns p0 p1 from n6"), "{refused}");
    assert!(!is_violated(&run, "One Owner"));
}

/// The first run that a reader sees has records in both partitions.
#[test]
fn the_default_run_partitions() {
    let sent = told(&preset("default"), "Sent");
    assert!(["p0", "p1"].iter().all(|it| sent.iter().any(|sent| sent.ends_with(it))), "{sent:?}");
}

/// A8, permalinks 1 to 5.
#[test]
fn the_permalinks_end_as_they_are_told() {
    let cases = [
        ("kip-101-loss", "No Lost Record", true),
        ("kip-101-kept", "No Lost Record", false),
        ("kip-101-divergence", "Agreement", true),
        ("kip-101-repaired", "Agreement", false),
        ("acks-one", "No Lost Record", true),
        ("unclean", "No Lost Record", true),
        ("clean", "No Lost Record", false),
        ("zombie", "At Least Once", false),
        ("reordered", "Sequence", true),
        ("in-order", "Sequence", false),
    ];
    for (name, claim, expected) in cases {
        assert_eq!(is_violated(&preset(name), claim), expected, "{name}");
    }
}
