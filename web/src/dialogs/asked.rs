//! What somebody asks and writes in dialogs, and what the page answers.

use super::answer::{Answer, Asking};
use super::set::Refusal;
use crate::wishes::{Dialog, Do, later};
use crate::work::slice;
use faultline_core::Session;
use faultline_core::catalogue;
use faultline_core::scenario::{Completion, Scenario};
use faultline_core::text::Complaint;
use gloo::timers::callback::Timeout;
use yew::Callback;

/// What is asked, and answered.
#[derive(Default)]
pub struct Asked {
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// Why what was to be opened last could not be.
    pub refused: Option<String>,
    /// What of the form could not be set.
    pub refusal: Option<Refusal>,
    /// What is typed into the palette.
    pub sought: String,
    /// What somebody asked.
    pub question: String,
    /// What is looked into for it, and of which version of the run.
    asking: Option<(u32, Asking)>,
    /// What came of it.
    pub answer: Option<Answer>,
    /// What is written into the scenario's text and not yet applied.
    pub draft: Option<String>,
    /// What is wrong with it.
    pub complaint: Option<Complaint>,
    /// How often it was refused: each time, the line that is wrong comes into sight.
    pub refusals: u32,
    /// What may be written at the cursor.
    pub offers: Vec<Completion>,
    /// When it is read again.
    proof: Option<Timeout>,
}

/// How long nobody must write until what is written is read, in milliseconds.
const PAUSE: u32 = 400;

impl Asked {
    /// Shows a dialog, or none, with nothing of what was asked and answered before.
    pub fn show(&mut self, dialog: Option<Dialog>) {
        self.dialog = dialog;
        (self.refused, self.refusal) = (None, None);
        self.sought.clear();
        (self.asking, self.answer) = (None, None);
    }

    /// Begins to look into something, about this version of the run.
    pub fn ask(&mut self, version: u32, asking: Asking) {
        self.asking = Some((version, asking));
    }

    /// Whether something is looked into.
    pub fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    /// Looks into it for a slice, in this version of the run; whether there is something to draw.
    pub fn look_into(&mut self, version: u32, session: &Session) -> bool {
        let Some((about, asking)) = &mut self.asking else { return false };
        if *about != version {
            // What it was about has been replaced by what an attack found.
            self.show(None);
            return true;
        }
        self.answer = slice(|| asking.step(session));
        if self.answer.is_some() {
            self.asking = None;
        }
        self.answer.is_some()
    }

    /// Takes what is written into the scenario's text; nothing, to go back to the text of the run.
    pub fn write(&mut self, text: Option<String>) {
        self.draft = text;
        self.proof = None;
        self.offers.clear();
        if self.draft.is_none() {
            self.complaint = None;
        }
    }

    /// Reads what is written once nobody has written for a moment.
    pub fn proofread_later(&mut self, dispatch: &Callback<Do>) {
        self.proof = self.draft.is_some().then(|| later(PAUSE, Do::Proofread, dispatch));
    }

    /// Looks whether what is written can be read; of a protocol that has not arrived, nobody can say.
    pub fn proofread(&mut self) {
        self.proof = None;
        let Some(text) = &self.draft else { return };
        let slug = Scenario::protocol_of(text);
        let is_away =
            slug.is_some_and(|slug| catalogue::known(slug).is_some() && catalogue::find(slug).is_none());
        self.complaint = if is_away { None } else { Scenario::parse(text).err() };
    }

    /// Keeps why the text cannot become the run.
    pub fn refuse(&mut self, complaint: Complaint) {
        self.complaint = Some(complaint);
        self.refusals += 1;
    }

    /// Looks for what may be written at a byte of the text.
    pub fn complete(&mut self, session: &Session, cursor: Option<usize>) {
        let written = || self.draft.clone().unwrap_or_else(|| session.scenario().to_string());
        self.offers = cursor.map_or_else(Vec::new, |cursor| session.complete(&written(), cursor));
    }
}
