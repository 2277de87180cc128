//! The acts of the scenario: marks on the time line, a list, and a card for the one that is picked.

use crate::keys::{Command, aria};
use crate::msg::Do;
use crate::prose::{clock, prose};
use faultline_core::time::Micros;
use faultline_core::view::ActView;
use std::rc::Rc;
use yew::prelude::*;

/// What the marks and the list show.
#[derive(Properties, PartialEq)]
pub struct ActsProps {
    /// The acts.
    pub acts: Rc<Vec<ActView>>,
    /// Which is picked, by its place.
    pub picked: Option<usize>,
    /// Until when the run is known.
    #[prop_or_default]
    pub horizon: Micros,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// Marks over the slider. They are for the pointer; the list says the same to everybody.
#[component]
pub fn Marks(ActsProps { acts, picked, horizon, dispatch }: &ActsProps) -> Html {
    let mark = |act: &ActView| {
        let index = act.index;
        let share = act.time as f64 / (*horizon).max(1) as f64 * 100.0;
        let class = classes!(
            "act-mark",
            (*picked == Some(index)).then_some("picked"),
            act.refused.is_some().then_some("idle")
        );
        let onclick = dispatch.reform(move |_: MouseEvent| Do::PickAct(Some(index)));
        html! { <i {class} style={format!("left: {share:.3}%")} title={format!("{} at {}", act.words, clock(act.time))} {onclick}></i> }
    };
    let known = acts.iter().filter(|act| act.time <= *horizon);
    html! { <div class="act-marks" aria-hidden="true">{ for known.map(mark) }</div> }
}

/// The acts, one a row.
#[component]
pub fn ActList(ActsProps { acts, picked, dispatch, .. }: &ActsProps) -> Html {
    let row = |act: &ActView| {
        let index = act.index;
        let onclick = dispatch.reform(move |_: MouseEvent| Do::PickAct(Some(index)));
        html! {
            <li key={index} class={classes!((*picked == Some(index)).then_some("picked"), act.refused.is_some().then_some("idle"))}>
                <button class="line" data-act={index.to_string()} aria-pressed={(*picked == Some(index)).to_string()} {onclick}>
                    <span class="time">{ clock(act.time) }</span><span class="sentence">{ prose(&act.words) }</span>
                </button>
            </li>
        }
    };
    html! {
        if !acts.is_empty() {
            <details class="acts">
                <summary>{ if acts.len() == 1 { "1 act".to_owned() } else { format!("{} acts", acts.len()) } }</summary>
                <ol aria-label="Acts">{ for acts.iter().map(row) }</ol>
            </details>
        }
    }
}

/// What the card of an act shows.
#[derive(Properties, PartialEq)]
pub struct ActCardProps {
    /// The act.
    pub act: ActView,
    /// How many there are.
    pub count: usize,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The act that is picked, and what may be done with it.
#[component]
pub fn ActCard(ActCardProps { act, count, dispatch }: &ActCardProps) -> Html {
    let button = |command: Command, name: &'static str, label: &'static str, key: &'static str| {
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Command(command));
        html! { <button class="offer" data-act-tool={name} aria-keyshortcuts={aria(command)} {onclick}>{ label }<kbd aria-hidden="true">{ key }</kbd></button> }
    };
    let place = format!("Act {} of {count}, at {}.", act.index + 1, clock(act.time));
    html! {
        <section class="inspector" aria-label="Picked act" data-picked-act={act.index.to_string()}>
            <h2>{ &act.words }</h2>
            <p>{ place }</p>
            if let Some(refused) = &act.refused { <p>{ "It changes nothing: " }{ prose(refused) }</p> }
            <div class="offers">
                { button(Command::MoveAct(false), "earlier", "Earlier", "<") }
                { button(Command::MoveAct(true), "later", "Later", ">") }
                { button(Command::TakeAct, "take", "Take it away", "Del") }
            </div>
        </section>
    }
}
