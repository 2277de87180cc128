//! What is to be said about a protocol, on the first page and in the laboratory: its idea, its source, what is left out,
//! what it assumes and claims, its runs, and its wrong twins.

use crate::kit::prose::prose;
use crate::kit::terms::Terms;
use crate::learn;
use crate::parts::{self, room};
use faultline_core::catalogue::{Entry, Listed, Summary, find};
use faultline_core::link;
use faultline_core::property::Sense;
use faultline_core::scenario::Scenario;
use faultline_core::title::{Assumptions, Info};
use faultline_protocols::SUMMARIES;
use yew::prelude::*;

/// What is assumed: once, where safety and liveness assume the same.
fn assumed(info: &Info, terms: &mut Terms) -> Html {
    let mut list = |assumed: Assumptions| {
        html! { <ul>{ for assumed.sentences().map(|sentence| html! { <li>{ terms.prose(sentence) }</li> }) }</ul> }
    };
    if info.safety == info.liveness {
        return list(info.safety);
    }
    html! {
        <>
            <p>{ "For safety:" }</p>
            { list(info.safety) }
            <p>{ "For liveness:" }</p>
            { list(info.liveness) }
        </>
    }
}

room! {
    /// What draws all of it.
    ABOUT, about: fn(&'static Entry) -> Html = self::about
}

/// Fetches what there is to say about a protocol, by its slug; whether it is here then.
pub async fn fetch(slug: &str) -> bool {
    parts::protocol(slug).await && ABOUT.come().await.is_some()
}

/// What there is to say about a protocol, if that and the protocol are here.
pub fn here(slug: &str) -> Option<Html> {
    Some(ABOUT.here()?(find(slug)?))
}

/// All of it.
pub fn about(entry: &'static Entry) -> Html {
    let info = &entry.info;
    let mut terms = Terms::default();
    let (idea, left_out) = (terms.prose(info.idea), terms.prose(info.left_out));
    // Of what was not played nothing is assumed, and nothing is claimed.
    let assumed = assumed(info, &mut terms);
    let claim = |claim: faultline_core::catalogue::Claimed| {
        let when = match claim.sense {
            Sense::Always => "always",
            Sense::Sometimes => "sometimes",
            Sense::Eventually => "eventually",
        };
        html! { <li><span class="when">{ when }</span><span>{ terms.prose(claim.sentence) }</span></li> }
    };
    let twin = |twin: &faultline_core::title::Twin| {
        let mut scenario = Scenario::of(entry);
        scenario.choices.twins.push(twin.name);
        let href = link::write(&scenario, None).map(|fragment| format!("#{fragment}")).ok();
        html! { <li><a {href}>{ twin.name }</a>{ ": " }{ prose(twin.sentence) }</li> }
    };
    let twins = entry.twins;
    let listed = |heading: &str, challenges| {
        let said = SUMMARIES.iter().find(|said| said.leaf.slug == info.slug);
        let all: Vec<_> =
            said.into_iter().flat_map(Summary::runs).filter(|run| run.is_challenge == challenges).collect();
        let item = |run: &Listed| html! { <li><a href={format!("#/{}/{}", info.slug, run.name)}>{ run.title }</a></li> };
        if all.is_empty() {
            html! {}
        } else {
            html! { <><h3>{ heading.to_owned() }</h3><ul>{ for all.iter().map(item) }</ul></> }
        }
    };
    html! {
        <div class="about">
            <p>{ idea }</p>
            if let Some(lesson) = &entry.lesson { <p><a href={learn::address_of(info.slug)}>{ "Lesson: " }{ lesson.title }</a></p> }
            <p class="source">{ info.source }</p>
            <h3>{ "Left out" }</h3>
            <p>{ left_out }</p>
            if entry.recorded.is_none() {
                <h3>{ "Assumptions" }</h3>
                { assumed }
                <h3>{ "Claims" }</h3>
                <ul class="claimed">{ for entry.claims().into_iter().map(claim) }</ul>
            }
            { listed("Runs", false) }
            { listed("Challenges", true) }
            if !twins.is_empty() {
                <h3>{ "Wrong twins: the protocol without one of its rules" }</h3>
                <ul>{ for twins.iter().map(twin) }</ul>
            }
        </div>
    }
}
