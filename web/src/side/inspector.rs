//! The thing that is selected, and what may be done with it.

use crate::kit::prose::{node_name, renamed, span};
use crate::wishes::Do;
use crate::wishes::keys::{self, Key};
use faultline_core::NodeId;
use faultline_core::session::{Offer, Target};
use faultline_core::view::{MessageView, NodeView, Outlook, View};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What the inspector shows.
#[derive(Properties, PartialEq)]
pub struct InspectorProps {
    /// The moment.
    pub view: Rc<View>,
    /// What is selected.
    pub selection: Option<Target>,
    /// The nodes that are selected together.
    pub group: Vec<NodeId>,
    /// What may be done with it.
    pub offers: Rc<Vec<Offer>>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The card of the selected thing.
#[component]
pub fn Inspector(InspectorProps { view, selection, group, offers, dispatch }: &InspectorProps) -> Html {
    let (head, body) = match selection {
        None if !group.is_empty() => group_card(group, !offers.is_empty()),
        None => return Html::default(),
        Some(Target::Message(id)) => match view.messages.iter().find(|message| message.id == *id) {
            Some(message) => message_card(message, view),
            None => return Html::default(),
        },
        Some(Target::Node(id)) => match view.nodes.get(id.index()) {
            Some(node) => node_card(node, view),
            None => return Html::default(),
        },
        Some(Target::Link(one, other)) => link_card(*one, *other, &view.cuts),
    };
    let cause = match selection {
        Some(Target::Message(id)) => {
            view.messages.iter().find(|message| message.id == *id).map(|it| it.cause)
        }
        _ => None,
    };
    let asks = match selection {
        Some(Target::Node(id)) => {
            view.nodes.get(id.index()).filter(|node| node.up && !node.inputs.is_empty())
        }
        _ => None,
    };
    html! {
        <section class="inspector" aria-label="Selected">
            <h2>{ head }</h2>
            { body }
            <Offers offers={offers.clone()} dispatch={dispatch.clone()}>
                if let Some(cause) = cause {
                    <button class="offer" data-verb="why" aria-keyshortcuts="W" onclick={dispatch.reform(move |_: MouseEvent| Do::Event(cause + 1))}>
                        { "Why?" }<kbd aria-hidden="true">{ "W" }</kbd>
                    </button>
                }
            </Offers>
            if let Some(node) = asks {
                <Ask key={node.id.to_string()} id={node.id} first={node.inputs[0].clone()} dispatch={dispatch.clone()} />
            }
        </section>
    }
}

fn message_card(message: &MessageView, view: &View) -> (Html, Html) {
    let kind = if message.kind.reply { "reply" } else { "request" };
    let left = span(message.until.saturating_sub(view.time));
    let fate = match message.outlook {
        Outlook::Arrives => format!("Arrives in {left}."),
        Outlook::Lost => format!("The network will lose it in {left}."),
    };
    let head = html! {
        <>
            <svg class={classes!("glyph", kind)} viewBox="-9 -9 18 18" aria-hidden="true"><circle r={if message.kind.reply { "6" } else { "7" }} /></svg>
            { message.kind.name }<span class="way">{ format!("{} → {}", node_name(message.from), node_name(message.to)) }</span>
        </>
    };
    (head, html! { <p>{ format!("{}. {fate}", message.text) }</p> })
}

fn node_card(node: &NodeView, view: &View) -> (Html, Html) {
    let state = if node.up { node.card.role } else { "crashed" };
    let comma = if state.is_empty() { "" } else { ", " };
    let head = html! { <>{ &node.called }<span class="way">{ format!("{state}{comma}{}", node.card.badge) }</span></> };
    let timers = node.timers.iter().map(|timer| {
        html! { <span>{ format!("{} fires in {}. ", timer.name, span(timer.fires.saturating_sub(view.time))) }</span> }
    });
    let taken = "Taken over: it may send anything, and the claims do not cover it. ";
    let body = if node.up {
        html! { <p>if node.taken { { taken } }{ for timers }</p> }
    } else {
        html! { <p>{ "Crashed. The state shown is what is on its disk." }</p> }
    };
    (head, body)
}

fn group_card(group: &[NodeId], may_act: bool) -> (Html, Html) {
    let names = group.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", ");
    (
        html! { <>{ format!("{} nodes", group.len()) }<span class="way">{ names }</span></> },
        html! { if may_act { <p>{ "An act applies to each of these nodes. If you cut them off, they reach only each other; if you cut them apart, they reach no node at all." }</p> } },
    )
}

fn link_card(one: NodeId, other: NodeId, cuts: &[(NodeId, NodeId)]) -> (Html, Html) {
    let words = match (cuts.contains(&(one, other)), cuts.contains(&(other, one))) {
        (true, true) => "Cut both ways: messages are lost half-way.".to_owned(),
        (true, false) => format!("Cut from {one} to {other}."),
        (false, true) => format!("Cut from {other} to {one}."),
        (false, false) => "Carries messages both ways.".to_owned(),
    };
    (
        html! { <>{ "Link" }<span class="way">{ format!("{one} – {other}") }</span></> },
        html! { <p>{ words }</p> },
    )
}

