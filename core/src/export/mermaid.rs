//! A sequence diagram for Mermaid.

use super::{Taken, comment};
use crate::name::NodeId;
use crate::trace::NOBODY;

pub(super) fn text(taken: &Taken<'_>) -> String {
    let mut text = comment(taken, "%%") + "sequenceDiagram\n";
    for node in &taken.nodes {
        text += &format!("    participant {node} as {}\n", escaped(&taken.called(*node)));
    }
    let ends = [taken.nodes.first(), taken.nodes.last()].map(|node| node.map(ToString::to_string));
    let [Some(first), Some(last)] = ends else { return text };
    let all = if first == last { first } else { format!("{first},{last}") };
    for shown in taken.all_shown() {
        if let Some((from, to)) = shown.arrow {
            let arrow = if shown.is_lost() { "-x" } else { "->>" };
            let message = escaped(&taken.message(shown.line));
            text += &format!("    {from}{arrow}{to}: {message}\n");
        }
        if !shown.notes.is_empty() {
            let notes: Vec<String> = shown.notes.iter().map(|note| escaped(&taken.label(note))).collect();
            let over = match shown.line.record.node {
                NOBODY => all.clone(),
                node => NodeId(node).to_string(),
            };
            text += &format!("    Note over {over}: {} s<br/>{}\n", shown.time(), notes.join("<br/>"));
        }
    }
    text
}

/// A label in which every sign that Mermaid could read as its own stands as its number.
fn escaped(label: &str) -> String {
    let letter = |letter: char| match letter {
        ' ' | '.' | ',' | '(' | ')' | '=' | '-' | '+' | '/' | '_' => letter.to_string(),
        _ if letter.is_ascii_punctuation() => format!("#{};", u32::from(letter)),
        _ => letter.to_string(),
    };
    label.chars().map(letter).collect()
}
