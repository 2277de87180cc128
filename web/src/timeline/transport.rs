//! The transport bar: time, speed, and what is set before a run. It never moves.

use crate::browser::another_seed;
use crate::kit::icons::{self, Icon};
use crate::kit::prose::clock;
use crate::kit::prose::renamed;
use crate::kit::toolbar::use_toolbar;
use crate::lab::SPEEDS;
use crate::wishes::keys::{self, Command};
use crate::wishes::{Dialog, Do};
use faultline_core::session::Offer;
use faultline_core::view::View;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What the bar shows.
#[derive(Properties, PartialEq)]
pub struct TransportProps {
    /// The moment.
    pub view: Rc<View>,
    /// Whether time goes on.
    pub playing: bool,
    /// Which speed.
    pub speed: usize,
    /// What is reached of it, where that is clearly less.
    pub reached: Option<String>,
    /// Whether quiet stretches pass faster.
    pub auto_slow: bool,
    /// How many nodes there may be; nothing, where the run repeats a log and nothing can be set.
    pub bounds: Option<(u32, u32)>,
    /// The seed.
    pub seed: u64,
    /// What may be done to the selected or the leading node: one of each verb.
    pub shortcuts: Vec<Offer>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The bar.
#[component]
pub fn Transport(props: &TransportProps) -> Html {
    let TransportProps { view, playing, speed, reached, auto_slow, bounds, seed, shortcuts, dispatch } =
        props;
    // Both begin where there is a button at every width.
    let keys_bar = use_toolbar(2);
    let acts_bar =
        use_toolbar(shortcuts.iter().position(|it| matches!(it.verb, "crash" | "restart")).unwrap_or(0));
    let button = |place: usize, command: Command, label: &'static str, icon: Icon, class: &'static str| {
        let tabindex = keys_bar.tab(place);
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Command(command));
        html! {
            <button {class} {tabindex} aria-label={label} title={label} aria-keyshortcuts={keys::aria(command)} {onclick}>{ icons::draw(icon) }</button>
        }
    };
    let (word, icon) = if *playing { ("Pause", Icon::Pause) } else { ("Play", Icon::Play) };
    let choose_speed = dispatch.reform(|event: InputEvent| {
        let field = event.target_dyn_into::<HtmlInputElement>();
        field.and_then(|field| field.value().parse().ok()).map_or(Do::Nothing, Do::Speed)
    });
    let name = SPEEDS[*speed].1;
    let said = reached.as_ref().map_or(name.to_owned(), |reached| format!("{name}, actual speed {reached}"));
    let slow = dispatch.reform(|event: Event| {
        Do::AutoSlow(event.target_dyn_into::<HtmlInputElement>().is_some_and(|field| field.checked()))
    });
    let shortcut = |(place, offer): (usize, &Offer)| {
        let tabindex = acts_bar.tab(place);
        let words = offer.words.clone();
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Act(words.clone()));
        let label = if offer.verb == "ask" { renamed(&offer.words) } else { renamed(&offer.label) };
        let key = keys::of_verb(offer.verb).map(keys::aria_of);
        html! { <button class="plain" {tabindex} data-shortcut={offer.verb} title={label.clone()} aria-keyshortcuts={key} {onclick}>{ label }</button> }
    };
    let help = dispatch.reform(|_: MouseEvent| Do::Dialog(Some(Dialog::Help)));
    html! {
        <div class="transport" role="group" aria-label="Time and settings">
            <div class="time-keys" role="toolbar" aria-label="Time" onkeydown={keys_bar.press.clone()} onfocusin={keys_bar.enter.clone()} onfocusout={keys_bar.leave.clone()} onpointerdown={keys_bar.touch.clone()}>
                { button(0, Command::Interesting(false), "Previous marked event", Icon::MarkBack, "wide-only") }
                { button(1, Command::Step(false), "Previous event", Icon::Back, "") }
                { button(2, Command::Play, word, icon, "play") }
                { button(3, Command::Step(true), "Next event", Icon::On, "") }
                { button(4, Command::Interesting(true), "Next marked event", Icon::MarkOn, "") }
            </div>
            <p class="clock"><span class="now" id="clock">{ clock(view.time) }</span><span class="event">{ format!("event {}", view.event) }<span class="of">{ format!(" of {}", view.events) }</span></span></p>
            <label class="speed" title="Speed of playback (+ and −)">
                <input type="range" min="0" max={(SPEEDS.len() - 1).to_string()} value={speed.to_string()} aria-label="Speed"
                    aria-valuetext={said} aria-keyshortcuts={format!("{} {}", keys::aria(Command::Speed(true)), keys::aria(Command::Speed(false)))} oninput={choose_speed} />
                <span aria-hidden="true">{ name }</span>
                if let Some(reached) = reached { <small aria-hidden="true">{ format!("actual {reached}") }</small> }
            </label>
            <label class="switch" title="Slow down while messages are in flight, and speed up when nothing happens">
                <input type="checkbox" checked={*auto_slow} onchange={slow} /><span>{ "auto" }<span class="longer">{ "-slow" }</span></span>
            </label>
            <div class="shortcuts" role="toolbar" aria-label="Acts" onkeydown={acts_bar.press.clone()} onfocusin={acts_bar.enter.clone()} onfocusout={acts_bar.leave.clone()} onpointerdown={acts_bar.touch.clone()}>{ for shortcuts.iter().enumerate().map(shortcut) }</div>
            <span class="space"></span>
            if let Some((least, most)) = *bounds {
                <Setup nodes={view.nodes.len()} bounds={(least, most)} seed={*seed} dispatch={dispatch.clone()} />
            } else {
                <button class="set-all" data-tool="log" title="How the log is read, and which execution is shown" onclick={dispatch.reform(|_: MouseEvent| Do::Dialog(Some(Dialog::Log)))}>{ "Log…" }</button>
            }
            <button class="help" aria-label="Help" title="Help and keyboard shortcuts" aria-keyshortcuts="?" onclick={help}>{ "?" }</button>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SetupProps {
    nodes: usize,
    bounds: (u32, u32),
    seed: u64,
    dispatch: Callback<Do>,
}

/// What is set before a run. It is drawn again only when that changes: what is being typed stays while time goes on.
#[component]
fn Setup(SetupProps { nodes, bounds, seed, dispatch }: &SetupProps) -> Html {
    let choose_nodes = dispatch.reform(|event: Event| {
        let field = event.target_dyn_into::<HtmlInputElement>();
        field.map_or(Do::Nothing, |field| Do::Amend(format!("nodes {}", field.value().trim())))
    });
    let choose_seed = dispatch.reform(|event: Event| {
        let field = event.target_dyn_into::<HtmlInputElement>();
        field.map_or(Do::Nothing, |field| Do::Amend(format!("seed {}", field.value().trim())))
    });
    let another = dispatch
        .reform(|_: MouseEvent| another_seed().map_or(Do::Nothing, |seed| Do::Amend(format!("seed {seed}"))));
    let set = dispatch.reform(|_: MouseEvent| Do::Dialog(Some(Dialog::Set)));
    html! {
        <>
            <label class="setting"><span>{ "n =" }</span>
                <input type="number" name="nodes" class={(*nodes > 999).then_some("many")} aria-label="Number of nodes" min={bounds.0.to_string()} max={bounds.1.to_string()} value={nodes.to_string()} onchange={choose_nodes} />
            </label>
            <label class="setting"><span>{ "seed" }</span>
                <input class="seed" name="seed" aria-label="Seed" inputmode="numeric" size="6" value={seed.to_string()} onchange={choose_seed} />
            </label>
            <button class="another" aria-label="Another seed" title="Another seed" onclick={another}>{ icons::draw(Icon::Again) }</button>
            <button class="set-all" title="Set the nodes, the network and the protocol, or take a rule away" aria-keyshortcuts={keys::aria(Command::Set)} onclick={set}><span class="longer">{ "Settings" }</span><span class="shorter">{ "Set" }</span></button>
        </>
    }
}
