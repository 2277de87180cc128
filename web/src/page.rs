//! The page as a whole, from what is open and what is shown of it: the top bar, and below it the laboratory or the first page.

use crate::browser;
use crate::dialogs::asked::Asked;
use crate::front::Home;
use crate::kit::bar;
use crate::kit::icons::{self, Icon};
use crate::kit::prose::{prose, title_of};
use crate::kit::toolbar::use_toolbar;
use crate::lab::Lab;
use crate::recorded::{self, Log};
use crate::wishes::keys::{Command, aria};
use crate::wishes::{Dialog, Do};
use crate::work::tasks::{Awaited, Tasks};
pub(crate) use around::{AROUND, Around};
use beside::Beside;
use faultline_core::scenario::Scenario;
use moment::Moment;
use scene::Scene;
use shown::Shown;
use yew::prelude::*;

mod around;
pub mod beside;
mod challenge;
mod diagram;
pub(crate) mod dialog;
mod laboratory;
pub mod moment;
mod panels;
pub mod scene;
pub mod shown;
mod side;

/// What the page is drawn from.
pub(crate) struct Page<'a> {
    pub(crate) lab: Option<&'a Lab>,
    pub(crate) beside: Option<&'a Beside>,
    pub(crate) scene: &'a Scene,
    pub(crate) moment: &'a Moment,
    pub(crate) shown: &'a Shown,
    pub(crate) asked: &'a Asked,
    /// The log that was opened or refused last.
    pub(crate) log: Option<&'a Log>,
    pub(crate) tasks: &'a Tasks,
    /// The checksum of the run, once it is worked out.
    pub(crate) checksum: Option<u64>,
    /// What those who cannot see it hear.
    pub(crate) said: &'a str,
    pub(crate) dispatch: &'a Callback<Do>,
    /// What draws all that surrounds the stage, once it is here.
    pub(crate) around: Option<&'static Around>,
    /// What is said where a part of the page cannot be had.
    pub(crate) lost: Option<Html>,
}

impl Page<'_> {
    /// The page.
    pub(crate) fn draw(&self) -> Html {
        let &Page { lab, shown, dispatch, .. } = self;
        let fails = self.lost.is_some()
            || shown.banner.is_some()
            || self.tasks.awaited.as_ref().is_some_and(|it| it.failed);
        let body = match lab {
            Some(lab) if !shown.home => laboratory::laboratory(self, lab),
            _ if shown.home => html! { <Home theme={shown.theme.name()} /> },
            // Meanwhile the shell of the page is seen.
            _ if !fails && browser::shell().is_some() => return Html::default(),
            _ => {
                let sentence = self.tasks.awaited.as_ref().filter(|it| !it.failed).map(Awaited::sentence);
                html! { <p class="empty" role="status">{ sentence.unwrap_or_else(|| "Opening…".into()) }</p> }
            }
        };
        let on_top =
            self.around.zip(lab.filter(|_| !shown.home)).map(|(around, lab)| (around.on_top)(self, lab));
        let on_top = on_top.unwrap_or_default();
        html! {
            <div class={classes!("page", shown.home.then_some("at-home"))}>
                { top(lab.filter(|_| !shown.home), shown, dispatch) }
                { banner(shown.banner.as_deref(), lab.is_some(), dispatch) }
                { awaited(self.tasks.awaited.as_ref(), lab.is_some() || shown.home, dispatch) }
                { self.lost.clone() }
                { on_top }
                { body }
                if let (Some(Dialog::Log), Some(log)) = (self.asked.dialog, self.log) {
                    { recorded::dialog(log, dispatch) }
                } else if let (Some(dialog), Some(lab)) = (self.asked.dialog, lab) { { dialog::dialog(self, dialog, lab) } }
                <p class="hidden" aria-live="polite">{ self.said.to_owned() }</p>
                <p id="picked" class="hidden" aria-live="polite">{ lab.map(laboratory::picked) }</p>
            </div>
        }
    }
}

/// The top bar; `lab` is the run, while its laboratory is in sight.
fn top(lab: Option<&Lab>, shown: &Shown, dispatch: &Callback<Do>) -> Html {
    let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
    html! {
        <header class="top">
            { bar::logo() }
            if let Some(lab) = lab {
                <h1>
                    <button class="where" title="About the protocol" aria-keyshortcuts={aria(Command::About)} onclick={on(Do::Command(Command::About))}>
                        <span class="protocol">{ lab.session().info().title }</span>
                        <span class="slash" aria-hidden="true">{ "/" }</span>
                        <span class="title">{ title_of(lab.session().scenario()) }</span>
                    </button>
                </h1>
                { twins(lab.session().scenario(), dispatch) }
                if lab.session().branches().len() > 1 {
                    <button class="plain branch" aria-label={format!("{} branches", lab.session().branches().len())} aria-keyshortcuts={aria(Command::Branches)} title="Branches of the run" onclick={on(Do::Command(Command::Branches))}>
                        { icons::draw(Icon::Branch) }{ lab.session().branches().len() }<span>{ " branches" }</span>
                    </button>
                }
            }
            <span class="space"></span>
            if let Some(lab) = lab { <Hands undoable={lab.session().undoable()} dispatch={dispatch.clone()} /> }
            { bar::theme(shown.theme.name(), on(Do::Theme)) }
            if lab.is_some() {
                <button class="plain worded" aria-label="Open…" aria-keyshortcuts={aria(Command::Open)} onclick={on(Do::Dialog(Some(Dialog::Open)))}>{ icons::draw(Icon::Folder) }<span>{ "Open…" }</span></button>
                <button class="dark worded" aria-label="Share" aria-keyshortcuts={aria(Command::Share)} onclick={on(Do::Dialog(Some(Dialog::Share)))}>{ icons::draw(Icon::Share) }<span>{ "Share" }</span></button>
            }
        </header>
    }
}

