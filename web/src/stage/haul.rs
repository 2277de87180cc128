//! A message is hauled along its way: back, and it is late by as much; onto its receiver, and it is delivered.

use crate::browser::capture;
use crate::kit::prose::span;
use crate::picture::geometry::Point;
use crate::picture::ground::place_of;
use crate::picture::motion::{Motion, share};
use crate::wishes::Do;
use faultline_core::session::Target;
use faultline_core::time::{Micros, exact};
use faultline_core::view::MessageView;
use web_sys::Element;
use yew::prelude::*;

/// Shorter drags are clicks.
const CLICK: f64 = 5.0;
/// Beyond this share of its way a message is let go at its receiver.
const DOOR: f64 = 0.93;
/// A message that has hardly left is hauled behind its sender, and only then is it late.
const LEFT: f64 = 0.08;

/// The listeners for one message's mark.
pub struct Haul {
    /// The pointer goes down.
    pub down: Callback<PointerEvent>,
    /// It moves.
    pub on: Callback<PointerEvent>,
    /// It is let go.
    pub up: Callback<PointerEvent>,
    /// It is taken away by the browser.
    pub cancel: Callback<PointerEvent>,
}

/// What becomes of a message that is let go at a share of its way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Delivered,
    Late(Micros),
    Untouched,
}

/// What becomes of a message on a way of `whole` when it is hauled from one share of it to another.
fn fate(whole: Micros, from: f64, to: f64) -> Fate {
    let late = if from > LEFT {
        // It stays where it is let go: from there on it needs as long as it has needed to there, in proportion.
        whole as f64 * (from / to.max(0.05) - 1.0)
    } else {
        whole as f64 * (from - to) * 2.0
    };
    match to {
        to if to > DOOR => Fate::Delivered,
        to if to < from && late >= 100.0 => Fate::Late(late as Micros / 100 * 100),
        _ => Fate::Untouched,
    }
}

/// Lets a message be hauled along its way on the stage. `word` is where the page says what
/// will come of it.
#[hook]
pub fn use_haul(
    message: &MessageView,
    now: Micros,
    way: (Point, Point),
    word: NodeRef,
    motion: &Motion,
    dispatch: &Callback<Do>,
) -> Haul {
    let (start, end) = way;
    let held = use_mut_ref(|| None::<(Point, bool)>);
    let (whole, from) = (message.until.saturating_sub(message.sent), share(now, message.sent, message.until));
    // The share of the way that is nearest to the pointer.
    let project = move |(x, y): Point| {
        let (dx, dy) = (end.0 - start.0, end.1 - start.1);
        ((x - start.0) * dx + (y - start.1) * dy) / (dx * dx + dy * dy).max(1.0)
    };
    let say = move |text: &str| {
        if let Some(word) = word.cast::<Element>() {
            word.set_text_content(Some(text));
        }
    };
    let key = message.id;
    let down = {
        let (held, target) = (held.clone(), Target::Message(message.id));
        dispatch.reform(move |event: PointerEvent| {
            if event.button() == 0 {
                capture(&event, ".message");
                *held.borrow_mut() = place_of(&event).map(|place| (place, false));
            }
            Do::Select(Some(target))
        })
    };
    let on = {
        let (held, motion, say) = (held.clone(), motion.clone(), say.clone());
        Callback::from(move |event: PointerEvent| {
            let mut held = held.borrow_mut();
            let (Some((first, hauled)), Some(place)) = (held.as_mut(), place_of(&event)) else {
                return;
            };
            *hauled |= (first.0 - place.0).abs().max((first.1 - place.1).abs()) > CLICK;
            if *hauled {
                let to = project(place).clamp(-0.6, 1.0);
                motion.haul(key, to);
                say(&match fate(whole, from, to) {
                    Fate::Delivered => "deliver now".to_owned(),
                    Fate::Late(by) => format!("delay by {}", span(by)),
                    Fate::Untouched => String::new(),
                });
            }
        })
    };
    let up = {
        let (held, motion, say, name) = (held.clone(), motion.clone(), say.clone(), message.name.clone());
        dispatch.reform(move |event: PointerEvent| {
            say("");
            motion.haul(key, from);
            let hauled = held.borrow_mut().take().is_some_and(|(_, hauled)| hauled);
            let to = place_of(&event).filter(|_| hauled).map(|place| project(place).clamp(-0.6, 1.0));
            match to.map_or(Fate::Untouched, |to| fate(whole, from, to)) {
                Fate::Delivered => Do::Act(format!("deliver {name}")),
                Fate::Late(by) => Do::Act(format!("delay {name} by {}", exact(by))),
                Fate::Untouched => Do::Nothing,
            }
        })
    };
    let cancel = {
        let motion = motion.clone();
        Callback::from(move |_: PointerEvent| {
            held.borrow_mut().take();
            say("");
            motion.haul(key, from);
        })
    };
    Haul { down, on, up, cancel }
}
