//! What surrounds the stage: what is said on it and beside it, the diagram, the column at the side, the menu.

use super::Page;
use super::challenge::challenge;
use super::diagram::diagram;
use super::laboratory::picked;
use super::panels::picture;
use super::scene::Scene;
use super::shown::Shown;
use super::side::side;
use crate::crowd::tally::Tally;
use crate::kit::icons::{self, Icon};
use crate::lab::Lab;
use crate::picture::geometry::Geometry;
use crate::recorded;
use crate::side::claims;
use crate::stage::legend::Legend;
use crate::stage::menu::Menu;
use crate::stage::table::StageTable;
use crate::wishes::Do;
use faultline_core::session::Target;
use yew::prelude::*;

/// What draws it.
pub(crate) struct Around {
    /// Over all of it.
    pub(super) on_top: fn(&Page, &Lab) -> Html,
    /// Over the stage.
    pub(super) over_stage: fn(&Page, &Lab) -> Html,
    /// On the stage.
    pub(super) on_stage: fn(&Page, &Lab) -> Html,
    /// What the protocol is about.
    pub(super) picture: fn(&Page, &Lab) -> Html,
    /// The stage of the branch beside.
    pub(super) beside: fn(&Page, &Lab) -> Html,
    /// The diagram, the column, and the menu over both.
    pub(super) below: fn(&Page, &Lab) -> Html,
}

/// What draws it.
pub(crate) const AROUND: Around = Around {
    on_top: |page, lab| challenge(lab, page.dispatch).unwrap_or_default(),
    over_stage,
    on_stage,
    picture,
    beside,
    below,
};

fn over_stage(page: &Page, lab: &Lab) -> Html {
    page.moment.draw(lab, page.dispatch)
}

fn on_stage(page: &Page, lab: &Lab) -> Html {
    let replies = lab.session().scenario().entry.kinds.iter().any(|kind| kind.reply);
    html! {
        <>
            { page.moment.joined(&page.scene.geometry) }
            { hint(lab, page.scene, page.shown, page.dispatch) }
            <StageTable view={lab.view.clone()} />
            <Legend signs={lab.signs.clone()} replies={replies} settled={lab.view.log_words.settled} />
        </>
    }
}

fn beside(page: &Page, lab: &Lab) -> Html {
    page.beside.map(|beside| beside.stage(lab.playing, page.dispatch)).unwrap_or_default()
}

fn below(page: &Page, lab: &Lab) -> Html {
    html! {
        <>
            if !page.shown.narrow { { diagram(page, lab) } }
            { side(page, lab) }
            { menu(lab, page.scene, page.shown, page.dispatch) }
        </>
    }
}

/// What can be done, or what is the matter, below the stage.
fn hint(lab: &Lab, scene: &Scene, shown: &Shown, dispatch: &Callback<Do>) -> Html {
    let dismiss = dispatch.reform(|_: MouseEvent| Do::DismissHint);
    if Geometry::paints_nodes(&lab.view) {
        return html! { <Tally view={lab.view.clone()} radius={scene.geometry.radius} known={lab.learning.then(|| lab.known())} /> };
    }
    if let Some(alarm) = claims::alarm(&lab.view.claims, dispatch).filter(|_| shown.narrow) {
        return alarm;
    }
    html! {
        <p class="hint">
            if shown.several {
                <span class="by-key">{ "Click every node that you want to select; Esc clears the selection." }</span>
                <span class="by-touch">{ "Tap every node that you want to select; tap beside them to clear the selection." }</span>
            } else if lab.session().scenario().entry.recorded.is_some() {
                { recorded::sentence() }
            } else if let (true, Some((by_key, by_touch))) = (shown.hint, trial(lab)) {
                <span class="try"><b>{ "Try it: " }</b>
                    <span class="by-key">{ by_key }</span>
                    <span class="by-touch">{ by_touch }</span>
                    <button class="quiet" aria-label="Dismiss the hint" onclick={dismiss}>{ icons::draw(Icon::Close) }</button>
                </span>
            } else {
                <span class="by-key">{ "Click anything, or press a node’s digit." }</span>
                <span class="by-touch">{ "Tap anything." }</span>
            }
        </p>
    }
}

/// What somebody may try first with what is on the stage, by mouse and keys and by touch: to crash the node that leads; where
/// none does, to drop a message, or else to crash the first node.
fn trial(lab: &Lab) -> Option<(Html, String)> {
    let subject = lab.subject().filter(|node| node.up)?;
    let (id, name) = (subject.id, &subject.called);
    Some(if lab.leader().is_some() {
        let leading = lab.view.nodes.iter().filter(|node| node.leads());
        let is_the_only_one = subject.leads() && leading.count() == 1;
        let role = if is_the_only_one { format!(", the {}", subject.card.role) } else { String::new() };
        let by_key = html! { <>{ "press " }<kbd>{ "X" }</kbd>{ format!(" to crash {name}{role}") }</> };
        (by_key, format!("tap {name} to crash it"))
    } else if !lab.view.messages.is_empty() {
        let by_key =
            html! { <>{ "click a message in flight, then press " }<kbd>{ "D" }</kbd>{ " to drop it" }</> };
        (by_key, "tap a message to drop it".to_owned())
    } else {
        let digit = id.0 + 1;
        let by_key = html! { <>{ "press " }<kbd>{ digit }</kbd>{ " and " }<kbd>{ "X" }</kbd>{ format!(" to crash {name}") }</> };
        (by_key, format!("tap {name} to crash it"))
    })
}

/// The menu of what was asked for one, as long as something may be done to it.
fn menu(lab: &Lab, scene: &Scene, shown: &Shown, dispatch: &Callback<Do>) -> Html {
    let Some((target, x, y)) = shown.menu.filter(|_| !scene.offers.is_empty()) else {
        return Html::default();
    };
    let node = if let Target::Node(id) = target { Some(id) } else { None };
    html! { <Menu name={picked(lab)} at={(x, y)} offers={scene.offers.clone()} {node} dispatch={dispatch.clone()} /> }
}
