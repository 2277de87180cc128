//! The log: what happened, as sentences, of all or of what matters, of one node, of one sort, with some words. At most
//! sixty rows are drawn, around the playhead.

use crate::kit::light::way;
use crate::kit::prose::{fixed, prose};
use crate::kit::roving::{focus, items, next};
use crate::kit::terms::Terms;
use crate::wishes::Do;
use crate::wishes::filter::{Filter, Sort, Whose};
use crate::wishes::keys::{Command, aria};
use crate::wishes::question::Question;
use faultline_core::NodeId;
use faultline_core::time::seconds;
use faultline_core::trace::{Flags, Line, NO_CAUSE, NOBODY, What};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Nodes that can be chosen by name; of more, the picked one can.
const MOST_NAMED: usize = 64;

/// Every sort, with its name.
const SORTS: [(Sort, &str); 6] = [
    (Sort::Any, "all kinds"),
    (Sort::Acts, "acts"),
    (Sort::Messages, "messages"),
    (Sort::Timers, "timers"),
    (Sort::Told, "milestones"),
    (Sort::Faults, "faults"),
];

/// What the log shows.
#[derive(Properties, PartialEq)]
pub struct LogProps {
    /// The rows.
    pub rows: Vec<Rc<Line>>,
    /// How many events have happened.
    pub event: usize,
    /// Whether every event is shown.
    pub all: bool,
    /// Which of them.
    pub filter: Filter,
    /// How many nodes there are.
    pub nodes: usize,
    /// Whether something is selected: its card takes from the height.
    pub selected: bool,
    /// How much is searched, from 0 to 1, while words are looked for.
    pub searched: Option<f64>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The log.
#[component]
pub fn Log(props: &LogProps) -> Html {
    let LogProps { rows, event, all, filter, nodes, selected, searched, dispatch } = props;
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with((*event, *all, rows.len(), *selected), move |_| {
            let Some(list) = list.cast::<Element>() else { return };
            if let Ok(Some(row)) = list.query_selector("[aria-current]") {
                keep_in_sight(&list, &row);
            }
        });
    }
    let onchange = dispatch.reform(|event: Event| {
        Do::AllLines(event.target_dyn_into::<HtmlInputElement>().is_some_and(|field| field.checked()))
    });
    let toggle = {
        let filter = filter.clone();
        // What is put away filters nothing.
        let next = if filter.open { Filter::default() } else { Filter { open: true, ..filter } };
        dispatch.reform(move |_: MouseEvent| Do::Filter(next.clone()))
    };
    let current = event.checked_sub(1);
    // All rows are one stop of the Tab key: the one that has the focus, or else the current one, or the last.
    let focused = use_state(|| None::<usize>);
    let is_there = |wanted: &usize| rows.iter().any(|line| line.index == *wanted);
    let stop =
        (*focused).filter(is_there).or(current.filter(is_there)).or(rows.last().map(|line| line.index));
    let onfocusin = {
        let focused = focused.clone();
        Callback::from(move |event: FocusEvent| focused.set(row_of(&event)))
    };
    let onfocusout = Callback::from(move |_: FocusEvent| focused.set(None));
    let onkeydown = {
        let list = list.clone();
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            let Some(list) =
                list.cast::<Element>().filter(|_| matches!(key.as_str(), "ArrowDown" | "ArrowUp"))
            else {
                return;
            };
            if let Some(next) = next(&items(&list), &key, ["ArrowDown", "ArrowUp"]) {
                event.prevent_default();
                event.stop_propagation();
                focus(next);
            }
        })
    };
    html! {
        <section class="log" aria-label="Log">
            <div class="which">
                <button class="sieve" aria-expanded={filter.open.to_string()} aria-controls="sieve" aria-keyshortcuts={aria(Command::Find)} onclick={toggle}>
                    { if filter.is_idle() { "Filter" } else { "Filtered" } }
                </button>
                <label class="switch"><input type="checkbox" checked={*all} {onchange} />{ "every event" }</label>
            </div>
            <div id="sieve">if filter.open { <Sieve filter={filter.clone()} nodes={*nodes} dispatch={dispatch.clone()} /> }</div>
            if let Some(searched) = searched { <p class="empty" role="status">{ format!("Searching: {} % of the run.", fixed(searched * 100.0, 0)) }</p> }
            if rows.is_empty() && searched.is_none() {
                <p class="empty">{ if filter.is_idle() { "No events yet." } else { "No matching events so far." } }</p>
            }
            <ol ref={list} aria-label="Events" {onkeydown} {onfocusin} {onfocusout}>
                { for rows.iter().map(|line| html! {
                    <Row key={line.index} line={line.clone()} current={current == Some(line.index)}
                        stop={stop == Some(line.index)} future={line.index >= *event} dispatch={dispatch.clone()} />
                }) }
            </ol>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct SieveProps {
    filter: Filter,
    nodes: usize,
    dispatch: Callback<Do>,
}

/// The fields of the filter.
#[component]
fn Sieve(SieveProps { filter, nodes, dispatch }: &SieveProps) -> Html {
    let chosen = |event: &Event| event.target_dyn_into::<HtmlSelectElement>().map(|field| field.value());
    let with = |change: fn(&mut Filter, &str)| {
        let filter = filter.clone();
        move |value: &str| {
            let mut filter = filter.clone();
            change(&mut filter, value);
            Do::Filter(filter)
        }
    };
    let whose = with(|filter, value| filter.whose = whose_of(value));
    let sort = with(|filter, value| {
        filter.sort = SORTS.iter().find(|(_, name)| *name == value).map_or(Sort::Any, |(sort, _)| *sort);
    });
    let words = with(|filter, value| filter.words = value.trim().to_ascii_lowercase());
    let on_whose = dispatch.reform(move |event: Event| chosen(&event).map_or(Do::Nothing, |it| whose(&it)));
    let on_sort = dispatch.reform(move |event: Event| chosen(&event).map_or(Do::Nothing, |it| sort(&it)));
    let on_words = dispatch.reform(move |event: InputEvent| {
        event.target_dyn_into::<HtmlInputElement>().map_or(Do::Nothing, |field| words(&field.value()))
    });
    let onkeydown = {
        let (dispatch, filter) = (dispatch.clone(), filter.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() != "Escape" {
                return;
            }
            event.prevent_default();
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                field.set_value("");
                let _ = field.blur();
            }
            dispatch.emit(Do::Filter(Filter { words: String::new(), ..filter.clone() }));
        })
    };
    let named = (0..if *nodes <= MOST_NAMED { *nodes as u32 } else { 0 }).map(|node| Whose::Of(NodeId(node)));
    let whose = [Whose::All, Whose::Picked].into_iter().chain(named);
    let option =
        |name: String, selected: bool| html! { <option value={name.clone()} {selected}>{ name }</option> };
    html! {
        <div class="sieve-fields">
            <select aria-label="Filter by node" onchange={on_whose}>{ for whose.map(|it| option(name_of(it), it == filter.whose)) }</select>
            <select aria-label="Filter by kind" onchange={on_sort}>{ for SORTS.iter().map(|(sort, name)| option((*name).into(), *sort == filter.sort)) }</select>
            <input id="find-field" type="search" aria-label="Find words" placeholder="Find" autocomplete="off" spellcheck="false" oninput={on_words} {onkeydown} />
        </div>
    }
}

