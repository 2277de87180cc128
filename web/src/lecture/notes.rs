//! What the lecturer reads in a second window: the cue, its notes, the answer, what comes next, and the time that has gone by. The
//! windows speak over a channel of the browser, so there is no server, and only pages of the same site hear it.

use crate::browser::{self, now};
use crate::kit::prose::prose;
use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};
use yew::prelude::*;

/// The address of the second window, behind [`super::PATH`].
pub(super) const ADDRESS: &str = "/notes";
/// The name of the channel. Its number is the version of what is told.
const CHANNEL: &str = "faultline lecture 1";

/// Opens the second window.
pub(super) fn open_window() {
    let address = format!("{}{}", browser::address::base(), super::address_of(ADDRESS));
    if let Some(window) = browser::window() {
        let _ =
            window.open_with_url_and_target_and_features(&address, "faultline-notes", "width=900,height=640");
    }
}

/// What is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// What is said or asked now, and more words about it.
    pub(super) now: String,
    pub(super) text: String,
    /// What comes next.
    pub(super) next: String,
    /// Which cue this is, of how many.
    pub(super) place: String,
    /// How many minutes should have gone by before this run, and how many the lecture takes; 0 where nothing is said.
    pub(super) before: u32,
    pub(super) minutes: u32,
    pub(super) notes: Vec<String>,
    /// The right answers.
    pub(super) right: Vec<String>,
}

impl Told {
    fn write(&self) -> Array {
        let words = |words: &Vec<String>| words.iter().map(|it| JsValue::from_str(it)).collect::<Array>();
        [
            JsValue::from_str(&self.now),
            JsValue::from_str(&self.text),
            JsValue::from_str(&self.next),
            JsValue::from_str(&self.place),
            JsValue::from(self.before),
            JsValue::from(self.minutes),
            words(&self.notes).into(),
            words(&self.right).into(),
        ]
        .into_iter()
        .collect()
    }

    fn read(value: &JsValue) -> Option<Self> {
        let fields: &Array = value.dyn_ref()?;
        let word = |place| fields.get(place).as_string();
        let number = |place| fields.get(place).as_f64().map(|number| number as u32);
        let words = |place| {
            let words = fields.get(place).dyn_into::<Array>().ok()?;
            words.iter().map(|it| it.as_string()).collect::<Option<Vec<_>>>()
        };
        Some(Told {
            now: word(0)?,
            text: word(1)?,
            next: word(2)?,
            place: word(3)?,
            before: number(4)?,
            minutes: number(5)?,
            notes: words(6)?,
            right: words(7)?,
        })
    }
}

/// One end of the channel: it tells, and hears what somebody at the other end wants.
pub(super) struct Desk {
    channel: Option<BroadcastChannel>,
    told: Option<Told>,
    _listener: Option<EventListener>,
}

impl Desk {
    /// Opens the channel; `heard` is told each word that comes.
    pub(super) fn open(heard: Callback<String>) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        let listener = channel.as_ref().map(|channel| {
            listen(channel, move |value| {
                if let Some(word) = value.as_string() {
                    heard.emit(word);
                }
            })
        });
        Desk { channel, told: None, _listener: listener }
    }

    /// Tells where the lecture stands, if that is something new.
    pub(super) fn tell(&mut self, told: Told) {
        if let Some(channel) = self.channel.as_ref().filter(|_| self.told.as_ref() != Some(&told)) {
            let _ = channel.post_message(&told.write());
            self.told = Some(told);
        }
    }

    /// Somebody has not heard yet what was told.
    pub(super) fn forget(&mut self) {
        self.told = None;
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}

fn listen(channel: &BroadcastChannel, mut heard: impl FnMut(JsValue) + 'static) -> EventListener {
    EventListener::new(channel, "message", move |event| {
        if let Some(message) = event.dyn_ref::<MessageEvent>() {
            heard(message.data());
        }
    })
}

/// The second window.
pub(super) struct Notes {
    channel: Option<BroadcastChannel>,
    told: Option<Told>,
    /// When the clock was started, in milliseconds.
    since: f64,
    _tick: Interval,
    _listeners: Vec<EventListener>,
}

/// What happens to it.
pub(super) enum Heard {
    Told(Told),
    /// A second has gone by.
    Second,
    /// The clock starts anew.
    Again,
    /// On, or back.
    Step(bool),
}

impl Component for Notes {
    type Message = Heard;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        let told = ctx.link().clone();
        let mut listeners: Vec<_> = channel
            .iter()
            .map(|channel| {
                let told = told.clone();
                listen(channel, move |value| {
                    if let Some(now) = Told::read(&value) {
                        told.send_message(Heard::Told(now));
                    }
                })
            })
            .collect();
        let step = ctx.link().clone();
        listeners.extend(browser::window().map(|window| {
            EventListener::new(&window, "keydown", move |event| {
                let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key).unwrap_or_default();
                match key.as_str() {
                    "PageDown" | "ArrowRight" | "ArrowDown" => step.send_message(Heard::Step(true)),
                    "PageUp" | "ArrowLeft" | "ArrowUp" => step.send_message(Heard::Step(false)),
                    _ => {}
                }
            })
        }));
        say(channel.as_ref(), "here");
        let second = ctx.link().callback(|()| Heard::Second);
        Notes {
            channel,
            told: None,
            since: now(),
            _tick: Interval::new(1_000, move || second.emit(())),
            _listeners: listeners,
        }
    }

    fn update(&mut self, _: &Context<Self>, heard: Heard) -> bool {
        match heard {
            Heard::Told(told) => self.told = Some(told),
            Heard::Second => {}
            Heard::Again => self.since = now(),
            Heard::Step(on) => say(self.channel.as_ref(), if on { "on" } else { "back" }),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let Some(told) = &self.told else {
            return html! { <main class="lectern"><p class="empty">{ "Open a lecture in another window of this browser, and press S there." }</p></main> };
        };
        let step = |on| ctx.link().callback(move |_: MouseEvent| Heard::Step(on));
        let gone = ((now() - self.since) / 1_000.0) as u32;
        let planned = if told.minutes == 0 {
            String::new()
        } else {
            format!("planned {} of {} min", told.before, told.minutes)
        };
        html! {
            <main class="lectern">
                <header>
                    <span>{ &told.place }</span>
                    <span>{ planned }</span>
                    <button class="quiet" title="Start the clock anew" onclick={ctx.link().callback(|_: MouseEvent| Heard::Again)}>
                        { format!("{}:{:02}", gone / 60, gone % 60) }
                    </button>
                </header>
                <h1>{ prose(&told.now) }</h1>
                <p>{ prose(&told.text) }</p>
                { for told.right.iter().map(|right| html! { <p class="right">{ "✓ " }{ prose(right) }</p> }) }
                <ul>{ for told.notes.iter().map(|note| html! { <li>{ prose(note) }</li> }) }</ul>
                <footer>
                    <p>{ "Next: " }{ if told.next.is_empty() { html! { "the end" } } else { prose(&told.next) } }</p>
                    <button data-tool="back" onclick={step(false)}>{ "Back" }</button>
                    <button data-tool="on" onclick={step(true)}>{ "On" }</button>
                </footer>
            </main>
        }
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        browser::leave_shell();
    }

    fn destroy(&mut self, _: &Context<Self>) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}

/// Says a word to the lecture.
fn say(channel: Option<&BroadcastChannel>, word: &str) {
    if let Some(channel) = channel {
        let _ = channel.post_message(&JsValue::from_str(word));
    }
}
