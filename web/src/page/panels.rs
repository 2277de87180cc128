//! The panels: those that are the picture of the protocol, beside the stage, and all that nodes know, behind a tab.

use super::Page;
use crate::lab::Lab;
use crate::panels::{Panels, Picture, name};
use crate::parts::room;
use crate::wishes::Do;
use yew::prelude::*;

/// What draws panels.
struct Drawn {
    picture: fn(&Page, &Lab) -> Html,
    state: fn(&Page, &Lab) -> Html,
}

room! {
    /// Both.
    PANELS, panels: &'static Drawn = &Drawn { picture: panels_beside, state: panels_of }
}

fn panels_beside(page: &Page, lab: &Lab) -> Html {
    let (&Page { scene, dispatch, .. }, view) = (page, &lab.view);
    html! { <Picture view={view.clone()} curves={scene.curves.clone()} operations={scene.operations.clone()} low={page.shown.narrow} dispatch={dispatch.clone()} /> }
}

fn panels_of(page: &Page, lab: &Lab) -> Html {
    let (&Page { scene, dispatch, .. }, view) = (page, &lab.view);
    html! { <Panels view={view.clone()} curves={scene.curves.clone()} operations={scene.operations.clone()} measures={scene.measures.clone()} selection={lab.selection} dispatch={dispatch.clone()} /> }
}

/// All that nodes know.
pub(super) fn state(page: &Page, lab: &Lab) -> Html {
    PANELS.draw(&page.dispatch.reform(|()| Do::Entered), |drawn| (drawn.state)(page, lab))
}

/// What the protocol is about, once what draws it is here.
pub(super) fn picture(page: &Page, lab: &Lab) -> Html {
    PANELS.draw(&page.dispatch.reform(|()| Do::Entered), |drawn| (drawn.picture)(page, lab))
}

/// The place of what the protocol is about, from the first moment on: so nothing moves when it comes. On a narrow page it can be
/// put away.
pub(super) fn place(page: &Page, lab: &Lab) -> Html {
    let Some(first) = lab.view.picture.first() else { return Html::default() };
    let content = page.around.map(|around| (around.picture)(page, lab)).unwrap_or_default();
    if !page.shown.narrow {
        return html! { <section class="idea-panel" aria-label="What the protocol is about">{ content }</section> };
    }
    let ontoggle = page.dispatch.reform(|_: Event| Do::Measure);
    html! {
        <details class="idea-panel" open={page.shown.roomy} {ontoggle}>
            <summary>{ name(*first, &lab.view) }</summary>
            { content }
        </details>
    }
}
