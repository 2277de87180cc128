//! What those who cannot see the page are to hear.

use crate::browser::now;
use crate::browser::speech::Speech;
use crate::wishes::{Do, later};
use faultline_core::trace::{Flags, Line};
use faultline_core::view::{Standing, View};
use gloo::timers::callback::Timeout;
use yew::Callback;

/// The voice, and when it has more to say.
#[derive(Default)]
pub(super) struct Voice {
    speech: Speech,
    next: Option<Timeout>,
}

impl Voice {
    /// The sentence of now.
    pub(super) fn said(&self) -> &str {
        self.speech.said()
    }

    /// Takes in a sentence that matters.
    pub(super) fn hear(&mut self, sentence: &str) {
        self.speech.hear(sentence, true);
    }

    /// Takes in an event, with what it did to the claims.
    pub(super) fn hear_event(&mut self, line: &Line, view: &View) {
        let flags = line.record.flags;
        let weighty =
            [Flags::MILESTONE, Flags::VIOLATION, Flags::ACT].into_iter().any(|mark| flags.has(mark));
        self.speech.hear(&aloud(line, view), weighty);
    }

    /// Says what is due, and sees to it that the rest is said, too.
    pub(super) fn speak(&mut self, dispatch: &Callback<Do>) {
        let wait = self.speech.speak(now());
        if let (Some(wait), None) = (wait, &self.next) {
            self.next = Some(later(wait.ceil() as u32, Do::Speak, dispatch));
        }
    }

    /// It is time to speak.
    pub(super) fn arrive(&mut self) {
        self.next = None;
    }
}

/// An event in words, with what it did to the claims.
fn aloud(line: &Line, view: &View) -> String {
    let mut words = line.sentence.clone();
    for claim in &view.claims {
        match &claim.standing {
            Standing::Violated { event, sentence } if *event == line.index => {
                words = format!("{} is violated: {sentence}. {words}", claim.name);
            }
            _ => {}
        }
    }
    if let Some(breach) = view.broken.iter().find(|breach| breach.event == Some(line.index)) {
        words =
            format!("{words}. {} The claims that depend on this are no longer promised.", breach.sentence);
    }
    words
}
