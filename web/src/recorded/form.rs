//! How a log is read: its expression, with what that matches as it is written, what parts its executions, and
//! which of them is shown.

use crate::wishes::{Do, File};
use faultline_recorded::{How, KNOWN, Matches, matches};
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// How long nobody must write until matches are counted, in milliseconds.
const PAUSE: u32 = 250;

#[derive(Properties)]
pub(super) struct FormProps {
    pub(super) file: Rc<File>,
    pub(super) how: How,
    pub(super) executions: Vec<String>,
    pub(super) refused: Option<String>,
    pub(super) dispatch: Callback<Do>,
}

impl PartialEq for FormProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.file, &other.file)
            && (&self.how, &self.executions, &self.refused) == (&other.how, &other.executions, &other.refused)
    }
}

/// The form.
#[component]
pub(super) fn Form(props: &FormProps) -> Html {
    let FormProps { file, how, executions, refused, dispatch } = props;
    let expression = use_state(|| how.expression.clone().unwrap_or_else(|| KNOWN[2].to_owned()));
    let delimiter = use_state(|| how.delimiter.clone().unwrap_or_default());
    let execution = use_state(|| how.execution);
    let counted = use_state(|| None::<Result<Matches, String>>);
    let written = How {
        expression: Some((*expression).clone()),
        delimiter: Some((*delimiter).clone()),
        execution: *execution,
    };
    // Spans and our own lines need no expression; of them only the execution is chosen.
    let is_expressed = executions.is_empty() || how.expression.is_some();
    {
        let (file, counted, written) = (file.clone(), counted.clone(), written.clone());
        use_effect_with((written.expression.clone(), written.delimiter.clone()), move |_| {
            let count = Timeout::new(PAUSE, move || {
                let text = str::from_utf8(&file.bytes).unwrap_or_default();
                counted.set(Some(matches(text, &written)));
            });
            move || drop(count)
        });
    }
    let write = |field: &UseStateHandle<String>| {
        let field = field.clone();
        Callback::from(move |event: InputEvent| {
            let area = event.target_dyn_into::<HtmlTextAreaElement>().map(|field| field.value());
            let line = || event.target_dyn_into::<HtmlInputElement>().map(|field| field.value());
            field.set(area.or_else(line).unwrap_or_default());
        })
    };
    let choose = {
        let execution = execution.clone();
        Callback::from(move |event: Event| {
            let field = event.target_dyn_into::<HtmlSelectElement>();
            execution.set(field.and_then(|field| field.value().parse().ok()).unwrap_or_default());
        })
    };
    let option = |(place, name): (usize, &String)| {
        html! { <option value={place.to_string()} selected={place == *execution}>{ name }</option> }
    };
    let open = {
        let dispatch = dispatch.clone();
        let how = if is_expressed { written } else { How { execution: *execution, ..How::default() } };
        // Enter clicks as well; a form is not sent off, for a sandboxed frame forbids that.
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            dispatch.emit(Do::Log(None, how.clone()));
        })
    };
    html! {
        <form class="log-form">
            <p>{ &file.name }</p>
            if let Some(refused) = refused { <p class="refused" role="alert">{ refused }</p> }
            if is_expressed {
                <label for="log-expression">{ "An event matches this regular expression, with groups named event, host and clock" }</label>
                <textarea id="log-expression" rows="4" spellcheck="false" autocomplete="off" value={(*expression).clone()} oninput={write(&expression)} />
                <p class="legend" role="status" id="log-matches">{ said(counted.as_ref()) }</p>
                <label for="log-delimiter">{ "This one parts executions; empty, if there is only one" }</label>
                <input id="log-delimiter" spellcheck="false" autocomplete="off" value={(*delimiter).clone()} oninput={write(&delimiter)} />
            }
            if executions.len() > 1 {
                <label for="log-execution">{ "Execution" }</label>
                <select id="log-execution" onchange={choose}>{ for executions.iter().enumerate().map(option) }</select>
            }
            <p class="legend">{ "The log stays in this page. Nothing is sent anywhere." }</p>
            <button class="dark" onclick={open}>{ "Open" }</button>
        </form>
    }
}

/// What is said of what an expression matches.
fn said(counted: Option<&Result<Matches, String>>) -> String {
    match counted {
        None => "Counting…".into(),
        Some(Err(sentence)) => sentence.clone(),
        Some(Ok(Matches { events, executions, unmatched, first })) => {
            let s = |count: usize| if count == 1 { "" } else { "s" };
            let parts = if *executions > 1 { format!(" in {executions} executions") } else { String::new() };
            let all = format!("{events} event{}{parts}.", s(*events));
            match first {
                Some((line, words)) => {
                    let words: String = words.chars().take(60).collect();
                    {
                        let fit = if *unmatched == 1 { " fits" } else { "s fit" };
                        format!("{all} {unmatched} line{fit} nowhere; the first is line {line}: {words}")
                    }
                }
                None => format!("{all} Every line is part of an event."),
            }
        }
    }
}
