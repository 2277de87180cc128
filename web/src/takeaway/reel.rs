//! A stretch of a run, and how it is played: as slowly as on the page, where quiet times pass faster.

use crate::kit::prose::fixed;
use crate::lab::{Lab, QUIET, SPEEDS, usual_speed};
use faultline_core::time::{Micros, exact};

/// The most moments at which something happens, and the most seconds that a stretch plays.
const MOST: (usize, f64) = (600, 60.0);
/// How long the end stands still before it all begins again, in seconds.
const REST: f64 = 1.5;

/// A stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct Reel {
    /// When something happens, from the beginning to the end of the stretch.
    pub times: Vec<Micros>,
    /// When that is shown, in seconds.
    pub shown: Vec<f64>,
    /// How many seconds all of it takes, with the rest at the end.
    pub length: f64,
}

impl Reel {
    /// The stretch of a run from a time, or from where the playhead is, to another, or as far as one picture holds, to the end of
    /// the scenario at most; it plays for so many seconds, or as long as on the page.
    ///
    /// # Errors
    /// One sentence when it is too long, or no stretch.
    pub fn of(
        lab: &mut Lab,
        from: Option<Micros>,
        until: Option<Micros>,
        seconds: Option<f64>,
    ) -> Result<Self, String> {
        let last = lab.session().scenario().until;
        let (whole, until) = (until.is_none(), until.unwrap_or(last).min(last));
        let from = from.unwrap_or(lab.session().time());
        if from >= until {
            return Err(format!(
                "A stretch ends after it begins, but {} is not before {}.",
                exact(from),
                exact(until)
            ));
        }
        let speed = SPEEDS[usual_speed(lab.session().info())].0;
        lab.go(|session| session.seek_time(from));
        let (mut times, mut shown, mut now) = (vec![from], vec![0.0], 0.0);
        while let Some(&here) = times.last().filter(|&&here| here < until) {
            let next = lab.session().next_time().map_or(until, |time| time.clamp(here + 1, until));
            let factor = if lab.view.messages.is_empty() { QUIET } else { 1.0 };
            let later = now + (next - here) as f64 / 1_000_000.0 / speed / factor;
            let is_full = times.len() > MOST.0 || later > MOST.1 && seconds.is_none();
            if whole && is_full && times.len() > 1 {
                break;
            }
            now = later;
            times.push(next);
            shown.push(now);
            if times.len() > MOST.0 + 1 {
                return Err(format!(
                    "From {} to {} something happens at more than {} moments; choose a shorter stretch, as until {}.",
                    exact(from),
                    exact(until),
                    MOST.0,
                    exact(here)
                ));
            }
            lab.go(|session| session.seek_time(next));
        }
        let wanted = seconds.unwrap_or(now);
        if wanted > MOST.1 {
            let (wanted, most) = (fixed(wanted, 0), fixed(MOST.1, 0));
            let fits = shown.iter().rposition(|it| *it <= MOST.1).map_or(from, |nth| times[nth]);
            return Err(match seconds {
                Some(_) => format!("A picture plays for at most {most} seconds, not {wanted}."),
                None => format!(
                    "This stretch would play for {wanted} seconds, and a picture plays for at most {most}; choose a shorter \
                     stretch, as until {}.",
                    exact(fits)
                ),
            });
        }
        for it in &mut shown {
            *it *= wanted / now;
        }
        Ok(Reel { times, shown, length: wanted + REST })
    }

    /// What share of all is over when something is shown.
    pub fn share(&self, nth: usize) -> f64 {
        self.shown[nth] / self.length
    }

    /// The moment that is shown after so many seconds.
    pub fn at(&self, seconds: f64) -> Micros {
        let next = self.shown.iter().position(|it| *it > seconds).unwrap_or(self.shown.len());
        let (Some(&from), Some(&until)) = (self.times.get(next.wrapping_sub(1)), self.times.get(next)) else {
            return self.times[self.times.len() - 1];
        };
        let (begins, ends) = (self.shown[next - 1], self.shown[next]);
        from + ((until - from) as f64 * (seconds - begins) / (ends - begins)) as Micros
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_between_those_at_which_something_happens() {
        let reel = Reel { times: vec![100, 200, 1_000], shown: vec![0.0, 1.0, 3.0], length: 4.5 };
        let at = [0.0, 0.5, 1.0, 2.0, 3.0, 4.4].map(|seconds| reel.at(seconds));
        assert_eq!(at, [100, 150, 200, 600, 1_000, 1_000]);
    }
}
