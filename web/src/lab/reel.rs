//! A run on a stage by itself, without the laboratory around it: opened in slices, played from frame to frame, placed on the
//! stage. Embeds, lessons and lectures show one.

use super::frames::{Frames, show_time};
use super::{Lab, STRIDE};
use crate::browser;
use crate::kit::prose;
use crate::picture::geometry::{Caption, Geometry};
use crate::picture::motion::Motion;
use crate::wishes::{Do, later};
use crate::work::slice;
use faultline_core::Session;
use faultline_core::scenario::Scenario;
use faultline_core::session::Target;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// A run, and how it is drawn.
pub struct Reel {
    /// The run, once all of it is known.
    pub lab: Option<Lab>,
    /// The run until then.
    opening: Option<Session>,
    /// The frames that the browser draws.
    pub frames: Frames,
    /// The size of the stage.
    pub size: (f64, f64),
    /// What the stage leaves free for a caption.
    caption: Caption,
    /// Where things stand on it.
    pub geometry: Rc<Geometry>,
    /// What moves on it.
    pub motion: Motion,
    next: Option<Timeout>,
}

impl Default for Reel {
    fn default() -> Self {
        Reel {
            lab: None,
            opening: None,
            frames: Frames::new(),
            size: (0.0, 0.0),
            caption: Caption::Stands,
            geometry: Rc::default(),
            motion: Motion::default(),
            next: None,
        }
    }
}

impl Reel {
    /// A run whose words stand beside its stage.
    pub fn beside_words() -> Self {
        Reel { caption: Caption::Beside, ..Reel::default() }
    }

    /// Nothing is shown any more.
    pub fn clear(&mut self) {
        (self.lab, self.opening, self.next) = (None, None, None);
    }

    /// Begins to open a run; [`Reel::open`] goes on with that.
    pub fn begin(&mut self, scenario: Scenario) {
        self.lab = None;
        self.opening = Some(Session::begin(scenario));
    }

    /// Plays a run that is being opened for a slice, and asks for the next; whether it is open with this one.
    pub fn open(&mut self, dispatch: &Callback<Do>) -> bool {
        let Some(mut session) = self.opening.take() else { return false };
        if !session.is_crowd() && session.learn(0) {
            slice(|| (!session.learn(STRIDE)).then_some(()));
            self.opening = Some(session);
            self.next = Some(later(0, Do::Work, dispatch));
            return false;
        }
        session.arrive();
        prose::call(&session.scenario().names);
        self.lab = Some(Lab::new(session));
        true
    }

    /// Reads the size of the stage.
    pub fn measure(&mut self) {
        self.size = browser::size_of("#stage").unwrap_or(self.size);
    }

    /// Works out where things stand on the stage.
    pub fn arrange(&mut self) {
        let Some(lab) = &self.lab else { return };
        let geometry = Geometry::with(&lab.view, self.size, self.caption);
        if *self.geometry != geometry {
            self.geometry = Rc::new(geometry);
        }
    }

    /// Moves the playhead by hand.
    pub fn go(&mut self, go: impl FnOnce(&mut Session)) {
        if let Some(lab) = &mut self.lab {
            lab.play(false);
            lab.go(go);
        }
    }

    /// Does something to the run, in the words of a scenario, and lets it play on; whether that could be done.
    pub fn act(&mut self, words: &str) -> bool {
        let Some(lab) = &mut self.lab else { return false };
        let done = lab.attempt(|session| session.act(words)).is_ok();
        if done {
            lab.play(!self.frames.reduced);
        }
        done
    }

    /// Selects something, or nothing.
    pub fn select(&mut self, target: Option<Target>) {
        if let Some(lab) = &mut self.lab {
            lab.selection = target;
        }
    }

    /// After every change of a run that is in sight: places things, and asks for the next frame.
    pub fn settle(&mut self, dispatch: &Callback<Do>) {
        self.arrange();
        self.go_on(true, dispatch);
    }

    /// Ends a frame of a run that is in sight, in which something has happened or only moved; whether it has.
    pub fn end_frame(&mut self, happened: bool, page: &str, dispatch: &Callback<Do>) -> bool {
        if happened {
            self.settle(dispatch);
        } else {
            self.show_time(page);
            self.go_on(true, dispatch);
        }
        happened
    }

    /// Asks for the next frame, as long as something goes on in sight.
    pub fn go_on(&mut self, in_sight: bool, dispatch: &Callback<Do>) {
        if in_sight && self.lab.as_ref().is_some_and(Lab::is_active) {
            self.frames.ask(dispatch);
        } else {
            self.frames.next = None;
        }
    }

    /// Places what moves, and writes the time into the element with this name. None of it belongs to Yew, which would
    /// otherwise set it back.
    pub fn show_time(&self, page: &str) {
        let Some(lab) = &self.lab else { return };
        let time = lab.session().time();
        self.motion.set_window(lab.window, lab.scale());
        self.motion.place(time);
        show_time(page, time);
    }
}

/// Tells of a window of another size, and of another address.
pub fn listen(dispatch: &Callback<Do>) -> Vec<EventListener> {
    let on = |name: &'static str, wish: fn() -> Do| {
        let dispatch = dispatch.clone();
        browser::window().map(|window| EventListener::new(&window, name, move |_| dispatch.emit(wish())))
    };
    [on("resize", || Do::Measure), on("hashchange", || Do::Address)].into_iter().flatten().collect()
}

/// Tells of every key.
pub fn listen_to_keys(dispatch: &Callback<Do>) -> Option<EventListener> {
    let dispatch = dispatch.clone();
    let options = EventListenerOptions::enable_prevent_default();
    let window = browser::window()?;
    let listener = EventListener::new_with_options(&window, "keydown", options, move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            dispatch.emit(Do::Key(event.clone()));
        }
    });
    Some(listener)
}
