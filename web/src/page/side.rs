//! The column at the side, and its tabs.

use super::Page;
use super::diagram::diagram;
use super::panels;
use crate::lab::Lab;
use crate::recorded;
use crate::side::claims::{self, Claims};
use crate::side::editor::Editor;
use crate::side::inspector::Inspector;
use crate::side::log::Log;
use crate::side::tools::Told;
use crate::stage::inbox::Inbox;
use crate::timeline::acts::{ActCard, ActList};
use crate::wishes::{Do, Tab};
use faultline_core::trace::NOBODY;
use faultline_core::view::{Claim, Standing};
use faultline_core::{NodeId, Scenario};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// The column at the side; on a narrow page one part at a time.
pub(super) fn side(page: &Page, lab: &Lab) -> Html {
    let (&Page { scene, shown, asked, tasks, dispatch, .. }, view) = (page, &lab.view);
    let senses: Vec<_> = lab.session().scenario().entry.claims().iter().map(|claim| claim.sense).collect();
    let lights = lights(lab);
    // Where the moment is told over the stage, what can be done about it stands there.
    let told = page.moment.claim().filter(|_| !shown.narrow);
    let recorded = lab.session().scenario().entry.recorded.is_some();
    let claims = || {
        if recorded {
            unclaimed()
        } else {
            html! { <Claims claims={view.claims.clone()} broken={view.broken.clone()} senses={senses.clone()} lights={lights.clone()} open={shown.claim} {told} dispatch={dispatch.clone()} /> }
        }
    };
    let report =
        || tasks.report.clone().map(|report| html! { <Told {report} dispatch={dispatch.clone()} /> });
    let inspector = || {
        let acts = lab.acts();
        if let Some(act) = lab.act.and_then(|index| acts.get(index)) {
            return html! { <ActCard act={act.clone()} count={acts.len()} dispatch={dispatch.clone()} /> };
        }
        html! { <Inspector view={view.clone()} selection={lab.selection} group={lab.group.clone()} offers={scene.offers.clone()} dispatch={dispatch.clone()} /> }
    };
    let mut tabs = vec![(Tab::Log, "Log"), (Tab::State, "State")];
    if !recorded {
        tabs.push((Tab::Scenario, "Scenario"));
    }
    if shown.narrow {
        let about = if recorded { "Selected" } else { "Claims" };
        tabs.splice(0..0, [(Tab::Timeline, "Timeline"), (Tab::Claims, about)]);
    }
    if lab.session().scenario().manual {
        tabs.push((Tab::Inbox, "Inbox"));
    }
    let violated = claims::violated(&view.claims).len();
    let tab = |&(tab, name): &(Tab, &'static str)| {
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Tab(tab));
        let current = shown.tab == tab;
        html! {
            <button role="tab" id={format!("tab-{name}")} aria-selected={current.to_string()} aria-controls="tab-panel"
                tabindex={if current { "0" } else { "-1" }} {onclick}>
                { name }
                if tab == Tab::Claims && violated > 0 { <span class="badge-of" aria-label={format!(", {violated} violated")}>{ format!("✕ {violated}") }</span> }
            </button>
        }
    };
    let onkeydown = turn(tabs.iter().map(|&(tab, _)| tab).collect(), shown.tab, dispatch);
    let selected = lab.selection.is_some() || !lab.group.is_empty() || lab.act.is_some();
    let current = tabs.iter().find(|(tab, _)| *tab == shown.tab).map_or("Log", |(_, name)| *name);
    let panel = match shown.tab {
        Tab::Timeline if shown.narrow => diagram(page, lab),
        Tab::Claims if shown.narrow => html! { <>{ inspector() }{ report() }{ claims() }</> },
        Tab::Scenario if !recorded => {
            let scenario = lab.session().scenario();
            let file = format!("{}-{}.txt", scenario.entry.info.slug, scenario.seed);
            let text = scenario.to_string();
            let now = Scenario::line_at(&text, lab.session().time()).filter(|_| asked.draft.is_none());
            html! {
                <>
                <ActList acts={lab.acts()} picked={lab.act} dispatch={dispatch.clone()} />
                <Editor {text} draft={asked.draft.clone()} complaint={asked.complaint.clone()} refusals={asked.refusals} {now}
                    offers={asked.offers.clone()} {file} dispatch={dispatch.clone()} />
                </>
            }
        }
        Tab::Inbox if lab.session().scenario().manual => {
            html! { <Inbox view={view.clone()} selection={lab.selection} dispatch={dispatch.clone()} /> }
        }
        Tab::State => panels::state(page, lab),
        _ => {
            html! { <Log rows={scene.rows.clone()} event={view.event} all={lab.all_lines} filter={lab.filter.clone()} nodes={view.nodes.len()} {selected} searched={lab.searched()} dispatch={dispatch.clone()} /> }
        }
    };
    html! {
        <aside class={classes!("side", (selected && !shown.narrow).then_some("inspecting"))} aria-label="Claims and views">
            if !shown.narrow { { claims() } { report() } { inspector() } }
            <div class="tabs" role="tablist" aria-label="Views" {onkeydown}>{ for tabs.iter().map(tab) }</div>
            <div id="tab-panel" class={classes!("tab-panel", (shown.tab == Tab::Scenario).then_some("editing"))} role="tabpanel" aria-labelledby={format!("tab-{current}")}>{ panel }</div>
        </aside>
    }
}

/// What stands in the place of claims where a run repeats a log.
fn unclaimed() -> Html {
    html! {
        <section class="claims" aria-label="Recorded run">
            <p class="legend">{ recorded::sentence() }{ " Nothing is claimed of it." }</p>
        </section>
    }
}

/// Arrow keys lead from tab to tab, around the ends.
fn turn(tabs: Vec<Tab>, current: Tab, dispatch: &Callback<Do>) -> Callback<KeyboardEvent> {
    let here = tabs.iter().position(|&tab| tab == current).unwrap_or(0);
    let dispatch = dispatch.clone();
    Callback::from(move |event: KeyboardEvent| {
        let next = match event.key().as_str() {
            "ArrowRight" => (here + 1) % tabs.len(),
            "ArrowLeft" => (here + tabs.len() - 1) % tabs.len(),
            _ => return,
        };
        event.prevent_default();
        dispatch.emit(Do::Tab(tabs[next]));
        let all = event.target_dyn_into::<Element>().and_then(|tab| tab.parent_element());
        if let Some(tab) = all.and_then(|all| all.children().item(next as u32))
            && let Ok(tab) = tab.dyn_into::<HtmlElement>()
        {
            let _ = tab.focus();
        }
    })
}

/// Of every claim that is violated the event and the node of it, as names of what lights up.
fn lights(lab: &Lab) -> Vec<Option<String>> {
    let records = lab.session().run().records();
    let light = |claim: &Claim| match claim.standing {
        Standing::Violated { event, .. } => {
            let node = records.get(event).map(|record| record.node).filter(|node| *node != NOBODY);
            Some(node.map_or_else(|| format!("e{event}"), |node| format!("e{event} {}", NodeId(node))))
        }
        _ => None,
    };
    lab.view.claims.iter().map(light).collect()
}
