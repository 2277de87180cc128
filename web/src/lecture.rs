//! A lecture: runs in large type, stepped from cue to cue by keys or by a clicker. The cues are the captions of each scenario and
//! the questions that stand there; every run with captions is one.
//!
//! Its address is that of the run with `/present` before it, `#/present/raft/figure-8`, or the name of a lecture of several runs,
//! `#/present/raft-in-one-lecture`.

use crate::beside::Extra;
use crate::browser::{self, address};
use crate::kit::light;
use crate::lab::reel::{self, Reel};
use crate::lab::{Lab, SPEEDS, usual_speed};
use crate::parts::{self, room};
use crate::wishes::Do;
use cues::{Stop, words_of};
use faultline_core::link;
use faultline_core::scenario::{Scenario, Seen};
use faultline_core::time::exact;
use gloo::events::EventListener;
use ink::Mark;
use notes::Desk;
use program::{Program, path_of};
use yew::prelude::*;

mod cues;
mod drawn;
mod ink;
mod notes;
mod pages;
mod program;

room! {
    /// A lecture, or what a lecturer reads.
    LECTURE, lecture: fn(&str) -> Html = |address| {
        if address == notes::ADDRESS { html! { <notes::Notes /> } } else { html! { <Lecture /> } }
    }
}

/// What the address of a lecture begins with.
const PATH: &str = "/present";

/// What an address presents: a link to a run, or the name of a lecture.
pub(crate) fn wanted(fragment: &str) -> Option<&str> {
    fragment.strip_prefix(PATH).filter(|rest| rest.starts_with('/'))
}

/// The address at which something is presented.
pub(crate) fn address_of(link: &str) -> String {
    format!("#{PATH}{link}")
}

/// What draws it, once that is here; `then` is told when it has come.
pub(crate) fn draw(then: &Callback<()>) -> Option<Html> {
    if let Some(lecture) = LECTURE.here() {
        return Some(lecture(wanted(&address::fragment()).unwrap_or_default()));
    }
    LECTURE.ask(then);
    LECTURE.lost(then)
}

/// The name of the element that bears the time.
const NAME: &str = "lecture";
/// The size of the stage for which its type is made. On a larger one everything is larger.
const DRAWN_FOR: f64 = 510.0;

/// A lecture.
struct Lecture {
    program: Program,
    /// Why it cannot be shown.
    refused: Option<String>,
    reel: Reel,
    extra: Extra,
    /// What was seen when the stage was measured.
    measured: Option<Seen>,
    /// How many times larger everything is drawn.
    larger: f64,
    /// The run that is played, from 0.
    play: usize,
    /// Its scenario as it was opened: where to come back to.
    script: Option<Scenario>,
    stops: Vec<Stop>,
    /// The stop at which it stands, or which it has left last; before the run is open, the one that is wanted.
    here: usize,
    /// Whether the run plays on to the next stop, or to its end.
    leaves: bool,
    /// Whether it stands at the end of its run.
    done: bool,
    /// Whether the answers to the question of the stop are told.
    told: bool,
    /// Whether somebody has done something to the run.
    strayed: bool,
    dark: bool,
    /// What the pointer is.
    mark: Mark,
    /// All cues with their pictures, where they are wanted.
    pages: Option<pages::Pages>,
    /// The second window, with what the lecturer reads.
    desk: Desk,
    dispatch: Callback<Do>,
    _listeners: Vec<EventListener>,
}

/// What happens to it.
enum Happens {
    /// Somebody wants something of the stage.
    Wish(Do),
    /// On, or back.
    Step(bool),
    /// To a stop.
    To(usize),
    /// To a stop of another run.
    Turn(usize, usize),
    /// The next pictures of all cues can be drawn.
    Page,
    /// The second window wants something.
    Asked(String),
}

