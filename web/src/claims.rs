//! The claims: what the protocol promises, and how each promise stands. Always in sight.

use crate::msg::Do;
use crate::prose::prose;
use faultline_core::property::Sense;
use faultline_core::scenario::slug;
use faultline_core::view::{Claim, Standing};
use yew::prelude::*;

/// What the list shows.
#[derive(Properties, PartialEq)]
pub struct ClaimsProps {
    /// The claims.
    pub claims: Vec<Claim>,
    /// In which sense each is claimed; beliefs, which come last, always hold.
    pub senses: Vec<Sense>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The list of claims.
#[component]
pub fn Claims(ClaimsProps { claims, senses, dispatch }: &ClaimsProps) -> Html {
    let group = |sense: Sense, title: Option<(&'static str, &'static str)>| {
        let sense_of = |place: usize| senses.get(place).copied().unwrap_or(Sense::Always);
        let members = claims.iter().enumerate().filter(|&(place, _)| sense_of(place) == sense);
        let members: Vec<_> = members.map(|(_, claim)| item(claim, sense, dispatch)).collect();
        html! {
            if !members.is_empty() {
                if let Some((title, meaning)) = title { <h3 title={meaning}>{ title }</h3> }
                <ul>{ for members }</ul>
            }
        }
    };
    html! {
        <section class="claims" aria-labelledby="claims-title">
            <h2 id="claims-title">{ "Claims" }</h2>
            { group(Sense::Always, None) }
            { group(Sense::Eventually, Some(("In the end", "What comes about once nothing disturbs the nodes any more"))) }
            { group(Sense::Sometimes, Some(("May come up", "No promise: it shows that the hard cases do happen"))) }
        </section>
    }
}

fn item(claim: &Claim, sense: Sense, dispatch: &Callback<Do>) -> Html {
    let (standing, sign, words) = match &claim.standing {
        Standing::Holds if sense == Sense::Eventually => ("reached", "●", "is so now"),
        Standing::Holds => ("holds", "✓", "holds so far"),
        Standing::Violated { .. } => ("violated", "✕", "violated"),
        Standing::Reached { .. } => ("reached", "●", "has come up"),
        Standing::Open if sense == Sense::Eventually => ("open", "○", "is not so now"),
        Standing::Open => ("open", "○", "has not come up yet"),
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
