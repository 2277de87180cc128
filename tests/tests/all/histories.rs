//! Reading histories: what is refused and where, the limits, and texts that are nearly right.

use faultline_core::history::edn::MOST_DEPTH;
use faultline_core::history::read::{self, LONGEST_TEXT, MOST_OPERATIONS, Reading, Recorded};
use faultline_core::history::{Register, words};
use faultline_core::linearizability::{Verdict, check};
use faultline_core::serializability::{Judgement, Promise, judge};
use faultline_tests::{folder, fuzz};
use std::cell::Cell;

/// An invocation of EDN, with what stands behind the verb.
fn ask(rest: &str) -> String {
    format!("{{:process 0, :type :invoke, :f {rest}}}\n")
}

fn answer(rest: &str) -> String {
    format!("{{:process 0, :type :ok, :f {rest}}}\n")
}

#[test]
fn a_history_that_cannot_be_read_says_where_and_why() {
    let log = |rest: &str| format!("INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - {rest}\n");
    let write = ask(":write :value 1");
    for (text, model, line, sentence) in [
        (String::new(), None, 1, "no operation"),
        ("hello".into(), None, 1, "log lines or of maps"),
        (log("x\t:ok\t:write\t1"), None, 2, "`x` is no process"),
        (log("0\t:done\t:write\t1"), None, 2, "`:done` is not one of"),
        (log("0\t:ok\t:cas\t[1 2]"), None, 2, "invoked `write` in line 1, but this answers `cas`"),
        (log("0\t:ok\t:write\t2"), None, 2, "another value"),
        (log("0\t:invoke\t:write\t2"), None, 2, "the one from line 1 is open"),
        (log("1\t:ok\t:write\t1"), None, 2, "has no open operation"),
        (log("0\t:info\t:write\t:timed-out") + &log("0"), None, 3, "crashed in line 2"),
        (log("1\t:invoke\t:cas\t[1]"), None, 2, "as in `[1 2]`"),
        (log("1\t:invoke\t:jump\t1"), None, 2, "no model offers `jump`"),
        (log("1\t:invoke\t:enqueue\t1"), None, 1, "no model offers all of enqueue, write"),
        (log("1\t:invoke\t:write\t99999999999999999999"), None, 2, "too large"),
        (write.clone(), Some("queue"), 1, "a queue offers enqueue and dequeue, not `write`"),
        (write.clone(), Some("stack"), 1, "no model `stack`"),
        (ask(":txn :value 1"), None, 1, "a list of what it does to which key"),
        (ask(":txn :value [[:r 1]]"), None, 1, "a list of what it does to which key"),
        (ask(":txn :value [[:cas 1 2]]"), None, 1, "offers r and w, not `cas`"),
        (ask(":txn :value [[:append 1 1] [:w 2 2]]"), None, 1, "Elle judges each alone"),
        (ask(":txn :value [[:r 1 nil]]") + &answer(":txn :value [[:r 2 nil]]"), None, 2, "other acts"),
        (ask(":txn :value [[:w 1 1]]") + &answer(":txn :value [[:w 1 2]]"), None, 2, "other acts"),
        (ask(":read :value {:x nil}") + &answer(":read :value {:y 1}"), None, 2, "other acts"),
        (ask(":txn :value [[:append 1 1]]") + &answer(":txn :value []"), None, 2, "other acts"),
        (
            ask(":txn :value [[:append 1 1] [:r 1 nil]]") + &answer(":txn :value [[:append 1 1] [:r 1 7]]"),
            None,
            2,
            "as in `[:r 3 [1 2]]`",
        ),
        (write.clone() + "{:process 1}", None, 2, "not one of :invoke"),
        (write.clone() + "{:process 1, :type :invoke}", None, 2, "no :f"),
        (write.clone() + "{:type :invoke, :f :write}", None, 2, "no :process"),
        (write.clone() + "{:process -1, :type :invoke, :f :write}", None, 2, "`-1` is no process"),
        (write.clone() + "\n\n{:process 1 :type}", None, 4, "last key here has none"),
        (write.clone() + "]", None, 2, "`]` has no opening bracket"),
        (write.clone() + "\"", None, 2, "closing quotation mark"),
        (write.clone() + "{", None, 2, "ends before its last value"),
        (format!("[{write}"), None, 2, "the list has no closing bracket"),
        (format!("[{write}] 1"), None, 2, "after the list"),
        (ask(":get :value nil"), None, 1, "no :key"),
        (ask(":write :key 1 :value nil"), None, 1, "only a key-value store"),
        (ask(":write :value [1]"), None, 1, "not a collection"),
        (ask(":enqueue :value nil"), None, 1, "nil cannot be enqueued"),
        (ask(":contains :value 7") + &answer(":contains :value 7"), None, 2, "true or false"),
        (ask(":read") + &answer(":read :value 7"), Some("set"), 2, "as in `#{1 2}`"),
        (format!("; nested\n{}", "[".repeat(100_000)), None, 2, "deeper than 32 levels"),
        ("#_".repeat(100_000), None, 1, "deeper than 32 levels"),
        ("#x ".repeat(100_000), None, 1, "deeper than 32 levels"),
        (write.clone() + "{:value #{" + &"1 ".repeat(300_000), None, 2, "more than 200000 values"),
    ] {
        let complaint = match read::history(&text, model) {
            Ok(history) => panic!("this was read: {history:?}"),
            Err(complaint) => complaint,
        };
        assert!(complaint.sentence.contains(sentence), "`{}` does not say `{sentence}`", complaint.sentence);
        assert_eq!(complaint.line, line, "{}", complaint.sentence);
        assert!(complaint.sentence.chars().count() < 260, "{}", complaint.sentence);
    }
}

