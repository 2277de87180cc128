//! How something came about: who agreed to it, with which step, and what led there.
#![allow(clippy::unwrap_used)] // What cannot be unwrapped has failed the test.

use crate::explain::{at_the_end, past};
use faultline_core::scenario::slug;
use faultline_core::trace::{Record, What};
use faultline_core::view::{Agreed, Because, Explanation, MOST_TOLD, Matter, Standing};
use faultline_core::{NodeId, Session};
use faultline_tests::{golden, parse, presets};
use std::collections::BTreeMap;

/// What came about, and explanations of which a person has read and judged: a claim that is reached, or the first fact that a node
/// tells the application in such words.
const READ_REACHED: [(&str, &str); 20] = [
    ("raft/first-steps", "Elected"),
    ("raft/first-steps", "Applied 1"),
    ("raft/figure-8", "Elected term 3"),
    ("raft/joint-change", "Elected term 2"),
    ("raft/sleeping-leader", "rival-leaders"),
    ("two-phase-commit/first-steps", "Decided commit"),
    ("two-phase-commit/blocking", "blocking"),
    ("pbft/first-steps", "Executed"),
    ("pbft/first-steps", "Accepted"),
    ("pbft/silent-primary", "view-change"),
    ("pbft/silent-primary", "Executed"),
    ("quorum-kv/strict", "Read a"),
    ("quorum-kv/hinted-handoff", "handoff"),
    ("causal-broadcast/question-and-answer", "hold-back"),
    ("amqp/first-steps", "Confirmed"),
    ("chord/join", "Joined"),
    ("gossip/first-steps", "Learnt"),
    ("bully/first-steps", "Leads"),
    ("bully/crash-mid-election", "Leads"),
    ("paxos/highest-number", "Adopted"),
];

/// How something came about at the end of a run: a claim by its slug, or what a node told first.
fn reached(session: &Session, what: &str) -> Explanation {
    let claims = session.view().claims;
    match claims.iter().position(|claim| slug(&claim.name) == what) {
        Some(place) => session.explain(place).unwrap(),
        None => session.explain_event(session.first_told(what).unwrap()).unwrap(),
    }
}

#[test]
fn explanations_of_what_came_about_are_as_they_were_read() {
    let mut text = String::new();
    for (name, what) in READ_REACHED {
        let (slug, preset) = name.split_once('/').unwrap();
        let (_, preset) = presets().find(|(of, it)| *of == slug && it.name == preset).unwrap();
        let session = at_the_end(parse(preset.text).unwrap());
        text += &format!("# {name} {what}\n{}\n", reached(&session, what));
    }
    golden("reached.txt", &text);
}

/// Of every preset: each claim that is reached, and the first step of each sort in which others had agreed.
#[test]
fn what_came_about_in_the_gallery_is_explained_from_its_past() {
    let mut explained = BTreeMap::new();
    for (slug, preset) in presets() {
        let session = at_the_end(parse(preset.text).unwrap());
        let claims = session.view().claims.into_iter().enumerate();
        for (place, claim) in claims {
            if let Standing::Reached { event } = claim.standing {
                let explanation = session.explain(place).unwrap();
                assert!(
                    matches!(&explanation.matter, Matter::Reached(sentence) if *sentence == claim.sentence)
                );
                came_about(&session, event, &explanation);
                *explained.entry((slug, "claims")).or_insert(0) += 1;
            }
        }
        let mut sorts = Vec::new();
        for line in session.run().lines_from(0).take(session.event()) {
            let sort = (line.record.what, line.record.kind);
            let Some(poll) = line.agreed.filter(|_| !sorts.contains(&sort)) else { continue };
            sorts.push(sort);
            let explanation = session.explain_event(line.index).unwrap();
            assert_eq!(explanation.agreed.as_ref().map(|agreed| &agreed.poll), Some(&poll));
            came_about(&session, line.index, &explanation);
            *explained.entry((slug, "decisions")).or_insert(0) += 1;
            // Answers that came before the node counted them cannot be told from others.
            let own = NodeId(line.record.node);
            let since = explanation.agreed.map(|agreed| agreed.since).unwrap_or_default();
            let is_known = since.iter().all(|(node, step)| step.is_some() || *node == own);
            *explained.entry((slug, if is_known { "known" } else { "unknown" })).or_insert(0) += 1;
        }
    }
    let of = |sort: &str| explained.keys().filter(|(_, it)| *it == sort).count();
    assert!(of("claims") >= 7 && of("decisions") == 7 && of("known") == 7, "{explained:?}");
    let count =
        |sort: &str| explained.iter().filter(|((_, it), _)| *it == sort).map(|(_, n)| *n).sum::<u32>();
    assert!(count("known") > 20 * count("unknown"), "{explained:?}");
}

/// The steps end with what is explained; each is in its past, or kept a timer from being set; and whoever agreed took the step that
/// is named and sent the node something with it.
fn came_about(session: &Session, event: usize, explanation: &Explanation) {
    let about = format!("{}\n{explanation}", session.scenario());
    let records = session.run().records();
    let past = past(records, &[event]);
    let Explanation { now, sides, agreed, steps, twin, .. } = explanation;
    let line = session.run().lines(event, event + 1).remove(0);
    assert!(now.starts_with(&line.sentence) && sides.is_empty() && twin.is_none(), "{about}");
    assert!((1..=MOST_TOLD).contains(&steps.len()), "{about}");
    assert!(steps.windows(2).all(|pair| pair[0].line.index < pair[1].line.index), "{about}");
    assert_eq!(
        steps.last().map(|step| (step.line.index, step.because)),
        Some((event, Because::Reached)),
        "{about}"
    );
    for step in steps {
        let absent = step.because == Because::Absence && step.sentence.contains("set the timer of ");
        assert!(past[step.line.index] || absent, "event {}:\n{about}", step.line.index);
    }
    let Some(Agreed { poll, since }) = agreed else { return };
    assert_eq!(poll.who(true), since.iter().map(|(node, _)| *node).collect(), "{about}");
    // Where nodes have several votes, fewer of them are enough.
    assert!(poll.enough.is_none_or(|enough| poll.got() >= enough), "{about}");
    let agreeing = steps.iter().filter(|step| step.because == Because::Agreed);
    let known = since.iter().filter_map(|(node, step)| Some((node, (*step)?)));
    assert!(agreeing.count() >= known.clone().count().min(MOST_TOLD - 2), "{about}");
    for (node, step) in known {
        assert!(past[step] && records[step].node == node.0 && records[step].what.is_step(), "{about}");
        let came =
            |it: &Record| (it.what, it.cause as usize, it.node) == (What::Deliver, step, records[event].node);
        assert!(node.0 == records[event].node || records[..=event].iter().any(came), "{about}");
    }
}
