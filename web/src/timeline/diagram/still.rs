//! The diagram as one picture: the window of it that stands around the playhead, drawn by what draws the page's.

use super::chunk::{Axis, ChunkView, Feet, edge_of};
use super::cuts::Cuts;
use super::wash::Wash;
use super::{AXIS, FOOT, HEAD, Rows, TIGHTEST, gutter, lives, names};
use crate::lab::causality::Causality;
use crate::lab::{CHUNK_TICKS, Chunk, TICK_WIDTH, TICKS};
use crate::picture::geometry::{px, translate};
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::Frontier;
use std::rc::Rc;
use yew::prelude::*;

/// What is drawn of it.
#[derive(Properties, PartialEq)]
pub struct StillProps {
    /// The chunks in sight.
    pub chunks: Vec<(u64, Rc<Chunk>)>,
    /// The cuts through the run.
    pub cuts: Rc<Vec<Frontier>>,
    /// The past and the future of what is looked at.
    pub causality: Option<Rc<Causality>>,
    /// The nodes, and whether each is up.
    pub nodes: Vec<(NodeId, bool)>,
    /// What is selected.
    pub selection: Option<Target>,
    /// Which of the ticks.
    pub zoom: usize,
    /// The first instant in sight, in microseconds.
    pub first: f64,
    /// Where words begin, in pixels from time 0.
    pub edge: f64,
    /// The width of the whole.
    pub width: f64,
    /// The distance of two lifelines, where there are few.
    pub pitch: f64,
    /// The moment of the playhead.
    pub time: Micros,
}

/// The distance of so many lifelines.
fn pitch_of(count: usize, pitch: f64) -> f64 {
    const MANY: usize = 10;
    if count > MANY { (pitch * MANY as f64 / count as f64).max(TIGHTEST) } else { pitch }
}

/// The height of a diagram of so many lifelines.
pub fn height(count: usize, pitch: f64) -> f64 {
    AXIS + HEAD + pitch_of(count, pitch) * count as f64 + FOOT
}

/// The diagram.
#[component]
pub fn Still(props: &StillProps) -> Html {
    let StillProps { chunks, cuts, causality, nodes, selection, zoom, first, edge, width, pitch, time } =
        props;
    let gutter = gutter(*width);
    let pitch = pitch_of(nodes.len(), *pitch);
    let rows = Rows { pitch, nodes: Rc::new(nodes.iter().map(|(id, _)| *id).collect()) };
    let scale = TICK_WIDTH / TICKS[*zoom] as f64;
    let (from, bottom) = (chunks.first().map_or(0, |(number, _)| *number), rows.bottom());
    let origin = (from * CHUNK_TICKS) as f64 * TICK_WIDTH;
    let left = |number: &u64| ((number - from) * CHUNK_TICKS) as f64 * TICK_WIDTH;
    let shift = |y: f64| translate((origin - first * scale, y));
    let window = |y: f64, height: f64, content: Html| {
        html! { <svg class="window" x={px(gutter)} y={px(y)} width={px(width - gutter)} height={px(height)}><g transform={shift(0.0)}>{ content }</g></svg> }
    };
    let placed =
        |number: &u64, content: Html| html! { <g transform={translate((left(number), 0.0))}>{ content }</g> };
    let axis = chunks
        .iter()
        .map(|(number, chunk)| placed(number, html! { <Axis from={chunk.from} zoom={*zoom} left={0.0} /> }));
    let drawn = chunks.iter().map(|(number, chunk)| {
        placed(number, html! { <ChunkView chunk={chunk.clone()} causality={causality.clone()} zoom={*zoom} rows={rows.clone()} left={0.0} edge={edge_of(chunk, *zoom, *edge)} /> })
    });
    let feet = chunks.iter().map(|(number, chunk)| {
        placed(number, html! { <Feet chunk={chunk.clone()} zoom={*zoom} left={0.0} /> })
    });
    let span = chunks.first().zip(chunks.last()).map(|((_, first), (_, last))| (first.from, last.until));
    let now = gutter + (*time as f64 - first) * scale;
    let inside = html! {
        <>
            <Wash causality={causality.clone()} rows={rows.clone()} {scale} {origin} {span} />
            { for drawn }
            <Cuts cuts={cuts.clone()} rows={rows.clone()} {scale} {origin} />
        </>
    };
    html! {
        <g class="diagram-picture">
            { window(0.0, AXIS, html! { { for axis } }) }
            <g transform={translate((0.0, AXIS))}>{ for lives(nodes, &rows, gutter, *width) }</g>
            { window(AXIS, bottom, inside) }
            <g class="names" transform={translate((0.0, AXIS))}>{ for names(nodes, (&rows, gutter), *selection, &Callback::noop()) }</g>
            { window(AXIS + bottom, FOOT, html! { { for feet } }) }
            if (gutter..=*width).contains(&now) {
                <g class="playhead" transform={translate((now - 7.0, 0.0))}>
                    <line x1="7" x2="7" y1={px(AXIS)} y2={px(AXIS + bottom + 4.0)} />
                    <path d="M1 10 h12 v8 l-6 6 l-6 -6 z" />
                </g>
            }
        </g>
    }
}
