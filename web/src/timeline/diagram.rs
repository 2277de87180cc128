//! The space–time diagram, which is also the timeline: lifelines, messages as arrows, the playhead. It is drawn in
//! chunks of time that are remembered, on a layer that only moves: between two events two transforms change and
//! nothing is painted.

use crate::kit::prose::node_name;
use crate::lab::causality::Causality;
use crate::lab::{CHUNK_TICKS, Chunk, TICK_WIDTH, TICKS};
use crate::picture::geometry::px;
use crate::picture::motion::Motion;
use crate::wishes::Do;
use chunk::{Axis, ChunkView, Feet, edge_of};
use cuts::Cuts;
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::view::Frontier;
use scrub::use_scrub;
use std::rc::Rc;
use wash::Wash;
use yew::prelude::*;

mod chunk;
mod cuts;
mod scrub;
pub mod still;
mod wash;

/// Height of the time axis.
const AXIS: f64 = 20.0;
/// Room above the first lifeline.
const HEAD: f64 = 10.0;
/// Height of the foot with its marks.
const FOOT: f64 = 16.0;
/// The least distance of two lifelines.
const TIGHTEST: f64 = 14.0;
/// Every so many chunks positions begin to count anew.
const REBASE: u64 = 64;

/// What the diagram shows.
#[derive(Properties, PartialEq)]
pub struct DiagramProps {
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
    /// Where the window begins, in pixels from time 0.
    pub edge: f64,
    /// Width and height of the whole.
    pub size: (f64, f64),
    /// Who moves content and playhead.
    pub motion: Motion,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// Names of more letters are written small. In a column that is narrower than this, those of two letters less are, and
/// numbers stand for those of more.
const LONG: usize = 5;
const NARROW: f64 = 50.0;

/// Width of the column of names.
pub fn gutter(width: f64) -> f64 {
    if width < 560.0 { 36.0 } else { 72.0 }
}

/// The diagram.
#[component]
pub fn SpaceTime(props: &DiagramProps) -> Html {
    let DiagramProps { chunks, cuts, causality, nodes, selection, zoom, edge, size, motion, dispatch } =
        props;
    let width = size.0.max(120.0);
    let (gutter, room) = (gutter(width), size.1 - AXIS - FOOT);
    let pitch = ((room - HEAD) / nodes.len().max(1) as f64).max(TIGHTEST);
    let rows = Rows { pitch, nodes: Rc::new(nodes.iter().map(|(id, _)| *id).collect()) };
    // Positions count from a chunk not far away: no number grows with the run.
    let rebase = chunks.first().map_or(0, |(number, _)| number / REBASE * REBASE);
    let origin = (rebase * CHUNK_TICKS) as f64 * TICK_WIDTH;
    let (axis, content, feet, playhead) = (use_node_ref(), use_node_ref(), use_node_ref(), use_node_ref());
    {
        let (moving, playhead) = ([axis.clone(), content.clone(), feet.clone()], playhead.clone());
        let motion = motion.clone();
        use_effect_with((), move |()| {
            motion.set_diagram(moving.iter().filter_map(NodeRef::cast).collect(), playhead.cast());
            move || motion.set_diagram(Vec::new(), None)
        });
    }
    {
        let motion = motion.clone();
        use_effect_with((origin as u64, gutter as u64), move |_| motion.set_origin(origin, gutter));
    }
    let (onpointerdown, onpointermove, onpointerup, onpointercancel) = use_scrub(motion, dispatch);
    let names = names(nodes, (&rows, gutter), *selection, dispatch);
    let lines = lives(nodes, &rows, gutter, width);
    let left = |number: &u64| ((number - rebase) * CHUNK_TICKS) as f64 * TICK_WIDTH;
    let tall = px(rows.bottom());
    // What goes on below its edge is scrolled by keys, too.
    let scrolls = (rows.bottom() > room + 0.5).then_some("0");
    html! {
        <div class={classes!("diagram-picture", (gutter < NARROW).then_some("narrow"))} style={format!("--gutter: {}px", px(gutter))}
            {onpointerdown} {onpointermove} {onpointerup} {onpointercancel}>
            <div class="strip axis" aria-hidden="true"><div ref={axis} class="moving">
                { for chunks.iter().map(|(number, chunk)| html! { <Axis key={*number} from={chunk.from} zoom={*zoom} left={left(number)} /> }) }
            </div></div>
            <div class="lines" tabindex={scrolls} role={scrolls.map(|_| "group")} aria-label={scrolls.map(|_| "Lifelines")}>
                <div class="sheet-of-lines" role="img" style={format!("height: {tall}px")}
                    aria-label="Space–time diagram with a line for every node and an arrow for every message. The slider below moves the playhead.">
                    <svg class="lives" width={px(width)} height={tall.clone()}>{ for lines }</svg>
                    <div ref={content} class="moving">
                        <Wash causality={causality.clone()} rows={rows.clone()} scale={TICK_WIDTH / TICKS[*zoom] as f64} {origin}
                            span={chunks.first().zip(chunks.last()).map(|((_, first), (_, last))| (first.from, last.until))} />
                        { for chunks.iter().map(|(number, chunk)| html! {
                            <ChunkView key={*number} chunk={chunk.clone()} causality={causality.clone()} zoom={*zoom} rows={rows.clone()}
                                left={left(number)} edge={edge_of(chunk, *zoom, *edge)} />
                        }) }
                        <Cuts cuts={cuts.clone()} rows={rows.clone()} scale={TICK_WIDTH / TICKS[*zoom] as f64} {origin} />
                    </div>
                    <svg class="names" width={px(gutter)} height={tall}>{ for names }</svg>
                </div>
            </div>
            <div class="strip feet"><div ref={feet} class="moving">
                { for chunks.iter().map(|(number, chunk)| html! { <Feet key={*number} chunk={chunk.clone()} zoom={*zoom} left={left(number)} /> }) }
            </div></div>
            <div ref={playhead} class="playhead">
                <div class="veil" style={format!("width: {}px", px(width))}></div>
                <svg width="14" height={px(size.1)}>
                    <line x1="7" x2="7" y1={px(AXIS)} y2={px(AXIS + rows.bottom().min(room) + 4.0)} />
                    <path d="M1 10 h12 v8 l-6 6 l-6 -6 z" />
                </svg>
            </div>
        </div>
    }
}

/// The names of the nodes beside their lifelines; their numbers, where the column is too narrow for them.
fn names(
    nodes: &[(NodeId, bool)],
    (rows, gutter): (&Rows, f64),
    selection: Option<Target>,
    dispatch: &Callback<Do>,
) -> impl Iterator<Item = Html> {
    nodes.iter().enumerate().map(move |(place, &(id, up))| {
        let y = rows.y(place);
        let target = Target::Node(id);
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Select(Some(target)));
        let is_narrow = gutter < NARROW;
        let mut name = node_name(id);
        if is_narrow && name.len() > LONG {
            name = id.to_string();
        }
        let long = if is_narrow { LONG - 2 } else { LONG };
        let class = classes!(
            "name",
            (!up).then_some("down"),
            (selection == Some(target)).then_some("selected"),
            (name.len() > long).then_some("long")
        );
        html! { <text {class} data-is={id.to_string()} x="24" y={px(y + 4.5)} {onclick}>{ name }</text> }
    })
}

/// The lifelines, from the column of names to the right edge.
fn lives(nodes: &[(NodeId, bool)], rows: &Rows, gutter: f64, width: f64) -> impl Iterator<Item = Html> {
    nodes.iter().enumerate().map(move |(place, (id, _))| {
        let y = px(rows.y(place));
        html! { <line class="life" data-is={id.to_string()} x1={px(gutter)} x2={px(width)} y1={y.clone()} y2={y} /> }
    })
}

/// The lifelines: of which nodes, from the top.
#[derive(Clone, PartialEq)]
struct Rows {
    pitch: f64,
    nodes: Rc<Vec<NodeId>>,
}

impl Rows {
    fn y(&self, place: usize) -> f64 {
        HEAD + self.pitch * (place as f64 + 0.5)
    }

    /// The place of a node's lifeline, if there is one.
    fn place(&self, node: NodeId) -> Option<usize> {
        self.nodes.iter().position(|it| *it == node)
    }

    /// The lifeline of a node; nothing is drawn of others.
    fn of(&self, node: NodeId) -> f64 {
        self.y(self.place(node).unwrap_or_default())
    }

    fn bottom(&self) -> f64 {
        HEAD + self.pitch * self.nodes.len() as f64
    }
}
