//! Lectures: several runs in a row, with what a lecturer says, asks and notes on the way.
//!
//! ```text
//! faultline lecture 1
//! title Raft in one lecture
//! play raft/default to 600ms                 a run that comes with a protocol, or a part of it
//! minutes 4                                  how long it takes in the hall
//! at 150ms question Who becomes leader?      lines that are added to the run's own
//! at 150ms right The first that asks | It has every vote.
//! play raft/figure-8 from 500ms to 900ms
//! ```
//!
//! A line that begins with `#` is a comment. Behind `play` and `minutes`, every line is a statement of the scenario language and is
//! added to the run: what is said and asked, but also acts, twins and settings.

use crate::link;
use crate::scenario::{LONGEST_TEXT, Scenario};
use crate::text::{Complaint, is_no, shown};
use crate::time::{self, Micros, exact};

/// What the text of a lecture begins with.
pub const FIRST_LINE: &str = "faultline lecture 1";
/// The most runs of a lecture.
const MOST_PLAYS: usize = 100;

/// A lecture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lecture {
    /// What it is called; may be empty.
    pub title: String,
    /// Its runs, in order; at least one.
    pub plays: Vec<Play>,
}

/// A run of a lecture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Play {
    /// The link to the run, such as `/raft/figure-8`.
    pub link: String,
    /// Where it begins.
    pub from: Micros,
    /// Where it ends, if not at its own end.
    pub to: Option<Micros>,
    /// How many minutes it takes in the hall; 0 where nothing is said.
    pub minutes: u32,
    /// What is added to the run, each line with its number in the text of the lecture.
    pub lines: Vec<(usize, String)>,
}

impl Lecture {
    /// Whether a text is a lecture's, or means to be.
    pub fn is_meant(text: &str) -> bool {
        said(text).next().is_some_and(|(_, line)| line.starts_with("faultline lecture"))
    }

    /// Reads a text. The runs are not opened: their protocols may have to arrive first.
    ///
    /// # Errors
    /// The first line that cannot be read, and why.
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let complaint = |line, sentence: String| Complaint { line, sentence };
        if text.len() > LONGEST_TEXT {
            let sentence = format!("a lecture may be at most {} kB long", LONGEST_TEXT / 1024);
            return Err(complaint(1, sentence));
        }
        let mut lines = said(text);
        match lines.next() {
            Some((_, FIRST_LINE)) => {}
            Some((line, other)) => {
                let sentence = format!("a lecture begins with `{FIRST_LINE}`, not with `{}`", shown(other));
                return Err(complaint(line, sentence));
            }
            None => {
                return Err(complaint(
                    1,
                    format!("this text is empty; a lecture begins with `{FIRST_LINE}`"),
                ));
            }
        }
        let mut lecture = Lecture::default();
        for (number, line) in lines {
            lecture.read(number, line).map_err(|sentence| complaint(number, sentence))?;
        }
        if lecture.plays.is_empty() {
            let sentence = "this lecture plays nothing; add a line such as `play raft/figure-8`";
            return Err(complaint(text.lines().count().max(1), sentence.into()));
        }
        Ok(lecture)
    }

    fn read(&mut self, number: usize, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        if word == "play" {
            if self.plays.len() == MOST_PLAYS {
                return Err(format!("a lecture plays at most {MOST_PLAYS} runs"));
            }
            self.plays.push(play(rest)?);
            return Ok(());
        }
        match (word, self.plays.last_mut()) {
            ("title", None) => rest.clone_into(&mut self.title),
            ("minutes", Some(play)) => {
                let minutes = rest.parse().ok().filter(|minutes| (1..=600).contains(minutes));
                play.minutes = minutes
                    .ok_or_else(|| format!("{}; write `minutes 4`", is_no("number of minutes", rest)))?;
            }
            (_, Some(play)) => play.lines.push((number, line.to_owned())),
            (_, None) => {
                return Err(format!("`{}` stands before the first `play`; only `title` does", shown(word)));
            }
        }
        Ok(())
    }

    /// How many minutes it takes in all.
    pub fn minutes(&self) -> u32 {
        self.plays.iter().map(|play| play.minutes).sum()
    }
}

