//! A run that plays by itself, again and again: on the first page, without a laboratory around it.

use crate::lab::{QUIET, SPEEDS, begin, usual_speed};
use faultline_core::Session;
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::time::Micros;
use faultline_core::view::View;
use gloo::render::{AnimationFrame, request_animation_frame};
use std::cell::RefCell;
use std::rc::Rc;

/// Told at every frame: the session, the moment, and whether an event has happened since the last one.
type Show = Box<dyn Fn(&Session, &Rc<View>, bool)>;

/// A run that plays by itself.
#[derive(Clone)]
pub struct Film(Rc<RefCell<Reel>>);

struct Reel {
    session: Session,
    view: Rc<View>,
    show: Show,
    /// The time of the latest frame in milliseconds, and the part of a microsecond that it left over.
    clock: (Option<f64>, f64),
    frame: Option<AnimationFrame>,
}

impl Film {
    /// A film that begins where something does, and stands still there.
    pub fn new(scenario: Scenario, show: Show) -> Self {
        let mut session = Session::new(Scenario { show: None, expectations: Vec::new(), ..scenario });
        begin(&mut session);
        let view = Rc::new(session.view());
        Film(Rc::new(RefCell::new(Reel { session, view, show, clock: (None, 0.0), frame: None })))
    }

    /// The moment that is shown.
    pub fn view(&self) -> Rc<View> {
        self.0.borrow().view.clone()
    }

    /// Shows the moment again.
    pub fn show(&self) {
        let reel = self.0.borrow();
        (reel.show)(&reel.session, &reel.view, true);
    }

    /// Lets it play, or stand still.
    pub fn roll(&self, rolling: bool) {
        let mut reel = self.0.borrow_mut();
        reel.clock.0 = None;
        reel.frame = rolling.then(|| self.next());
    }

    /// Does something to the run, in the words of a scenario; what cannot be done is not.
    pub fn act(&self, words: &str) {
        let mut reel = self.0.borrow_mut();
        if reel.session.act(words).is_ok() {
            reel.look();
        }
    }

    fn next(&self) -> AnimationFrame {
        let film = Rc::downgrade(&self.0);
        request_animation_frame(move |now| {
            let Some(film) = film.upgrade().map(Film) else { return };
            film.0.borrow_mut().play(now);
            let next = film.next();
            film.0.borrow_mut().frame = Some(next);
        })
    }
}

impl Reel {
    fn play(&mut self, now: f64) {
        // A hidden page gets no frames: time does not catch up.
        let passed = self.clock.0.map_or(0.0, |then| (now - then).clamp(0.0, 50.0));
        let quiet = self.view.messages.is_empty();
        let exact = self.clock.1
            + passed * 1_000.0 * SPEEDS[usual_speed(self.session.info())].0 * if quiet { QUIET } else { 1.0 };
        self.clock = (Some(now), exact.fract());
        let time = self.session.time() + exact.max(0.0) as Micros;
        if time > self.session.scenario().until {
            begin(&mut self.session);
        } else {
            self.session.play_to(time);
        }
        if self.session.event() == self.view.event {
            (self.show)(&self.session, &self.view, false);
        } else {
            self.look();
        }
    }

    fn look(&mut self) {
        self.view = Rc::new(self.session.view());
        (self.show)(&self.session, &self.view, true);
    }
}

/// What the latest event was, where it matters.
pub fn news(session: &Session, view: &View) -> Option<String> {
    let record = session.run().records().get(view.event.checked_sub(1)?)?;
    let line = view.latest.as_ref().filter(|_| Run::is_interesting(record))?;
    Some(line.sentence.clone())
}
