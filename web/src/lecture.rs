//! A lecture: a run in large type, stepped from cue to cue by keys or by a clicker. Its cues are the captions of its scenario and
//! the questions that stand there; every run with captions is one.
//!
//! Its address is that of the run with `/present` before it: `#/present/raft/figure-8`.

use crate::browser::{self, address};
use crate::lab::reel::{self, Reel};
use crate::lab::{Lab, SPEEDS, usual_speed};
use crate::parts::{self, links, room};
use crate::wishes::Do;
use cues::Stop;
use faultline_core::link;
use faultline_core::scenario::Scenario;
use faultline_core::time::exact;
use gloo::events::EventListener;
use yew::prelude::*;

mod cues;
mod drawn;

room! {
    /// A lecture.
    LECTURE, lecture: fn() -> Html = || html! { <Lecture /> }
}

/// What the address of a lecture begins with.
const PATH: &str = "/present";

/// The link to the run that an address presents.
pub(crate) fn wanted(fragment: &str) -> Option<&str> {
    fragment.strip_prefix(PATH).filter(|rest| rest.starts_with('/'))
}

/// The address at which a link is presented.
pub(crate) fn address_of(link: &str) -> String {
    format!("#{PATH}{link}")
}

/// What draws it, once that is here; `then` is told when it has come.
pub(crate) fn draw(then: &Callback<()>) -> Option<Html> {
    if let Some(lecture) = LECTURE.here() {
        return Some(lecture());
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
    /// The link to its run.
    link: String,
    /// Why it cannot be shown.
    refused: Option<String>,
    reel: Reel,
    /// The scenario as it was opened: where to come back to.
    script: Option<Scenario>,
    stops: Vec<Stop>,
    /// The stop at which it stands, or which it has left last.
    here: usize,
    /// Whether the run plays on to the next stop, or to its end.
    leaves: bool,
    /// Whether the answers to the question of the stop are told.
    told: bool,
    /// Whether somebody has done something to the run.
    strayed: bool,
    dark: bool,
    /// Whether all stops are listed.
    overview: bool,
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
}

impl Component for Lecture {
    type Message = Happens;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let dispatch = ctx.link().callback(Happens::Wish);
        let mut listeners = reel::listen(&dispatch);
        listeners.extend(reel::listen_to_keys(&dispatch));
        let mut lecture = Lecture {
            link: String::new(),
            refused: None,
            reel: Reel::default(),
            script: None,
            stops: Vec::new(),
            here: 0,
            leaves: false,
            told: false,
            strayed: false,
            dark: false,
            overview: false,
            _listeners: listeners,
            dispatch,
        };
        lecture.fetch();
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
        }
        self.reel.settle(&self.dispatch);
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.draw(ctx.link())
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        browser::leave_shell();
        if first || self.reel.size == (0.0, 0.0) && self.lab().is_some() {
            self.dispatch.emit(Do::Measure);
        }
        self.reel.show_time(NAME);
    }
}

impl Lecture {
    /// Fetches the protocol of the address, if it has still to arrive.
    fn fetch(&mut self) {
        let fragment = address::fragment();
        wanted(&fragment).unwrap_or_default().clone_into(&mut self.link);
        match parts::missing(link::protocol_of(&self.link)) {
            Some(leaf) => parts::fetch(leaf.slug, self.dispatch.reform(|came| Do::Arrived(leaf.slug, came))),
            None => self.read(),
        }
    }

