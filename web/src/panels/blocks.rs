//! The logs of all nodes as a tree, from left to right: it branches where they disagree.

use super::{PanelProps, wide};
use crate::kit::hue::hue;
use crate::kit::prose::{node_name, renamed};
use crate::picture::geometry::{Point, px, translate};
use faultline_core::NodeId;
use faultline_core::view::{Block, Blocks};
use yew::prelude::*;

/// How wide and tall an entry is, how far it is to the next, and where the first is.
const SIZE: Point = (56.0, 32.0);
const PITCH: Point = (66.0, 50.0);
const FIRST: f64 = 12.0;
/// The most letters of an entry, and the most names below it.
const MOST_LETTERS: usize = 8;
const MOST_NAMES: usize = 3;

/// The block tree.
#[component]
pub fn Tree(PanelProps { view, .. }: &PanelProps) -> Html {
    let Blocks { blocks, left_out, short } = Blocks::of(view);
    if blocks.iter().all(|block| block.index == 0) {
        return Html::default();
    }
    let lanes = lanes(&blocks);
    // The upper left corner; the place before all entries ends at the margin.
    let corner = |at: usize| {
        let column = blocks[at].index as f64 - left_out as f64 - 1.0;
        (if column < 0.0 { -SIZE.0 } else { FIRST + column * PITCH.0 }, 1.0 + lanes[at] as f64 * PITCH.1)
    };
    let all = || 0..blocks.len();
    let width = all().map(|at| corner(at).0).fold(0.0, f64::max) + SIZE.0 + 1.0;
    let height = all().map(|at| corner(at).1).fold(0.0, f64::max) + PITCH.1;
    let edges =
        all().filter(|&at| blocks[at].index > 0).map(|at| edge(blocks[at].parent.map(corner), corner(at)));
    let entries = all().map(|at| {
        let before = blocks[at].parent.map(|parent| &blocks[parent]);
        entry(&blocks[at], corner(at), &words(&blocks[at], before, view.log_words.number))
    });
    let picture = html! {
        <svg class="block-tree" role="group" aria-label="Entries" width={px(width)} height={px(height)}>
            { for edges }{ for entries }
        </svg>
    };
    html! {
        <section aria-label="Log tree">
            <h3>{ "Logs as a tree" }</h3>
            { wide("Log tree", picture) }
            <p class="legend">
                { "The nodes below an entry have logs that end there. Solid: some node knows that the entry is final." }
                if left_out > 0 { { format!(" Indices 1 to {left_out} are not shown.") } }
                if !short.is_empty() { { format!(" The logs of these nodes end there: {}.", list(&short)) } }
            </p>
        </section>
    }
}

/// The line to an entry from the one before it or, where that is not shown, from nowhere.
fn edge(parent: Option<Point>, (left, top): Point) -> Html {
    let from = parent.map_or((left - 10.0, top), |(left, top)| (left + SIZE.0, top));
    let middle = |top: f64| px(top + SIZE.1 / 2.0);
    let way = format!("M{} {}H{}V{}H{}", px(from.0), middle(from.1), px(left - 5.0), middle(top), px(left));
    html! { <path class="edge" d={way} /> }
}

/// An entry, and the nodes whose logs end with it. The place before all entries is shown if logs do.
fn entry(block: &Block, (left, top): Point, words: &str) -> Html {
    let state = if block.committed { "committed" } else { "open" };
    if block.index == 0 && block.tips.is_empty() {
        return Html::default();
    }
    html! {
        <g role="img" aria-label={words.to_owned()} transform={translate((left.max(0.0), top))}>
            <title>{ words.to_owned() }</title>
            if block.index > 0 {
                <g class={classes!("cell", hue(block.term), state)}>
                    <rect width={px(SIZE.0)} height={px(SIZE.1)} rx="5" />
                    <text class="term" x="28" y="14">{ block.term }</text>
                    <text x="28" y="26">{ cut(&renamed(&block.text)) }</text>
                </g>
            }
            <text class="tips" x="1" y="44">{ names(&block.tips) }</text>
        </g>
    }
}

