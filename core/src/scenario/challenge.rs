//! Challenges: a goal that the reader of a run is to reach by acting, with few acts of some kinds.
//!
//! ```text
//! goal reached blocking           what must be seen; with several goals, all of them at one moment
//! allow drop, crash               the acts that count and may be used
//! budget 2                        how many of them at most
//! par 1                           with how many it can be done
//! hint One word, three times at most.
//! solution at 25ms crash n1       what does it
//! impossible Because it is.       in place of par and solution: nothing does it, and why
//! ```

use super::observation::Observation;
use super::read::{moment, split};
use super::read_act::{ACTS, act};
use super::{Scenario, Timed};
use crate::text::is_no;

/// The most hints, goals and acts of a solution that a challenge may have, of each.
const MOST: usize = 12;

/// What the reader of a run is to bring about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// What must be seen, all of it at one moment.
    pub goals: Vec<Observation>,
    /// The words of the acts that may be used; `ask` stands for requests, `losing-write` for a crash that loses a write.
    pub allow: Vec<String>,
    /// How many acts may be used.
    pub budget: usize,
    /// How many it takes.
    pub par: usize,
    /// Help, the first hint first.
    pub hints: Vec<String>,
    /// What does it.
    pub solution: Vec<Timed>,
    /// Why nothing does it; empty where something does.
    pub impossible: String,
}

/// The word for requests among those of acts.
const ASK: &str = "ask";
/// The word for a crash in which the disk forgets a write. A challenge that allows crashes does not mean this one, which breaks
/// what protocols assume of disks.
const LOSING_WRITE: &str = "losing-write";

impl Challenge {
    /// Whether an act, in the words of scenarios, is one of those that may be used.
    pub fn allows(&self, words: &str) -> bool {
        let verb = verb(words);
        self.allow.iter().any(|allowed| allowed == verb)
    }

    /// How many acts of a scenario are of the kinds that may be used.
    pub fn spent(&self, acts: &[Timed]) -> usize {
        acts.iter().filter(|timed| self.allows(&timed.act.to_string())).count()
    }

    /// The lines of a scenario that state it.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.goals.iter().map(|goal| format!("goal {goal}")).collect();
        lines.extend((!self.allow.is_empty()).then(|| format!("allow {}", self.allow.join(", "))));
        lines.extend((self.budget > 0).then(|| format!("budget {}", self.budget)));
        lines.extend((self.par > 0).then(|| format!("par {}", self.par)));
        lines.extend(self.hints.iter().map(|hint| format!("hint {hint}")));
        lines.extend(self.solution.iter().map(|timed| format!("solution at {} {}", timed.at, timed.act)));
        lines.extend((!self.impossible.is_empty()).then(|| format!("impossible {}", self.impossible)));
        lines
    }
}

impl Scenario {
    /// The same with what solves it in place of what its reader has done, where it is a challenge that can be solved.
    pub fn solved(&self) -> Option<Scenario> {
        let challenge = self.challenge.as_ref().filter(|it| !it.solution.is_empty())?;
        let mut solved = Scenario { show: None, ..self.clone() };
        solved.acts.retain(|timed| !challenge.allows(&timed.act.to_string()));
        for timed in &challenge.solution {
            let place = solved.acts.partition_point(|other| other.at.time <= timed.at.time);
            solved.acts.insert(place, timed.clone());
        }
        Some(solved)
    }
}

/// The word by which an act is allowed or not.
fn verb(words: &str) -> &str {
    let (first, rest) = split(words);
    if split(rest).1 == LOSING_WRITE {
        return LOSING_WRITE;
    }
    if ACTS.iter().any(|form| form.word == first) { first } else { ASK }
}

/// Adds to the challenge of a scenario, which has none before the first goal.
fn add<T>(scenario: &mut Scenario, list: fn(&mut Challenge) -> &mut Vec<T>, item: T) -> Result<(), String> {
    let list = list(scenario.challenge.get_or_insert_default());
    if list.len() == MOST {
        return Err(format!("a challenge has at most {MOST} of these"));
    }
    list.push(item);
    Ok(())
}

pub(super) fn goal(scenario: &mut Scenario, rest: &str) -> Result<(), String> {
    let seen = Observation::parse(scenario, rest)?;
    add(scenario, |challenge| &mut challenge.goals, seen)
}

pub(super) fn allow(scenario: &mut Scenario, rest: &str) -> Result<(), String> {
    for word in rest.split(',').map(str::trim) {
        if ![ASK, LOSING_WRITE].contains(&word) && ACTS.iter().all(|form| form.word != word) {
            return Err(format!("{}; write for example `allow drop, crash`", is_no("act", word)));
        }
        add(scenario, |challenge| &mut challenge.allow, word.to_owned())?;
    }
    Ok(())
}

pub(super) fn hint(scenario: &mut Scenario, rest: &str) -> Result<(), String> {
    add(scenario, |challenge| &mut challenge.hints, rest.to_owned())
}

pub(super) fn solution(scenario: &mut Scenario, rest: &str) -> Result<(), String> {
    let ("at", rest) = split(rest) else {
        return Err(format!("{}; write `solution at 25ms crash n1`", is_no("timed act", rest)));
    };
    let (when, words) = split(rest);
    let timed = Timed { at: moment(when)?, act: act(scenario, words)? };
    add(scenario, |challenge| &mut challenge.solution, timed)
}

pub(super) fn count(
    scenario: &mut Scenario,
    field: fn(&mut Challenge) -> &mut usize,
    rest: &str,
) -> Result<(), String> {
    match rest.parse() {
        Ok(count @ 1..=100) => {
            *field(scenario.challenge.get_or_insert_default()) = count;
            Ok(())
        }
        _ => Err(format!("{}; it is from 1 to 100", is_no("number of acts", rest))),
    }
}

pub(super) fn impossible(scenario: &mut Scenario, rest: &str) -> Result<(), String> {
    if rest.is_empty() {
        return Err(
            "`impossible` needs the reason, as in `impossible Any two majorities share a server.`".into()
        );
    }
    scenario.challenge.get_or_insert_default().impossible = rest.into();
    Ok(())
}
