//! Logs come in by file and by text, and become runs that can be looked at.

use super::App;
use super::opening::unlinked;
use crate::recorded::{self, Log};
use crate::wishes::keys::Command;
use crate::wishes::{Dialog, Do, File};
use faultline_recorded::{How, Opened};
use std::rc::Rc;

impl App {
    /// Opens a log. Where no expression that is known fits it, a dialog asks for one; what else is wrong is
    /// said like what is wrong with any file.
    pub(super) fn open_log(&mut self, file: Rc<File>, how: How) {
        let Some(reader) = recorded::reader(&self.entered()) else {
            self.waiting.push(Do::Log(Some(file), how));
            return;
        };
        match reader.read(&file, &how) {
            Ok(opened) => self.show_log(file, opened),
            Err(refusal) if refusal.wants_expression => {
                let executions = Vec::new();
                self.log = Some(Log { file, how, executions, refused: Some(refusal.sentence) });
                self.show_dialog(Some(Dialog::Log));
            }
            Err(refusal) => self.refuse_file(refusal.sentence),
        }
    }

    /// Reads the log at hand again, in another way.
    pub(super) fn read_again(&mut self, how: How) {
        if let Some(log) = &self.log {
            let file = log.file.clone();
            self.open_log(file, how);
        }
    }

    /// Opens what was pasted, if it is a log that can be read as it is; else it stays refused as a scenario.
    pub(super) fn try_log(&mut self, text: &str) {
        let file = Rc::new(File { name: "pasted log".into(), bytes: text.as_bytes().to_vec() });
        let Some(reader) = recorded::reader(&self.entered()) else {
            self.waiting.push(Do::Open(text.to_owned()));
            return;
        };
        if let Ok(opened) = reader.read(&file, &How::default()) {
            self.show_log(file, opened);
        }
    }

    fn show_log(&mut self, file: Rc<File>, opened: Opened) {
        self.log = Some(Log { file, how: opened.how, executions: opened.executions, refused: None });
        self.open_beside(unlinked(opened.scenario));
    }

    /// Whether a command would change a run that repeats a log; then it is said why not, or how the log is
    /// read.
    pub(super) fn is_for_the_living(&mut self, command: Command) -> bool {
        let changes = matches!(
            command,
            Command::Offer(_)
                | Command::Ask
                | Command::Set
                | Command::Attack
                | Command::Search
                | Command::Rules
                | Command::Shrink
                | Command::Manual
                | Command::Text
        );
        let recorded = self.lab.as_ref().is_some_and(|lab| lab.session().scenario().entry.recorded.is_some());
        if !changes || !recorded {
            return false;
        }
        if command == Command::Set {
            self.show_dialog(Some(Dialog::Log));
        } else {
            self.shown.banner = Some(recorded::sentence());
        }
        true
    }
}
