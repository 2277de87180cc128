//! The command palette: what may be done to what is picked and to everything else, all that keys do, what may be set, the
//! protocols and their runs, and times to go to, in one list that is narrowed by typing.

use crate::wishes::Do;
use crate::wishes::keys::{ACT, Command, KEYS, of_verb};
use faultline_core::catalogue::{self, Leaf, Listed, Summary, find};
use faultline_core::session::{Find, Found};
use faultline_core::time::{exact, parse};
use faultline_core::title::Vetted;
use faultline_core::toolbox::order;
use faultline_protocols::SUMMARIES;
use web_sys::{Element, HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

/// The most entries that are shown at once.
const MOST: usize = 40;

const HINT: &str = "Type an act (crash n3, delay 35ms, loss n1-n2 20%), a run or a time";

/// A line of the palette.
#[derive(Clone, Debug)]
struct Entry {
    sort: &'static str,
    name: String,
    /// What else it is found by.
    also: String,
    key: &'static str,
    wish: Do,
    /// Whether it is done to what is picked, or is what was typed.
    own: bool,
}

/// What the palette offers.
#[derive(Properties, PartialEq)]
pub struct PaletteProps {
    /// What is typed.
    pub text: String,
    /// What may be done that is found by it.
    pub found: Found,
    /// Whether it is something that may be set before the run.
    pub settable: bool,
    /// The protocol, by its slug.
    pub slug: &'static str,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

fn entry(sort: &'static str, name: impl Into<String>, wish: Do) -> Entry {
    Entry { sort, name: name.into(), also: String::new(), key: "", wish, own: false }
}

/// Acts as they were found: they fit already.
fn acts(finds: &[Find]) -> impl Iterator<Item = Entry> {
    let act = |(place, find): (usize, &Find)| {
        let Find { offer, about, own } = find;
        let amount = offer.amount().map(|amount| format!(" {amount}")).unwrap_or_default();
        let about = if about.is_empty() { String::new() } else { format!(" · {about}") };
        let first = finds.iter().position(|other| other.offer.verb == offer.verb) == Some(place);
        let key = of_verb(offer.verb).filter(|_| *own && first);
        Entry {
            key: key.map_or("", |key| key.shown),
            also: offer.words.clone(),
            own: *own || offer.verb == "as-written",
            ..entry("Act", format!("{}{amount}{about}", offer.label), Do::Act(offer.words.clone()))
        }
    };
    finds.iter().enumerate().map(act)
}

/// By what a run is found beside its names: its wrong twins, the titles of what is said in it, and whether somebody lies.
fn said_of(text: &str) -> String {
    let said = |line: &str| {
        line.split_once(" say ").map(|(_, said)| said.split('|').next().unwrap_or(said).to_owned())
    };
    let twin = |line: &str| line.starts_with("twin ").then(|| line.to_owned());
    let liar = |line: &str| line.contains(" take over ").then(|| "liar".to_owned());
    let lines = text.lines().filter_map(|line| twin(line).or_else(|| said(line)).or_else(|| liar(line)));
    lines.collect::<Vec<_>>().join(" ")
}

/// By which other words people look for a command.
fn also_of(command: Command) -> &'static str {
    match command {
        Command::Ask => "ask something",
        Command::Link(_) | Command::Message(_) | Command::Act(_) => "pick before",
        Command::Menu => "pick all",
        Command::TakeAct => "take away delete",
        Command::Interesting(_) => "mark before",
        Command::Round(_) => "under way",
        Command::Chain => "all causes",
        Command::Manual => "nothing happens by itself",
        Command::Undo(false) => "do it again",
        _ => "",
    }
}

/// What is there whatever is typed: commands, and everything that may be opened.
fn standing(here: &'static str) -> impl Iterator<Item = Entry> {
    // What is done to the selection stands above, with its own words; a digit needs to be pressed.
    let general = |command: Command| {
        !matches!(
            command,
            Command::Offer(_) | Command::Digit | Command::Tenth | Command::Escape | Command::Palette
        )
    };
    let commands = KEYS.iter().filter(move |key| general(key.command)).map(|key| Entry {
        key: key.shown,
        also: also_of(key.command).to_owned(),
        ..entry(if key.group == ACT { "Act" } else { key.group }, key.does, Do::Command(key.command))
    });
    let runs = move |said: &'static Summary, sort: &'static str| {
        let Summary { leaf: Leaf { slug, title, lesson, .. }, aka, .. } = said;
        // What the texts say is known of the protocol that is played.
        let presets = find(slug).filter(|_| *slug == here).map(catalogue::Entry::at_hand).unwrap_or_default();
        let lesson = lesson.map(|lesson| {
            let also = format!("learn lesson {title} {slug} {aka}");
            Entry { also, ..entry("Lesson", lesson, Do::Learn(slug)) }
        });
        lesson.into_iter().chain(said.runs().map(move |Listed { name, title: run, is_challenge }| {
            let said = presets.iter().find(|preset| preset.name == name).map(|preset| said_of(preset.text));
            let also = format!("{title} {slug} {aka} {name} {}", said.unwrap_or_default());
            let sort = if is_challenge { "Challenge" } else { sort };
            Entry { also, ..entry(sort, run, Do::Open(format!("/{slug}/{name}"))) }
        }))
    };
    let (own, others) = SUMMARIES.iter().partition::<Vec<_>, _>(|said| said.leaf.slug == here);
    let others = others.into_iter().flat_map(move |said| {
        let Summary { leaf: Leaf { slug, title, .. }, aka, family, .. } = said;
        let also = format!("{slug} {aka} {family}");
        let first = Entry { also, ..entry("Protocol", *title, Do::Open(format!("/{slug}"))) };
        std::iter::once(first).chain(runs(said, title))
    });
    let own = own.into_iter().flat_map(move |said| {
        let seed = |it: &Vetted| {
            entry(
                "Seed",
                format!("Seed {}: {}", it.seed, it.sentence),
                Do::Amend(format!("seed {}", it.seed)),
            )
        };
        let seeds = find(here).map_or(&[][..], |entry| entry.seeds);
        seeds.iter().map(seed).chain(runs(said, "Run"))
    });
    commands.chain(own).chain(others)
}

/// The entries that a text finds, what is picked first, then those that begin with it; and how many there are beyond those
/// that are shown.
fn found(PaletteProps { text, found, settable, slug, .. }: &PaletteProps) -> (Vec<Entry>, usize) {
    let typed = text.trim();
    let text = typed.to_ascii_lowercase();
    let time = parse(&text.replace(' ', "")).ok();
    let time = time
        .map(|time| Entry { own: true, ..entry("Time", format!("Go to {}", exact(time)), Do::Scrub(time)) });
    let set = settable.then(|| Entry { own: true, ..entry("Set", typed, Do::Amend(typed.to_owned())) });
    let fits = |entry: &Entry| {
        let name = format!("{} {} {}", entry.sort, entry.name, entry.also).to_ascii_lowercase();
        text.split_whitespace().all(|word| name.contains(word))
    };
    let standing = standing(slug).filter(fits);
    let mut all: Vec<Entry> = time.into_iter().chain(set).chain(acts(&found.finds)).chain(standing).collect();
    let begins = |name: &str| name.to_ascii_lowercase().starts_with(&text);
    let comes_first =
        |entry: &Entry| entry.own || begins(&entry.name) || entry.sort == "Act" && begins(&entry.also);
    order::by_number(&mut all, |entry| (!comes_first(entry)).into());
    let more = all.len().saturating_sub(MOST) + found.more;
    all.truncate(MOST);
    (all, more)
}

/// The palette.
#[component]
pub fn Palette(props: &PaletteProps) -> Html {
    let (place, list) = (use_state(|| 0_usize), use_node_ref());
    let (found, more) = found(props);
    let here = (*place).min(found.len().saturating_sub(1));
    {
        let list = list.clone();
        use_effect_with((here, props.text.clone()), move |_| {
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
        let (dispatch, place) = (props.dispatch.clone(), place.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                place.set(0);
                dispatch.emit(Do::Find(field.value()));
            }
        })
    };
    let waits = use_mut_ref(|| false);
    {
        let (waits, choose) = (waits.clone(), choose.clone());
        let wish = found.first().map(|entry| entry.wish.clone());
        use_effect_with(props.text.clone(), move |_| {
            if let Some(wish) = wish.filter(|_| waits.take()) {
                choose(wish);
            }
        });
    }
    let onkeydown = {
        let (place, count, choose, text) = (place.clone(), found.len(), choose.clone(), props.text.clone());
        let wish = found.get(here).map(|entry| entry.wish.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" if count > 0 => place.set((here + 1) % count),
                "ArrowUp" if count > 0 => place.set((here + count - 1) % count),
                // What was typed last may not have been looked for yet.
                "Enter"
                    if event.target_dyn_into::<HtmlInputElement>().is_some_and(|it| it.value() != text) =>
                {
                    *waits.borrow_mut() = true;
                }
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
            <input id="palette-text" role="combobox" aria-label={HINT} aria-expanded="true"
                aria-controls="palette-list" aria-autocomplete="list" aria-activedescendant={(!found.is_empty()).then(|| format!("palette-{here}"))}
                placeholder={HINT} autocomplete="off" spellcheck="false" data-first=""
                {oninput} {onkeydown} />
            <ul ref={list} id="palette-list" role="listbox" aria-label="Commands">{ for found.iter().enumerate().map(entry) }</ul>
            if more > 0 || props.found.cut_short { <p class="legend" role="status">{ beyond(more, props.found.cut_short) }</p> }
            if found.is_empty() { <p class="empty" role="status">{ "No matches" }</p> }
        </div>
    }
}

/// What is said of the entries that are not shown.
fn beyond(more: usize, cut_short: bool) -> String {
    match (more, cut_short) {
        (0, _) => "There may be more matches. Type a name.".into(),
        (more, true) => format!("{more} more, and some not searched – keep typing, or type a name"),
        (more, false) => format!("{more} more – keep typing"),
    }
}
