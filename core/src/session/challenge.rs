//! How far the reader of a challenge has come.

use super::Session;
use crate::scenario::{Challenge, Scenario};

/// What has been done of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many acts were used.
    pub spent: usize,
    /// After how many events the goal is reached.
    pub reached: Option<usize>,
    /// Whether nothing else was done to the run: what the challenge itself does and sets is as it was.
    pub fair: bool,
}

impl Session {
    /// How far the reader has come, where the run is a challenge. It plays the whole run.
    pub fn progress(&self) -> Option<Progress> {
        let scenario = self.scenario();
        let challenge = scenario.challenge.as_ref()?;
        let spent = challenge.spent(&scenario.acts);
        let reached = self.run.first_seen(&challenge.goals);
        Some(Progress { spent, reached, fair: is_fair(scenario, challenge) })
    }

    /// Whether a challenge allows acts in the words of a scenario.
    ///
    /// # Errors
    /// One sentence when it does not.
    pub(super) fn allowed<'a>(&self, words: impl Iterator<Item = &'a str>) -> Result<(), String> {
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
    let own = scenario.entry.presets.iter().filter(|preset| preset.text.contains("\ngoal "));
    let mut own = own.filter_map(|preset| Scenario::parse(preset.text).ok());
    let Some(given) = own.find(|given| given.title == scenario.title) else { return true };
    let rest = scenario.acts.iter().filter(|timed| !challenge.allows(&timed.act.to_string()));
    given.begins_like(scenario)
        && given.until == scenario.until
        && given.challenge.as_ref() == Some(challenge)
        && rest.eq(given.acts.iter())
}
