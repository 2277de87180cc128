//! The shim that erases a protocol's types, so that the world is compiled once for all protocols.
//!
//! The world holds nodes, disks, messages and timers as [`Payload`]s and hands them to its [`Shim`], which alone
//! knows their types. What is compiled again for every protocol is this file and nothing else of the engine.

use crate::fingerprint::Fingerprint;
use crate::history::{KeyValue, Of};
use crate::node::{Ctx, NodeId, Rule, To};
use crate::property::{About, Property, Scene, Sense, node_of};
use crate::protocol::{Chart, Kind, Plot, Protocol, Step};
use crate::random::Seed;
use crate::time::Micros;
use crate::view::{Card, Curves};
use crate::world::{Armed, Slot, Verdict, Wish};
use std::any::Any;
use std::fmt::Display;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A value of one of a protocol's types.
pub(crate) type Payload = Rc<dyn Any>;

/// A node in memory, beside what it last had on disk.
#[derive(Clone)]
pub(crate) struct Held<P: Protocol> {
    pub(crate) node: P,
    stable: P::Stable,
    /// What was on disk before it was last written, since the node booted. What is long shares its structure, so this
    /// is cheap.
    before: Option<P::Stable>,
}

/// What happens to a node.
pub(crate) enum Stimulus {
    Boot,
    Message(NodeId, Payload),
    Timer(Payload),
    Input(Payload),
}

/// What a step came to, erased.
#[derive(Clone, Default)]
pub(crate) struct Effects {
    /// Before it: what the node's clock reads.
    pub(crate) clock: Micros,
    pub(crate) sends: Vec<(To, Payload, u8)>,
    pub(crate) wrote: bool,
    pub(crate) rule: Option<&'static Rule>,
    pub(crate) milestone: bool,
    pub(crate) broken: Option<&'static str>,
    /// Of every choice that was made, below which bound it had to be.
    pub(crate) asked: Vec<u64>,
    /// Below: only while telling.
    pub(crate) told: String,
    pub(crate) disk: String,
    pub(crate) outputs: Vec<String>,
}

/// The world's only way to a protocol.
pub(crate) trait Shim {
    fn clone_box(&self) -> Box<dyn Shim>;
    /// From now on a choice that nobody made is 0.
    fn leave_nothing_to_chance(&mut self);
    fn kinds(&self) -> &'static [Kind];
    /// Lets a node whose clock reads `fx.clock` take one step; what it came to is in `fx`, its timers are set in its slot.
    fn step(&mut self, who: NodeId, slot: &mut Slot, stimulus: Stimulus, telling: bool, fx: &mut Effects);
    /// Judges the latest step, by a node, with event `at`; returns whether a claim broke.
    fn judge(&mut self, who: NodeId, slots: &[Rc<Slot>], wrote: bool, at: u32) -> bool;
    /// What is known of each claim.
    fn verdicts(&self) -> &[Verdict];
    /// The same, and of what must hold eventually whether it does now, after `at` events.
    fn verdicts_at_rest(&self, slots: &[Rc<Slot>], at: u32) -> Vec<Verdict>;
    /// What is on disk once the memory is gone.
    fn disk(&self, machine: &Payload) -> Payload;
    /// What was on disk before it was last written; `None` when nothing was since the node booted.
    fn disk_before(&self, machine: &Payload) -> Option<Payload>;
    fn card(&self, machine: &Payload) -> Card;
    fn glance(&self, machine: &Payload) -> Card;
    /// The card that this node would have if it booted from this disk.
    fn card_of_disk(&self, who: NodeId, disk: &Payload) -> Card;
    /// All the things that a node may be asked now.
    fn inputs(&self, machine: &Payload) -> Vec<Payload>;
    /// What clients have asked and been told, where the protocol keeps that.
    fn history(&self) -> Option<&Of<KeyValue>>;
    /// How many curves there are, what each shows, and theory's for a run of so many microseconds.
    fn charts(&self, span: Micros) -> Vec<(Curves, bool)>;
    /// The points of a curve now; of one over time, one, at time 0.
    fn points(&self, chart: usize, slots: &[Rc<Slot>]) -> Vec<(u64, u64)>;
    /// What a node could say to another instead of a message, each with its kind.
    fn lies(&self, who: NodeId, machine: &Payload, to: NodeId, truth: &Payload) -> Vec<(Payload, u8)>;
    fn hash_slot(&self, slot: &Slot, fingerprint: &mut Fingerprint);
    /// The fingerprint of what happens to a node.
    fn fingerprint_of(&self, stimulus: &Stimulus) -> u64;
    /// What the judge remembers of the run, and its fingerprint.
    fn record(&self) -> (Payload, u64);
    fn set_record(&mut self, record: &Payload);
    /// What the latest step that was judged told the application.
    fn outputs(&self) -> Payload;
    /// Which claims, by their places, a step would break or reach that told this.
    fn foresee(&self, who: NodeId, slots: &[Rc<Slot>], wrote: bool, outputs: &Payload) -> Vec<usize>;
    fn parse_input(&self, words: &str) -> Result<Payload, String>;
    fn input_text(&self, input: &Payload) -> String;
    fn message_text(&self, message: &Payload) -> String;
    fn timer_text(&self, timer: &Payload) -> String;
}

