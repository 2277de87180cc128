//! What waits in the queues of a node, beside it: as letters that bear their names or, where these have no room, as beads.

use super::{MORE, letters, text};
use crate::picture::geometry::{Side, px};
use faultline_core::view::{LaneItem, LaneState};
use yew::prelude::*;

/// How far apart the things in a queue stand that bear no names, and the most that are drawn without and with names.
const BEAD: f64 = 11.0;
const BEADS: usize = 5;
const NAMED: usize = 8;
/// The room of the dot of what is handed out.
const DOT: f64 = 6.0;
/// The width of a character.
const SMALL: f64 = 6.7;

/// A thing that waits in a queue, as it is written.
struct Letter<'a> {
    words: &'a str,
    wide: f64,
    state: LaneState,
}

/// The first things in a queue, all of their words or else only their names; none where not even the first name has room.
fn letters_of<'a>(waiting: &[&'a LaneItem], room: f64) -> Vec<Letter<'a>> {
    let named = |words: fn(&'a str) -> &'a str| -> Vec<Letter<'a>> {
        let letter = |item: &&'a LaneItem| {
            let words = words(&item.text);
            let dot = if item.state == LaneState::Taken { DOT } else { 0.0 };
            Letter { words, wide: letters(words) * SMALL + 11.0 + dot, state: item.state }
        };
        waiting.iter().take(NAMED).map(letter).collect()
    };
    let all = |some: &[Letter]| some.iter().map(|letter| letter.wide).sum::<f64>();
    let mut found = named(|text| text);
    if all(&found) > room {
        found = named(|text| text.split(' ').next().unwrap_or_default());
    }
    let more = |some: &[Letter]| if some.len() < waiting.len() { MORE } else { 0.0 };
    while !found.is_empty() && all(&found) + more(&found) > room {
        found.pop();
    }
    if found.iter().any(|letter| letter.words.is_empty()) { Vec::new() } else { found }
}

/// What waits in a node's queues, what comes out next beside the node: full if it could come out, hollow if it waits for
/// something else, with a dot if it is handed out. Each bears its name where there is room.
pub(super) fn beads(waiting: &[&LaneItem], side: Side, reach: f64, room: f64, y: f64) -> Html {
    let letters = letters_of(waiting, room);
    let nameless = letters.is_empty();
    let letters = match nameless {
        true => {
            let most =
                if waiting.len() as f64 * BEAD <= room { BEADS } else { ((room - MORE) / BEAD) as usize };
            let bead = |it: &&LaneItem| Letter { words: "", wide: BEAD, state: it.state };
            waiting.iter().take(most.clamp(1, BEADS)).map(bead).collect()
        }
        false => letters,
    };
    let wide: f64 = letters.iter().map(|letter| letter.wide).sum();
    let (away, mut x) = match side {
        Side::Left => (-1.0, -reach),
        Side::Below | Side::Above => (1.0, -wide / 2.0),
        Side::Right | Side::Foot => (1.0, reach),
    };
    let bead = |letter: &Letter| {
        let middle = x + away * letter.wide / 2.0;
        x += away * letter.wide;
        let class = if letter.state == LaneState::Ready { "given" } else { "open" };
        let is_taken = letter.state == LaneState::Taken;
        let aside = is_taken && !nameless;
        let dot = if aside { middle - letter.wide / 2.0 + DOT } else { middle };
        let words = if aside { middle + DOT / 2.0 } else { middle };
        html! {
            <g {class}>
                if nameless {
                    <circle cx={px(middle)} cy={px(y + 8.0)} r="4" />
                } else {
                    <rect x={px(middle - letter.wide / 2.0 + 0.5)} y={px(y)} width={px(letter.wide - 1.0)} height="17" rx="3" />
                    { text("kept", (words, y + 12.0), "middle", letter.words.to_owned()) }
                }
                if is_taken { <circle class="given" cx={px(dot)} cy={px(y + 8.0)} r="1" /> }
            </g>
        }
    };
    let drawn: Html = letters.iter().map(bead).collect();
    let more = waiting.len() - letters.len();
    html! {
        <g class="beads">
            { drawn }
            if more > 0 { { text("more", (x + away * 3.0, y + 12.0), if away < 0.0 { "end" } else { "start" }, format!("+{more}")) } }
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_bears_as_many_words_as_have_room() {
        let item =
            |text: &str, state| LaneItem { text: text.into(), note: String::new(), state, changed: false };
        let items = [
            item("n1.1 error", LaneState::Taken),
            item("n1.2 info", LaneState::Ready),
            item("n2.1 info", LaneState::Waiting),
        ];
        let waiting: Vec<&LaneItem> = items.iter().collect();
        let words =
            |room: f64| -> Vec<&str> { letters_of(&waiting, room).iter().map(|it| it.words).collect() };
        assert_eq!(words(300.0), ["n1.1 error", "n1.2 info", "n2.1 info"]);
        assert_eq!(words(130.0), ["n1.1", "n1.2", "n2.1"], "their names alone");
        assert_eq!(words(110.0), ["n1.1", "n1.2"], "and how many more there are");
        assert_eq!(words(40.0), [""; 0], "none");
        let many = vec![&items[1]; 10_000];
        assert_eq!(letters_of(&many, 10_000.0).len(), NAMED);
        let all = |room: f64| letters_of(&many, room).iter().map(|it| it.wide).sum::<f64>();
        assert!((0..400).all(|room| all(f64::from(room)) <= f64::from(room)));
    }
}
