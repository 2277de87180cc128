//! A stage for the bench of frames, at `#/bench/NODES/MESSAGES`: a View that no run has made, drawn by the very code that
//! draws runs. At every frame time goes on and messages arrive, and as many are sent, so every frame has events in it.

use crate::browser;
use crate::picture::geometry::Geometry;
use crate::picture::motion::Motion;
use crate::stage::Stage;
use faultline_core::NodeId;
use faultline_core::session::Target;
use faultline_core::time::Micros;
use faultline_core::title::{Kind, Layout};
use faultline_core::view::{Card, MOST_WORDED, MessageView, NodeView, Outlook, TimerView, View};
use faultline_core::world::CROWD;
use gloo::render::{AnimationFrame, request_animation_frame};
use std::rc::Rc;
use yew::prelude::*;

/// How far a frame goes on: sixty a second, a hundred times slower than real time.
const FRAME: Micros = 167;
/// How long a message takes.
const LATENCY: Micros = 10_000;
const SIZE: (f64, f64) = (1_040.0, 500.0);
const REQUEST: Kind = Kind { name: "Append", letter: 'A', reply: false };
const REPLY: Kind = Kind { name: "Appended", letter: 'A', reply: true };

/// How much is drawn.
#[derive(Clone, Properties, PartialEq)]
pub struct BenchProps {
    nodes: u32,
    messages: u64,
}

/// What the address asks for, if it asks for the bench.
pub fn wanted() -> Option<BenchProps> {
    let address = browser::address::fragment();
    let (nodes, messages) = address.strip_prefix("/bench/")?.split_once('/')?;
    Some(BenchProps { nodes: nodes.parse().ok()?, messages: messages.parse().ok()? })
}

/// The stage.
pub struct Bench {
    view: Rc<View>,
    geometry: Rc<Geometry>,
    motion: Motion,
    sent: u64,
    frame: AnimationFrame,
}

fn node(id: u32, crowd: bool) -> NodeView {
    let card = Card { role: "follower", badge: "term 4".into(), ..Card::default() };
    let fires = 150_000 + Micros::from(id % 50) * 3_000;
    // Of a crowd a session shows a glance.
    let timers = if crowd { Vec::new() } else { vec![TimerView { name: "Election".into(), set: 0, fires }] };
    NodeView { timers, ..NodeView::plain(NodeId(id), card) }
}

fn message(id: u64, props: &BenchProps, sent: Micros) -> MessageView {
    let nodes = props.nodes;
    // A session gives words to no crowd.
    let words = |words: String| if props.messages as usize > MOST_WORDED { String::new() } else { words };
    let from = id as u32 % nodes;
    let to = (from + 1 + (id as u32 / nodes * 7) % (nodes - 1)) % nodes;
    MessageView {
        id,
        name: words(format!("n{from}>n{to} Append")),
        from: NodeId(from),
        to: NodeId(to),
        kind: if id.is_multiple_of(2) { REQUEST } else { REPLY },
        story: None,
        way: None,
        proofs: 0,
        text: words(format!("Append term 4, entry {id}")),
        cause: id as usize,
        sent,
        until: sent + LATENCY,
        held: false,
        outlook: if id.is_multiple_of(50) { Outlook::Lost } else { Outlook::Arrives },
    }
}

fn next(ctx: &Context<Bench>) -> AnimationFrame {
    let link = ctx.link().clone();
    request_animation_frame(move |_| link.send_message(()))
}

impl Component for Bench {
    type Message = ();
    type Properties = BenchProps;

    fn create(ctx: &Context<Self>) -> Self {
        let BenchProps { nodes, messages } = *ctx.props();
        let sent = |id: u64| id * LATENCY / messages;
        let layout = if nodes > 200 { Layout::Grid } else { Layout::Ring };
        let shown = (0..nodes).map(|id| node(id, nodes > CROWD)).collect();
        let under_way = (1..=messages).map(|id| message(id, ctx.props(), sent(id))).collect();
        let view = View { time: LATENCY, horizon: LATENCY, ..View::plain(layout, shown, under_way) };
        let geometry = Rc::new(Geometry::of(&view, SIZE.0, SIZE.1));
        Bench { view: Rc::new(view), geometry, motion: Motion::default(), sent: messages, frame: next(ctx) }
    }

    fn update(&mut self, ctx: &Context<Self>, (): ()) -> bool {
        let mut view = (*self.view).clone();
        view.time += FRAME;
        view.messages.retain(|message| message.until > view.time);
        while (view.messages.len() as u64) < ctx.props().messages {
            self.sent += 1;
            view.messages.push(message(self.sent, ctx.props(), view.time));
        }
        self.view = Rc::new(view);
        self.frame = next(ctx);
        true
    }

    fn view(&self, _: &Context<Self>) -> Html {
        html! {
            <div class="stage" id="bench" style={format!("width: {}px; height: {}px", SIZE.0, SIZE.1)}>
                <Stage view={self.view.clone()} geometry={self.geometry.clone()} selection={None::<Target>} group={Vec::new()}
                    paused={false} motion={self.motion.clone()} dispatch={Callback::noop()} />
            </div>
        }
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.motion.place(self.view.time);
    }
}
