//! What nodes count, what a leader knows of the logs of others, and whom they hold for members, as views show it, at moments that
//! scenarios name.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use faultline_core::view::{Block, Blocks, NodeView, Part, Poll, View};
use faultline_core::{NodeId, Session};
use faultline_tests::{find, parse};

/// A scenario that comes with a protocol, opened at a time.
fn preset(protocol: &str, name: &str, time: u64) -> Session {
    let entry = find(protocol).unwrap();
    let preset = entry.presets().iter().find(|preset| preset.name == name).unwrap();
    let mut session = Session::new(parse(preset.text).unwrap());
    session.seek_time(time);
    session
}

fn poll(view: &View, node: usize) -> String {
    view.nodes[node].card.poll.as_ref().map_or_else(String::new, Poll::to_string)
}

/// What a node's poll says, event by event until a time, each change once.
fn course(session: &mut Session, node: usize, until: u64) -> Vec<String> {
    let mut said = vec![poll(&session.view(), node)];
    while session.next_time().is_some_and(|next| next <= until) {
        session.step(true);
        said.push(poll(&session.view(), node));
    }
    said.dedup();
    said
}

/// Next and match index that a leader has for every other server.
fn indices(leader: &NodeView) -> Vec<(NodeId, u64, u64)> {
    let marks = leader.card.marks.chunks(2);
    marks
        .map(|pair| {
            assert_eq!((pair[0].on, pair[0].sort, pair[1].sort), (pair[1].on, 0, 1));
            (pair[0].on, pair[0].index, pair[1].index)
        })
        .collect()
}

#[test]
fn a_candidate_counts_votes_and_a_leader_begins_after_its_log() {
    let mut session = preset("raft", "figure-7", 899_000);
    let votes = course(&mut session, 0, 920_000);
    assert_eq!(votes, ["", "1 of 7 votes, needs 4", "2 of 7 votes, needs 4", "3 of 7 votes, needs 4", ""]);
    // The log of the leader of term 8 has ten entries (Figure 7).
    let view = session.view();
    assert_eq!(indices(&view.nodes[0]), (1..7).map(|node| (NodeId(node), 11, 0)).collect::<Vec<_>>());
    // (c) and (d) hold all ten; the others refuse, and the leader goes back by one entry (§5.3).
    session.seek_time(945_000);
    let refused = |node| if [3, 4].contains(&node) { (NodeId(node), 11, 10) } else { (NodeId(node), 10, 0) };
    assert_eq!(indices(&session.view().nodes[0]), (1..7).map(refused).collect::<Vec<_>>());
    // The figure's followers, repaired, hold these ten and one more.
    session.seek_time(2_200_000);
    let view = session.view();
    assert_eq!(indices(&view.nodes[0]), (1..7).map(|node| (NodeId(node), 12, 11)).collect::<Vec<_>>());
    assert!(view.nodes[1..].iter().all(|node| node.card.marks.is_empty() && node.card.poll.is_none()));
}

#[test]
fn who_asks_around_counts_promises_and_joint_majorities_have_no_number() {
    let promises = course(&mut preset("raft", "pre-vote", 300_000), 0, 1_000_000);
    assert!(promises.contains(&"1 of 5 promises of votes, needs 3".to_owned()), "{promises:?}");
    let votes = course(&mut preset("raft", "joint-change", 270_000), 1, 480_000);
    assert!(votes.contains(&"1 of 5 votes".to_owned()), "{votes:?}");
}

#[test]
fn replicas_count_prepares_then_commits_and_the_client_equal_answers() {
    let all = |node| course(&mut preset("pbft", "first-steps", 0), node, 140_000);
    // A backup has the primary's pre-prepare and its own prepare at once, and its own commit. What is prepared stays until
    // another replica has, too, and what is committed until there is another request.
    let both = [
        "",
        "2 of 4 prepares of number 1, needs 3",
        "3 of 4 prepares of number 1, needs 3",
        "4 of 4 prepares of number 1, needs 3",
        "2 of 4 commits of number 1, needs 3",
        "3 of 4 commits of number 1, needs 3",
        "4 of 4 commits of number 1, needs 3",
    ];
    assert_eq!(all(1), both);
    assert_eq!(all(0)[1..], [&["1 of 4 prepares of number 1, needs 3"][..], &both[1..]].concat());
    assert_eq!(all(4), ["", "0 of 4 equal answers, needs 2", "1 of 4 equal answers, needs 2", ""]);
}

