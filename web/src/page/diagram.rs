//! The run over time: the diagram, or two of them, with the slider.

use super::Page;
use crate::kit::icons::{self, Icon};
use crate::kit::prose::{clock, grouped, node_name};
use crate::lab::Lab;
use crate::timeline::acts::Marks;
use crate::timeline::diagram::SpaceTime;
use crate::timeline::table::DiagramTable;
use crate::wishes::Do;
use crate::wishes::keys::{Command, aria};
use faultline_core::NodeId;
use faultline_core::session::Target;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The width of what stands beside the slider.
const BESIDE: f64 = 177.0;

/// The diagram, the slider under it, and what is marked there.
pub(super) fn diagram(page: &Page, lab: &Lab) -> Html {
    let (&Page { beside, scene, shown, dispatch, .. }, view) = (page, &lab.view);
    let oninput = dispatch.reform(|event: InputEvent| {
        let value = event.target_dyn_into::<HtmlInputElement>().and_then(|field| field.value().parse().ok());
        value.map_or(Do::Nothing, Do::Scrub)
    });
    let latest = view.latest.as_ref().map(|line| format!(": {}", line.sentence)).unwrap_or_default();
    let words = format!("event {} of {}, {}{latest}", view.event, view.events, clock(view.time));
    let zoom = |closer: bool, label: &'static str, icon: Icon| {
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Command(Command::Zoom(closer)));
        html! { <button class="quiet" aria-label={label} title={label} aria-keyshortcuts={aria(Command::Zoom(closer))} {onclick}>{ icons::draw(icon) }</button> }
    };
    let onwheel = {
        let dispatch = dispatch.clone();
        Callback::from(move |event: WheelEvent| {
            if event.ctrl_key() {
                event.prevent_default();
                dispatch.emit(Do::Command(Command::Zoom(event.delta_y() < 0.0)));
            }
        })
    };
    html! {
        <section class="timeline" aria-label="Timeline" {onwheel}>
            { chosen(lab) }
            <div class="diagrams">
            <div key="played" id="diagram" class="diagram">
                <SpaceTime chunks={scene.chunks.clone()} cuts={view.frontiers.clone()} causality={scene.causality.clone()} nodes={lab.lives()} selection={lab.selection} zoom={lab.zoom} edge={lab.edge()}
                    size={shown.diagram} motion={scene.motion.clone()} dispatch={dispatch.clone()} />
            </div>
            { for beside.iter().map(|beside| beside.diagram(shown.diagram, dispatch)) }
            </div>
            <div class="slide">
                <div class="track">
                <Marks acts={lab.acts()} picked={lab.act} horizon={view.horizon} width={shown.diagram.0 - BESIDE} dispatch={dispatch.clone()} />
                <input id="slider" type="range" min="0" max={view.horizon.to_string()} step="1000" aria-label="Time"
                    aria-valuetext={words} {oninput} />
                </div>
                <DiagramTable chunks={scene.chunks.clone()} cuts={view.frontiers.clone()} />
                <div class="zoom">{ zoom(false, "Zoom out", Icon::Farther) }{ zoom(true, "Zoom in", Icon::Closer) }</div>
            </div>
        </section>
    }
}

/// Which lifelines the diagram shows, where it does not show all.
fn chosen(lab: &Lab) -> Html {
    let (shown, all) = (lab.lifelines.len(), lab.view.nodes.len());
    if shown >= all {
        return Html::default();
    }
    let whose = match (lab.selection, lab.group.first()) {
        (Some(Target::Node(id)), _) => {
            format!("{} and the first nodes that it communicates with", node_name(id))
        }
        (_, Some(_)) => "the selected nodes first".to_owned(),
        _ => format!(
            "{} and the first nodes that it communicates with; select a node to see its lifelines",
            node_name(NodeId(0))
        ),
    };
    html! { <p class="chosen">{ format!("{shown} of {} lifelines: {whose}.", grouped(all as u64)) }</p> }
}