fn name_of(whose: Whose) -> String {
    match whose {
        Whose::All => "all nodes".into(),
        Whose::Picked => "the selected node".into(),
        Whose::Of(node) => node.to_string(),
    }
}

fn whose_of(name: &str) -> Whose {
    let number = || name.strip_prefix('n')?.parse::<u32>().ok()?.checked_sub(1);
    match name {
        "the selected node" => Whose::Picked,
        _ => number().map_or(Whose::All, |node| Whose::Of(NodeId(node))),
    }
}

/// The event of the row that something happens in.
fn row_of(event: &Event) -> Option<usize> {
    let row = event.target()?.dyn_into::<Element>().ok()?.closest(".row").ok()??;
    row.get_attribute("data-event")?.parse().ok()
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
    /// Whether the Tab key comes to it; arrows lead on.
    stop: bool,
    future: bool,
    dispatch: Callback<Do>,
}

#[component]
fn Row(RowProps { line, current, stop, future, dispatch }: &RowProps) -> Html {
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
            <button class="line" tabindex={if *stop { "0" } else { "-1" }} title={(!*current).then(|| line.sentence.clone())} onclick={go}>
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
            if cause != NO_CAUSE {
                <div class="causes">
                    <button class="cause" tabindex="-1" aria-keyshortcuts="W" title={format!("Go to its cause, event {}", cause + 1)} onclick={back}>{ "Why?" }<kbd aria-hidden="true">{ "W" }</kbd></button>
                    <button class="cause" tabindex="-1" data-why={index.to_string()} aria-keyshortcuts={aria(Command::Chain)} onclick={chain}>{ "Show the full chain" }<kbd aria-hidden="true">{ "⇧W" }</kbd></button>
                </div>
            }
            if !line.occasion.is_empty() { <p><span class="word">{ "on " }</span>{ prose(&line.occasion) }</p> }
            if let Some(rule) = line.rule {
                <p class="rule"><span class="section">{ rule.section }</span>{ " " }{ Terms::default().prose(rule.sentence) }</p>
            }
            if let Some(disk) = &line.disk { <p><span class="word">{ "writes " }</span>{ prose(disk) }</p> }
            { list("sends ", &together(&line.sent)) }
            { list("outputs ", &line.outputs) }
        </div>
    }
}
