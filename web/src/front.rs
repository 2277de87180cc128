//! The first page: a protocol that lives, a way in for beginners, everything there is, and the words.

use crate::dialogs::about::{about, runs};
use crate::front::hero::Hero;
use crate::front::thumbnail::Thumbnail;
use faultline_core::catalogue::{Entry, all};
use web_sys::HtmlInputElement;
use yew::prelude::*;

pub mod film;
pub mod hero;
pub mod thumbnail;

/// Three runs to begin with: address, title, and what there is to see.
const STEPS: [(&str, &str, &str); 3] = [
    (
        "#/raft/first-steps",
        "See one work",
        "Five servers elect a leader and agree on what comes next. Stop anywhere, and step back.",
    ),
    (
        "#/two-phase-commit/blocking",
        "See one get stuck",
        "The coordinator dies at the worst moment. Who may decide now, and who has to wait?",
    ),
    (
        "#/raft/figure-8-unsafe",
        "See one go wrong",
        "One rule is taken away, and an entry that was committed is lost. The claim that breaks says who saw what.",
    ),
];

/// The words for the model, each with what it means here.
const GLOSSARY: [(&str, &str); 18] = [
    ("Node", "A computer that takes one step at a time and keeps the rest to itself."),
    ("Message", "What a node sends to another one. On its way it may be late, lost or copied."),
    (
        "Timer",
        "A node’s promise to itself to wake up later. It is the only clock that most protocols look at.",
    ),
    ("Stable storage", "The disk: what a node still knows when it has crashed and come back."),
    ("Crash", "A node stops and forgets what is not on its disk. A restart brings it back."),
    ("Pause", "A node does nothing for a while and does not notice. What comes to it waits."),
    ("Partition", "Links are cut so that some nodes reach each other and nobody else."),
    (
        "Byzantine",
        "A node that has been taken over: it may say anything to anyone, but cannot forge a signature.",
    ),
    ("Quorum", "So many nodes that any two such groups share one; most often a majority."),
    ("Synchronous", "Everyone knows how long a message and a step may take at most."),
    ("Asynchronous", "Nobody does. One that is silent may have crashed, or may only be slow."),
    ("Partially synchronous", "The bounds hold from some moment on, and nobody knows from which."),
    ("Safety", "Nothing bad ever happens. Once it is violated it stays so, and a run can show it."),
    ("Liveness", "Something good happens in the end. To judge it a run must end in peace."),
    (
        "Happens before",
        "One event may have influenced another one: a step of the same node, or a message between them.",
    ),
    ("Concurrent", "Neither happens before the other, whatever a clock on the wall says."),
    (
        "Scenario",
        "A run written down: protocol, seed, and everything that is done to it. The same text is the same run, for ever.",
    ),
    ("Wrong twin", "A protocol with one rule taken away, to see what the rule is good for."),
];

/// What the page shows.
#[derive(Properties, PartialEq)]
pub struct HomeProps {
    /// The colour scheme.
    pub theme: &'static str,
}

/// The page.
#[component]
pub fn Home(HomeProps { theme }: &HomeProps) -> Html {
    let step = |(place, (href, title, words)): (usize, &(&'static str, &'static str, &'static str))| {
        html! {
            <li><a href={*href}><span class="number" aria-hidden="true">{ place + 1 }</span><b>{ *title }</b><span>{ *words }</span></a></li>
        }
    };
    let word = |(word, meaning): &(&'static str, &'static str)| html! { <div><dt>{ *word }</dt><dd>{ *meaning }</dd></div> };
    html! {
        <main class="home">
            <div class="hero">
                <div class="hero-words">
                    <h1>{ "Break a distributed protocol, and see why it holds" }</h1>
                    <p>{ "Every run can be stopped, stepped back, bent, and sent to a friend as a link." }</p>
                    <p class="try"><b>{ "Try it here: " }</b>{ "click a node to crash it, a link to cut it; drag a message back to make it late." }</p>
                    <a class="dark" href="#/raft">{ "Open the laboratory" }</a>
                </div>
                <Hero />
            </div>
            <section aria-labelledby="start">
                <h2 id="start">{ "Start here" }</h2>
                <ol class="steps">{ for STEPS.iter().enumerate().map(step) }</ol>
            </section>
            <Catalogue {theme} />
            <section aria-labelledby="words">
                <h2 id="words">{ "The words" }</h2>
                <dl class="glossary">{ for GLOSSARY.iter().map(word) }</dl>
            </section>
        </main>
    }
}

/// Everything there is, by families, with a search.
#[component]
fn Catalogue(HomeProps { theme }: &HomeProps) -> Html {
    let (wanted, family) = (use_state(String::new), use_state(|| None::<&'static str>));
    let oninput = {
        let wanted = wanted.clone();
        Callback::from(move |event: InputEvent| {
            wanted.set(event.target_unchecked_into::<HtmlInputElement>().value().to_lowercase());
        })
    };
    let mut families: Vec<&'static str> = Vec::new();
    for entry in all() {
        if !families.contains(&entry.info.family) {
            families.push(entry.info.family);
        }
    }
    let choice = |name: Option<&'static str>| {
        let chosen = *family == name;
        let onclick = {
            let family = family.clone();
            Callback::from(move |_: MouseEvent| family.set(name))
        };
        let count = all().into_iter().filter(|it| name.is_none_or(|name| it.info.family == name)).count();
        html! {
            <button class="chip" aria-pressed={chosen.to_string()} {onclick}>{ name.unwrap_or("All") }<span>{ count }</span></button>
        }
    };
    let found: Vec<&'static Entry> = all()
        .into_iter()
        .filter(|entry| family.is_none_or(|family| entry.info.family == family) && is_meant(entry, &wanted))
        .collect();
    html! {
        <section aria-labelledby="protocols">
            <h2 id="protocols">{ "Protocols" }</h2>
            <div class="finder">
                <input type="search" aria-label="Search the protocols" placeholder="Search: leader, commit, gossip…" {oninput} />
                <div class="chips" role="group" aria-label="Families">{ choice(None) }{ for families.iter().map(|name| choice(Some(name))) }</div>
            </div>
            <ul class="entries">{ for found.iter().map(|entry| card(entry, theme)) }</ul>
            <p class="empty" role="status">{ if found.is_empty() { "Nothing here is called so. Try another word." } else { "" } }</p>
        </section>
    }
}

/// Whether all of these words are found in what is said about an entry.
fn is_meant(entry: &'static Entry, wanted: &str) -> bool {
    let info = &entry.info;
    let mut text = [info.title, info.slug, info.aka, info.family, info.idea, info.source].join(" ");
    for (link, title) in runs(entry) {
        text = [&text, &link, title].join(" ");
    }
    let text = text.to_lowercase();
    wanted.split_whitespace().all(|word| text.contains(word))
}

fn card(entry: &'static Entry, theme: &'static str) -> Html {
    let info = &entry.info;
    let count = runs(entry).count();
    html! {
        <li class="entry" key={info.slug}>
            <a class="picture" href={format!("#/{}", info.slug)} tabindex="-1" aria-hidden="true">
                if let Some(preset) = entry.presets.first() { <Thumbnail text={preset.text} {theme} /> }
            </a>
            <p class="family">{ info.family }</p>
            <h3><a href={format!("#/{}", info.slug)}>{ info.title }</a></h3>
            <p class="idea">{ info.idea }</p>
            <details>
                <summary>{ format!("About it, and its {count} runs") }</summary>
                { about(entry) }
            </details>
        </li>
    }
}
