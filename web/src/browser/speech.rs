//! What is said to those who cannot see it: at most one sentence a second. Of what comes within a second the newest
//! that matters is said first, and what came last is always said.

/// Milliseconds between two sentences.
const PAUSE: f64 = 1_000.0;

/// What was said, and what waits.
#[derive(Debug, Default)]
pub struct Speech {
    said: String,
    said_at: Option<f64>,
    /// The newest of what matters, and the newest of what came after it.
    weighty: Option<String>,
    last: Option<String>,
    /// What was heard last, so that the same is not heard again at every drawing.
    heard: String,
}

impl Speech {
    /// The sentence of now.
    pub fn said(&self) -> &str {
        &self.said
    }

    /// Takes in a sentence; one that is weighty is not pushed aside by one that is not.
    pub fn hear(&mut self, sentence: &str, weighty: bool) {
        if sentence == self.heard {
            return;
        }
        sentence.clone_into(&mut self.heard);
        if weighty {
            (self.weighty, self.last) = (Some(sentence.to_owned()), None);
        } else {
            self.last = Some(sentence.to_owned());
        }
    }

    /// Says what is due at a time in milliseconds; in how many more there is something to say, if so.
    pub fn speak(&mut self, now: f64) -> Option<f64> {
        let left = self.said_at.map_or(0.0, |then| (then + PAUSE - now).clamp(0.0, PAUSE));
        if left == 0.0
            && let Some(sentence) = self.weighty.take().or_else(|| self.last.take())
        {
            (self.said, self.said_at) = (sentence, Some(now));
            return (self.last.is_some()).then_some(PAUSE);
        }
        (self.weighty.is_some() || self.last.is_some()).then_some(left)
    }
}
