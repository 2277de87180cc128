//! The stage: nodes, links and messages in flight. It is drawn when an event happens; `motion` moves it in between.

use crate::crowd::Crowd;
use crate::geometry::{Detail, Geometry, Side, px, translate};
use crate::haul::use_haul;
use crate::hue::hue;
use crate::keys::Command;
use crate::lasso::Ground;
use crate::links::{Links, links, parted};
use crate::motion::Motion;
use crate::msg::Do;
use crate::paint::{LEGIBLE, SLIGHT, Selected};
use crate::prose::span;
use crate::shapes;
use crate::swarm::{Swarm, menu, picker};
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::{LogCell, MessageView, NodeView, Outlook, Pointer, Poll, Tone, View};
use std::f64::consts::TAU;
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
    let swarms = Geometry::paints_messages(view);
    let selected = Selected { target: *selection, group: group.clone() };
    if Geometry::paints_nodes(view) {
        return html! {
            <Crowd view={view.clone()} geometry={geometry.clone()} {selected} motion={motion.clone()} dispatch={dispatch.clone()} />
        };
    }
    let size = format!("0 0 {} {}", px(geometry.width), px(geometry.height));
    let nodes = view.nodes.iter().enumerate().map(|(place, node)| {
        let selected = *selection == Some(Target::Node(node.id)) || group.contains(&node.id);
        html! {
            <NodeMark key={place} {place} node={node.clone()} geometry={geometry.clone()} {selected}
                motion={motion.clone()} dispatch={dispatch.clone()} />
        }
    });
    let shown = if *paused && view.messages.len() <= 24 { "paused" } else { "" };
    let labels =
        if shown.is_empty() { vec![None; view.messages.len()] } else { crate::labels::place(geometry, view) };
    let drawn = if swarms { &[][..] } else { &view.messages };
    let messages = drawn.iter().zip(labels).map(|(message, label)| {
        let selected = *selection == Some(Target::Message(message.id));
        html! {
            <MessageMark key={message.id} message={message.clone()} geometry={geometry.clone()} now={if selected { view.time } else { 0 }} {selected} {label}
                motion={motion.clone()} dispatch={dispatch.clone()} />
        }
    });
    let pointing = view.nodes.iter().filter(|node| !node.card.pointers.is_empty());
    let pointers: Vec<_> = pointing.map(|node| (node.id.index(), node.card.pointers.clone())).collect();
    let pick = swarms.then(|| picker(view, geometry, motion));
    let oncontextmenu = pick.as_ref().map(|pick| menu(pick, dispatch));
    html! {
        <>
        <svg class={classes!("stage-picture", shown, swarms.then_some("swarming"))} viewBox={size} role="group" aria-label="The nodes and what is under way between them" {oncontextmenu}>
            <Ground geometry={geometry.clone()} {pick} dispatch={dispatch.clone()} />
            if let Some((centre, radii)) = geometry.circle() {
                <ellipse class="thread" cx={px(centre.0)} cy={px(centre.1)} rx={px(radii.0)} ry={px(radii.1)} fill="none" />
            }
            <Links links={links(view, geometry)} parted={parted(view)} geometry={geometry.clone()}
                selected={match selection { Some(Target::Link(a, b)) => Some((*a, *b)), _ => None }}
                dispatch={dispatch.clone()} />
            <Pointers nodes={pointers} geometry={geometry.clone()}
                selected={match selection { Some(Target::Node(id)) => Some(id.index()), _ => None }} />
            <g>{ for nodes }</g>
            <g>{ for messages }</g>
        </svg>
        if swarms {
            <Swarm view={view.clone()} geometry={geometry.clone()} {selected} motion={motion.clone()} />
        }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct PointersProps {
    nodes: Vec<(usize, Vec<Pointer>)>,
    geometry: Rc<Geometry>,
    selected: Option<usize>,
}

/// Whom nodes point at: arrows of their own, apart from the links.
#[component]
fn Pointers(PointersProps { nodes, geometry, selected }: &PointersProps) -> Html {
    let arrows = nodes.iter().flat_map(|(from, pointers)| {
        let chosen = *selected == Some(*from);
        let drawn = pointers.iter().filter(move |pointer| pointer.always || chosen);
        drawn.filter_map(move |pointer| {
            let d = shapes::pointer(geometry, *from, pointer.to.index())?;
            let class = classes!("pointer", chosen.then_some("chosen"));
            Some(html! { <g {class}><title>{ &pointer.name }</title><path {d} /></g> })
        })
    });
    html! { <g>{ for arrows }</g> }
}

#[derive(Properties, PartialEq)]
struct NodeProps {
    place: usize,
    node: Rc<NodeView>,
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
        let (arc, motion, key) = (arc.clone(), motion.clone(), *place);
        let radius = geometry.radius;
        use_effect_with((timer, geometry.clone()), move |(timer, _)| {
            if let (Some((set, fires)), Some(element)) = (timer, arc.cast::<web_sys::Element>()) {
                motion.add_arc(key, element, radius * TAU, (*set, *fires));
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
        _ if !node.booted => "early",
        _ if !node.up => "down",
        Tone::Plain => "plain",
        Tone::Leading => "leading",
        Tone::Seeking => "seeking",
    };
    let state = match (node.booted, node.up) {
        (false, _) => "not started",
        (true, false) => "crashed",
        (true, true) => node.card.role,
    };
    let waits = match (node.paused, node.taken) {
        (true, true) => ", paused, taken over",
        (true, false) => ", paused",
        (false, true) => ", taken over",
        (false, false) => "",
    };
    let (radius, bare) = (geometry.radius, geometry.detail == Detail::Bare);
    // What is seen comes first, so that it can be said to a computer that listens.
    let poll = node.card.poll.as_ref().filter(|_| node.up);
    let counts = poll.map(|poll| format!(", {poll}")).unwrap_or_default();
    let words = format!("{} {}, {state}{waits}{counts}", node.id, node.card.badge);
    let centre = geometry.places.get(*place).copied().unwrap_or_default();
    let small = radius < 24.0;
    html! {
        <g class={classes!("node", tone, selected.then_some("selected"), small.then_some("small"), (radius < SLIGHT).then_some("tiny"), node.paused.then_some("asleep"), node.taken.then_some("taken"))}
            transform={translate(centre)} data-node={node.id.to_string()} data-is={node.id.to_string()} data-role={state} data-up={node.up.to_string()}
            {onclick} {ondblclick} {oncontextmenu}>
            <g role="button" tabindex="0" aria-pressed={selected.to_string()} aria-label={words} {onkeydown}>
                <circle class="hit" r={px((radius + 10.0).max(16.0))} />
                <circle class="halo" r={px(radius + 9.5)} />
                if node.taken {
                    <path class="disc" d={shapes::jagged(radius)} />
                } else {
                    <circle class="disc" r={px(radius)} />
                }
                if timer.is_some() {
                    <circle class="arc" ref={arc} r={px(radius + if bare { 3.0 } else { 6.0 })} pathLength="100" stroke-dasharray="0 200" transform="rotate(-90)" />
                }
                { inside(node, geometry) }
                if let Some(poll) = poll.filter(|_| !node.paused) { { pips(poll, radius) } }
            </g>
            <Label node={node.clone()} geometry={geometry.clone()} place={*place} />
        </g>
    }
}

/// What stands in a node: its name and its badge, or the sign of what is the matter with it.
fn inside(node: &NodeView, geometry: &Geometry) -> Html {
    let radius = geometry.radius;
    let poll = node.card.poll.as_ref();
    let lift = poll.map_or(0.0, |poll| shapes::pips(poll, radius).lift);
    let bars = |apart: f64, tall: f64, at: f64| {
        html! { <path class="bars" d={shapes::bars(apart, tall)} transform={translate((0.0, at))} stroke-width={px(apart * 0.45)} /> }
    };
    if node.booted && !node.up {
        return html! { <path class="cross" d={shapes::cross(radius * 0.36)} /> };
    }
    if radius < LEGIBLE && !node.paused {
        let core = shapes::core(node.card.tone);
        return html! { if let Some(core) = core { <circle class="core" r={px(radius * core)} /> } };
    }
    match (node.paused, radius < 24.0) {
        (true, true) => bars(radius * 0.6, radius * 0.9, 0.0),
        (false, true) => {
            html! { <text class="name" y={px(radius * 0.28 - lift)}>{ name_of(node, geometry) }</text> }
        }
        (true, false) => {
            html! { <><text class="name" y="-3">{ node.id.to_string() }</text>{ bars(9.0, 13.0, 11.0) }</> }
        }
        (false, false) => html! {
            <>
                <text class="name" y={px(-2.0 - lift)}>{ node.id.to_string() }</text>{ " " }
                <text class="badge" y={px(14.0 - lift)}>{ &node.card.badge }</text>
            </>
        },
    }
}

/// What a node has of what it counts, and what it waits for.
fn pips(poll: &Poll, radius: f64) -> Html {
    let shapes::Pips { given, open, enough, .. } = shapes::pips(poll, radius);
    html! {
        <g class="pips" data-poll={format!("{} of {}", poll.got(), poll.asked.len())}>
            <title>{ who(poll) }</title>
            <path class="open" d={open} /><path class="given" d={given} /><path class="enough" d={enough} />
        </g>
    }
}

/// A poll in words, with names.
pub fn who(poll: &Poll) -> String {
    let named = |word: &str, has: bool| {
        let nodes = poll.who(has);
        if nodes.is_empty() { String::new() } else { format!("; {word} {nodes}") }
    };
    format!("{poll}{}{}", named("from", true), named("not yet from", false))
}

/// The name, without its letter where there is no room.
pub fn name_of(node: &NodeView, geometry: &Geometry) -> String {
    let name = node.id.to_string();
    if geometry.radius < 14.0 { name.trim_start_matches('n').to_owned() } else { name }
}

#[derive(Properties, PartialEq)]
struct LabelProps {
    node: Rc<NodeView>,
    geometry: Rc<Geometry>,
    place: usize,
}

/// The width of an entry, and of the number of those that are left out; the height of a line of text, and the width of a
/// letter.
const CELL: f64 = 20.0;
const MORE: f64 = 26.0;
const LINE: f64 = 15.0;
const LETTER: f64 = 6.6;
/// A role and a badge that are no longer stand in one line.
const SHORT: usize = 16;

/// What stands beside a node: its role, and the end of its log.
#[component]
fn Label(LabelProps { node, geometry, place }: &LabelProps) -> Html {
    if geometry.detail == Detail::Bare {
        return Html::default();
    }
    let side = geometry.sides.get(*place).copied().unwrap_or(Side::Right);
    let (radius, log) = (geometry.radius, &node.card.log);
    let lines = lines(node, geometry, side);
    let (at, reach) = (geometry.places.get(*place).map_or(0.0, |it| it.0), radius + 16.0);
    // How far a label may go to the left and to the right of its node.
    let (left, right) = (at - 4.0, geometry.width - at - 4.0);
    let room = match side {
        Side::Right | Side::Foot => right - reach,
        Side::Left => left - reach,
        Side::Below => 2.0 * left.min(right),
    };
    let fit = ((room - MORE) / (CELL + 2.0)).max(0.0) as usize;
    let cells = if geometry.detail == Detail::Full { geometry.cells.min(fit) } else { 0 };
    let shown = &log[log.len().saturating_sub(cells)..];
    let hidden = if cells == 0 { 0 } else { log.len() - shown.len() };
    let wide = (shown.len() as f64) * (CELL + 2.0) - 2.0;
    let more = if hidden > 0 { MORE } else { 0.0 };
    let both = !shown.is_empty();
    let (x, anchor, start) = match side {
        Side::Right | Side::Foot => (reach, "start", reach + more),
        Side::Left => (-reach, "end", -reach - wide),
        Side::Below => {
            let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            let half = longest as f64 * LETTER / 2.0;
            (f64::min(0.0, right - half).max(half - left), "middle", (more - wide) / 2.0)
        }
    };
    // The last line stands above the log or, without one, all are centred beside the node.
    let above = lines.len().saturating_sub(1) as f64 * LINE;
    let top = match side {
        Side::Below => radius + 20.0,
        Side::Foot => 10.0,
        _ if both => -5.0 - above,
        _ => 4.0 - above / 2.0,
    };
    let y = top + above + 6.0;
    let (more_x, more_anchor) = if anchor == "start" { (x, anchor) } else { (start - 4.0, "end") };
    html! {
        <g class="label">
            { for lines.into_iter().enumerate().map(|(nth, line)| html! {
                <text class="role" x={px(x)} y={px(top + nth as f64 * LINE)} text-anchor={anchor}>{ line }</text>
            }) }
            if hidden > 0 {
                <text class="more" x={px(more_x)} y={px(y + 13.5)} text-anchor={more_anchor}>{ format!("+{hidden}") }</text>
            }
            { for shown.iter().enumerate().map(|(place, cell)| log_cell(cell, start + place as f64 * (CELL + 2.0), y)) }
        </g>
    }
}

/// What a label says, a line each: what the node is and, where that has no room in it, its badge; and what is the matter
/// with it. Where there is little room, the sign of the node says what it is.
fn lines(node: &NodeView, geometry: &Geometry, side: Side) -> Vec<String> {
    let (card, id) = (&node.card, node.id);
    let outside = geometry.radius < 24.0 && side == Side::Below;
    let mut lines = vec![match (node.up, node.paused) {
        (false, _) if node.booted => format!("{id} crashed"),
        (false, _) => String::new(),
        (true, true) => format!("{id} paused"),
        (true, false) if outside && geometry.detail == Detail::Brief => String::new(),
        (true, false) => card.role.to_owned(),
    }];
    if !card.title.is_empty() {
        lines[0] = format!("{} · {}", card.title, lines[0]);
    }
    if outside && node.up {
        let short = lines[0].len() + card.badge.len() <= SHORT && !lines[0].is_empty();
        if short {
            lines[0] = format!("{} · {}", lines[0], card.badge);
        } else {
            lines.push(card.badge.clone());
        }
    }
    if node.taken && node.up && geometry.detail == Detail::Full {
        lines.push("taken over".to_owned());
    }
    if node.clock != 0 {
        let sign = if node.clock > 0 { "+" } else { "−" };
        lines.push(format!("clock {sign}{}", span(node.clock.unsigned_abs())));
    }
    lines.retain(|line| !line.is_empty());
    lines
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
        let (mark, motion, key) = (mark.clone(), motion.clone(), message.id);
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
            if lost { <path class="cross" d={shapes::cross(radius + 1.0)} /> }
            if message.held { <path class="bars" d={shapes::bars(2.0 * radius + 7.0, 2.0 * radius + 2.0)} /> }
            <text class={classes!("kind", hidden)} x={px(at.0)} y={px(at.1)} text-anchor={at.2}>{ message.kind.name }</text>
            <text class="fate" ref={word} y={px(-radius - 9.0)}></text>
        </g>
    }
}
