//! A message on its way over the stage.

use super::haul::use_haul;
use super::labels::Spot;
use crate::kit::light::way;
use crate::picture::geometry::{Geometry, px, translate};
use crate::picture::motion::Motion;
use crate::picture::shapes;
use crate::wishes::Do;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::{Face, MessageView, Outlook};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct MessageProps {
    pub(super) message: MessageView,
    /// The time, where it matters: only what is selected can be hauled.
    pub(super) now: Micros,
    pub(super) geometry: Rc<Geometry>,
    pub(super) selected: bool,
    /// Where the label stands; none where it would cover something.
    pub(super) label: Option<Spot>,
    pub(super) motion: Motion,
    pub(super) dispatch: Callback<Do>,
}

/// What stands beside a message: its kind or, while two stories are told, the one that it tells.
pub(super) fn caption(message: &MessageView) -> String {
    match message.story.as_ref().filter(|story| story.face.is_some()) {
        Some(story) => format!("“{}”", story.says),
        None => message.kind.name.to_owned(),
    }
}

/// A message.
#[component]
pub(super) fn MessageMark(props: &MessageProps) -> Html {
    let MessageProps { message, now, geometry, selected, label, motion, dispatch } = props;
    let (mark, word) = (use_node_ref(), use_node_ref());
    let (start, end) = geometry.lane(message.from.index(), message.to.index());
    let lost = message.outlook == Outlook::Lost;
    // What is lost gets half-way.
    let end = if lost { (f64::midpoint(start.0, end.0), f64::midpoint(start.1, end.1)) } else { end };
    let known = ((start, end), (message.sent, message.until));
    // Drawn once: from then on it is moved.
    let first = use_memo(known, |&(way, time)| translate(motion.start_of(way, time)));
    {
        let (mark, motion, key) = (mark.clone(), motion.clone(), message.id);
        use_effect_with(known, move |&(way, time)| {
            if let Some(element) = mark.cast::<web_sys::Element>() {
                motion.add_message(key, &element, way, time);
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
    let face = message.story.as_ref().and_then(|story| story.face);
    let story = face.map(|face| if face == Face::One { "story-a" } else { "story-b" });
    let way = way(message.cause, message.from, message.to);
    let radius = geometry.mark;
    let (at, hidden) = match label {
        Some(at) => (*at, None),
        None => ((radius + 5.0, -radius, "start"), Some("crowded")),
    };
    html! {
        <g ref={mark} class={classes!("message", kind, story, selected.then_some("selected"), lost.then_some("lost"))}
            data-is={way.clone()} data-lights={format!("{way} e{}", message.cause)}
            transform={(*first).clone()} data-message={message.name.clone()} data-id={message.id.to_string()}
            onpointerdown={haul.down} onpointermove={haul.on} onpointerup={haul.up} onpointercancel={haul.cancel} {oncontextmenu}>
            <title>{ format!("{} → {}: {}", message.from, message.to, message.text) }</title>
            <circle class="hit" r={px((radius + 5.0).max(14.0))} />
            <circle class="halo" r={px(radius + 5.0)} />
            <path class="disc" d={shapes::message(radius - if message.kind.reply { 1.0 } else { 0.0 }, face)} />
            if radius > 6.0 {
                <text class="letter" y="3.6">{ message.kind.letter }</text>
            }
            if message.proofs > 0 { { bundle(radius, message.proofs) } }
            if lost { <path class="cross" d={shapes::cross(radius + 1.0)} /> }
            if message.held { <path class="bars" d={shapes::bars(2.0 * radius + 7.0, 2.0 * radius + 2.0)} /> }
            <text class={classes!("kind", hidden)} x={px(at.0)} y={px(at.1)} text-anchor={at.2}>{ caption(message) }</text>
            <text class="fate" ref={word} y={px(-radius - 9.0)}></text>
        </g>
    }
}

/// How many proofs a message brings along.
fn bundle(radius: f64, proofs: usize) -> Html {
    let (d, (x, y)) = shapes::bundle(radius);
    html! { <g class="bundle"><path {d} /><text x={px(x)} y={px(y + 3.5)}>{ proofs }</text></g> }
}
