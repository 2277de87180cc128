//! What declarations carry: settings, wrong twins, kinds and words. The derives of `faultline-derive` fill them in.

use crate::title::{Kind, Setting, Twin, Unit};

pub use faultline_derive::{Choice, Read, Settings, Twins, Words};

/// What may be set before a run, wrong twins included.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what may be set",
    note = "derive `Settings` for a struct with a field a setting; a protocol without settings has `type Params = ()`"
)]
pub trait Settings: Default {
    /// What may be set, in order.
    const SETTINGS: &'static [Setting];
    /// The wrong twins, in order.
    const TWINS: &'static [Twin];
    /// Sets the setting at this place.
    fn set(&mut self, place: usize, value: u64);
    /// Turns on the wrong twin at this place.
    fn turn(&mut self, place: usize);
}

/// The parameters of a protocol that has none.
impl Settings for () {
    const SETTINGS: &'static [Setting] = &[];
    const TWINS: &'static [Twin] = &[];
    fn set(&mut self, _: usize, _: u64) {}
    fn turn(&mut self, _: usize) {}
}

/// Wrong twins.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its wrong twins are",
    note = "derive `Twins` for a struct with a `bool` a twin"
)]
pub trait Twins: Default {
    /// In order.
    const TWINS: &'static [Twin];
    /// Turns on the one at this place.
    fn turn(&mut self, place: usize);
}

/// The value of a setting.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a setting",
    label = "neither a number (`u64`, `Micros`) nor a `bool` nor an enum that derives `Choice`",
    note = "the field of the wrong twins is marked `#[setting(twins)]`, one that follows from the others `#[setting(memo)]`"
)]
pub trait Value: Sized {
    /// What it counts.
    const UNIT: Unit;
    /// The least and the greatest value, unless the setting says otherwise, as a number must.
    const BOUNDS: (u64, u64) = match Self::UNIT {
        Unit::Choice(words) => (0, words.len() as u64 - 1),
        Unit::Switch => (0, 1),
        Unit::Time | Unit::Count => (0, u64::MAX),
    };
    /// The value of a number within the bounds.
    fn of(value: u64) -> Self;
}

impl Value for u64 {
    const UNIT: Unit = Unit::Count;
    fn of(value: u64) -> Self {
        value
    }
}

impl Value for bool {
    const UNIT: Unit = Unit::Switch;
    fn of(value: u64) -> Self {
        value == 1
    }
}

/// Messages by their kinds; [`kinds!`] implements it, and [`Display`](std::fmt::Display) with it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which kinds of messages there are",
    note = "list them: `kinds! {{ Message {{ Hello 'H': Self::Hello(number) => \"{{number}}\" }} }}`"
)]
pub trait Kinds: std::fmt::Display {
    /// All kinds.
    const KINDS: &'static [Kind];
    /// Which of them this message is, by its place.
    fn kind(&self) -> usize;
    /// What it is to a reader of the log, where that is less than all that it prints: `entry 3 (Put x=1)`.
    fn brief(&self) -> Option<String>;
}

/// The kinds of messages, a line each: name, letter, whether it is a reply, pattern, which may have a guard; then what a message
/// of that kind prints after its name, a template or a template with its arguments. Where that is more than a reader of the log
/// wants to know, `as` and one more template say what is received.
///
/// ```ignore
/// kinds! { Message {
///     Prepare 'P': Self::Prepare(transaction) => "{transaction}",
///     Vote 'V' reply: Self::Vote(transaction, vote) => "{transaction} {vote}",
///     Ping 'p': Self::Ping,
///     Find 'F': Self::Find(key, way) => ("{key} after {} hops", way.len()) as "a question about {key}",
/// } }
/// ```
#[macro_export]
macro_rules! kinds {
    (@reply) => { false };
    (@reply reply) => { true };
    (@write $out:ident $name:ident) => { $out.write_str(stringify!($name)) };
    (@write $out:ident $name:ident $words:literal) => { $crate::kinds!(@write $out $name ($words)) };
    (@write $out:ident $name:ident ($($words:tt)+)) => {{
        $out.write_str(concat!(stringify!($name), " "))?;
        write!($out, $($words)+)
    }};
    (@brief) => { None };
    (@brief $words:literal) => { $crate::kinds!(@brief ($words)) };
    (@brief ($($words:tt)+)) => { Some(format!($($words)+)) };
    ($message:ty {
        $($name:ident $letter:literal $($reply:ident)?: $form:pat $(if $guard:expr)?
            $(=> $words:tt $(as $brief:tt)?)?),+ $(,)?
    }) => {
        impl $crate::words::Kinds for $message {
            const KINDS: &'static [$crate::title::Kind] = &[$($crate::title::Kind {
                name: stringify!($name),
                letter: $letter,
                reply: $crate::kinds!(@reply $($reply)?),
            }),+];

            #[allow(unused_variables)]
            fn kind(&self) -> usize {
                enum Place { $($name),+ }
                match self { $($form $(if $guard)? => Place::$name as usize),+ }
            }

            #[allow(unused_variables)]
            fn brief(&self) -> Option<String> {
                match self { $($form $(if $guard)? => $crate::kinds!(@brief $($($brief)?)?)),+ }
            }
        }

        impl ::std::fmt::Display for $message {
            fn fmt(&self, out: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self { $($form $(if $guard)? => $crate::kinds!(@write out $name $($words)?)),+ }
            }
        }
    };
}
pub use kinds;
