//! Sentences of the core as the page sets them: the names of nodes stand out.

use faultline_core::name::{Names, NodeId};
use faultline_core::scenario::Scenario;
use faultline_core::view::Poll;
use std::cell::RefCell;
use yew::prelude::*;

thread_local! {
    /// What nodes of the run that is open are called.
    static CALLED: RefCell<Names> = RefCell::default();
}

/// What a run is called: its title, or else how it is set up.
pub fn title_of(scenario: &Scenario) -> String {
    if scenario.title.is_empty() {
        format!("{} nodes, seed {}", grouped(scenario.nodes.into()), scenario.seed)
    } else {
        scenario.title.clone()
    }
}

/// Says what nodes are called in the run that is open.
pub fn call(names: &Names) {
    CALLED.with_borrow_mut(|called| {
        if called != names {
            called.clone_from(names);
        }
    });
}

/// What a node is called in the run that is open.
pub fn node_name(node: NodeId) -> String {
    CALLED.with_borrow(|called| called.called(node))
}

/// The node that a word names: `n` and digits, or what it is called.
pub(super) fn node_of(word: &str) -> Option<NodeId> {
    let digits = word.strip_prefix('n').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let place = digits.and_then(|digits| digits.parse::<u32>().ok()?.checked_sub(1));
    place.map(NodeId).or_else(|| CALLED.with_borrow(|called| called.node(word)))
}

/// The words of a sentence, each with the sign behind it.
fn words(sentence: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_sign = |letter: char| !letter.is_ascii_alphanumeric();
    let pieces = sentence.split_inclusive(is_sign);
    pieces.map(move |piece| piece.split_at(piece.trim_end_matches(is_sign).len()))
}

/// A sentence in which nodes have the names that they have in the run that is open.
pub fn renamed(sentence: &str) -> String {
    CALLED.with_borrow(|called| called.renamed(sentence))
}

/// A sentence with the names of nodes in bold, and what is in backticks as code.
pub fn prose(sentence: &str) -> Html {
    let parts = sentence.split('`').enumerate().map(|(place, part)| {
        if place % 2 == 1 {
            html! { <code>{ part.to_owned() }</code> }
        } else {
            plain(part)
        }
    });
    html! { <>{ for parts }</> }
}

fn plain(sentence: &str) -> Html {
    let mut parts: Vec<Html> = Vec::new();
    let mut plain = String::new();
    for (word, sign) in words(sentence) {
        if let Some(node) = node_of(word) {
            if !plain.is_empty() {
                parts.push(html! { { std::mem::take(&mut plain) } });
            }
            parts.push(html! { <b data-is={node.to_string()}>{ node_name(node) }</b> });
        } else {
            plain.push_str(word);
        }
        plain.push_str(sign);
    }
    parts.push(html! { { plain } });
    html! { <>{ for parts }</> }
}

/// Seconds and milliseconds for people.
pub fn clock(time: faultline_core::time::Micros) -> String {
    format!("{} s", faultline_core::time::seconds(time, 3))
}

/// How long, for people: milliseconds with one decimal below ten.
pub fn span(time: faultline_core::time::Micros) -> String {
    match time {
        0..10_000 => format!("{}.{} ms", time / 1_000, time % 1_000 / 100),
        10_000..10_000_000 => format!("{} ms", time / 1_000),
        _ => format!("{} s", time / 1_000_000),
    }
}

/// A number with a thin space after every three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A number with at most so many decimals, without zeros at its end and without a sign for nothing. The library's way
/// of writing a float would be fifteen kilobytes of the page.
pub fn fixed(value: f64, decimals: u32) -> String {
    let scale = 10_i64.pow(decimals);
    let scaled = (value * scale as f64).round() as i64;
    let (whole, mut part) = (scaled.abs() / scale, scaled.abs() % scale);
    let sign = if scaled < 0 { "-" } else { "" };
    let mut places = decimals as usize;
    while places > 0 && part % 10 == 0 {
        (part, places) = (part / 10, places - 1);
    }
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0places$}") }
}

/// The number at the beginning of a text, if there is one. The library's way of reading a float has a table of ten kilobytes
/// that hardly shrink on the way.
pub fn number(text: &str) -> Option<f64> {
    let number = if cfg!(target_family = "wasm") { js_sys::parse_float(text) } else { text.parse().ok()? };
    number.is_finite().then_some(number)
}

/// Who gave what was enough, in words.
pub fn with(poll: &Poll) -> String {
    let names = poll.who(true).iter().map(node_name).collect::<Vec<_>>().join(", ");
    format!("It has {} of {} {} ({names}).", poll.got(), poll.asked.len(), poll.name)
}

/// A poll in words, with names.
pub fn who(poll: &Poll) -> String {
    let named = |word: &str, has: bool| {
        let nodes = poll.who(has);
        if nodes.is_empty() { String::new() } else { format!("; {word} {nodes}") }
    };
    format!("{poll}{}{}", named("from", true), named("not yet from", false))
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn numbers_are_short() {
        let written = [0.0, -0.04, 1.0, 12.34, 12.36, -7.25, 1e6, 99.96].map(|value| fixed(value, 1));
        assert_eq!(written, ["0", "0", "1", "12.3", "12.4", "-7.3", "1000000", "100"]);
        assert_eq!([0.5, 33.333_3, 1.005].map(|value| fixed(value, 3)), ["0.5", "33.333", "1.005"]);
        assert_eq!(fixed(41.6, 0), "42");
    }
}
