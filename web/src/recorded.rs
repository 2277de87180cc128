//! Logs: what reads them is a part of the page, with the dialog that asks how. It comes when somebody opens
//! one.

use crate::kit::icons::{self, Icon};
use crate::parts::room;
use crate::wishes::{Do, File};
use faultline_core::session::RECORDED;
use faultline_recorded::{How, Opened, Refusal};
use form::Form;
use std::rc::Rc;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

mod form;

/// A log that was opened or refused.
#[derive(Clone)]
pub(crate) struct Log {
    /// Where it came from.
    pub(crate) file: Rc<File>,
    /// How it was read, or was to be.
    pub(crate) how: How,
    /// Its executions, where it was opened.
    pub(crate) executions: Vec<String>,
    /// Why not, where it was refused.
    pub(crate) refused: Option<String>,
}

/// What reads logs.
pub(crate) struct Reader {
    read: fn(&File, &How) -> Result<Opened, Refusal>,
    dialog: fn(&Log, &Callback<Do>) -> Html,
}

room! {
    /// What reads logs, and asks how.
    RECORDED_RUNS, recorded: &'static Reader = &Reader { read, dialog: drawn }
}

impl Reader {
    /// Reads a log.
    pub(crate) fn read(&self, file: &File, how: &How) -> Result<Opened, Refusal> {
        (self.read)(file, how)
    }
}

/// What reads logs, if it is here; else it is fetched, and `then` is told.
pub(crate) fn reader(then: &Callback<()>) -> Option<&'static Reader> {
    let reader = RECORDED_RUNS.here();
    if reader.is_none() {
        RECORDED_RUNS.ask(then);
    }
    reader
}

/// The sentence that is said where that cannot be had.
pub(crate) fn lost(then: &Callback<()>) -> Option<Html> {
    RECORDED_RUNS.lost(then)
}

/// Why nothing can be done to such a run, as a sentence of its own.
pub(crate) fn sentence() -> String {
    let mut sentence = format!("{RECORDED}.");
    sentence[..1].make_ascii_uppercase();
    sentence
}

/// The dialog about a log; nothing as long as what reads logs is not here, for then none was read.
pub(crate) fn dialog(log: &Log, dispatch: &Callback<Do>) -> Html {
    RECORDED_RUNS.here().map(|reader| (reader.dialog)(log, dispatch)).unwrap_or_default()
}

fn read(file: &File, how: &How) -> Result<Opened, Refusal> {
    match str::from_utf8(&file.bytes) {
        Ok(text) => faultline_recorded::open(&file.name, text, how),
        Err(_) => Err(Refusal {
            sentence: "This is not text: its bytes are not UTF-8.".into(),
            wants_expression: false,
        }),
    }
}

fn drawn(log: &Log, dispatch: &Callback<Do>) -> Html {
    let Log { file, how, executions, refused } = log.clone();
    html! { <Sheet {dispatch}><Form {file} {how} {executions} {refused} {dispatch} /></Sheet> }
}

#[derive(Properties, PartialEq)]
struct SheetProps {
    dispatch: Callback<Do>,
    children: Html,
}

/// The dialog around the form.
#[component]
fn Sheet(SheetProps { dispatch, children }: &SheetProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // It fails only for a dialog that is open already.
                let _ = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let close = dispatch.reform(|_: MouseEvent| Do::Dialog(None));
    let onclose = dispatch.reform(|_: Event| Do::Dialog(None));
    html! {
        <dialog ref={node} aria-labelledby="dialog-title" oncancel={onclose.clone()} {onclose}>
            <header><h2 id="dialog-title">{ "Read a log" }</h2><button class="close" aria-label="Close" onclick={close}>{ icons::draw(Icon::Close) }</button></header>
            <div class="body">{ children.clone() }</div>
        </dialog>
    }
}
