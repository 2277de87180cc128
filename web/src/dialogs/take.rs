//! The run for other programs and as a picture, saved as a file.

use crate::browser::{self, address, theme};
use crate::picture::geometry::within;
use crate::takeaway::beside::{Looks, Wanted, made};
use crate::takeaway::style::Theme;
use crate::takeaway::{SIZES, Seen, Take};
use faultline_core::export::{Kind, Part, Picture, export};
use faultline_core::scenario::Scenario;
use faultline_core::time::{self, Micros, exact};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::platform::spawn_local;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(super) struct TakeAwayProps {
    pub(super) slug: &'static str,
    /// The run as text.
    pub(super) text: String,
    /// Its checksum as it is written, once that is known.
    pub(super) checksum: String,
    /// The moment that is shown.
    pub(super) time: Micros,
    /// Until when the run is known.
    pub(super) horizon: Micros,
    /// How the page looks at it.
    pub(super) looks: Looks,
}

/// What is chosen.
#[derive(Clone, PartialEq)]
struct Chosen {
    kind: Option<Kind>,
    picture: Picture,
    seen: Seen,
    theme: Theme,
    scale: u8,
    from: String,
    until: String,
}

/// How far a file is.
#[derive(Clone, PartialEq)]
enum Stage {
    Idle,
    Drawing,
    Refused(String),
}

/// The run as a file.
#[component]
pub(super) fn TakeAway(props: &TakeAwayProps) -> Html {
    let TakeAwayProps { time, horizon, .. } = props;
    let stage = use_state(|| Stage::Idle);
    let chosen = use_state(|| Chosen {
        kind: Some(Kind::Mermaid),
        picture: Picture::Svg,
        seen: Seen::Stage,
        theme: if theme::is_dark() { Theme::Dark } else { Theme::Light },
        scale: 2,
        from: exact(if time < horizon { *time } else { 0 }),
        until: exact(*horizon),
    });
    let change = |change: fn(&mut Chosen, String)| {
        let (chosen, stage) = (chosen.clone(), stage.clone());
        Callback::from(move |event: Event| {
            let select = event.target_dyn_into::<HtmlSelectElement>().map(|field| field.value());
            let value =
                select.or_else(|| event.target_dyn_into::<HtmlInputElement>().map(|field| field.value()));
            let mut now = (*chosen).clone();
            change(&mut now, value.unwrap_or_default());
            chosen.set(now);
            stage.set(Stage::Idle);
        })
    };
    let onclick = {
        let (chosen, stage) = (chosen.clone(), stage.clone());
        let (slug, text, checksum, looks) =
            (props.slug, props.text.clone(), props.checksum.clone(), props.looks);
        Callback::from(move |_: MouseEvent| {
            if let Some(kind) = chosen.kind {
                // What the page has written can be read.
                let Ok(scenario) = Scenario::parse(&text) else { return };
                let checksum = u64::from_str_radix(&checksum, 16).ok();
                browser::save(
                    &format!("{slug}.{}", kind.ending()),
                    &export(&scenario, kind, &Part::default(), checksum),
                );
                return;
            }
            let wanted = match chosen.wanted(&text, looks) {
                Ok(wanted) => wanted,
                Err(sentence) => return stage.set(Stage::Refused(sentence)),
            };
            stage.set(Stage::Drawing);
            let (stage, name) = (stage.clone(), format!("{slug}.{}", chosen.picture.ending()));
            spawn_local(async move {
                stage.set(match made(wanted).await {
                    Ok(file) => {
                        browser::save_blob(&name, &file);
                        Stage::Idle
                    }
                    Err(sentence) => Stage::Refused(sentence),
                });
            });
        })
    };
    let text = |kind: Kind| {
        html! { <option value={kind.word()} selected={chosen.kind == Some(kind)}>{ kind.title() }</option> }
    };
    let picture = |picture: Picture| {
        let selected = chosen.kind.is_none() && chosen.picture == picture;
        html! { <option value={picture.word()} {selected}>{ picture.title() }</option> }
    };
    let onchange = change(|chosen, value| match Picture::named(&value) {
        Some(picture) => (chosen.kind, chosen.picture) = (None, picture),
        None => chosen.kind = Kind::named(&value),
    });
    let draws = *stage == Stage::Drawing;
    html! {
        <>
        <div class="take-away">
            <label for="share-kind">{ "Take away" }</label>
            <select id="share-kind" {onchange}>
                <optgroup label="For other programs">{ for Kind::ALL.into_iter().map(text) }</optgroup>
                <optgroup label="As a picture">{ for Picture::ALL.into_iter().map(picture) }</optgroup>
            </select>
            if chosen.kind.is_none() { { options(&chosen, &change) } }
            <button class="offer" data-tool="take-away" disabled={draws} {onclick}>{ if draws { "Drawing…" } else { "Save file" } }</button>
        </div>
        if let Stage::Refused(sentence) = &*stage { <p class="refused" role="alert">{ sentence }</p> }
        </>
    }
}

