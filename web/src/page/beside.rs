//! Another branch beside the one that is played: a stage and a diagram of its own, always at the same moment.

use super::laboratory::caption;
use crate::kit::icons::{self, Icon};
use crate::lab::causality::Causality;
use crate::lab::{Chunk, Lab};
use crate::picture::geometry::Geometry;
use crate::picture::motion::Motion;
use crate::stage::Stage;
use crate::timeline::diagram::{SpaceTime, gutter};
use crate::wishes::Do;
use faultline_core::Session;
use faultline_core::scenario::Scenario;
use faultline_core::session::{Branch, Target};
use faultline_core::time::Micros;
use std::rc::Rc;
use yew::prelude::*;

/// The other branch.
pub(crate) struct Beside {
    /// Its number in the session.
    pub(crate) id: u32,
    name: String,
    scenario: Rc<Scenario>,
    lab: Lab,
    /// How many of its first events are those of the run that is played.
    shared: usize,
    geometry: Rc<Geometry>,
    chunks: Vec<(u64, Rc<Chunk>)>,
    motion: Motion,
}

impl Beside {
    /// Sets a branch beside the run that is played.
    pub(crate) fn new(branch: &Branch, played: &Lab) -> Self {
        let scenario = branch.scenario.clone();
        let mut session = Session::begin(Scenario { show: None, ..(*scenario).clone() });
        if !session.is_crowd() {
            session.learn(usize::MAX);
        }
        Beside {
            id: branch.id,
            name: branch.name.clone(),
            shared: played.session().run().shared_with(&scenario).unwrap_or(0),
            scenario,
            lab: Lab::new(session),
            geometry: Rc::default(),
            chunks: Vec::new(),
            motion: Motion::default(),
        }
    }

    /// The same after a change of the session; `None` once the branch is closed, or played itself.
    pub(crate) fn renewed(self, played: &Lab) -> Option<Self> {
        let session = played.session();
        let branch = session.branches().iter().find(|it| it.id == self.id && it.id != session.branch())?;
        let same = Rc::ptr_eq(&branch.scenario, &self.scenario) && branch.name == self.name;
        let shared = session.run().shared_with(&self.scenario).unwrap_or(0);
        Some(if same { Beside { shared, ..self } } else { Beside::new(branch, played) })
    }

    /// Goes to the moment of the run that is played; whether there is something to draw.
    pub(crate) fn follow(&mut self, played: &Lab, stage: (f64, f64), diagram: f64) -> bool {
        let (session, window) = (played.session(), (self.lab.zoom, self.lab.window));
        let learnt = self.lab.learning && self.lab.learn();
        let event = Some(session.event()).filter(|event| *event <= self.shared);
        let moved = self.lab.keep_time(session.time(), event);
        (self.lab.zoom, self.lab.window) = (played.zoom, played.window);
        self.chunks = self.lab.chunks(diagram - gutter(diagram));
        let geometry = Geometry::of(&self.lab.view, stage.0, stage.1);
        let grown = *self.geometry != geometry;
        if grown {
            self.geometry = Rc::new(geometry);
        }
        learnt || moved || grown || window != (self.lab.zoom, self.lab.window)
    }

    /// Whether more of it is still to be learnt.
    pub(crate) fn is_learning(&self) -> bool {
        self.lab.learning
    }

    /// Places what moves.
    pub(crate) fn place(&self) {
        self.motion.set_window(self.lab.window, self.lab.scale());
        self.motion.place(self.lab.session().time());
    }

    /// When an event of it happens.
    pub(crate) fn time_of(&self, event: usize) -> Option<Micros> {
        let records = self.lab.session().run().records();
        records.get(event.checked_sub(1)?).map(|record| record.time)
    }

    /// What is touched here is for whoever plays this branch: the two change places. Time is one for both.
    fn dispatch(&self, dispatch: &Callback<Do>) -> Callback<Do> {
        let id = self.id;
        dispatch.reform(move |wish| match wish {
            Do::Scrub(_) | Do::Drag(_) => wish,
            Do::Event(event) => Do::EventBeside(event),
            Do::Select(Some(_)) | Do::Menu(..) | Do::Join(_) => Do::Switch(id),
            _ => Do::Nothing,
        })
    }

    /// Its stage.
    pub(crate) fn stage(&self, playing: bool, dispatch: &Callback<Do>) -> Html {
        let on = |wish: Do| dispatch.reform(move |_: MouseEvent| wish.clone());
        let id = self.id;
        html! {
            <div key="beside" class="half" data-beside={id.to_string()} data-event={self.lab.session().event().to_string()}>
                <div class="of-branch">
                    <b>{ &self.name }</b><span class="space"></span>
                    <button class="cause" onclick={on(Do::Compare(id))}>{ "Differences" }</button>
                    <button class="cause" data-tool="swap" onclick={on(Do::Switch(id))}>{ "Switch to it" }</button>
                    <button class="quiet" aria-label="Close this side" title="Close this side" onclick={on(Do::Beside(None))}>{ icons::draw(Icon::Close) }</button>
                </div>
                <section class="stage" aria-label={format!("Stage of {}", self.name)}>
                    { caption(&self.lab, None, dispatch) }
                    <Stage view={self.lab.view.clone()} geometry={self.geometry.clone()} selection={None::<Target>} group={Vec::new()}
                        paused={!playing} motion={self.motion.clone()} dispatch={self.dispatch(dispatch)} />
                </section>
            </div>
        }
    }

    /// Its diagram.
    pub(crate) fn diagram(&self, size: (f64, f64), dispatch: &Callback<Do>) -> Html {
        html! {
            <div key="beside" class="diagram" aria-label={format!("Diagram of {}", self.name)}>
                <SpaceTime chunks={self.chunks.clone()} cuts={self.lab.view.frontiers.clone()} causality={None::<Rc<Causality>>} nodes={self.lab.lives()} selection={None::<Target>}
                    zoom={self.lab.zoom} edge={self.lab.edge()} {size} motion={self.motion.clone()} dispatch={self.dispatch(dispatch)} />
            </div>
        }
    }
}
