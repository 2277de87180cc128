//! The page as a whole: top bar, stage, diagram, side column, transport bar.

use crate::app::App;
use crate::crowd::tally::Tally;
use crate::dialogs::Dialogs;
use crate::dialogs::branches;
use crate::dialogs::set::form;
use crate::front::Home;
use crate::kit::icons::{self, Icon};
use crate::kit::prose::grouped;
use crate::kit::prose::{clock, prose};
use crate::lab::Lab;
use crate::panels::Panels;
use crate::picture::geometry::Geometry;
use crate::picture::links;
use crate::side::claims::{self, Claims};
use crate::side::editor::Editor;
use crate::side::inspector::Inspector;
use crate::side::log::Log;
use crate::side::tools::Told;
use crate::stage::Stage;
use crate::stage::inbox::Inbox;
use crate::stage::legend::Legend;
use crate::stage::menu::Menu;
use crate::stage::table::StageTable;
use crate::timeline::acts::{ActCard, ActList, Marks};
use crate::timeline::diagram::SpaceTime;
use crate::timeline::table::DiagramTable;
use crate::timeline::transport::Transport;
use crate::wishes::keys::{Command, aria};
use crate::wishes::{Dialog, Do, Tab};
use faultline_core::scenario::Scenario;
use faultline_core::session::{Found, Target};
use faultline_core::trace::{Line, NOBODY};
use faultline_core::view::{Claim, Standing};
use faultline_core::{NodeId, link};
use web_sys::HtmlInputElement;
use yew::prelude::*;

pub mod beside;

/// The page.
pub(crate) fn page(app: &App, _: &Context<App>) -> Html {
    let body = match &app.lab {
        Some(lab) if !app.home => laboratory(app, lab),
        _ if app.home => html! { <Home theme={app.theme_name()} /> },
        _ => html! { <p class="empty">{ "Opening…" }</p> },
    };
    html! {
        <div class={classes!("page", app.home.then_some("at-home"))}>
            { top(app) }
            { banner(app) }
            { body }
            if let (Some(dialog), Some(lab)) = (app.dialog, &app.lab) { { dialog_of(app, dialog, lab) } }
            <p class="hidden" aria-live="polite">{ app.speech.said() }</p>
            <p id="picked" class="hidden" aria-live="polite">{ app.lab.as_ref().map(picked) }</p>
        </div>
    }
}