impl Component for Lecture {
    type Message = Happens;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let dispatch = ctx.link().callback(Happens::Wish);
        let mut listeners = reel::listen(&dispatch);
        listeners.extend(reel::listen_to_keys(&dispatch));
        let mut lecture = Lecture {
            program: Program::default(),
            refused: None,
            reel: Reel::beside_words(),
            extra: Extra::of(Seen::Stage),
            measured: None,
            larger: 1.0,
            play: 0,
            script: None,
            stops: Vec::new(),
            here: 0,
            leaves: false,
            done: false,
            told: false,
            strayed: false,
            dark: false,
            mark: Mark::None,
            pages: None,
            desk: Desk::open(ctx.link().callback(Happens::Asked)),
            _listeners: listeners,
            dispatch,
        };
        lecture.begin();
        lecture
    }

    fn update(&mut self, ctx: &Context<Self>, happens: Happens) -> bool {
        match happens {
            Happens::Wish(Do::Frame(now)) => return self.tick(now),
            Happens::Wish(Do::Key(event)) => {
                if !self.press(&event, ctx) {
                    return false;
                }
            }
            Happens::Wish(wish) => self.carry_out(wish),
            Happens::Step(true) => self.go_ahead(),
            Happens::Step(false) => self.go_back(),
            Happens::To(stop) => self.stand_at(stop),
            Happens::Turn(play, stop) => self.turn_to(play, stop),
            Happens::Page => self.draw_pages(ctx),
            Happens::Asked(wish) => match wish.as_str() {
                "on" => self.go_ahead(),
                "back" => self.go_back(),
                _ => self.desk.forget(),
            },
        }
        self.settle();
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.draw(ctx.link())
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        browser::leave_shell();
        let seen = self.lab().map(|_| self.extra.seen);
        if seen.is_some() && seen != self.measured {
            self.measured = seen;
            self.dispatch.emit(Do::Measure);
        }
        self.reel.show_time(NAME);
        self.place_pages();
        light::again(self.lit());
    }
}

impl Lecture {
    /// Reads the address.
    fn begin(&mut self) {
        let fragment = address::fragment();
        let address = wanted(&fragment).unwrap_or_default();
        match Program::read(address, &self.dispatch.reform(|()| Do::Entered)) {
            Some(Ok(program)) => {
                (self.play, self.here) = program.place(address);
                self.program = program;
                self.fetch();
            }
            Some(Err(sentence)) => self.refused = Some(sentence),
            None => {}
        }
    }

    /// Fetches what the link of the run needs, if it has still to arrive.
    fn fetch(&mut self) {
        let link = self.program.link_of(self.play);
        match parts::lacking(link) {
            Some(leaf) => {
                let then = self.dispatch.reform(|came| Do::Arrived(leaf.slug, came));
                parts::fetch_link(link.to_owned(), then);
            }
            None => self.read(),
        }
    }

    /// Reads the scenario of the run, once its protocol is here.
    fn read(&mut self) {
        match self.program.open(self.play, &self.dispatch.reform(|()| Do::Entered)) {
            Some(Ok(scenario)) => {
                let play = &self.program.lecture.plays[self.play];
                self.stops = cues::stops(&scenario, play);
                self.script = Some(scenario.clone());
                if self.program.is_single() {
                    self.here = self.first_of(&scenario);
                }
                // The next run is not waited for.
                let next = self.program.link_of(self.play + 1);
                if parts::lacking(next).is_some() {
                    parts::fetch_link(next.to_owned(), Callback::noop());
                }
                self.open(scenario);
            }
            Some(Err(sentence)) => self.refused = Some(sentence),
            None => {}
        }
    }

    /// The first stop of a run by itself: a link that only names it begins at its beginning, another stands at the last stop up to
    /// its moment.
    fn first_of(&self, scenario: &Scenario) -> usize {
        let link = &self.program.link;
        let only_named = link::only_names(link) && !link.contains('?');
        let shown = scenario.show.filter(|_| !only_named).map_or(0, |show| show.time);
        self.stops.iter().rposition(|stop| stop.time <= shown).unwrap_or(0)
    }

