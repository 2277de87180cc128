//! A finger that rests on something asks for its menu, as the right button of a mouse does. Some browsers say so themselves;
//! where one does not, this does.

use crate::browser;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, MouseEvent, MouseEventInit, PointerEvent, PointerEventInit};

/// How many milliseconds a finger has to rest.
const REST: u32 = 500;
/// How far it may stray.
const STRAY: f64 = 10.0;

/// A finger that is down: where, and what ends its rest.
struct Resting {
    place: (f64, f64),
    _end: Timeout,
}

/// Watches fingers, as long as the listeners live.
pub fn follow() -> Vec<EventListener> {
    let Some(document) = browser::document() else { return Vec::new() };
    let resting = Rc::new(RefCell::new(None::<Resting>));
    // Whether a menu was asked for by the finger that is down: what else the browser makes of it is not meant.
    let asked = Rc::new(Cell::new(false));
    let on = |name: &'static str, act: Box<dyn Fn(&Event)>| {
        let options = EventListenerOptions { passive: false, ..EventListenerOptions::run_in_capture_phase() };
        EventListener::new_with_options(&document, name, options, move |event| act(event))
    };
    let down = {
        let (resting, asked) = (resting.clone(), asked.clone());
        move |event: &Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            asked.set(false);
            resting.replace((event.pointer_type() == "touch" && event.is_primary()).then(|| {
                let (event, asked) = (event.clone(), asked.clone());
                let place = place_of(&event);
                Resting { place, _end: Timeout::new(REST, move || asked.set(ask(&event))) }
            }));
        }
    };
    let moves = {
        let resting = resting.clone();
        move |event: &Event| {
            let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
            let (x, y) = place_of(event);
            let strays = |it: &Resting| (it.place.0 - x).abs().max((it.place.1 - y).abs()) > STRAY;
            if resting.borrow().as_ref().is_some_and(strays) {
                resting.take();
            }
        }
    };
    let ends = || {
        let resting = resting.clone();
        Box::new(move |_: &Event| _ = resting.take())
    };
    let menu = {
        let (resting, asked) = (resting.clone(), asked.clone());
        move |event: &Event| {
            if event.is_trusted() && asked.get() {
                event.prevent_default();
                event.stop_propagation();
            }
            resting.take();
        }
    };
    let click = move |event: &Event| {
        if asked.take() {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    vec![
        on("pointerdown", Box::new(down)),
        on("pointermove", Box::new(moves)),
        on("pointerup", ends()),
        on("pointercancel", ends()),
        on("contextmenu", Box::new(menu)),
        on("click", Box::new(click)),
    ]
}

fn place_of(event: &MouseEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

/// Asks for the menu of what a finger rests on; whether there is one. Then it hauls and ropes no more.
fn ask(event: &PointerEvent) -> bool {
    let Some(target) = event.target() else { return false };
    let init = MouseEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_client_x(event.client_x());
    init.set_client_y(event.client_y());
    let menu = MouseEvent::new_with_mouse_event_init_dict("contextmenu", &init);
    let taken = menu.is_ok_and(|menu| target.dispatch_event(&menu) == Ok(false));
    let init = PointerEventInit::new();
    init.set_bubbles(true);
    init.set_pointer_id(event.pointer_id());
    if let (true, Ok(cancel)) = (taken, PointerEvent::new_with_event_init_dict("pointercancel", &init)) {
        let _ = target.dispatch_event(&cancel);
    }
    taken
}
