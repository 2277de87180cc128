//! What an embed looks like.

use super::Embed;
use super::options::Controls;
use crate::kit::icons::{self, Icon};
use crate::kit::prose::{clock, prose};
use crate::lab::Lab;
use crate::stage::Stage;
use crate::wishes::Do;
use crate::wishes::keys::Command;
use web_sys::HtmlInputElement;
use yew::prelude::*;

impl Embed {
    /// The embed.
    pub(super) fn draw(&self, lab: &Lab) -> Html {
        let view = &lab.view;
        let onkeydown = {
            let dispatch = self.dispatch.clone();
            Callback::from(move |event: KeyboardEvent| {
                let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
                if plain && !event.default_prevented() && !is_used(&event) {
                    dispatch.emit(Do::Key(event));
                }
            })
        };
        let locked = self.options.locked;
        let dispatch = if locked { Callback::noop() } else { self.dispatch.clone() };
        let class = classes!("embed", locked.then_some("locked"));
        html! {
            <main id="embed" {class} ref={self.frame.clone()} tabindex="-1" aria-label={title(lab)} {onkeydown}
                data-event={view.event.to_string()} data-playing={lab.playing.to_string()}>
                <div class="views" data-seen={self.extra.seen.word()}>
                    if !self.options.silent { { caption(lab) } }
                    if self.extra.with_stage() {
                        <section id="stage" class="stage" aria-label="Stage">
                            <Stage view={view.clone()} geometry={self.reel.geometry.clone()} selection={lab.selection} group={lab.group.clone()}
                                paused={!lab.playing} motion={self.reel.motion.clone()} {dispatch} />
                        </section>
                    }
                    { self.extra.draw(&self.reel, lab, &self.dispatch) }
                    if self.options.controls == Controls::None { { self.way_out(lab) } }
                </div>
                if self.options.controls != Controls::None { { self.controls(lab) } }
            </main>
        }
    }

    fn controls(&self, lab: &Lab) -> Html {
        let command = |command: Command, label: &'static str, icon: Icon, class: &'static str| {
            let onclick = self.dispatch.reform(move |_: MouseEvent| Do::Command(command));
            html! { <button {class} aria-label={label} title={label} {onclick}>{ icons::draw(icon) }</button> }
        };
        let (word, icon) = if lab.playing { ("Pause", Icon::Pause) } else { ("Play", Icon::Play) };
        let oninput = self.dispatch.reform(|event: InputEvent| {
            let value =
                event.target_dyn_into::<HtmlInputElement>().and_then(|field| field.value().parse().ok());
            value.map_or(Do::Nothing, Do::Scrub)
        });
        let (start, end) = self.bounds(lab);
        let first = if self.options.start.is_some() { start } else { 0 };
        let full = self.options.controls == Controls::Full;
        html! {
            <div class="controls" role="group" aria-label="Time">
                { command(Command::Play, word, icon, "play") }
                if full { { command(Command::Step(true), "Next event", Icon::On, "quiet step") } }
                <input id="slider" type="range" min={first.to_string()} max={end.to_string()} step="1000" aria-label="Time"
                    aria-valuetext={clock(lab.view.time)} {oninput} />
                if full { <span class="clock" id="clock">{ clock(lab.view.time) }</span> }
                { self.way_out(lab) }
            </div>
        }
    }

    /// The way to the laboratory.
    fn way_out(&self, lab: &Lab) -> Html {
        html! {
            <a class="way-out" href={self.in_the_lab(lab)} target="_blank" rel="noopener" title="Open in the lab" aria-label="Open in the lab">
                { icons::draw(Icon::Out) }<span>{ "Open in the lab" }</span>
            </a>
        }
    }
}

/// Whether what has the focus uses the key itself.
fn is_used(event: &KeyboardEvent) -> bool {
    let element = event.target_dyn_into::<web_sys::Element>();
    let on =
        |selector: &str| element.as_ref().is_some_and(|element| element.matches(selector).unwrap_or(false));
    match event.key().as_str() {
        " " => on("button, a"),
        "ArrowLeft" | "ArrowRight" => on("input"),
        _ => false,
    }
}

fn title(lab: &Lab) -> String {
    let (scenario, info) = (lab.session().scenario(), lab.session().info());
    if scenario.title.is_empty() {
        info.title.to_owned()
    } else {
        format!("{}: {}", info.title, scenario.title)
    }
}

/// What the scenario says about this moment, or else what it is.
fn caption(lab: &Lab) -> Html {
    let (scenario, info) = (lab.session().scenario(), lab.session().info());
    let (above, heading, text) = match &lab.view.caption {
        Some(caption) => (title(lab), caption.title.as_str(), caption.text.as_str()),
        None if scenario.title.is_empty() => (String::new(), info.title, ""),
        None => (info.title.to_owned(), scenario.title.as_str(), ""),
    };
    html! {
        <div class="caption">
            <p class="of">{ above }</p>
            <h2>{ prose(heading) }</h2>
            <p class="text">{ prose(text) }</p>
        </div>
    }
}