/// What is picked, for those who cannot see it.
fn picked(lab: &Lab) -> String {
    match lab.selection {
        Some(Target::Node(id)) => id.to_string(),
        Some(Target::Message(_)) => lab.message().map(|message| message.name.clone()).unwrap_or_default(),
        Some(Target::Link(one, other)) => links::words(&lab.view, one, other),
        None => lab.group.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn top(app: &App) -> Html {
    let on = |wish: Do| app.dispatch.reform(move |_: MouseEvent| wish.clone());
    let scheme = format!("Colours: {}", app.theme_name());
    let lab = app.lab.as_ref().filter(|_| !app.home);
    html! {
        <header class="top">
            <a class="logo" href="#/" aria-label="Faultline, all protocols">
                <svg viewBox="0 0 30 16" width="30" height="16" aria-hidden="true"><path d="M1 8 h8 l3 -6 l5 12 l3 -6 h9" /></svg>
                <span>{ "faultline" }</span>
            </a>
            if let Some(lab) = lab {
                <h1>
                    <button class="where" title="About the protocol" aria-keyshortcuts={aria(Command::About)} onclick={on(Do::Command(Command::About))}>
                        <span class="protocol">{ lab.session().info().title }</span>
                        <span class="slash" aria-hidden="true">{ "/" }</span>
                        <span class="title">{ title_of(lab.session().scenario()) }</span>
                    </button>
                </h1>
                if lab.session().branches().len() > 1 {
                    <button class="plain branch" aria-label={format!("{} branches", lab.session().branches().len())} aria-keyshortcuts={aria(Command::Branches)} title="The branches of the run" onclick={on(Do::Command(Command::Branches))}>
                        { icons::draw(Icon::Branch) }{ lab.session().branches().len() }<span>{ " branches" }</span>
                    </button>
                }
            }
            <span class="space"></span>
            if let Some(lab) = lab { { hands(app, lab) } }
            <button class="quiet theme" aria-label={scheme.clone()} title={scheme} onclick={on(Do::Theme)}>{ icons::draw(Icon::Theme) }</button>
            if lab.is_some() {
                <button class="plain worded" aria-label="Open…" aria-keyshortcuts={aria(Command::Open)} onclick={on(Do::Dialog(Some(Dialog::Open)))}>{ icons::draw(Icon::Folder) }<span>{ "Open…" }</span></button>
                <button class="dark worded" aria-label="Share" aria-keyshortcuts={aria(Command::Share)} onclick={on(Do::Dialog(Some(Dialog::Share)))}>{ icons::draw(Icon::Share) }<span>{ "Share" }</span></button>
            }
        </header>
    }
}

/// Taking back, doing again, and the palette, for those without keys.
fn hands(app: &App, lab: &Lab) -> Html {
    let (undo, redo) = lab.session().undoable();
    let button = |command: Command, label: &'static str, icon: Icon, works: bool| {
        let onclick = app.dispatch.reform(move |_: MouseEvent| Do::Command(command));
        // It keeps the focus when there is nothing left to take back.
        let off = (!works).then_some("true");
        html! { <button class="quiet" aria-label={label} title={label} aria-keyshortcuts={aria(command)} aria-disabled={off} {onclick}>{ icons::draw(icon) }</button> }
    };
    let onclick = app.dispatch.reform(|_: MouseEvent| Do::Command(Command::Palette));
    html! {
        <>
            { button(Command::Undo(true), "Undo", Icon::Undo, undo) }
            { button(Command::Undo(false), "Redo", Icon::Redo, redo) }
            <button class="plain commands" aria-label="Commands, Ctrl K" title="All commands in one list" aria-keyshortcuts={aria(Command::Palette)} {onclick}>
                { icons::draw(Icon::Find) }<kbd>{ "Ctrl K" }</kbd>
            </button>
        </>
    }
}

/// What a run is called: its title, or else how it is set up.
pub(crate) fn title_of(scenario: &Scenario) -> String {
    if scenario.title.is_empty() {
        format!("{} nodes, seed {}", grouped(scenario.nodes.into()), scenario.seed)
    } else {
        scenario.title.clone()
    }
}

fn banner(app: &App) -> Html {
    let Some(sentence) = &app.banner else { return Html::default() };
    let fresh = app.dispatch.reform(|_: MouseEvent| Do::Open("/raft".into()));
    let dismiss = app.dispatch.reform(|_: MouseEvent| Do::Dismiss);
    html! {
        <div class="banner" role="alert">
            <p>{ prose(sentence) }</p>
            if app.lab.is_none() {
                <button class="plain" onclick={fresh}>{ "Open the default run" }</button>
            } else {
                <button class="quiet" aria-label="Dismiss" onclick={dismiss}>{ icons::draw(Icon::Close) }</button>
            }
        </div>
    }
}

fn laboratory(app: &App, lab: &Lab) -> Html {
    let (scene, view) = (&app.scene, &lab.view);
    let checksum = checksum(app, lab);
    let bounds = lab.session().info().nodes;
    let replies = lab.session().scenario().entry.kinds.iter().any(|kind| kind.reply);
    html! {
        <main id="lab" key={crate::wishes::keys::letters().to_string()} class={classes!("lab", app.narrow.then_some("narrow"))} data-event={view.event.to_string()}
            data-playing={lab.playing.to_string()} data-acts={lab.acts().len().to_string()} data-checksum={checksum}>
            <div class="stages">
            <div key="played" class="half">
            if app.beside.is_some() { <p class="of-branch"><b>{ lab.branch_name() }</b><span class="here">{ "played" }</span></p> }
            <section id="stage" class="stage" aria-label="Stage">
                { caption(lab, app.scene.headline.as_deref()) }
                <Stage view={view.clone()} geometry={scene.geometry.clone()} selection={lab.selection} group={lab.group.clone()}
                    paused={!lab.playing} motion={app.motion.clone()} dispatch={app.dispatch.clone()} />
                { hint(app, lab) }
                <StageTable view={view.clone()} />
                <Legend signs={lab.signs.clone()} replies={replies} settled={view.log_words.settled} />
            </section>
            </div>
            { for app.beside.iter().map(|beside| beside.stage(lab.playing, &app.dispatch)) }
            </div>
            if !app.narrow { { diagram(app, lab) } }
            { side(app, lab) }
            <Transport view={view.clone()} playing={lab.playing} speed={lab.speed} reached={lab.pace.reached()} auto_slow={lab.auto_slow}
                bounds={(bounds.1, bounds.2)} seed={lab.session().scenario().seed} shortcuts={scene.shortcuts.clone()}
                dispatch={app.dispatch.clone()} />
            { menu(app, lab) }
        </main>
    }
}

/// The checksum of the run, once it is worked out.
fn checksum(app: &App, lab: &Lab) -> Option<String> {
    app.checksum_of(lab).map(|sum| format!("{sum:016x}"))
}

/// What the scenario says about this moment, or else what the protocol told last.
pub(crate) fn caption(lab: &Lab, headline: Option<&Line>) -> Html {
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

fn hint(app: &App, lab: &Lab) -> Html {
    let dismiss = app.dispatch.reform(|_: MouseEvent| Do::DismissHint);
    let subject = lab.subject().filter(|node| node.up).map(|node| (node.id, &node.card.role));
    let leads = lab.leader().is_some();
    if Geometry::paints_nodes(&lab.view) {
        return html! { <Tally view={lab.view.clone()} radius={app.scene.geometry.radius} known={lab.learning.then(|| lab.known())} /> };
    }
    if let Some(alarm) = claims::alarm(&lab.view.claims, &app.dispatch).filter(|_| app.narrow) {
        return alarm;
    }
    html! {
        <p class="hint">
            if app.several {
                <span class="by-key">{ "Click all the nodes that you want; Esc lets go of them." }</span>
                <span class="by-touch">{ "Tap all the nodes that you want; tap beside them to let go." }</span>
            } else if let (true, Some((subject, role))) = (app.hint, subject) {
                <span class="try"><b>{ "Try it: " }</b>
                    <span class="by-key">{ "press " }if !leads { <kbd>{ "1" }</kbd>{ " and " } }<kbd>{ "X" }</kbd>{ format!(" to crash {subject} ({role})") }<span class="longer">{ ", or click a message under way and drop it" }</span></span>
                    <span class="by-touch">{ format!("tap {subject} and crash it") }</span>
                    <button class="quiet" aria-label="Dismiss the hint" onclick={dismiss}>{ icons::draw(Icon::Close) }</button>
                </span>
            } else {
                <span class="by-key">{ "Click anything, or press its digit." }</span>
                <span class="by-touch">{ "Tap anything." }</span>
            }
        </p>
    }
}

fn diagram(app: &App, lab: &Lab) -> Html {
    let view = &lab.view;
    let oninput = app.dispatch.reform(|event: InputEvent| {
        let value = event.target_dyn_into::<HtmlInputElement>().and_then(|field| field.value().parse().ok());
        value.map_or(Do::Nothing, Do::Scrub)
    });
    let latest = view.latest.as_ref().map(|line| format!(": {}", line.sentence)).unwrap_or_default();
    let words = format!("event {} of {}, {}{latest}", view.event, view.events, clock(view.time));
    let zoom = |closer: bool, label: &'static str, icon: Icon| {
        let onclick = app.dispatch.reform(move |_: MouseEvent| Do::Command(Command::Zoom(closer)));
        html! { <button class="quiet" aria-label={label} title={label} aria-keyshortcuts={aria(Command::Zoom(closer))} {onclick}>{ icons::draw(icon) }</button> }
    };
    let onwheel = {
        let dispatch = app.dispatch.clone();
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
                <SpaceTime chunks={app.scene.chunks.clone()} causality={app.scene.causality.clone()} nodes={lab.lives()} selection={lab.selection} zoom={lab.zoom}
                    size={app.diagram} motion={app.motion.clone()} dispatch={app.dispatch.clone()} />
            </div>
            { for app.beside.iter().map(|beside| beside.diagram(app.diagram, &app.dispatch)) }
            </div>
            <div class="slide">
                <div class="track">
                <Marks acts={lab.acts()} picked={lab.act} horizon={view.horizon} dispatch={app.dispatch.clone()} />
                <input id="slider" type="range" min="0" max={view.horizon.to_string()} step="1000" aria-label="Time"
                    aria-valuetext={words} {oninput} />
                </div>
                <DiagramTable chunks={app.scene.chunks.clone()} />
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
        (Some(Target::Node(id)), _) => format!("{id} and the first that it speaks with"),
        (_, Some(_)) => "the picked nodes first".to_owned(),
        _ => format!("{} and the first that it speaks with; pick a node to see its own", NodeId(0)),
    };
    html! { <p class="chosen">{ format!("{shown} of {} lifelines: {whose}.", grouped(all as u64)) }</p> }
}

/// The column at the side; on a narrow page one part at a time.
fn side(app: &App, lab: &Lab) -> Html {
    let view = &lab.view;
    let senses: Vec<_> = lab.session().scenario().entry.claims().iter().map(|claim| claim.sense).collect();
    let lights = lights(lab);
    let folded = (!app.narrow).then(|| app.folded.unwrap_or_else(|| is_short(app, lab)));
    let claims = || html! { <Claims claims={view.claims.clone()} broken={view.broken.clone()} senses={senses.clone()} lights={lights.clone()} {folded} dispatch={app.dispatch.clone()} /> };
    let report =
        || app.report.clone().map(|report| html! { <Told {report} dispatch={app.dispatch.clone()} /> });
    let inspector = || {
        let acts = lab.acts();
        if let Some(act) = lab.act.and_then(|index| acts.get(index)) {
            return html! { <ActCard act={act.clone()} count={acts.len()} dispatch={app.dispatch.clone()} /> };
        }
        // While there is something to report, or to write, nobody is told what may be clicked.
        let quiet = lab.selection.is_none() && lab.group.is_empty();
        if quiet && (app.report.is_some() || matches!(app.tab, Tab::Scenario | Tab::Inbox)) {
            return Html::default();
        }
        html! { <Inspector view={view.clone()} selection={lab.selection} group={lab.group.clone()} offers={app.scene.offers.clone()} dispatch={app.dispatch.clone()} /> }
    };
    let mut tabs = vec![(Tab::Log, "Log"), (Tab::State, "State"), (Tab::Scenario, "Scenario")];
    if app.narrow {
        tabs.splice(0..0, [(Tab::Timeline, "Timeline"), (Tab::Claims, "Claims")]);
    }
    if lab.session().scenario().manual {
        tabs.push((Tab::Inbox, "Inbox"));
    }
    let violated = claims::violated(&view.claims).len();
    let tab = |&(tab, name): &(Tab, &'static str)| {
        let onclick = app.dispatch.reform(move |_: MouseEvent| Do::Tab(tab));
        let current = app.tab == tab;
        html! {
            <button role="tab" id={format!("tab-{name}")} aria-selected={current.to_string()} aria-controls="tab-panel"
                tabindex={if current { "0" } else { "-1" }} {onclick}>
                { name }
                if tab == Tab::Claims && violated > 0 { <span class="badge-of" aria-label={format!(", {violated} violated")}>{ format!("✕ {violated}") }</span> }
            </button>
        }
    };
    let others: Vec<Tab> = tabs.iter().map(|&(tab, _)| tab).collect();
    let (here, dispatch) = (others.iter().position(|&tab| tab == app.tab).unwrap_or(0), app.dispatch.clone());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let next = match event.key().as_str() {
            "ArrowRight" => (here + 1) % others.len(),
            "ArrowLeft" => (here + others.len() - 1) % others.len(),
            _ => return,
        };
        event.prevent_default();
        dispatch.emit(Do::Tab(others[next]));
        let tabs = event.target_dyn_into::<web_sys::Element>().and_then(|tab| tab.parent_element());
        if let Some(tab) = tabs.and_then(|tabs| tabs.children().item(next as u32))
            && let Ok(tab) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(tab)
        {
            let _ = tab.focus();
        }
    });
    let current = tabs.iter().find(|(tab, _)| *tab == app.tab).map_or("Log", |(_, name)| *name);
    let panel = match app.tab {
        Tab::Timeline if app.narrow => diagram(app, lab),
        Tab::Claims if app.narrow => html! { <>{ inspector() }{ report() }{ claims() }</> },
        Tab::Scenario => {
            let scenario = lab.session().scenario();
            let file = format!("{}-{}.txt", scenario.entry.info.slug, scenario.seed);
            html! {
                <>
                <ActList acts={lab.acts()} picked={lab.act} dispatch={app.dispatch.clone()} />
                <Editor text={scenario.to_string()} draft={app.draft.clone()} complaint={app.complaint.clone()} {file}
                    dispatch={app.dispatch.clone()} />
                </>
            }
        }
        Tab::Inbox if lab.session().scenario().manual => {
            html! { <Inbox view={view.clone()} selection={lab.selection} dispatch={app.dispatch.clone()} /> }
        }
        Tab::State => {
            html! { <Panels view={view.clone()} curves={app.scene.curves.clone()} operations={app.scene.operations.clone()} measures={app.scene.measures.clone()} selection={lab.selection} dispatch={app.dispatch.clone()} /> }
        }
        _ => {
            html! { <Log rows={app.scene.rows.clone()} event={view.event} all={lab.all_lines} filter={lab.filter.clone()} nodes={view.nodes.len()} searched={lab.searched()} dispatch={app.dispatch.clone()} /> }
        }
    };
    html! {
        <aside class="side" aria-label="What is known">
            if !app.narrow { { claims() } { report() } { inspector() } }
            <div class="tabs" role="tablist" aria-label="Views" {onkeydown}>{ for tabs.iter().map(tab) }</div>
            <div id="tab-panel" class="tab-panel" role="tabpanel" aria-labelledby={format!("tab-{current}")}>{ panel }</div>
        </aside>
    }
}

