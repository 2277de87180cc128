//! The space–time diagram of a window shows what the diagram of the whole run shows there.

use faultline_core::Session;
use faultline_core::view::{Arrow, Diagram};
use faultline_tests::parse;

/// A run of some thousand events with lost, late, held and dropped messages, and nodes that go down.
fn session() -> Session {
    let text = "faultline 2\nprotocol raft\nseed 3\nloss 2%\nuntil 9s\nat 500ms crash n1\nat 900ms restart n1\n\
                at 1s hold n2-n3\nat 3s release n2-n3\nat 4s crash n4\n";
    let scenario = parse(text).unwrap_or_else(|complaint| panic!("{complaint}"));
    let mut session = Session::new(scenario);
    session.seek_time(5_000_000);
    session
}

#[test]
fn a_window_shows_what_the_whole_shows_there() {
    let session = session();
    let end = session.run().horizon();
    let whole = session.diagram(0, end);
    assert!(whole.arrows.len() > 1_000 && whole.gaps.len() == 2 && whole.dots.len() > 100);
    for (from, to) in [(0, 100_000), (1_000_000, 1_050_000), (2_990_000, 3_010_000), (4_000_000, end)] {
        let part = session.diagram(from, to);
        let under_way = |arrow: &&Arrow| arrow.sent <= to && (arrow.until >= from || arrow.end.is_none());
        let mut expected = Diagram {
            arrows: whole.arrows.iter().filter(under_way).cloned().collect(),
            dots: whole.dots.iter().filter(|dot| (from..=to).contains(&dot.time)).cloned().collect(),
            gaps: whole.gaps.clone(),
        };
        expected.gaps.retain(|(_, since, until)| *since <= to && *until >= from);
        assert_eq!(part, expected, "from {from} to {to}");
    }
}
