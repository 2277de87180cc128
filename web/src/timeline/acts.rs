//! The acts of the scenario: marks on the time line, a list, and a card for the one that is picked.

use crate::browser::capture;
use crate::kit::prose::{clock, fixed, prose};
use crate::wishes::Do;
use crate::wishes::keys::{Command, aria};
use faultline_core::time::Micros;
use faultline_core::toolbox::order::by_number;
use faultline_core::view::ActView;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// How far a key moves an act.
pub const SHIFT: Micros = 10_000;

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
    /// How wide the slider is, in pixels.
    #[prop_or_default]
    pub width: f64,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// A mark under somebody's finger: its act, where it was taken hold of, and the time it will get once it has moved.
type Held = (usize, i32, Option<Micros>);

/// How far a finger trembles, in pixels.
const STILL: i32 = 3;

/// Marks over the slider: a click goes to an act, to drag one moves it in time, as arrows do.
#[component]
pub fn Marks(ActsProps { acts, picked, horizon, width, dispatch }: &ActsProps) -> Html {
    let (row, held) = (use_node_ref(), use_state(|| None::<Held>));
    {
        // Acts change places when one is moved past another; the focus stays with it.
        let row = row.clone();
        use_effect_with(*picked, move |_| {
            let within =
                row.cast::<Element>().filter(|row| row.query_selector(":focus").is_ok_and(|it| it.is_some()));
            let mark = within.and_then(|row| row.query_selector(".picked").ok().flatten());
            if let Some(mark) = mark.and_then(|mark| mark.dyn_into::<HtmlElement>().ok()) {
                let _ = mark.focus();
            }
        });
    }
    let onpointermove = {
        let (row, held, horizon) = (row.clone(), held.clone(), *horizon);
        Callback::from(move |event: PointerEvent| {
            let Some((index, start, time)) = *held else { return };
            let Some(track) = row.cast::<Element>().map(|row| row.get_bounding_client_rect()) else { return };
            if time.is_some() || (event.client_x() - start).abs() > STILL {
                let share = (f64::from(event.client_x()) - track.left()) / track.width();
                held.set(Some((index, start, Some(time_of(share, horizon, track.width())))));
            }
        })
    };
    let onpointerup = {
        let (held, dispatch) = (held.clone(), dispatch.clone());
        Callback::from(move |_: PointerEvent| {
            if let Some((index, _, time)) = *held {
                dispatch.emit(time.map_or(Do::PickAct(Some(index)), |time| Do::MoveAct(index, time)));
            }
            held.set(None);
        })
    };
    let onpointercancel = {
        let held = held.clone();
        Callback::from(move |_: PointerEvent| held.set(None))
    };
    let known: Vec<&ActView> = acts.iter().filter(|act| act.time <= *horizon).collect();
    let pixel = *horizon as f64 / width.max(1.0);
    let known = marked(known, (*held).map(|(of, ..)| of).or(*picked), pixel);
    let first = known.first().map(|act| act.index);
    let mark = |act: &ActView| {
        let index = act.index;
        let moved = (*held).filter(|(of, ..)| *of == index).and_then(|(.., time)| time);
        let time = moved.unwrap_or(act.time);
        let share = time as f64 / (*horizon).max(1) as f64 * 100.0;
        let class = classes!(
            "act-mark",
            (*picked == Some(index)).then_some("picked"),
            act.refused.is_some().then_some("idle")
        );
        let onpointerdown = {
            let held = held.clone();
            Callback::from(move |event: PointerEvent| {
                if event.button() == 0 {
                    capture(&event, ".act-mark");
                    held.set(Some((index, event.client_x(), None)));
                }
            })
        };
        let onkeydown = {
            let (held, dispatch) = (held.clone(), dispatch.clone());
            Callback::from(move |event: KeyboardEvent| {
                let wish = match event.key().as_str() {
                    "ArrowRight" | "ArrowUp" => Do::MoveAct(index, time + SHIFT),
                    "ArrowLeft" | "ArrowDown" => Do::MoveAct(index, time.saturating_sub(SHIFT)),
                    "Enter" | " " => Do::PickAct(Some(index)),
                    "Escape" if held.is_some() => Do::Nothing,
                    _ => return,
                };
                event.prevent_default();
                event.stop_propagation();
                held.set(None);
                dispatch.emit(wish);
            })
        };
        let tabbed = picked.or(first) == Some(index);
        html! {
            <i {class} key={index} role="slider" tabindex={if tabbed { "0" } else { "-1" }} data-mark={index.to_string()} data-is={names(act).0} data-lights={names(act).1}
                style={format!("left: {}%", fixed(share, 3))} title={format!("{} at {}", act.words, clock(act.time))}
                aria-label={act.words.clone()} aria-valuemin="0" aria-valuemax={horizon.to_string()} aria-valuenow={time.to_string()}
                aria-valuetext={clock(time)} {onpointerdown} {onkeydown}>
                if let Some(time) = moved { <b class="act-time">{ clock(time) }</b> }
            </i>
        }
    };
    html! {
        <div class="act-marks" ref={row} role="group" aria-label="Acts" {onpointermove} {onpointerup} {onpointercancel}>
            { for known.into_iter().map(mark) }
        </div>
    }
}

