//! All that is known of a run's events, as JSON. `docs/formats.md` has its schema.

use super::Taken;
use crate::name::NodeId;
use crate::trace::{Flags, Line, NO_CAUSE, Record, What};
use std::fmt::Write;

/// The version of the schema.
const VERSION: u32 = 1;

pub(super) fn text(taken: &Taken<'_>) -> String {
    let scenario = taken.scenario;
    let about = list(&taken.about);
    let link = or_null(taken.link.as_ref().ok().map(|link| string(link)));
    let node = |node: &NodeId| format!(r#"{{"node":"{node}","name":{}}}"#, string(&taken.called(*node)));
    let nodes: Vec<String> = taken.nodes.iter().map(node).collect();
    let cut = or_null(taken.cut_after.map(|after| after.to_string()));
    let lines = taken.lines.iter().filter(|line| taken.concerns(&line.record));
    let events: Vec<String> = lines.map(|line| event(taken, line)).collect();
    format!(
        "{{\n\"about\":{about},\n\"format\":\"faultline-trace\",\"version\":{VERSION},\n\"link\":{link},\n\"protocol\":{},\n\
         \"title\":{},\n\"scenario\":{},\n\"nodes\":[{}],\n\"cut_after\":{cut},\n\"events\":[\n{}\n]\n}}\n",
        string(scenario.entry.info.slug),
        string(&scenario.title),
        string(&scenario.to_string()),
        nodes.join(","),
        events.join(",\n"),
    )
}

fn event(taken: &Taken<'_>, line: &Line) -> String {
    let Record { time, cause, node, peer, what, kind, flags } = line.record;
    let known = |node: u32| (node < taken.scenario.nodes).then(|| format!("\"{}\"", NodeId(node)));
    let cause = or_null((cause != NO_CAUSE).then(|| cause.to_string()));
    let is_message = !line.message.is_empty();
    let kind =
        taken.scenario.entry.kinds.get(kind as usize).filter(|_| is_message).map(|kind| string(kind.name));
    let message = is_message.then(|| string(&line.message));
    let rule = line.rule.map(|rule| {
        format!(r#"{{"section":{},"sentence":{}}}"#, string(rule.section), string(rule.sentence))
    });
    let fields = [
        ("event", line.index.to_string()),
        ("time_us", time.to_string()),
        ("what", format!("\"{}\"", word(what))),
        ("node", or_null(known(node))),
        ("from", or_null(known(peer))),
        ("cause", cause),
        ("kind", or_null(kind)),
        ("message", or_null(message)),
        ("act", flags.has(Flags::ACT).to_string()),
        ("milestone", flags.has(Flags::MILESTONE).to_string()),
        ("violation", flags.has(Flags::VIOLATION).to_string()),
        ("sentence", string(&line.sentence)),
        ("occasion", string(&line.occasion)),
        ("writes", or_null(line.disk.as_deref().map(string))),
        ("sends", list(&line.sent)),
        ("tells", list(&line.outputs)),
        ("rule", or_null(rule)),
    ];
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// The sort of an event in small letters: `crash-losing`.
fn word(what: What) -> String {
    let mut word = String::new();
    for (place, letter) in format!("{what:?}").char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            word.push('-');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

fn or_null(value: Option<String>) -> String {
    value.unwrap_or_else(|| "null".into())
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| string(text)).collect();
    format!("[{}]", texts.join(","))
}

fn string(text: &str) -> String {
    let mut string = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' | '\\' => string.extend(['\\', letter]),
            '\n' => string.push_str("\\n"),
            // Some programs end a line of JavaScript at the last two.
            '\0'..=' ' | '\u{7f}' | '\u{2028}' | '\u{2029}' if letter != ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(string, "\\u{:04x}", u32::from(letter));
            }
            _ => string.push(letter),
        }
    }
    string + "\""
}
