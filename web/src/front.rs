//! The first page: a protocol that lives, a way in for beginners, and below that everything there is, and the words.

use crate::front::hero::Hero;
use yew::prelude::*;

mod below;
mod course;
pub mod film;
pub mod hero;
pub mod keep;
pub mod thumbnail;

/// Three runs to begin with: address, title, and what there is to see.
const STEPS: [(&str, &str, &str); 3] = [
    (
        "#/raft/first-steps",
        "See a protocol work",
        "Five servers elect a leader and agree on the order of commands. Stop anywhere and step back.",
    ),
    (
        "#/two-phase-commit/blocking",
        "See a protocol get stuck",
        "The coordinator crashes at the worst moment. Which participants may decide now, and which must wait?",
    ),
    (
        "#/raft/figure-8-unsafe",
        "See a protocol go wrong",
        "The protocol lacks one rule and loses a committed entry. The claim that breaks says which node saw what.",
    ),
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
    let again = use_force_update();
    let then = Callback::from(move |()| again.force_update());
    let ready = {
        let then = then.clone();
        Callback::from(move |()| below::enter(then.clone()))
    };
    let step = |(place, (href, title, words)): (usize, &(&'static str, &'static str, &'static str))| {
        html! {
            <li><a href={*href}><span class="number" aria-hidden="true">{ place + 1 }</span><b>{ *title }</b><span>{ *words }</span></a></li>
        }
    };
    html! {
        <main class="home">
            <div class="hero">
                { welcome() }
                <Hero {ready} />
            </div>
            <section aria-labelledby="start">
                <h2 id="start">{ "Start here" }</h2>
                <ol class="steps">{ for STEPS.iter().enumerate().map(step) }</ol>
            </section>
            { below::below(theme, &then) }
        </main>
    }
}

/// What the page says first.
pub fn welcome() -> Html {
    html! {
        <div class="hero-words">
            <h1>{ "Break a distributed protocol and see why it holds" }</h1>
            <p>{ "You can stop a run, step back, change it, send it as a link, and put it into your own page." }</p>
            <p class="try"><b>{ "Try it here: " }</b>{ "click a node to crash it or a link to cut it, or drag a message back to delay it." }</p>
            <a class="dark" href="#/raft">{ "Open the laboratory" }</a>
        </div>
    }
}
