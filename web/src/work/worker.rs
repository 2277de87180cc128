//! A worker: this very program once more, on a core of its own, that carries out one task and ends with it, so that the
//! memory of a long search is given back. The page hands it the compiled module and the parts that have arrived, so nothing
//! is loaded or compiled again.

use super::{Found, JOBS, Job, Report, Steps, Task, Word};
use crate::browser::{document, now};
use crate::parts;
use faultline_core::check::Bounds;
use faultline_core::scenario::Scenario;
use gloo::events::{EventListener, EventListenerOptions};
use js_sys::Array;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, HtmlLinkElement, MessageEvent, Url};
use yew::Callback;
use yew::platform::spawn_local;

/// How many milliseconds lie between two reports of a worker.
const REPORTED: f64 = 100.0;
/// After so many milliseconds it is looked whether a worker has said something.
pub const PATIENCE: u32 = 1_500;
/// So many times in a row it may have said nothing, and then it is taken for dead. By the clock alone a worker would be
/// dead whenever a machine wakes from sleep.
const SILENCES: u32 = 2;

/// What a worker does by itself: it takes the bindings from the browser's cache, sets the module up, and calls
/// [`carry_out`]. Where something of that fails, it says so by `null`.
const BEGINNING: &str = r#"
onmessageerror = () => postMessage(null);
onmessage = async ({ data: [address, module, task, scenario, parts] }) => {
  try {
    globalThis.faultlineParts = parts;
    const text = await (await fetch(address, { cache: "force-cache" })).blob();
    const bindings = await import(URL.createObjectURL(text));
    await bindings.default({ module_or_path: module });
    bindings.carry_out(task, scenario);
  } catch {
    postMessage(null);
  }
};"#;

/// The page's end of a worker, which ends with it.
pub struct Worker {
    handle: web_sys::Worker,
    /// Where the text lies that it began with.
    beginning: String,
    /// What it has said last, until that is heard.
    said: Rc<Cell<JsValue>>,
    since: f64,
    silences: u32,
    _listeners: [EventListener; 2],
}

impl Worker {
    /// Starts one with a task, and tells whenever it has said something; `None` where the browser denies one.
    pub fn start(task: &Task, scenario: &Scenario, wake: &Callback<()>) -> Option<Self> {
        let bindings = document()?.query_selector("link[rel=modulepreload]").ok()??;
        let bindings = bindings.dyn_into::<HtmlLinkElement>().ok()?.href();
        let script = BlobPropertyBag::new();
        script.set_type("text/javascript");
        let beginning =
            Blob::new_with_str_sequence_and_options(&Array::of1(&BEGINNING.into()), &script).ok()?;
        let beginning = Url::create_object_url_with_blob(&beginning).ok()?;
        let handle = web_sys::Worker::new(&beginning).ok()?;
        let said = Rc::new(Cell::new(JsValue::UNDEFINED));
        let listen = |name: &'static str| {
            let (said, wake) = (said.clone(), wake.clone());
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&handle, name, options, move |event| {
                // What goes wrong there is no error of the page.
                event.prevent_default();
                said.set(event.dyn_ref::<MessageEvent>().map_or(JsValue::NULL, MessageEvent::data));
                wake.emit(());
            })
        };
        let listeners = [listen("message"), listen("error")];
        let (task, scenario) = (write_task(task), scenario.to_string());
        let parts = js_sys::Reflect::get(&js_sys::global(), &"faultlineParts".into()).ok()?;
        let order =
            Array::of5(&bindings.into(), &wasm_bindgen::module(), &task.into(), &scenario.into(), &parts);
        let worker = Worker { handle, beginning, said, since: now(), silences: 0, _listeners: listeners };
        worker.handle.post_message(&order).ok()?;
        Some(worker)
    }

    /// What it has said since it was heard last.
    pub fn hear(&mut self) -> Option<Word> {
        let said = self.said.take();
        if !said.is_undefined() {
            let word = read_word(&said);
            (self.since, self.silences) = (now(), if word.is_some() { 0 } else { SILENCES });
            return word;
        }
        if now() - self.since >= f64::from(PATIENCE) {
            (self.since, self.silences) = (now(), self.silences + 1);
        }
        None
    }

    /// Whether nothing more will be heard.
    pub fn is_gone(&self) -> bool {
        self.silences >= SILENCES
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.handle.terminate();
        let _ = Url::revoke_object_url(&self.beginning);
    }
}

