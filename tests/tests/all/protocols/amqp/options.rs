//! What is off by default, under the nemesis: each option in the topology where it matters, inside the assumptions.

use super::attacked;
use faultline_tests::fuzz::cases;

/// Every claim holds, and what the option is about comes up.
#[test]
fn every_option_survives_the_nemesis() {
    let options: [(&str, &[&str]); 14] = [
        ("work-queue", &["set prefetch 0", "ask 50ms"]),
        ("work-queue", &["set prefetch 1", "ask 50ms"]),
        ("work-queue", &["set max-priority 5", "ask 50ms"]),
        ("work-queue", &["set queue-type quorum", "ask 50ms"]),
        ("work-queue", &["set max-length 1", "set overflow reject-publish", "ask 50ms"]),
        ("fanout", &["set max-length 1", "set overflow reject-publish", "ask 50ms"]),
        ("chain", &["set max-length 1", "set overflow reject-publish", "ask 50ms"]),
        ("parking", &["set dead-letter-key on", "set max-length 1", "ask 50ms"]),
        ("direct", &["set frames on", "set max-length 1", "set max-priority 2", "ask 50ms"]),
        ("direct", &["set queue-ttl 300ms", "ask 50ms"]),
        ("retry", &["set work 100ms", "ask 50ms"]),
        ("declared", &["set prefetch 1", "set max-length 2", "ask 20ms"]),
        ("declared", &["set max-length 1", "set overflow reject-publish", "ask 20ms"]),
        ("retry", &["set queue-ttl 1s", "set max-length 2", "ask 50ms"]),
    ];
    for (topology, lines) in options {
        let mut redelivered = 0;
        for seed in 1..=u64::from(cases(100)) {
            let attack = attacked(topology, lines, seed);
            assert_eq!(attack.broken, None, "{topology}, {lines:?}, seed {seed}:\n{}", attack.scenario);
            redelivered += usize::from(attack.reached.contains(&"Redelivery"));
        }
        println!("{topology}, {lines:?}: in {redelivered} runs something was handed out again");
        assert!(redelivered > 0, "{topology}, {lines:?}");
    }
}
