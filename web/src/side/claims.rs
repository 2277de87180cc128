//! The claims: what the protocol promises, and how each promise stands: a quiet list of names with signs. One can be
//! open: below the list stand its sentence, how it stands and why, and what can be done about it.

use crate::kit::prose::prose;
use crate::kit::terms::Terms;
use crate::side::tools::Tools;
use crate::wishes::keys::{Command, aria};
use crate::wishes::{Do, OpenClaim};
use faultline_core::property::Sense;
use faultline_core::scenario::slug;
use faultline_core::view::{Claim, Standing};
use faultline_core::world::Breach;
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
    /// What lights up with each that is violated: the event and the node.
    pub lights: Vec<Option<String>>,
    /// The one that is open.
    pub open: OpenClaim,
    /// The one whose violation is told elsewhere, with what can be done about it.
    pub told: Option<usize>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// What a claim is called where it is shrunk: its slug, or, of a belief, the belief.
pub fn name_of(claim: &Claim) -> String {
    if claim.name == "Belief" { claim.sentence.clone() } else { slug(&claim.name) }
}

/// The names of the claims that are violated.
pub fn violated(claims: &[Claim]) -> Vec<&str> {
    claims.iter().filter(|claim| is_violated(claim)).map(|claim| claim.name.as_str()).collect()
}

/// The list of claims.
#[component]
pub fn Claims(props: &ClaimsProps) -> Html {
    let ClaimsProps { claims, broken, senses, lights, open, told, dispatch } = props;
    let open = match *open {
        OpenClaim::Violated => claims.iter().position(is_violated),
        OpenClaim::At(place) => Some(place),
        OpenClaim::None => None,
    };
    let sense_of = |place: usize| senses.get(place).copied().unwrap_or(Sense::Always);
    let item = |(place, claim): (usize, &Claim)| {
        let (standing, state, words) = stands(&claim.standing, sense_of(place));
        // Why it is not judged may count the time from frame to frame: the row stays as it is.
        let words =
            if matches!(claim.standing, Standing::Unjudged { .. }) { "not judged".to_owned() } else { words };
        let is_open = open == Some(place);
        let toggle = Do::Claim(if is_open { OpenClaim::None } else { OpenClaim::At(place) });
        let onclick = dispatch.reform(move |_: MouseEvent| toggle.clone());
        let name = if claim.name == "Belief" { &claim.sentence } else { &claim.name };
        html! {
            <li class={classes!(standing, is_open.then_some("opened"))} data-claim={slug(&claim.name)} data-standing={standing} data-lights={lights.get(place).cloned().flatten()}>
                <button class="claim" aria-expanded={is_open.to_string()} aria-controls={is_open.then_some("claim-said")} title={(!is_open).then(|| format!("{} ({words})", claim.sentence))} {onclick}>
                    <span class="sign" role="img" aria-label={words.clone()}>{ sign(state) }</span><span class="name">{ name }</span>
                </button>
            </li>
        }
    };
    let opened = open.and_then(|place| Some((place, claims.get(place)?)));
    html! {
        <section class="claims" aria-labelledby="claims-title">
            <header>
                <h2 id="claims-title">{ "Claims" }</h2>
                <Tools dispatch={dispatch.clone()} />
            </header>
            { for broken.iter().map(|breach| html! {
                <p class="who broken-by" data-lights={breach.event.map(|event| format!("e{event} {}", crate::kit::light::named(&breach.deed())))}>
                    { breach.scope.words() }{ ": not promised since " }{ prose(&breach.deed()) }{ "." }
                </p>
            }) }
            <ul class={(claims.len() > 10).then_some("many")} style={format!("--rows: {}", claims.len().div_ceil(2))}>{ for claims.iter().enumerate().map(item) }</ul>
            if let Some((place, claim)) = opened {
                { said(claim, stands(&claim.standing, sense_of(place)), *told == Some(place), broken, dispatch) }
            }
        </section>
    }
}

fn is_violated(claim: &Claim) -> bool {
    matches!(claim.standing, Standing::Violated { .. })
}

/// The four states of a claim.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Holds,
    Reached,
    Violated,
    Unjudged,
}