#[test]
fn a_coordinator_counts_votes_that_stay_when_it_commits_and_one_no_ends_it() {
    let votes = course(&mut preset("two-phase-commit", "first-steps", 0), 0, 190_000);
    let of = |transaction: u32, got: u32| format!("{got} of 3 votes on t{transaction}, needs all");
    let none = String::new;
    let expected = [none(), of(1, 0), of(1, 1), of(1, 2), of(1, 3), of(2, 0), of(2, 1), none()];
    assert_eq!(votes, expected);
}

/// A message of a view change shows its proofs, and the new primary those who want the view.
#[test]
fn messages_of_a_view_change_bring_proofs_along() {
    let mut session = preset("pbft", "prepared", 0);
    let mut seen = Vec::new();
    while session.next_time().is_some_and(|next| next <= 1_000_000) {
        session.step(true);
        let messages = session.view().messages;
        seen.extend(messages.iter().map(|it| (it.kind.name, it.proofs)).filter(|(_, proofs)| *proofs > 0));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(
        seen,
        [("NewView", 3), ("ViewChange", 6)],
        "a quorum for the view and for each of two requests"
    );
}

/// A stable checkpoint stands in a log for all that it covers.
#[test]
fn a_log_shows_the_checkpoint_that_has_replaced_its_beginning() {
    let mut session = preset("pbft", "checkpoints", 0);
    let until = session.scenario().until;
    session.seek_time(until);
    let view = session.view();
    let replicas = view.nodes.iter().filter(|node| node.card.log_base.is_some_and(|base| base > 0));
    let first = replicas.map(|node| {
        let cell = &node.card.log[0];
        (node.card.log_base == Some(cell.index), cell.text.as_str(), cell.committed)
    });
    let first: Vec<_> = first.collect();
    assert!(!first.is_empty() && first.iter().all(|it| *it == (true, "checkpoint", true)), "{first:?}");
}

#[test]
fn a_client_counts_answers_of_homes_and_then_of_stand_ins() {
    let mut session = preset("quorum-kv", "hinted-handoff", 0);
    let answers = course(&mut session, 0, 400_000);
    let writes =
        ["0 of 3", "1 of 3", "1 of 5", "2 of 5", "3 of 5"].map(|got| format!("{got} writes of a, needs 2"));
    assert_eq!(answers, [&[String::new()][..], &writes].concat(), "they stay when they are enough");
}

/// The quorums of a moment, each with its members.
fn quorums(session: &Session, chosen: Option<NodeId>) -> Vec<(String, Vec<u32>, bool)> {
    let all = session.view().quorums(chosen).into_iter();
    all.map(|it| (it.words, it.members.iter().map(|node| node.0 + 1).collect(), it.enough)).collect()
}

#[test]
fn a_view_tells_the_quorums_of_a_write_and_a_read_that_have_no_node_in_common() {
    let session = preset("quorum-kv", "sloppy", 125_000);
    let write = ("n1: 2 of 5 writes of a".to_owned(), vec![4, 8], true);
    let read = ("n2: 3 of 3 reads of a".to_owned(), vec![5, 6, 7], true);
    assert_eq!(quorums(&session, None), [write, read.clone()]);
    assert_eq!(quorums(&session, Some(NodeId(1))), [read], "the chosen node's alone");
}

#[test]
fn a_leader_counts_the_copies_of_its_last_entry_until_all_have_it() {
    let mut session = preset("raft", "first-steps", 0);
    let mut seen = Vec::new();
    while session.next_time().is_some_and(|next| next <= 2_000_000) {
        session.step(true);
        seen.extend(quorums(&session, None).into_iter().filter(|it| it.0.ends_with("copies of entry 1")));
    }
    seen.dedup();
    let counted = |got: usize| move |it: &&(String, Vec<u32>, bool)| it.1.len() == got;
    for got in 2..5 {
        let it = seen.iter().find(counted(got)).unwrap();
        assert_eq!(*it, (format!("{got} of 5 copies of entry 1"), it.1.clone(), got > 2));
    }
    assert!(!seen.iter().any(|it| it.1.len() == 5));
}

#[test]
fn a_view_tells_the_way_of_a_lookup_hop_by_hop() {
    let mut session = preset("chord", "default", 0);
    let mut seen = Vec::new();
    while session.next_time().is_some_and(|next| next <= 1_100_000) {
        session.step(true);
        let view = session.view();
        seen.extend(view.way(None).map(|path| (path.name.clone(), path.nodes.len(), path.outcome.clone())));
    }
    seen.dedup();
    let of_key: Vec<_> = seen.iter().filter(|it| it.0 == "key 15").map(|it| (it.1, it.2.as_str())).collect();
    // The member before the key answers that the next one owns it.
    assert_eq!(of_key, [(2, ""), (3, ""), (5, "at n16")]);
    // What was asked last is shown last.
    assert_eq!(seen.last().unwrap().0, "key 6");
}

/// Whom every server holds for a member: of both sets, of the old only, of the new only; `.` is no member.
fn members(session: &mut Session, time: u64) -> Vec<String> {
    session.seek_time(time);
    let nodes = session.view().nodes;
    let sign = |row: &NodeView, column: &NodeView| {
        let held = row.card.members.iter().find(|member| member.node == column.id);
        held.map_or('.', |member| match (member.part, member.word) {
            (Part::Full, "votes") => 'V',
            (Part::Full, "votes in both sets") => 'B',
            (Part::Going, "votes in the old set only") => 'O',
            (Part::Coming, "votes in the new set only") => 'N',
            other => panic!("{other:?}"),
        })
    };
    nodes.iter().map(|row| nodes.iter().map(|column| sign(row, column)).collect()).collect()
}

/// A server uses the latest configuration in its log, committed or not (§6).
#[test]
fn every_server_has_members_of_its_own() {
    let mut session = preset("raft", "joint-change", 0);
    assert_eq!(members(&mut session, 200_000), ["VVV.."; 5]);
    assert_eq!(members(&mut session, 250_000), ["OOBNN", "VVV..", "VVV..", "VVV..", "VVV.."], "the leader");
    // n1 and n5 are down, with what is on their disks.
    assert_eq!(
        members(&mut session, 270_000),
        ["OOBNN", "OOBNN", "OOBNN", "OOBNN", "VVV.."],
        "after one delay"
    );
    assert_eq!(members(&mut session, 900_000), ["OOBNN", "..VVV", "..VVV", "..VVV", "VVV.."], "n2 ended it");
    assert_eq!(members(&mut session, 2_000_000)[2..], ["..VVV"; 3]);
    let mut session = preset("raft", "adding-a-server", 149_000);
    assert_eq!(members(&mut session, 149_000), ["VVV.."; 5]);
    assert_eq!(members(&mut session, 150_000)[0], "VVVV.", "a configuration holds as soon as it is appended");
    assert_eq!(members(&mut session, 1_000_000)[1..], [".VVVV"; 4]);
    let mut fixed = preset("raft", "first-steps", 1_000_000);
    assert!(members(&mut fixed, 1_000_000).iter().all(|row| row == "....."), "where members cannot change");
}

/// The tree of all logs: an entry a line, under the one before it, with the nodes whose logs end there.
fn tree(session: &Session) -> String {
    fn under(tree: &Blocks, parent: Option<usize>, depth: usize, lines: &mut String) {
        for (at, block) in tree.blocks.iter().enumerate().filter(|(_, block)| block.parent == parent) {
            let Block { index, term, text, tips, committed, .. } = block;
            let tips = tips.iter().fold(String::new(), |tips, node| tips + &format!(" {node}"));
            let settled = if *committed { "!" } else { "" };
            // What follows one entry alone stands below it; where logs part, further in.
            let apart = tree.blocks.iter().filter(|other| other.parent == parent).count() > 1;
            let depth = depth + usize::from(apart);
            lines.push_str(&format!("{}{index}@{term} {text}{settled}{tips}\n", "  ".repeat(depth)));
            under(tree, Some(at), depth, lines);
        }
    }
    let tree = Blocks::of(&session.view());
    let mut lines = String::new();
    under(&tree, None, 0, &mut lines);
    format!("{lines}left out {}, short {:?}", tree.left_out, tree.short)
}

/// The logs of Figure 7: n1 is the leader for term 8, n2 to n7 are the followers (a) to (f).
#[test]
fn the_logs_of_figure_7_are_one_tree() {
    let mut session = preset("raft", "figure-7", 850_000);
    let expected = "\
0@0 !
1@1 Put x=1!
2@1 Put x=2!
3@1 Put x=3!
  4@4 Put x=4! n3
  5@4 Put x=5!
    6@5 Put x=6!
    7@5 Put x=7!
    8@6 Put x=8!
    9@6 Put x=9! n2
    10@6 Put x=10 n1
      11@6 Put z=3 n4
      11@7 Put z=4
      12@7 Put z=5 n5
    6@4 Put z=1
    7@4 Put z=2 n6
  4@2 Put y=1
  5@2 Put y=2
  6@2 Put y=3
  7@3 Put y=4
  8@3 Put y=5
  9@3 Put y=6
  10@3 Put y=7
  11@3 Put y=8 n7
left out 0, short []";
    assert_eq!(tree(&session), expected);
    // The new leader has repaired them; what others had too many is gone.
    session.seek_time(2_200_000);
    let tree = Blocks::of(&session.view());
    assert_eq!(tree.blocks.len(), 12);
    assert_eq!(tree.blocks[11].tips, (0..7).map(NodeId).collect::<Vec<_>>());
}

/// Of long logs the latest entries are shown, and a snapshot stands for the entry that another log still has.
#[test]
fn what_is_left_out_of_the_tree_is_said() {
    let apart = "faultline 2\nprotocol raft\nnodes 3\nlatency 10ms\nset snapshot 3\nuntil 1s\nat 10ms fire n1 Election\n\
                 at 60ms n1 Put x=1\nat 61ms n1 Put x=2\nat 62ms n1 Put x=3\nat 75ms cut n3|n1,n2\nat 90ms n1 Put x=4\n";
    let mut session = Session::new(parse(apart).unwrap());
    session.seek_time(101_000);
    assert_eq!(session.view().nodes[0].card.log[0].text, "snapshot");
    let entries = "0@0 !\n1@1 Put x=1\n2@1 Put x=2\n3@1 Put x=3! n3\n4@1 Put x=4 n1 n2";
    assert_eq!(tree(&session), format!("{entries}\nleft out 0, short []"));
    let session = preset("raft", "snapshot", 255_000);
    assert_eq!(tree(&session), "3@1 snapshot! n3\n4@1 Put x=4!\n5@1 Put y=5! n1 n2\nleft out 2, short []");
    let acts: Vec<String> = (1..=20).map(|x| format!("at {}ms n1 Put x={x}", 50 + x)).collect();
    let acts = acts.join("\n");
    let long = format!(
        "faultline 2\nprotocol raft\nlatency 10ms\nset election-min 10s\nset election-max 20s\nuntil 1s\n\
         at 10ms fire n1 Election\nat 40ms crash n5\n{acts}"
    );
    let mut session = Session::new(parse(&long).unwrap());
    session.seek_time(500_000);
    let tree = Blocks::of(&session.view());
    let (first, last) = (&tree.blocks[0], &tree.blocks[11]);
    assert_eq!((tree.left_out, tree.short, tree.blocks.len()), (8, vec![NodeId(4)], 12));
    assert_eq!((first.index, first.parent, last.index, last.tips.len()), (9, None, 20, 4));
}
