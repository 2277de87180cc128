//! What nodes know: a card for every node, and the panels that the protocol chose from the fixed set, a file each. Those that
//! it is about stand beside the stage.

use crate::kit::prose::{node_name, who};
use crate::wishes::Do;
use crate::wishes::question::Question;
use faultline_core::NodeId;
use faultline_core::curves::Curves;
use faultline_core::measure::Measures;
use faultline_core::session::Target;
use faultline_core::title::Panel;
use faultline_core::view::{Field, NodeView, Operations, Poll, View};
use std::rc::Rc;
use yew::prelude::*;

pub mod blocks;
pub mod chart;
pub mod clocks;
pub mod history;
pub mod lanes;
pub mod logs;
pub mod measures;
pub mod members;
pub mod paths;
pub mod records;
pub mod table;

/// The most cards; with more nodes there is one for the selected node only.
const MOST_CARDS: usize = 64;

/// The most pips; of more there are only words.
const MOST_PIPS: usize = 15;

/// What the panels show.
#[derive(Properties, PartialEq)]
pub struct PanelsProps {
    /// The moment.
    pub view: Rc<View>,
    /// The protocol's curves, where it has any.
    pub curves: Rc<Vec<Curves>>,
    /// What clients asked and were told, where there are any.
    pub operations: Option<Rc<Operations>>,
    /// What it cost so far, once that is counted.
    pub measures: Option<Rc<Measures>>,
    /// What is selected.
    pub selection: Option<Target>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// All of the state.
#[component]
pub fn Panels(props: &PanelsProps) -> Html {
    let PanelsProps { view, curves, operations, measures, selection, dispatch } = props;
    let crowd = view.nodes.len() > MOST_CARDS;
    let shown = view.nodes.iter().filter(|node| !crowd || *selection == Some(Target::Node(node.id)));
    html! {
        <div class="panels" tabindex="0" role="group" aria-label="State of all nodes">
            { for view.panels.iter().map(|it| panel(*it, view, (curves, false), operations.as_ref(), dispatch)) }
            <section aria-label="Nodes">
                <h3>{ "Nodes" }</h3>
                if crowd { <p class="legend">{ "Select a node on the stage to see what it knows." }</p> }
                <div class="cards">{ for shown.map(|node| card(node, *selection, dispatch)) }</div>
            </section>
            <measures::Cost measures={measures.clone()} />
        </div>
    }
}

/// What the picture of a protocol shows.
#[derive(Properties, PartialEq)]
pub struct PictureProps {
    /// The moment.
    pub view: Rc<View>,
    /// The protocol's curves, where it has any.
    pub curves: Rc<Vec<Curves>>,
    /// What clients asked and were told, where there are any.
    pub operations: Option<Rc<Operations>>,
    /// Whether there is little room.
    pub low: bool,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// What the protocol is about: the panels that stand beside the stage.
#[component]
pub fn Picture(PictureProps { view, curves, operations, low, dispatch }: &PictureProps) -> Html {
    html! {
        <div class="panels" tabindex="0" role="group" aria-label="Panels of the protocol">
            { for view.picture.iter().map(|it| panel(*it, view, (curves, *low), operations.as_ref(), dispatch)) }
        </div>
    }
}

/// What a panel is called.
pub fn name(panel: Panel, view: &View) -> &'static str {
    match panel {
        Panel::Logs => "Logs",
        Panel::Records => "Log records",
        Panel::Blocks => "Logs as a tree",
        Panel::Table => "Values",
        Panel::Clocks => "Clocks",
        Panel::Members => "Members",
        Panel::Lanes => view.lane_words.all,
        Panel::Paths => "Request paths",
        Panel::History => "Client requests and answers",
        Panel::Charts => "Curves",
    }
}

/// A panel; nothing, where it has nothing to show.
fn panel(
    panel: Panel,
    view: &Rc<View>,
    (curves, low): (&[Curves], bool),
    operations: Option<&Rc<Operations>>,
    dispatch: &Callback<Do>,
) -> Html {
    match panel {
        Panel::Logs => html! { <logs::Logs view={view.clone()} dispatch={dispatch.clone()} /> },
        Panel::Records => html! { <records::Records view={view.clone()} dispatch={dispatch.clone()} /> },
        Panel::Blocks => html! { <blocks::Tree view={view.clone()} /> },
        Panel::Table => html! { <table::Table view={view.clone()} dispatch={dispatch.clone()} /> },
        Panel::Clocks => html! { <clocks::Clocks view={view.clone()} /> },
        Panel::Members => html! { <members::Members view={view.clone()} /> },
        Panel::Lanes => html! { <lanes::Lanes view={view.clone()} /> },
        Panel::Paths => html! { <paths::Paths view={view.clone()} /> },
        Panel::History => match operations {
            Some(operations) => html! { <history::History operations={operations.clone()} /> },
            None => Html::default(),
        },
        Panel::Charts => {
            let measured = curves.iter().filter(|curves| !curves.measured.is_empty());
            html! { { for measured.map(|curves| html! { <chart::Chart curves={curves.clone()} time={view.time} {low} /> }) } }
        }
    }
}

/// What a panel is made from.
#[derive(Properties, PartialEq)]
pub struct PanelProps {
    /// The moment.
    pub view: Rc<View>,
    /// Who is told.
    #[prop_or_default]
    pub dispatch: Callback<Do>,
}

/// A panel that may be wider than its place.
fn wide(name: &'static str, content: Html) -> Html {
    html! { <div class="scroll" tabindex="0" role="group" aria-label={format!("{name}, scrolls sideways")}>{ content }</div> }
}

/// What a node counts: its pips, and how many.
fn counted(poll: &Poll) -> Html {
    let pip = |(node, has): &(NodeId, bool)| {
        html! { <i class={if *has { "given" } else { "open" }} title={node_name(*node)}></i> }
    };
    let pips = poll.asked.iter().take(MOST_PIPS).map(pip);
    html! {
        <p class="poll" title={who(poll)}>
            if poll.asked.len() <= MOST_PIPS { <span class="pips" aria-hidden="true">{ for pips }</span> }
            <span>{ poll.to_string() }</span>
        </p>
    }
}

fn card(node: &NodeView, selection: Option<Target>, dispatch: &Callback<Do>) -> Html {
    let target = Target::Node(node.id);
    let onclick = dispatch.reform(move |_: MouseEvent| Do::Select(Some(target)));
    let class =
        classes!("card", (!node.up).then_some("down"), (selection == Some(target)).then_some("selected"));
    let id = node.id;
    let why = |question: Question| dispatch.reform(move |_: MouseEvent| Do::Why(question.clone()));
    let field = |field: &Field| {
        html! {
            <div class={field.changed.then_some("changed")}>
                <dt>{ field.name }</dt>
                <dd><button class="fact" title="Why?" onclick={why(Question::Field(id, field.name))}>{ &field.value }</button>if field.changed { <span class="mark" role="img" aria-label="just changed">{ "◂" }</span> }</dd>
            </div>
        }
    };
    html! {
        <article {class} data-is={node.id.to_string()}>
            <h4><button {onclick}>{ &node.called }</button>if !node.card.title.is_empty() { <b>{ &node.card.title }</b> }if node.up { <button class="fact" title="Why?" onclick={why(Question::Role(id))}>{ node.card.role }</button> } else { <span>{ if node.booted { "crashed; disk contents" } else { "not started" } }</span> }</h4>
            if let Some(poll) = node.card.poll.as_ref().filter(|_| node.up) { { counted(poll) } }
            <dl>{ for node.card.fields.iter().map(field) }</dl>
        </article>
    }
}
