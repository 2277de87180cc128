//! The space–time diagram, which is also the timeline: lifelines, messages as arrows, the playhead. It is drawn in
//! chunks of time that are remembered; between two events only two transforms change.

use crate::geometry::{px, translate};
use crate::motion::Motion;
use crate::msg::Do;
use crate::store::{CHUNK_TICKS, Chunk, TICK_WIDTH, TICKS};
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::{Micros, seconds};
use faultline_core::view::{Arrow, Dot, Mark, Milestone};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// Height of the time axis.
const AXIS: f64 = 30.0;
/// Height of the foot with its marks.
const FOOT: f64 = 16.0;
/// The least distance of two lifelines.
const TIGHTEST: f64 = 14.0;

/// What the diagram shows.
#[derive(Properties, PartialEq)]
pub struct DiagramProps {
    /// The chunks in sight.
    pub chunks: Vec<(u64, Rc<Chunk>)>,
    /// The nodes, and whether each is up.
    pub nodes: Vec<(NodeId, bool)>,
    /// What is selected.
    pub selection: Option<Target>,
    /// Which of the ticks.
    pub zoom: usize,
    /// Width and height of the whole.
    pub size: (f64, f64),
    /// Who moves content and playhead.
    pub motion: Motion,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// Width of the column of names.
pub fn gutter(width: f64) -> f64 {
    if width < 560.0 { 36.0 } else { 72.0 }
}

/// The height that so many lifelines need at least.
pub fn least_height(nodes: usize) -> f64 {
    AXIS + FOOT + TIGHTEST * nodes as f64
}

/// The time at a place of the window.
fn time_at(event: &PointerEvent, window: f64, scale: f64) -> Option<Micros> {
    let target = event.current_target()?.dyn_into::<Element>().ok()?;
    let left = target.get_bounding_client_rect().left() + gutter(target.get_bounding_client_rect().width());
    let time = window + (f64::from(event.client_x()) - left) / scale;
    Some(time.max(0.0) as Micros)
}

/// The diagram.
#[component]
pub fn SpaceTime(props: &DiagramProps) -> Html {
    let DiagramProps { chunks, nodes, selection, zoom, size, motion, dispatch } = props;
    let (width, height) = (size.0.max(120.0), size.1.max(least_height(nodes.len())));
    let gutter = gutter(width);
    let pitch = (height - AXIS - FOOT) / nodes.len().max(1) as f64;
    let (content, playhead, dragging) = (use_node_ref(), use_node_ref(), use_mut_ref(|| false));
    {
        let (content, playhead, motion) = (content.clone(), playhead.clone(), motion.clone());
        use_effect_with((), move |()| {
            let of = |node: &NodeRef| node.cast::<Element>();
            motion.set_diagram(of(&content).as_ref(), of(&playhead).as_ref());
            move || motion.set_diagram(None, None)
        });
    }
    let scrub = {
        let (motion, dispatch) = (motion.clone(), dispatch.clone());
        move |event: &PointerEvent| {
            let (window, scale) = motion.window();
            if let Some(time) = time_at(event, window, scale) {
                dispatch.emit(Do::Scrub(time));
            }
        }
    };
    let onpointerdown = {
        let (dragging, dispatch, scrub) = (dragging.clone(), dispatch.clone(), scrub.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let hit = target.and_then(|target| target.closest("[data-event]").ok().flatten());
            let hit = hit.and_then(|hit| hit.get_attribute("data-event")?.parse::<usize>().ok());
            if let Some(after) = hit {
                dispatch.emit(Do::Event(after + 1));
                return;
            }
            if let Some(target) = event.current_target().and_then(|it| it.dyn_into::<Element>().ok()) {
                // Where it is refused the drag still works inside of the diagram.
                let _ = target.set_pointer_capture(event.pointer_id());
            }
            *dragging.borrow_mut() = true;
            scrub(&event);
        })
    };
    let onpointermove = {
        let dragging = dragging.clone();
        Callback::from(move |event: PointerEvent| {
            if *dragging.borrow() && event.buttons() != 0 {
                scrub(&event);
            }
        })
    };
    let onpointerup = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = false);
    let rows = Rows { pitch, count: nodes.len() };
    let names = nodes.iter().enumerate().map(|(place, &(id, up))| {
        let y = rows.y(place);
        let target = Target::Node(id);
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Select(Some(target)));
        let class =
            classes!("name", (!up).then_some("down"), (*selection == Some(target)).then_some("selected"));
        let stride = if pitch < 12.0 { 3 } else { 1 };
        html! {
            if place % stride == 0 {
                <text {class} x="24" y={px(y + 4.5)} {onclick}>{ id.to_string() }</text>
            }
        }
    });
    let lines = (0..nodes.len()).map(|place| {
        let y = px(rows.y(place));
        html! { <line class="life" x1="0" x2={px(width)} y1={y.clone()} y2={y} /> }
    });
    let inner = width - gutter;
    let bottom = height - FOOT;
    html! {
        <svg class={classes!("diagram-picture", (gutter < 50.0).then_some("narrow"))} width={px(width)} height={px(height)} role="img"
            aria-label="Space–time diagram: a line for every node, an arrow for every message. The slider below moves through it."
            {onpointerdown} {onpointermove} onpointerup={onpointerup.clone()} onpointercancel={onpointerup}>
            <svg x={px(gutter)} width={px(inner)} height={px(height)} overflow="hidden">
                <g>{ for lines }</g>
                <g ref={content} transform="translate(0 0)">
                    { for chunks.iter().map(|(number, chunk)| html! {
                        <ChunkView key={*number} chunk={chunk.clone()} zoom={*zoom} {rows} />
                    }) }
                </g>
                <g ref={playhead} transform="translate(0 0)" class="playhead">
                    <rect class="veil" x="0.8" y="22" width={px(inner)} height={px(height - 22.0)} />
                    <line x1="0" x2="0" y1="20" y2={px(bottom + 4.0)} />
                    <path d="M-6 10 h12 v8 l-6 6 l-6 -6 z" />
                </g>
            </svg>
            <g>{ for names }</g>
        </svg>
    }
}

