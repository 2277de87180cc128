//! Sentences of the core as the page sets them: the names of nodes stand out.

use faultline_core::NodeId;
use faultline_core::view::Poll;
use std::cell::RefCell;
use yew::prelude::*;

thread_local! {
    /// What nodes of the run that is open are called, beside their names everywhere.
    static CALLED: RefCell<Vec<(NodeId, String)>> = const { RefCell::new(Vec::new()) };
}

/// Says what nodes are called in the run that is open.
pub fn call(names: &[(NodeId, String)]) {
    CALLED.with_borrow_mut(|called| {
        if called != names {
            *called = names.to_vec();
        }
    });
}

/// What a node is called in the run that is open.
pub fn node_name(node: NodeId) -> String {
    called(&node.to_string())
}

/// The same by its name everywhere.
fn called(name: &str) -> String {
    let is_it = |(node, _): &&(NodeId, String)| node.to_string() == name;
    CALLED.with_borrow(|called| {
        called.iter().find(is_it).map_or_else(|| name.to_owned(), |(_, name)| name.clone())
    })
}

/// The name everywhere of the node that a word names.
pub(super) fn node_of(word: &str) -> Option<String> {
    if is_node(word) {
        return Some(word.to_owned());
    }
    CALLED
        .with_borrow(|called| called.iter().find(|(_, name)| name == word).map(|(node, _)| node.to_string()))
}

/// A sentence in which nodes have the names that they have in the run that is open.
pub fn renamed(sentence: &str) -> String {
    if CALLED.with_borrow(Vec::is_empty) {
        return sentence.to_owned();
    }
    let pieces = sentence.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    let renamed = pieces.map(|piece| {
        let word = word_of(piece);
        if is_node(word) { called(word) + &piece[word.len()..] } else { piece.to_owned() }
    });
    renamed.collect()
}

/// What a piece of a sentence has before the sign that ends it.
fn word_of(piece: &str) -> &str {
    piece.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric())
}

/// Whether a word names a node: `n` and digits.
pub fn is_node(word: &str) -> bool {
    word.strip_prefix('n')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
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
    for piece in sentence.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
        let word = word_of(piece);
        if let Some(name) = node_of(word) {
            if !plain.is_empty() {
                parts.push(html! { { std::mem::take(&mut plain) } });
            }
            let called = called(&name);
            parts.push(html! { <b data-is={name}>{ called }</b> });
            plain.push_str(&piece[word.len()..]);
        } else {
            plain.push_str(piece);
        }
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
