//! A sheet of what is taken away: what it is, the stage, the diagram, and the way back to the run.

use crate::lab::causality::Causality;
use crate::lab::{Chunk, Lab};
use crate::picture::geometry::{Geometry, px, translate};
use crate::picture::motion::Motion;
use crate::stage::Stage;
use crate::timeline::diagram::gutter;
use crate::timeline::diagram::still::{Still, height};
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::{Frontier, View};
use std::rc::Rc;
use yew::prelude::*;

/// The height of what stands above and below; the room on both sides of words.
const HEAD: f64 = 56.0;
const FOOT: f64 = 36.0;
const MARGIN: f64 = 16.0;
/// The distance of two lifelines.
const PITCH: f64 = 34.0;
/// The widths of letters of the title, and of all other words, at most.
const TITLE: f64 = 9.6;
const LETTER: f64 = 7.0;
/// The width of the time.
const CLOCK: f64 = 72.0;

/// All that a sheet shows.
#[derive(Clone, PartialEq)]
pub struct Shot {
    /// The moment.
    pub view: Rc<View>,
    /// How wide the sheet is.
    pub width: f64,
    /// What it is called.
    pub title: String,
    /// Of what and when it is.
    pub note: String,
    /// The time, where it goes on.
    pub clock: Option<String>,
    /// What happened last.
    pub news: Option<String>,
    /// The run, as a link.
    pub link: Option<String>,
    /// What is said of that.
    pub says: String,
    /// Where things stand on the stage, if that is shown.
    pub stage: Option<Rc<Geometry>>,
    /// What the diagram shows, if that is shown.
    pub diagram: Option<Window>,
    /// What is selected.
    pub selection: Option<Target>,
    /// Whether messages say their kinds.
    pub paused: bool,
}

/// What a diagram shows.
#[derive(Clone, PartialEq)]
pub struct Window {
    /// What happened.
    pub chunks: Vec<(u64, Rc<Chunk>)>,
    /// The cuts through the run.
    pub cuts: Rc<Vec<Frontier>>,
    /// The past and the future of what is looked at.
    pub causality: Option<Rc<Causality>>,
    /// Whose lifelines, and whether each is up.
    pub nodes: Vec<(NodeId, bool)>,
    /// Which of the ticks.
    pub zoom: usize,
    /// The first instant, in microseconds.
    pub first: f64,
    /// Where words begin, in pixels from time 0.
    pub edge: f64,
}

impl Window {
    /// What the diagram of a run shows at a width: all of a stretch, or what is around the playhead.
    pub fn of(lab: &mut Lab, width: f64, stretch: Option<(Micros, Micros)>) -> Self {
        let lifelines = width - gutter(width);
        match stretch {
            Some((from, until)) => lab.show_stretch(from, until, lifelines),
            None => _ = lab.follow(lifelines),
        }
        Window {
            chunks: lab.chunks(lifelines),
            cuts: lab.view.frontiers.clone(),
            causality: lab.causality(),
            nodes: lab.lives(),
            zoom: lab.zoom,
            first: lab.window,
            edge: lab.edge(),
        }
    }
}

impl Shot {
    /// The height of the stage, or where the diagram begins without one.
    fn of_stage(&self) -> f64 {
        self.stage.as_ref().map_or(0.0, |stage| stage.height)
    }

    /// The width and the height of the sheet.
    pub fn size(&self) -> (f64, f64) {
        let diagram = self.diagram.as_ref().map_or(0.0, |it| height(it.nodes.len(), PITCH) + 8.0);
        (self.width, HEAD + self.of_stage() + diagram + FOOT)
    }
}

/// A sheet to be drawn.
#[derive(Properties, PartialEq)]
pub struct SheetProps {
    /// What it shows.
    pub shot: Rc<Shot>,
    /// Who is told when all of it has been drawn in a browser.
    pub done: Callback<()>,
}

/// A sheet.
#[component]
pub fn Sheet(SheetProps { shot, done }: &SheetProps) -> Html {
    {
        let done = done.clone();
        use_effect_with((), move |()| done.emit(()));
    }
    let motion = use_memo(shot.view.time, |time| Motion::at(*time));
    let (width, height) = shot.size();
    let (wide, tall) = (px(width), px(height));
    let top = HEAD + shot.of_stage();
    let beside = if shot.clock.is_some() { CLOCK } else { 0.0 };
    html! {
        <svg class="sheet" viewBox={format!("0 0 {wide} {tall}")} width={wide.clone()} height={tall.clone()}>
            <rect class="sheet-paper" width={wide.clone()} height={tall} />
            { words("sheet-title", (MARGIN, 27.0), &shot.title, width, TITLE) }
            { words("sheet-note", (MARGIN, 46.0), &shot.note, width - beside, LETTER) }
            if let Some(clock) = &shot.clock { <text class="sheet-clock" x={px(width - MARGIN)} y="46" text-anchor="end">{ clock }</text> }
            if let Some(stage) = &shot.stage {
                <g transform={translate((0.0, HEAD))}>
                    <Stage view={shot.view.clone()} geometry={stage.clone()} selection={shot.selection} group={Vec::new()}
                        paused={shot.paused} motion={(*motion).clone()} dispatch={Callback::noop()} still=true />
                </g>
            }
            if let Some(it) = &shot.diagram {
                <g transform={translate((0.0, top))}>
                    <Still chunks={it.chunks.clone()} cuts={it.cuts.clone()} causality={it.causality.clone()} nodes={it.nodes.clone()}
                        selection={shot.selection} zoom={it.zoom} first={it.first} edge={it.edge} {width} pitch={PITCH} time={shot.view.time} />
                </g>
            }
            { foot(shot, (width, height)) }
        </svg>
    }
}

/// What happened last, and the way back to the run.
fn foot(shot: &Shot, (width, height): (f64, f64)) -> Html {
    let y = height - 13.0;
    let beside = shot.says.chars().count() as f64 * LETTER + MARGIN;
    let link = html! { <text class="sheet-link" x={px(width - MARGIN)} y={px(y)} text-anchor="end">{ &shot.says }</text> };
    html! {
        <>
            <line class="sheet-hair" x1="0" x2={px(width)} y1={px(height - FOOT)} y2={px(height - FOOT)} />
            if let Some(news) = &shot.news { { words("sheet-note", (MARGIN, y), news, width - beside, LETTER) } }
            if let Some(address) = &shot.link { <a href={address.clone()} target="_top">{ link }</a> } else { { link } }
        </>
    }
}

/// Words on one line, cut where they have no room.
fn words(class: &'static str, (x, y): (f64, f64), says: &str, width: f64, letter: f64) -> Html {
    let room = ((width - x - MARGIN) / letter).max(8.0) as usize;
    let mut line: String = says.chars().map(|it| if it.is_control() { ' ' } else { it }).take(room).collect();
    if says.chars().count() > room {
        line.pop();
        line.push('…');
    }
    html! { <text {class} x={px(x)} y={px(y)}>{ line }</text> }
}
