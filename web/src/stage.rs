//! The stage: nodes, links and messages in flight. It is drawn when an event happens; `motion` moves it in between.

use crate::geometry::{Detail, Geometry, Side, px, translate};
use crate::haul::use_haul;
use crate::hue::hue;
use crate::keys::Command;
use crate::lasso::Ground;
use crate::motion::Motion;
use crate::msg::Do;
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::{LogCell, MessageView, NodeView, Outlook, Tone, View};
use std::rc::Rc;
use yew::prelude::*;

/// What the stage shows.
#[derive(Properties, PartialEq)]
pub struct StageProps {
    /// The moment.
    pub view: Rc<View>,
    /// Where things stand.
    pub geometry: Rc<Geometry>,
    /// What is selected.
    pub selection: Option<Target>,
    /// The nodes that are selected together.
    pub group: Vec<NodeId>,
    /// Whether time stands still: then every message says its kind.
    pub paused: bool,
    /// Who moves the marks.
    pub motion: Motion,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The picture of the moment.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let StageProps { view, geometry, selection, group, paused, motion, dispatch } = props;
    let size = format!("0 0 {} {}", px(geometry.width), px(geometry.height));
    let nodes = view.nodes.iter().enumerate().map(|(place, node)| {
        let selected = *selection == Some(Target::Node(node.id)) || group.contains(&node.id);
        html! {
            <NodeMark key={place} {place} node={node.clone()} geometry={geometry.clone()} {selected}
                motion={motion.clone()} dispatch={dispatch.clone()} />
        }
    });
    let shown = if *paused && view.messages.len() <= 24 { "paused" } else { "" };
    let labels = crate::labels::place(geometry, view);
    let messages = view.messages.iter().zip(labels).map(|(message, label)| {
        let selected = *selection == Some(Target::Message(message.id));
        html! {
            <MessageMark key={message.id} message={message.clone()} geometry={geometry.clone()} now={if selected { view.time } else { 0 }} {selected} {label}
                motion={motion.clone()} dispatch={dispatch.clone()} />
        }
    });
    html! {
        <svg class={classes!("stage-picture", shown)} viewBox={size} role="group" aria-label="The nodes and what is under way between them">
            <Ground geometry={geometry.clone()} dispatch={dispatch.clone()} />
            <Links geometry={geometry.clone()} cuts={view.cuts.clone()} count={view.nodes.len()}
                selected={match selection { Some(Target::Link(a, b)) => Some((*a, *b)), _ => None }}
                dispatch={dispatch.clone()} />
            <g>{ for nodes }</g>
            <g>{ for messages }</g>
        </svg>
    }
}

#[derive(Properties, PartialEq)]
struct LinksProps {
    geometry: Rc<Geometry>,
    cuts: Vec<(NodeId, NodeId)>,
    count: usize,
    selected: Option<(NodeId, NodeId)>,
    dispatch: Callback<Do>,
}

