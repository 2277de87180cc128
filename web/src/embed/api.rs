//! What an embed and the page around it tell each other, by `postMessage`; see `docs/embedding.md`.
//!
//! A message is an object with `faultline: 1`, which is the version. Only the page that holds the frame is listened to, and
//! only an origin that the embed's address names, if it names one.

use crate::browser::window;
use faultline_core::time::{Micros, parse};
use gloo::events::EventListener;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Window};
use yew::Callback;

/// The version of the messages.
const VERSION: f64 = 1.0;

/// What the page around an embed may want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Let time go on, or stop it.
    Play(bool),
    /// Go to a time.
    Seek(Micros),
    /// Do something at the playhead, in the words of a scenario.
    Act(String),
    /// Say how things stand.
    State,
}

/// What an embed tells.
pub(super) enum Told<'a> {
    /// How things stand.
    State(State<'a>),
    /// Something could not be done.
    Refused(&'a str),
    /// The reader has let go of the frame: keys are the page's again.
    Left,
}

/// How things stand.
pub(super) struct State<'a> {
    pub(super) playing: bool,
    /// Whether the end has been reached.
    pub(super) ended: bool,
    pub(super) time: Micros,
    pub(super) start: Micros,
    pub(super) end: Micros,
    pub(super) event: usize,
    /// The caption's title.
    pub(super) caption: &'a str,
}

/// The way between an embed and the page around it.
pub(super) struct Way {
    host: Window,
    /// The only origin, if there is one.
    origin: Option<String>,
    _listener: EventListener,
}

impl Way {
    /// The way to the page around this one, if there is one; what that wants is told, or why it cannot be read.
    pub(super) fn open(origin: Option<String>, asked: Callback<Result<Request, String>>) -> Option<Self> {
        let window = window()?;
        let host = window.parent().ok().flatten().filter(|host| *host != window)?;
        let (of, from) = (host.clone(), origin.clone());
        let listener = EventListener::new(&window, "message", move |event| {
            let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
            let is_host = event.source().is_some_and(|source| source == *of.unchecked_ref::<Object>());
            if is_host
                && from.as_ref().is_none_or(|origin| *origin == event.origin())
                && let Some(request) = read(&event.data())
            {
                asked.emit(request);
            }
        });
        Some(Way { host, origin, _listener: listener })
    }

    /// Tells the page around this one something.
    pub(super) fn tell(&self, told: &Told) {
        let message = Object::new();
        let set = |name: &str, value: JsValue| {
            let _ = Reflect::set(&message, &name.into(), &value);
        };
        set("faultline", VERSION.into());
        match told {
            Told::State(state) => {
                set("is", "state".into());
                set("playing", state.playing.into());
                set("ended", state.ended.into());
                set("time", (state.time as f64).into());
                set("start", (state.start as f64).into());
                set("end", (state.end as f64).into());
                set("event", (state.event as f64).into());
                set("caption", state.caption.into());
            }
            Told::Refused(sentence) => {
                set("is", "refused".into());
                set("sentence", (*sentence).into());
            }
            Told::Left => set("is", "left".into()),
        }
        let _ = self.host.post_message(&message, self.origin.as_deref().unwrap_or("*"));
    }

    /// Gives the keys back to the page around this one.
    pub(super) fn leave(&self) {
        let _ = self.host.focus();
        self.tell(&Told::Left);
    }
}

/// What a message wants, or why it cannot be read; nothing where it is not for us.
fn read(message: &JsValue) -> Option<Result<Request, String>> {
    let get = |name: &str| Reflect::get(message, &name.into()).unwrap_or_default();
    let version = message.is_object().then(|| get("faultline").as_f64()).flatten()?;
    if version.to_bits() != VERSION.to_bits() {
        return Some(Err("this embed speaks version 1 of the messages".into()));
    }
    let text = |name: &str| get(name).as_string();
    Some(match (text("do").as_deref(), get("time").as_f64()) {
        (Some("play"), _) => Ok(Request::Play(true)),
        (Some("pause"), _) => Ok(Request::Play(false)),
        (Some("seek"), Some(time)) => Ok(Request::Seek(time.max(0.0) as Micros)),
        (Some("seek"), None) => parse(&text("time").unwrap_or_default()).map(Request::Seek),
        (Some("act"), _) => Ok(Request::Act(text("words").unwrap_or_default())),
        (Some("state"), _) => Ok(Request::State),
        _ => Err("a message says `do`: `play`, `pause`, `seek`, `act` or `state`".into()),
    })
}
