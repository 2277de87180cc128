//! Bad input: each gets a line number and a sentence, nothing panics, nothing is silently something else.

use faultline_core::{NodeId, Scenario, Session, link};
use faultline_tests::{open, parse, presets};

fn complaint(text: &str) -> (usize, String) {
    match parse(text) {
        Ok(scenario) => panic!("this was read:\n{scenario}"),
        Err(complaint) => (complaint.line, complaint.sentence),
    }
}

#[test]
fn a_text_that_cannot_be_read_says_where_and_why() {
    let head = "faultline 2\nprotocol raft\n";
    for (text, line, words) in [
        (String::new(), 1, "empty"),
        ("hello".into(), 1, "begins with `faultline 2`"),
        ("faultline 3\nprotocol raft".into(), 1, "version `3`"),
        ("faultline 2".into(), 1, "ends before `protocol`"),
        ("faultline 2\nprotocol rafft".into(), 2, "no protocol `rafft`"),
        (format!("{head}jump n1"), 3, "no statement"),
        (format!("{head}\n\n# a comment\nat 1s explode n1"), 6, "`explode` is no act"),
        (format!("{head}at 1s crash n9"), 3, "no node `n9`; the nodes are n1 to n5"),
        (format!("{head}at 1s crash n0"), 3, "no node `n0`"),
        (format!("{head}at 1s crash server"), 3, "`server` is no node"),
        (format!("{head}at soon crash n1"), 3, "`soon` is no time"),
        (format!("{head}at 1s"), 3, "needs a time and an act"),
        (format!("{head}at 1s drop n1>n3 Apend"), 3, "no kind of message `Apend`"),
        (format!("{head}at 1s drop n1 n3"), 3, "names no message"),
        (format!("{head}at 1s drop n1>n3 Append#0"), 3, "is no position"),
        (format!("{head}at 1s delay n1>n3 Append"), 3, "needs `by` and a time"),
        (format!("{head}at 1s n1 Put"), 3, "Put x=1"),
        (format!("{head}at 1s n1 Put x=99999999999999999999999"), 3, "whole number"),
        (format!("{head}at 1s cut n1,n2|n2,n3"), 3, "two sides"),
        (format!("{head}at 1s cut n1"), 3, "names no links"),
        (format!("{head}at 1.5s/x crash n1"), 3, "no moment"),
        (format!("{head}names"), 3, "needs names"),
        (format!("{head}names S1 S1"), 3, "two nodes cannot have the name `S1`"),
        (format!("{head}names n2"), 3, "means something else"),
        (format!("{head}names crash"), 3, "means something else"),
        (format!("{head}names a-b"), 3, "cannot name a node"),
        (format!("{head}names a_very_long_name"), 3, "12 at most"),
        (format!("{head}names A B C D E F"), 3, "more names than nodes, of which there are 5"),
        (format!("{head}nodes 0"), 3, "1 to 51 nodes"),
        (format!("{head}nodes many"), 3, "no whole number"),
        (format!("{head}latency 9ms..3ms"), 3, "ends before it begins"),
        (format!("{head}loss 101%"), 3, "no percentage"),
        (format!("{head}loss 1.00001%"), 3, "no percentage"),
        (format!("{head}skew much"), 3, "`much` is no time"),
        (format!("{head}set speed 5"), 3, "no parameter `speed`"),
        (format!("{head}set heartbeat 0s"), 3, "must be from 1ms to 60s"),
        (
            format!("{head}set election-min 500ms\nset election-max 100ms\nseed 7"),
            4,
            "`election-min` with 500ms",
        ),
        (format!("{head}set election-max 100ms"), 3, "`election-max` is 100ms"),
        ("faultline 2\nprotocol reliable-transport\nset rto 1s".into(), 3, "`max-rto` is 300ms"),
        (format!("{head}twin lies"), 3, "no wrong twin `lies`"),
        (format!("{head}expect violated gravity"), 3, "no claim `gravity`"),
        (format!("{head}expect checksum 12"), 3, "no checksum"),
        (format!("{head}at 1s cra\u{7}sh n1"), 3, "`cra\u{fffd}sh`"),
        ("x".repeat(10_000_000), 1, "at most 256 kB"),
    ] {
        let (at, sentence) = complaint(&text);
        assert_eq!(at, line, "{sentence}");
        assert!(sentence.contains(words), "`{sentence}` does not say `{words}`");
        assert!(sentence.chars().count() < 260 && !sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    let error = Scenario::from_bytes(b"faultline 2\nprotocol raft\nseed \xff\xfe").err().unwrap();
    assert_eq!((error.line, error.sentence.contains("UTF-8")), (3, true));
    let noise: Vec<u8> =
        (0..10_000_000_u64).map(|nth| (nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
    assert_eq!(Scenario::from_bytes(&noise).err().unwrap().line, 1);
}

/// Every link with one character lost or changed is refused; none opens as something else. What is left of a readable link
/// when its whole key is cut off could have been typed, and opens.
#[test]
fn a_damaged_link_is_refused() {
    let last = parse(presets().last().unwrap().1.text).unwrap();
    let named = link::write(&last, Some(7)).unwrap();
    let changed = Scenario { seed: 7, ..last.clone() };
    let differing = link::write(&changed, Some(7)).unwrap();
    let long = link::write(&Scenario { title: "Mine".into(), ..last }, Some(7)).unwrap();
    let short =
        link::write(&parse("faultline 2\nprotocol raft\nseed 42\nat 1.2s crash n1").unwrap(), None).unwrap();
    assert!(short.len() < 60 && short.contains("seed+42"), "{short}");
    assert!(long.contains("?3z"), "{long}");
    assert!(differing.contains("?3&") && !named.contains("?3"), "{differing} {named}");
    for whole in [&long, &short, &named, &differing] {
        let (start, key) = (whole.find('?').unwrap(), whole.find("k=").unwrap() - 1);
        for place in start + 1..whole.len() {
            // The version alone is a link to the protocol as it is.
            if (whole == &long && place != start + 2) || place > key {
                assert!(open(&whole[..place]).is_err(), "{}", &whole[..place]);
            }
            let other = if whole.as_bytes()[place] == b'x' { "y" } else { "x" };
            let flipped = format!("{}{other}{}", &whole[..place], &whole[place + 1..]);
            let is_key = |place: usize| (key..key + 3).contains(&place);
            match open(&flipped).map(|scenario| scenario.to_string()) {
                // Without its key it is read as a typed one: its last line is wrong.
                Err(error) if is_key(place) => assert!(error.line <= 20, "{error}"),
                Err(error) => assert!(error.line == 1 && error.sentence.contains("this link"), "{error}"),
                Ok(scenario) => panic!("{flipped} opens as\n{scenario}"),
            }
        }
    }
    for foreign in [
        "",
        "#",
        "/",
        "#/nothing",
        "https://example.org/#/what?1&k=aaaaa",
        "/raft?2&x&k=aaaaa",
        "/raft?4&k=aaaaa",
        "/raft/figure-8?2",
        "/raft/figure-8?2&seed+42",
        "/raft/figure-8?k=",
        "/raft/figure-8?1.2",
        "/raft?",
        "/raft?seed+42",
        "/raft?2zAAAA",
        "/raft/nothing",
    ] {
        assert!(open(foreign).is_err(), "{foreign}");
    }
    assert!(open(&format!("/raft?1&{}", "x".repeat(20_000))).is_err());
}

/// A link that somebody types has no key; a browser may have escaped what stands in it.
#[test]
fn a_typed_link_needs_no_key() {
    let text = "faultline 2\nprotocol raft\nseed 42\nat 1.2s cut n1|n2,n3\nat 1.3s drop n1>n2 Append\n";
    let typed = "/raft?2&seed+42&at+1.2s+cut+n1!n2,n3&at+1.3s+drop+n1~n2+Append";
    let as_typed = "/raft?2&seed 42&at 1.2s cut n1|n2,n3&at 1.3s drop n1>n2 Append";
    let escaped =
        "https://example.org/#/raft?2&seed%2042&at%201.2s+cut+n1%7cn2,n3&at+1.3s+drop+n1%3En2+Append";
    for link in [typed, as_typed, escaped] {
        assert_eq!(open(link).map(|scenario| scenario.to_string()), Ok(text.into()), "{link}");
    }
    let clock = open("/raft?2&at+1s+clock+n1+offset+%2B20ms").unwrap();
    assert_eq!(clock.acts[0].act.to_string(), "clock n1 offset +20ms");
    for (link, line, words) in [
        ("/raft?2&seed+42&k=aaaaa", 1, "damaged"),
        ("/raft?2&seed+42&", 1, "incomplete"),
        ("/raft?2&seed+42&k", 1, "incomplete"),
        ("/raft?seed+42", 1, "no moment of a run"),
        ("/raft?2&seed+%zz", 3, "`%zz` is no whole number"),
        ("/raft?2&at+1s+cut+n1!", 3, "after `|` a node is missing"),
    ] {
        let error = open(link).map(|scenario| scenario.to_string()).unwrap_err();
        assert!(error.line == line && error.sentence.contains(words), "{link}: {error}");
    }
}

/// A word that is missing is said to be missing, and where; no complaint quotes an empty word.
#[test]
fn what_is_missing_is_named() {
    let cut = "after `|` a node is missing; write it as in `n1|n2,n3`";
    for (line, words) in [
        ("at 1s cut n1|", cut),
        ("at 1s cut n1||n2", cut),
        ("at 1s cut |n1", "before `|` a node is missing"),
        ("at 1s cut n1,|n2", "after `,` a node is missing"),
        ("at 1s heal n1>", "after `>` a node is missing"),
        ("at 1s hold -n2", "before `-` a node is missing"),
        ("at 1s drop n1> Append", "after `>` a node is missing"),
        ("at 1s drop n1>n2", "a kind of message is missing; there is"),
        ("at 1s crash", "a node is missing; the nodes are n1 to n5"),
        ("latency 1ms..", "a time is missing: write it as"),
        ("seed", "a whole number is missing"),
        ("twin", "a wrong twin is missing"),
    ] {
        let (at, sentence) = complaint(&format!("faultline 2\nprotocol raft\n{line}"));
        assert!(at == 3 && sentence.starts_with(words), "{line}: {sentence}");
    }
    // Every line of every statement, cut off anywhere.
    for (_, preset) in presets() {
        let text = preset.text;
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            if let Err(complaint) = parse(&text[..end]) {
                assert!(!complaint.sentence.contains("``"), "{}\n{complaint}", &text[..end]);
            }
        }
    }
}

#[test]
fn an_act_that_cannot_apply_is_refused_and_changes_nothing() {
    let mut session = Session::new(parse("faultline 2\nprotocol raft\nseed 42").unwrap());
    session.seek_time(300_000);
    let before = (session.view(), session.here().to_string());
    for (words, sentence) in [
        ("restart n1", "n1 is up already"),
        ("drop n1>n2 Vote#7", "no Vote from n1 to n2 is in flight"),
        ("fire n5 Election", "n5 has set no Election timer"),
        ("crash n7", "the nodes are n1 to n5"),
        ("n1 Dance", "Put x=1"),
        ("vanish", "no act"),
    ] {
        let said = session.act(words).unwrap_err();
        assert!(said.contains(sentence), "{said}");
        assert_eq!((session.view(), session.here().to_string()), before);
    }
    assert!(!session.undo());
}

/// With fewer nodes than the acts speak of there would be a run that cannot be played.
#[test]
fn nodes_stand_before_the_acts() {
    for statement in ["at 1s crash n5", "at 1s expect n5 leader", "goal n5 leader", "solution at 1s crash n5"]
    {
        let (line, sentence) = complaint(&format!("faultline 2\nprotocol raft\n{statement}\nnodes 3"));
        assert!(line == 4 && sentence.contains("must stand before the acts"), "{statement}: {sentence}");
    }
    assert!(
        parse("faultline 2\nprotocol raft\nat 1s say A caption\nexpect holds election-safety\nnodes 3")
            .is_ok()
    );
}

#[test]
fn a_name_stands_for_its_node_and_changes_no_run() {
    let acts = "at 1s cut S1,n2|writer\nat 2s drop S1>n2 Append\nat 3s S1 Put x=1\nat 4s crash writer\n";
    let named = parse(&format!("faultline 2\nprotocol raft\nnames S1 n2 writer\n{acts}")).unwrap();
    let plain = acts.replace("S1", "n1").replace("writer", "n3");
    let plain = parse(&format!("faultline 2\nprotocol raft\n{plain}")).unwrap();
    assert_eq!(named.acts, plain.acts);
    assert_eq!(named.to_string().replace("names S1 n2 writer\n", ""), plain.to_string());
    assert_eq!(parse(&named.to_string()).unwrap().to_string(), named.to_string());
    assert_eq!(
        link::read(&link::write(&named, None).unwrap()).unwrap().scenario.to_string(),
        named.to_string()
    );
    let run =
        |scenario: &Scenario| faultline_core::sim::Run::new(scenario.clone(), scenario.until).transcript();
    assert_eq!(run(&named), run(&plain));
    let called: Vec<_> =
        Session::new(named.clone()).view().nodes.iter().map(|node| node.called.clone()).collect();
    assert_eq!(called, ["S1", "n2", "writer", "n4", "n5"]);
    // Fewer nodes have fewer names.
    let mut fewer = named.clone();
    fewer.acts.clear();
    fewer.amend("nodes 2").unwrap();
    assert_eq!([0, 1, 2].map(|node| fewer.names.called(NodeId(node))), ["S1", "n2", "n3"]);
    assert_eq!(fewer.names.node("writer"), None);
}