#[test]
fn what_a_file_says_is_what_is_read() {
    let text = "; a comment\n[#jepsen.history.Op{:index 0, :time 12, :process 0, :type :invoke, :f :cas, :value [1 2]} \
                {:process :nemesis, :type :info, :f :start, :value {:a [1.5 \\]]}}\n #_{:process 7} \
                {:process 1, :type :invoke, :f :read, :value nil}\n{:process 1, :type :ok, :f :read, :value \"a\\\"b\"} \
                {:process 2, :type :invoke, :f :write, :value :x}, {:process 2, :type :fail, :f :write, :value :x}]";
    let Ok(Reading { recorded: Recorded::Register(history), remarks }) = read::history(text, None) else {
        panic!("{text} was not read")
    };
    let said: Vec<String> = history.operations.iter().map(words::<Register>).collect();
    assert_eq!(
        said,
        [
            "process 0: compare-and-set 1 to 2 (line 2, never answered)",
            "process 1: read \"a\"b\" (lines 3 to 4)"
        ]
    );
    assert!(matches!(check::<Register>(&history, 1_000), Verdict::Fails(_)));
    assert_eq!(remarks, ["passed over 1 line of the nemesis, the first of them line 2"]);
}

/// A failed compare-and-set has found another value in a log, and has not happened in EDN.
#[test]
fn a_failure_means_what_its_format_says() {
    let log = "INFO jepsen.util - 0 :invoke :cas [1 2]\nINFO jepsen.util - 0 :fail :cas [1 2]\n";
    let edn = "{:process 0 :type :invoke :f :cas :value [1 2]} {:process 0 :type :fail :f :cas :value [1 2]}";
    for (text, count) in [(log, 1), (edn, 0)] {
        match read::history(text, None) {
            Ok(Reading { recorded: Recorded::Register(history), .. }) => {
                assert_eq!(history.operations.len(), count, "{text}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    let long = "x".repeat(LONGEST_TEXT + 1);
    assert!(read::history(&long, None).unwrap_err().sentence.contains("at most 256 MB"));
    assert!(read::from_bytes(long.as_bytes(), None).unwrap_err().sentence.contains("at most 256 MB"));
    let nested = format!("{}1{}", "[".repeat(MOST_DEPTH), "]".repeat(MOST_DEPTH));
    assert!(read::history(&nested, None).unwrap_err().sentence.contains("log lines or of maps"));
    let line = |process: usize| format!("jepsen.util {process} :invoke :read\n");
    let many: String = (0..=MOST_OPERATIONS).map(line).collect();
    let complaint = read::history(&many, None).unwrap_err();
    assert_eq!((complaint.line, complaint.sentence.contains("at most 1000000")), (MOST_OPERATIONS + 1, true));
    assert_eq!(read::from_bytes(b"\n\xff", None).unwrap_err().line, 2);
}

/// Texts of each notation that are nearly right, by the thousand (`FAULTLINE_CASES` says how many): none
/// panics, and what is read can be checked.
#[test]
fn mutated_histories_never_panic() {
    let own = |name: &str| std::fs::read(folder().join("histories").join(name)).unwrap();
    let cases = fuzz::cases(20_000);
    for (name, seeds) in [
        ("log", vec![own("failed-cas.log"), own("timeouts.log"), own("newer.log"), own("history.txt")]),
        (
            "EDN",
            [
                "two-locks.edn",
                "set-contains.edn",
                "set-read.edn",
                "queue-twice.edn",
                "queue-drained.edn",
                "two-holders.edn",
            ]
            .map(own)
            .to_vec(),
        ),
        (
            "transactions",
            vec![
                own("multi-register.edn"),
                own("multi-register-torn.edn"),
                own("multi-register-maps.edn"),
                own("list-append.edn"),
            ],
        ),
        (
            "key-value",
            vec![
                own("dekker.edn"),
                own("append-order.edn"),
                own("hidden-key.edn"),
                own("independent-keys.edn"),
            ],
        ),
    ] {
        let read = Cell::new(0);
        let texts = fuzz::nearly_right(seeds, b" \n\t:;,#_\"\\[](){}0-9N");
        fuzz::each(cases, &texts, |fuzz::Text(bytes)| match read::from_bytes(&bytes, None) {
            Ok(Reading { recorded, .. }) => {
                read.set(read.get() + 1);
                checked(&recorded);
            }
            Err(complaint) => {
                let lines = bytes.split(|byte| *byte == b'\n').count();
                assert!(complaint.line >= 1 && complaint.line <= lines, "{complaint}");
                assert!(!complaint.sentence.contains('\n') && complaint.sentence.len() < 400, "{complaint}");
            }
        });
        let (read, refused) = (read.get(), cases - read.get());
        println!("{name}: {cases} mutated texts, {read} read, {refused} refused");
        assert!(read > cases / 50 && refused > cases / 50, "{name}: {read} read, {refused} refused");
    }
}

fn checked(recorded: &Recorded) {
    use faultline_core::history::{
        KeyValue, ListAppend, MultiRegister, Mutex, Queue, Registers, Set, UnorderedQueue,
    };
    use faultline_core::linearizability::{causal, sequential};
    const BUDGET: u64 = 200;
    match recorded {
        Recorded::Register(history) => {
            let _ = (check::<Register>(history, BUDGET), causal::<Register>(history, BUDGET));
        }
        Recorded::Registers(history) => {
            let _ = (check::<Registers>(history, BUDGET), causal::<Registers>(history, BUDGET));
        }
        Recorded::Mutex(history) => {
            let _ = (check::<Mutex>(history, BUDGET), sequential::<Mutex>(history, BUDGET));
        }
        Recorded::KeyValue(history) => {
            let _ = (check::<KeyValue>(history, BUDGET), causal::<KeyValue>(history, BUDGET));
        }
        Recorded::Queue(history) => {
            let _ = (check::<Queue>(history, BUDGET), sequential::<Queue>(history, BUDGET));
        }
        Recorded::Set(history) => {
            let _ = (check::<Set>(history, BUDGET), sequential::<Set>(history, BUDGET));
        }
        Recorded::MultiRegister(history) => {
            let _ = (check::<MultiRegister>(history, BUDGET), sequential::<MultiRegister>(history, BUDGET));
        }
        Recorded::UnorderedQueue(history) => {
            let _ = (check::<UnorderedQueue>(history, BUDGET), sequential::<UnorderedQueue>(history, BUDGET));
        }
        Recorded::ListAppend(history) => {
            let _ = judge(history, Promise::Serializable);
            let _ = sequential::<ListAppend>(history, BUDGET);
            // What the graph says of time is what the search says.
            match (judge(history, Promise::Strict), check::<ListAppend>(history, BUDGET)) {
                (Judgement::Holds { .. }, Verdict::Fails(refutation)) => {
                    panic!("{refutation:?}: {history:?}")
                }
                (Judgement::Fails(anomalies), Verdict::Holds { orders }) => {
                    panic!("{anomalies:?}, {orders:?}: {history:?}")
                }
                _ => {}
            }
        }
    }
}
