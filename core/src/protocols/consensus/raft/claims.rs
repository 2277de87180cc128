//! What Raft claims (Figure 3): the five safety properties, and what their judge has to remember.

use super::{Entry, Output, Raft, Role};
use crate::node::NodeId;
use crate::property::{Property, Scene, always, sometimes};
use crate::protocol::Step;
use crate::toolbox::log::Log;
use std::collections::BTreeMap;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Who won each term.
    leaders: BTreeMap<u64, NodeId>,
    /// Every node's log after its last step, also while it is down.
    logs: BTreeMap<NodeId, Log<Entry>>,
    /// The term that a node leads, if it does.
    leading: BTreeMap<NodeId, u64>,
    /// The entries that anybody has applied, in order, and the term in which each was first applied.
    committed: Log<Entry>,
    committed_in: Log<u64>,
}

impl Record {
    pub(super) fn remember(&mut self, step: &Step<'_, Raft>) {
        let Some(node) = step.node else {
            self.leading.remove(&step.who);
            return;
        };
        if node.leads() {
            self.leading.insert(step.who, node.term);
        } else {
            self.leading.remove(&step.who);
        }
        if self.logs.get(&step.who).is_none_or(|log| !log.is_same(&node.log)) {
            self.logs.insert(step.who, node.log.clone());
        }
        for output in step.outputs {
            match output {
                Output::Elected { term } => {
                    self.leaders.entry(*term).or_insert(step.who);
                }
                Output::Applied { index, entry } if *index == self.committed.len() + 1 => {
                    self.committed.push(entry.clone());
                    self.committed_in.push(node.term);
                }
                _ => {}
            }
        }
    }

    /// How many entries were committed in terms before `term`.
    fn committed_before(&self, term: u64) -> u64 {
        let mut length = self.committed_in.len();
        while self.committed_in.get(length).is_some_and(|&committed_in| committed_in >= term) {
            length -= 1;
        }
        length
    }
}

pub(super) fn all() -> Vec<Property<Raft>> {
    vec![
        always("Election Safety", "At most one leader a term.", election_safety),
        always("Leader Append-Only", "A leader never overwrites or deletes entries in its log.", append_only),
        always(
            "Log Matching",
            "Logs that agree on an entry's index and term agree on all before it.",
            log_matching,
        ),
        always(
            "Leader Completeness",
            "A committed entry is in every later leader's log.",
            leader_completeness,
        ),
        always(
            "State Machine Safety",
            "No two nodes apply different commands at one index.",
            state_machine_safety,
        ),
        sometimes("Rival leaders", "Two nodes believe at once that they lead.", rival_leaders),
        sometimes("Overwriting", "A follower's entry that was never committed is overwritten.", overwriting),
    ]
}

fn election_safety(scene: &Scene<'_, Raft>) -> Result<(), String> {
    for output in scene.outputs {
        if let Output::Elected { term } = output
            && let Some(other) = scene.record.leaders.get(term).filter(|&&other| other != scene.who)
        {
            return Err(format!("{other} and {} both won term {term}", scene.who));
        }
    }
    Ok(())
}

fn append_only(scene: &Scene<'_, Raft>) -> Result<(), String> {
    let Some(node) = scene.node(scene.who).filter(|node| node.leads()) else { return Ok(()) };
    let led = scene.record.leading.get(&scene.who) == Some(&node.term);
    let Some(before) = scene.record.logs.get(&scene.who).filter(|_| led) else { return Ok(()) };
    if before.is_same(&node.log) || node.log.agrees_until(before, before.len()) {
        return Ok(());
    }
    Err(format!("{}, leader of term {}, changed entries of its own log", scene.who, node.term))
}

