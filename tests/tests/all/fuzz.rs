//! Everything that people hand in, nearly right or not at all, by the thousand and, with `cargo xtask fuzz`,
//! by the million: nothing panics, nothing takes memory without end, and what is read is what is written.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::history::read::{self, LONGEST_TEXT as LONGEST_HISTORY};
use faultline_core::link::{self, LONGEST_LINK};
use faultline_core::scenario::{LONGEST_TEXT, MOST_ACTS, Scenario};
use faultline_core::sim::Cursor;
use faultline_core::text::Complaint;
use faultline_core::{fingerprint, time};
use faultline_tests::fuzz::{Text, cases, each, nearly_right, noise};
use faultline_tests::{open, parse, presets};
use std::cell::Cell;

const LETTERS: &[u8] = b" \n>|#/.,-=0123456789nxs%~&!+?:_";

/// Scenarios of every protocol, and one of every statement and act there is.
fn scenarios() -> Vec<Vec<u8>> {
    let all = "faultline 2\nprotocol raft\ntitle A b\nnodes 3\nseed 7\nlatency 1ms..2.5ms\nloss 0.05%\nduplication 1%\nfifo\n\
        ask 10ms\nset heartbeat 20ms\ntwin forgets-vote\nmanual off\nuntil 1s\nat 1ms say Look | at this\n\
        at 1ms/2 deliver n1>n2 Append#2\nat 2ms drop n1>n2 Vote\nat 2ms delay n1>n2 Vote by 3ms\n\
        at 2ms duplicate n3>n2 RequestVote\nat 3ms crash n1\nat 3ms crash n2 losing-write\nat 4ms restart n1\n\
        at 5ms fire n2 Election\nat 6ms cut n1,n2|n3\nat 6ms heal n1-n2\nat 6ms heal\nat 7ms pause n1\nat 7ms resume n1\n\
        at 8ms hold n1>n2\nat 8ms release\nat 8ms hold n1>n2 Append\nat 8ms release n1>n2 Append\n\
        at 9ms link n1-n3 latency 5ms..9ms\nat 9ms link loss 3%\nat 9ms link normal\nat 9ms lose n1>n3 Append until 2s\n\
        at 9ms lose until 20ms\nat 10ms slow n1 1.5x\nat 10ms choose n1 2 0\nat 11ms n1 Put x=1\nat 12ms n2 Get x\n\
        show 5ms/1\nexpect holds election-safety\nexpect reached overwriting\nexpect checksum 0123456789abcdef\n";
    assert!(parse(all).is_ok());
    let presets = presets().map(|(_, preset)| preset.text.as_bytes().to_vec());
    presets.chain([all.as_bytes().to_vec()]).collect()
}

/// A complaint is of a line that there is, and one sentence.
fn is_fit(complaint: &Complaint, lines: usize) {
    assert!((1..=lines.max(1)).contains(&complaint.line), "{complaint}");
    assert!(!complaint.sentence.contains('\n') && complaint.sentence.chars().count() < 600, "{complaint}");
}

fn lines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count()
}

/// What is read is written so that it is read again as the same; and it can be linked to, or is told to be
/// too long.
fn goes_round(scenario: &Scenario) {
    let text = scenario.to_string();
    assert_eq!(parse(&text).map(|again| again.to_string()), Ok(text.clone()));
    match link::write(scenario, None) {
        Ok(link) => {
            assert!(link.len() <= LONGEST_LINK);
            assert_eq!(open(&link).map(|again| again.to_string()), Ok(text));
        }
        Err(sentence) => assert!(sentence.contains("too long for a link"), "{sentence}"),
    }
}

#[test]
fn scenarios_that_are_nearly_right() {
    let (count, read) = (cases(20_000), Cell::new(0));
    // What takes longer is done in one case of so many, and in the least.
    each(count, &(nearly_right(scenarios(), LETTERS), 0..64_u8), |(Text(bytes), rarely)| {
        match Scenario::from_bytes(&bytes) {
            Ok(scenario) => {
                read.set(read.get() + 1);
                if rarely % 8 == 0 {
                    goes_round(&scenario);
                }
                if rarely == 0 {
                    play(&scenario);
                }
            }
            Err(complaint) => is_fit(&complaint, lines(&bytes)),
        }
    });
    let read = read.get();
    println!("{count} scenarios, {read} read");
    assert!(read > count / 20 && read < count / 20 * 19, "{read} of {count}");
}

/// The first hundred events: what is read can be played.
fn play(scenario: &Scenario) {
    let mut cursor = Cursor::new(scenario);
    for _ in 0..100 {
        if cursor.step(scenario, scenario.until).is_none() {
            break;
        }
    }
}

