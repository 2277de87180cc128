//! The stage when there is a crowd on it: painted on two canvases, one for what stays as it is between two events and
//! one for what moves. It is taken hold of as the drawn one is.

use crate::geometry::Geometry;
use crate::lasso::{Ground, place_of};
use crate::motion::Motion;
use crate::msg::Do;
use crate::paint::{Brush, Selected, hit};
use faultline_core::view::View;
use std::rc::Rc;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

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
    let (still, moving) = (use_node_ref(), use_node_ref());
    let brushes = use_mut_ref(|| None::<Brush>);
    let mover = use_mut_ref(|| None::<Brush>);
    {
        let (still, moving, motion) = (still.clone(), moving.clone(), motion.clone());
        let known = (view.clone(), geometry.clone(), selected.clone());
        use_effect_with(known, move |(view, geometry, selected)| {
            let mut still_brush = brushes.borrow_mut();
            if still_brush.is_none() {
                *still_brush = still.cast::<HtmlCanvasElement>().and_then(Brush::new);
                *mover.borrow_mut() = moving.cast::<HtmlCanvasElement>().and_then(Brush::new);
            }
            if let Some(brush) = still_brush.as_mut() {
                brush.begin(geometry.width, geometry.height);
                brush.still(view, geometry, selected);
            }
            let (view, geometry, selected, mover) =
                (view.clone(), geometry.clone(), selected.clone(), mover.clone());
            motion.set_painter(Some(Rc::new(move |time| {
                if let Some(brush) = mover.borrow_mut().as_mut() {
                    brush.begin(geometry.width, geometry.height);
                    brush.moving(&view, &geometry, time, &selected);
                }
            })));
        });
    }
    {
        let motion = motion.clone();
        use_effect_with((), move |()| move || motion.set_painter(None));
    }
    let pick = {
        let (view, geometry, motion) = (view.clone(), geometry.clone(), motion.clone());
        Callback::from(move |place| hit(&view, &geometry, motion.time(), place))
    };
    let oncontextmenu = {
        let (pick, dispatch) = (pick.clone(), dispatch.clone());
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            let found = place_of(&event).and_then(|place| pick.emit(place));
            if let Some(target) = found {
                dispatch.emit(Do::Menu(target, f64::from(event.client_x()), f64::from(event.client_y())));
            }
        })
    };
    let words = format!("{} nodes, {} messages under way", view.nodes.len(), view.messages.len());
    html! {
        <>
            <canvas class="crowd" ref={still} role="img" aria-label={words}></canvas>
            <canvas class="crowd" ref={moving} aria-hidden="true"></canvas>
            <svg class="stage-picture" aria-hidden="true" {oncontextmenu}>
                <Ground geometry={geometry.clone()} {pick} dispatch={dispatch.clone()} />
            </svg>
        </>
    }
}
