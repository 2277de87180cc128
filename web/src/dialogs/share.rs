//! The run to be given away: as a link, as a code for a camera, within somebody else's page, as text, and for
//! other programs.

use super::DialogsProps;
use super::take::TakeAway;
use crate::browser::{self, address};
use crate::lab::SPEEDS;
use crate::parts::room;
use faultline_core::time::exact;
use qrcodegen::{QrCode, QrCodeEcc};
use web_sys::{HtmlDetailsElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::platform::spawn_local;
use yew::prelude::*;

room! {
    /// What draws a link for a camera.
    CODE, code: fn(&str) -> Html = code_of
}

/// The dialog.
pub(super) fn share(props: &DialogsProps) -> Html {
    html! {
        <div class="share">
            if let Ok(link) = &props.link {
                <Copy id="share-link" label="Link to this moment of the run" text={link.clone()} rows="2" />
                <Code link={link.clone()} />
            }
            if let Err(why) = &props.link { <p class="refused">{ why }</p> }
            if let Ok(run) = &props.run {
                <Embed run={run.clone()} title={props.title.clone()} here={exact(props.time)} />
            }
            if !props.recorded { <Copy id="share-text" label="The run as text" text={props.text.clone()} rows="6" /> }
            <TakeAway slug={props.slug} text={props.text.clone()} checksum={props.checksum.clone()} time={props.time} horizon={props.horizon} looks={props.looks} />
            <p class="checksum">{ "Checksum of the run: " }<code>{ &props.checksum }</code></p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CopyProps {
    id: &'static str,
    label: &'static str,
    text: String,
    rows: &'static str,
}

/// A text with a button that copies it. Where the clipboard is denied, the text is selected instead.
#[component]
fn Copy(CopyProps { id, label, text, rows }: &CopyProps) -> Html {
    let field = use_node_ref();
    let copied = use_state(|| None::<(String, bool)>);
    let onclick = {
        let (field, copied, text) = (field.clone(), copied.clone(), text.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(field) = field.cast::<HtmlTextAreaElement>() {
                field.select();
            }
            let (copied, text) = (copied.clone(), text.clone());
            spawn_local(async move {
                let done = browser::copy(&text).await;
                copied.set(Some((text, done)));
            });
        })
    };
    let says = match &*copied {
        Some((copied, true)) if copied == text => "Copied",
        Some((copied, false)) if copied == text => "Selected: now copy it",
        _ => "Copy",
    };
    html! {
        <div class="copy">
            <label for={*id}>{ *label }</label>
            <textarea id={*id} ref={field} readonly=true rows={*rows} value={text.clone()} spellcheck="false" />
            <button class="offer" {onclick}>{ says }</button>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CodeProps {
    link: String,
}

/// The link as a code, as large as the window, once somebody wants it.
#[component]
fn Code(CodeProps { link }: &CodeProps) -> Html {
    let open = use_state(|| false);
    let arrived = use_force_update();
    let then = Callback::from(move |()| arrived.force_update());
    html! {
        <details class="code" ontoggle={toggled(&open)}>
            <summary>{ "QR code" }</summary>
            if *open { { CODE.draw(&then, |draw| draw(link)) } }
        </details>
    }
}

/// Follows whether a box is open.
fn toggled(open: &UseStateHandle<bool>) -> Callback<Event> {
    let open = open.clone();
    Callback::from(move |event: Event| {
        open.set(event.target_dyn_into::<HtmlDetailsElement>().is_some_and(|it| it.open()));
    })
}

/// A link as a code, with the quiet zone of four modules that cameras need.
fn code_of(link: &str) -> Html {
    let Ok(code) = QrCode::encode_text(link, QrCodeEcc::Medium) else {
        return html! { <p class="refused">{ "This link is too long for a QR code. Share a link to a named run, or save the text as a file." }</p> };
    };
    let size = code.size();
    let places = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
    let dark = places.filter(|(x, y)| code.get_module(*x, *y));
    let d = dark.fold(String::new(), |d, (x, y)| d + &format!("M{x} {y}h1v1h-1z"));
    let whole = size + 8;
    html! {
        <svg viewBox={format!("-4 -4 {whole} {whole}")} role="img" aria-label="QR code of the link" shape-rendering="crispEdges">
            <rect x="-4" y="-4" width={whole.to_string()} height={whole.to_string()} fill="#fff" /><path {d} fill="#000" />
        </svg>
    }
}

#[derive(Properties, PartialEq)]
struct EmbedProps {
    /// The run as a link, without an address.
    run: String,
    /// What it is called.
    title: String,
    /// The moment that is shown.
    here: String,
}

/// An option of an embed that may be chosen here: its name, its label, and its values with what they mean. The first value
/// is what happens when nothing is said.
struct Choice(&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CHOICES: [Choice; 7] = [
    Choice("start", "Begins", &[("", "at the start"), ("here", "at this moment")]),
    Choice("loop", "At the end", &[("", "stops"), ("on", "begins again")]),
    Choice("controls", "Controls", &[("", "full"), ("minimal", "minimal"), ("none", "none")]),
    Choice("locked", "Readers may", &[("", "act on the run"), ("on", "only watch")]),
    Choice(
        "view",
        "Shows",
        &[
            ("", "the stage"),
            ("diagram", "the diagram"),
            ("both", "both"),
            ("panel", "the stage and its panel"),
        ],
    ),
    Choice("caption", "Captions", &[("", "shown"), ("off", "hidden")]),
    Choice("theme", "Colours", &[("", "of the reader"), ("light", "light"), ("dark", "dark")]),
];

/// The run within somebody else's page: what is to be pasted there, and what comes of it.
#[component]
fn Embed(EmbedProps { run, title, here }: &EmbedProps) -> Html {
    let open = use_state(|| false);
    let chosen = use_state(Vec::<(&'static str, String)>::new);
    let choose = |name: &'static str| {
        let chosen = chosen.clone();
        Callback::from(move |event: Event| {
            let value =
                event.target_dyn_into::<HtmlSelectElement>().map(|field| field.value()).unwrap_or_default();
            let mut all: Vec<_> = chosen.iter().filter(|(known, _)| *known != name).cloned().collect();
            if !value.is_empty() {
                all.push((name, value));
            }
            chosen.set(all);
        })
    };
    let value = |name: &str| chosen.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let choice = |&Choice(name, label, values): &Choice| {
        let option = |(word, says): &(&'static str, &'static str)| {
            html! { <option value={*word} selected={value(name).unwrap_or_default() == *word}>{ *says }</option> }
        };
        html! { <label>{ label }<select name={name} onchange={choose(name)}>{ for values.iter().map(option) }</select></label> }
    };
    let options: Vec<(&str, &str)> = chosen
        .iter()
        .map(|(name, value)| match (*name, value.as_str()) {
            ("start", _) => ("start", here.as_str()),
            (name, "on") => (name, ""),
            (name, value) => (name, value),
        })
        .collect();
    let speed = |(_, name): &(f64, &'static str)| {
        let word = name.trim_end_matches('×');
        html! { <option value={word} selected={value("speed") == Some(word)}>{ *name }</option> }
    };
    html! {
        <details class="embedding" ontoggle={toggled(&open)}>
            <summary>{ "Embed in a page" }</summary>
            if *open {
                <div class="choices">
                    { for CHOICES.iter().map(choice) }
                    <label>{ "Speed" }<select name="speed" onchange={choose("speed")}><option value="" selected={value("speed").is_none()}>{ "usual" }</option>{ for SPEEDS.iter().map(speed) }</select></label>
                </div>
                <Copy id="share-element" label="For a page of your own" text={element(run, title, &options)} rows="3" />
                <iframe class="preview" title="Preview of the embed" src={frame(run, &options)}></iframe>
                <Copy id="share-frame" label="For a host that takes frames only" text={plain(run, title, &options)} rows="3" />
            }
        </details>
    }
}

/// The address of the frame.
fn frame(run: &str, options: &[(&str, &str)]) -> String {
    let word = |(name, value): &(&str, &str)| {
        if value.is_empty() { format!("&{name}") } else { format!("&{name}={value}") }
    };
    let words: String = options.iter().map(word).collect();
    format!("{}?embed{words}#{run}", address::base())
}

/// A text as it stands in an attribute.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// What a page of one's own takes.
fn element(run: &str, title: &str, options: &[(&str, &str)]) -> String {
    let word = |(name, value): &(&str, &str)| {
        if value.is_empty() { format!(" {name}") } else { format!(" {name}=\"{}\"", quoted(value)) }
    };
    let words: String = options.iter().map(word).collect();
    let base = address::base();
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (run, title) = (quoted(run.trim_start_matches('/')), quoted(title));
    format!(
        "<script src=\"{folder}/fault-line.js\" async></script>\n<fault-line src=\"{run}\" title=\"{title}\"{words}></fault-line>"
    )
}

/// What every host takes that takes frames.
fn plain(run: &str, title: &str, options: &[(&str, &str)]) -> String {
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"640\" height=\"400\" style=\"border: 0; max-width: 100%\" loading=\"lazy\"></iframe>",
        quoted(&frame(run, options)),
        quoted(title)
    )
}
