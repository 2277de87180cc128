//! The table behind a picture: what it shows, as rows of words, for whoever cannot see it or wants the numbers. It is
//! made only while it is open.

use yew::prelude::*;

/// The most rows.
const MOST_ROWS: usize = 200;

/// Whether a table is open, and what hears that it is opened and closed.
#[hook]
pub fn use_open() -> (bool, Callback<Event>) {
    let open = use_state(|| false);
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let details = event.target_dyn_into::<web_sys::Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        })
    };
    (*open, ontoggle)
}

/// A table that is open or can be opened; `of` says what it is of.
pub fn astable(of: &str, (open, ontoggle): (bool, Callback<Event>), content: impl FnOnce() -> Html) -> Html {
    html! {
        <details class="as-table" {ontoggle}>
            <summary aria-label={format!("{of} as a table")}><span class="longer">{ "As a table" }</span><span class="shorter">{ "Table" }</span></summary>
            if open { <div class="rows" tabindex="0" role="group" aria-label={format!("{of}, scrolls")}>{ content() }</div> }
        </details>
    }
}

/// Rows under their heads.
pub fn rows(caption: &'static str, heads: &[&'static str], rows: impl Iterator<Item = Vec<String>>) -> Html {
    let all: Vec<_> = rows.collect();
    let more = all.len().saturating_sub(MOST_ROWS);
    let row =
        |row: &Vec<String>| html! { <tr>{ for row.iter().map(|cell| html! { <td>{ cell }</td> }) }</tr> };
    html! {
        <table>
            <caption>{ caption }</caption>
            <thead><tr>{ for heads.iter().map(|head| html! { <th scope="col">{ *head }</th> }) }</tr></thead>
            <tbody>
                { for all.iter().take(MOST_ROWS).map(row) }
                if more > 0 { <tr><td colspan={heads.len().to_string()}>{ format!("{more} more") }</td></tr> }
            </tbody>
        </table>
    }
}
