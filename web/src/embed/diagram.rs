//! The space–time diagram of an embed, and what its protocol is about: parts of their own, for those that show them.

use super::Embed;
use super::options::Seen;
use crate::browser::size_of;
use crate::lab::{Chunk, Lab};
use crate::panels::Picture;
use crate::parts::room;
use crate::timeline::diagram::{SpaceTime, gutter};
use faultline_core::curves::Curves;
use faultline_core::title::Panel;
use faultline_core::view::Operations;
use std::rc::Rc;
use yew::prelude::*;

/// What draws one of them.
pub(super) struct Extra {
    /// Works out again what it is drawn from, after every change.
    pub(super) renew: fn(&mut Embed),
    /// Follows the time of the run; whether there is something to draw.
    pub(super) follow: fn(&mut Embed) -> bool,
    pub(super) draw: fn(&Embed, &Lab) -> Html,
}

room! {
    /// The diagram.
    DIAGRAM, embed_diagram: &'static Extra = &Extra { renew: renew_diagram, follow: follow_diagram, draw: draw_diagram }
}

room! {
    /// What the protocol is about.
    PANEL, embed_panel: &'static Extra = &Extra { renew: renew_panel, follow: |_| false, draw: draw_panel }
}

/// What the extra is drawn from.
#[derive(Default)]
pub(super) struct Shown {
    size: (f64, f64),
    chunks: Vec<(u64, Rc<Chunk>)>,
    curves: Rc<Vec<Curves>>,
    operations: Option<Rc<Operations>>,
}

impl Embed {
    /// What draws what stands beside the stage or in its place, if it is wanted and here.
    pub(super) fn extra(&self) -> Option<&'static Extra> {
        match self.options.view {
            Seen::Stage => None,
            Seen::Diagram | Seen::Both => DIAGRAM.here(),
            Seen::Panel => PANEL.here(),
        }
    }

    /// The extra, once what draws it is here.
    pub(super) fn draw_extra(&self, lab: &Lab) -> Html {
        let draw = |extra: &'static Extra| (extra.draw)(self, lab);
        match self.options.view {
            Seen::Stage => Html::default(),
            Seen::Diagram | Seen::Both => DIAGRAM.draw(&self.entered(), draw),
            Seen::Panel => PANEL.draw(&self.entered(), draw),
        }
    }
}

fn lifelines(embed: &Embed) -> f64 {
    let width = embed.shown.size.0;
    width - gutter(width)
}

fn renew_diagram(embed: &mut Embed) {
    embed.shown.size = size_of("#diagram").unwrap_or(embed.shown.size);
    let width = lifelines(embed);
    if let Some(lab) = &mut embed.reel.lab {
        lab.attend();
        lab.follow(width);
        embed.shown.chunks = lab.chunks(width);
    }
}

fn follow_diagram(embed: &mut Embed) -> bool {
    let width = lifelines(embed);
    let Some(lab) = &mut embed.reel.lab else { return false };
    let scrolled = lab.follow(width);
    embed.reel.motion.set_window(lab.window, lab.scale());
    scrolled
}

fn draw_diagram(embed: &Embed, lab: &Lab) -> Html {
    html! {
        <section id="diagram" class="diagram" aria-label="Timeline">
            <SpaceTime chunks={embed.shown.chunks.clone()} cuts={lab.view.frontiers.clone()} causality={None} nodes={lab.lives()} selection={lab.selection} zoom={lab.zoom} edge={lab.edge()}
                size={embed.shown.size} motion={embed.reel.motion.clone()} dispatch={embed.dispatch.clone()} />
        </section>
    }
}

fn renew_panel(embed: &mut Embed) {
    let Some(lab) = &mut embed.reel.lab else { return };
    if lab.view.picture.contains(&Panel::Charts) {
        let curves = lab.curves();
        if *embed.shown.curves != curves {
            embed.shown.curves = Rc::new(curves);
        }
    }
    if lab.view.picture.contains(&Panel::History) {
        embed.shown.operations = lab.operations();
    }
}

fn draw_panel(embed: &Embed, lab: &Lab) -> Html {
    html! {
        <section class="idea-panel" aria-label="What the protocol is about">
            <Picture view={lab.view.clone()} curves={embed.shown.curves.clone()} operations={embed.shown.operations.clone()} low={true} dispatch={embed.dispatch.clone()} />
        </section>
    }
}
