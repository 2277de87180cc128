//! The links, drawn.

use crate::picture::geometry::{Geometry, px};
use crate::picture::links::Link;
use crate::picture::shapes;
use crate::wishes::Do;
use faultline_core::NodeId;
use faultline_core::session::Target;
use std::rc::Rc;
use yew::prelude::*;

/// What the links are drawn from.
#[derive(Properties, PartialEq)]
pub struct LinksProps {
    /// Those that are drawn.
    pub links: Vec<Link>,
    /// The nodes that are parted from each other.
    pub parted: Vec<Vec<usize>>,
    /// Where the nodes stand.
    pub geometry: Rc<Geometry>,
    /// Which link is selected, from either end; it is drawn even where others are not.
    pub selected: Option<(NodeId, NodeId)>,
    /// Who is told.
    pub dispatch: Callback<Do>,
}

/// The links, and behind them the grounds of those who are parted.
#[component]
pub fn Links(LinksProps { links, parted, geometry, selected, dispatch }: &LinksProps) -> Html {
    let pen = px(2.0 * (geometry.radius + 15.0));
    let place = |&node: &usize| geometry.places.get(node).copied().unwrap_or_default();
    let ground = |(nth, group): (usize, &Vec<usize>)| {
        let d = shapes::ground(group.iter().map(place).collect());
        html! { <path class={if nth == 0 { "apart most" } else { "apart" }} {d} stroke-width={pen.clone()} /> }
    };
    let selected = selected.map(|(one, other)| (one.min(other), one.max(other)));
    let picked = selected.map(|(a, b)| Link::whole(a.index(), b.index()));
    let unseen = picked.filter(|it| !links.iter().any(|link| (link.a, link.b) == (it.a, it.b)));
    let links = links.iter().copied().chain(unseen).map(|link| {
        let (a, b) = (NodeId(link.a as u32), NodeId(link.b as u32));
        let state = match link.cut() {
            [true, true] => "cut",
            [false, false] => "whole",
            _ => "cut-one-way",
        };
        let selected = (selected == Some((a, b))).then_some("selected");
        let target = Target::Link(a, b);
        let onclick = dispatch.reform(move |_: MouseEvent| Do::Select(Some(target)));
        let oncontextmenu = dispatch.reform(move |event: MouseEvent| {
            event.prevent_default();
            Do::Menu(target, f64::from(event.client_x()), f64::from(event.client_y()))
        });
        let (from, to) = geometry.link(link.a, link.b);
        html! {
            <g key={link.a * 100_000 + link.b} class={classes!("link", state, selected)} stroke-width={px(geometry.link_width(link.a, link.b))} data-link={format!("{a}-{b}")} data-state={state}
                data-is={format!("{a}-{b}")} data-lights={format!("{a}-{b} {a} {b}")} {onclick} {oncontextmenu}>
                <title>{ format!("{a}–{b}{}", link.words()) }</title>
                <line class="hit" x1={px(from.0)} y1={px(from.1)} x2={px(to.0)} y2={px(to.1)} />
                { for shapes::link(geometry, &link).into_iter().map(|(class, d)| html! { <path {class} {d} /> }) }
            </g>
        }
    });
    html! { <g>{ for parted.iter().enumerate().map(ground) }{ for links }</g> }
}