/// What may be done, as buttons.
#[derive(Properties, PartialEq)]
pub struct OffersProps {
    /// The offers.
    pub offers: Rc<Vec<Offer>>,
    /// What else stands with them.
    #[prop_or_default]
    pub children: Html,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// Whether an offer is wanted so seldom that it is folded away.
fn is_rare(offer: &Offer) -> bool {
    matches!(offer.verb, "clock-set" | "clock-rate" | "duplication" | "lose")
}

/// Offers as buttons, each with its key; of a verb that is offered twice only the first has one.
#[component]
pub fn Offers(OffersProps { offers, children, dispatch }: &OffersProps) -> Html {
    let button = |(place, offer): (usize, &Offer)| {
        let first = offers.iter().position(|other| other.verb == offer.verb) == Some(place);
        let key = keys::of_verb(offer.verb).filter(|_| first);
        if offer.amount.is_some() {
            return html! { <Amount key={offer.words.clone()} offer={offer.clone()} shortcut={key} dispatch={dispatch.clone()} /> };
        }
        let words = offer.words.clone();
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Act(words.clone()));
        html! {
            <button class="offer" data-verb={offer.verb} title={offer.breaks} aria-keyshortcuts={key.map(keys::aria_of)} {onclick}>
                { renamed(&offer.label) }
                if offer.breaks.is_some() { <sup aria-label=", breaks an assumption">{ "†" }</sup> }
                if let Some(key) = key { <kbd aria-hidden="true">{ short(key.shown) }</kbd> }
            </button>
        }
    };
    let offered = |rare| {
        offers.iter().enumerate().filter(move |(_, it)| is_rare(it) == rare).map(button).collect::<Vec<_>>()
    };
    let beyond = offers.iter().any(|offer| offer.breaks.is_some());
    html! {
        <>
            <div class="offers">{ for offered(false) }{ children.clone() }</div>
            if offers.iter().any(is_rare) {
                <details class="rare"><summary>{ "More" }</summary><div class="offers">{ for offered(true) }</div></details>
            }
            if beyond { <p class="legend">{ "† Breaks an assumption of the protocol: the claims that depend on it are no longer promised afterwards." }</p> }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct AmountProps {
    offer: Offer,
    shortcut: Option<&'static Key>,
    dispatch: Callback<Do>,
}

/// An act with an amount: its button does it with what is written in the field beside it.
#[component]
fn Amount(AmountProps { offer, shortcut, dispatch }: &AmountProps) -> Html {
    let field = use_node_ref();
    // As in the field for asking: Enter clicks, and no form is sent off.
    let onclick = {
        let (field, dispatch, offer) = (field.clone(), dispatch.clone(), offer.clone());
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            if let Some(field) = field.cast::<HtmlInputElement>() {
                dispatch.emit(Do::Act(offer.with(field.value().trim())));
                let _ = field.blur();
            }
        })
    };
    let usual = offer.amount().unwrap_or_default().to_owned();
    let size = usual.len().max(3).to_string();
    html! {
        <form class="amount">
            <button class="offer" data-verb={offer.verb} title={offer.breaks} aria-keyshortcuts={shortcut.map(keys::aria_of)} {onclick}>
                { renamed(&offer.label) }
                if offer.breaks.is_some() { <sup aria-label=", breaks an assumption">{ "†" }</sup> }
                if let Some(key) = shortcut { <kbd aria-hidden="true">{ short(key.shown) }</kbd> }
            </button>
            <input ref={field} {size} value={usual} aria-label={format!("{}: amount", offer.label)}
                autocomplete="off" spellcheck="false" onkeydown={leave()} />
        </form>
    }
}

/// Escape lets go of a field.
fn leave() -> Callback<KeyboardEvent> {
    Callback::from(|event: KeyboardEvent| {
        if event.key() == "Escape"
            && let Some(field) = event.target_dyn_into::<HtmlInputElement>()
        {
            let _ = field.blur();
        }
    })
}

fn short(shown: &str) -> String {
    if shown == "Enter" { "↵".into() } else { shown.replace("Shift ", "⇧") }
}

#[derive(Properties, PartialEq)]
struct AskProps {
    id: NodeId,
    first: String,
    dispatch: Callback<Do>,
}

/// A field to ask a node something in words of one's own.
#[component]
fn Ask(AskProps { id, first, dispatch }: &AskProps) -> Html {
    let field = use_node_ref();
    // Enter clicks as well; a form is not sent off, for a sandboxed frame forbids that.
    let onclick = {
        let (field, dispatch, id) = (field.clone(), dispatch.clone(), *id);
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            if let Some(field) = field.cast::<HtmlInputElement>() {
                dispatch.emit(Do::Act(format!("{id} {}", field.value().trim())));
                let _ = field.blur();
            }
        })
    };
    html! {
        <form class="ask">
            <label for="ask-field">{ format!("Request to {}", node_name(*id)) }</label>
            <input id="ask-field" ref={field} value={first.clone()} size="12" autocomplete="off" spellcheck="false" onkeydown={leave()} />
            <button class="offer" {onclick}>{ "Send" }<kbd aria-hidden="true">{ "R" }</kbd></button>
        </form>
    }
}
