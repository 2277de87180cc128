//! How far the reader of a challenge has come.

use super::{RECORDED, Session};
use crate::scenario::{Challenge, Scenario};
use crate::title::Preset;

/// What has been done of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many acts were used.
    pub spent: usize,
    /// After how many events the goal is reached.
    pub reached: Option<usize>,
    /// Whether nothing else was done to the run: what the challenge itself does and sets is as it was.
    pub fair: bool,
    /// Whether the reader has done something that is not of the solution.
    pub own: bool,
    /// What is to be brought about, in words.
    pub goals: String,
    /// The challenge.
    pub challenge: Challenge,
    /// The text of the run that solves it.
    pub solved: Option<String>,
}

impl Session {
    /// How far the reader has come, where the run is a challenge. It plays the whole run.
    pub fn progress(&self) -> Option<Progress> {
        let scenario = self.scenario();
        let challenge = scenario.challenge.as_ref()?;
        let goals: Vec<_> = challenge.goals.iter().map(|goal| goal.sentence(scenario.entry)).collect();
        let mut used = scenario.acts.iter().filter(|timed| challenge.allows(&timed.act.to_string()));
        Some(Progress {
            spent: challenge.spent(&scenario.acts),
            reached: self.run.first_seen(&challenge.goals),
            fair: is_fair(scenario, challenge),
            own: used.any(|timed| !challenge.solution.contains(timed)),
            goals: goals.join("; "),
            challenge: challenge.clone(),
            solved: scenario.solved().map(|solved| solved.to_string()),
        })
    }

    /// Whether the run can be changed at all.
    ///
    /// # Errors
    /// One sentence where it repeats a log.
    pub(super) fn is_alive(&self) -> Result<(), String> {
        if self.scenario().is_recorded() { Err(RECORDED.into()) } else { Ok(()) }
    }

    /// Whether the run can be changed, and, where it is a challenge, whether that allows acts in the words of a scenario.
    ///
    /// # Errors
    /// One sentence when not.
    pub(super) fn allowed<'a>(&self, words: impl Iterator<Item = &'a str>) -> Result<(), String> {
        self.is_alive()?;
        let scenario = self.scenario();
        let Some(challenge) = &scenario.challenge else { return Ok(()) };
        let Challenge { allow, budget, .. } = challenge;
        let mut spent = challenge.spent(&scenario.acts);
        for words in words {
            spent += 1;
            if !challenge.allows(words) {
                return Err(format!("this challenge allows only {}", allow.join(", ")));
            }
            if spent > *budget {
                let acts = if *budget == 1 { "one act" } else { "so many acts" };
                return Err(format!("this challenge allows {acts} only; undo one to try another"));
            }
        }
        Ok(())
    }
}

/// Whether a run differs from the challenge that comes with its protocol only by acts that this allows; one that somebody wrote
/// is taken as it is.
fn is_fair(scenario: &Scenario, challenge: &Challenge) -> bool {
    let title = format!("\ntitle {}\n", scenario.title);
    let is_it = |preset: &Preset| preset.text.contains("\ngoal ") && preset.text.contains(&title);
    let given = scenario.entry.at_hand().into_iter().find(is_it);
    let Some(given) = given.and_then(|preset| Scenario::parse(preset.text).ok()) else { return true };
    let rest = scenario.acts.iter().filter(|timed| !challenge.allows(&timed.act.to_string()));
    given.begins_like(scenario)
        && given.until == scenario.until
        && given.challenge.as_ref() == Some(challenge)
        && rest.eq(given.acts.iter())
}