#[component]
fn Links(props: &LinksProps) -> Html {
    let geometry = &props.geometry;
    let all = geometry.detail != Detail::Bare;
    let pairs = (0..props.count).flat_map(|a| (a + 1..props.count).map(move |b| (a, b)));
    let id = |place: usize| NodeId(place as u32);
    let cut = |from: usize, to: usize| props.cuts.contains(&(id(from), id(to)));
    let links = pairs.filter(|&(a, b)| all || cut(a, b) || cut(b, a)).map(|(a, b)| {
        let (there, back) = (cut(a, b), cut(b, a));
        let selected = props.selected == Some((id(a), id(b)));
        let (from, to) = geometry.link(a, b, 0.0);
        let line = |class: &'static str, (from, to): ((f64, f64), (f64, f64))| {
            html! { <line class={class} x1={px(from.0)} y1={px(from.1)} x2={px(to.0)} y2={px(to.1)} /> }
        };
        let state = match (there, back) {
            (true, true) => "cut",
            (false, false) => "whole",
            _ => "cut-one-way",
        };
        let lane = geometry.mark * 0.85;
        let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let angle = (to.1 - from.1).atan2(to.0 - from.0).to_degrees();
        let mark = |shift: f64| {
            let bars = format!("M{x} -7 L{x} 7 M{y} -7 L{y} 7", x = px(shift - 2.5), y = px(shift + 2.5));
            html! { <path class="cut-mark" d={bars} transform={format!("translate({} {}) rotate({})", px(middle.0), px(middle.1), px(angle))} /> }
        };
        let onclick = props.dispatch.reform(move |_: MouseEvent| Do::Select(Some(Target::Link(id(a), id(b)))));
        html! {
            <g key={a * 1000 + b} class={classes!("link", state, selected.then_some("selected"))}
                data-link={format!("{}-{}", id(a), id(b))} data-state={state} {onclick}>
                <title>{ format!("{}–{}{}", id(a), id(b), match state { "cut" => ", cut", "cut-one-way" => ", cut one way", _ => "" }) }</title>
                { line("hit", (from, to)) }
                if there && back {
                    { line("broken", (from, to)) }
                    { mark(0.0) }
                } else {
                    { line("thread", (from, to)) }
                }
                if there && !back { { line("broken", geometry.link(a, b, lane)) } { mark(0.0) } }
                if back && !there { { line("broken", geometry.link(b, a, lane)) } { mark(0.0) } }
            </g>
        }
    });
    html! { <g>{ for links }</g> }
}

#[derive(Properties, PartialEq)]
struct NodeProps {
    place: usize,
    node: NodeView,
    geometry: Rc<Geometry>,
    selected: bool,
    motion: Motion,
    dispatch: Callback<Do>,
}

#[component]
fn NodeMark(props: &NodeProps) -> Html {
    let NodeProps { place, node, geometry, selected, motion, dispatch } = props;
    let arc = use_node_ref();
    let timer = node.timers.first().filter(|_| node.up).map(|timer| (timer.set, timer.fires));
    {
        let (arc, motion, key) = (arc.clone(), motion.clone(), (0, *place));
        use_effect_with((timer, geometry.clone()), move |(timer, _)| {
            if let (Some((set, fires)), Some(element)) = (timer, arc.cast::<web_sys::Element>()) {
                motion.add_arc(key, element, *set, *fires);
            } else {
                motion.remove_arc(key);
            }
            move || motion.remove_arc(key)
        });
    }
    let target = Target::Node(node.id);
    let id = node.id;
    let onclick = dispatch.reform(
        move |event: MouseEvent| {
            if event.shift_key() { Do::Join(id) } else { Do::Select(Some(target)) }
        },
    );
    let ondblclick = dispatch.reform(|_: MouseEvent| Do::Command(Command::Offer(&["crash", "restart"])));
    let onkeydown = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Enter" | " ") {
                event.prevent_default();
                dispatch.emit(if event.shift_key() { Do::Join(id) } else { Do::Select(Some(target)) });
            }
        })
    };
    let oncontextmenu = dispatch.reform(move |event: MouseEvent| {
        event.prevent_default();
        Do::Menu(target, f64::from(event.client_x()), f64::from(event.client_y()))
    });
    let tone = match node.card.tone {
        _ if !node.up => "down",
        Tone::Plain => "plain",
        Tone::Leading => "leading",
        Tone::Seeking => "seeking",
    };
    let state = if node.up { node.card.role } else { "crashed" };
    let (radius, bare) = (geometry.radius, geometry.detail == Detail::Bare);
    // What is seen comes first, so that it can be said to a computer that listens.
    let words = format!("{} {}, {state}", node.id, node.card.badge);
    let centre = geometry.places.get(*place).copied().unwrap_or_default();
    let small = radius < 24.0;
    html! {
        <g class={classes!("node", tone, selected.then_some("selected"), small.then_some("small"))}
            transform={translate(centre)} data-node={node.id.to_string()} data-is={node.id.to_string()} data-role={state} data-up={node.up.to_string()}
            {onclick} {ondblclick} {oncontextmenu}>
            <g role="button" tabindex="0" aria-pressed={selected.to_string()} aria-label={words} {onkeydown}>
                <circle class="hit" r={px((radius + 10.0).max(16.0))} />
                <circle class="halo" r={px(radius + 9.5)} />
                <circle class="disc" r={px(radius)} />
                if timer.is_some() {
                    <circle class="arc" ref={arc} r={px(radius + if bare { 3.0 } else { 6.0 })} pathLength="100" stroke-dasharray="0 200" transform="rotate(-90)" />
                }
                if node.up {
                    if small {
                        <text class="name" y={px(radius * 0.28)}>{ name_of(node, geometry) }</text>
                    } else {
                        <text class="name" y="-2">{ node.id.to_string() }</text>
                        { " " }
                        <text class="badge" y="14">{ &node.card.badge }</text>
                    }
                } else {
                    <path class="cross" d={cross(radius * 0.36)} />
                }
            </g>
            <Label node={node.clone()} geometry={geometry.clone()} place={*place} />
        </g>
    }
}