/// What may be chosen of a picture.
fn options(chosen: &Chosen, change: &dyn Fn(fn(&mut Chosen, String)) -> Callback<Event>) -> Html {
    let seen = Seen::ALL.map(|seen| {
        let says = match seen {
            Seen::Stage => "stage",
            Seen::Diagram => "diagram",
            Seen::Both => "stage and diagram",
        };
        html! { <option value={seen.word()} selected={seen == chosen.seen}>{ says }</option> }
    });
    let themes = [Theme::Light, Theme::Dark].map(|theme| {
        html! { <option value={theme.word()} selected={theme == chosen.theme}>{ theme.word() }</option> }
    });
    let scales = (1..=4).map(|scale: u8| {
        html! { <option value={scale.to_string()} selected={scale == chosen.scale}>{ format!("{scale}×") }</option> }
    });
    let field = |label: &'static str, value: &str, onchange: Callback<Event>| {
        html! { <label>{ label }<input type="text" size="7" value={value.to_owned()} {onchange} /></label> }
    };
    html! {
        <>
        if !chosen.picture.plays() || chosen.picture.is_painted() {
            <label>{ "of" }<select name="seen" onchange={change(|chosen, value| chosen.seen = Seen::named(&value).unwrap_or_default())}>{ for seen }</select></label>
        }
        <label>{ "in" }<select name="colours" onchange={change(|chosen, value| chosen.theme = Theme::named(&value).unwrap_or_default())}>{ for themes }</select></label>
        if chosen.picture.is_painted() {
            <label>{ "at" }<select name="scale" onchange={change(|chosen, value| chosen.scale = value.parse().unwrap_or(1))}>{ for scales }</select></label>
        }
        if chosen.picture.plays() {
            { field("from", &chosen.from, change(|chosen, value| chosen.from = value)) }
            { field("to", &chosen.until, change(|chosen, value| chosen.until = value)) }
        }
        </>
    }
}

impl Chosen {
    /// The picture that is wanted.
    fn wanted(&self, text: &str, looks: Looks) -> Result<Wanted, String> {
        let moment = |words: &str| {
            time::parse(words.trim())
                .map_err(|_| format!("`{words}` is no time; write it as `1.5s` or `20ms`."))
        };
        let ((narrowest, widest), (lowest, highest)) = SIZES;
        let (width, height) = looks.stage;
        let plays = self.picture.plays();
        Ok(Wanted {
            text: text.to_owned(),
            picture: self.picture,
            take: Take {
                seen: if plays && !self.picture.is_painted() { Seen::Stage } else { self.seen },
                theme: self.theme,
                size: (within(width, narrowest, widest), within(height, lowest, highest)),
                page: Some(address::base()),
                pixels: false,
            },
            scale: f64::from(self.scale),
            stretch: if plays { (moment(&self.from)?, moment(&self.until)?) } else { (0, 0) },
            looks,
        })
    }
}