/// Carries out a task, in a worker, and says how far it is and what comes of it. What it gets and says are plain values:
/// only those can be sent.
#[wasm_bindgen]
pub fn carry_out(task: String, scenario: String) {
    spawn_local(async move {
        if let Some(slug) = Scenario::protocol_of(&scenario) {
            parts::protocol(slug).await;
        }
        match JOBS.come().await {
            Some(jobs) => (jobs.carry_out)(&task, &scenario),
            None => say(&JsValue::NULL),
        }
    });
}

/// Says something to the page, in a worker.
fn say(word: &JsValue) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let _ = scope.post_message(word);
}

/// Works on a task until it is over.
pub(super) fn work(task: &str, scenario: &str) {
    let Some((task, scenario)) = read_task(task).zip(Scenario::parse(scenario).ok()) else {
        say(&JsValue::NULL);
        return;
    };
    let mut job = Job::new(&task, &scenario);
    loop {
        let word = job.go_on(REPORTED);
        say(&write_word(&word));
        if word.report.share.is_none() {
            return;
        }
    }
}

fn write_task(task: &Task) -> String {
    match task {
        Task::Attack => "attack".into(),
        Task::Shrink(claim) => format!("shrink {claim}"),
        Task::Search(bounds) => {
            let Bounds { depth, states, inputs, timers, crashes, drops, copies, lies } = bounds;
            let timers = timers.map_or_else(|| "any".into(), |most| most.to_string());
            format!("search {depth} {states} {inputs} {timers} {crashes} {drops} {copies} {lies}")
        }
    }
}

fn read_task(text: &str) -> Option<Task> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    match verb {
        "attack" => Some(Task::Attack),
        "shrink" => Some(Task::Shrink(rest.into())),
        _ => {
            let numbers: Vec<Option<u32>> = rest.split(' ').map(|number| number.parse().ok()).collect();
            let [depth, states, inputs, timers, crashes, drops, copies, lies] = numbers[..] else {
                return None;
            };
            Some(Task::Search(Bounds {
                depth: depth?,
                states: states? as usize,
                inputs: inputs? as u8,
                timers: timers.map(|most| most as u8),
                crashes: crashes? as u8,
                drops: drops? as u8,
                copies: copies? as u8,
                lies: lies? as u8,
            }))
        }
    }
}

fn write_word(Word { report, found }: &Word) -> Array {
    let Report { title, verdict, facts, share, broken, claim: _, shrunk } = report.clone();
    let texts = |texts: &[&str]| texts.iter().map(|text| JsValue::from(*text)).collect::<Array>();
    let broken: Array = broken.into_iter().map(JsValue::from).collect();
    let run = |it: &Found| JsValue::from(texts(&[&it.claim, &it.name, &it.scenario.to_string()]));
    let found: Array = found.iter().map(run).collect();
    let values: [JsValue; 7] = [
        title.into(),
        verdict.into(),
        facts.into(),
        share.into(),
        broken.into(),
        shrunk.into(),
        found.into(),
    ];
    values.iter().collect()
}

/// `None` where it is no word, or holds a run that cannot be read.
fn read_word(said: &JsValue) -> Option<Word> {
    let [title, verdict, facts, share, broken, shrunk, found] =
        <[JsValue; 7]>::try_from(said.dyn_ref::<Array>()?.to_vec()).ok()?;
    let text = |value: JsValue| value.as_string();
    let run = |it: JsValue| {
        let [claim, name, scenario] = <[JsValue; 3]>::try_from(it.dyn_ref::<Array>()?.to_vec()).ok()?;
        Some(Found {
            claim: text(claim)?,
            name: text(name)?,
            scenario: Scenario::parse(&text(scenario)?).ok()?,
        })
    };
    let report = Report {
        title: text(title)?,
        verdict: text(verdict)?,
        facts: text(facts)?,
        share: share.as_f64(),
        broken: broken.dyn_ref::<Array>()?.iter().map(text).collect::<Option<_>>()?,
        claim: None,
        shrunk: shrunk.as_bool()?,
    };
    let found = found.dyn_ref::<Array>()?.iter().map(run).collect::<Option<_>>()?;
    Some(Word { report, found })
}
