//! Time in the laboratory: how fast it goes, how it is stopped and moved by hand.

use super::Lab;
use super::pace::Pace;
use faultline_core::Session;
use faultline_core::time::Micros;
use faultline_core::title::Info;
use faultline_core::view::Standing;

/// The speeds: real time is multiplied by these.
pub const SPEEDS: [(f64, &str); 14] = [
    (0.001, "1/1000×"),
    (0.002, "1/500×"),
    (0.005, "1/200×"),
    (0.01, "1/100×"),
    (0.02, "1/50×"),
    (0.05, "1/20×"),
    (0.1, "1/10×"),
    (0.2, "1/5×"),
    (0.5, "1/2×"),
    (1.0, "1×"),
    (2.0, "2×"),
    (5.0, "5×"),
    (10.0, "10×"),
    (50.0, "50×"),
];
/// How much faster quiet stretches pass when the run slows down for messages.
pub const QUIET: f64 = 12.0;
/// The most events that a frame plays, but for those of one instant: time goes slower where there are more.
const MOST_PLAYED: usize = 8_000;

/// A speed slow enough to see messages under way, and to take hold of one: the slowest take a second or two.
pub fn usual_speed(info: &Info) -> usize {
    let bound = info.latency.1 as f64 / 1_000_000.0;
    SPEEDS.iter().rposition(|(speed, _)| *speed <= bound).unwrap_or(0)
}

/// Moves to where the first messages are under way.
pub fn begin(session: &mut Session) {
    session.seek_time(0);
    let until = session.scenario().until;
    while session.time() < until && session.view().messages.is_empty() {
        let event = session.event();
        session.step(true);
        if session.event() == event {
            break;
        }
    }
    let half = session.view().messages.iter().map(|it| it.sent.midpoint(it.until)).min();
    session.seek_time(half.unwrap_or(0).min(until));
}

impl Lab {
    /// Goes to a time that somebody else keeps, or to right after so many events if that is known better; whether
    /// something has happened.
    pub fn keep_time(&mut self, time: Micros, event: Option<usize>) -> bool {
        let before = (self.session.event(), self.session.time());
        match event {
            Some(event) if event < self.session.run().events_until(time) => self.session.seek_event(event),
            _ if time >= before.1 => self.session.play_to(time),
            _ => self.session.seek_time(time),
        }
        let happened = self.session.event() != before.0;
        if happened {
            self.look();
        }
        happened
    }

    /// Moves the playhead to where it is dragged on the diagram.
    pub fn drag(&mut self, time: Micros) {
        self.play(false);
        self.go(|session| session.seek_time(time));
        self.dragged = Some(self.session.time());
    }

    /// Lets real time pass, `now` in milliseconds; answers whether an event happened.
    pub fn frame(&mut self, now: f64) -> bool {
        // A hidden page gets no frames: time does not catch up.
        let passed = self.clock.0.map_or(0.0, |then| (now - then).clamp(0.0, 50.0));
        self.clock.0 = Some(now);
        let quiet = self.auto_slow && self.view.messages.is_empty();
        let factor = SPEEDS[self.speed].0 * if quiet { QUIET } else { 1.0 };
        let exact = self.clock.1 + passed * 1_000.0 * factor;
        let mut time = self.session.time() + exact.max(0.0) as Micros;
        if quiet {
            let next = self.session.next_time().unwrap_or(time);
            time = time.min(next.max(self.session.time()));
        }
        let ahead = self.session.run().records().get(self.session.event() + MOST_PLAYED);
        time = ahead.map_or(time, |record| time.min(record.time));
        self.clock.1 = exact.fract();
        let known: Vec<usize> = self.violations().collect();
        let before = self.session.time();
        self.session.play_to(time);
        self.pace.advance(now, SPEEDS[self.speed].0, self.session.time() - before);
        if self.session.event() == self.view.event {
            return false;
        }
        self.look();
        // A frame may play on behind the event that breaks a claim, and break another one there.
        let broken = self.violations().filter(|event| !known.contains(event)).min();
        if let Some(event) = broken {
            self.playing = false;
            self.go(|session| session.seek_event(event + 1));
        }
        true
    }

    /// Starts or stops time.
    pub fn play(&mut self, playing: bool) {
        self.playing = playing;
        (self.clock.0, self.pace) = (None, Pace::default());
        if !playing {
            self.look();
        }
    }

    fn violations(&self) -> impl Iterator<Item = usize> {
        self.view.claims.iter().filter_map(|claim| match claim.standing {
            Standing::Violated { event, .. } => Some(event),
            _ => None,
        })
    }
}
