//! Messages when there are many of them: painted on a canvas above the nodes, at every frame anew.

use crate::crowd::paint::{Brush, Selected, hit};
use crate::picture::geometry::Geometry;
use crate::picture::motion::Motion;
use crate::wishes::Do;
use faultline_core::session::Target;
use faultline_core::view::View;
use std::rc::Rc;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

/// What is painted.
#[derive(Properties, PartialEq)]
pub struct SwarmProps {
    /// The moment.
    pub view: Rc<View>,
    /// Where things stand.
    pub geometry: Rc<Geometry>,
    /// What is selected.
    pub selected: Selected,
    /// Who has the clock.
    pub motion: Motion,
}

/// What moves: the messages and, where the nodes are painted, too, the arcs of their timers.
#[component]
pub fn Swarm(SwarmProps { view, geometry, selected, motion }: &SwarmProps) -> Html {
    let (canvas, brush) = (use_node_ref(), use_mut_ref(|| None::<Brush>));
    {
        let (canvas, motion) = (canvas.clone(), motion.clone());
        let known = (view.clone(), geometry.clone(), selected.clone());
        use_effect_with(known, move |(view, geometry, selected)| {
            if brush.borrow().is_none() {
                *brush.borrow_mut() = canvas.cast::<HtmlCanvasElement>().and_then(Brush::new);
            }
            let (view, geometry, selected) = (view.clone(), geometry.clone(), selected.clone());
            motion.set_painter(Some(Rc::new(move |time| {
                if let Some(brush) = brush.borrow_mut().as_mut() {
                    brush.begin(&geometry);
                    if Geometry::paints_nodes(&view) {
                        brush.arcs(&view, &geometry, time);
                    }
                    brush.messages(&view, &geometry, time, &selected);
                }
            })));
        });
    }
    {
        let motion = motion.clone();
        use_effect_with((), move |()| move || motion.set_painter(None));
    }
    html! { <canvas class="crowd" ref={canvas} aria-hidden="true"></canvas> }
}

/// What finds out what is at a place of the picture.
pub fn picker(
    view: &Rc<View>,
    geometry: &Rc<Geometry>,
    motion: &Motion,
) -> Callback<(f64, f64), Option<Target>> {
    let (view, geometry, motion) = (view.clone(), geometry.clone(), motion.clone());
    Callback::from(move |place| hit(&view, &geometry, motion.time(), place))
}

/// What opens the menu of what is at a place of the picture.
pub fn menu(pick: &Callback<(f64, f64), Option<Target>>, dispatch: &Callback<Do>) -> Callback<MouseEvent> {
    let (pick, dispatch) = (pick.clone(), dispatch.clone());
    Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        let found = crate::picture::ground::place_of(&event).and_then(|place| pick.emit(place));
        if let Some(target) = found {
            dispatch.emit(Do::Menu(target, f64::from(event.client_x()), f64::from(event.client_y())));
        }
    })
}
