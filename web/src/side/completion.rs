//! What may be written next into the scenario's text: a list at the cursor, with what the word at hand means.

use faultline_core::scenario::Completion;
use web_sys::{Element, HtmlTextAreaElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

/// The element of the list, for the field that it helps.
pub const LIST: &str = "scenario-offers";

/// Where the list stands: at the line of the cursor, from 0, and its column; and how far the text is scrolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    row: usize,
    column: usize,
    scrolled: (i32, i32),
    /// Whether there is more room above the line than below it.
    above: bool,
}

/// How high a line is, in pixels, where nothing is enlarged.
const LINE: f64 = 20.0;

impl Place {
    /// The place of the cursor of a field.
    pub fn of(field: &HtmlTextAreaElement) -> Self {
        let text = field.value();
        let before = &text[..cursor(field)];
        let (row, line) = (before.matches('\n').count(), before.rsplit('\n').next().unwrap_or_default());
        let scrolled = (field.scroll_left(), field.scroll_top());
        let row_end = (row + 1) as f64 * LINE - f64::from(scrolled.1);
        let above = row_end > f64::from(field.client_height()) / 2.0;
        Place { row, column: line.chars().count(), scrolled, above }
    }

    fn style(self) -> String {
        let Place { row, column, scrolled: (left, top), .. } = self;
        format!("--row: {row}; --column: {column}; --scrolled: {top}px; --aside: {left}px")
    }
}

/// The byte of its text before which the cursor of a field stands.
pub fn cursor(field: &HtmlTextAreaElement) -> usize {
    let (text, mut left) = (field.value(), field.selection_start().ok().flatten().unwrap_or(0) as usize);
    let passes = |letter: &char| {
        let within = left > 0;
        left = left.saturating_sub(letter.len_utf16());
        within
    };
    text.chars().take_while(passes).map(char::len_utf8).sum()
}

/// Writes what is offered in place of what stands there, and moves the cursor behind it.
pub fn write(field: &HtmlTextAreaElement, offer: &Completion) {
    let (text, end) = (field.value(), cursor(field));
    let Some(before) = text.get(..offer.start.min(end)) else { return };
    let written = format!("{before}{}", offer.text);
    let place = written.encode_utf16().count() as u32;
    field.set_value(&(written + &text[end..]));
    let _ = field.set_selection_range(place, place);
}

/// What the list shows.
#[derive(Properties, PartialEq)]
pub struct OffersProps {
    /// What is offered.
    pub offers: Vec<Completion>,
    /// Which is picked, once a key has picked one.
    pub picked: Option<usize>,
    /// Where it stands.
    pub place: Place,
    /// Who is told which is taken.
    pub take: Callback<usize>,
}

/// The list, and what the picked word means, or else the first.
#[component]
pub fn Offers(OffersProps { offers, picked, place, take }: &OffersProps) -> Html {
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with(*picked, move |_| {
            let list = list.cast::<Element>();
            let at_hand = list.and_then(|list| list.query_selector("[aria-selected=true]").ok().flatten());
            if let Some(at_hand) = at_hand {
                let nearest = ScrollIntoViewOptions::new();
                nearest.set_block(ScrollLogicalPosition::Nearest);
                at_hand.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        });
    }
    let row = |(nth, offer): (usize, &Completion)| {
        let take = take.clone();
        // The field keeps the focus.
        let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
        let onclick = Callback::from(move |_: MouseEvent| take.emit(nth));
        let at_hand = picked.unwrap_or(0) == nth;
        html! {
            <li role="option" id={option(nth)} class={at_hand.then_some("at-hand")} aria-selected={(*picked == Some(nth)).to_string()}
                {onmousedown} {onclick}>{ offer.text.trim_end() }</li>
        }
    };
    let help = offers.get(picked.unwrap_or(0)).map(|offer| offer.help.clone()).unwrap_or_default();
    html! {
        <div class={classes!("completion", place.above.then_some("above"))} style={place.style()}>
            <ul role="listbox" id={LIST} aria-label="What may be written here" ref={list}>{ for offers.iter().enumerate().map(row) }</ul>
            <p id="scenario-help">{ help }</p>
        </div>
    }
}

/// The element of an offer.
pub fn option(nth: usize) -> String {
    format!("offer-{nth}")
}
