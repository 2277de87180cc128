//! The claims: what the protocol promises, and how each promise stands. Always in sight: where there is no room for all
//! sentences they fold to their names, and only what is violated keeps its sentence and its buttons.

use crate::kit::prose::prose;
use crate::side::tools::Tools;
use crate::wishes::keys::{Command, aria};
use crate::wishes::question::Question;
use crate::wishes::{Dialog, Do};
use faultline_core::property::Sense;
use faultline_core::scenario::slug;
use faultline_core::view::{Claim, Standing};
use faultline_core::world::Breach;
use yew::prelude::*;

/// Letters of a sentence on a line, the height of a line, and what a claim and the head of the list have around them.
const LINE: (usize, f64) = (44, 19.0);
const AROUND: (f64, f64) = (6.0, 56.0);

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
    /// Whether only names are shown of what nothing is the matter with; none, where the list cannot be folded.
    pub folded: Option<bool>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// What a claim is called where it is shrunk: its slug, or, of a belief, the belief.
pub fn name_of(claim: &Claim) -> String {
    if claim.name == "Belief" { claim.sentence.clone() } else { slug(&claim.name) }
}

/// The names of the claims that are violated.
pub fn violated(claims: &[Claim]) -> Vec<&str> {
    let violated = claims.iter().filter(|claim| matches!(claim.standing, Standing::Violated { .. }));
    violated.map(|claim| claim.name.as_str()).collect()
}

/// How high the list is about, unfolded.
pub fn height(claims: &[Claim]) -> f64 {
    let of = |claim: &Claim| {
        // What is violated has its name before the sentence, who saw what below it, and a row of buttons.
        let letters = match &claim.standing {
            Standing::Violated { sentence, .. } => claim.name.len() + sentence.len() + 2 * LINE.0,
            Standing::Unjudged { why: said } | Standing::Unmet { sentence: said } => said.len() + LINE.0,
            _ => 0,
        };
        (letters + claim.sentence.len()).div_ceil(LINE.0) as f64 * LINE.1 + AROUND.0
    };
    claims.iter().map(of).sum::<f64>() + AROUND.1
}

/// The list of claims.
#[component]
pub fn Claims(props: &ClaimsProps) -> Html {
    let ClaimsProps { claims, broken, senses, lights, folded, dispatch } = props;
    let sense_of = |place: usize| senses.get(place).copied().unwrap_or(Sense::Always);
    let short = *folded == Some(true);
    let items = |wanted: fn(Sense) -> bool| {
        let members = (0..claims.len()).filter(|&place| wanted(sense_of(place)));
        let one = |place: usize| {
            let lights = lights.get(place).cloned().flatten();
            item(&claims[place], sense_of(place), short, lights, dispatch)
        };
        members.map(one).collect::<Vec<_>>()
    };
    let seen = items(|sense| sense != Sense::Always);
    let fold = dispatch.reform({
        let folds = !short;
        move |_: MouseEvent| Do::Fold(folds)
    });
    let unfold = dispatch.reform(|_: MouseEvent| Do::Fold(false));
    html! {
        <section class={classes!("claims", short.then_some("folded"))} aria-labelledby="claims-title">
            <header>
                <h2 id="claims-title">
                    if folded.is_some() {
                        <button class="fold" aria-expanded={(!short).to_string()} aria-controls="claims-list" title={if short { "Show the claims as sentences" } else { "Show only the names of the claims" }} onclick={fold}>{ "Claims" }</button>
                    } else {
                        { "Claims" }
                    }
                </h2>
                <Tools dispatch={dispatch.clone()} />
            </header>
            { for broken.iter().map(|breach| html! {
                <p class="who broken-by" data-lights={breach.event.map(|event| format!("e{event} {}", crate::kit::light::named(&breach.deed())))}>
                    { "† " }{ breach.scope.words() }{ ": not promised since " }{ prose(&breach.deed()) }{ ". " }if !short { { breach.sentence } }
                </p>
            }) }
            <div id="claims-list" onclick={short.then_some(unfold)}>
                <ul>{ for items(|sense| sense == Sense::Always) }
                    if short { { for seen.clone() } }
                </ul>
                if !seen.is_empty() && !short {
                    <h3 title="These claims need not hold at every moment. They say what runs can reach, and what happens once nothing disturbs the nodes.">{ "Reached so far" }</h3>
                    <ul>{ for seen }</ul>
                }
            </div>
        </section>
    }
}

