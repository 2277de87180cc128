//! What connects nodes, drawn behind them: the hulls of quorums, and the hops of a way.

use super::labels::{Area, Words, beside};
use crate::picture::connects::{Hull, hop};
use crate::picture::geometry::{Geometry, Point, px};
use faultline_core::view::{Path, Quorum};
use yew::prelude::*;

/// All that connects nodes at a moment, with the places of its words.
pub(super) struct Connects {
    quorums: Vec<(Quorum, Hull, Option<Words>)>,
    way: Option<(Path, Option<Words>)>,
}

impl Connects {
    /// These quorums and this way. Words go where they cover nothing of `taken`, to which they are added.
    pub(super) fn of(
        quorums: Vec<Quorum>,
        way: Option<&Path>,
        geometry: &Geometry,
        taken: &mut Vec<Area>,
    ) -> Self {
        let mut place = |hull: &Hull, words: &str| {
            if geometry.is_small() {
                return None;
            }
            let found = beside(geometry, hull, words, taken)?;
            taken.push(found.area());
            Some(found)
        };
        let quorum = |(nth, quorum): (usize, Quorum)| {
            let members: Vec<usize> = quorum.members.iter().map(|node| node.index()).collect();
            let hull = Hull::of(geometry, &members, nth);
            let words = place(&hull, &quorum.words);
            (quorum, hull, words)
        };
        let quorums = quorums.into_iter().enumerate().map(quorum).collect();
        let way = way.map(|path| {
            let words = format!("{} {}", path.name, path.outcome);
            let last = path.nodes.last().map_or(0, |node| node.index());
            (path.clone(), place(&Hull::of(geometry, &[last], 0), words.trim_end()))
        });
        Connects { quorums, way }
    }

    /// Everything, the grounds first.
    pub(super) fn draw(&self, geometry: &Geometry) -> Html {
        let quorum = |(nth, (quorum, hull, words)): (usize, &(Quorum, Hull, Option<Words>))| {
            let class = classes!("hull", quorum.enough.then_some("enough"), (nth > 0).then_some("second"));
            html! {
                <g key={quorum.of.index()} {class} data-quorum={quorum.of.to_string()}>
                    <path d={hull.outline()} />{ for words.iter().map(text) }
                </g>
            }
        };
        let way = self.way.iter().map(|(path, words)| {
            let hops = path.nodes.windows(2).enumerate().filter_map(|(nth, ends)| {
                let [shaft, head] = hop(geometry, ends[0].index(), ends[1].index())?;
                // A new hop is a new element, so that it grows.
                let key = format!("{} {nth} {}", path.nodes[0], ends[1]);
                Some(html! { <g {key} class="hop"><path d={shaft} pathLength="1" /><path class="head" d={head} /></g> })
            });
            html! { <g class="hops" data-way={path.name.clone()}><g>{ for hops }</g>{ for words.iter().map(text) }</g> }
        });
        if self.quorums.is_empty() && self.way.is_none() {
            return Html::default();
        }
        html! { <g aria-hidden="true"><g>{ for self.quorums.iter().enumerate().map(quorum) }</g>{ for way }</g> }
    }
}

fn text(words: &Words) -> Html {
    let (x, y): Point = words.at;
    html! { <text x={px(x)} y={px(y)} text-anchor={words.anchor}>{ &words.text }</text> }
}
