//! What may be done about claims: attack the protocol, search for a violation, take a rule away; and what came of it.

use crate::kit::prose::{fixed, prose};
use crate::wishes::Do;
use crate::wishes::keys::{Command, aria};
use crate::work::Report;
use yew::prelude::*;

/// Whom the tools tell.
#[derive(Properties, PartialEq)]
pub struct ToolsProps {
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The buttons.
#[component]
pub fn Tools(ToolsProps { dispatch }: &ToolsProps) -> Html {
    let button = |command: Command, name: &'static str, label: &'static str, title: &'static str| {
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Command(command));
        html! { <button data-tool={name} {title} aria-keyshortcuts={aria(command)} {onclick}>{ label }</button> }
    };
    html! {
        <div class="tools">
            { button(Command::Attack, "attack", "Attack it", "Try random faults within the protocol’s assumptions, one seed after another, until a claim breaks") }
            { button(Command::Search, "search", "Search…", "Try every run within bounds, short ones with few faults first, and go deeper until you stop it") }
            { button(Command::Rules, "rules", "Take a rule away…", "Turn the protocol into a wrong twin and see which claim breaks") }
        </div>
    }
}

/// What a report shows.
#[derive(Properties, PartialEq)]
pub struct ToldProps {
    /// The report.
    pub report: Report,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// What is done, with its progress, or what came of it, with what may be done next.
#[component]
pub fn Told(ToldProps { report, dispatch }: &ToldProps) -> Html {
    let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
    html! {
        <section class={classes!("report", report.claim.is_some().then_some("found"))} aria-label="Attack, search and shrink"
            data-report={if report.share.is_some() { "under-way" } else if report.claim.is_some() { "found" } else { "nothing" }}>
            <h3>{ &report.title }</h3>
            <p>{ &report.verdict }{ " " }{ prose(&report.facts) }</p>
            if let Some(share) = report.share {
                <progress max="1" value={fixed(share, 3)} aria-label={report.title.clone()}></progress>
            }
            if !report.broken.is_empty() {
                <ul class="others">{ for report.broken.iter().enumerate().map(|(place, broken)| html! {
                    <li><button class="other" data-found={place.to_string()} onclick={on(Do::ShowFound(place))}>{ broken }</button></li>
                }) }</ul>
            }
            <div class="row-of">
                if report.share.is_some() {
                    <button class="plain" data-tool="cancel" onclick={on(Do::Cancel)}>{ "Stop" }</button>
                } else {
                    if report.claim.is_some() {
                        <button class="plain" data-tool="back" aria-keyshortcuts={aria(Command::Undo(true))} onclick={on(Do::Command(Command::Undo(true)))}>{ if report.shrunk { "Back to the longer run" } else { "Back to my run" } }</button>
                    }
                    <button class="plain" data-tool="close" onclick={on(Do::Cancel)}>{ "Close" }</button>
                }
            </div>
        </section>
    }
}