/// What is left of the column's height for the log, for its tabs, and for what says that nothing is picked.
const BELOW: f64 = 200.0 + 40.0 + 64.0;

/// The height of the time line's slider, which stands beside the column, too.
const SLIDE: f64 = 33.0;

/// Whether there is no room for all claims as sentences.
fn is_short(app: &App, lab: &Lab) -> bool {
    let busy = lab.selection.is_some() || !lab.group.is_empty() || lab.act.is_some() || app.report.is_some();
    busy || claims::height(&lab.view.claims) + BELOW > app.stage.1 + app.diagram.1 + SLIDE
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

/// The menu of what was asked for one, as long as something may be done to it.
fn menu(app: &App, lab: &Lab) -> Html {
    let Some((target, x, y)) = app.menu.filter(|_| !app.scene.offers.is_empty()) else {
        return Html::default();
    };
    let node = if let Target::Node(id) = target { Some(id) } else { None };
    html! { <Menu name={picked(lab)} at={(x, y)} offers={app.scene.offers.clone()} {node} dispatch={app.dispatch.clone()} /> }
}

fn dialog_of(app: &App, dialog: Dialog, lab: &Lab) -> Html {
    let here = lab.session().here();
    let link = link::write(&here, app.checksum_of(lab))
        .map(|fragment| format!("{}#{fragment}", crate::browser::address::base()));
    let checksum = checksum(app, lab).unwrap_or_default();
    let found = if dialog == Dialog::Palette { lab.find(&app.sought) } else { Found::default() };
    let sought = app.sought.clone();
    let settable = !sought.trim().is_empty() && here.clone().amend(sought.trim()).is_ok();
    html! {
        <Dialogs key={format!("{dialog:?}")} {dialog} slug={here.entry.info.slug} refused={app.refused.clone()}
            {sought} {found} {settable} form={form(&here)} refusal={app.refusal.clone()}
            question={app.question.clone()} answer={app.answer.clone()} branches={branches::rows(lab.session().branches(), lab.session().branch())} horizon={lab.view.horizon} bounds={app.bounds} nodes={lab.view.nodes.len()} {link} text={here.to_string()} {checksum} dispatch={app.dispatch.clone()} />
    }
}
