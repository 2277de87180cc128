//! How far the reader of a challenge has come.

use super::Session;
use crate::scenario::Challenge;

/// What has been done of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many acts were used.
    pub spent: usize,
    /// After how many events the goal is reached.
    pub reached: Option<usize>,
}

impl Session {
    /// How far the reader has come, where the run is a challenge. It plays the whole run.
    pub fn progress(&self) -> Option<Progress> {
        let scenario = self.scenario();
        let challenge = scenario.challenge.as_ref()?;
        let spent = challenge.spent(&scenario.acts);
        Some(Progress { spent, reached: self.run.first_seen(&challenge.goals) })
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
