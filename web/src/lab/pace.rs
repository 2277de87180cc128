//! How fast time really goes: a crowd played fast may have more events than a frame can play.

use crate::kit::prose::fixed;
use faultline_core::time::Micros;

/// Clearly behind is less than this share of the speed that is set.
const BEHIND: f64 = 0.7;
/// How long is measured at a time, in milliseconds, and after how long a page was hidden.
const SPAN: f64 = 1_000.0;
const HIDDEN: f64 = 400.0;

/// The speed that is reached, second by second.
#[derive(Default)]
pub struct Pace {
    /// When the second began and when the latest frame was, in milliseconds.
    since: Option<(f64, f64)>,
    /// The speed that is measured, and how far time has gone in this second.
    speed: f64,
    gone: Micros,
    reached: Option<f64>,
}

impl Pace {
    /// Counts a frame: `now` in milliseconds, the speed that is set, and how far time has gone.
    pub fn advance(&mut self, now: f64, speed: f64, gone: Micros) {
        let same = speed.to_bits() == self.speed.to_bits();
        let Some((since, _)) = self.since.filter(|(_, latest)| same && now - latest < HIDDEN) else {
            *self = Pace { since: Some((now, now)), speed, ..Pace::default() };
            return;
        };
        self.gone += gone;
        self.since = Some((since, now));
        if now - since >= SPAN {
            let reached = self.gone as f64 / 1_000.0 / (now - since);
            self.reached = Some(reached).filter(|reached| *reached < speed * BEHIND);
            (self.since, self.gone) = (Some((now, now)), 0);
        }
    }

    /// The speed of the latest second in words, where it was clearly behind.
    pub fn reached(&self) -> Option<String> {
        self.reached.map(|reached| match reached {
            0.95.. => format!("{}×", fixed(reached, 0)),
            0.001.. => format!("1/{}×", fixed(1.0 / reached, 0)),
            _ => "nothing".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reached_is_said_where_it_is_clearly_less_than_what_is_set() {
        let play = |speed: f64, gone: Micros| {
            let mut pace = Pace::default();
            (0..100).for_each(|frame| pace.advance(f64::from(frame) * 20.0, speed, gone));
            pace.reached()
        };
        assert_eq!(play(50.0, 1_000_000), None, "as fast as is set");
        assert_eq!(play(50.0, 800_000), None, "nearly");
        assert_eq!(play(50.0, 240_000).as_deref(), Some("12×"));
        assert_eq!(play(1.0, 5_000).as_deref(), Some("1/4×"));
        assert_eq!(play(1.0, 0).as_deref(), Some("nothing"));
    }

    #[test]
    fn another_speed_and_a_hidden_page_are_measured_anew() {
        let mut pace = Pace::default();
        (0..100).for_each(|frame| pace.advance(f64::from(frame) * 20.0, 50.0, 0));
        assert!(pace.reached().is_some());
        pace.advance(2_000.0, 10.0, 0);
        assert_eq!(pace.reached(), None);
        (0..20).for_each(|minute| pace.advance(f64::from(minute) * 60_000.0, 10.0, 0));
        assert_eq!(pace.reached(), None, "a hidden page gets no frames");
    }
}
