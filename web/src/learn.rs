//! A lesson: its text, a step at a time, beside the stage on which its run plays to the moment of the step. It needs neither the
//! laboratory nor what surrounds that.
//!
//! Its address is `#/learn/SLUG`, with the number of the step behind it. How far a reader has come is remembered.

use crate::browser::theme::Theme;
use crate::browser::{self, address};
use crate::kit::light;
use crate::lab::Lab;
use crate::lab::reel::{self, Reel};
use crate::lab::{SPEEDS, usual_speed};
use crate::parts::{self, room};
use crate::wishes::Do;
use faultline_core::Session;
use faultline_core::catalogue::{Entry, find, known};
use faultline_core::lesson::{Lesson, Step};
use faultline_core::scenario::{Moment, Scenario};
use gloo::events::EventListener;
use yew::prelude::*;

mod drawn;
mod words;

room! {
    /// The lesson of a protocol, by its slug.
    LEARN, learn: fn(&'static str) -> Html = |slug| html! { <Learn key={slug} {slug} /> }
}

/// What the address of a lesson begins with.
const PATH: &str = "/learn/";

/// The slug of the protocol whose lesson an address wants.
pub(crate) fn wanted(fragment: &str) -> Option<&'static str> {
    let slug = fragment.strip_prefix(PATH)?.split('/').next()?;
    known(slug).filter(|leaf| leaf.lesson.is_some()).map(|leaf| leaf.slug)
}

/// Whether an address asks for a lesson, which there may not be.
pub(crate) fn asked(fragment: &str) -> bool {
    fragment == PATH.trim_end_matches('/') || fragment.starts_with(PATH)
}

/// The address of a lesson.
pub(crate) fn address_of(slug: &str) -> String {
    format!("#{PATH}{slug}")
}

/// What draws it, once that and its protocol are here; `then` is told when they have come.
pub(crate) fn draw(slug: &'static str, then: &Callback<()>) -> Option<Html> {
    if let Some(learn) = LEARN.here() {
        return Some(learn(slug));
    }
    LEARN.ask(then);
    LEARN.lost(then)
}

/// Real seconds that a step plays at most before its moment.
const APPROACH: f64 = 4.0;

/// The time from which a step plays to its moment.
pub fn begins(session: &Session, moment: Moment) -> u64 {
    let ahead = APPROACH * SPEEDS[usual_speed(session.info())].0 * 1_000_000.0;
    moment.time.saturating_sub(ahead as u64)
}

/// The name of the element that bears the time.
const NAME: &str = "learn";

#[derive(Properties, PartialEq)]
struct LearnProps {
    slug: &'static str,
}

/// A lesson.
struct Learn {
    slug: &'static str,
    /// The lesson, once its protocol is here; `None` too where that cannot be had.
    lesson: Option<&'static Lesson>,
    failed: bool,
    /// The step that is shown, from 0.
    here: usize,
    /// The furthest that the reader has come.
    furthest: usize,
    /// What was answered to the question of each step.
    answers: Vec<Option<usize>>,
    reel: Reel,
    /// The run that the reel shows or opens, by its name.
    open: &'static str,
    /// Whether the run still plays to the moment of the step.
    aims: bool,
    /// Whether the reader has done something to the run.
    strayed: bool,
    theme: Theme,
    dispatch: Callback<Do>,
    _listeners: Vec<EventListener>,
}

/// What happens to it.
enum Happens {
    /// Somebody wants something of the stage.
    Wish(Do),
    /// To a step.
    Step(usize),
    /// An answer to the question of the step.
    Answer(usize),
    /// The run plays to the moment again.
    Again,
    /// The next colour scheme.
    Turn,
}

impl Component for Learn {
    type Message = Happens;
    type Properties = LearnProps;