    fn open(&mut self, scenario: Scenario) {
        self.strayed = false;
        self.reel.begin(Scenario { show: None, ..scenario });
        self.open_on();
    }

    fn open_on(&mut self) {
        if self.reel.open(&self.dispatch) {
            self.stand_at(self.here);
        }
    }

    fn lab(&self) -> Option<&Lab> {
        self.reel.lab.as_ref()
    }

    fn stop(&self) -> Option<&Stop> {
        self.stops.get(self.here)
    }

    /// Nothing of a stop has been told yet, and nothing lies over it.
    fn begin_anew(&mut self) {
        (self.leaves, self.done, self.told, self.pages) = (false, false, false, None);
    }

    /// Stands at a stop.
    fn stand_at(&mut self, stop: usize) {
        self.here = stop.min(self.stops.len().saturating_sub(1));
        self.begin_anew();
        if self.strayed {
            if let Some(script) = self.script.clone() {
                self.open(script);
            }
            return;
        }
        let Some(time) = self.stop().map(|stop| stop.time) else { return };
        self.extra.seen =
            self.stops[..=self.here].iter().rev().find_map(|stop| stop.seen).unwrap_or_default();
        self.reel.go(|session| session.seek_time(time));
        if let Some(address) = self.program.address(self.play, self.here, time) {
            address::write(&address);
        }
    }

    /// Opens another run, at a stop of it.
    fn turn_to(&mut self, play: usize, stop: usize) {
        if play == self.play {
            self.stand_at(stop);
            return;
        }
        (self.play, self.here) = (play, stop);
        self.begin_anew();
        self.stops.clear();
        self.reel.clear();
        self.fetch();
    }

    fn is_last(&self) -> bool {
        self.play + 1 >= self.program.lecture.plays.len()
    }

    /// The answer, or on to the next stop; if the run is on the way there, at once.
    fn go_ahead(&mut self) {
        let asks = self.stop().is_some_and(|stop| stop.question.is_some());
        let ends = self.here + 1 >= self.stops.len();
        if self.done && !self.is_last() {
            self.turn_to(self.play + 1, 0);
        } else if self.leaves && ends {
            self.finish();
        } else if self.leaves {
            self.stand_at(self.here + 1);
        } else if asks && !self.told {
            self.told = true;
        } else if !self.done {
            self.leave();
        }
    }

    fn go_back(&mut self) {
        if self.leaves || self.told || self.strayed || self.done {
            self.stand_at(self.here);
        } else if self.here > 0 {
            self.stand_at(self.here - 1);
        } else if self.play > 0 {
            self.turn_to(self.play - 1, usize::MAX);
        }
    }

    /// Where the run ends.
    fn end(&self) -> u64 {
        let until = self.lab().map_or(0, |lab| lab.session().scenario().until);
        let to = self.program.lecture.plays.get(self.play).and_then(|play| play.to);
        to.unwrap_or(until).min(until)
    }

    /// Lets the run play on to the next stop.
    fn leave(&mut self) {
        let pace = self.stops.iter().take(self.here + 1).rev().find_map(|stop| stop.pace);
        let reduced = self.reel.frames.reduced;
        let next = self.stops.get(self.here + 1).map(|stop| stop.time);
        let Some(lab) = &mut self.reel.lab else { return };
        if reduced {
            match next {
                Some(_) => self.stand_at(self.here + 1),
                None => self.finish(),
            }
            return;
        }
        let slower = pace.map(|slower| 1.0 / f64::from(slower));
        lab.speed = slower.map_or_else(
            || usual_speed(lab.session().info()),
            |wanted| SPEEDS.iter().rposition(|(speed, _)| *speed <= wanted * 1.01).unwrap_or(0),
        );
        self.leaves = true;
        lab.play(true);
    }

