//! How the stage is to be read, behind one control. What a protocol gives a meaning of its own is in its own words, and
//! is there once it has been seen.

use crate::kit::astable::use_open;
use crate::lab::Signs;
use crate::picture::shapes;
use std::rc::Rc;
use yew::prelude::*;

/// What the legend shows.
#[derive(Properties, PartialEq)]
pub struct LegendProps {
    /// What has been seen.
    pub signs: Rc<Signs>,
    /// Whether some messages are replies.
    pub replies: bool,
    /// What an entry of a log is when nothing can take it away.
    pub settled: &'static str,
}

/// The control, and the signs with their meanings.
#[component]
pub fn Legend(LegendProps { signs, replies, settled }: &LegendProps) -> Html {
    let (open, ontoggle) = use_open();
    html! {
        <details class="legend-box" {ontoggle}>
            <summary>{ "Legend" }</summary>
            if open { { list(signs, *replies, settled) } }
        </details>
    }
}

fn list(signs: &Signs, replies: bool, settled: &'static str) -> Html {
    fn sign(class: &'static str, picture: Html, words: impl Into<AttrValue>) -> Html {
        html! { <li><svg {class} viewBox="-22 -14 44 28" width="44" height="28" aria-hidden="true">{ picture }</svg>{ words.into() }</li> }
    }
    let [leading, seeking] = signs.roles.each_ref().map(|roles| roles.join(", "));
    let cell = || html! { <rect x="-10" y="-9" width="20" height="18" rx="4" /> };
    let disc = || html! { <circle class="disc" r="10" /> };
    let line = |class: &'static str, d: &str| html! { <path {class} d={d.to_owned()} /> };
    let wave = "M-20 0 q2.5 -6 5 0 t5 0 t5 0 t5 0 t5 0 t5 0 t5 0 t5 0";
    html! {
        <ul>
            { sign("message", disc(), if replies { "a request" } else { "a message" }) }
            if replies { { sign("message reply", disc(), "a reply") } }
            { sign("message lost", html! { <>{ disc() }<path class="cross" d={shapes::cross(11.0)} /></> }, "will be lost on the way") }
            { sign("message", html! { <>{ disc() }<path class="bars" d={shapes::bars(28.0, 22.0)} /></> }, "a held message") }
            if !leading.is_empty() { { sign("node leading", disc(), leading) } }
            if !seeking.is_empty() { { sign("node seeking", disc(), seeking) } }
            if signs.poll { { sign("node", html! { <>{ disc() }<g class="pips"><path class="open" d="M1 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0Z" /><path class="given" d="M-5 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0Z" /></g></> }, "answers that it counts: filled if received, hollow if awaited; a stroke marks how many are enough") } }
            if signs.timer { { sign("node", html! { <>{ disc() }<path class="arc" d="M0 -13 A13 13 0 1 1 -13 0" /></> }, "its timer: the time left") } }
            { sign("node asleep", html! { <>{ disc() }<path class="bars" d={shapes::bars(6.0, 9.0)} /></> }, "paused: its messages and timers wait") }
            { sign("node down", html! { <>{ disc() }<path class="cross" d={shapes::cross(4.0)} /></> }, "crashed") }
            { sign("node", html! { <path class="disc" d={shapes::jagged(10.0)} /> }, "taken over: it may send anything") }
            { sign("link", html! { <>{ line("stub", "M-20 0 H-5 M5 0 H20") }{ line("break", "M-4 6 L-1 -6 M1 6 L4 -6") }</> }, "a cut link") }
            { sign("link cut-one-way", html! { <>{ line("thread", "M-20 3 H20") }{ line("stub", "M-20 -3 H0") }{ line("break", "M0 -9 V3") }</> }, "a link cut one way") }
            { sign("link", html! { <>{ line("thread", "M-20 0 H20") }{ line("gate", "M8 -7 V7 M13 -7 V7") }</> }, "a held link: messages wait at its end") }
            { sign("link", line("wave", wave), "a link slower, faster or lossier than the others") }
            if signs.log {
                { sign("cell committed hue-2", cell(), settled) }
                { sign("cell open hue-2", cell(), format!("not yet {settled}")) }
            }
        </ul>
    }
}
