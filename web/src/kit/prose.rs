//! Sentences of the core as the page sets them: the names of nodes stand out.

use faultline_core::view::Poll;
use yew::prelude::*;

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
    for piece in sentence.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let word = piece.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        if is_node(word) {
            if !plain.is_empty() {
                parts.push(html! { { std::mem::take(&mut plain) } });
            }
            parts.push(html! { <b data-is={word.to_owned()}>{ word.to_owned() }</b> });
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

/// A poll in words, with names.
pub fn who(poll: &Poll) -> String {
    let named = |word: &str, has: bool| {
        let nodes = poll.who(has);
        if nodes.is_empty() { String::new() } else { format!("; {word} {nodes}") }
    };
    format!("{poll}{}{}", named("from", true), named("not yet from", false))
}
