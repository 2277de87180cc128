//! The ground of the stage: a click lets go of what is selected, a drag draws a lasso around nodes.

use crate::browser::capture;
use crate::kit::prose::number;
use crate::picture::geometry::{Geometry, Point, px};
use crate::wishes::Do;
use faultline_core::NodeId;
use faultline_core::session::Target;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// Shorter drags are clicks.
const CLICK: f64 = 6.0;

/// What the ground needs.
#[derive(Properties, PartialEq)]
pub struct GroundProps {
    /// Where the nodes stand.
    pub geometry: Rc<Geometry>,
    /// What is at a place, where the ground itself has to know.
    #[prop_or_default]
    pub pick: Option<Callback<Point, Option<Target>>>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// Where on the stage a pointer is.
pub fn place_of(event: &MouseEvent) -> Option<Point> {
    // Yew listens at the root of the page, so the current target would be that.
    let element = event.target()?.dyn_into::<Element>().ok()?;
    let picture = element.closest(".stage-picture").ok()??;
    let stage = picture.get_bounding_client_rect();
    // A lecture shows it larger than it is drawn; what is painted is as large as it is.
    let drawn = picture.get_attribute("viewBox");
    let drawn = drawn.and_then(|it| number(it.split(' ').nth(2)?)).filter(|width| *width > 0.0);
    let larger = drawn.map_or(1.0, |width| stage.width() / width);
    let place = |at: i32, from: f64| (f64::from(at) - from) / larger;
    Some((place(event.client_x(), stage.left()), place(event.client_y(), stage.top())))
}

/// The ground.
#[component]
pub fn Ground(GroundProps { geometry, pick, dispatch }: &GroundProps) -> Html {
    let (rope, start) = (use_node_ref(), use_mut_ref(|| None::<Point>));
    let draw = {
        let rope = rope.clone();
        move |area: Option<(Point, Point)>| {
            let Some(rope) = rope.cast::<Element>() else { return };
            let (from, to) = area.unwrap_or_default();
            let sizes = [
                ("x", from.0.min(to.0)),
                ("y", from.1.min(to.1)),
                ("width", (from.0 - to.0).abs()),
                ("height", (from.1 - to.1).abs()),
            ];
            for (name, value) in sizes {
                let _ = rope.set_attribute(name, &px(value));
            }
        }
    };
    let onpointerdown = {
        let start = start.clone();
        Callback::from(move |event: PointerEvent| {
            if event.button() == 0 {
                capture(&event, ".ground");
                *start.borrow_mut() = place_of(&event);
            }
        })
    };
    let onpointermove = {
        let (start, draw) = (start.clone(), draw.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some(from) = *start.borrow() {
                draw(place_of(&event).map(|to| (from, to)));
            }
        })
    };
    let onpointerup = {
        let (start, draw, geometry, pick) = (start.clone(), draw.clone(), geometry.clone(), pick.clone());
        dispatch.reform(move |event: PointerEvent| {
            draw(None);
            let (Some(from), Some(to)) = (start.borrow_mut().take(), place_of(&event)) else {
                return Do::Nothing;
            };
            if (from.0 - to.0).abs().max((from.1 - to.1).abs()) < CLICK {
                return Do::Select(pick.as_ref().and_then(|pick| pick.emit(to)));
            }
            let within = |&(x, y): &Point| {
                (from.0.min(to.0)..=from.0.max(to.0)).contains(&x)
                    && (from.1.min(to.1)..=from.1.max(to.1)).contains(&y)
            };
            let caught = geometry.places.iter().enumerate().filter(|(_, place)| within(place));
            Do::Group(caught.map(|(node, _)| NodeId(node as u32)).collect())
        })
    };
    let onpointercancel = Callback::from(move |_: PointerEvent| {
        start.borrow_mut().take();
        draw(None);
    });
    html! {
        <>
            <rect class="ground" width="100%" height="100%" {onpointerdown} {onpointermove} {onpointerup} {onpointercancel} />
            <rect class="rope" ref={rope} rx="6" />
        </>
    }
}