/// How a claim stands: its name in the style sheet, its sign, and the same in words.
pub fn signs(standing: &Standing, sense: Sense) -> (&'static str, &'static str, String) {
    let (class, sign, words) = match standing {
        Standing::Holds if sense == Sense::Eventually => ("reached", "●", "holds now"),
        Standing::Holds => ("holds", "✓", "holds so far"),
        Standing::Violated { .. } => ("violated", "✕", "violated"),
        Standing::Reached { .. } => ("reached", "●", "reached"),
        Standing::Unmet { .. } => ("unmet", "✕", "violated in the end"),
        Standing::Open => ("open", "○", "not reached yet"),
        Standing::Unjudged { why } => return ("unjudged", "◌", format!("not judged: {why}")),
        Standing::Unpromised { since } => {
            return ("unpromised", "†", format!("not promised since {since}"));
        }
    };
    (class, sign, words.to_owned())
}

fn item(claim: &Claim, sense: Sense, short: bool, lights: Option<String>, dispatch: &Callback<Do>) -> Html {
    let (standing, sign, words) = signs(&claim.standing, sense);
    let violated = standing == "violated";
    let named = short && !violated;
    let title = format!("{}, {words}: {}", claim.name, claim.sentence);
    html! {
        <li class={standing} data-claim={slug(&claim.name)} data-standing={standing} data-lights={lights} {title}>
            <span class="sign" role="img" aria-label={words}>{ sign }</span>
            <div>
                if named || violated { <span class="name">{ if claim.name == "Belief" && named { &claim.sentence } else { &claim.name } }</span> }
                if violated { { ": " } }
                if !named { <span class="sentence">{ &claim.sentence }</span> }
                if let (Standing::Unjudged { why }, false) = (&claim.standing, short) {
                    <p class="who">{ "Not judged: " }{ prose(why) }</p>
                }
                if let (Standing::Unmet { sentence }, false) = (&claim.standing, short) {
                    <p class="who">{ prose(sentence) }</p>
                }
                if let Standing::Violated { event, sentence } = &claim.standing {
                    { violation(claim, *event, sentence, dispatch) }
                }
            </div>
        </li>
    }
}

/// Who saw what, and what may be done about it.
fn violation(claim: &Claim, event: usize, sentence: &str, dispatch: &Callback<Do>) -> Html {
    let on = |wishes: Vec<Do>| {
        let dispatch = dispatch.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            for wish in &wishes {
                dispatch.emit(wish.clone());
            }
        })
    };
    let there = Do::Event(event + 1);
    let link = vec![there.clone(), Do::Dialog(Some(Dialog::Share))];
    html! {
        <>
            <p class="who">{ prose(sentence) }if !claim.promised { { ". By then, the claim was no longer promised" } }</p>
            <div class="jumps">
                <button class="jump" onclick={on(vec![there])}>{ "Jump to it" }</button>
                <button class="jump" onclick={on(vec![Do::Why(Question::Event(event))])}>{ "Why?" }</button>
                <button class="jump" aria-keyshortcuts={aria(Command::Shrink)} onclick={on(vec![Do::Shrink(name_of(claim))])}>{ "Shrink it" }</button>
                <button class="jump" aria-keyshortcuts={aria(Command::Share)} onclick={on(link)}>{ "Link to it" }</button>
            </div>
        </>
    }
}

/// In one line, to press, that something is violated: on a narrow page, where the claims are behind a tab.
pub fn alarm(claims: &[Claim], dispatch: &Callback<Do>) -> Option<Html> {
    let names = violated(claims);
    let first = names.first()?;
    let words = match names.len() {
        1 if first.chars().count() < 20 => format!("✕ Violated: {first}"),
        1 => "✕ Violated: 1 claim".to_owned(),
        many => format!("✕ Violated: {many} claims"),
    };
    let onclick = dispatch.reform(|_: MouseEvent| Do::Tab(crate::wishes::Tab::Claims));
    Some(html! { <button class="alarm" {onclick}>{ words }</button> })
}