    fn create(ctx: &Context<Self>) -> Self {
        let slug = ctx.props().slug;
        let dispatch = ctx.link().callback(Happens::Wish);
        let mut listeners = light::follow();
        listeners.extend(reel::listen(&dispatch));
        listeners.extend(reel::listen_to_keys(&dispatch));
        let mut learn = Learn {
            slug,
            lesson: None,
            failed: false,
            here: 0,
            furthest: progress(slug).map_or(0, |(done, _)| done.saturating_sub(1)),
            answers: Vec::new(),
            reel: Reel::beside_words(),
            open: "",
            aims: false,
            strayed: false,
            theme: Theme::remembered(),
            _listeners: listeners,
            dispatch,
        };
        learn.fetch();
        learn
    }

    fn update(&mut self, _: &Context<Self>, happens: Happens) -> bool {
        match happens {
            Happens::Wish(Do::Frame(now)) => return self.tick(now),
            Happens::Wish(wish) => self.carry_out(wish),
            Happens::Step(step) => self.turn_to(step),
            Happens::Answer(answer) => {
                if let Some(place) = self.answers.get_mut(self.here) {
                    *place = Some(answer);
                }
            }
            Happens::Again => self.again(),
            Happens::Turn => self.theme.turn(),
        }
        self.reel.settle(&self.dispatch);
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.draw(ctx.link())
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        browser::leave_shell();
        if first || self.reel.size == (0.0, 0.0) && self.lesson.is_some() {
            self.dispatch.emit(Do::Measure);
        }
        self.reel.show_time(NAME);
    }
}

/// Under which name it is remembered how far somebody has come in a lesson.
fn remembered(slug: &str) -> String {
    format!("lesson {slug}")
}

/// How many steps of a lesson somebody has seen, and of how many.
pub(crate) fn progress(slug: &str) -> Option<(usize, usize)> {
    let text = browser::remembered(&remembered(slug))?;
    let (done, count) = text.split_once('/')?;
    Some((done.parse().ok()?, count.parse().ok()?))
}

/// Under which name it is remembered that somebody has solved a challenge.
pub(crate) fn solved_as(slug: &str, title: &str) -> String {
    format!("solved {slug}/{title}")
}

impl Learn {
    /// Fetches the protocol and the texts of its runs, if they have still to arrive.
    fn fetch(&mut self) {
        self.failed = false;
        if find(self.slug).is_none_or(|entry| !entry.has_texts()) {
            let slug = self.slug;
            parts::fetch_whole(slug, self.dispatch.reform(move |came| Do::Arrived(slug, came)));
        } else {
            self.begin();
        }
    }

    /// Begins with the step of the address.
    fn begin(&mut self) {
        self.lesson = find(self.slug).and_then(|entry| entry.lesson.as_ref());
        if let Some(lesson) = self.lesson {
            self.answers = vec![None; lesson.steps.len()];
            self.turn_to(step_of(&address::fragment()).unwrap_or(0));
        }
    }