/// The acts that have marks: all of some, and of many those that are not so near to others that the marks would be one spot,
/// a pixel being so many microseconds. Who picks one sees it; what interferes comes before what only asks.
fn marked(mut acts: Vec<&ActView>, picked: Option<usize>, pixel: f64) -> Vec<&ActView> {
    const ALL: usize = 40;
    const NEAR: f64 = 4.0;
    if acts.len() <= ALL {
        return acts;
    }
    by_number(&mut acts, |act| if picked == Some(act.index) { 0 } else { 1 + u128::from(act.asks) });
    let mut marked: Vec<&ActView> = Vec::new();
    for act in acts {
        if marked.iter().all(|other| act.time.abs_diff(other.time) as f64 >= NEAR * pixel) {
            marked.push(act);
        }
    }
    by_number(&mut marked, |act| act.index as u128);
    marked
}

/// The time at a share of the track, no finer than a pixel is.
fn time_of(share: f64, horizon: Micros, width: f64) -> Micros {
    let pixel = horizon as f64 / width.max(1.0);
    let unit = [1_000, 10_000, 100_000, 1_000_000].into_iter().rev().find(|&unit| unit as f64 <= pixel);
    let unit = unit.unwrap_or(1_000);
    ((share.clamp(0.0, 1.0) * horizon as f64) as Micros + unit / 2) / unit * unit
}

/// What an act is where things are lit, and what it lights: itself, its event, the nodes that it names.
fn names(act: &ActView) -> (String, String) {
    let is = act.event.map_or_else(|| format!("a{}", act.index), |event| format!("a{} e{event}", act.index));
    let lights = format!("{is} {}", crate::kit::light::named(&act.words));
    (is, lights)
}

/// The acts, one a row.
#[component]
pub fn ActList(ActsProps { acts, picked, dispatch, .. }: &ActsProps) -> Html {
    let row = |act: &ActView| {
        let index = act.index;
        let onclick = dispatch.reform(move |_: MouseEvent| Do::PickAct(Some(index)));
        html! {
            <li key={index} data-is={names(act).0} data-lights={names(act).1} class={classes!((*picked == Some(index)).then_some("picked"), act.refused.is_some().then_some("idle"))}>
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
        <section class="inspector" aria-label="Selected act" data-picked-act={act.index.to_string()}>
            <h2>{ &act.words }</h2>
            <p>{ place }</p>
            if let Some(refused) = &act.refused { <p>{ "This act changes nothing: " }{ prose(refused) }</p> }
            <div class="offers">
                { button(Command::MoveAct(false), "earlier", "Earlier", "<") }
                { button(Command::MoveAct(true), "later", "Later", ">") }
                { button(Command::TakeAct, "take", "Remove", "Del") }
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_acts_those_that_interfere_keep_their_marks() {
        let act = |index: usize, time: Micros, asks: bool| ActView {
            index,
            time,
            words: String::new(),
            asks,
            event: None,
            refused: None,
        };
        // A request each millisecond, and a fault right after every tenth.
        let mut acts: Vec<ActView> = (0..100).map(|at| act(0, at * 1_000, true)).collect();
        acts.extend((0..10).map(|at| act(0, at * 10_000 + 100, false)));
        acts.sort_by_key(|act| act.time);
        acts.iter_mut().enumerate().for_each(|(place, act)| act.index = place);
        let indices = |picked: Option<usize>, pixel: f64| -> Vec<usize> {
            marked(acts.iter().collect(), picked, pixel).iter().map(|act| act.index).collect()
        };
        let faults: Vec<usize> = acts.iter().filter(|act| !act.asks).map(|act| act.index).collect();
        assert_eq!(indices(None, 1.0).len(), 110, "there is room for all");
        let few = indices(None, 1_000.0);
        assert!(few.len() < 30 && few.is_sorted(), "{few:?}");
        assert!(faults.iter().all(|fault| few.contains(fault)), "{few:?}");
        let request = faults[3] + 1;
        assert!(
            !few.contains(&request) && indices(Some(request), 1_000.0).contains(&request),
            "it is picked"
        );
    }
}
