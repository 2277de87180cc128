//! The space–time diagram, which is also the timeline: lifelines, messages as arrows, the playhead. It is drawn in
//! chunks of time that are remembered, on a layer that only moves: between two events two transforms change and
//! nothing is painted.

use crate::causality::{Causality, edge};
use crate::geometry::{px, translate};
use crate::lasso::capture;
use crate::motion::Motion;
use crate::msg::Do;
use crate::store::{CHUNK_TICKS, Chunk, TICK_WIDTH, TICKS};
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::{Micros, seconds};
use faultline_core::view::{Arrow, Dot, Ending, Mark, Milestone};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// Height of the time axis.
const AXIS: f64 = 20.0;
/// Room above the first lifeline.
const HEAD: f64 = 10.0;
/// Height of the foot with its marks.
const FOOT: f64 = 16.0;
/// The least distance of two lifelines.
const TIGHTEST: f64 = 14.0;
/// Shorter drags are clicks.
const CLICK: f64 = 5.0;

/// Lifelines that are closer have their arrows drawn together.
const DENSE: f64 = 18.0;
/// Every so many chunks positions begin to count anew.
const REBASE: u64 = 64;

/// What the diagram shows.
#[derive(Properties, PartialEq)]
pub struct DiagramProps {
    /// The chunks in sight.
    pub chunks: Vec<(u64, Rc<Chunk>)>,
    /// The past and the future of what is looked at.
    pub causality: Option<Rc<Causality>>,
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

/// The time at a place of the window.
fn time_at(event: &PointerEvent, window: f64, scale: f64) -> Option<Micros> {
    let picture = target_of(event)?.closest(".diagram-picture").ok()??.get_bounding_client_rect();
    let time = window + (f64::from(event.client_x()) - picture.left() - gutter(picture.width())) / scale;
    Some(time.max(0.0) as Micros)
}

fn target_of(event: &PointerEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The event whose mark is under the pointer.
fn marked(event: &PointerEvent) -> Option<usize> {
    let mark = target_of(event)?.closest(".arrow, .dot, .foot").ok()??;
    mark.get_attribute("data-event")?.parse().ok()
}

/// Whether the pointer is on a name, or on the bar that scrolls.
fn is_beside(event: &PointerEvent) -> bool {
    target_of(event).is_some_and(|it| it.matches(".lines, .names, .names *").unwrap_or(false))
}

/// What a pointer that is down does: where it went down, on the mark of which event, and whether it scrubs.
#[derive(Clone, Copy)]
struct Held {
    x: f64,
    mark: Option<usize>,
    scrubs: bool,
}

/// The diagram.
#[component]
pub fn SpaceTime(props: &DiagramProps) -> Html {
    let DiagramProps { chunks, causality, nodes, selection, zoom, size, motion, dispatch } = props;
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
    let names = nodes.iter().enumerate().map(|(place, &(id, up))| {
        let y = rows.y(place);
        let target = Target::Node(id);
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Select(Some(target)));
        let class =
            classes!("name", (!up).then_some("down"), (*selection == Some(target)).then_some("selected"), (id.index() > 998).then_some("long"));
        html! { <text {class} data-is={id.to_string()} x="24" y={px(y + 4.5)} {onclick}>{ id.to_string() }</text> }
    });
    let lines = nodes.iter().enumerate().map(|(place, (id, _))| {
        let y = px(rows.y(place));
        html! { <line class="life" data-is={id.to_string()} x1={px(gutter)} x2={px(width)} y1={y.clone()} y2={y} /> }
    });
    let left = |number: &u64| ((number - rebase) * CHUNK_TICKS) as f64 * TICK_WIDTH;
    let tall = px(rows.bottom());
    // What goes on below its edge is scrolled by keys, too.
    let scrolls = (rows.bottom() > room + 0.5).then_some("0");
    html! {
        <div class={classes!("diagram-picture", (gutter < 50.0).then_some("narrow"))} style={format!("--gutter: {gutter}px")}
            {onpointerdown} {onpointermove} {onpointerup} {onpointercancel}>
            <div class="strip axis" aria-hidden="true"><div ref={axis} class="moving">
                { for chunks.iter().map(|(number, chunk)| html! { <Axis key={*number} from={chunk.from} zoom={*zoom} left={left(number)} /> }) }
            </div></div>
            <div class="lines" tabindex={scrolls} role={scrolls.map(|_| "group")} aria-label={scrolls.map(|_| "Lifelines")}>
                <div class="sheet-of-lines" role="img" style={format!("height: {tall}px")}
                    aria-label="Space–time diagram: a line for every node, an arrow for every message. The slider below moves through it.">
                    <svg class="lives" width={px(width)} height={tall.clone()}>{ for lines }</svg>
                    <div ref={content} class="moving">
                        <Wash causality={causality.clone()} rows={rows.clone()} scale={TICK_WIDTH / TICKS[*zoom] as f64} {origin}
                            span={chunks.first().zip(chunks.last()).map(|((_, first), (_, last))| (first.from, last.until))} />
                        { for chunks.iter().map(|(number, chunk)| html! {
                            <ChunkView key={*number} chunk={chunk.clone()} causality={causality.clone()} zoom={*zoom} rows={rows.clone()}
                                left={left(number)} />
                        }) }
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

type OnPointer = Callback<PointerEvent>;

/// A press on a mark goes to its event, one beside them to the time that is there; dragged, it scrubs. The listeners for
/// a pointer that goes down, moves, is let go, and is taken away by the browser.
#[hook]
fn use_scrub(motion: &Motion, dispatch: &Callback<Do>) -> (OnPointer, OnPointer, OnPointer, OnPointer) {
    let held = use_mut_ref(|| None::<Held>);
    let scrub = {
        let (motion, dispatch) = (motion.clone(), dispatch.clone());
        move |event: &PointerEvent| {
            let (window, scale) = motion.window();
            if let Some(time) = time_at(event, window, scale) {
                dispatch.emit(Do::Drag(time));
            }
        }
    };
    let down = {
        let (held, scrub) = (held.clone(), scrub.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 || is_beside(&event) {
                return;
            }
            let mark = marked(&event);
            capture(&event, ".diagram-picture");
            // A finger may be about to scroll: it scrubs when it goes sideways, or is lifted.
            let scrubs = mark.is_none() && event.pointer_type() != "touch";
            held.replace(Some(Held { x: f64::from(event.client_x()), mark, scrubs }));
            if scrubs {
                scrub(&event);
            }
        })
    };
    let on = {
        let (held, scrub) = (held.clone(), scrub.clone());
        Callback::from(move |event: PointerEvent| {
            let Some(mut now) = *held.borrow() else { return };
            now.scrubs |= (f64::from(event.client_x()) - now.x).abs() > CLICK;
            held.replace(Some(now));
            if now.scrubs {
                scrub(&event);
            }
        })
    };
    let up = {
        let (held, dispatch) = (held.clone(), dispatch.clone());
        Callback::from(move |event: PointerEvent| match held.take() {
            Some(Held { scrubs: false, mark: Some(after), .. }) => dispatch.emit(Do::Event(after + 1)),
            Some(Held { scrubs: false, .. }) => scrub(&event),
            _ => {}
        })
    };
    let cancel = Callback::from(move |_: PointerEvent| _ = held.take());
    (down, on, up, cancel)
}

/// The lifelines: of which nodes, in order.
#[derive(Clone, PartialEq)]
struct Rows {
    pitch: f64,
    nodes: Rc<Vec<NodeId>>,
}

impl Rows {
    fn y(&self, place: usize) -> f64 {
        HEAD + self.pitch * (place as f64 + 0.5)
    }

    /// The lifeline of a node; nothing is drawn of others.
    fn of(&self, node: NodeId) -> f64 {
        self.y(self.nodes.binary_search(&node).unwrap_or_default())
    }

    fn bottom(&self) -> f64 {
        HEAD + self.pitch * self.nodes.len() as f64
    }
}

#[derive(Properties, PartialEq)]
struct WashProps {
    causality: Option<Rc<Causality>>,
    rows: Rows,
    scale: f64,
    origin: f64,
    /// From when until when the diagram is drawn.
    span: Option<(Micros, Micros)>,
}

/// The past and the future of an event as washes behind the lifelines.
#[component]
fn Wash(WashProps { causality, rows, scale, origin, span }: &WashProps) -> Html {
    let (Some(causality), Some((from, until))) = (causality, span) else { return Html::default() };
    let x = |time: Micros| time as f64 * scale - origin;
    let (left, right) = (x(*from), x(*until));
    let shape = |reach: Vec<f64>, border: f64| {
        let bound = |(x, y): (f64, f64)| format!("{} {}", px(x.clamp(left, right)), px(y));
        let edge: Vec<_> = edge(&reach, |row| rows.y(row), rows.pitch).into_iter().map(bound).collect();
        let (top, bottom) = (px(rows.y(0) - rows.pitch / 2.0), px(rows.bottom()));
        format!("M{border} {top} L{} L{border} {bottom} Z", edge.join(" L"), border = px(border))
    };
    let fronts = || rows.nodes.iter().filter_map(|node| causality.fronts.get(node.index()));
    let past = fronts().map(|(last, _)| last.map_or(left, x)).collect();
    let future = fronts().map(|(_, first)| first.map_or(right, x)).collect();
    html! {
        <svg class="washes" width="1" height={px(rows.bottom())}>
            <path class="wash past" d={shape(past, left)} />
            <path class="wash future" d={shape(future, right)} />
        </svg>
    }
}

#[derive(Properties, PartialEq)]
struct AxisProps {
    from: Micros,
    zoom: usize,
    left: f64,
}

/// The width of a chunk.
const CHUNK_WIDTH: f64 = CHUNK_TICKS as f64 * TICK_WIDTH;

/// The times over a chunk.
#[component]
fn Axis(AxisProps { from, zoom, left }: &AxisProps) -> Html {
    let tick = TICKS[*zoom];
    let decimals = match tick {
        0..1_000 => 4,
        1_000..10_000 => 3,
        10_000..1_000_000 => 2,
        _ => 0,
    };
    let ticks = (0..CHUNK_TICKS).map(|nth| {
        let at = px(nth as f64 * TICK_WIDTH);
        html! { <text class="tick" x={at} y="14">{ format!("{} s", seconds(from + nth * tick, decimals)) }</text> }
    });
    html! { <svg class="chunk" style={format!("left: {}px", px(*left))} width={px(CHUNK_WIDTH)} height={px(AXIS)}>{ for ticks }</svg> }
}

#[derive(Properties, PartialEq)]
struct FeetProps {
    chunk: Rc<Chunk>,
    zoom: usize,
    left: f64,
}

/// The marks under a chunk.
#[component]
fn Feet(FeetProps { chunk, zoom, left }: &FeetProps) -> Html {
    let scale = TICK_WIDTH / TICKS[*zoom] as f64;
    let marks = chunk.marks.iter().map(|mark| foot(*mark, (mark.time as f64 - chunk.from as f64) * scale));
    html! { <svg class="chunk" style={format!("left: {}px", px(*left))} width={px(CHUNK_WIDTH)} height={px(FOOT)}>{ for marks }</svg> }
}

#[derive(Properties, PartialEq)]
struct ChunkProps {
    chunk: Rc<Chunk>,
    causality: Option<Rc<Causality>>,
    zoom: usize,
    rows: Rows,
    left: f64,
}

#[component]
fn ChunkView(ChunkProps { chunk, causality, zoom, rows, left }: &ChunkProps) -> Html {
    let scale = TICK_WIDTH / TICKS[*zoom] as f64;
    let x = |time: Micros| (time as f64 - chunk.from as f64) * scale;
    let ticks = (0..CHUNK_TICKS).map(|nth| {
        let at = px(nth as f64 * TICK_WIDTH);
        html! { <line class="tick" x1={at.clone()} x2={at} y1="0" y2={px(rows.bottom())} /> }
    });
    let gaps = chunk.diagram.gaps.iter().map(|&(node, since, until)| {
        let (left, right) = (x(since.max(chunk.from)), x(until.min(chunk.until)));
        let y = px(rows.of(node));
        let line = |class: &'static str| html! { <line {class} x1={px(left)} x2={px(right)} y1={y.clone()} y2={y.clone()} /> };
        html! { <>{ line("absent") }{ line("away") }</> }
    });
    let related = |event: usize| causality.as_ref().and_then(|it| it.relation(event).class());
    let arrows = if rows.pitch < DENSE {
        dense(&chunk.diagram.arrows, x, rows, related)
    } else {
        html! { { for chunk.diagram.arrows.iter().map(|it| arrow(it, x(it.sent), x(it.until), rows, related)) } }
    };
    let words = places(&chunk.diagram.dots, x, CHUNK_WIDTH, rows);
    let dots = chunk
        .diagram
        .dots
        .iter()
        .zip(words)
        .map(|(it, word)| dot(it, x(it.time), rows, word, related(it.event)));
    html! {
        <svg class="chunk" style={format!("left: {}px", px(*left))} width={px(CHUNK_WIDTH)} height={px(rows.bottom())}>
            { for ticks }{ for gaps }{ arrows }{ for dots }
        </svg>
    }
}

/// How far a lost message gets in the picture.
const LOST_AT: f64 = 0.44;

/// Where an arrow ends.
fn end_of(arrow: &Arrow, rows: &Rows) -> f64 {
    let (from, to) = (rows.of(arrow.from), rows.of(arrow.to));
    match arrow.ending {
        Ending::Arrived | Ending::Flying => to,
        Ending::LostAtEnd => to - (to - from).signum() * 5.0,
        Ending::LostOnTheWay | Ending::Dropped => from + (to - from) * LOST_AT,
    }
}

fn arrow(
    arrow: &Arrow,
    left: f64,
    right: f64,
    rows: &Rows,
    related: impl Fn(usize) -> Option<&'static str>,
) -> Html {
    let end = match arrow.ending {
        Ending::Arrived => "",
        Ending::LostOnTheWay => ", lost on the way",
        Ending::LostAtEnd => ", lost at the end of its way",
        Ending::Dropped => ", dropped",
        Ending::Flying => ", under way",
    };
    let lost = !matches!(arrow.ending, Ending::Arrived | Ending::Flying);
    let kind = if arrow.kind.reply { "reply" } else { "request" };
    let words = format!("{} {} → {}{end}", arrow.kind.name, arrow.from, arrow.to);
    let relation = related(arrow.end.unwrap_or(arrow.cause));
    let (x1, y1, x2, y2) = (px(left), px(rows.of(arrow.from)), px(right), px(end_of(arrow, rows)));
    let way = way(arrow.cause, arrow.from, arrow.to);
    let is = arrow.end.map_or(way.clone(), |event| format!("{way} e{event}"));
    html! {
        <g class={classes!("arrow", kind, lost.then_some("lost"), relation)} data-event={arrow.end.unwrap_or(arrow.cause).to_string()}
            data-is={is} data-lights={format!("{way} e{} {} {} {}", arrow.cause, arrow.end.map(|event| format!("e{event}")).unwrap_or_default(), arrow.from, arrow.to)}>
            <title>{ words }</title>
            <line class="hit" x1={x1.clone()} y1={y1.clone()} x2={x2.clone()} y2={y2.clone()} />
            <line x1={x1} y1={y1} x2={x2.clone()} y2={y2.clone()} />
            if lost {
                <path class="fault" d={crate::shapes::cross(4.0)} transform={format!("translate({x2} {y2})")} />
            } else if arrow.ending == Ending::Arrived {
                <circle cx={x2} cy={y2} r="2.6" />
            }
        </g>
    }
}

/// What a message is called where the same thing is lit in all views: the event that sent it, and its link.
pub fn way(cause: usize, from: NodeId, to: NodeId) -> String {
    format!("m{cause}:{from}>{to}")
}

/// Arrows where lifelines lie close: one path for all that look alike. A click goes to its time.
fn dense(
    arrows: &[Arrow],
    x: impl Fn(Micros) -> f64,
    rows: &Rows,
    related: impl Fn(usize) -> Option<&'static str>,
) -> Html {
    let mut paths: Vec<((&'static str, Option<&'static str>), String)> = Vec::new();
    let mut add = |sort, way: &str| match paths.iter_mut().find(|(other, _)| *other == sort) {
        Some((_, path)) => path.push_str(way),
        None => paths.push((sort, way.to_owned())),
    };
    for arrow in arrows {
        let kind = if arrow.kind.reply { "reply" } else { "request" };
        let relation = related(arrow.end.unwrap_or(arrow.cause));
        let (right, end) = (px(x(arrow.until)), px(end_of(arrow, rows)));
        let way = format!("M{} {}L{right} {end}", px(x(arrow.sent)), px(rows.of(arrow.from)));
        add((kind, relation), &way);
        if !matches!(arrow.ending, Ending::Arrived | Ending::Flying) {
            let cross = format!("M{right} {end}m-2.5 -2.5l5 5m-5 0l5 -5");
            add(("fault", None), &cross);
        }
    }
    let path = |((kind, relation), d): ((&'static str, Option<&'static str>), String)| {
        html! { <path class={classes!("ways", kind, relation)} {d} /> }
    };
    html! { <>{ for paths.into_iter().map(path) }</> }
}

/// Where the words of dots stand: the place of each, or none where it would cover another one.
fn places(dots: &[Dot], x: impl Fn(Micros) -> f64, width: f64, rows: &Rows) -> Vec<Option<f64>> {
    let mut taken = vec![f64::NEG_INFINITY; rows.nodes.len()];
    let roomy = rows.pitch > 26.0;
    let place = |dot: &Dot| {
        let half = dot.label.chars().count() as f64 * 3.3 + 2.0;
        let at = x(dot.time).clamp(half, (width - half).max(half));
        let row = rows.nodes.binary_search(&dot.node).ok()?;
        let end = taken.get_mut(row).filter(|_| roomy && !dot.label.is_empty())?;
        let free = at - half > *end + 4.0;
        free.then(|| {
            *end = at + half;
            at - x(dot.time)
        })
    };
    dots.iter().map(place).collect()
}

fn dot(dot: &Dot, x: f64, rows: &Rows, word: Option<f64>, relation: Option<&'static str>) -> Html {
    let y = rows.of(dot.node);
    let at = translate((x, y));
    let shape = match dot.mark {
        Mark::Local => html! { <circle class="local" r="2.2" /> },
        Mark::Milestone | Mark::Repair => html! { <circle class="told" r="4" /> },
        Mark::Fault => html! { <path class="fault" d={crate::shapes::cross(5.0)} /> },
        Mark::Violation => {
            html! { <><circle class="told violated" r="5" /><path class="fault" d={crate::shapes::cross(2.5)} /></> }
        }
    };
    html! {
        <g class={classes!("dot", relation)} transform={at} data-event={dot.event.to_string()} data-is={format!("e{}", dot.event)} data-lights={format!("e{} {}", dot.event, dot.node)}>
            if !dot.label.is_empty() { <title>{ &dot.label }</title> }
            if rows.pitch > DENSE { <circle class="hit" r="8" /> }
            { shape }
            if let Some(shift) = word { <text class="word" x={px(shift)} y="-9">{ &dot.label }</text> }
        </g>
    }
}

/// A mark on the foot of the diagram.
fn foot(mark: Milestone, x: f64) -> Html {
    let class = match mark.mark {
        Mark::Violation => "foot violated",
        Mark::Fault => "foot fault",
        Mark::Repair => "foot repair",
        Mark::Milestone | Mark::Local => return Html::default(),
    };
    html! {
        <g class={class} transform={translate((x, 4.0))} data-event={mark.event.to_string()} data-is={format!("e{}", mark.event)}>
            <circle class="hit" cy="5" r="8" />
            <path d="M0 0 l5 9 h-10 z" />
        </g>
    }
}
