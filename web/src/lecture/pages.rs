//! All cues of a lecture, each with its picture: to choose one, and to be printed as a handout. The pictures are drawn a cue at a
//! time; the runs are played for that once more, apart from the one on the stage.

use super::cues::{self, Stop, words_of};
use super::program::Program;
use super::{Happens, Lecture};
use crate::kit::prose::{clock, prose};
use crate::parts;
use crate::picture::geometry::{Caption, Geometry};
use crate::picture::motion::Motion;
use crate::stage::Stage;
use crate::wishes::Do;
use faultline_core::Session;
use faultline_core::view::View;
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use yew::html::Scope;
use yew::platform::spawn_local;
use yew::prelude::*;

/// The size for which a picture is drawn.
const SIZE: (f64, f64) = (616.0, 392.0);

/// The cues that have a picture by now.
#[derive(Default)]
pub(super) struct Pages {
    /// A heading for each run, and its cues.
    runs: Vec<(String, Vec<Page>)>,
    /// The run that is played for it, and its cues.
    playing: Option<(Session, Vec<Stop>)>,
    next: Option<Timeout>,
}

struct Page {
    stop: Stop,
    view: Rc<View>,
    geometry: Rc<Geometry>,
    motion: Motion,
}

impl Pages {
    /// Draws the next cue, or opens the next run; whether there is more to do. `then` is told when a protocol has come that is
    /// waited for.
    fn go_on(&mut self, program: &Program, then: &Callback<()>) -> bool {
        let plays = &program.lecture.plays;
        if let Some((session, stops)) = &mut self.playing {
            let Some((_, pages)) = self.runs.last_mut() else { return false };
            let Some(stop) = stops.get(pages.len()) else {
                self.playing = None;
                return self.runs.len() < plays.len();
            };
            session.seek_time(stop.time);
            let view = Rc::new(session.view());
            let geometry = Rc::new(Geometry::with(&view, SIZE, Caption::Beside));
            let motion = Motion::default();
            pages.push(Page { stop: stop.clone(), view, geometry, motion });
            return true;
        }
        let place = self.runs.len();
        let Some(play) = plays.get(place) else { return false };
        let link = program.link_of(place);
        if parts::lacking(link).is_some() {
            let (link, then) = (link.to_owned(), then.clone());
            spawn_local(async move {
                if parts::link(&link).await {
                    then.emit(());
                }
            });
            return false;
        }
        let Some(Ok(scenario)) = program.open(place, then) else { return false };
        let title = format!("{}: {}", scenario.entry.info.title, scenario.title);
        let stops = cues::stops(&scenario, play);
        self.runs.push((title, Vec::new()));
        self.playing = Some((Session::new(scenario), stops));
        true
    }
}

impl Lecture {
    /// Goes on drawing the pictures of all cues, as long as they are wanted.
    pub(super) fn draw_pages(&mut self, ctx: &Context<Self>) {
        let Some(pages) = &mut self.pages else { return };
        let then = ctx.link().callback(|()| Happens::Page);
        if pages.go_on(&self.program, &then) {
            pages.next = Some(Timeout::new(0, move || then.emit(())));
        }
    }

    /// All cues, to choose one, and what is noted there.
    pub(super) fn all(&self, pages: &Pages, link: &Scope<Self>) -> Html {
        let title = &self.program.lecture.title;
        let print = Callback::from(|_: MouseEvent| {
            let _ = crate::browser::window().map(|window| window.print());
        });
        let run = |(play, (title, pages)): (usize, &(String, Vec<Page>))| {
            let page = |(place, page): (usize, &Page)| {
                let onclick = link.callback(move |_: MouseEvent| Happens::Turn(play, place));
                let current = (play == self.play && place == self.here).then_some("step");
                let said = page.stop.caption.as_ref().map(|said| said.text.as_str()).unwrap_or_default();
                html! {
                    <li aria-current={current}>
                        <div class="stage" inert=true><Stage view={page.view.clone()} geometry={page.geometry.clone()} selection={None} group={Vec::new()}
                            paused={true} motion={page.motion.clone()} dispatch={Callback::<Do>::noop()} still={true} /></div>
                        <button class="plain" {onclick}><b>{ words_of(&page.stop).map_or_else(|| html! { { clock(page.stop.time) } }, prose) }</b><span class="clock">{ clock(page.stop.time) }</span></button>
                        if page.stop.question.is_none() { <p>{ prose(said) }</p> }
                        { for page.stop.notes.iter().map(|note| html! { <p class="note">{ prose(note) }</p> }) }
                    </li>
                }
            };
            html! { <section><h3>{ title.clone() }</h3><ol role="list">{ for pages.iter().enumerate().map(page) }</ol></section> }
        };
        html! {
            <section class="overview" aria-label="All cues">
                <header><h2>{ if title.is_empty() { "Cues" } else { title } }</h2><button onclick={print}>{ "Print as a handout" }</button></header>
                { for pages.runs.iter().enumerate().map(run) }
                <p class="before">{ "→ on, ← back, B black, O this list, V what is shown, L laser, I ink, S notes in a second window, X crash and D drop what is selected, Home back to the script, F full screen, Esc the laboratory" }</p>
            </section>
        }
    }

    /// Places what moves on the pictures.
    pub(super) fn place_pages(&self) {
        let pages = self.pages.iter().flat_map(|pages| &pages.runs).flat_map(|(_, pages)| pages);
        for page in pages {
            page.motion.place(page.view.time);
        }
    }
}
