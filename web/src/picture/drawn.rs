//! The parts of signs, drawn.

use crate::kit::prose::fixed;
use crate::picture::geometry::px;
use crate::picture::signs::{Figure, Part};
use yew::prelude::*;

/// A part of a sign.
pub fn part(Part { d, fill, rim, broken }: &Part, class: Option<&'static str>) -> Html {
    let fill = fill.map_or("in-none".to_owned(), |colour| format!("in-{}", colour.token()));
    let rim_of = rim.map(|(colour, _)| format!("of-{}", colour.token()));
    let width = rim.map(|(_, width)| px(width));
    let dashes = broken.map(|(stroke, gap)| format!("{} {}", fixed(stroke, 2), fixed(gap, 2)));
    html! { <path class={classes!(class, fill, rim_of)} d={d.clone()} stroke-width={width} stroke-dasharray={dashes} /> }
}

/// A figure without a name.
pub fn figure(figure: &Figure) -> Html {
    html! { <>{ part(&figure.body, Some("disc")) }{ for figure.parts.iter().map(|it| part(it, None)) }</> }
}