/// The shim of one protocol.
pub(crate) struct Typed<P: Protocol> {
    ctx: Ctx<P>,
    properties: Rc<[Property<P>]>,
    record: Rc<P::Record>,
    verdicts: Vec<Verdict>,
    /// What the latest step that was judged told the application.
    judged: Vec<P::Output>,
}

/// The shim of a protocol for so many nodes, before the first event.
pub(crate) fn of<P: Protocol>(params: P::Params, count: u32, seed: Seed) -> Box<dyn Shim> {
    let properties: Rc<[Property<P>]> = P::properties().into();
    let verdicts = vec![Verdict::Open; properties.len()];
    let ctx = Ctx::new(NodeId(0), count, seed, Rc::new(params));
    Box::new(Typed::<P> { ctx, properties, record: Rc::default(), verdicts, judged: Vec::new() })
}

impl<P: Protocol> Typed<P> {
    /// Moves what the handler asked for out of the typed context.
    fn collect(&mut self, slot: &mut Slot, fx: &mut Effects) {
        for (to, message) in self.ctx.sends.drain(..) {
            let kind = P::kind(&message) as u8;
            fx.sends.push((to, Rc::new(message), kind));
        }
        for (timer, delay) in self.ctx.timers.drain(..) {
            arm(&mut slot.timers, timer, delay);
        }
        slot.draws = self.ctx.draws;
        fx.asked.clear();
        if !self.ctx.asked.is_empty() {
            let made = self.ctx.asked.len().min(slot.script.len());
            slot.script.drain(..made);
            std::mem::swap(&mut fx.asked, &mut self.ctx.asked);
        }
        fx.rule = self.ctx.rule.take();
        fx.milestone = std::mem::take(&mut self.ctx.milestone);
        fx.broken = self.ctx.broken.take();
        if self.ctx.telling {
            fx.told = std::mem::take(&mut self.ctx.told);
            fx.outputs = self.ctx.outputs.iter().map(ToString::to_string).collect();
        }
    }
}

/// Whether a step touches anything that a property is about, so that it has to be judged.
fn touches<P: Protocol>(property: &Property<P>, outputs: &[P::Output], wrote: bool) -> bool {
    match property.about {
        _ if property.sense == Sense::Eventually => false,
        About::Everything => true,
        About::Outputs => !outputs.is_empty(),
        About::Disks => wrote,
    }
}

/// Sets or cancels the timer of this value among a node's timers, in whose list every value keeps its place.
fn arm<T: PartialEq + 'static>(timers: &mut Vec<Armed>, timer: T, delay: Option<Micros>) {
    let known = timers.iter_mut().find(|armed| armed.what.downcast_ref::<T>() == Some(&timer));
    match (known, delay) {
        (Some(armed), Some(delay)) => armed.wish = Wish::Set(delay),
        (Some(armed), None) => armed.wish = Wish::Cancel,
        (None, Some(delay)) => {
            let what: Payload = Rc::new(timer);
            match timers.iter_mut().find(|armed| armed.is_idle()) {
                Some(idle) => (idle.what, idle.wish) = (what, Wish::Set(delay)),
                None => timers.push(Armed::new(what, delay)),
            }
        }
        (None, None) => {}
    }
}

impl<P: Protocol> Shim for Typed<P> {
    fn clone_box(&self) -> Box<dyn Shim> {
        let old = &self.ctx;
        let mut ctx = Ctx::new(old.me, old.count, old.seed, old.params.clone());
        ctx.manual = old.manual;
        let (properties, record, verdicts) =
            (self.properties.clone(), self.record.clone(), self.verdicts.clone());
        Box::new(Typed { ctx, properties, record, verdicts, judged: Vec::new() })
    }

    fn leave_nothing_to_chance(&mut self) {
        self.ctx.manual = true;
    }

