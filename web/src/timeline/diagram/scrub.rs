//! The diagram under the pointer: a press on a mark goes to its event, a drag scrubs.

use super::gutter;
use crate::browser::capture;
use crate::picture::motion::Motion;
use crate::wishes::Do;
use faultline_core::time::Micros;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// Shorter drags are clicks.
const CLICK: f64 = 5.0;

/// The time at a place of the window.
fn time_at(event: &PointerEvent, window: f64, scale: f64) -> Option<Micros> {
    let picture = target_of(event)?.closest(".diagram-picture").ok()??.get_bounding_client_rect();
    let time = window + (f64::from(event.client_x()) - picture.left() - gutter(picture.width())) / scale;
    Some(time.max(0.0) as Micros)
}

fn target_of(event: &PointerEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The event whose mark is under the pointer.
fn marked(event: &PointerEvent) -> Option<usize> {
    let mark = target_of(event)?.closest(".arrow, .dot, .foot").ok()??;
    mark.get_attribute("data-event")?.parse().ok()
}

/// Whether the pointer is on a name, or on the bar that scrolls.
fn is_beside(event: &PointerEvent) -> bool {
    target_of(event).is_some_and(|it| it.matches(".lines, .names, .names *").unwrap_or(false))
}

/// What a pointer that is down does: where it went down, on the mark of which event, and whether it scrubs.
#[derive(Clone, Copy)]
struct Held {
    x: f64,
    mark: Option<usize>,
    scrubs: bool,
}

pub(super) type OnPointer = Callback<PointerEvent>;

/// A press on a mark goes to its event, one beside them to the time that is there; dragged, it scrubs. The listeners for
/// a pointer that goes down, moves, is let go, and is taken away by the browser.
#[hook]
pub(super) fn use_scrub(
    motion: &Motion,
    dispatch: &Callback<Do>,
) -> (OnPointer, OnPointer, OnPointer, OnPointer) {
    let held = use_mut_ref(|| None::<Held>);
    let scrub = {
        let (motion, dispatch) = (motion.clone(), dispatch.clone());
        move |event: &PointerEvent| {
            let (window, scale) = motion.window();
            if let Some(time) = time_at(event, window, scale) {
                dispatch.emit(Do::Drag(time));
            }
        }
    };
    let down = {
        let (held, scrub) = (held.clone(), scrub.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 || is_beside(&event) {
                return;
            }
            let mark = marked(&event);
            capture(&event, ".diagram-picture");
            // A finger may be about to scroll: it scrubs when it goes sideways, or is lifted.
            let scrubs = mark.is_none() && event.pointer_type() != "touch";
            held.replace(Some(Held { x: f64::from(event.client_x()), mark, scrubs }));
            if scrubs {
                scrub(&event);
            }
        })
    };
    let on = {
        let (held, scrub) = (held.clone(), scrub.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(mut now) = *held.borrow() else { return };
            now.scrubs |= (f64::from(event.client_x()) - now.x).abs() > CLICK;
            held.replace(Some(now));
            if now.scrubs {
                scrub(&event);
            }
        })
    };
    let up = {
        let (held, dispatch) = (held.clone(), dispatch.clone());
        Callback::from(move |event: PointerEvent| match held.take() {
            Some(Held { scrubs: false, mark: Some(after), .. }) => dispatch.emit(Do::Event(after + 1)),
            Some(Held { scrubs: false, .. }) => scrub(&event),
            _ => {}
        })
    };
    let cancel = Callback::from(move |_: PointerEvent| _ = held.take());
    (down, on, up, cancel)
}
