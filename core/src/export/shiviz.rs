//! A log for `ShiViz`. Its first line is the expression that reads it, and its second, empty, the delimiter of several runs.
//!
//! `ShiViz` wants of each node's events that they are counted without a gap. So only the steps that are shown are counted, and
//! what passes through other nodes is handed on by their clocks.

use super::{Taken, comment, short};
use crate::name::NodeId;
use crate::time::seconds;
use crate::toolbox::clocks::VectorClock;

/// What `ShiViz` reads the log by.
const EXPRESSION: &str = r"(?<host>\S+) (?<clock>\{[^}]*\}) (?<time>\S+) (?<event>.*)";

pub(super) fn text(taken: &Taken<'_>) -> String {
    let mut text = format!("{EXPRESSION}\n\n") + &comment(taken, "#");
    let mut nodes = vec![VectorClock::default(); taken.scenario.nodes as usize];
    // Of every event, what is known after it; what is done to a message knows what its sender knew.
    let mut known: Vec<VectorClock> = Vec::with_capacity(taken.lines.len());
    for line in &taken.lines {
        let mut clock = known.get(line.record.cause as usize).cloned().unwrap_or_default();
        let node = NodeId(line.record.node);
        if let Some(own) = nodes.get_mut(node.index()).filter(|_| line.record.what.is_step()) {
            own.merge(&clock);
            if taken.is_step(&line.record) {
                own.tick(node);
            }
            clock.clone_from(own);
        }
        if taken.is_step(&line.record) {
            let entry = |(node, count)| format!("\"{}\":{count}", taken.called(node));
            let entries: Vec<String> = clock.iter().filter(|(_, count)| *count > 0).map(entry).collect();
            let (host, time) = (taken.called(node), seconds(line.record.time, 6));
            let told = line.outputs.iter().map(|output| format!("; tells {output}"));
            let occasion = if line.occasion.is_empty() { "" } else { ", on " };
            let sentence = format!("{}{occasion}{}", line.sentence, line.occasion);
            let event = taken.scenario.names.renamed(&told.fold(sentence, |all, told| all + &told));
            text += &format!("{host} {{{}}} {time} {}\n", entries.join(","), short(&event));
        }
        known.push(clock);
    }
    text
}
