//! The first page below its beginning: everything there is, the words, and the foot; and what happens when somebody touches
//! its run. It is a part of the page, which is fetched once something moves.

use super::HomeProps;
use super::course::course;
use super::film::Film;
use super::keep::Keep;
use super::thumbnail::Thumbnail;
use crate::dialogs::about;
use crate::parts::room;
use crate::wishes::Do;
use faultline_core::catalogue::{Leaf, Listed, Summary};
use faultline_core::session::Target;
use faultline_protocols::SUMMARIES;
use web_sys::{Element, HtmlInputElement};
use yew::platform::spawn_local;
use yew::prelude::*;

/// What leads to it.
pub(super) struct Below {
    /// Draws it, in a colour scheme.
    pub(super) draw: fn(&'static str) -> Html,
    /// Does what somebody wants of the run that plays.
    pub(super) touch: fn(&Film, &Do),
}

static ALL: Below = Below { draw, touch };

room! {
    /// All of it.
    BELOW, below: &'static Below = &ALL
}

/// What leads to it, once it is here; nothing where it cannot be had.
pub(super) async fn come() -> Option<&'static Below> {
    BELOW.come().await
}

/// Has it fetched; `then` is told what has come of it.
pub(super) fn enter(then: Callback<()>) {
    BELOW.enter(then);
}

/// Draws it if it is here. Where it cannot be had a sentence says so, and `then` is told what comes of another try.
pub(super) fn below(theme: &'static str, then: &Callback<()>) -> Html {
    let here = BELOW.here().map(|below| (below.draw)(theme));
    here.or_else(|| BELOW.lost(then)).unwrap_or_default()
}

/// The words for the model, each with what it means here.
const GLOSSARY: [(&str, &str); 18] = [
    ("Node", "A computer that takes one step at a time. No other node can see its state."),
    ("Message", "A value that one node sends to another. It may be delayed, lost or duplicated on the way."),
    ("Timer", "A wake-up call that a node sets for itself. Most protocols use no other clock."),
    ("Stable storage", "The disk. Its contents survive a crash of the node."),
    ("Crash", "The node stops and loses everything that is not on its disk. A restart brings it back."),
    ("Pause", "The node does nothing for a while and does not notice. Its messages and timers wait."),
    ("Partition", "Cut links divide the nodes into groups. Nodes reach only the nodes of their own group."),
    (
        "Byzantine",
        "A Byzantine node has been taken over. It may send anything to any node, but cannot forge a signature.",
    ),
    ("Quorum", "A group of nodes so large that any two such groups overlap. Usually it is a majority."),
    ("Synchronous", "Message delays and steps have upper bounds, and every node knows them."),
    ("Asynchronous", "Delays have no known bound. A silent node may have crashed, or may just be slow."),
    ("Partially synchronous", "The bounds hold from some moment on, but no node knows from which."),
    ("Safety", "Nothing bad ever happens. A single run can show a violation, and a violation is final."),
    (
        "Liveness",
        "Something good happens eventually. It can be judged only if the faults stop before the run ends.",
    ),
    (
        "Happens before",
        "One event may have influenced another, through steps of one node or through messages.",
    ),
    (
        "Concurrent",
        "Two events are concurrent if neither happens before the other, even if a wall clock orders them.",
    ),
    (
        "Scenario",
        "The text that defines a run: protocol, settings, seed and acts. The same text always gives the same run.",
    ),
    ("Wrong twin", "A protocol without one of its rules. It shows what the rule is for."),
];

fn draw(theme: &'static str) -> Html {
    let word = |(word, meaning): &(&'static str, &'static str)| html! { <div><dt>{ *word }</dt><dd>{ *meaning }</dd></div> };
    html! {
        <>
            { course() }
            <Catalogue {theme} />
            <section aria-labelledby="words">
                <h2 id="words">{ "Glossary" }</h2>
                <dl class="glossary">{ for GLOSSARY.iter().map(word) }</dl>
            </section>
            <Keep />
        </>
    }
}

/// What is touched breaks, and what is broken is mended.
fn touch(film: &Film, wish: &Do) {
    let view = film.view();
    match wish {
        Do::Act(words) => film.act(words),
        Do::Select(Some(Target::Node(id))) => {
            let up = view.nodes.get(id.index()).is_some_and(|node| node.up);
            film.act(&format!("{} {id}", if up { "crash" } else { "restart" }));
        }
        Do::Select(Some(Target::Link(a, b))) => {
            let cut = view.cuts.contains(&(*a, *b));
            film.act(&format!("{} {a}-{b}", if cut { "heal" } else { "cut" }));
        }
        // A message would have to be hit while it flies.
        _ => {}
    }
}

