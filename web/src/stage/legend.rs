//! How the stage is to be read, behind one control. What a protocol gives a meaning of its own is in its own words, and
//! is there once it has been seen.

use crate::kit::astable::use_open;
use crate::lab::Signs;
use crate::picture::drawn::figure;
use crate::picture::shapes;
use crate::picture::signs;
use faultline_core::view::{Face, SIGNS, Sign};
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

fn list(seen: &Signs, replies: bool, settled: &'static str) -> Html {
    fn sign(class: &'static str, picture: Html, words: impl Into<AttrValue>) -> Html {
        html! { <li><svg {class} viewBox="-25 -18 50 36" width="44" height="32" aria-hidden="true">{ picture }</svg>{ words.into() }</li> }
    }
    let roles = SIGNS.into_iter().filter_map(|sign| seen.roles.iter().find(|(it, _)| *it == sign));
    let roles = roles.map(|(it, roles)| sign("node", figure(&signs::of(*it, 10.0)), named(*it, roles)));
    let tag = |class: &'static str| html! { <g class={format!("tag {class}")}><path d="M-18 0L-10 -9H18V9H-10Z" /><circle cx="-10" r="1.6" /></g> };
    let cell = || html! { <rect x="-10" y="-9" width="20" height="18" rx="4" /> };
    let disc = || html! { <circle class="disc" r="10" /> };
    let node = || figure(&signs::of(Sign::Idle, 10.0));
    let line = |class: &'static str, d: &str| html! { <path {class} d={d.to_owned()} /> };
    let wave = "M-20 0 q2.5 -6 5 0 t5 0 t5 0 t5 0 t5 0 t5 0 t5 0 t5 0";
    html! {
        <ul>
            { sign("message", disc(), if replies { "a request" } else { "a message" }) }
            if replies { { sign("message reply", disc(), "a reply") } }
            { sign("message lost", html! { <>{ disc() }<path class="cross" d={shapes::cross(11.0)} /></> }, "will be lost on the way") }
            { sign("message", html! { <>{ disc() }<path class="bars" d={shapes::bars(28.0, 22.0)} /></> }, "a held message") }
            if seen.stories {
                { sign("message story-a", html! { <path class="disc" d={shapes::message(10.0, Some(Face::One))} /> }, "one of two stories about the same matter") }
                { sign("message story-b", html! { <path class="disc" d={shapes::message(10.0, Some(Face::Other))} /> }, "the other story") }
            }
            if seen.proofs {
                { sign("message", html! { <>{ disc() }<g class="bundle"><path d={shapes::bundle(10.0).0} /></g></> }, "shows statements that others have signed, and how many") }
            }
            { for roles }
            if seen.voted { { sign("node", html! { <>{ node() }<path class="in-ink" d="M10 -5L18 0L10 5Z" /></>}, "has voted; the pennant points to the candidate") } }
            if seen.held[0] {
                { sign("", tag("newest"), "holds the newest version that a node which is up holds") }
                { sign("", tag("older"), "holds an older version") }
            }
            if seen.held[1] { { sign("", tag("hint"), "keeps a version for another node") } }
            if seen.queue {
                { sign("beads", html! { <circle class="given" r="5" /> }, "something in its queue that could come out") }
                { sign("beads", html! { <circle class="open" r="5" /> }, "something that waits; with a dot, it is handed out") }
            }
            if seen.poll { { sign("node", html! { <>{ node() }<g class="pips"><path class="open" d="M1 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0Z" /><path class="given" d="M-5 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0Z" /></g></> }, "answers that it counts: filled if received, hollow if awaited; a stroke marks how many are enough") } }
            if seen.quorum[0] { { sign("hull", html! { <path d="M-12 -11H12A11 11 0 0 1 12 11H-12A11 11 0 0 1 -12 -11Z" /> }, "the nodes that have answered, not yet enough") } }
            if seen.quorum[1] { { sign("hull enough", html! { <path d="M-12 -11H12A11 11 0 0 1 12 11H-12A11 11 0 0 1 -12 -11Z" /> }, "a quorum: enough nodes have answered") } }
            if seen.way { { sign("hop", html! { <>{ line("", "M-20 6Q0 -8 14 2") }{ line("head", "M20 6L9 6L14 -3Z") }</> }, "a hop of a lookup") } }
            if seen.timer { { sign("node", html! { <>{ node() }<path class="arc" d="M0 -13 A13 13 0 1 1 -13 0" /></> }, "its timer: the time left") } }
            { sign("node", figure(&signs::paused(10.0, false)), "paused: its messages and timers wait") }
            { sign("node", figure(&signs::crashed(10.0)), "crashed") }
            { sign("node", figure(&signs::two_faced(12.0)), "taken over: it may send anything") }
            { sign("link", html! { <>{ line("stub", "M-20 0 H-5 M5 0 H20") }{ line("break", "M-4 6 L-1 -6 M1 6 L4 -6") }</> }, "a cut link") }
            { sign("link cut-one-way", html! { <>{ line("thread", "M-20 3 H20") }{ line("stub", "M-20 -3 H0") }{ line("break", "M0 -9 V3") }</> }, "a link cut one way") }
            { sign("link", html! { <>{ line("thread", "M-20 0 H20") }{ line("gate", "M8 -7 V7 M13 -7 V7") }</> }, "a held link: messages wait at its end") }
            { sign("link", line("wave", wave), "a link slower, faster or lossier than the others") }
            if seen.cut[1] { { sign("cut-line", html! { <>{ line("", "M-8 -18L6 0L-4 18") }{ line("point", "M6 -5L11 0L6 5L1 0Z") }</> }, "a consistent cut in the diagram: no message crosses it backwards") } }
            if seen.cut[0] { { sign("cut-line against", html! { <>{ line("", "M-8 -18L6 0L-4 18") }{ line("point", "M6 -5L11 0L6 5L1 0Z") }</> }, "a cut that is not consistent: the marked message was received before it and sent after it") } }
            if seen.log {
                { sign("cell committed hue-2", cell(), settled) }
                { sign("cell open hue-2", cell(), format!("not yet {settled}")) }
            }
        </ul>
    }
}

/// The roles that are drawn with a sign, and what that means.
fn named(sign: Sign, roles: &[&str]) -> String {
    let roles = roles.join(", ");
    if sign.meaning().is_empty() { roles } else { format!("{roles}: {}", sign.meaning()) }
}