/// The name, without its letter where there is no room.
fn name_of(node: &NodeView, geometry: &Geometry) -> String {
    let name = node.id.to_string();
    if geometry.radius < 14.0 { name.trim_start_matches('n').to_owned() } else { name }
}

/// A cross as a path.
pub fn cross(arm: f64) -> String {
    let arm = px(arm);
    format!("M-{arm} -{arm} L{arm} {arm} M{arm} -{arm} L-{arm} {arm}")
}

#[derive(Properties, PartialEq)]
struct LabelProps {
    node: NodeView,
    geometry: Rc<Geometry>,
    place: usize,
}

const CELL: f64 = 20.0;

/// What stands beside a node: its role, and the end of its log.
#[component]
fn Label(LabelProps { node, geometry, place }: &LabelProps) -> Html {
    if geometry.detail == Detail::Bare {
        return Html::default();
    }
    let side = geometry.sides.get(*place).copied().unwrap_or(Side::Right);
    let (radius, log) = (geometry.radius, &node.card.log);
    let role = match (node.up, geometry.radius < 24.0) {
        (false, _) => format!("{} crashed", node.id),
        (true, true) if side == Side::Below => format!("{} · {}", node.card.role, node.card.badge),
        (true, _) => node.card.role.to_owned(),
    };
    let cells = if geometry.detail == Detail::Full { geometry.cells } else { 0 };
    let shown = &log[log.len().saturating_sub(cells)..];
    let hidden = if cells == 0 { 0 } else { log.len() - shown.len() };
    let wide = (shown.len() as f64) * (CELL + 2.0) - 2.0;
    let more = if hidden > 0 { 26.0 } else { 0.0 };
    let both = !shown.is_empty();
    let (x, anchor, start, y) = match side {
        Side::Right => (radius + 16.0, "start", radius + 16.0 + more, if both { -5.0 } else { 4.0 }),
        Side::Left => (-radius - 16.0, "end", -radius - 16.0 - wide, if both { -5.0 } else { 4.0 }),
        Side::Below => (0.0, "middle", -wide / 2.0, radius + 20.0),
    };
    let top = y + 6.0;
    let more_x = if side == Side::Right { x } else { start - 4.0 };
    let more_anchor = if side == Side::Right { "start" } else { "end" };
    html! {
        <g class="label">
            <text class="role" x={px(x)} y={px(y)} text-anchor={anchor}>{ role }</text>
            if hidden > 0 {
                <text class="more" x={px(more_x)} y={px(top + 13.5)} text-anchor={more_anchor}>{ format!("+{hidden}") }</text>
            }
            { for shown.iter().enumerate().map(|(place, cell)| log_cell(cell, start + place as f64 * (CELL + 2.0), top)) }
        </g>
    }
}

