//! Cues: what a lecturer asks, answers and notes at a moment of a run. None is an act, so a run is the same with them and without.
//!
//! ```text
//! at 660ms question Three of five hold entry 2. May S1 commit it?
//! at 660ms wrong Yes, a majority has it | Watch S5.
//! at 660ms right No: it is of term 2, and S1 leads term 4 | §5.4.2
//! at 600ms note S4 is cut off, S5 is down. Let them count.
//! at 600ms pace 1/40
//! at 600ms point n1, n2, n3
//! at 600ms view panel
//! ```

use super::Scenario;
use super::form::{Form, Slot};
use super::read::ReadTimed;
use crate::text::{is_no, shown};
use crate::time::Micros;
use crate::time::exact;
use std::fmt::{self, Display};

/// The most cues of a scenario.
const MOST_CUES: usize = 1_000;

/// A cue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cue {
    /// What is asked.
    Question(String),
    /// What may be answered to the question before it.
    Answer {
        /// Whether that is right.
        is_right: bool,
        /// The answer.
        text: String,
        /// What is said to it; may be empty.
        said: String,
    },
    /// What only the lecturer reads.
    Note(String),
    /// How many times slower than real time the run goes from then on.
    Pace(u32),
    /// What is lit: the names of nodes, roles, fields and messages, as in a lesson.
    Point(Vec<String>),
    /// What is shown of the run from then on.
    View(Seen),
}

/// What is shown of a run where not all of it is: in a lecture, and in an embed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// The stage.
    #[default]
    Stage,
    /// The space–time diagram.
    Diagram,
    /// The stage, and the diagram below it.
    Both,
    /// The stage, and beside or below it what the protocol is about: its logs, for one.
    Panel,
}

impl Seen {
    /// All there are, in the order in which a key goes through them.
    pub const ALL: [Seen; 4] = [Seen::Stage, Seen::Panel, Seen::Both, Seen::Diagram];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Seen::Stage => "stage",
            Seen::Diagram => "diagram",
            Seen::Both => "both",
            Seen::Panel => "panel",
        }
    }

    /// Reads its word.
    ///
    /// # Errors
    /// What the words are.
    pub fn parse(word: &str) -> Result<Self, String> {
        let all = Seen::ALL.into_iter().find(|seen| seen.word() == word);
        all.ok_or_else(|| format!("`view` is stage, diagram, both or panel, not `{}`", shown(word)))
    }
}

/// The statements of cues, which follow a time.
pub(super) const CUES: [Form<ReadTimed>; 7] = [
    Form {
        word: "question",
        ways: &[&[Slot::Free]],
        help: "Asks the audience of a lecture; the answers follow.",
        read: |scenario, at, rest| add(scenario, at.time, Cue::Question(words("question", rest)?)),
    },
    Form {
        word: "right",
        ways: &[&[Slot::Free]],
        help: "A right answer to the question at that time: the answer, `|`, and what is said to it.",
        read: |scenario, at, rest| add(scenario, at.time, answer(true, rest)?),
    },
    Form {
        word: "wrong",
        ways: &[&[Slot::Free]],
        help: "A wrong answer to the question at that time: the answer, `|`, and what is said to it.",
        read: |scenario, at, rest| add(scenario, at.time, answer(false, rest)?),
    },
    Form {
        word: "note",
        ways: &[&[Slot::Free]],
        help: "A note that only the lecturer sees.",
        read: |scenario, at, rest| add(scenario, at.time, Cue::Note(words("note", rest)?)),
    },
    Form {
        word: "pace",
        ways: &[&[Slot::Sample("1/40")]],
        help: "Sets how fast a lecture goes from then on.",
        read: |scenario, at, rest| {
            let slower = rest.strip_prefix("1/").and_then(|slower| slower.parse().ok());
            match slower {
                Some(slower @ 1..=10_000) => add(scenario, at.time, Cue::Pace(slower)),
                _ => Err(format!("{}; write it as in `pace 1/40`", is_no("pace", rest))),
            }
        },
    },
    Form {
        word: "point",
        ways: &[&[Slot::Free]],
        help: "Lights what is named, with commas between: nodes, roles, fields, kinds of messages.",
        read: |scenario, at, rest| {
            let named = words("point", rest)?;
            let names = named.split(',').map(str::trim).filter(|name| !name.is_empty());
            add(scenario, at.time, Cue::Point(names.map(str::to_owned).collect()))
        },
    },
    Form {
        word: "view",
        ways: &[
            &[Slot::Word("stage", "Only the stage is shown.")],
            &[Slot::Word("panel", "Beside the stage stands what the protocol is about.")],
            &[Slot::Word("both", "The diagram stands below the stage.")],
            &[Slot::Word("diagram", "Only the diagram is shown.")],
        ],
        help: "Sets what a lecture shows from then on.",
        read: |scenario, at, rest| Seen::parse(rest).and_then(|seen| add(scenario, at.time, Cue::View(seen))),
    },
];

fn add(scenario: &mut Scenario, time: Micros, cue: Cue) -> Result<(), String> {
    if scenario.cues.len() == MOST_CUES {
        return Err(format!("a scenario holds at most {MOST_CUES} cues"));
    }
    scenario.cues.push((time, cue));
    Ok(())
}

fn words(what: &str, rest: &str) -> Result<String, String> {
    if rest.is_empty() { Err(format!("`{what}` needs words")) } else { Ok(rest.into()) }
}

fn answer(is_right: bool, rest: &str) -> Result<Cue, String> {
    let (text, said) = rest.split_once('|').unwrap_or((rest, ""));
    if text.trim().is_empty() {
        return Err("an answer is missing; write for example `right No | It has only two votes.`".into());
    }
    Ok(Cue::Answer { is_right, text: text.trim().into(), said: said.trim().into() })
}

impl Cue {
    /// The line of a scenario that states it.
    pub(super) fn line(&self, time: Micros) -> String {
        format!("at {} {self}", exact(time))
    }
}

impl Display for Cue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cue::Question(text) => write!(out, "question {text}"),
            Cue::Answer { is_right, text, said } => {
                let word = if *is_right { "right" } else { "wrong" };
                let separator = if said.is_empty() { "" } else { " | " };
                write!(out, "{word} {text}{separator}{said}")
            }
            Cue::Note(text) => write!(out, "note {text}"),
            Cue::Pace(slower) => write!(out, "pace 1/{slower}"),
            Cue::Point(names) => write!(out, "point {}", names.join(", ")),
            Cue::View(seen) => write!(out, "view {}", seen.word()),
        }
    }
}
