//! The signs of `docs/visual-language.md`, each a picture, drawn by the page's own code.

use crate::{drawn, picture, still};
use faultline_core::NodeId;
use faultline_core::title::{Kind, Layout};
use faultline_core::view::{
    Age, Card, Face, Held, Lane, LaneItem, LaneState, MessageView, NodeView, Outlook, Path, Poll, Sign,
    Story, View,
};
use faultline_web::picture::drawn::figure;
use faultline_web::picture::geometry::{Geometry, Side, px, translate};
use faultline_web::picture::signs;
use yew::prelude::*;

/// The size of a picture of a state: large, as small as names are, and as a speck in a crowd.
const STATE: (f64, f64) = (168.0, 92.0);
const SIZES: [(f64, f64); 3] = [(48.0, 26.0), (112.0, 12.0), (148.0, 6.0)];
/// The size of the pictures of what goes on beside nodes and between them.
const SCENE: (f64, f64) = (300.0, 92.0);

/// The pictures with their names.
///
/// # Errors
/// One sentence when one cannot be drawn.
pub fn all() -> Result<Vec<(&'static str, String)>, String> {
    let states = [
        ("idle", Sign::Idle),
        ("seeking", Sign::Seeking),
        ("leading", Sign::Leading),
        ("uncertain", Sign::Uncertain),
        ("blocked", Sign::Blocked),
        ("committed", Sign::Committed),
        ("aborted", Sign::Aborted),
        ("telling", Sign::Telling),
        ("stopped", Sign::Stopped),
        ("outside", Sign::Outside),
    ];
    let states = states.map(|(name, sign)| (name, node(1, Card { sign, ..Card::default() })));
    let plain = || node(1, Card::default());
    let matters = [
        ("crashed", NodeView { up: false, ..plain() }),
        ("paused", NodeView { paused: true, ..plain() }),
        ("taken", NodeView { taken: true, ..plain() }),
    ];
    let mut pictures = Vec::new();
    for (name, node) in states.into_iter().chain(matters) {
        pictures.push((name, state(node)?));
    }
    let voted = Card { voted: Some(NodeId(1)), ..Card::default() };
    let seeks = Card { sign: Sign::Seeking, ..Card::default() };
    pictures.push(("voted", scene(vec![node(0, voted), node(1, seeks)], Vec::new())?));
    for (name, home, newest) in
        [("newest", None, true), ("older", None, false), ("hint", Some(NodeId(4)), true)]
    {
        let (value, clock) = if newest { ("7", vec![2, 1]) } else { ("3", vec![1]) };
        let (key, value, age) = ("a".to_owned(), value.to_owned(), Age::Clock(clock));
        let card =
            Card { role: "replica", holds: vec![Held { key, value, age, home, newest }], ..Card::default() };
        pictures.push((name, scene(vec![node(1, card)], Vec::new())?));
    }
    let states = [LaneState::Ready, LaneState::Waiting, LaneState::Taken];
    let item = |state| LaneItem { text: String::new(), note: String::new(), state, changed: false };
    let lane = Lane { name: String::new(), note: String::new(), items: states.map(item).to_vec() };
    let queue = Card { role: "queue", lanes: vec![lane], ..Card::default() };
    pictures.push(("queue", scene(vec![node(1, queue)], Vec::new())?));
    let story = |says: &str, face| Story { about: String::new(), says: says.to_owned(), face: Some(face) };
    let told = [("story", "x=1", Face::One), ("other-story", "x=2", Face::Other)]
        .map(|(name, says, face)| (name, MessageView { story: Some(story(says, face)), ..message() }));
    let proved = ("bundle", MessageView { proofs: 3, ..message() });
    for (name, message) in told.into_iter().chain([proved]) {
        pictures
            .push((name, scene(vec![node(0, Card::default()), node(1, Card::default())], vec![message])?));
    }
    for (name, enough) in [("not-yet", 3), ("quorum", 2)] {
        let asked = (0..4).map(NodeId).collect();
        let poll = Some(Poll::new("votes".to_owned(), asked, Some(enough), &|it| it.index() < 2));
        let seeks = Card { sign: Sign::Seeking, poll, ..Card::default() };
        pictures.push((name, scene(vec![node(0, seeks), node(1, Card::default())], Vec::new())?));
    }
    let path =
        Path { name: "key 42".into(), nodes: vec![NodeId(0), NodeId(1)], hops: 1, outcome: "at n2".into() };
    let asks = Card { paths: vec![path], ..Card::default() };
    pictures.push(("way", scene(vec![node(0, asks), node(1, Card::default())], Vec::new())?));
    Ok(pictures)
}

fn node(id: u32, card: Card) -> NodeView {
    NodeView::plain(NodeId(id), card)
}

fn message() -> MessageView {
    MessageView {
        id: 0,
        name: String::new(),
        from: NodeId(0),
        to: NodeId(1),
        kind: Kind { name: "Prepare", letter: 'P', reply: false },
        text: String::new(),
        way: None,
        proofs: 0,
        story: None,
        cause: 0,
        sent: 0,
        until: 2,
        held: false,
        outlook: Outlook::Arrives,
    }
}

#[derive(Properties, PartialEq)]
struct StateProps {
    node: NodeView,
}

/// A state in all sizes.
#[component]
fn State(StateProps { node }: &StateProps) -> Html {
    let one = |(nth, (x, radius)): (usize, (f64, f64))| {
        let drawn = signs::figure(node, radius);
        let name = drawn.name.filter(|_| nth == 0);
        html! {
            <g class="node" transform={translate((x, STATE.1 / 2.0))}>
                { figure(&drawn) }
                if let Some(colour) = name { <text class={format!("name in-{}", colour.token())} y={px(if node.paused { -3.0 } else { radius * 0.24 })}>{ node.id.to_string() }</text> }
            </g>
        }
    };
    html! { <svg viewBox={format!("0 0 {} {}", px(STATE.0), px(STATE.1))}>{ for SIZES.into_iter().enumerate().map(one) }</svg> }
}

fn state(node: NodeView) -> Result<String, String> {
    let drawn =
        drawn::<State>(StateProps { node }).map_err(|error| format!("A sign cannot be drawn: {error}."))?;
    still(&drawn, STATE, &[]).map_err(|error| format!("A sign cannot be written: {error}."))
}

/// One node or two on a stage of their own.
fn scene(nodes: Vec<NodeView>, messages: Vec<MessageView>) -> Result<String, String> {
    let mut geometry = Geometry::new(Layout::Ring, &vec![0; nodes.len()], SCENE.0, SCENE.1);
    let across = if nodes.len() == 1 { vec![44.0] } else { vec![44.0, SCENE.0 - 44.0] };
    geometry.places = across.into_iter().map(|x| (x, SCENE.1 / 2.0)).collect();
    (geometry.radius, geometry.mark) = (26.0, 9.0);
    geometry.sides = if nodes.len() == 1 { vec![Side::Right] } else { vec![Side::Left, Side::Right] };
    let view =
        View { time: 1, horizon: 2, asked: Some(NodeId(0)), ..View::plain(Layout::Ring, nodes, messages) };
    picture(view, geometry, true)
}
