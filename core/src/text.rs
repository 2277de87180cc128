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

/// A piece of somebody's text as it may stand in a sentence: short, and free of control characters.
pub(crate) fn shown(text: &str) -> String {
    let clean = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    let mut short: String = text.chars().take(40).map(clean).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

/// Says that a word is not what should stand in its place, or that nothing stands there: "`x` is no node".
pub(crate) fn is_no(what: &str, text: &str) -> String {
    if text.is_empty() { format!("a {what} is missing") } else { format!("`{}` is no {what}", shown(text)) }
}
