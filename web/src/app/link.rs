//! The run's link: the checksum that it carries, the address that follows it, and what was promised by the link that was
//! opened.

use crate::browser::{address, last_words, now};
use crate::lab::Lab;
use crate::wishes::{Do, later};
use faultline_core::catalogue::RECORDED;
use faultline_core::link::{RunKey, write};
use faultline_core::sim::Checksum;
use gloo::timers::callback::Timeout;
use yew::Callback;

/// How many milliseconds the checksum is worked on at one go. Time stands still then, so a frame more or less is not seen.
const SUMMED: f64 = 30.0;

/// What is known for the link, and written.
#[derive(Default)]
pub(super) struct RunLink {
    /// The checksum, and of which version of the run.
    known: Option<(u32, u64)>,
    begun: Option<(u32, Checksum)>,
    checker: Option<Timeout>,
    /// Which run the link was made for that was opened, until the checksum tells; and which version of the run is that.
    promised: Option<(u32, RunKey)>,
    /// What stands in the address.
    pub(super) written: String,
    writer: Option<Timeout>,
    /// Whether the run has become too long for the address.
    left_behind: bool,
}

impl RunLink {
    /// The checksum of the run, once it is worked out.
    pub(super) fn checksum(&self, lab: &Lab) -> Option<u64> {
        self.known.filter(|(version, _)| *version == lab.version).map(|(_, sum)| sum)
    }

    /// Whether it is time to work on the checksum: time stands still, or a link has to be held to it.
    fn may_sum(&self, lab: &Lab) -> bool {
        let promised = self.promised.as_ref().is_some_and(|(version, _)| *version == lab.version);
        (!lab.playing || promised) && !lab.learning
    }

    /// Works on the checksum for a slice; what it is, once it is known.
    pub(super) fn sum(&mut self, lab: &Lab, dispatch: &Callback<Do>) -> Option<u64> {
        self.checker = None;
        if !self.may_sum(lab) {
            return None;
        }
        let run = lab.session().run();
        let begun = self.begun.take().filter(|(version, _)| *version == lab.version);
        let mut sum = begun.map_or_else(|| Checksum::new(run), |(_, sum)| sum);
        let end = now() + SUMMED;
        while now() < end {
            if let Some(checksum) = sum.step(run, 256) {
                self.known = Some((lab.version, checksum));
                return Some(checksum);
            }
        }
        self.begun = Some((lab.version, sum));
        self.checker = Some(later(0, Do::Checksum, dispatch));
        None
    }

    /// Keeps which run the link was made for that was opened.
    pub(super) fn promise(&mut self, lab: &Lab, run: Option<RunKey>) {
        self.promised = run.map(|run| (lab.version, run));
    }

    /// Whether the run is another one than its link was made for; asked once.
    pub(super) fn is_another(&mut self, lab: &Lab, checksum: u64) -> bool {
        let promised = self.promised.take().filter(|(about, _)| *about == lab.version);
        promised.is_some_and(|(_, run)| !run.fits(checksum))
    }

    /// Lets checksum and address follow the run, when it is time.
    pub(super) fn follow(&mut self, lab: &Lab, dispatch: &Callback<Do>) {
        // While time goes on the address follows once a second; else as soon as nothing changes any more.
        if self.writer.is_none() || !lab.playing {
            let wait = if lab.playing { 1_000 } else { 350 };
            self.writer = Some(later(wait, Do::WriteAddress, dispatch));
        }
        if self.may_sum(lab) && self.checksum(lab).is_none() && self.checker.is_none() {
            self.checker = Some(later(120, Do::Checksum, dispatch));
        }
    }

    /// It is time to write the address.
    pub(super) fn arrive(&mut self) {
        self.writer = None;
    }

    /// Writes the address; why it does not follow any more, where that has to be said.
    pub(super) fn write(&mut self, lab: &Lab) -> Option<String> {
        last_words::keep(lab.session().scenario().to_string());
        let here = lab.session().here();
        let written = match here.entry.recorded {
            // It says what is open, and when it is opened again, that a log is no part of an address.
            Some(_) => Ok(format!("/{RECORDED}")),
            None => write(&here, self.checksum(lab)),
        };
        match written {
            Ok(fragment) => {
                self.left_behind = false;
                if fragment != self.written {
                    address::write(&fragment);
                    self.written = fragment;
                }
                None
            }
            // The latest address stays; that is said once.
            Err(_) if self.left_behind => None,
            Err(sentence) => {
                self.left_behind = true;
                Some(sentence)
            }
        }
    }
}
