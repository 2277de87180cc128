//! A node on the stage, and what stands in it and beside it: its role, what is the matter with it, the end of its log.

use crate::kit::hue::hue;
use crate::kit::prose::{span, who};
use crate::picture::geometry::{Detail, Geometry, Side, px, translate};
use crate::picture::motion::Motion;
use crate::picture::shapes::{self, LEGIBLE, SLIGHT};
use crate::wishes::Do;
use crate::wishes::keys::Command;
use faultline_core::session::Target;
use faultline_core::view::{LogCell, NodeView, Poll, Tone};
use std::f64::consts::TAU;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct NodeProps {
    pub(super) place: usize,
    pub(super) node: Rc<NodeView>,
    pub(super) geometry: Rc<Geometry>,
    pub(super) selected: bool,
    pub(super) motion: Motion,
    pub(super) dispatch: Callback<Do>,
}

/// A node.
#[component]
pub(super) fn NodeMark(props: &NodeProps) -> Html {
    let NodeProps { place, node, geometry, selected, motion, dispatch } = props;
    let arc = use_node_ref();
    let timer = node.timers.first().filter(|_| node.up).map(|timer| (timer.set, timer.fires));
    // Drawn once: from then on it is moved.
    let dashes = use_memo(timer, |timer| timer.map(|timer| motion.dashes_of(timer)));
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
                    <circle class="arc" ref={arc} r={px(radius + if bare { 3.0 } else { 6.0 })} pathLength="100" stroke-dasharray={(*dashes).clone()} transform="rotate(-90)" />
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
            html! { <text class="name" y={px(radius * 0.28 - lift)}>{ geometry.name(node.id) }</text> }
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
