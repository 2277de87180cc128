//! A lock.

use super::Model;
use std::borrow::Cow;

/// A lock, free at first. Who releases it need not be who acquired it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mutex;

/// What a lock is asked; both are answered with nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutexInput {
    /// To be held from now on.
    Acquire,
    /// To be free from now on.
    Release,
}

impl Model for Mutex {
    type Input = MutexInput;
    type Output = ();
    /// Whether it is held.
    type State = bool;
    const NAME: &'static str = "lock";

    fn initial() -> bool {
        false
    }

    fn step<'a>(state: &'a bool, input: &MutexInput, _: Option<&()>) -> Option<Cow<'a, bool>> {
        match (input, state) {
            (MutexInput::Acquire, false) => Some(Cow::Owned(true)),
            (MutexInput::Release, true) => Some(Cow::Owned(false)),
            _ => None,
        }
    }

    fn observes(_: &MutexInput, (): &()) -> bool {
        false
    }

    fn words(input: &MutexInput, _: Option<&()>) -> String {
        if *input == MutexInput::Acquire { "acquire".into() } else { "release".into() }
    }

    fn state_words(state: &bool) -> String {
        if *state { "been held".into() } else { "been free".into() }
    }

    fn weight(_: &bool) -> usize {
        size_of::<bool>()
    }
}
