//! The first page: what there is to see.

use crate::msg::Do;
use faultline_core::catalogue::{CATALOGUE, Entry};
use faultline_core::link;
use faultline_core::scenario::Scenario;
use yew::prelude::*;

/// What the page shows.
#[derive(Properties, PartialEq)]
pub struct HomeProps {
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The list of protocols.
#[component]
pub fn Home(_: &HomeProps) -> Html {
    html! {
        <main class="home">
            <h1>{ "Break a distributed protocol, and see why it holds" }</h1>
            <p class="lead">{ "Every run here can be stopped, stepped back, bent and sent to a friend as a link. Open one, then press " }<kbd>{ "X" }</kbd>{ " to crash the leader." }</p>
            <ul class="entries">{ for CATALOGUE.iter().map(entry) }</ul>
        </main>
    }
}

fn entry(entry: &'static Entry) -> Html {
    let info = &entry.info;
    let preset = |preset: &faultline_core::protocol::Preset| {
        let scenario = Scenario::parse(preset.text).ok()?;
        let title = if scenario.title.is_empty() { preset.name.to_owned() } else { scenario.title.clone() };
        let href = format!("#{}", link::write(&scenario).ok()?);
        Some(html! { <li><a {href}>{ title }</a></li> })
    };
    html! {
        <li class="entry">
            <p class="family">{ info.family }</p>
            <h2><a href={format!("#/{}", info.slug)}>{ info.title }</a></h2>
            <p>{ info.idea }</p>
            <p class="source">{ info.source }</p>
            <p class="source">{ format!("Left out: {}", info.left_out) }</p>
            <ul class="runs">{ for entry.presets.iter().filter_map(preset) }</ul>
            <a class="dark" href={format!("#/{}", info.slug)}>{ "Open the laboratory" }</a>
        </li>
    }
}