#[test]
fn noise_is_refused() {
    let head = b"faultline 2\nprotocol raft\n";
    each(cases(20_000), &noise(LETTERS), |Text(bytes)| {
        if let Err(complaint) = Scenario::from_bytes(&bytes) {
            is_fit(&complaint, lines(&bytes));
        } else {
            panic!("noise was read");
        }
        let behind = [head, bytes.as_slice()].concat();
        match Scenario::from_bytes(&behind) {
            Ok(scenario) => goes_round(&scenario),
            Err(complaint) => is_fit(&complaint, lines(&behind)),
        }
        let said = read::from_bytes(&bytes, None);
        if let Err(complaint) = said {
            is_fit(&complaint, lines(&bytes));
        }
        if let Ok(text) = std::str::from_utf8(&bytes) {
            assert!(open(text).is_err(), "noise was read");
        }
    });
}

/// The letters that a link ends with, made here in another way, so that what is behind them is reached at
/// all.
fn signed(link: &str) -> String {
    let mut bits = fingerprint::of(link);
    let letters = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut check = String::new();
    for _ in 0..5 {
        check.push(letters[(bits % 32) as usize].into());
        bits /= 32;
    }
    format!("{link}&k={check}")
}

#[test]
fn links_that_are_nearly_right() {
    // Each under a title of its own, so that the link holds it: as it is, which is compressed, and without its words, which
    // stands in the link as it is.
    let texts = scenarios().into_iter().map(|text| Scenario::from_bytes(&text).unwrap());
    let texts = texts.map(|it| Scenario { title: "Long".into(), ..it });
    let short = |it: &Scenario| {
        let mut short =
            Scenario { title: "Short".into(), captions: Vec::new(), expectations: Vec::new(), ..it.clone() };
        short.acts.truncate(5);
        short
    };
    let links =
        texts.flat_map(|it| [link::write(&short(&it), None).unwrap(), link::write(&it, Some(7)).unwrap()]);
    let bodies: Vec<Vec<u8>> =
        links.map(|link| link.rsplit_once("&k=").unwrap().0.as_bytes().to_vec()).collect();
    let (count, read) = (cases(20_000), Cell::new(0));
    each(count, &nearly_right(bodies, LETTERS), |Text(bytes)| {
        // What stands behind another `#` is not read, and there the key would stand.
        let Some(body) = String::from_utf8(bytes).ok().filter(|body| !body.contains('#')) else { return };
        match open(&signed(&body)) {
            Ok(scenario) => {
                read.set(read.get() + 1);
                goes_round(&scenario);
            }
            Err(complaint) => is_fit(&complaint, LONGEST_TEXT),
        }
        // With another checksum it is always refused.
        let other = format!("{}x", signed(&body));
        assert!(open(&other).is_err());
    });
    let read = read.get();
    println!("{count} links, {read} read");
    assert!(read > count / 50, "{read} of {count}");
}

/// The limits, each just kept and just passed. Nothing that is read is longer than these, so nothing takes
/// memory without end.
#[test]
fn there_are_limits() {
    let head = "faultline 2\nprotocol raft\n";
    let filled = |length: usize| format!("{head}title {}", "x".repeat(length - head.len() - 6));
    assert_eq!(filled(LONGEST_TEXT).len(), LONGEST_TEXT);
    assert!(parse(&filled(LONGEST_TEXT)).is_ok());
    assert!(parse(&filled(LONGEST_TEXT + 1)).is_err());

    let acts = |count: usize| format!("{head}{}", "at 1s heal\n".repeat(count));
    assert!(parse(&acts(MOST_ACTS)).is_ok());
    let complaint = parse(&acts(MOST_ACTS + 1)).err().unwrap();
    assert_eq!(complaint.line, 2 + MOST_ACTS + 1);

    // A link of a few hundred letters may unpack to the longest text and no further: five megabytes are
    // refused.
    let titled = |length: usize| Scenario { title: "x".repeat(length), ..parse(head).unwrap() };
    let fits = link::write(&titled(LONGEST_TEXT - 100), None).unwrap();
    assert!(fits.len() < 1_000 && open(&fits).is_ok());
    let bomb = link::write(&titled(4_000_000), None).unwrap();
    assert!(bomb.len() <= LONGEST_LINK);
    assert!(open(&bomb).err().unwrap().sentence.contains("cannot be unpacked"));
    let long = open(&format!("/raft?1&{}", "x".repeat(LONGEST_LINK + 2_000))).err().unwrap();
    assert!(long.sentence.contains("the limit is 8000"), "{long}");

    // A history of 256 MB and one byte is not looked at; one that is nested deeper than any is, is refused.
    assert!(read::from_bytes(&vec![b' '; LONGEST_HISTORY + 1], None).is_err());
    let nested = format!("{{:process 1, :type :invoke, :f :read, :value {}", "[".repeat(100_000));
    assert!(read::history(&nested, None).is_err());
    assert!(time::parse(&"9".repeat(100_000)).is_err());
}
