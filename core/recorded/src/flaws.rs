//! What a log contradicts itself in, or lacks. Each sort is counted and told in one sentence, with the place
//! of the first.

/// A sort of flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A line is no part of an event.
    Unmatched,
    /// A clock cannot be read.
    NoClock,
    /// A clock has no entry for its own host, or none above 0.
    NoOwnEntry,
    /// An event says of no host.
    NoHost,
    /// Two events of a host have the same number.
    Twice,
    /// A number of a host is skipped.
    Gap,
    /// A clock knows an event that the log lacks.
    Unknown,
    /// A clock knows less than the one before it.
    Forgets,
    /// A clock that a message brought knows more than the clock of the event with which it arrived.
    Lacks,
    /// Two events come before each other.
    Circle,
    /// An event is shown later than it is dated.
    Late,
    /// A host is not drawn.
    Host,
    /// An event comes after the last that is read.
    TooMany,
    /// A span names a parent that is not there.
    NoParent,
    /// A link of a span, or what an event comes after, leads to something that is not there.
    NoTarget,
}

impl Flaw {
    /// What is said of so many of the sort, where the first is this.
    fn sentence(self, count: usize, first: &str) -> String {
        let one = count == 1;
        let (s, are, have) = if one { ("", "is", "has") } else { ("s", "are", "have") };
        let know = if one { "knows" } else { "know" };
        let all = if one { "it is".to_owned() } else { "the first is".to_owned() };
        match self {
            Flaw::Unmatched => format!("{count} line{s} {are} no part of an event; {all} {first}."),
            Flaw::NoClock => {
                format!("{count} event{s} {are} left out, with a clock that cannot be read; {all} {first}.")
            }
            Flaw::NoOwnEntry => format!(
                "{count} event{s} {are} left out, with a clock that does not count its own host; {all} {first}."
            ),
            Flaw::NoHost => format!("{count} event{s} {are} left out, without a host; {all} {first}."),
            Flaw::Twice => {
                format!(
                    "{count} event{s} {have} the number of another event of the same host; {all} {first}."
                )
            }
            Flaw::Gap => format!("{count} event{s} {are} missing in the log; {all} {first}."),
            Flaw::Unknown => format!(
                "{count} clock entr{} {have} no event in the log; {all} {first}.",
                if one { "y" } else { "ies" }
            ),
            Flaw::Forgets => {
                format!("{count} clock{s} {know} less than the event before; {all} {first}.")
            }
            Flaw::Lacks => {
                format!("{count} clock{s} {know} less than what a message brought; {all} {first}.")
            }
            Flaw::Circle => {
                let come = if one { "comes before itself" } else { "come before themselves" };
                format!("{count} event{s} {come}; {all} {first}.")
            }
            Flaw::Late => format!(
                "{count} event{s} {are} shown later than dated, so that nothing comes before its cause; {all} {first}."
            ),
            Flaw::Host => format!(
                "{count} host{s} {are} not drawn, because only the 64 hosts with the most events are; {all} {first}."
            ),
            Flaw::TooMany => {
                format!("{count} event{s} {are} left out, because 200 000 are read; {all} {first}.")
            }
            Flaw::NoParent => {
                format!("{count} span{s} {have} a parent that is not in the file; {all} {first}.")
            }
            Flaw::NoTarget => {
                format!(
                    "{count} reference{s} to an event that is not in this execution {are} not drawn; {all} {first}."
                )
            }
        }
    }
}

/// The flaws of a log.
#[derive(Default)]
pub(crate) struct Flaws(Vec<(Flaw, usize, String)>);

impl Flaws {
    /// Counts one; where it is the first of its sort, with its place in words.
    pub(crate) fn add(&mut self, flaw: Flaw, place: impl FnOnce() -> String) {
        self.count(flaw, 1, place);
    }

    /// Counts several at once.
    pub(crate) fn count(&mut self, flaw: Flaw, count: usize, place: impl FnOnce() -> String) {
        match self.0.iter_mut().find(|(known, ..)| *known == flaw) {
            Some((_, all, _)) => *all = all.saturating_add(count),
            None if count > 0 => self.0.push((flaw, count, place())),
            None => {}
        }
    }

    /// A sentence for each sort, in the order in which they came up.
    pub(crate) fn sentences(&self) -> Vec<String> {
        self.0.iter().map(|(flaw, count, first)| flaw.sentence(*count, first)).collect()
    }
}

/// A piece of a log as it may stand in a sentence.
pub(crate) fn quoted(text: &str) -> String {
    format!("“{}”", shortened(text, 60))
}

/// A text on one line, without control characters, and cut where it is longer than so many letters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let on_one_line = |letter: char| {
        if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') { ' ' } else { letter }
    };
    let mut short: String = text.trim().chars().take(most).map(on_one_line).collect();
    if text.trim().chars().nth(most).is_some() {
        short.push('…');
    }
    short
}
