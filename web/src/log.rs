//! The log: what happened, as sentences. At most sixty rows are drawn, around the playhead.

use crate::answer::Question;
use crate::diagram::way;
use crate::keys::{Command, aria};
use crate::msg::Do;
use crate::prose::prose;
use faultline_core::NodeId;
use faultline_core::time::seconds;
use faultline_core::trace::{Flags, Line, NO_CAUSE, NOBODY, What};
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// What the log shows.
#[derive(Properties, PartialEq)]
pub struct LogProps {
    /// The rows.
    pub rows: Vec<Rc<Line>>,
    /// How many events have happened.
    pub event: usize,
    /// Whether every event is shown.
    pub all: bool,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The log.
#[component]
pub fn Log(LogProps { rows, event, all, dispatch }: &LogProps) -> Html {
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with((*event, *all, rows.len()), move |_| {
            let Some(list) = list.cast::<Element>() else { return };
            if let Ok(Some(row)) = list.query_selector("[aria-current]") {
                keep_in_sight(&list, &row);
            }
        });
    }
    let onchange = dispatch.reform(|event: Event| {
        Do::AllLines(event.target_dyn_into::<HtmlInputElement>().is_some_and(|field| field.checked()))
    });
    let current = event.checked_sub(1);
    html! {
        <section class="log" aria-label="Log">
            <label class="switch"><input type="checkbox" checked={*all} {onchange} />{ "every event" }</label>
            if rows.is_empty() { <p class="empty">{ "Nothing has happened yet." }</p> }
            <ol ref={list} tabindex="0" aria-label="Events">
                { for rows.iter().map(|line| html! {
                    <Row key={line.index} line={line.clone()} current={current == Some(line.index)}
                        future={line.index >= *event} dispatch={dispatch.clone()} />
                }) }
            </ol>
        </section>
    }
}

/// Scrolls the list, and only the list, so that the row stands in its lower half.
fn keep_in_sight(list: &Element, row: &Element) {
    let (frame, place) = (list.get_bounding_client_rect(), row.get_bounding_client_rect());
    let (above, below) = (place.top() - frame.top(), frame.bottom() - place.bottom());
    if above < 24.0 || below < 24.0 {
        let wanted = frame.height() * 0.6 - place.height() / 2.0;
        list.set_scroll_top(list.scroll_top() + (above - wanted) as i32);
    }
}

#[derive(Properties, PartialEq)]
struct RowProps {
    line: Rc<Line>,
    current: bool,
    future: bool,
    dispatch: Callback<Do>,
}

#[component]
fn Row(RowProps { line, current, future, dispatch }: &RowProps) -> Html {
    let record = line.record;
    let index = line.index;
    let go = dispatch.reform(move |_: MouseEvent| Do::Event(index + 1));
    let class = classes!(
        "row",
        future.then_some("future"),
        record.flags.has(Flags::ACT).then_some("act"),
        record.flags.has(Flags::VIOLATION).then_some("violated"),
        record.flags.has(Flags::MILESTONE).then_some("told"),
        matches!(record.what, What::Lose | What::Drop).then_some("lost"),
    );
    let node = NodeId(record.node);
    let lights = if record.what.ends_message() {
        let from = NodeId(record.peer);
        format!("e{index} {} {from} {node}", way(record.cause as usize, from, node))
    } else if record.node == NOBODY {
        format!("e{index}")
    } else {
        format!("e{index} {node}")
    };
    html! {
        <li {class} data-is={format!("e{index}")} data-lights={lights} data-event={index.to_string()} aria-current={current.then_some("step")}>
            <button class="line" onclick={go}>
                <span class="time">{ seconds(record.time, 3) }</span>
                <span class="sentence">{ prose(&line.sentence) }</span>
            </button>
            if *current { <Why line={line.clone()} dispatch={dispatch.clone()} /> }
        </li>
    }
}

/// What was sent, with the receivers of the same message together: `Vote term 1 to n2, n3`.
fn together(sent: &[String]) -> Vec<String> {
    let mut groups: Vec<(&str, String)> = Vec::new();
    for text in sent {
        let (message, to) = text.rsplit_once(" to ").unwrap_or((text, ""));
        match groups.last_mut() {
            Some((same, all)) if *same == message => *all = format!("{all}, {to}"),
            _ => groups.push((message, to.to_owned())),
        }
    }
    groups.into_iter().map(|(message, to)| format!("{message} to {to}")).collect()
}

#[derive(Properties, PartialEq)]
struct WhyProps {
    line: Rc<Line>,
    dispatch: Callback<Do>,
}

/// Why an event happened: its occasion, the rule of the paper, what caused it, and what came of it.
#[component]
fn Why(WhyProps { line, dispatch }: &WhyProps) -> Html {
    let (cause, index) = (line.record.cause, line.index);
    let chain = dispatch.reform(move |_: MouseEvent| Do::Why(Question::Event(index)));
    let back = dispatch.reform(move |_: MouseEvent| Do::Event(cause as usize + 1));
    let list = |word: &'static str, items: &[String]| {
        html! { if !items.is_empty() { <p><span class="word">{ word }</span>{ prose(&items.join("; ")) }</p> } }
    };
    html! {
        <div class="why">
            if !line.occasion.is_empty() { <p><span class="word">{ "on " }</span>{ prose(&line.occasion) }</p> }
            if let Some(rule) = line.rule {
                <p class="rule"><span class="section">{ rule.section }</span>{ " " }{ rule.sentence }</p>
            }
            if let Some(disk) = &line.disk { <p><span class="word">{ "writes " }</span>{ prose(disk) }</p> }
            { list("sends ", &together(&line.sent)) }
            { list("tells ", &line.outputs) }
            if cause != NO_CAUSE {
                <button class="cause" data-why={index.to_string()} aria-keyshortcuts={aria(Command::Chain)} onclick={chain}>{ "The whole chain" }<kbd aria-hidden="true">{ "Shift W" }</kbd></button>
                <button class="cause" aria-keyshortcuts="W" onclick={back}>{ format!("Why? Because of event {}", cause + 1) }<kbd aria-hidden="true">{ "W" }</kbd></button>
            }
        </div>
    }
}
