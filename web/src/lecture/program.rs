//! What a lecture plays: the runs of a lecture that comes with Faultline, or that a link holds; or one run by itself.

use super::PATH;
use crate::parts::links;
use faultline_core::lecture::{Lecture, Play};
use faultline_core::link;
use faultline_core::scenario::Scenario;
use faultline_core::time::{Micros, exact};
use faultline_protocols::lectures;
use yew::Callback;

/// The runs of a lecture.
#[derive(Default)]
pub(super) struct Program {
    pub(super) lecture: Lecture,
    /// The address behind `/present`, without the place in it.
    pub(super) link: String,
    kind: Kind,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    /// A run by itself.
    #[default]
    Single,
    /// A lecture that comes with Faultline.
    Named,
    /// A lecture that the link holds.
    Held,
}

impl Program {
    /// Reads an address without `/present`; nothing as long as what reads it has still to arrive, of which `then` is told.
    pub(super) fn read(address: &str, then: &Callback<()>) -> Option<Result<Self, String>> {
        if link::holds_lecture(address) {
            let lecture = links::read_lecture(address, then)?;
            let program = |lecture| Program { lecture, link: address.to_owned(), kind: Kind::Held };
            return Some(lecture.map(program).map_err(|complaint| complaint.to_string()));
        }
        let path = path_of(address);
        if let Some(text) = lectures::text(path.trim_start_matches('/')) {
            let program = |lecture| Program { lecture, link: path.to_owned(), kind: Kind::Named };
            return Some(Lecture::parse(text).map(program).map_err(|complaint| complaint.to_string()));
        }
        let play = Play { link: address.to_owned(), ..Play::default() };
        let lecture = Lecture { title: String::new(), plays: vec![play] };
        Some(Ok(Program { lecture, link: address.to_owned(), kind: Kind::Single }))
    }

    /// Whether it is one run by itself.
    pub(super) fn is_single(&self) -> bool {
        self.kind == Kind::Single
    }

    /// Whether an address is of another lecture, or of another run.
    pub(super) fn is_another(&self, address: &str) -> bool {
        match self.kind {
            Kind::Held => address != self.link,
            Kind::Single | Kind::Named => path_of(address) != path_of(&self.link),
        }
    }

    /// The run and the cue, from 0, at which an address says that the lecture stands.
    pub(super) fn place(&self, address: &str) -> (usize, usize) {
        let said = address.split_once('?').filter(|_| self.kind == Kind::Named);
        let numbers = said.and_then(|(_, place)| place.split_once('.'));
        let number = |text: &str| text.parse::<usize>().map_or(0, |number| number.saturating_sub(1));
        let (play, cue) = numbers.map_or((0, 0), |(play, cue)| (number(play), number(cue)));
        (play.min(self.lecture.plays.len() - 1), cue)
    }

    /// The address of a place in it, where one can be written.
    pub(super) fn address(&self, play: usize, cue: usize, time: Micros) -> Option<String> {
        let path = path_of(&self.link);
        match self.kind {
            Kind::Single => link::only_names(&self.link).then(|| format!("{PATH}{path}?{}", exact(time))),
            Kind::Named => Some(format!("{PATH}{path}?{}.{}", play + 1, cue + 1)),
            Kind::Held => None,
        }
    }

    /// The link of a run.
    pub(super) fn link_of(&self, play: usize) -> &str {
        self.lecture.plays.get(play).map_or("", |play| &play.link)
    }

    /// Opens a run of which everything is here that its link needs; nothing as long as what reads its link has still to arrive.
    pub(super) fn open(&self, play: usize, then: &Callback<()>) -> Option<Result<Scenario, String>> {
        let play = self.lecture.plays.get(play)?;
        if self.is_single() {
            let read = links::read(&play.link, then)?;
            return Some(read.map(|linked| linked.scenario).map_err(|complaint| complaint.sentence));
        }
        Some(play.scenario().map_err(|complaint| format!("{}: {}", play.link, complaint)))
    }
}

/// A link without its moment and what was done to its run.
pub(super) fn path_of(link: &str) -> &str {
    link.split('?').next().unwrap_or_default()
}
