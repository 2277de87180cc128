//! The stage when there is a crowd on it: nodes are painted when something has happened to one, messages at every frame.
//! Both are taken hold of as the drawn ones are. What the picture leaves out is said below it.

use crate::crowd::paint::{Brush, Selected};
use crate::crowd::swarm::{Swarm, menu, picker};
use crate::picture::geometry::Geometry;
use crate::picture::ground::Ground;
use crate::picture::motion::Motion;
use crate::wishes::Do;
use faultline_core::view::View;
use std::rc::Rc;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

pub mod paint;
pub mod plate;
pub mod swarm;
pub mod tally;

/// What the stage shows.
#[derive(Properties, PartialEq)]
pub struct CrowdProps {
    /// The moment.
    pub view: Rc<View>,
    /// Where things stand.
    pub geometry: Rc<Geometry>,
    /// What is selected.
    pub selected: Selected,
    /// Who has the clock.
    pub motion: Motion,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The picture of the moment.
#[component]
pub fn Crowd(CrowdProps { view, geometry, selected, motion, dispatch }: &CrowdProps) -> Html {
    let (still, brush) = (use_node_ref(), use_mut_ref(|| None::<Brush>));
    {
        let (still, moment) = (still.clone(), view.clone());
        let links = (view.cuts.clone(), view.held.clone(), view.altered.clone());
        let known = (
            view.nodes.clone(),
            links,
            view.way(selected.node()).cloned(),
            geometry.clone(),
            selected.clone(),
        );
        use_effect_with(known, move |(_, _, _, geometry, selected)| {
            let mut brush = brush.borrow_mut();
            if brush.is_none() {
                *brush = still.cast::<HtmlCanvasElement>().and_then(Brush::new);
            }
            if let Some(brush) = brush.as_mut() {
                brush.begin(geometry);
                brush.still(&moment, geometry, selected);
            }
        });
    }
    let pick = picker(view, geometry, motion);
    let oncontextmenu = menu(&pick, dispatch);
    let words = format!("{} nodes, {} messages in flight", view.nodes.len(), view.messages.len());
    html! {
        <>
            <canvas class="crowd" ref={still} role="img" aria-label={words}></canvas>
            <Swarm view={view.clone()} geometry={geometry.clone()} selected={selected.clone()} motion={motion.clone()} />
            <svg class="stage-picture" aria-hidden="true" {oncontextmenu}>
                <Ground geometry={geometry.clone()} {pick} dispatch={dispatch.clone()} />
            </svg>
        </>
    }
}