/// That the protocol lacks rules, as long as it does.
fn twins(scenario: &Scenario, dispatch: &Callback<Do>) -> Html {
    let named = |name: &&str| scenario.entry.twins.iter().find(|twin| twin.name == *name);
    let sentences: Vec<_> =
        scenario.choices.twins.iter().filter_map(named).map(|twin| twin.sentence).collect();
    if sentences.is_empty() {
        return Html::default();
    }
    let words = sentences.join(" ");
    let onclick = dispatch.reform(|_: MouseEvent| Do::Dialog(Some(Dialog::Rules)));
    html! { <button class="twin" title={words.clone()} {onclick}><b>{ "Wrong twin" }</b><span>{ ": " }{ words }</span></button> }
}

#[derive(Properties, PartialEq)]
struct HandsProps {
    /// Whether there is something to take back, and something to do again.
    undoable: (bool, bool),
    dispatch: Callback<Do>,
}

/// Taking back, doing again, and the palette, for those without keys: one stop of the Tab key.
#[component]
fn Hands(HandsProps { undoable, dispatch }: &HandsProps) -> Html {
    let bar = use_toolbar(2);
    let button = |place: usize, command: Command, label: &'static str, icon: Icon, works: bool| {
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Command(command));
        // It keeps the focus when there is nothing left to take back.
        let off = (!works).then_some("true");
        html! { <button class="quiet" tabindex={bar.tab(place)} aria-label={label} title={label} aria-keyshortcuts={aria(command)} aria-disabled={off} {onclick}>{ icons::draw(icon) }</button> }
    };
    let onclick = dispatch.reform(|_: MouseEvent| Do::Command(Command::Palette));
    html! {
        <div class="hands" role="toolbar" aria-label="Undo, redo and commands" onkeydown={bar.press.clone()} onfocusin={bar.enter.clone()} onfocusout={bar.leave.clone()} onpointerdown={bar.touch.clone()}>
            { button(0, Command::Undo(true), "Undo", Icon::Undo, undoable.0) }
            { button(1, Command::Undo(false), "Redo", Icon::Redo, undoable.1) }
            <button class="plain commands" tabindex={bar.tab(2)} aria-label="Commands, Ctrl K" title="Search all commands" aria-keyshortcuts={aria(Command::Palette)} {onclick}>
                { icons::draw(Icon::Find) }<kbd>{ "Ctrl K" }</kbd>
            </button>
        </div>
    }
}

/// That something waits for a protocol, or cannot have it; where nothing else is open, the page says the former itself.
fn awaited(awaited: Option<&Awaited>, opened: bool, dispatch: &Callback<Do>) -> Html {
    let Some(awaited) = awaited.filter(|awaited| opened || awaited.failed) else { return Html::default() };
    let sentence = awaited.sentence();
    if !awaited.failed {
        return html! { <p class="hidden" role="status">{ sentence }</p> };
    }
    let retry = dispatch.reform(|_: MouseEvent| Do::Retry);
    let dismiss = dispatch.reform(|_: MouseEvent| Do::Dismiss);
    html! {
        <div class="banner" role="alert">
            <p>{ sentence }</p>
            <button class="plain" data-tool="retry" onclick={retry}>{ "Try again" }</button>
            if opened {
                <button class="quiet" aria-label="Dismiss" onclick={dismiss}>{ icons::draw(Icon::Close) }</button>
            }
        </div>
    }
}

/// A sentence over everything, with what can be done about it.
fn banner(sentence: Option<&str>, opened: bool, dispatch: &Callback<Do>) -> Html {
    let Some(sentence) = sentence else { return Html::default() };
    let fresh = dispatch.reform(|_: MouseEvent| Do::Open("/raft".into()));
    let dismiss = dispatch.reform(|_: MouseEvent| Do::Dismiss);
    html! {
        <div class="banner" role="alert">
            <p>{ prose(sentence) }</p>
            if opened {
                <button class="quiet" aria-label="Dismiss" onclick={dismiss}>{ icons::draw(Icon::Close) }</button>
            } else {
                <button class="plain" onclick={fresh}>{ "Open the default run" }</button>
            }
        </div>
    }
}
