//! The claims: what the protocol promises, and how each promise stands. Always in sight.

use crate::msg::Do;
use crate::prose::prose;
use faultline_core::scenario::slug;
use faultline_core::view::{Claim, Standing};
use yew::prelude::*;

/// What the list shows.
#[derive(Properties, PartialEq)]
pub struct ClaimsProps {
    /// The claims.
    pub claims: Vec<Claim>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The list of claims.
#[component]
pub fn Claims(ClaimsProps { claims, dispatch }: &ClaimsProps) -> Html {
    html! {
        <section class="claims" aria-labelledby="claims-title">
            <h2 id="claims-title">{ "Claims" }</h2>
            <ul>{ for claims.iter().map(|claim| item(claim, dispatch)) }</ul>
        </section>
    }
}

fn item(claim: &Claim, dispatch: &Callback<Do>) -> Html {
    let (standing, sign, words) = match &claim.standing {
        Standing::Holds => ("holds", "✓", "holds so far"),
        Standing::Violated { .. } => ("violated", "✕", "violated"),
        Standing::Reached { .. } => ("reached", "●", "reached"),
        Standing::Open => ("open", "○", "not reached yet"),
    };
    let jump = |event: usize| dispatch.reform(move |_: MouseEvent| Do::Event(event + 1));
    html! {
        <li class={standing} data-claim={slug(&claim.name)} data-standing={standing} title={claim.name.clone()}>
            <span class="sign" role="img" aria-label={words}>{ sign }</span>
            <div>
                <span class="sentence">{ &claim.sentence }</span>
                if let Standing::Violated { event, sentence } = &claim.standing {
                    <p class="who">{ prose(sentence) }</p>
                    <button class="jump" onclick={jump(*event)}>{ "Jump to it" }</button>
                }
            </div>
        </li>
    }
}
