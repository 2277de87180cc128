//! Runs come in by the address, by text and by link; where one cannot be read, the open run stays.

use super::{App, around};
use crate::browser::address;
use crate::kit::prose::title_of;
use crate::lab::{Lab, STRIDE};
use crate::learn;
use crate::lecture;
use crate::parts::links;
use crate::wishes::{Dialog, Do, File, OpenClaim};
use crate::work::slice;
use crate::work::tasks::Opening;
use faultline_core::Session;
use faultline_core::lecture::Lecture;
use faultline_core::link::{self, Linked};
use faultline_core::scenario::Scenario;
use faultline_core::text::Complaint;
use faultline_recorded::How;
use std::rc::Rc;

pub(super) fn unlinked(scenario: Scenario) -> Linked {
    Linked { scenario, run: None }
}

/// Whether an address wants neither the first page nor the laboratory.
pub(crate) fn elsewhere(fragment: &str) -> bool {
    learn::wanted(fragment).is_some() || lecture::wanted(fragment).is_some()
}

/// Whether an address wants the first page. Where there is no such lesson, that shows which there are.
pub(crate) fn at_home(fragment: &str) -> bool {
    matches!(fragment, "" | "/") || learn::asked(fragment) && !elsewhere(fragment)
}

/// Presents the lecture of a text, at an address that holds it.
fn present(text: &str) -> Result<(), String> {
    Lecture::parse(text).map_err(|complaint| sentence_of(&complaint))?;
    let link = link::write_lecture(text)?;
    address::go(lecture::address_of(&link).trim_start_matches('#'));
    Ok(())
}

impl App {
    pub(super) fn open_address(&mut self) {
        let fragment = address::fragment();
        if elsewhere(&fragment) {
            // The page shows that instead of the laboratory.
            return;
        }
        if at_home(&fragment) {
            (self.shown.home, self.tasks.opening, self.tasks.awaited) = (true, None, None);
            if let Some(lab) = &mut self.lab {
                lab.play(false);
            }
            self.link.written.clone_from(&fragment);
            return;
        }
        if self.waits_for_link(&fragment, Do::Address) {
            return;
        }
        let Some(found) = links::read_apart(&fragment, &self.entered()) else {
            self.waiting.push(Do::Address);
            return;
        };
        match found {
            Ok(linked) => {
                self.link.written = fragment;
                self.open(linked, false);
            }
            Err(complaint) => {
                self.shown.banner =
                    Some(format!("This address cannot be opened: {}", sentence_of(&complaint)));
                self.shown.home = self.lab.is_none();
            }
        }
    }

    pub(super) fn open_text(&mut self, text: &str) {
        if Lecture::is_meant(text) {
            self.asked.refused = present(text).err();
            return;
        }
        let tidy = if text.len() > link::LONGEST_LINK { text.trim().into() } else { link::tidied(text) };
        let is_link = ["http", "#/", "/"].iter().any(|begins| tidy.starts_with(begins));
        let wish = Do::Open(text.to_owned());
        let waits = match Scenario::protocol_of(text) {
            _ if is_link => self.waits_for_link(&tidy, wish),
            Some(slug) => self.waits(slug, wish),
            None => false,
        };
        if waits {
            return;
        }
        let found = if is_link { link::read(&tidy) } else { Scenario::parse(text).map(unlinked) };
        match found {
            Ok(linked) => self.open_beside(linked),
            Err(complaint) => {
                self.asked.refused = Some(sentence_of(&complaint));
                if !is_link && !Scenario::is_meant(text) && !tidy.is_empty() {
                    self.try_log(text);
                }
            }
        }
    }

    /// Opens what a file holds; where it cannot be read, an open dialog says why, or else the top of the page. What does not begin
    /// as a scenario does is read as a log.
    pub(super) fn open_file(&mut self, file: &Rc<File>) {
        let bytes = &file.bytes;
        let text = str::from_utf8(bytes).ok();
        if let Some(lecture) = text.filter(|text| Lecture::is_meant(text)) {
            self.shown.banner = present(lecture).err();
            return;
        }
        if text.is_some_and(|text| !Scenario::is_meant(text) && !text.trim().is_empty()) {
            self.open_log(file.clone(), How::default());
            return;
        }
        let slug = text.and_then(Scenario::protocol_of).map(str::to_owned);
        if slug.is_some_and(|slug| self.waits(&slug, Do::File(file.clone()))) {
            return;
        }
        match Scenario::from_bytes(bytes) {
            Ok(scenario) => self.open_beside(unlinked(scenario)),
            Err(complaint) => self.refuse_file(sentence_of(&complaint)),
        }
    }