/// Everything there is, by families, with a search.
#[component]
fn Catalogue(HomeProps { theme }: &HomeProps) -> Html {
    let (wanted, family) = (use_state(String::new), use_state(|| None::<&'static str>));
    let oninput = {
        let wanted = wanted.clone();
        Callback::from(move |event: InputEvent| {
            wanted.set(event.target_unchecked_into::<HtmlInputElement>().value().to_ascii_lowercase());
        })
    };
    let mut families: Vec<&'static str> = Vec::new();
    for said in SUMMARIES {
        if !families.contains(&said.family) {
            families.push(said.family);
        }
    }
    let choice = |name: Option<&'static str>| {
        let chosen = *family == name;
        let onclick = {
            let family = family.clone();
            Callback::from(move |_: MouseEvent| family.set(name))
        };
        let count = SUMMARIES.iter().filter(|it| name.is_none_or(|name| it.family == name)).count();
        html! {
            <button class="chip" aria-pressed={chosen.to_string()} {onclick}>{ name.unwrap_or("All") }<span>{ count }</span></button>
        }
    };
    let is_found =
        |said: &&Summary| family.is_none_or(|family| said.family == family) && is_meant(said, &wanted);
    let found: Vec<&'static Summary> = SUMMARIES.iter().filter(is_found).collect();
    html! {
        <section aria-labelledby="protocols">
            <h2 id="protocols">{ "Protocols" }</h2>
            <div class="finder">
                <input type="search" aria-label="Search the protocols" placeholder="Search: leader, commit, gossip…" {oninput} />
                <div class="chips" role="group" aria-label="Families">{ choice(None) }{ for families.iter().map(|name| choice(Some(name))) }</div>
            </div>
            <ul class="entries">{ for found.iter().map(|said| card(said, theme, &wanted)) }</ul>
            <p class="empty" role="status">{ if found.is_empty() { "No matches. Try another word." } else { "" } }</p>
        </section>
    }
}

/// Whether all of these words are found in what is said about a protocol.
fn is_meant(said: &Summary, wanted: &str) -> bool {
    let Summary { leaf: Leaf { slug, title, .. }, aka, family, source, idea, .. } = said;
    let mut text = [*title, slug, aka, family, idea, source].join(" ");
    for run in said.runs() {
        text = [&text, run.name, run.title].join(" ");
    }
    has_all(&text, wanted)
}

/// Whether a text has all of these words.
fn has_all(text: &str, wanted: &str) -> bool {
    let text = text.to_ascii_lowercase();
    wanted.split_whitespace().all(|word| text.contains(word))
}

/// How many of the runs that a search finds stand on the card of their protocol.
const MOST_HITS: usize = 4;

/// A protocol. A search for a run shows that run, because nobody finds it among forty others.
fn card(said: &'static Summary, theme: &'static str, wanted: &str) -> Html {
    let Summary { leaf: Leaf { slug, title, .. }, family, idea, .. } = said;
    let is_hit = |run: &Listed| !wanted.trim().is_empty() && has_all(run.title, wanted);
    let hit = |run: Listed| {
        html! { <li><a href={format!("#/{slug}/{}", run.name)}>{ run.title }</a></li> }
    };
    let run = said.runs().next().map_or("", |run| run.name);
    let hits: Vec<Html> = said.runs().filter(is_hit).take(MOST_HITS).map(hit).collect();
    html! {
        <li class="entry" key={*slug}>
            <a class="picture" href={format!("#/{slug}")} tabindex="-1" aria-hidden="true"><Thumbnail {slug} {run} {theme} /></a>
            <p class="family">{ *family }</p>
            <h3><a href={format!("#/{slug}")}>{ *title }</a></h3>
            <p class="idea">{ *idea }</p>
            if !hits.is_empty() { <ul class="hits">{ for hits }</ul> }
            <Details {slug} count={said.runs().count()} />
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct DetailsProps {
    slug: &'static str,
    count: usize,
}

/// What else is to be said about a protocol, which is fetched when somebody wants to know.
#[component]
fn Details(DetailsProps { slug, count }: &DetailsProps) -> Html {
    let came = use_state(|| None::<bool>);
    let fetch = {
        let (slug, came) = (*slug, came.clone());
        move || {
            came.set(None);
            let came = came.clone();
            spawn_local(async move { came.set(Some(about::fetch(slug).await)) });
        }
    };
    let ontoggle = {
        let fetch = fetch.clone();
        Callback::from(move |event: Event| {
            if event.target_unchecked_into::<Element>().has_attribute("open") {
                fetch();
            }
        })
    };
    let again = Callback::from(move |_: MouseEvent| fetch());
    let body = match (*came, about::here(slug)) {
        (Some(true), Some(about)) => about,
        (Some(_), _) => html! {
            <p role="alert">
                { "This could not be loaded. Check your connection. " }
                <button class="plain" data-tool="retry" onclick={again}>{ "Try again" }</button>
            </p>
        },
        (None, _) => html! { <p role="status">{ "Loading…" }</p> },
    };
    html! {
        <details {ontoggle}>
            <summary>{ format!("About the protocol and its {count} runs") }</summary>
            { body }
        </details>
    }
}
