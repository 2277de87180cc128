//! A challenge, below the stage: what is to be brought about, with how many acts, how far the reader has come, and help.

use crate::browser;
use crate::kit::prose::prose;
use crate::lab::Lab;
use crate::learn;
use crate::wishes::keys::Command;
use crate::wishes::{Dialog, Do};
use faultline_core::scenario::Challenge;
use faultline_core::session::Progress;
use std::rc::Rc;
use yew::prelude::*;

/// The challenge of the run, if it is one.
pub(super) fn challenge(lab: &Lab, dispatch: &Callback<Do>) -> Option<Html> {
    let (scenario, progress) = (lab.session().scenario(), lab.progress()?);
    let name = learn::solved_as(scenario.entry.info.slug, &scenario.title);
    let key = name.clone();
    Some(html! { <Strip {key} {name} {progress} dispatch={dispatch.clone()} /> })
}

#[derive(Properties, PartialEq)]
struct StripProps {
    /// Under which name it is remembered that it was solved.
    name: String,
    progress: Rc<Progress>,
    dispatch: Callback<Do>,
}

#[component]
fn Strip(props: &StripProps) -> Html {
    let StripProps { name, progress, dispatch } = props;
    let Challenge { allow, budget, par, hints, impossible, .. } = &progress.challenge;
    let shown = use_state(|| 0_usize);
    let is_solved = progress.reached.is_some() && progress.spent <= *budget && progress.fair;
    {
        let name = name.clone();
        use_effect_with(is_solved && progress.own, move |is_solved| {
            if *is_solved {
                // The first page marks it.
                browser::remember(&name, "yes");
            }
        });
    }
    let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(*shown + 1))
    };
    let acts = |count: usize| if count == 1 { "1 act".to_owned() } else { format!("{count} acts") };
    html! {
        <section class={classes!("challenge", is_solved.then_some("solved"))} aria-label="Challenge">
            <p role="status">
                <b>{ if is_solved { "✓ Solved" } else { "Challenge" } }</b>
                <span class="goal">{ "Goal: " }{ prose(&progress.goals) }</span>
                <span>{ format!("{} of {} used: {}", progress.spent, acts(*budget), allow.join(", ")) }</span>
                if !progress.fair { <span class="unfair">{ "This run differs from the challenge in more than its acts. Open the challenge again." }</span> }
                if is_solved && *par > 0 { <span>{ format!("Par is {par}.") }</span> }
            </p>
            if !is_solved && *shown > 0 {
                <ol role="list">{ for hints.iter().take(*shown).map(|hint| html! { <li>{ prose(hint) }</li> }) }</ol>
            }
            if *shown > hints.len() && !impossible.is_empty() { <p class="because">{ prose(impossible) }</p> }
            <p class="jumps">
                if let Some(event) = progress.reached.filter(|_| is_solved) {
                    <button class="dark" data-tool="reached" onclick={on(Do::Event(event))}>{ "Show the moment" }</button>
                    <button class="plain" onclick={on(Do::Dialog(Some(Dialog::Share)))}>{ "Link to it" }</button>
                } else {
                    if *shown < hints.len() {
                        <button class="plain" data-tool="hint" onclick={more.clone()}>{ "Hint" }</button>
                    } else if let Some(text) = &progress.solved {
                        <button class="plain" data-tool="solution" onclick={on(Do::Open(text.clone()))}>{ "Show the solution" }</button>
                    } else if *shown == hints.len() {
                        <button class="plain" data-tool="impossible" onclick={more}>{ "It cannot be done" }</button>
                    }
                }
                if progress.spent > 0 {
                    <button class="plain" data-tool="undo" onclick={on(Do::Command(Command::Undo(true)))}>{ "Undo" }</button>
                }
            </p>
        </section>
    }
}
