//! The claims: what the protocol promises, and how each promise stands. Always in sight.

use crate::answer::Question;
use crate::keys::{Command, aria};
use crate::msg::{Dialog, Do};
use crate::prose::prose;
use crate::tools::Tools;
use faultline_core::property::Sense;
use faultline_core::scenario::slug;
use faultline_core::view::{Breach, Claim, Standing};
use yew::prelude::*;

/// What the list shows.
#[derive(Properties, PartialEq)]
pub struct ClaimsProps {
    /// The claims.
    pub claims: Vec<Claim>,
    /// What has been broken of what they assume.
    pub broken: Vec<Breach>,
    /// In which sense each is claimed; beliefs, which come last, always hold.
    pub senses: Vec<Sense>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// What a claim is called where it is shrunk: its slug, or, of a belief, the belief.
pub fn name_of(claim: &Claim) -> String {
    if claim.name == "Belief" { claim.sentence.clone() } else { slug(&claim.name) }
}

/// The list of claims.
#[component]
pub fn Claims(ClaimsProps { claims, broken, senses, dispatch }: &ClaimsProps) -> Html {
    let sense_of = |place: usize| senses.get(place).copied().unwrap_or(Sense::Always);
    let items = |always: bool| {
        let all = claims.iter().enumerate().map(|(place, claim)| (claim, sense_of(place)));
        let members = all.filter(|(_, sense)| (*sense == Sense::Always) == always);
        members.map(|(claim, sense)| item(claim, sense, dispatch)).collect::<Vec<_>>()
    };
    let seen = items(false);
    html! {
        <section class="claims" aria-labelledby="claims-title">
            <header><h2 id="claims-title">{ "Claims" }</h2><Tools dispatch={dispatch.clone()} /></header>
            if !broken.is_empty() {
                <p class="who">{ "Not promised any more. " }{ for broken.iter().map(|breach| html! { <>{ breach.sentence }{ " " }</> }) }</p>
            }
            <ul>{ for items(true) }</ul>
            if !seen.is_empty() {
                <h3 title="No promise about every moment: what comes up, and what comes about once nothing disturbs the nodes">{ "Seen so far" }</h3>
                <ul>{ for seen }</ul>
            }
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
    let why = |event: usize| dispatch.reform(move |_: MouseEvent| Do::Why(Question::Event(event)));
    let shrink = |claim: String| dispatch.reform(move |_: MouseEvent| Do::Shrink(claim.clone()));
    let link = |event: usize| {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            dispatch.emit(Do::Event(event + 1));
            dispatch.emit(Do::Dialog(Some(Dialog::Share)));
        })
    };
    html! {
        <li class={standing} data-claim={slug(&claim.name)} data-standing={standing} title={format!("{}: {}", claim.name, claim.sentence)}>
            <span class="sign" role="img" aria-label={words}>{ sign }</span>
            <div>
                <span class="sentence">{ &claim.sentence }</span>
                if let Standing::Violated { event, sentence } = &claim.standing {
                    <p class="who">{ prose(sentence) }</p>
                    <button class="jump" onclick={jump(*event)}>{ "Jump to it" }</button>
                    <button class="jump" onclick={why(*event)}>{ "Why?" }</button>
                    <button class="jump" aria-keyshortcuts={aria(Command::Shrink)} onclick={shrink(name_of(claim))}>{ "Shrink it" }</button>
                    <button class="jump" aria-keyshortcuts={aria(Command::Share)} onclick={link(*event)}>{ "Link to it" }</button>
                }
            </div>
        </li>
    }
}
