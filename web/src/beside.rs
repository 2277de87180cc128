//! What stands beside the stage of a run by itself, or in its place: its space–time diagram, and what its protocol is about. Parts of
//! their own, for those that show them.

use crate::browser::size_of;
use crate::lab::reel::Reel;
use crate::lab::{Chunk, Lab};
use crate::panels::Picture;
use crate::parts::room;
use crate::timeline::diagram::{SpaceTime, gutter};
use crate::wishes::Do;
use faultline_core::curves::Curves;
use faultline_core::scenario::Seen;
use faultline_core::title::Panel;
use faultline_core::view::Operations;
use std::rc::Rc;
use yew::prelude::*;

/// What stands beside the stage, and what it is drawn from.
pub struct Extra {
    /// What is seen of the run.
    pub seen: Seen,
    /// How many times larger the style draws it.
    pub larger: f64,
    size: (f64, f64),
    chunks: Vec<(u64, Rc<Chunk>)>,
    curves: Rc<Vec<Curves>>,
    operations: Option<Rc<Operations>>,
}

/// What draws one of them.
pub struct Drawer {
    renew: fn(&mut Extra, &mut Reel),
    /// Whether there is something to draw.
    follow: fn(&mut Extra, &mut Reel) -> bool,
    draw: fn(&Extra, &Reel, &Lab, &Callback<Do>) -> Html,
}

room! {
    /// The diagram.
    DIAGRAM, beside_diagram: &'static Drawer = &Drawer { renew: renew_diagram, follow: follow_diagram, draw: draw_diagram }
}

room! {
    /// What the protocol is about.
    PANEL, beside_panel: &'static Drawer = &Drawer { renew: renew_panel, follow: |_, _| false, draw: draw_panel }
}

impl Extra {
    /// What is seen of a run at first.
    pub fn of(seen: Seen) -> Self {
        Extra {
            seen,
            larger: 1.0,
            size: (0.0, 0.0),
            chunks: Vec::new(),
            curves: Rc::default(),
            operations: None,
        }
    }

    /// Whether the stage is seen.
    pub fn with_stage(&self) -> bool {
        self.seen != Seen::Diagram
    }

    /// What draws it, if something is wanted and that is here.
    fn drawer(&self) -> Option<&'static Drawer> {
        match self.seen {
            Seen::Stage => None,
            Seen::Diagram | Seen::Both => DIAGRAM.here(),
            Seen::Panel => PANEL.here(),
        }
    }

    /// Works out again what it is drawn from, after every change.
    pub fn renew(&mut self, reel: &mut Reel) {
        if let Some(drawer) = self.drawer() {
            (drawer.renew)(self, reel);
        }
    }

    /// Follows the time of the run; whether there is something to draw.
    pub fn follow(&mut self, reel: &mut Reel) -> bool {
        self.drawer().is_some_and(|drawer| (drawer.follow)(self, reel))
    }

    /// What stands there, once what draws it is here, of which `dispatch` is told.
    pub fn draw(&self, reel: &Reel, lab: &Lab, dispatch: &Callback<Do>) -> Html {
        let entered = dispatch.reform(|()| Do::Entered);
        let draw = |drawer: &'static Drawer| (drawer.draw)(self, reel, lab, dispatch);
        match self.seen {
            Seen::Stage => Html::default(),
            Seen::Diagram | Seen::Both => DIAGRAM.draw(&entered, draw),
            Seen::Panel => PANEL.draw(&entered, draw),
        }
    }

    fn lifelines(&self) -> f64 {
        self.size.0 - gutter(self.size.0)
    }
}

fn renew_diagram(extra: &mut Extra, reel: &mut Reel) {
    if let Some((width, height)) = size_of("#diagram") {
        extra.size = (width / extra.larger, height / extra.larger);
    }
    let width = extra.lifelines();
    if let Some(lab) = &mut reel.lab {
        lab.attend();
        lab.follow(width);
        extra.chunks = lab.chunks(width);
    }
}

fn follow_diagram(extra: &mut Extra, reel: &mut Reel) -> bool {
    let width = extra.lifelines();
    let Some(lab) = &mut reel.lab else { return false };
    let scrolled = lab.follow(width);
    reel.motion.set_window(lab.window, lab.scale());
    scrolled
}

fn draw_diagram(extra: &Extra, reel: &Reel, lab: &Lab, dispatch: &Callback<Do>) -> Html {
    html! {
        <section id="diagram" class="diagram" aria-label="Timeline">
            <SpaceTime chunks={extra.chunks.clone()} cuts={lab.view.frontiers.clone()} causality={None} nodes={lab.lives()} selection={lab.selection} zoom={lab.zoom} edge={lab.edge()}
                size={extra.size} motion={reel.motion.clone()} dispatch={dispatch.clone()} />
        </section>
    }
}

fn renew_panel(extra: &mut Extra, reel: &mut Reel) {
    let Some(lab) = &mut reel.lab else { return };
    if lab.view.picture.contains(&Panel::Charts) {
        let curves = lab.curves();
        if *extra.curves != curves {
            extra.curves = Rc::new(curves);
        }
    }
    if lab.view.picture.contains(&Panel::History) {
        extra.operations = lab.operations();
    }
}

fn draw_panel(extra: &Extra, _: &Reel, lab: &Lab, dispatch: &Callback<Do>) -> Html {
    html! {
        <section class="idea-panel" aria-label="What the protocol is about">
            <Picture view={lab.view.clone()} curves={extra.curves.clone()} operations={extra.operations.clone()} low={true} dispatch={dispatch.clone()} />
        </section>
    }
}
