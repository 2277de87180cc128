//! The stage: nodes, links and messages in flight. It is drawn when an event happens; `motion` moves it in between.

use crate::picture::geometry::{Geometry, px};
use crate::picture::ground::Ground;
use crate::picture::links::{links, parted};
use crate::picture::motion::Motion;
use crate::picture::shapes;
use crate::wishes::Do;
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::view::{Pointer, View};
use links::Links;
use message::MessageMark;
use more::{Swarming, Words, use_more};
use node::NodeMark;
use std::rc::Rc;
use yew::prelude::*;

#[cfg(feature = "bench")]
pub mod bench;
mod connects;
pub mod haul;
pub mod inbox;
mod label;
mod labels;
pub mod legend;
pub mod links;
pub mod menu;
mod message;
pub mod more;
mod node;
pub mod table;

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
    /// Whether it is drawn once and never moves: then nothing is painted, however much there is.
    #[prop_or_default]
    pub still: bool,
}

impl StageProps {
    /// The node that is selected.
    fn chosen(&self) -> Option<NodeId> {
        self.selection.and_then(Target::node)
    }

    /// Whether every message says its kind.
    fn says_kinds(&self) -> bool {
        self.paused && self.view.messages.len() <= 24
    }
}

/// The picture of the moment.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let StageProps { view, geometry, selection, group, motion, dispatch, still, .. } = props;
    let (more, lost) = use_more();
    if !still && Geometry::paints_nodes(view) {
        let loading = || html! { <p class="empty soon" role="status">{ "Loading…" }</p> };
        return more.map_or_else(|| lost.unwrap_or_else(loading), |more| (more.crowd)(props));
    }
    let size = format!("0 0 {} {}", px(geometry.width), px(geometry.height));
    let nodes = view.nodes.iter().enumerate().map(|(place, node)| {
        let selected = *selection == Some(Target::Node(node.id)) || group.contains(&node.id);
        html! {
            <NodeMark key={place} {place} node={node.clone()} geometry={geometry.clone()} {selected}
                motion={motion.clone()} dispatch={dispatch.clone()} />
        }
    });
    let Words { connects, labels } = more.map(|more| (more.words)(props)).unwrap_or_default();
    let swarms = !still && Geometry::paints_messages(view);
    let Swarming { picture, pick, menu } =
        more.filter(|_| swarms).map(|more| (more.swarm)(props)).unwrap_or_default();
    let drawn = if swarms { &[][..] } else { &view.messages };
    let messages = drawn.iter().enumerate().map(|(nth, message)| {
        let label = labels.get(nth).copied().flatten();
        let selected = *selection == Some(Target::Message(message.id));
        html! {
            <MessageMark key={message.id} message={message.clone()} geometry={geometry.clone()} now={if selected { view.time } else { 0 }} {selected} {label}
                motion={motion.clone()} dispatch={dispatch.clone()} />
        }
    });
    let pointing = view.nodes.iter().filter(|node| !node.card.pointers.is_empty());
    let pointers: Vec<_> = pointing.map(|node| (node.id.index(), node.card.pointers.clone())).collect();
    let shown = props.says_kinds().then_some("paused");
    html! {
        <>
        <svg class={classes!("stage-picture", shown, swarms.then_some("swarming"))} viewBox={size} role="group" aria-label="The nodes and the messages in flight between them" oncontextmenu={menu}>
            <Ground geometry={geometry.clone()} {pick} dispatch={dispatch.clone()} />
            if let Some((centre, radii)) = geometry.circle() {
                <ellipse class="thread" cx={px(centre.0)} cy={px(centre.1)} rx={px(radii.0)} ry={px(radii.1)} fill="none" />
            }
            <Links links={links(view, geometry)} parted={parted(view)} geometry={geometry.clone()}
                selected={match selection { Some(Target::Link(a, b)) => Some((*a, *b)), _ => None }}
                dispatch={dispatch.clone()} />
            <Pointers nodes={pointers} geometry={geometry.clone()}
                selected={props.chosen().map(NodeId::index)} />
            { connects }
            <g>{ for nodes }</g>
            <g>{ for messages }</g>
        </svg>
        { picture }
        { lost.unwrap_or_default() }
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
