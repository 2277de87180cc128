//! A node on the stage: its sign, and what stands in it.

use super::label::label;
use crate::kit::prose::{node_name, who};
use crate::picture::drawn::part;
use crate::picture::geometry::{Detail, Geometry, px, translate};
use crate::picture::motion::Motion;
use crate::picture::shapes;
use crate::picture::signs::{self, Colour, ROOMY};
use crate::wishes::Do;
use crate::wishes::keys::Command;
use faultline_core::session::Target;
use faultline_core::view::{NodeView, Poll, Sign};
use std::f64::consts::TAU;
use std::rc::Rc;
use yew::prelude::*;

/// In smaller nodes names are small.
const TINY: f64 = 12.0;

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
    let voted = node.card.voted.filter(|_| node.up && !node.paused);
    let holds: Vec<String> =
        node.card.holds.iter().map(|held| format!(", holds {}", held.in_words())).collect();
    let holds = holds.concat();
    let votes = voted.map(|voted| format!(", has voted for {}", node_name(voted))).unwrap_or_default();
    let words = format!("{} {}, {state}{waits}{votes}{counts}{holds}", short(node), node.card.badge);
    let centre = geometry.places.get(*place).copied().unwrap_or_default();
    let figure = signs::figure(node, radius);
    let pennant = voted.and_then(|voted| signs::pennant(geometry, *place, voted.index()));
    html! {
        <g class={classes!("node", node.leads().then_some("leading"), (node.booted && !node.up).then_some("down"), node.paused.then_some("asleep"), node.taken.then_some("taken"), selected.then_some("selected"), (radius < ROOMY).then_some("small"), (radius < TINY).then_some("tiny"))}
            transform={translate(centre)} data-node={node.id.to_string()} data-is={node.id.to_string()} data-role={state} data-up={node.up.to_string()}
            {onclick} {ondblclick} {oncontextmenu}>
            <g role="button" tabindex="0" aria-pressed={selected.to_string()} aria-label={words} {onkeydown}>
                <circle class="hit" r={px((radius + 10.0).max(16.0))} />
                <circle class="halo" r={px(radius + 9.5)} />
                { part(&figure.body, Some("disc")) }
                { for figure.parts.iter().map(|it| part(it, None)) }
                if timer.is_some() {
                    <circle class="arc" ref={arc} r={px(radius + if bare { 3.0 } else { 6.0 })} pathLength="100" stroke-dasharray={(*dashes).clone()} transform="rotate(-90)" />
                }
                { for pennant.iter().map(|it| part(it, None)) }
                if let Some(colour) = figure.name { { inside(node, geometry, colour) } }
                if let Some(poll) = poll.filter(|_| !node.paused && !node.taken) { { pips(poll, radius, figure.name == Some(Colour::Paper)) } }
            </g>
            { label(node, geometry, *place) }
        </g>
    }
}

/// What stands in a node: its name and, where there is room for it, its badge.
fn inside(node: &NodeView, geometry: &Geometry, colour: Colour) -> Html {
    let radius = geometry.radius;
    let poll = node.card.poll.as_ref().filter(|_| !node.taken);
    let lift = poll.map_or(0.0, |poll| shapes::pips(poll, radius).lift);
    let name = |y: f64, name: String| {
        html! { <text class={format!("name in-{}", colour.token())} y={px(y)}>{ name }</text> }
    };
    if radius < ROOMY {
        let has_name = node.called != node.id.to_string();
        return name(radius * 0.28 - lift, if has_name { short(node) } else { geometry.name(node.id) });
    }
    if node.paused {
        return name(-3.0, short(node));
    }
    if node.taken {
        return name(6.0, short(node));
    }
    if node.card.badge.is_empty() || !has_room(&node.card.badge, radius) {
        return name(6.0 - lift, short(node));
    }
    let soft = match node.card.sign {
        // It stands on what fills the lower half.
        Sign::Uncertain | Sign::Blocked => Colour::Ink,
        _ if colour == Colour::Ink => Colour::Soft,
        _ => colour,
    };
    html! {
        <>
            { name(-2.0 - lift, short(node)) }{ " " }
            <text class={format!("badge in-{}", soft.token())} y={px(14.0 - lift)}>{ &node.card.badge }</text>
        </>
    }
}

/// Whether a badge has room in a node of this radius, in the line under its name.
pub(super) fn has_room(badge: &str, radius: f64) -> bool {
    const LOW: f64 = 11.0;
    const LETTER: f64 = 6.62;
    let wide = 2.0 * (radius * radius - LOW * LOW).max(0.0).sqrt();
    badge.chars().count() as f64 * LETTER <= wide - 3.0
}

/// What it is called, where that has room in it.
pub(super) fn short(node: &NodeView) -> String {
    if node.called.len() <= 4 { node.called.clone() } else { node.id.to_string() }
}

/// What a node has of what it counts, and what it waits for.
fn pips(poll: &Poll, radius: f64, on_full: bool) -> Html {
    let shapes::Pips { given, open, enough, .. } = shapes::pips(poll, radius);
    html! {
        <g class={classes!("pips", on_full.then_some("on-full"))} data-poll={format!("{} of {}", poll.got(), poll.asked.len())}>
            <title>{ who(poll) }</title>
            <path class="open" d={open} /><path class="given" d={given} /><path class="enough" d={enough} />
        </g>
    }
}