    fn kinds(&self) -> &'static [Kind] {
        P::KINDS
    }

    fn step(&mut self, who: NodeId, slot: &mut Slot, stimulus: Stimulus, telling: bool, fx: &mut Effects) {
        let ctx = &mut self.ctx;
        (ctx.me, ctx.draws, ctx.clock, ctx.telling) = (who, slot.draws, fx.clock, telling);
        ctx.outputs.clear();
        if !(ctx.script.is_empty() && slot.script.is_empty()) {
            ctx.script.clone_from(&slot.script);
        }
        let mut held = match (slot.machine.take(), stimulus) {
            (_, Stimulus::Boot) => {
                let stable: P::Stable = slot.disk.take().map(value).unwrap_or_default();
                let node = P::start(stable.clone(), ctx);
                Rc::new(Held { node, stable, before: None })
            }
            (Some(machine), stimulus) => {
                let Ok(mut held) = machine.downcast::<Held<P>>() else { return };
                let node = &mut Rc::make_mut(&mut held).node;
                match stimulus {
                    Stimulus::Message(from, message) => node.on_message(from, value(message), ctx),
                    Stimulus::Timer(timer) => node.on_timer(value(timer), ctx),
                    Stimulus::Input(input) => node.on_input(value(input), ctx),
                    Stimulus::Boot => {}
                }
                held
            }
            (None, _) => return,
        };
        let stable = held.node.stable();
        fx.wrote = stable != held.stable;
        if fx.wrote {
            if telling {
                fx.disk = stable.to_string();
            }
            let held = Rc::make_mut(&mut held);
            held.before = Some(std::mem::replace(&mut held.stable, stable));
        }
        slot.machine = Some(held);
        self.collect(slot, fx);
    }

    fn judge(&mut self, who: NodeId, slots: &[Rc<Slot>], wrote: bool, at: u32) -> bool {
        let mut broke = false;
        let taken = slots[who.index()].taken;
        let node = node_of(slots, who);
        let (outputs, wrote) = if taken { (&[][..], false) } else { (self.ctx.outputs.as_slice(), wrote) };
        let scene = Scene::<P> { record: &self.record, who, node, outputs, slots };
        for (property, verdict) in self.properties.iter().zip(&mut self.verdicts) {
            if !touches(property, outputs, wrote) || *verdict != Verdict::Open {
                continue;
            }
            match (property.sense, (property.holds)(&scene)) {
                (Sense::Always, Err(sentence)) => {
                    broke = true;
                    *verdict = Verdict::Violated { at, sentence: sentence.into() };
                }
                (Sense::Sometimes, Ok(())) => *verdict = Verdict::Reached { at },
                _ => {}
            }
        }
        P::remember(Rc::make_mut(&mut self.record), &Step { who, node, outputs });
        std::mem::swap(&mut self.ctx.outputs, &mut self.judged);
        self.ctx.outputs.clear();
        broke
    }

    fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    fn verdicts_at_rest(&self, slots: &[Rc<Slot>], at: u32) -> Vec<Verdict> {
        let who = NodeId(0);
        let scene = Scene::<P> { record: &self.record, who, node: node_of(slots, who), outputs: &[], slots };
        let rest = |(property, verdict): (&Property<P>, &Verdict)| match (property.sense, verdict) {
            (Sense::Eventually, Verdict::Open) => match (property.holds)(&scene) {
                Ok(()) => Verdict::Reached { at },
                Err(sentence) => Verdict::Violated { at, sentence: sentence.into() },
            },
            (_, verdict) => verdict.clone(),
        };
        self.properties.iter().zip(&self.verdicts).map(rest).collect()
    }

    fn disk(&self, machine: &Payload) -> Payload {
        match machine.downcast_ref::<Held<P>>() {
            Some(held) => Rc::new(held.stable.clone()),
            None => Rc::new(P::Stable::default()),
        }
    }

    fn disk_before(&self, machine: &Payload) -> Option<Payload> {
        let held = machine.downcast_ref::<Held<P>>()?;
        held.before.clone().map(|before| Rc::new(before) as Payload)
    }

    fn card(&self, machine: &Payload) -> Card {
        machine.downcast_ref::<Held<P>>().map_or_else(Card::default, |held| held.node.card())
    }

    fn glance(&self, machine: &Payload) -> Card {
        machine.downcast_ref::<Held<P>>().map_or_else(Card::default, |held| held.node.glance())
    }

    fn card_of_disk(&self, who: NodeId, disk: &Payload) -> Card {
        let Some(stable) = disk.downcast_ref::<P::Stable>() else { return Card::default() };
        let mut ctx = Ctx::new(who, self.ctx.count, self.ctx.seed, self.ctx.params.clone());
        P::start(stable.clone(), &mut ctx).card()
    }

    fn inputs(&self, machine: &Payload) -> Vec<Payload> {
        let held = machine.downcast_ref::<Held<P>>();
        let inputs = held.map(|held| held.node.inputs()).unwrap_or_default();
        inputs.into_iter().map(|input| Rc::new(input) as Payload).collect()
    }

    fn history(&self) -> Option<&Of<KeyValue>> {
        P::history(&self.record)
    }

    fn charts(&self, span: Micros) -> Vec<(Curves, bool)> {
        let (params, count) = (self.ctx.params(), self.ctx.count());
        let curves = |chart: Chart<P>| {
            let theory = chart.theory.map(|theory| theory(params, count, span)).unwrap_or_default();
            let Chart { name, sentence, axes, plot, .. } = chart;
            let curves = Curves { name, sentence, axes, measured: Vec::new(), theory };
            (curves, matches!(plot, Plot::OverTime(_)))
        };
        P::charts().into_iter().map(curves).collect()
    }

    fn points(&self, chart: usize, slots: &[Rc<Slot>]) -> Vec<(u64, u64)> {
        let scene = Scene::<P> { record: &self.record, who: NodeId(0), node: None, outputs: &[], slots };
        match P::charts().get(chart).map(|chart| &chart.plot) {
            Some(Plot::OverTime(value)) => vec![(0, value(&scene))],
            Some(Plot::Now(points)) => points(&scene),
            None => Vec::new(),
        }
    }

    fn lies(&self, who: NodeId, machine: &Payload, to: NodeId, truth: &Payload) -> Vec<(Payload, u8)> {
        let (held, truth) = (machine.downcast_ref::<Held<P>>(), truth.downcast_ref::<P::Message>());
        let (Some(held), Some(truth)) = (held, truth) else { return Vec::new() };
        let ctx = Ctx::new(who, self.ctx.count, self.ctx.seed, self.ctx.params.clone());
        let lies = held.node.lies(to, truth, &ctx).into_iter();
        lies.map(|lie| (P::kind(&lie) as u8, lie))
            .map(|(kind, lie)| (Rc::new(lie) as Payload, kind))
            .collect()
    }

    fn hash_slot(&self, slot: &Slot, fingerprint: &mut Fingerprint) {
        let held = slot.machine.as_ref().and_then(|machine| machine.downcast_ref::<Held<P>>());
        held.map(|held| &held.node).hash(fingerprint);
        if held.is_none() {
            slot.disk.as_ref().and_then(|disk| disk.downcast_ref::<P::Stable>()).hash(fingerprint);
        }
    }

    fn fingerprint_of(&self, stimulus: &Stimulus) -> u64 {
        let fingerprint = &mut Fingerprint::default();
        match stimulus {
            Stimulus::Boot => {}
            Stimulus::Message(from, message) => {
                (from, message.downcast_ref::<P::Message>()).hash(fingerprint);
            }
            Stimulus::Timer(timer) => (1_u8, timer.downcast_ref::<P::Timer>()).hash(fingerprint),
            Stimulus::Input(input) => (2_u8, input.downcast_ref::<P::Input>()).hash(fingerprint),
        }
        fingerprint.finish()
    }

    fn record(&self) -> (Payload, u64) {
        (self.record.clone(), crate::fingerprint::of(&self.record))
    }

    fn set_record(&mut self, record: &Payload) {
        if let Ok(record) = record.clone().downcast() {
            self.record = record;
        }
    }

    fn outputs(&self) -> Payload {
        Rc::new(self.judged.clone())
    }

    fn foresee(&self, who: NodeId, slots: &[Rc<Slot>], wrote: bool, outputs: &Payload) -> Vec<usize> {
        let outputs = outputs.downcast_ref::<Vec<P::Output>>().map(Vec::as_slice).unwrap_or_default();
        let scene = Scene::<P> { record: &self.record, who, node: node_of(slots, who), outputs, slots };
        let tells = |property: &Property<P>| match property.sense {
            Sense::Always => (property.holds)(&scene).is_err(),
            Sense::Sometimes => (property.holds)(&scene).is_ok(),
            Sense::Eventually => false,
        };
        let told = self.properties.iter().enumerate();
        told.filter(|(_, property)| touches(property, outputs, wrote) && tells(property))
            .map(|(at, _)| at)
            .collect()
    }

    fn parse_input(&self, words: &str) -> Result<Payload, String> {
        words.parse::<P::Input>().map(|input| Rc::new(input) as Payload)
    }

    fn input_text(&self, input: &Payload) -> String {
        text::<P::Input>(input)
    }

    fn message_text(&self, message: &Payload) -> String {
        text::<P::Message>(message)
    }

    fn timer_text(&self, timer: &Payload) -> String {
        text::<P::Timer>(timer)
    }
}

/// What a payload holds. It is only ever handed to the shim whose types made it, so the default is never taken.
fn value<T: Clone + 'static>(payload: Payload) -> T {
    match payload.downcast::<T>() {
        Ok(value) => Rc::unwrap_or_clone(value),
        Err(_) => unreachable!("a payload went to another protocol's shim"),
    }
}

fn text<T: Display + 'static>(payload: &Payload) -> String {
    payload.downcast_ref::<T>().map(T::to_string).unwrap_or_default()
}