    /// Says why a file cannot be opened.
    pub(super) fn refuse_file(&mut self, sentence: String) {
        if self.asked.dialog == Some(Dialog::Open) {
            self.asked.refused = Some(sentence);
        } else {
            self.shown.banner = Some(format!("This file cannot be opened. {sentence}"));
        }
    }

    /// Lets the run be what was written into its text; where that cannot be read, it is marked.
    pub(super) fn rewrite(&mut self) {
        let slug = self.asked.draft.as_deref().and_then(Scenario::protocol_of).map(str::to_owned);
        if slug.is_some_and(|slug| self.waits(&slug, Do::Rewrite)) {
            return;
        }
        let (Some(lab), Some(text)) = (&mut self.lab, &self.asked.draft) else { return };
        lab.selection = None;
        match lab.attempt(|session| session.edit(text)) {
            Ok(()) => self.asked.write(None),
            Err(complaint) => self.asked.refuse(complaint),
        }
    }

    /// Opens a run as a branch of the session, so that nothing is lost of what was done there; in place of it, where
    /// nothing was.
    pub(super) fn open_beside(&mut self, linked: Linked) {
        let joins = self.lab.as_ref().is_some_and(|lab| lab.session().is_changed());
        self.open(linked, joins);
    }

    fn open(&mut self, linked: Linked, joins: bool) {
        self.tasks.awaited = None;
        self.tasks.opening =
            Some(Opening { session: Session::begin(linked.scenario), run: linked.run, joins });
        // What is known after one slice is open at once.
        let _ = self.go_on_opening() || self.go_on_opening();
    }

    /// Plays what is to be opened for a slice, or opens it if all of it is known, for the first picture takes as long; until
    /// then the run that is open stays. A crowd opens at once. Answers whether it has opened.
    pub(super) fn go_on_opening(&mut self) -> bool {
        let Some(Opening { mut session, run, joins }) = self.tasks.opening.take() else { return false };
        if !session.is_crowd() {
            if session.learn(0) {
                slice(|| (!session.learn(STRIDE)).then_some(()));
                self.tasks.opening = Some(Opening { session, run, joins });
                return false;
            }
            session.arrive();
        }
        self.shown.claim = OpenClaim::Violated;
        let play = session.scenario().show.is_none() && !self.frames.reduced;
        match &mut self.lab {
            Some(lab) if joins => {
                let (info, title) = (session.info(), title_of(session.scenario()));
                let same = info.slug == lab.session().info().slug;
                let name = if same { title } else { format!("{}: {title}", info.title) };
                if let Err(sentence) = lab.attempt(|all| all.open_session(&name, session)) {
                    self.asked.refused = Some(sentence);
                    return true;
                }
                lab.selection = None;
            }
            Some(other) => *other = Lab::new(session).like(other),
            none => *none = Some(Lab::new(session)),
        }
        if let Some(lab) = &mut self.lab {
            // In a log, no line is more important than another.
            lab.all_lines |= lab.session().scenario().entry.recorded.is_some();
            lab.play(play);
            self.link.promise(lab, run);
        }
        (self.shown.home, self.shown.banner, self.shown.menu) = (false, None, None);
        self.shown.rearrange();
        self.asked.write(None);
        self.show_dialog(None);
        self.tasks.cancel();
        self.scene.outdate();
        true
    }

    /// A slice of what takes longer than a frame; answers whether there is something to draw.
    pub(super) fn work(&mut self) -> bool {
        self.tasks.arrive();
        if self.tasks.opening.is_none() {
            return around::here().is_some_and(|around| (around.attend)(self, &Do::Work));
        }
        let opened = self.go_on_opening();
        if opened {
            self.after();
        }
        self.go_on_working();
        opened
    }

    /// Works on the checksum for a slice; whether it is known now. Says so when the run is not the one that its link was
    /// made for.
    pub(super) fn sum(&mut self) -> bool {
        let Some(lab) = &self.lab else { return false };
        let Some(checksum) = self.link.sum(lab, &self.dispatch) else { return false };
        if self.link.is_another(lab, checksum) {
            self.shown.banner = Some(format!("This run differs from the one shared: {}.", link::ANOTHER_RUN));
        }
        self.write_address();
        true
    }

    /// Lets the address follow; answers whether there is something to be said about it.
    pub(super) fn write_address(&mut self) -> bool {
        let here = !self.shown.home && self.tasks.opening.is_none() && self.tasks.awaited.is_none();
        let Some(lab) = self.lab.as_ref().filter(|_| here) else { return false };
        let Some(sentence) = self.link.write(lab) else { return false };
        self.shown.banner = Some(format!("The address no longer matches the run: {sentence}"));
        true
    }
}

/// A complaint as the page says it.
fn sentence_of(complaint: &Complaint) -> String {
    format!("Line {}: {}", complaint.line, complaint.sentence)
}