/// The lifelines.
#[derive(Clone, Copy, PartialEq)]
struct Rows {
    pitch: f64,
    count: usize,
}

impl Rows {
    fn y(self, place: usize) -> f64 {
        AXIS + self.pitch * (place as f64 + 0.5)
    }

    fn bottom(self) -> f64 {
        AXIS + self.pitch * self.count as f64
    }
}

#[derive(Properties, PartialEq)]
struct ChunkProps {
    chunk: Rc<Chunk>,
    zoom: usize,
    rows: Rows,
}

#[component]
fn ChunkView(ChunkProps { chunk, zoom, rows }: &ChunkProps) -> Html {
    let tick = TICKS[*zoom];
    let scale = TICK_WIDTH / tick as f64;
    let x = |time: Micros| (time as f64 - chunk.from as f64) * scale;
    let decimals = match tick {
        0..1_000 => 4,
        1_000..10_000 => 3,
        10_000..1_000_000 => 2,
        _ => 0,
    };
    let ticks = (0..CHUNK_TICKS).map(|nth| {
        let at = px(nth as f64 * TICK_WIDTH);
        html! {
            <>
                <line class="tick" x1={at.clone()} x2={at.clone()} y1="20" y2={px(rows.bottom() + 2.0)} />
                <text class="tick" x={at} y="14">{ format!("{} s", seconds(chunk.from + nth * tick, decimals)) }</text>
            </>
        }
    });
    let gaps = chunk.diagram.gaps.iter().map(|&(node, since, until)| {
        let (left, right) = (x(since.max(chunk.from)), x(until.min(chunk.until)));
        let y = px(rows.y(node.index()));
        let line = |class: &'static str| html! { <line {class} x1={px(left)} x2={px(right)} y1={y.clone()} y2={y.clone()} /> };
        html! { <>{ line("absent") }{ line("away") }</> }
    });
    let arrows = chunk.diagram.arrows.iter().map(|it| {
        // Lost on the way, or at the door of a node that was down.
        let away = |&(node, since, until): &(NodeId, Micros, Micros)| {
            node == it.to && (since..=until).contains(&it.until)
        };
        arrow(it, x(it.sent), x(it.until), *rows, chunk.diagram.gaps.iter().any(away))
    });
    let dots = chunk.diagram.dots.iter().map(|it| dot(it, x(it.time), *rows));
    let marks = chunk.marks.iter().map(|mark| foot(*mark, x(mark.time), rows.bottom()));
    html! {
        <g transform={translate((chunk.from as f64 * scale, 0.0))}>
            { for ticks }{ for gaps }{ for arrows }{ for dots }{ for marks }
        </g>
    }
}

