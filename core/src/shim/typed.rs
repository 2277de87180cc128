//! The only generic code of the engine: what a protocol's types must do, and no more. It is compiled again for every
//! protocol, so what can be said without its types is said in [`super`].

use super::{Effects, Evidence, Sort, Stimulus, Told, Types, text};
use crate::card::{Card, Path};
#[cfg(not(target_family = "wasm"))]
use crate::costs::{Figured, Measures};
use crate::curves::Curves;
use crate::fingerprint::Fingerprint;
use crate::history::{KeyValue, Of};
use crate::name::NodeId;
use crate::node::{Ctx, Desk};
use crate::property::{Contradiction, Property, Scene, Sense, node_of};
#[cfg(not(target_family = "wasm"))]
use crate::protocol::Figure;
use crate::protocol::{Plot, Protocol, Quiet, Step};
use crate::sign::Story;
use crate::slot::{Held, Payload, Slot, arm};
use crate::time::Micros;
use crate::words::Kinds;
use std::fmt::Display;
use std::hash::Hash;
use std::rc::Rc;

/// The types of one protocol.
pub(super) struct Typed<P: Protocol> {
    ctx: Ctx<P>,
    record: Rc<P::Record>,
    /// What the latest step was asked for, until it is judged.
    input: Option<P::Input>,
    /// What the latest step that was judged told the application, where a search may ask for it.
    judged: Option<Rc<Vec<P::Output>>>,
}

/// A property by its place among all.
pub(crate) fn property<P: Protocol>(mut place: usize) -> Option<&'static Property<P>> {
    P::PROPERTIES.iter().find_map(|some| {
        let found = some.get(place);
        place = place.saturating_sub(some.len());
        found
    })
}

fn held<P: Protocol>(machine: &Payload) -> Option<&Held<P>> {
    machine.downcast_ref()
}

impl<P: Protocol> Typed<P> {
    pub(super) fn new(ctx: Ctx<P>) -> Self {
        Typed { ctx, record: Rc::default(), input: None, judged: None }
    }

    /// A context for another node.
    #[inline(never)]
    fn ctx_of(&self, who: NodeId) -> Ctx<P> {
        let Desk { count, seed, .. } = self.ctx.desk;
        Ctx::new(who, count, seed, self.ctx.params.clone())
    }

    fn scene<'a>(&'a self, evidence: &Evidence<'a>) -> Scene<'a, P> {
        let outputs = match evidence.told {
            Some(Told::Now) => &self.ctx.outputs[..],
            Some(Told::Then(outputs)) => {
                outputs.downcast_ref::<Vec<P::Output>>().map_or(&[][..], Vec::as_slice)
            }
            None => &[],
        };
        let Evidence { who, slots, now, peace, due, .. } = *evidence;
        Scene { record: &self.record, who, node: node_of(slots, who), outputs, now, peace, due, slots }
    }
}

impl<P: Protocol> Types for Typed<P> {
    fn another(&self) -> Box<dyn Types> {
        let mut other = Typed { record: self.record.clone(), ..Typed::new(self.ctx_of(NodeId(0))) };
        other.ctx.desk.manual = self.ctx.desk.manual;
        Box::new(other)
    }

    fn desk(&mut self) -> &mut Desk {
        &mut self.ctx.desk
    }

    fn handle(&mut self, slot: &mut Slot, stimulus: Stimulus, fx: &mut Effects) -> bool {
        let ctx = &mut self.ctx;
        ctx.outputs.clear();
        let mut held = match (slot.machine.take(), stimulus) {
            (_, Stimulus::Boot) => {
                let stable: Rc<P::Stable> = slot.disk.take().map(shared).unwrap_or_default();
                let node = P::start(P::Stable::clone(&stable), ctx);
                Rc::new(Held { node, stable, before: None })
            }
            (Some(machine), stimulus) => {
                let mut held = shared::<Held<P>>(machine);
                let node = &mut Rc::make_mut(&mut held).node;
                match stimulus {
                    Stimulus::Message(from, message) => node.on_message(from, value(message), ctx),
                    Stimulus::Timer(timer) => node.on_timer(value(timer), ctx),
                    Stimulus::Input(input) => {
                        let input = value::<P::Input>(input);
                        self.input = Some(input.clone());
                        node.on_input(input, ctx);
                    }
                    Stimulus::Boot => {}
                }
                held
            }
            (None, _) => return false,
        };
        let stable = held.node.stable();
        fx.wrote = stable != *held.stable;
        if fx.wrote {
            if ctx.desk.telling {
                fx.disk = text(&stable);
            }
            let held = Rc::make_mut(&mut held);
            held.before = Some(std::mem::replace(&mut held.stable, Rc::new(stable)));
        }
        slot.machine = Some(held);
        for (to, message) in ctx.sends.drain(..) {
            let kind = message.kind() as u8;
            fx.sends.push((to, Rc::new(message), kind));
        }
        for (timer, delay) in ctx.timers.drain(..) {
            let is_this = |what: &Payload| what.downcast_ref() == Some(&timer);
            let known = slot.timers.iter().position(|armed| is_this(&armed.what));
            if known.is_some() || delay.is_some() {
                arm(&mut slot.timers, known, delay, || Rc::new(timer));
            }
        }
        !ctx.outputs.is_empty()
    }

