//! Lessons: runs walked through in steps, each at a moment, with what can be seen there. `lesson!` reads one from Markdown
//! when the protocol is compiled, so whoever shows it needs no reader.
//!
//! Five things of Markdown have a meaning of their own:
//!
//! ```text
//! # Who must wait {run=blocking}             the title, and the run, which is one of the protocol's
//! ## Everybody says yes {at=20ms}            a step: a moment of the run; it may name another run
//! `n2` and `n3` have voted.                  a name, which is lit on the stage
//! May `n3` abort?                            a question: a paragraph before a list of tasks,
//! - [ ] Yes — n2 has committed.              which are the answers, with what is said to each
//! - [x] No — n3 cannot know.
//! ~~~expect                                  observations, which are checked
//! n3 is uncertain
//! ~~~
//! ~~~try                                     a challenge by its name
//! block-everybody
//! ~~~
//! ```

/// A lesson.
#[derive(Debug)]
pub struct Lesson {
    /// What it is called.
    pub title: &'static str,
    /// Its steps, in order.
    pub steps: &'static [Step],
}

/// A step of a lesson.
#[derive(Debug)]
pub struct Step {
    /// What it is about, in a few words.
    pub title: &'static str,
    /// The run, by the name that it has among its protocol's.
    pub run: &'static str,
    /// The moment, as scenarios write it.
    pub at: &'static str,
    /// What is said.
    pub text: &'static [Block],
    /// What is asked.
    pub question: Option<Question>,
    /// What can be seen at the moment, as scenarios write it.
    pub seen: &'static [&'static str],
    /// A challenge to try, by its name.
    pub attempt: Option<&'static str>,
}

/// A piece of a text that stands by itself.
#[derive(Debug)]
pub enum Block {
    /// A paragraph.
    Paragraph(&'static [Span]),
    /// An item of a list.
    Item(&'static [Span]),
}

/// A piece of a line.
#[derive(Debug)]
pub enum Span {
    /// Words.
    Text(&'static str),
    /// The name of something on the stage.
    Name(&'static str),
    /// Words that matter.
    Strong(&'static str),
    /// Words that are stressed.
    Stressed(&'static str),
    /// Words that lead somewhere.
    Link(&'static str, &'static str),
}

/// A question, and what may be answered.
#[derive(Debug)]
pub struct Question {
    /// The question.
    pub text: &'static [Span],
    /// The answers, in order.
    pub answers: &'static [Answer],
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Whether it is right.
    pub is_right: bool,
    /// The answer.
    pub text: &'static [Span],
    /// What is said to whoever gives it.
    pub said: &'static [Span],
}

pub use faultline_derive::lesson;