fn log_matching(scene: &Scene<'_, Raft>) -> Result<(), String> {
    let Some(node) = scene.node(scene.who) else { return Ok(()) };
    let log = &node.log;
    if scene.record.logs.get(&scene.who).is_some_and(|before| before.is_same(log)) {
        return Ok(());
    }
    for (&other, theirs) in scene.record.logs.iter().filter(|&(&other, _)| other != scene.who) {
        let same_term = |index: &u64| term(log, *index) == term(theirs, *index);
        let last = (1..=log.len().min(theirs.len())).rev().find(same_term).unwrap_or(0);
        if !log.agrees_until(theirs, last) {
            return Err(format!("{} and {other} agree on entry {last}, but not on all before it", scene.who));
        }
    }
    Ok(())
}

fn term(log: &Log<Entry>, index: u64) -> Option<u64> {
    log.get(index).map(|entry| entry.term)
}

/// Judged when a leader is elected, of what was committed in earlier terms, and when something is committed, of the
/// leaders of later terms that there are already.
fn leader_completeness(scene: &Scene<'_, Raft>) -> Result<(), String> {
    let record = scene.record;
    let known = record.committed.len();
    let news = scene.outputs.iter().filter(|output| match output {
        Output::Elected { .. } => true,
        Output::Applied { index, .. } => *index > known,
        _ => false,
    });
    for output in news {
        if let (Output::Elected { term }, Some(node)) = (output, scene.node(scene.who)) {
            let length = record.committed_before(*term);
            if node.log.len() < length || !node.log.agrees_until(&record.committed, length) {
                let missing = (1..=length).find(|&index| node.log.get(index) != record.committed.get(index));
                let missing = missing.unwrap_or(length);
                return Err(format!("{} leads term {term} without the committed entry {missing}", scene.who));
            }
        }
        if let (Output::Applied { index, entry }, Some(node)) = (output, scene.node(scene.who)) {
            let later = scene.nodes().find(|(_, other)| {
                other.leads() && other.term > node.term && other.log.get(*index) != Some(entry)
            });
            if let Some((leader, other)) = later {
                let (who, term) = (scene.who, other.term);
                return Err(format!(
                    "{who} commits entry {index}, and {leader} leads term {term} without it"
                ));
            }
        }
    }
    Ok(())
}

fn state_machine_safety(scene: &Scene<'_, Raft>) -> Result<(), String> {
    let Some(node) = scene.node(scene.who).filter(|_| !scene.outputs.is_empty()) else { return Ok(()) };
    // Who applies its log in order, and has the log that was applied before, applies the same; a node that boots
    // again applies thousands.
    let committed = &scene.record.committed;
    if node.log.agrees_until(committed, node.applied.min(committed.len())) {
        return Ok(());
    }
    for output in scene.outputs {
        if let Output::Applied { index, entry } = output
            && let Some(first) = committed.get(*index).filter(|&first| first != entry)
        {
            let (who, command, other) = (scene.who, &entry.command, &first.command);
            return Err(format!(
                "{who} applies {command} at index {index}, where another node applied {other}"
            ));
        }
    }
    Ok(())
}

fn rival_leaders(scene: &Scene<'_, Raft>) -> Result<(), String> {
    let elected = scene.outputs.iter().any(|output| matches!(output, Output::Elected { .. }));
    let rivals = |who: NodeId| scene.record.leading.keys().any(|&other| other != who);
    if elected && rivals(scene.who) { Ok(()) } else { Err("One node leads at most.".into()) }
}

fn overwriting(scene: &Scene<'_, Raft>) -> Result<(), String> {
    let node = scene.node(scene.who).filter(|node| matches!(node.role, Role::Follower));
    let before = scene.record.logs.get(&scene.who);
    let (Some(node), Some(before)) = (node, before) else { return Err("Nothing changed.".into()) };
    if before.is_same(&node.log) {
        return Err("Nothing changed.".into());
    }
    let kept = node.log.len() >= before.len() && node.log.agrees_until(before, before.len());
    if kept { Err("Entries were only added.".into()) } else { Ok(()) }
}