    /// Stands at the end of the run.
    fn finish(&mut self) {
        (self.leaves, self.done) = (false, true);
        let end = self.end();
        self.reel.go(|session| session.seek_time(end));
    }

    /// After every change: what stands beside the stage, what the lecturer reads, and whether time goes on.
    fn settle(&mut self) {
        self.extra.renew(&mut self.reel);
        self.reel.settle(&self.dispatch);
        let told = self.at_the_desk();
        self.desk.tell(told);
    }

    /// What the lecturer reads.
    fn at_the_desk(&self) -> notes::Told {
        let plays = &self.program.lecture.plays;
        let words = |stop: Option<&Stop>| stop.and_then(words_of).unwrap_or_default().to_owned();
        let next = self.stops.get(self.here + 1);
        let after = plays.get(self.play + 1).filter(|_| next.is_none());
        let stop = self.stop();
        let right = |stop: &Stop| {
            let answers = stop.question.iter().flat_map(|question| &question.answers);
            answers.filter(|(is_right, ..)| *is_right).map(|(_, text, _)| text.clone()).collect()
        };
        notes::Told {
            now: words(stop),
            text: stop.and_then(|stop| stop.caption.as_ref()).map_or(String::new(), |said| said.text.clone()),
            next: after.map_or_else(|| words(next), |play| play.link.trim_start_matches('/').to_owned()),
            place: format!(
                "Run {} of {}, cue {} of {}",
                self.play + 1,
                plays.len(),
                self.here + 1,
                self.stops.len()
            ),
            before: plays[..self.play.min(plays.len())].iter().map(|play| play.minutes).sum(),
            minutes: self.program.lecture.minutes(),
            notes: stop.map_or(Vec::new(), |stop| stop.notes.clone()),
            right: stop.map_or(Vec::new(), right),
        }
    }

    /// The names of what the stop points at; see [`light`].
    fn lit(&self) -> String {
        let (Some(stop), Some(lab)) =
            (self.stop().filter(|_| !self.leaves && !self.strayed && self.pages.is_none()), self.lab())
        else {
            return String::new();
        };
        let lights = stop.points.iter().flat_map(|name| light::of(&lab.view.bearers(name), &lab.view));
        lights.collect::<Vec<_>>().join(" ")
    }

    fn carry_out(&mut self, wish: Do) {
        match wish {
            Do::Arrived(_, true) | Do::Entered | Do::Retry if self.program.lecture.plays.is_empty() => {
                self.begin();
            }
            Do::Arrived(_, true) | Do::Entered | Do::Retry if self.lab().is_none() => self.fetch(),
            // What stands beside the stage has come.
            Do::Entered => self.measured = None,
            Do::Arrived(_, false) => {
                self.refused = Some("the protocol could not be loaded; check your connection".into());
            }
            Do::Address
                if wanted(&address::fragment()).is_some_and(|address| self.program.is_another(address)) =>
            {
                self.refused = None;
                self.program = Program::default();
                self.reel.clear();
                self.begin();
            }
            Do::Work => self.open_on(),
            Do::Measure => {
                self.reel.measure();
                // What is drawn for a smaller stage is larger on this one, with all that is written on it.
                let (width, height) = self.reel.size;
                let whole = browser::size_of("#lecture").unwrap_or_default();
                // Whether something stands beside it or not, its words are as large.
                self.larger = ((0.64 * whole.0).min(1.1 * whole.1) / DRAWN_FOR).max(1.0);
                self.reel.size = (width / self.larger, height / self.larger);
                self.extra.larger = self.larger;
            }
            Do::Act(words) => {
                let done = self.reel.act(&words);
                (self.strayed, self.leaves) = (self.strayed | done, self.leaves | done);
            }
            Do::Select(target) => self.reel.select(target),
            // The others are wishes for the laboratory.
            _ => {}
        }
    }