/// How a claim stands: its name in the style sheet, its state, and the same in words.
fn stands(standing: &Standing, sense: Sense) -> (&'static str, State, String) {
    let not_judged = |why: &str| format!("not judged, because {why}");
    match standing {
        Standing::Holds if sense == Sense::Eventually => ("reached", State::Reached, "reached".to_owned()),
        Standing::Holds => ("holds", State::Holds, "holds so far".to_owned()),
        Standing::Reached { .. } => ("reached", State::Reached, "reached".to_owned()),
        Standing::Violated { .. } => ("violated", State::Violated, "violated".to_owned()),
        Standing::Unmet { .. } => ("unmet", State::Violated, "violated at the end of the run".to_owned()),
        Standing::Open => ("open", State::Unjudged, not_judged("the run has not come to it yet")),
        Standing::Unjudged { why } => ("unjudged", State::Unjudged, not_judged(why)),
        Standing::Unpromised { since } => {
            let why = format!("its assumptions have not held since {since}");
            ("unpromised", State::Unjudged, not_judged(&why))
        }
    }
}

/// A tick, a dot in a ring, an octagon with a cross, or a dashed circle with a bar.
fn sign(state: State) -> Html {
    let content = match state {
        State::Holds => html! { <path d="M-5 0.5L-1.5 4L5 -4" /> },
        State::Reached => html! { <><circle r="6" /><circle class="dot" r="3" /></> },
        State::Violated => html! {
            <><path class="solid" d="M-2.9 -7H2.9L7 -2.9V2.9L2.9 7H-2.9L-7 2.9V-2.9Z" /><path class="on" d="M-2.5 -2.5L2.5 2.5M2.5 -2.5L-2.5 2.5" /></>
        },
        State::Unjudged => html! { <><circle class="dashed" r="6" /><path d="M-2.5 0H2.5" /></> },
    };
    html! { <svg viewBox="-7.5 -7.5 15 15" width="15" height="15" aria-hidden="true">{ content }</svg> }
}

/// What a claim that is open says, how it stands and why, and what can be done about it, unless that is told elsewhere.
fn said(
    claim: &Claim,
    (standing, _, words): (&'static str, State, String),
    told: bool,
    broken: &[Breach],
    dispatch: &Callback<Do>,
) -> Html {
    let act = |label: &'static str, command: Option<Command>, wish: Do| {
        let onclick = dispatch.reform(move |_: MouseEvent| wish.clone());
        html! { <button class="jump" aria-keyshortcuts={command.map(aria)} {onclick}>{ label }</button> }
    };
    let jump = |event: usize| act("Jump to it", None, Do::Event(event + 1));
    let shrink = || act("Shrink it", Some(Command::Shrink), Do::Shrink(name_of(claim)));
    let acts = match &claim.standing {
        _ if told => Html::default(),
        Standing::Violated { event, .. } => html! { <>{ jump(*event) }{ shrink() }</> },
        Standing::Unmet { .. } => shrink(),
        Standing::Reached { event } => {
            html! { <>{ jump(*event) }{ act("How it came to this", None, Do::HowItCame(*event)) }</> }
        }
        _ => Html::default(),
    };
    let why = match &claim.standing {
        Standing::Violated { sentence, .. } | Standing::Unmet { sentence } if !told => Some(sentence),
        _ => None,
    };
    let breach = match &claim.standing {
        Standing::Unpromised { since } => broken.iter().find(|breach| breach.deed() == *since),
        _ => None,
    };
    html! {
        <div id="claim-said" class={classes!("said", standing)}>
            if claim.name != "Belief" { <p class="sentence">{ Terms::default().prose(&claim.sentence) }</p> }
            <p class="who">
                <b>{ capital(&words) }</b>
                if let Some(why) = why { { ": " }{ prose(why) } }
                { "." }
                if let Some(breach) = breach { { " " }{ breach.sentence } }
                if is_violated(claim) && !claim.promised { { " By then, the claim was no longer promised." } }
            </p>
            if acts != Html::default() { <div class="jumps">{ acts }</div> }
        </div>
    }
}

/// Words as the beginning of a sentence.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// In one line, to press, that something is violated: on a narrow page, where the claims are behind a tab.
pub fn alarm(claims: &[Claim], dispatch: &Callback<Do>) -> Option<Html> {
    let names = violated(claims);
    let first = names.first()?;
    let words = match names.len() {
        // At 360 pixels a table and a legend are offered in the same line.
        1 if first.chars().count() <= 13 => format!("✕ Violated: {first}"),
        1 => "✕ Violated: 1 claim".to_owned(),
        many => format!("✕ Violated: {many} claims"),
    };
    let onclick = dispatch.reform(|_: MouseEvent| Do::Tab(crate::wishes::Tab::Claims));
    Some(html! { <button class="alarm" {onclick}>{ words }</button> })
}
