//! Manners of a command that may take long: it shows on stderr how far it is, and stops when somebody wants
//! that.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The exit code of a command that was interrupted and told what it knew, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// How long a command runs before it says anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// How much time lies between two pictures of a bar.
const FRAME: Duration = Duration::from_millis(100);
/// The longest time between two lines in a log: each wait is twice as long as the one before, up to this.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

static STOP: AtomicBool = AtomicBool::new(false);

/// Shows how far a command is: a bar on a terminal, a line now and then anywhere else. The bar is wiped off
/// when this is dropped.
pub(crate) struct Watch {
    /// Only on a terminal; hidden until the command has run for a second.
    bar: Option<ProgressBar>,
    due: Instant,
    wait: Duration,
}

impl Watch {
    /// Begins to look, and takes the first Ctrl-C for a wish to stop; a second one ends the program at once.
    /// With a total there is a bar and the time that is left, without one only how far it is.
    pub(crate) fn start(total: Option<u64>) -> Self {
        // A handler that cannot be set is there already.
        let _ = ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED.into());
            }
        });
        let is_terminal =
            std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|it| it != "dumb");
        let bar = || {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
            let template = if total.is_some() {
                "{bar:24} {percent:>3} %  {msg}, {eta} left"
            } else {
                "{spinner} {msg}, {elapsed}"
            };
            // A template that cannot be read would leave the library's own style.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        };
        Watch { bar: is_terminal.then(bar), due: Instant::now() + PATIENCE, wait: PATIENCE }
    }

    /// Takes in how much is done, and shows it in words if it is time to.
    pub(crate) fn tell(&mut self, done: u64, words: impl FnOnce() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
        let now = Instant::now();
        if now < self.due {
            return;
        }
        if let Some(bar) = &self.bar {
            if bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_message(words());
            bar.tick();
            self.due = now + FRAME;
        } else {
            eprintln!("{}", words());
            self.wait = (self.wait * 2).min(LONGEST_WAIT);
            self.due = now + self.wait;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Whether somebody wants the command to stop.
pub(crate) fn interrupted() -> bool {
    STOP.load(Ordering::Relaxed)
}
