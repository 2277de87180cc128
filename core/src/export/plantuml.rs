//! A sequence diagram for `PlantUML`.

use super::{Taken, comment};
use crate::name::NodeId;
use crate::trace::NOBODY;

pub(super) fn text(taken: &Taken<'_>) -> String {
    let mut text = "@startuml\n".to_owned() + &comment(taken, "'");
    for node in &taken.nodes {
        text += &format!("participant \"{}\" as {node}\n", escaped(&taken.called(*node)));
    }
    let ends = [taken.nodes.first(), taken.nodes.last()].map(|node| node.map(ToString::to_string));
    let [Some(first), Some(last)] = ends else { return text + "@enduml\n" };
    let all = if first == last { first } else { format!("{first}, {last}") };
    for shown in taken.all_shown() {
        if let Some((from, to)) = shown.arrow {
            let arrow = if shown.is_lost() { "->x" } else { "->" };
            text += &format!("{from} {arrow} {to} : {}\n", escaped(&taken.message(shown.line)));
        }
        if !shown.notes.is_empty() {
            let notes: Vec<String> = shown.notes.iter().map(|note| escaped(&taken.label(note))).collect();
            let over = match shown.line.record.node {
                NOBODY => all.clone(),
                node => NodeId(node).to_string(),
            };
            text += &format!("note over {over} : {} s\\n{}\n", shown.time(), notes.join("\\n"));
        }
    }
    text + "@enduml\n"
}

/// A label in which every sign that `PlantUML` could read as its own stands as its number. What is harmless alone may begin
/// something where it stands first or twice: a list, a rule, a style.
fn escaped(label: &str) -> String {
    let mut before = None;
    let letter = |letter: char| {
        let is_harmless = matches!(letter, '.' | ',' | '(' | ')' | '=' | '-' | '+' | '_' | ':' | ';');
        let is_apart = before.is_some_and(|before| before != letter);
        before = Some(letter);
        // PlantUML reads a dash as a hyphen.
        let is_sign = letter.is_ascii_punctuation() || letter == '–';
        if is_sign && !(is_harmless && is_apart) {
            format!("<U+{:04X}>", u32::from(letter))
        } else {
            letter.to_string()
        }
    };
    label.chars().map(letter).collect()
}