    fn entry(&self) -> Option<&'static Entry> {
        find(self.slug)
    }

    fn step(&self) -> Option<&'static Step> {
        self.lesson?.steps.get(self.here)
    }

    /// The moment of the step.
    fn moment(&self) -> Option<Moment> {
        Moment::parse(self.step()?.at).ok()
    }

    /// Shows a step, and lets its run play to its moment.
    fn turn_to(&mut self, step: usize) {
        let Some(lesson) = self.lesson else { return };
        let before = self.here;
        self.here = step.min(lesson.steps.len() - 1);
        self.furthest = self.furthest.max(self.here);
        browser::remember(&remembered(self.slug), &format!("{}/{}", self.furthest + 1, lesson.steps.len()));
        // The browser's way back leads to the step before.
        let written = format!("{PATH}{}/{}", self.slug, self.here + 1);
        match step_of(&address::fragment()) {
            Some(now) if now != self.here => address::go(&written),
            _ => address::write(&written),
        }
        let goes_on = !self.strayed && before + 1 == self.here;
        let Some(step) = self.step() else { return };
        if self.open != step.run || self.strayed {
            self.open_run(step.run);
        } else {
            self.approach(goes_on);
        }
    }

    fn open_run(&mut self, run: &'static str) {
        let preset = self.entry().and_then(|entry| entry.presets().iter().find(|preset| preset.name == run));
        // A test has read the texts of all runs.
        let scenario = preset.and_then(|preset| Scenario::parse(preset.text).ok());
        if let Some(scenario) = scenario {
            (self.open, self.strayed) = (run, false);
            self.reel.begin(Scenario { show: None, expectations: Vec::new(), ..scenario });
            self.open_on();
        }
    }

    /// Goes on opening the run.
    fn open_on(&mut self) {
        if self.reel.open(&self.dispatch) {
            self.approach(false);
        }
    }

    /// Plays to the moment of the step: from where it is, or from some seconds before.
    fn approach(&mut self, goes_on: bool) {
        let Some(moment) = self.moment() else { return };
        let reduced = self.reel.frames.reduced;
        let Some(lab) = &mut self.reel.lab else { return };
        let earliest = begins(lab.session(), moment);
        let now = lab.session().time();
        let start = if goes_on && now <= moment.time { now.max(earliest) } else { earliest };
        self.aims = !reduced;
        if reduced {
            self.arrive();
        } else {
            lab.go(|session| session.seek_time(start));
            lab.play(true);
        }
    }

    /// Stands at the moment of the step.
    fn arrive(&mut self) {
        self.aims = false;
        if let Some(moment) = self.moment() {
            self.reel.go(|session| session.seek(moment));
        }
    }

    /// The run of the step, played to its moment again.
    fn again(&mut self) {
        match self.step() {
            Some(step) if self.strayed => self.open_run(step.run),
            _ => self.approach(false),
        }
    }

    fn carry_out(&mut self, wish: Do) {
        match wish {
            Do::Arrived(_, true) => self.begin(),
            Do::Arrived(_, false) => self.failed = true,
            Do::Retry => self.fetch(),
            Do::Address => {
                let fragment = address::fragment();
                let step = step_of(&fragment).filter(|_| wanted(&fragment) == Some(self.slug));
                if let Some(step) = step.filter(|step| *step != self.here) {
                    self.turn_to(step);
                }
            }
            Do::Work => self.open_on(),
            Do::Measure => self.reel.measure(),
            Do::Key(event) => self.press(&event),
            Do::Act(words) => {
                self.aims = false;
                self.strayed |= self.reel.act(&words);
            }
            Do::Select(target) => self.reel.select(target),
            // The others are wishes for the laboratory.
            _ => {}
        }
    }

    /// A key that nothing on the page has used.
    fn press(&mut self, event: &KeyboardEvent) {
        let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let on = |selector: &str| {
            let element = event.target_dyn_into::<web_sys::Element>();
            element.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
        };
        if !plain || event.default_prevented() {
            return;
        }
        match event.key().as_str() {
            "ArrowRight" | "PageDown" | "n" => self.turn_to(self.here + 1),
            "ArrowLeft" | "PageUp" | "p" => self.turn_to(self.here.saturating_sub(1)),
            " " if !on("button, a, summary") => self.again(),
            _ => return,
        }
        event.prevent_default();
    }

    /// A frame; whether an event has happened, which has to be drawn.
    fn tick(&mut self, now: f64) -> bool {
        self.reel.frames.next = None;
        let end = match (self.aims, self.moment()) {
            (true, Some(moment)) => moment.time,
            _ => self.reel.lab.as_ref().map_or(0, |lab| lab.session().scenario().until),
        };
        let Some(lab) = &mut self.reel.lab else { return false };
        let mut draw = self.reel.frames.advance(lab, now);
        // It also stops where a claim breaks.
        if !lab.playing || lab.session().time() >= end {
            if self.aims {
                self.arrive();
            } else {
                lab.play(false);
            }
            draw = true;
        }
        self.reel.end_frame(draw, NAME, &self.dispatch)
    }

    /// The run that is shown.
    fn lab(&self) -> Option<&Lab> {
        self.reel.lab.as_ref()
    }
}

/// The step of an address, from 0.
fn step_of(fragment: &str) -> Option<usize> {
    fragment.strip_prefix(PATH)?.split('/').nth(1)?.parse::<usize>().ok()?.checked_sub(1)
}
