//! All of the laboratory but the stage and the passing of time, as a part of the page: it is fetched once something has moved,
//! and what is wished for before waits for it.

use super::App;
use crate::page;
use crate::parts::{room, texts};
use crate::wishes::Do;
use yew::{Callback, Html};

/// What leads to it.
pub(super) struct Around {
    /// Carries out a wish.
    pub(super) carry_out: fn(&mut App, Do),
    /// Does what was put off; whether there is something to draw.
    pub(super) attend: fn(&mut App, &Do) -> bool,
    /// Works out again what follows from the run, after every change.
    pub(super) renew: fn(&mut App),
    /// Follows the time of the run; whether there is something to draw.
    pub(super) follow: fn(&mut App) -> bool,
    /// Draws it.
    pub(super) draws: page::Around,
}

static ALL: Around = Around {
    carry_out: App::change_page,
    attend: App::attend,
    renew: App::renew,
    follow: App::follow,
    draws: page::AROUND,
};

room! {
    /// All of it.
    AROUND, around: &'static Around = &ALL
}

/// What leads to it, if it is here.
pub(super) fn here() -> Option<&'static Around> {
    AROUND.here()
}

/// Has it fetched, unless that has been tried.
pub(super) fn ask(then: &Callback<()>) {
    AROUND.ask(then);
}

/// The sentence that is said where it cannot be had.
pub(super) fn lost(then: &Callback<()>) -> Option<Html> {
    AROUND.lost(then)
}

impl App {
    fn attend(&mut self, wish: &Do) -> bool {
        match wish {
            Do::WriteAddress => {
                self.link.arrive();
                self.write_address()
            }
            Do::Checksum => self.sum(),
            Do::Speak => {
                self.voice.arrive();
                self.voice.speak(&self.dispatch);
                true
            }
            Do::Work => self.go_on_with_work(),
            _ => false,
        }
    }

    fn renew(&mut self) {
        let Some(lab) = &mut self.lab else { return };
        // A link is shorter that names a run, and a challenge is judged by its text.
        texts::ask(lab.session().info().slug);
        self.scene.renew_around(lab, &self.shown);
        if self.moment.follow(lab) {
            // What is said takes from the stage.
            self.shown.rearrange();
        }
        self.beside = self.beside.take().and_then(|beside| beside.renewed(lab));
        if let Some(beside) = &mut self.beside {
            beside.follow(lab, self.shown.stage, self.shown.diagram.0);
        }
        // While time goes on what matters is heard, else every event.
        let line = if lab.playing { self.scene.headline.as_deref() } else { lab.view.latest.as_ref() };
        if let Some(line) = line {
            self.voice.hear_event(line, &lab.view);
        }
        self.voice.speak(&self.dispatch);
        self.link.follow(lab, &self.dispatch);
    }

    fn follow(&mut self) -> bool {
        let (Some(lab), Some(beside)) = (&self.lab, &mut self.beside) else { return false };
        beside.follow(lab, self.shown.stage, self.shown.diagram.0)
    }
}
