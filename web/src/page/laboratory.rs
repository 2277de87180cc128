//! The laboratory: the stage with what is said about it, the transport bar, and the places of all that surrounds the stage.

use super::Page;
use super::panels::place;
use crate::kit::prose::{node_name, prose, with};
use crate::lab::Lab;
use crate::picture::links;
use crate::stage::Stage;
use crate::timeline::transport::Transport;
use crate::wishes::{Do, keys};
use faultline_core::session::Target;
use faultline_core::trace::Line;
use yew::prelude::*;

/// The laboratory.
pub(super) fn laboratory(page: &Page, lab: &Lab) -> Html {
    let (&Page { beside, scene, shown, dispatch, around, .. }, view) = (page, &lab.view);
    let checksum = page.checksum.map(written);
    let (_, least, most) = lab.session().info().nodes;
    let bounds = lab.session().scenario().entry.recorded.is_none().then_some((least, most));
    // Rules that ask what an element holds make a browser look at all of it again after every change of the stage.
    let class = classes!(
        "lab",
        shown.narrow.then_some("narrow"),
        view.picture.first().map(|_| "with-panel"),
        beside.map(|_| "halved"),
        page.moment.is_told().then_some("telling"),
    );
    let torn = page.moment.parts().map(|_| "torn");
    html! {
        <main id="lab" key={keys::letters().to_string()} {class} data-event={view.event.to_string()}
            data-playing={lab.playing.to_string()} data-acts={lab.acts().len().to_string()} data-checksum={checksum}>
            // Its place is the lower edge; the Tab key comes to it first.
            <Transport view={view.clone()} playing={lab.playing} speed={lab.speed} reached={lab.pace.reached()} auto_slow={lab.auto_slow}
                {bounds} seed={lab.session().scenario().seed} shortcuts={scene.shortcuts.clone()}
                dispatch={dispatch.clone()} />
            { around.map(|around| (around.over_stage)(page, lab)).unwrap_or_default() }
            <div class="stages">
            <div key="played" class="half">
            if beside.is_some() { <p class="of-branch"><b>{ lab.branch_name() }</b><span class="here">{ "played" }</span></p> }
            <section id="stage" class={classes!("stage", torn)} aria-label="Stage">
                { caption(lab, scene.headline.as_deref(), dispatch) }
                <Stage view={view.clone()} geometry={scene.geometry.clone()} selection={lab.selection} group={lab.group.clone()}
                    paused={!lab.playing} motion={scene.motion.clone()} dispatch={dispatch.clone()} />
                { around.map(|around| (around.on_stage)(page, lab)).unwrap_or_default() }
            </section>
            </div>
            { around.map(|around| (around.beside)(page, lab)).unwrap_or_default() }
            </div>
            { place(page, lab) }
            { around.filter(|_| shown.surrounded).map_or_else(|| places(shown.narrow, page.lost.is_some()), |around| (around.below)(page, lab)) }
        </main>
    }
}

/// The places of diagram and column until these are here: nothing moves when they come. Elsewhere it is said if they are
/// lost.
fn places(narrow: bool, lost: bool) -> Html {
    html! {
        <>
            if !narrow { <section class="timeline" aria-label="Timeline"></section> }
            <aside class="side" aria-label="Claims and views">
                if !lost { <p class="empty soon" role="status">{ "Loading…" }</p> }
            </aside>
        </>
    }
}

/// A checksum as it is written.
pub(super) fn written(checksum: u64) -> String {
    format!("{checksum:016x}")
}

/// What is picked, for those who cannot see it.
pub(super) fn picked(lab: &Lab) -> String {
    match lab.selection {
        Some(Target::Node(id)) => node_name(id),
        Some(Target::Message(_)) => lab.message().map(|message| message.name.clone()).unwrap_or_default(),
        Some(Target::Link(one, other)) => links::words(&lab.view, one, other),
        None => lab.group.iter().copied().map(node_name).collect::<Vec<_>>().join(", "),
    }
}

/// What the scenario says about this moment, or else what the protocol told last; if others had to agree to it, with who did.
pub(super) fn caption(lab: &Lab, headline: Option<&Line>, dispatch: &Callback<Do>) -> Html {
    let (title, text) = match (&lab.view.caption, headline) {
        (Some(caption), _) => (prose(&caption.title), prose(&caption.text)),
        (None, Some(line)) => {
            let rule = line.rule.map(
                |rule| html! { <>{ rule.sentence }{ " " }<span class="section">{ rule.section }</span></> },
            );
            let how = line.agreed.as_ref().map(|poll| {
                let event = line.index;
                let onclick = dispatch.reform(move |_: MouseEvent| Do::HowItCame(event));
                html! { <span class="agreed">{ with(poll) }{ " " }<button class="jump" data-tool="how" {onclick}>{ "How it came to this" }</button></span> }
            });
            (prose(&line.sentence), html! { <>{ rule.unwrap_or_default() }{ how.unwrap_or_default() }</> })
        }
        (None, None) => (
            html! { { lab.session().info().title } },
            html! { <span class="idea">{ lab.session().info().idea }</span> },
        ),
    };
    html! { <Caption {title} {text} /> }
}

#[derive(Properties, PartialEq)]
struct CaptionProps {
    title: Html,
    text: Html,
}

/// A caption. On a small page its text is folded away until somebody wants more.
#[component]
fn Caption(CaptionProps { title, text }: &CaptionProps) -> Html {
    let open = use_state(|| false);
    let onclick = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    html! {
        <div class={classes!("caption", open.then_some("unfolded"))}>
            <h2>{ title.clone() }</h2>
            if *text != Html::default() {
                <button class="more-of" aria-expanded={open.to_string()} {onclick}>{ if *open { "less" } else { "more" } }</button>
            }
            <p>{ text.clone() }</p>
        </div>
    }
}
