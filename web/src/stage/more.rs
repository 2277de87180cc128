//! What the stage is drawn without at first: what connects nodes, the places of the words of messages, and all that is
//! painted. It is a part of the page, which is fetched when the stage has been drawn; then that is drawn again.

use super::StageProps;
use super::connects::Connects;
use super::labels::{self, Spot};
use crate::crowd::Crowd;
use crate::crowd::paint::{Brush, Selected};
use crate::crowd::swarm::{Swarm, menu, picker};
use crate::parts::room;
use crate::picture::geometry::{Geometry, Point};
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::view::View;
use gloo::render::request_animation_frame;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

/// Paints all of a moment.
pub type Paint = Box<dyn FnMut(&View, &Geometry, Micros)>;

/// What leads to it.
pub(super) struct More {
    /// The picture where there are too many nodes to draw them.
    pub(super) crowd: fn(&StageProps) -> Html,
    /// The messages where there are too many to draw them.
    pub(super) swarm: fn(&StageProps) -> Swarming,
    /// What connects nodes, and words.
    pub(super) words: fn(&StageProps) -> Words,
    /// What paints on a canvas.
    paint: fn(HtmlCanvasElement) -> Option<Paint>,
}

/// Messages that are painted.
#[derive(Default)]
pub(super) struct Swarming {
    pub(super) picture: Html,
    /// What finds out what is at a place of the picture.
    pub(super) pick: Option<Callback<Point, Option<Target>>>,
    /// What opens the menu of that.
    pub(super) menu: Option<Callback<MouseEvent>>,
}

/// What has words.
#[derive(Default)]
pub(super) struct Words {
    /// What connects nodes.
    pub(super) connects: Html,
    /// Where the word of each message stands; none where none is shown.
    pub(super) labels: Vec<Option<Spot>>,
}

static ALL: More = More { crowd, swarm, words, paint };

room! {
    /// All of it.
    MORE, more: &'static More = &ALL
}

/// What paints on a canvas, once that is here; nothing where it cannot be had.
pub async fn painter(canvas: HtmlCanvasElement) -> Option<Paint> {
    (MORE.come().await?.paint)(canvas)
}

/// Waits for what has words; whether that is here.
pub async fn arrived() -> bool {
    MORE.come().await.is_some()
}

/// What leads to it, if it is here, and what is said where it cannot be had. It is fetched once the stage has been drawn for
/// the first time, and then the stage is drawn again.
#[hook]
pub(super) fn use_more() -> (Option<&'static More>, Option<Html>) {
    let again = use_force_update();
    let then = Callback::from(move |()| again.force_update());
    let lost = MORE.lost(&then);
    use_effect_with((), move |()| {
        // Something moves in the second frame, and shall not wait for this.
        let second = Rc::new(RefCell::new(None));
        let kept = second.clone();
        let first = request_animation_frame(move |_| {
            *kept.borrow_mut() = Some(request_animation_frame(move |_| MORE.enter(then)));
        });
        move || drop((first, second))
    });
    (MORE.here(), lost)
}

fn selected(props: &StageProps) -> Selected {
    Selected { target: props.selection, group: props.group.clone() }
}

fn crowd(props: &StageProps) -> Html {
    let StageProps { view, geometry, motion, dispatch, .. } = props;
    html! {
        <Crowd view={view.clone()} geometry={geometry.clone()} selected={selected(props)} motion={motion.clone()} dispatch={dispatch.clone()} />
    }
}

fn swarm(props: &StageProps) -> Swarming {
    let StageProps { view, geometry, motion, dispatch, .. } = props;
    let pick = picker(view, geometry, motion);
    let menu = menu(&pick, dispatch);
    let picture = html! { <Swarm view={view.clone()} geometry={geometry.clone()} selected={selected(props)} motion={motion.clone()} /> };
    Swarming { picture, pick: Some(pick), menu: Some(menu) }
}

fn words(props: &StageProps) -> Words {
    let StageProps { view, geometry, .. } = props;
    let (chosen, says) = (props.chosen(), props.says_kinds());
    let (quorums, way) = (view.quorums(chosen), view.way(chosen));
    let has_words = says || !quorums.is_empty() || way.is_some();
    let mut taken = if has_words { labels::occupied(geometry, view) } else { Vec::new() };
    let connects = Connects::of(quorums, way, geometry, &mut taken).draw(geometry);
    let labels = if says { labels::place(geometry, view, taken) } else { Vec::new() };
    Words { connects, labels }
}

fn paint(canvas: HtmlCanvasElement) -> Option<Paint> {
    let mut brush = Brush::new(canvas)?;
    let nothing = Selected::default();
    Some(Box::new(move |view, geometry, time| {
        brush.begin(geometry);
        brush.still(view, geometry, &nothing);
        brush.arcs(view, geometry, time);
        brush.messages(view, geometry, time, &nothing);
    }))
}
