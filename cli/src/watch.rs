//! Manners of a command that may take long: it says every second how far it is, and stops when somebody wants
//! that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The exit code of a command that was interrupted and told what it knew, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

static STOP: AtomicBool = AtomicBool::new(false);

/// Somebody who looks at the clock.
pub(crate) struct Watch {
    told: Instant,
}

impl Watch {
    /// Begins to look, and takes the first Ctrl-C for a wish to stop; a second one ends the program at once.
    pub(crate) fn start() -> Self {
        // A handler that cannot be set is there already.
        let _ = ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED.into());
            }
        });
        Watch { told: Instant::now() }
    }

    /// Says on stderr how far the command is, if it has not for a second.
    pub(crate) fn tell(&mut self, words: impl FnOnce() -> String) {
        if self.told.elapsed() > Duration::from_secs(1) {
            self.told = Instant::now();
            eprintln!("{}", words());
        }
    }
}

/// Whether somebody wants the command to stop.
pub(crate) fn interrupted() -> bool {
    STOP.load(Ordering::Relaxed)
}
