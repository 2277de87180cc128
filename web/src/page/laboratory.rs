//! The laboratory: the stage with what is said about it, the diagram, the side column, the transport bar.

use super::Page;
use super::diagram::diagram;
use super::scene::Scene;
use super::shown::Shown;
use super::side::side;
use crate::crowd::tally::Tally;
use crate::kit::icons::{self, Icon};
use crate::kit::prose::prose;
use crate::lab::Lab;
use crate::picture::geometry::Geometry;
use crate::picture::links;
use crate::side::claims;
use crate::stage::Stage;
use crate::stage::legend::Legend;
use crate::stage::menu::Menu;
use crate::stage::table::StageTable;
use crate::timeline::transport::Transport;
use crate::wishes::{Do, keys};
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::trace::Line;
use yew::prelude::*;

/// The laboratory.
pub(super) fn laboratory(page: &Page, lab: &Lab) -> Html {
    let (&Page { beside, scene, shown, dispatch, .. }, view) = (page, &lab.view);
    let checksum = page.checksum.map(written);
    let bounds = lab.session().info().nodes;
    let replies = lab.session().scenario().entry.kinds.iter().any(|kind| kind.reply);
    html! {
        <main id="lab" key={keys::letters().to_string()} class={classes!("lab", shown.narrow.then_some("narrow"))} data-event={view.event.to_string()}
            data-playing={lab.playing.to_string()} data-acts={lab.acts().len().to_string()} data-checksum={checksum}>
            <div class="stages">
            <div key="played" class="half">
            if beside.is_some() { <p class="of-branch"><b>{ lab.branch_name() }</b><span class="here">{ "played" }</span></p> }
            <section id="stage" class="stage" aria-label="Stage">
                { caption(lab, scene.headline.as_deref()) }
                <Stage view={view.clone()} geometry={scene.geometry.clone()} selection={lab.selection} group={lab.group.clone()}
                    paused={!lab.playing} motion={scene.motion.clone()} dispatch={dispatch.clone()} />
                { hint(lab, scene, shown, dispatch) }
                <StageTable view={view.clone()} />
                <Legend signs={lab.signs.clone()} replies={replies} settled={view.log_words.settled} />
            </section>
            </div>
            { for beside.iter().map(|beside| beside.stage(lab.playing, dispatch)) }
            </div>
            if !shown.narrow { { diagram(page, lab) } }
            { side(page, lab) }
            <Transport view={view.clone()} playing={lab.playing} speed={lab.speed} reached={lab.pace.reached()} auto_slow={lab.auto_slow}
                bounds={(bounds.1, bounds.2)} seed={lab.session().scenario().seed} shortcuts={scene.shortcuts.clone()}
                dispatch={dispatch.clone()} />
            { menu(lab, scene, shown, dispatch) }
        </main>
    }
}

/// A checksum as it is written.
pub(super) fn written(checksum: u64) -> String {
    format!("{checksum:016x}")
}

/// What is picked, for those who cannot see it.
pub(super) fn picked(lab: &Lab) -> String {
    match lab.selection {
        Some(Target::Node(id)) => id.to_string(),
        Some(Target::Message(_)) => lab.message().map(|message| message.name.clone()).unwrap_or_default(),
        Some(Target::Link(one, other)) => links::words(&lab.view, one, other),
        None => lab.group.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// What the scenario says about this moment, or else what the protocol told last.
pub(super) fn caption(lab: &Lab, headline: Option<&Line>) -> Html {
    let (title, text) = match (&lab.view.caption, headline) {
        (Some(caption), _) => (html! { { &caption.title } }, html! { { &caption.text } }),
        (None, Some(line)) => {
            let rule = line.rule.map(
                |rule| html! { <>{ rule.sentence }{ " " }<span class="section">{ rule.section }</span></> },
            );
            (prose(&line.sentence), rule.unwrap_or_default())
        }
        (None, None) => (
            html! { { lab.session().info().title } },
            html! { <span class="idea">{ lab.session().info().idea }</span> },
        ),
    };
    html! { <div class="caption"><h2>{ title }</h2><p>{ text }</p></div> }
}

/// What can be done, or what is the matter, below the stage.
fn hint(lab: &Lab, scene: &Scene, shown: &Shown, dispatch: &Callback<Do>) -> Html {
    let dismiss = dispatch.reform(|_: MouseEvent| Do::DismissHint);
    let subject = lab.subject().filter(|node| node.up).map(|node| (node.id, &node.card.role));
    let leads = lab.leader().is_some();
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
            } else if let (true, Some((subject, role))) = (shown.hint, subject) {
                <span class="try"><b>{ "Try it: " }</b>
                    <span class="by-key">{ "press " }if !leads { <kbd>{ "1" }</kbd>{ " and " } }<kbd>{ "X" }</kbd>{ format!(" to crash {subject} ({role})") }<span class="longer">{ ", or click a message in flight and drop it" }</span></span>
                    <span class="by-touch">{ format!("tap {subject} to crash it") }</span>
                    <button class="quiet" aria-label="Dismiss the hint" onclick={dismiss}>{ icons::draw(Icon::Close) }</button>
                </span>
            } else {
                <span class="by-key">{ "Click anything, or press a node’s digit." }</span>
                <span class="by-touch">{ "Tap anything." }</span>
            }
        </p>
    }
}

/// The menu of what was asked for one, as long as something may be done to it.
fn menu(lab: &Lab, scene: &Scene, shown: &Shown, dispatch: &Callback<Do>) -> Html {
    let Some((target, x, y)) = shown.menu.filter(|_| !scene.offers.is_empty()) else {
        return Html::default();
    };
    let node = if let Target::Node(id) = target { Some(id) } else { None };
    html! { <Menu name={picked(lab)} at={(x, y)} offers={scene.offers.clone()} {node} dispatch={dispatch.clone()} /> }
}
