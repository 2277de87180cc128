//! How a text reads, as far as a machine can tell: its sentences, their words, and whether one begins without a head.

use std::fmt::{self, Display};

/// What was counted of several texts.
#[derive(Default)]
pub(crate) struct Reading {
    strings: usize,
    sentences: usize,
    words: usize,
    headless: usize,
}

impl Reading {
    pub(crate) fn add(&mut self, text: &str) {
        self.strings += 1;
        for sentence in sentences(text) {
            self.sentences += 1;
            self.words += sentence.split_whitespace().count();
            self.headless += usize::from(is_headless(sentence));
        }
    }
}

impl Display for Reading {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reading { strings, sentences, words, headless } = self;
        let over = |part: usize| part as f64 / (*sentences).max(1) as f64;
        write!(out, "{strings:>9}{sentences:>11}{:>9.1}{:>9.1} %", over(*words), 100.0 * over(*headless))
    }
}

/// The sentences of a text. An abbreviation ends none.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (place, end) in text.match_indices(['.', '!', '?', ':', ';']) {
        let rest = &text[place + end.len()..];
        let word = text[start..place].rsplit([' ', '(']).next().unwrap_or_default();
        let is_short = end == "." && (word.len() < 2 || word.contains('.') || word == "ch");
        if rest.starts_with(' ') && !is_short {
            sentences.push(text[start..=place].trim());
            start = place + end.len();
        }
    }
    sentences.push(text[start..].trim());
    sentences.retain(|sentence| sentence.split_whitespace().count() > 1);
    sentences
}

/// Whether a sentence that is no question begins with a clause that has no noun to hang on: “Who has voted yes is bound”.
pub(crate) fn is_headless(sentence: &str) -> bool {
    let begins = |word: &&str| sentence.strip_prefix(*word).is_some_and(|rest| rest.starts_with(' '));
    let heads = ["Who", "Whoever", "Whom", "Whose", "What", "Whatever", "Which"];
    !sentence.ends_with('?') && heads.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_stops_and_not_in_numbers_or_abbreviations() {
        let text = "A node votes (thesis, ch. 4). It waits 0.3 s: then it asks, i.e. stands. Who waits?";
        assert_eq!(
            sentences(text),
            ["A node votes (thesis, ch. 4).", "It waits 0.3 s:", "then it asks, i.e. stands.", "Who waits?"]
        );
    }

    #[test]
    fn a_clause_without_a_noun_is_headless_and_a_question_is_not() {
        for (sentence, headless) in [
            ("Who has voted yes is bound.", true),
            ("What comes too late changes nothing.", true),
            ("Nobody is uncertain any more.", false),
            ("Who has voted?", false),
            ("Whole quorums vote.", false),
            ("A participant that has voted yes must wait.", false),
        ] {
            assert_eq!(is_headless(sentence), headless, "{sentence}");
        }
    }
}