    fn told(&self) -> Vec<String> {
        let mut told = Vec::new();
        for output in &self.ctx.outputs {
            told.push(text(output));
        }
        told
    }

    fn asked(&self, claim: usize, evidence: &Evidence<'_>) -> Result<(), &'static str> {
        property::<P>(claim).map_or(Ok(()), |property| (property.asked)(&self.scene(evidence)))
    }

    fn holds(&self, claim: usize, evidence: &Evidence<'_>) -> Result<(), Contradiction> {
        property::<P>(claim).map_or(Ok(()), |property| (property.holds)(&self.scene(evidence)))
    }

    fn since(&self, claim: usize, evidence: &Evidence<'_>) -> Option<Micros> {
        (property::<P>(claim)?.since)(&self.scene(evidence))
    }

    fn tolerates(&self, evidence: &Evidence<'_>) -> u32 {
        P::tolerates(&self.scene(evidence))
    }

    fn settles(&self, quiet: Quiet) -> Option<Micros> {
        P::settles(self.ctx.params(), quiet)
    }

    fn judge(
        &mut self,
        claims: &[usize],
        evidence: &Evidence<'_>,
    ) -> Vec<(usize, Result<(), Contradiction>)> {
        let mut settled = Vec::new();
        if !claims.is_empty() {
            let scene = self.scene(evidence);
            for place in claims {
                let Some(property) = property::<P>(*place) else { continue };
                match (property.sense, (property.holds)(&scene)) {
                    (Sense::Always, Err(contradiction)) => settled.push((*place, Err(contradiction))),
                    (Sense::Sometimes, Ok(())) => settled.push((*place, Ok(()))),
                    _ => {}
                }
            }
        }
        let node = node_of(evidence.slots, evidence.who);
        let outputs = if evidence.told.is_some() { &self.ctx.outputs[..] } else { &[] };
        let input = self.input.take().filter(|_| node.is_some());
        let step = Step { who: evidence.who, now: evidence.now, node, input: input.as_ref(), outputs };
        P::remember(Rc::make_mut(&mut self.record), &step);
        let kept = self.ctx.desk.manual && !self.ctx.outputs.is_empty();
        self.judged = kept.then(|| Rc::new(std::mem::take(&mut self.ctx.outputs)));
        self.ctx.outputs.clear();
        settled
    }

    fn record(&self) -> Payload {
        self.record.clone()
    }

    fn hash_record(&self, fingerprint: &mut Fingerprint) {
        self.record.hash(fingerprint);
    }

    fn set_record(&mut self, record: &Payload) {
        self.record = shared(record.clone());
    }

    fn outputs(&self) -> Option<Payload> {
        Some(self.judged.clone()?)
    }

    fn disk(&self, machine: &Payload) -> Option<Payload> {
        Some(held::<P>(machine)?.stable.clone())
    }

    fn disk_before(&self, machine: &Payload) -> Option<Payload> {
        Some(held::<P>(machine)?.before.clone()?)
    }

    fn card(&self, machine: &Payload, glance: bool) -> Card {
        match held::<P>(machine) {
            Some(held) if glance => held.node.glance(),
            Some(held) => held.node.card(),
            None => Card::default(),
        }
    }

    fn card_of_disk(&self, who: NodeId, disk: &Payload) -> Card {
        P::start(value(disk.clone()), &mut self.ctx_of(who)).card()
    }

    fn inputs(&self, machine: &Payload) -> Vec<Payload> {
        let mut inputs: Vec<Payload> = Vec::new();
        if let Some(held) = held::<P>(machine) {
            for input in held.node.inputs() {
                inputs.push(Rc::new(input));
            }
        }
        inputs
    }

    fn lies(&self, who: NodeId, machine: &Payload, to: NodeId, truth: &Payload) -> Vec<(Payload, u8)> {
        let mut lies: Vec<(Payload, u8)> = Vec::new();
        if let (Some(held), Some(truth)) = (held::<P>(machine), truth.downcast_ref()) {
            for lie in held.node.lies(to, truth, &self.ctx_of(who)) {
                let kind = lie.kind() as u8;
                lies.push((Rc::new(lie), kind));
            }
        }
        lies
    }

    fn brief(&self, message: &Payload) -> Option<String> {
        message.downcast_ref::<P::Message>()?.brief()
    }

    fn story(&self, message: &Payload) -> Option<Story> {
        P::story(message.downcast_ref()?)
    }

    fn way(&self, message: &Payload) -> Option<Path> {
        P::way(message.downcast_ref()?)
    }

    fn proofs(&self, message: &Payload) -> usize {
        message.downcast_ref().map_or(0, P::proofs)
    }

    fn history(&self) -> Option<&Of<KeyValue>> {
        P::history(&self.record)
    }

    fn charts(&self, span: Micros) -> Vec<(Curves, bool)> {
        let mut charts = Vec::new();
        for chart in P::CHARTS {
            let (params, count) = (self.ctx.params(), self.ctx.count());
            let theory = chart.theory.map(|theory| theory(params, count, span)).unwrap_or_default();
            let (name, sentence, axes) = (chart.name, chart.sentence, chart.axes);
            let curves = Curves { name, sentence, axes, measured: Vec::new(), theory };
            charts.push((curves, matches!(chart.plot, Plot::OverTime(_))));
        }
        charts
    }

    fn points(&self, chart: usize, slots: &[Rc<Slot>]) -> Vec<(u64, u64)> {
        let scene = || self.scene(&Evidence { who: NodeId(0), slots, now: 0, peace: 0, due: 0, told: None });
        match P::CHARTS.get(chart).map(|chart| &chart.plot) {
            Some(Plot::OverTime(value)) => vec![(0, value(&scene()))],
            Some(Plot::Now(points)) => points(&scene()),
            None => Vec::new(),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn figures(&self, measures: &Measures, slots: &[Rc<Slot>]) -> Vec<Figured> {
        let scene = self.scene(&Evidence { who: NodeId(0), slots, now: 0, peace: 0, due: 0, told: None });
        let mut figures = Vec::new();
        for &Figure { name, sentence, of } in P::FIGURES {
            let (counted, over) = of(&scene, measures);
            figures.push(Figured { name, sentence, counted, over });
        }
        figures
    }

    fn hash_slot(&self, slot: &Slot, fingerprint: &mut Fingerprint) {
        let held = slot.machine.as_ref().and_then(held::<P>);
        held.map(|held| &held.node).hash(fingerprint);
        if held.is_none() {
            slot.disk.as_ref().and_then(|disk| disk.downcast_ref::<P::Stable>()).hash(fingerprint);
        }
    }

    fn hash(&self, stimulus: &Stimulus, fingerprint: &mut Fingerprint) {
        match stimulus {
            Stimulus::Boot => {}
            Stimulus::Message(from, message) => {
                (from, message.downcast_ref::<P::Message>()).hash(fingerprint);
            }
            Stimulus::Timer(timer) => (1_u8, timer.downcast_ref::<P::Timer>()).hash(fingerprint),
            Stimulus::Input(input) => (2_u8, input.downcast_ref::<P::Input>()).hash(fingerprint),
        }
    }

    fn parse_input(&self, words: &str) -> Result<Payload, String> {
        Ok(Rc::new(words.parse::<P::Input>()?))
    }

    fn words<'a>(&self, sort: Sort, payload: &'a Payload) -> Option<&'a dyn Display> {
        Some(match sort {
            Sort::Message => payload.downcast_ref::<P::Message>()?,
            Sort::Timer => payload.downcast_ref::<P::Timer>()?,
            Sort::Input => payload.downcast_ref::<P::Input>()?,
        })
    }
}

/// A payload with its type. It is only ever handed to the shim whose types made it.
fn shared<T: 'static>(payload: Payload) -> Rc<T> {
    payload.downcast().unwrap_or_else(|_| foreign())
}

/// What a payload holds.
fn value<T: Clone + 'static>(payload: Payload) -> T {
    Rc::unwrap_or_clone(shared(payload))
}

#[cold]
fn foreign() -> ! {
    unreachable!("a payload went to another protocol's shim")
}
