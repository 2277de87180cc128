//! The inbox of every node in manual mode: what may happen to it next. Nothing does unless it is chosen.

use crate::wishes::Do;
use faultline_core::session::Target;
use faultline_core::view::{NodeView, View};
use std::rc::Rc;
use yew::prelude::*;

/// What the inboxes show.
#[derive(Properties, PartialEq)]
pub struct InboxProps {
    /// The moment.
    pub view: Rc<View>,
    /// What is selected.
    pub selection: Option<Target>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The inboxes.
#[component]
pub fn Inbox(InboxProps { view, selection, dispatch }: &InboxProps) -> Html {
    let act = |words: String, label: String| {
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Act(words.clone()));
        html! { <button class="offer" {onclick}>{ label }</button> }
    };
    let select = |target: Target| dispatch.reform(move |_: MouseEvent| Do::Select(Some(target)));
    let letters = |node: &NodeView| {
        let to = node.id;
        let mine = view.messages.iter().filter(move |message| message.to == to);
        let letter = |message: &faultline_core::view::MessageView| {
            let target = Target::Message(message.id);
            let class = classes!("letter", (*selection == Some(target)).then_some("selected"));
            html! {
                <li {class} key={message.id}>
                    <button class="line" onclick={select(target)} title="Select the message">{ format!("{} from {}", message.text, message.from) }</button>
                    if node.up { { act(format!("deliver {}", message.name), "Deliver".into()) } }
                    { act(format!("drop {}", message.name), "Drop".into()) }
                </li>
            }
        };
        mine.map(letter).collect::<Vec<_>>()
    };
    let inbox = |node: &NodeView| {
        let letters = letters(node);
        let target = Target::Node(node.id);
        let nothing = letters.is_empty() && (!node.up || node.timers.is_empty());
        html! {
            <section class={classes!("inbox", (*selection == Some(target)).then_some("selected"))} data-inbox={node.id.to_string()} aria-label={format!("Inbox of {}", node.called)}>
                <h3 data-is={node.id.to_string()}><button onclick={select(target)}>{ &node.called }</button><span>{ if node.up { node.card.role } else { "crashed" } }</span></h3>
                if nothing { <p class="empty">{ "Empty" }</p> }
                <ul>{ for letters }</ul>
                <div class="offers">
                    if node.up {
                        { for node.timers.iter().map(|timer| act(format!("fire {} {}", node.id, timer.name), format!("Fire {}", timer.name))) }
                        { for node.inputs.iter().map(|input| act(format!("{} {input}", node.id), input.clone())) }
                    } else {
                        { act(format!("restart {}", node.id), "Restart".into()) }
                    }
                </div>
            </section>
        }
    };
    html! {
        <div class="inboxes">
            <p class="legend">{ "Manual mode: nothing happens by itself. Choose what happens next." }</p>
            { for view.nodes.iter().map(|node| inbox(node)) }
        </div>
    }
}