/// An entry in words.
fn words(
    Block { index, term, text, tips, committed, .. }: &Block,
    before: Option<&Block>,
    number: &str,
) -> String {
    let mut words = match (index, before) {
        (0, _) => "Before all entries".to_owned(),
        (_, Some(before)) if before.index > 0 => {
            format!(
                "Entry {index} of {number} {term}, {text}, after entry {} of {number} {}",
                before.index, before.term
            )
        }
        _ => format!("Entry {index} of {number} {term}, {text}"),
    };
    if *committed && *index > 0 {
        words.push_str(", committed");
    }
    if !tips.is_empty() {
        words.push_str(&format!("; logs that end here: {}", list(tips)));
    }
    words
}

fn list(nodes: &[NodeId]) -> String {
    nodes.iter().map(|node| node_name(*node)).collect::<Vec<_>>().join(", ")
}

/// As many names as there is room for.
fn names(nodes: &[NodeId]) -> String {
    let shown = if nodes.len() > MOST_NAMES { MOST_NAMES - 1 } else { nodes.len() };
    let more = nodes.len() - shown;
    let names = nodes[..shown].iter().map(|node| node_name(*node)).collect::<Vec<_>>().join(" ");
    if more > 0 { format!("{names} +{more}") } else { names }
}

/// As much of a text as there is room for.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_LETTERS) {
        Some(_) => text.chars().take(MOST_LETTERS - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// The rows of the entries. The branch on which most logs end goes straight on; the others stand below it, what parts last
/// first, where there is room.
fn lanes(blocks: &[Block]) -> Vec<usize> {
    let mut logs: Vec<usize> = blocks.iter().map(|block| block.tips.len()).collect();
    for (at, block) in blocks.iter().enumerate().rev() {
        if let Some(parent) = block.parent {
            logs[parent] += logs[at];
        }
    }
    // Where each lane is taken from, so far.
    let (mut lanes, mut taken): (Vec<usize>, Vec<u64>) = (vec![0; blocks.len()], Vec::new());
    let mut waiting: Vec<usize> = (0..blocks.len()).rev().filter(|&at| blocks[at].parent.is_none()).collect();
    while let Some(start) = waiting.pop() {
        let (mut branch, mut others) = (vec![start], vec![start]);
        while !others.is_empty() {
            let last = branch[branch.len() - 1];
            others = (0..blocks.len()).filter(|&at| blocks[at].parent == Some(last)).collect();
            let most = others.iter().map(|&at| logs[at]).max();
            if let Some(straight) = others.iter().position(|&at| Some(logs[at]) == most) {
                branch.push(others.remove(straight));
                waiting.extend(&others);
                others.push(last);
            }
        }
        let below = blocks[start].parent.map_or(0, |parent| lanes[parent] + 1);
        let end = blocks[branch[branch.len() - 1]].index;
        let lane = (below..taken.len()).find(|&lane| taken[lane] > end).unwrap_or(taken.len());
        taken.resize(taken.len().max(lane + 1), 0);
        taken[lane] = blocks[start].index;
        for at in branch {
            lanes[at] = lane;
        }
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_share_a_lane_where_there_is_room() {
        // Index, parent and how many logs end there: 1 to 4 straight, from 3 another 4, from 1 another 2 or two.
        let tree = [
            (1, None, 0),
            (2, Some(0), 0),
            (3, Some(1), 0),
            (4, Some(2), 2),
            (4, Some(2), 1),
            (2, Some(0), 1),
        ];
        let block = |(index, parent, tips): (u64, Option<usize>, usize)| {
            let tips = (0..tips).map(|node| NodeId(node as u32)).collect();
            Block { index, term: 1, text: String::new(), parent, tips, committed: false }
        };
        assert_eq!(lanes(&tree.map(block)), [0, 0, 0, 0, 1, 1]);
        let longer = tree.into_iter().chain([(3, Some(5), 0), (4, Some(6), 0)]).map(block);
        assert_eq!(lanes(&longer.collect::<Vec<_>>()), [0, 0, 0, 0, 1, 2, 2, 2]);
    }
}