    /// Reads the link, once its protocol is here.
    fn read(&mut self) {
        match links::read(&self.link, &self.dispatch.reform(|()| Do::Entered)) {
            Some(Ok(linked)) => {
                self.stops = cues::stops(&linked.scenario);
                self.script = Some(linked.scenario.clone());
                // A link that only names a run begins at its beginning; another stands at the last stop up to its moment.
                let only_named = link::named(&self.link).is_some() && !self.link.contains('?');
                let shown = linked.scenario.show.filter(|_| !only_named).map_or(0, |show| show.time);
                self.here = self.stops.iter().rposition(|stop| stop.time <= shown).unwrap_or(0);
                self.open(linked.scenario);
            }
            Some(Err(complaint)) => self.refused = Some(complaint.sentence),
            None => {}
        }
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

    /// Stands at a stop.
    fn stand_at(&mut self, stop: usize) {
        self.here = stop.min(self.stops.len().saturating_sub(1));
        (self.leaves, self.told, self.overview) = (false, false, false);
        if self.strayed {
            if let Some(script) = self.script.clone() {
                self.open(script);
            }
            return;
        }
        let Some(time) = self.stop().map(|stop| stop.time) else { return };
        self.reel.go(|session| session.seek_time(time));
        if link::named(&self.link).is_some() {
            address::write(&format!("{PATH}{}?{}", path_of(&self.link), exact(time)));
        }
    }

    /// The answer, or on to the next stop; if the run is on the way there, at once.
    fn go_ahead(&mut self) {
        let asks = self.stop().is_some_and(|stop| stop.question.is_some());
        if self.leaves {
            if self.here + 1 < self.stops.len() {
                self.stand_at(self.here + 1);
            } else {
                self.finish();
            }
        } else if asks && !self.told {
            self.told = true;
        } else {
            self.leave();
        }
    }

    fn go_back(&mut self) {
        let back =
            if self.leaves || self.told || self.strayed { self.here } else { self.here.saturating_sub(1) };
        self.stand_at(back);
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
        self.leaves = false;
        self.reel.go(|session| session.seek_time(session.scenario().until));
    }

    fn carry_out(&mut self, wish: Do) {
        match wish {
            Do::Arrived(_, true) | Do::Entered | Do::Retry if self.lab().is_none() => self.fetch(),
            Do::Arrived(_, false) => {
                self.refused = Some("the protocol could not be loaded; check your connection".into());
            }
            Do::Address
                if wanted(&address::fragment()).is_some_and(|link| path_of(link) != path_of(&self.link)) =>
            {
                self.refused = None;
                self.reel.clear();
                self.fetch();
            }
            Do::Work => self.open_on(),
            Do::Measure => {
                self.reel.measure();
                // What is drawn for a smaller stage is larger on this one, with all that is written on it.
                let (width, height) = self.reel.size;
                let larger = (width.min(height * 1.25) / DRAWN_FOR).max(1.0);
                self.reel.size = (width / larger, height / larger);
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
            "Home" => self.stand_at(if self.strayed { self.here } else { 0 }),
            "End" => self.stand_at(self.stops.len()),
            "o" => self.overview = !self.overview,
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
            "Escape" if self.overview => self.overview = false,
            "Escape" => {
                let at = self.lab().map(|lab| exact(lab.session().time())).unwrap_or_default();
                let named = link::named(&self.link).is_some();
                let here = || format!("{}?{at}", path_of(&self.link));
                address::go(&if named { here() } else { self.link.clone() });
            }
            _ => return false,
        }
        event.prevent_default();
        true
    }

    /// A frame; whether an event has happened, which has to be drawn.
    fn tick(&mut self, now: f64) -> bool {
        self.reel.frames.next = None;
        let next = self.stops.get(self.here + 1).filter(|_| !self.strayed).map(|stop| stop.time);
        let Some(lab) = &mut self.reel.lab else { return false };
        let end = next.unwrap_or(lab.session().scenario().until);
        let mut draw = self.reel.frames.advance(lab, now);
        let passed = lab.session().time() >= end || lab.session().ended().is_some();
        if passed {
            if next.is_some() {
                self.stand_at(self.here + 1);
            } else {
                lab.play(false);
                self.leaves = false;
            }
            draw = true;
        } else if !lab.playing && self.leaves && !self.strayed {
            // It also stops where a claim breaks; the lecture goes on from there when it is told to.
            draw = true;
            self.leaves = false;
        }
        self.reel.end_frame(draw, NAME, &self.dispatch)
    }
}

/// A link without its moment and what was done to its run.
fn path_of(link: &str) -> &str {
    link.split('?').next().unwrap_or_default()
}
