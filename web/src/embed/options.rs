//! What an embed is asked to be, in the words between `?` and `#` of its address; see `docs/embedding.md`.

use crate::browser::address;
use crate::lab::SPEEDS;
use faultline_core::scenario::Seen;
use faultline_core::time::{Micros, parse};

/// Which controls there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Controls {
    /// None but the way to the laboratory.
    None,
    /// Play and time.
    Minimal,
    /// These, steps, and the clock.
    #[default]
    Full,
}

/// What an embed is asked to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// Where it begins, if not where its link says.
    pub(super) start: Option<Micros>,
    /// Where it ends, if not at the end of the run.
    pub(super) end: Option<Micros>,
    /// Whether it begins again at its end.
    pub(super) again: bool,
    /// Which of the speeds, if not the usual one.
    pub(super) speed: Option<usize>,
    pub(super) controls: Controls,
    /// Whether a reader may only watch.
    pub(super) locked: bool,
    /// What is seen of the run.
    pub(super) view: Seen,
    /// Whether no captions are shown.
    pub(super) silent: bool,
    /// The colour scheme; that of the page around it, if nothing is said.
    pub(super) theme: String,
    /// The only origin with which it speaks, if not any.
    pub(super) origin: Option<String>,
}

/// Whether the address wants an embed.
pub(crate) fn wanted() -> bool {
    address::query().is_some_and(|query| query.has("embed"))
}

impl Options {
    /// Reads the address.
    ///
    /// # Errors
    /// One sentence for whoever wrote it.
    pub(super) fn read() -> Result<Self, String> {
        let query = address::query();
        Options::of(|name| query.as_ref().and_then(|query| query.get(name)))
    }

    /// Reads what has been written for each name.
    fn of(value: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let time = |name: &str| {
            let read = |text: String| parse(&text).map_err(|sentence| format!("`{name}`: {sentence}"));
            value(name).map(read).transpose()
        };
        let switch = |name: &str| match value(name).as_deref() {
            None | Some("off") => Ok(false),
            Some("" | "on") => Ok(true),
            Some(other) => Err(one_of(name, other, "on or off")),
        };
        let (controls, speed, view, theme) =
            (value("controls"), value("speed"), value("view"), value("theme"));
        Ok(Options {
            start: time("start")?,
            end: time("end")?,
            again: switch("loop")?,
            speed: speed.map(|speed| speed_of(&speed)).transpose()?,
            controls: match controls.as_deref() {
                Some("none") => Controls::None,
                Some("minimal") => Controls::Minimal,
                None | Some("full") => Controls::Full,
                Some(other) => return Err(one_of("controls", other, "none, minimal or full")),
            },
            locked: switch("locked")?,
            view: view.map_or(Ok(Seen::default()), |view| Seen::parse(&view))?,
            silent: match value("caption").as_deref() {
                None | Some("on") => false,
                Some("off") => true,
                Some(other) => return Err(one_of("caption", other, "on or off")),
            },
            theme: match theme.as_deref() {
                None | Some("auto" | "light" | "dark") => theme.unwrap_or_default(),
                Some(other) => return Err(one_of("theme", other, "auto, light or dark")),
            },
            origin: value("origin").filter(|origin| !origin.is_empty()),
        })
    }
}

fn one_of(name: &str, said: &str, known: &str) -> String {
    format!("`{name}` is {known}, not `{said}`")
}

/// A speed by its name.
fn speed_of(name: &str) -> Result<usize, String> {
    let place = SPEEDS.iter().position(|(_, known)| known.trim_end_matches('×') == name);
    place.ok_or_else(|| {
        let known: Vec<_> = SPEEDS.iter().map(|(_, known)| known.trim_end_matches('×')).collect();
        one_of("speed", name, &format!("one of {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Options, String> {
        let pairs: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
        Options::of(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn options_are_read() {
        assert_eq!(read("embed"), Ok(Options::default()));
        let said = read(
            "embed&start=1.2s&end=2s&loop&speed=1/50&controls=none&locked=on&view=both&caption=off&theme=dark",
        );
        let wanted = Options {
            start: Some(1_200_000),
            end: Some(2_000_000),
            again: true,
            speed: Some(4),
            controls: Controls::None,
            locked: true,
            view: Seen::Both,
            silent: true,
            theme: "dark".into(),
            origin: None,
        };
        assert_eq!(said, Ok(wanted));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (query, words) in [
            ("start=soon", "`start`: `soon` is no time"),
            ("speed=3", "`speed` is one of 1/1000, "),
            ("controls=some", "`controls` is none, minimal or full, not `some`"),
            ("loop=maybe", "`loop` is on or off"),
            ("view=logs", "`view` is stage, diagram, both or panel"),
            ("theme=pink", "`theme` is auto, light or dark"),
        ] {
            let sentence = read(query).unwrap_err();
            assert!(sentence.starts_with(words), "{sentence}");
        }
    }
}
