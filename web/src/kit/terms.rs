//! The glossary on the page: the terms of a text are dotted, and a pointer on one shows what it means.

use super::prose::prose;
use std::sync::LazyLock;
use yew::prelude::*;

/// The same file that people read in the repository.
const GLOSSARY: &str = include_str!("../../../docs/glossary.md");

/// A term, and what it means.
type Term = (&'static str, String);

/// The terms of the field. Those for runs (node, message, step) need no explanation where runs are in sight.
static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| {
    let of_the_field = GLOSSARY.split_once("## Faults").map_or("", |(_, rest)| rest);
    let rows = of_the_field
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let rows = rows.filter(|(words, _)| *words != "word");
    let plain = |meaning: &str| meaning.replace(['*', '`'], "");
    rows.flat_map(|(words, meaning)| words.split(", ").map(move |word| (word, plain(meaning)))).collect()
});

/// The terms of one text, each explained where it first stands.
#[derive(Default)]
pub struct Terms {
    seen: Vec<&'static str>,
}

impl Terms {
    /// The next sentence of the text.
    pub fn prose(&mut self, sentence: &str) -> Html {
        let (mut parts, mut rest) = (Vec::new(), sentence);
        while let Some((before, word, after, meaning)) = self.next_in(rest) {
            parts.push(prose(before));
            parts.push(html! { <span class="term" data-means={meaning} aria-description={meaning}>{ word.to_owned() }</span> });
            rest = after;
        }
        html! { <>{ for parts }{ prose(rest) }</> }
    }

    /// The first new term in a sentence: what is before it, the word as it stands there, what is after it, and what it means.
    fn next_in<'a>(&mut self, sentence: &'a str) -> Option<(&'a str, &'a str, &'a str, &'static str)> {
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = sentence.as_bytes();
        let is_code = |at: usize| bytes[..at].iter().filter(|byte| **byte == b'`').count() % 2 == 1;
        let starts =
            (0..bytes.len()).filter(|&at| (at == 0 || !is_letter(bytes.get(at - 1))) && !is_code(at));
        for at in starts {
            for (term, meaning) in TERMS.iter().filter(|(term, _)| !self.seen.contains(term)) {
                let stands =
                    sentence.get(at..at + term.len()).is_some_and(|it| it.eq_ignore_ascii_case(term));
                let plural = usize::from(bytes.get(at + term.len()) == Some(&b's'));
                let end = at + term.len() + plural;
                if stands && !is_letter(bytes.get(end)) {
                    self.seen.push(term);
                    return Some((&sentence[..at], &sentence[at..end], &sentence[end..], meaning));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_explained_where_it_first_stands() {
        let mut terms = Terms::default();
        let found = terms
            .next_in("No two Leaders of terms lead")
            .map(|(before, word, after, _)| (before, word, after));
        assert_eq!(found, Some(("No two ", "Leaders", " of terms lead")));
        assert_eq!(terms.next_in("The leader's terms").map(|(_, word, ..)| word), Some("terms"));
        assert!(terms.next_in("A leader, a term, a quorumless determined node").is_none());
        assert!(terms.next_in("With `set quorum 2` nothing").is_none());
        assert!(
            TERMS.len() > 30
                && TERMS.iter().all(|(term, meaning)| !term.is_empty() && meaning.ends_with('.'))
        );
    }
}
