//! The command palette: everything that keys do, what may be done to what is selected, the runs that come with the
//! protocol, and times to go to, in one list that is narrowed by typing.

use crate::keys::{ACT, Command, KEYS};
use crate::msg::Do;
use faultline_core::session::Offer;
use faultline_core::time::{exact, parse};
use web_sys::{Element, HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

/// The most entries that are shown at once.
const MOST: usize = 40;

/// A line of the palette.
#[derive(Clone, Debug)]
struct Entry {
    sort: &'static str,
    name: String,
    key: &'static str,
    wish: Do,
}

/// What the palette offers.
#[derive(Properties, PartialEq)]
pub struct PaletteProps {
    /// What may be done to what is selected.
    pub offers: Vec<Offer>,
    /// The runs that come with the protocol, as name and text.
    pub presets: Vec<(&'static str, &'static str)>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

fn entries(props: &PaletteProps) -> Vec<Entry> {
    let acts = props.offers.iter().map(|offer| Entry {
        sort: "Act",
        name: offer.label.clone(),
        key: crate::keys::of_verb(offer.verb).map_or("", |key| key.shown),
        wish: Do::Act(offer.words.clone()),
    });
    // What is done to the selection stands above, with its own words; a digit needs to be pressed.
    let general = |command: Command| {
        !matches!(
            command,
            Command::Offer(_) | Command::Digit | Command::Tenth | Command::Escape | Command::Palette
        )
    };
    let commands = KEYS.iter().filter(|key| general(key.command)).map(|key| Entry {
        sort: if key.group == ACT { "Act" } else { key.group },
        name: key.does.to_owned(),
        key: key.shown,
        wish: Do::Command(key.command),
    });
    let runs = props.presets.iter().map(|&(name, text)| Entry {
        sort: "Run",
        name: text.lines().find_map(|line| line.strip_prefix("title ")).unwrap_or(name).to_owned(),
        key: "",
        wish: Do::Open(text.to_owned()),
    });
    acts.chain(commands).chain(runs).collect()
}

/// The entries that a text finds, those that begin with it first; a time finds itself.
fn found(all: &[Entry], text: &str) -> Vec<Entry> {
    let text = text.trim().to_lowercase();
    let time = parse(&text.replace(' ', "")).ok().map(|time| Entry {
        sort: "Time",
        name: format!("Go to {}", exact(time)),
        key: "",
        wish: Do::Scrub(time),
    });
    let fits = |entry: &&Entry| {
        let name = format!("{} {}", entry.sort, entry.name).to_lowercase();
        text.split_whitespace().all(|word| name.contains(word))
    };
    let mut found: Vec<Entry> = time.into_iter().chain(all.iter().filter(fits).cloned()).collect();
    found.sort_by_key(|entry| !text.is_empty() && !entry.name.to_lowercase().starts_with(&text));
    found.truncate(MOST);
    found
}

/// The palette.
#[component]
pub fn Palette(props: &PaletteProps) -> Html {
    let (text, place, list) = (use_state(String::new), use_state(|| 0_usize), use_node_ref());
    let found = found(&entries(props), &text);
    let here = (*place).min(found.len().saturating_sub(1));
    {
        let list = list.clone();
        use_effect_with((here, (*text).clone()), move |_| {
            let chosen = list.cast::<Element>();
            let chosen = chosen.and_then(|list| list.query_selector("[aria-selected=true]").ok().flatten());
            if let Some(chosen) = chosen {
                let nearest = ScrollIntoViewOptions::new();
                nearest.set_block(ScrollLogicalPosition::Nearest);
                chosen.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        });
    }
    let choose = {
        let dispatch = props.dispatch.clone();
        move |wish: Do| {
            dispatch.emit(Do::Dialog(None));
            dispatch.emit(wish);
        }
    };
    let oninput = {
        let (text, place) = (text.clone(), place.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                text.set(field.value());
                place.set(0);
            }
        })
    };
    let onkeydown = {
        let (place, count, choose) = (place.clone(), found.len(), choose.clone());
        let wish = found.get(here).map(|entry| entry.wish.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" if count > 0 => place.set((here + 1) % count),
                "ArrowUp" if count > 0 => place.set((here + count - 1) % count),
                "Enter" => {
                    if let Some(wish) = wish.clone() {
                        choose(wish);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let entry = |(nth, entry): (usize, &Entry)| {
        let (choose, wish) = (choose.clone(), entry.wish.clone());
        let onclick = Callback::from(move |_: MouseEvent| choose(wish.clone()));
        html! {
            <li id={format!("palette-{nth}")} role="option" aria-selected={(nth == here).to_string()} {onclick}>
                <span class="sort">{ entry.sort }</span><span class="name">{ &entry.name }</span>
                if !entry.key.is_empty() { <kbd>{ entry.key }</kbd> }
            </li>
        }
    };
    html! {
        <div class="palette">
            <input id="palette-text" role="combobox" aria-label="What to do, or a time such as 1.5s" aria-expanded="true"
                aria-controls="palette-list" aria-autocomplete="list" aria-activedescendant={(!found.is_empty()).then(|| format!("palette-{here}"))}
                placeholder="What to do, or a time such as 1.5s" autocomplete="off" spellcheck="false" data-first=""
                {oninput} {onkeydown} />
            <ul ref={list} id="palette-list" role="listbox" aria-label="Commands">{ for found.iter().enumerate().map(entry) }</ul>
            if found.is_empty() { <p class="empty" role="status">{ "Nothing is called that." }</p> }
        </div>
    }
}