/// The lines that say something, trimmed and numbered from 1.
fn said(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(text.lines().map(str::trim));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// What stands behind `play`: a run, and where it begins and ends.
fn play(words: &str) -> Result<Play, String> {
    let mut words = words.split_whitespace();
    let run = words.next().ok_or("`play` needs a run, as in `play raft/figure-8`")?;
    let mut play = Play { link: format!("/{run}"), ..Play::default() };
    while let Some(word) = words.next() {
        let time = || time::parse(words.next().unwrap_or_default());
        match word {
            "from" => play.from = { time }()?,
            "to" => play.to = Some({ time }()?),
            other => {
                return Err(format!(
                    "`{}` is neither `from` nor `to`; write `play raft/figure-8 from 500ms to 900ms`",
                    shown(other)
                ));
            }
        }
    }
    match play.to {
        Some(to) if to <= play.from => {
            Err(format!("this ends at {}, before it begins; write a later time behind `to`", exact(to)))
        }
        _ => Ok(play),
    }
}

impl Play {
    /// The run with what is added to it. Its protocol must be in the catalogue.
    ///
    /// # Errors
    /// The line of the lecture that cannot be read, or 1 where the link cannot, and why.
    pub fn scenario(&self) -> Result<Scenario, Complaint> {
        let Some(linked) = link::named(&self.link) else {
            let sentence =
                "a lecture names its runs, as in `play raft/figure-8`, and adds its lines below".into();
            return Err(Complaint { line: 1, sentence });
        };
        let mut scenario = linked?.scenario;
        // What is stated of the run itself need not hold of this one.
        if !self.lines.is_empty() {
            scenario.expectations.clear();
        }
        let lines = self.lines.iter().map(|(number, line)| (*number, line.as_str()));
        scenario.add(lines)?;
        Ok(scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
        # What it is for.
        faultline lecture 1
        title Two runs
        play toy/greets from 100ms to 900ms
        minutes 3
        at 200ms say Here | They greet.
        play toy
        minutes 4";

    #[test]
    fn a_lecture_is_read() {
        let lecture = Lecture::parse(TEXT).unwrap();
        assert!(Lecture::is_meant(TEXT));
        assert_eq!((lecture.title.as_str(), lecture.minutes()), ("Two runs", 7));
        let [first, second] = &lecture.plays[..] else { panic!("{lecture:?}") };
        assert_eq!((first.link.as_str(), first.from, first.to), ("/toy/greets", 100_000, Some(900_000)));
        assert_eq!(first.lines, [(7, "at 200ms say Here | They greet.".to_owned())]);
        assert_eq!(*second, Play { link: "/toy".into(), minutes: 4, ..Play::default() });
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let after = |lines: &str| format!("{FIRST_LINE}\n{lines}");
        for (text, line, words) in [
            (String::new(), 1, "this text is empty"),
            ("faultline 2\n".into(), 1, "a lecture begins with `faultline lecture 1`"),
            (after("title Nothing"), 2, "this lecture plays nothing"),
            (after("at 1s say Early"), 2, "`at` stands before the first `play`"),
            (after("play"), 2, "`play` needs a run"),
            (after("play raft from soon"), 2, "`soon` is no time"),
            (after("play raft until 3s"), 2, "`until` is neither `from` nor `to`"),
            (after("play raft from 2s to 1s"), 2, "this ends at 1s, before it begins"),
            (after("play raft\nminutes many"), 3, "`many` is no number of minutes"),
        ] {
            let complaint = Lecture::parse(&text).unwrap_err();
            assert!(complaint.line == line && complaint.sentence.starts_with(words), "{complaint}");
        }
    }
}