    /// A key, of a keyboard or a clicker; whether it is one of ours.
    fn press(&mut self, event: &KeyboardEvent, ctx: &Context<Self>) -> bool {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
            return false;
        }
        let on_button = event
            .target_dyn_into::<web_sys::Element>()
            .is_some_and(|element| element.closest("button, a, summary").ok().flatten().is_some());
        // A screen that was made black comes back by any of these keys.
        let was_dark = std::mem::take(&mut self.dark);
        match event.key().as_str() {
            "b" | "B" | "." => self.dark = !was_dark,
            _ if was_dark => {}
            "PageDown" | "ArrowRight" | "ArrowDown" | "n" => self.go_ahead(),
            " " | "Enter" if !on_button => self.go_ahead(),
            "PageUp" | "ArrowLeft" | "ArrowUp" | "p" => self.go_back(),
            "Home" if self.strayed => self.stand_at(self.here),
            "Home" => self.turn_to(if self.here == 0 { 0 } else { self.play }, 0),
            "End" => self.stand_at(self.stops.len()),
            "o" if self.pages.is_some() => self.pages = None,
            "o" => {
                self.pages = Some(pages::Pages::default());
                ctx.link().send_message(Happens::Page);
            }
            "l" => self.mark = if self.mark == Mark::Laser { Mark::None } else { Mark::Laser },
            "i" => self.mark = if self.mark == Mark::Ink { Mark::None } else { Mark::Ink },
            "s" => notes::open_window(),
            "v" => {
                let place = Seen::ALL.iter().position(|seen| *seen == self.extra.seen).unwrap_or(0);
                self.extra.seen = Seen::ALL[(place + 1) % Seen::ALL.len()];
            }
            "f" | "F5" => {
                let root = browser::document().and_then(|document| document.document_element());
                let _ = root.map(|root| root.request_fullscreen());
            }
            "x" | "d" => {
                let offers = self.lab().map(Lab::offers).unwrap_or_default();
                let wanted: &[&str] =
                    if event.key() == "x" { &["crash", "restart", "cut", "heal"] } else { &["drop"] };
                if let Some(offer) = offers.iter().find(|offer| wanted.contains(&offer.verb)) {
                    ctx.link().send_message(Happens::Wish(Do::Act(offer.words.clone())));
                }
            }
            "Escape" if self.pages.is_some() => self.pages = None,
            "Escape" if self.mark != Mark::None => self.mark = Mark::None,
            "Escape" => self.leave_for_the_laboratory(),
            _ => return false,
        }
        event.prevent_default();
        true
    }

    fn leave_for_the_laboratory(&self) {
        let at = self.lab().map(|lab| exact(lab.session().time())).unwrap_or_default();
        let link = self.program.lecture.plays.get(self.play).map_or("", |play| play.link.as_str());
        let named = link::only_names(link);
        address::go(&if named { format!("{}?{at}", path_of(link)) } else { link.to_owned() });
    }

    /// A frame; whether an event has happened, which has to be drawn.
    fn tick(&mut self, now: f64) -> bool {
        self.reel.frames.next = None;
        let next = self.stops.get(self.here + 1).filter(|_| !self.strayed).map(|stop| stop.time);
        let end = next.unwrap_or_else(|| self.end());
        let Some(lab) = &mut self.reel.lab else { return false };
        let mut draw = self.reel.frames.advance(lab, now);
        let passed = lab.session().time() >= end || lab.session().ended().is_some();
        if passed {
            if next.is_some() {
                self.stand_at(self.here + 1);
            } else if self.leaves || self.strayed {
                self.finish();
            }
            draw = true;
        } else if !lab.playing && self.leaves && !self.strayed {
            // It also stops where a claim breaks; the lecture goes on from there when it is told to.
            draw = true;
            self.leaves = false;
        }
        draw |= self.extra.follow(&mut self.reel);
        if draw {
            self.settle();
        }
        self.reel.end_frame(draw, NAME, &self.dispatch)
    }
}