/// How far a lost arrow gets: about half-way, but never onto the line of a node in between.
const LOST_AT: f64 = 0.44;

fn arrow(arrow: &Arrow, left: f64, right: f64, rows: Rows, away: bool) -> Html {
    let (from, to) = (rows.y(arrow.from.index()), rows.y(arrow.to.index()));
    let lost = !arrow.arrived && arrow.end.is_some();
    let to = if lost && !away { from + (to - from) * LOST_AT } else { to };
    let kind = if arrow.kind.reply { "reply" } else { "request" };
    let words =
        format!("{} {} → {}{}", arrow.kind.name, arrow.from, arrow.to, if lost { ", lost" } else { "" });
    let (x1, y1, x2, y2) = (px(left), px(from), px(right), px(to));
    html! {
        <g class={classes!("arrow", kind, lost.then_some("lost"))} data-event={arrow.end.unwrap_or(arrow.cause).to_string()}>
            <title>{ words }</title>
            <line class="hit" x1={x1.clone()} y1={y1.clone()} x2={x2.clone()} y2={y2.clone()} />
            <line x1={x1} y1={y1} x2={x2.clone()} y2={y2.clone()} />
            if lost {
                <path class="fault" d={crate::stage::cross(4.0)} transform={format!("translate({x2} {y2})")} />
            } else {
                <circle cx={x2} cy={y2} r="2.6" />
            }
        </g>
    }
}

fn dot(dot: &Dot, x: f64, rows: Rows) -> Html {
    let y = rows.y(dot.node.index());
    let at = translate((x, y));
    let shape = match dot.mark {
        Mark::Local => html! { <circle class="local" r="2.2" /> },
        Mark::Milestone | Mark::Repair => html! { <circle class="told" r="4" /> },
        Mark::Fault => html! { <path class="fault" d={crate::stage::cross(5.0)} /> },
        Mark::Violation => {
            html! { <><circle class="told violated" r="5" /><path class="fault" d={crate::stage::cross(2.5)} /></> }
        }
    };
    html! {
        <g class="dot" transform={at} data-event={dot.event.to_string()}>
            if !dot.label.is_empty() { <title>{ &dot.label }</title> }
            <circle class="hit" r="8" />
            { shape }
            if !dot.label.is_empty() && rows.pitch > 26.0 { <text class="word" y="-9">{ &dot.label }</text> }
        </g>
    }
}

/// A mark on the foot of the diagram.
fn foot(mark: Milestone, x: f64, bottom: f64) -> Html {
    let class = match mark.mark {
        Mark::Violation => "foot violated",
        Mark::Fault => "foot fault",
        Mark::Repair => "foot repair",
        Mark::Milestone | Mark::Local => return Html::default(),
    };
    html! {
        <g class={class} transform={translate((x, bottom + 4.0))} data-event={mark.event.to_string()}>
            <circle class="hit" cy="5" r="8" />
            <path d="M0 0 l5 9 h-10 z" />
        </g>
    }
}