/// An entry of a log as a small tile: its colour is its term, and so is its number.
fn log_cell(cell: &LogCell, x: f64, y: f64) -> Html {
    let state = if cell.committed { "committed" } else { "open" };
    html! {
        <g class={classes!("cell", hue(cell.term), state)}>
            <title>{ format!("{}: {}", cell.index, cell.text) }</title>
            <rect x={px(x + 0.5)} y={px(y + 0.5)} width="19" height="18" rx="4" />
            <text x={px(x + 10.0)} y={px(y + 13.5)}>{ cell.term }</text>
        </g>
    }
}

#[derive(Properties, PartialEq)]
struct MessageProps {
    message: MessageView,
    /// The time, where it matters: only what is selected can be hauled.
    now: Micros,
    geometry: Rc<Geometry>,
    selected: bool,
    /// Where the label stands, relative to the mark, and its anchor; none where it would cover something.
    label: Option<(f64, f64, &'static str)>,
    motion: Motion,
    dispatch: Callback<Do>,
}

#[component]
fn MessageMark(props: &MessageProps) -> Html {
    let MessageProps { message, now, geometry, selected, label, motion, dispatch } = props;
    let (mark, word) = (use_node_ref(), use_node_ref());
    let (start, end) = geometry.lane(message.from.index(), message.to.index());
    let lost = message.outlook == Outlook::Lost;
    // What is lost gets half-way.
    let end = if lost { (f64::midpoint(start.0, end.0), f64::midpoint(start.1, end.1)) } else { end };
    {
        let (mark, motion, key) = (mark.clone(), motion.clone(), (0, message.id));
        let known = (start, end, message.sent, message.until);
        use_effect_with(known, move |&(start, end, sent, until)| {
            if let Some(element) = mark.cast::<web_sys::Element>() {
                motion.add_message(key, &element, (start, end), (sent, until));
            }
            move || motion.remove_message(key)
        });
    }
    let target = Target::Message(message.id);
    let haul = use_haul(message, *now, (start, end), word.clone(), motion, dispatch);
    let oncontextmenu = dispatch.reform(move |event: MouseEvent| {
        event.prevent_default();
        Do::Menu(target, f64::from(event.client_x()), f64::from(event.client_y()))
    });
    let kind = if message.kind.reply { "reply" } else { "request" };
    let way = crate::diagram::way(message.cause, message.from, message.to);
    let radius = geometry.mark;
    let (at, hidden) = match label {
        Some(at) => (*at, None),
        None => ((radius + 5.0, -radius, "start"), Some("crowded")),
    };
    html! {
        <g ref={mark} class={classes!("message", kind, selected.then_some("selected"), lost.then_some("lost"))}
            data-is={way.clone()} data-lights={format!("{way} e{}", message.cause)}
            transform={translate(start)} data-message={message.name.clone()} data-id={message.id.to_string()}
            onpointerdown={haul.down} onpointermove={haul.on} onpointerup={haul.up} onpointercancel={haul.cancel} {oncontextmenu}>
            <title>{ format!("{} → {}: {}", message.from, message.to, message.text) }</title>
            <circle class="hit" r={px((radius + 5.0).max(14.0))} />
            <circle class="halo" r={px(radius + 5.0)} />
            <circle class="disc" r={px(radius - if message.kind.reply { 1.0 } else { 0.0 })} />
            if radius > 6.0 {
                <text class="letter" y="3.6">{ message.kind.letter }</text>
            }
            if lost { <path class="cross" d={cross(radius + 1.0)} /> }
            <text class={classes!("kind", hidden)} x={px(at.0)} y={px(at.1)} text-anchor={at.2}>{ message.kind.name }</text>
            <text class="fate" ref={word} y={px(-radius - 9.0)}></text>
        </g>
    }
}
