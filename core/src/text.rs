//! Texts: how small numbers are written in every text of Faultline, and what is said of one that cannot be read.

use std::fmt::{self, Display};

/// What is wrong with a text: the line, counted from 1, and one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and the way out.
    pub sentence: String,
}

impl Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.sentence)
    }
}

/// So many of something: `1 record`, `2 records`.
pub fn several(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// Parts per million as a percentage: `1%`, `0.05%`.
pub fn percent(parts_per_million: u32) -> String {
    let text = format!("{}.{:04}", parts_per_million / 10_000, parts_per_million % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned() + "%"
}

/// A factor in thousandths as scenarios write it: `3x`, `1.5x`.
pub fn times(permille: u32) -> String {
    let text = format!("{}.{:03}", permille / 1_000, permille % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned() + "x"
}

/// A character that nobody sees, or that looks like a blank and is none: a program or an editor put it there.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A piece of somebody's text as it may stand in a sentence: short, free of control characters, and with a name for what nobody sees.
pub(crate) fn shown(text: &str) -> String {
    let mut short = String::new();
    for letter in text.chars().take(40) {
        match letter {
            _ if letter.is_control() => short.push('\u{fffd}'),
            _ if is_invisible(letter) => short += &format!("<U+{:04X}>", u32::from(letter)),
            _ => short.push(letter),
        }
    }
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

/// Says that a word is not what should stand in its place, or that nothing stands there: "`x` is no node".
pub(crate) fn is_no(what: &str, text: &str) -> String {
    if text.is_empty() { format!("a {what} is missing") } else { format!("`{}` is no {what}", shown(text)) }
}
