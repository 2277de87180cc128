//! The words of a lesson: names in them wear the sign of what they name, and light it on the stage.

use crate::kit::light;
use crate::picture::drawn::figure;
use crate::picture::signs;
use faultline_core::lesson::{Block, Span};
use faultline_core::view::View;
use yew::prelude::*;

/// The radius of a node's sign within a line.
const RADIUS: f64 = 9.0;

/// A piece of a text.
pub(super) fn block(block: &Block, view: Option<&View>) -> Html {
    match block {
        Block::Paragraph(line) => html! { <p>{ spans(line, view) }</p> },
        Block::Item(line) => html! { <p class="item">{ spans(line, view) }</p> },
    }
}

/// A line.
pub(super) fn spans(line: &[Span], view: Option<&View>) -> Html {
    html! { <>{ for line.iter().map(|span| piece(span, view)) }</> }
}

fn piece(span: &Span, view: Option<&View>) -> Html {
    match span {
        Span::Text(words) => html! { { *words } },
        Span::Name(word) => name(word, view),
        Span::Strong(words) => html! { <strong>{ *words }</strong> },
        Span::Stressed(words) => html! { <em>{ *words }</em> },
        Span::Link(words, to) => html! { <a href={*to}>{ *words }</a> },
    }
}

/// The name of something on the stage. A node wears its sign.
fn name(word: &'static str, view: Option<&View>) -> Html {
    let Some(view) = view else { return html! { <b class="name">{ word }</b> } };
    let bearers = view.bearers(word);
    let lights = light::of(&bearers, view);
    let one = match bearers.nodes[..] {
        [node] => {
            view.nodes.get(node.index()).filter(|node| word == node.called || word == node.id.to_string())
        }
        _ => None,
    };
    let sign = one.map(|node| {
        html! { <svg class="node" viewBox="-11 -11 22 22" aria-hidden="true">{ figure(&signs::figure(node, RADIUS)) }</svg> }
    });
    let shown = one.map_or_else(|| word.to_owned(), |node| node.called.clone());
    let tab = (!lights.is_empty()).then_some("0");
    html! { <b class="name" tabindex={tab} data-lights={lights.join(" ")}>{ sign.unwrap_or_default() }{ shown }</b> }
}
