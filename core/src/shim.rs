//! The shim that erases a protocol's types, so that the world is compiled once for all protocols.
//!
//! The world holds nodes, disks, messages and timers as [`Payload`]s and hands them to its [`Shim`]. What needs no
//! type of the protocol is done here; what does is [`typed`], which is compiled again for every protocol, and nothing
//! else of the engine is.

use crate::card::{Card, Path, Poll};
#[cfg(not(target_family = "wasm"))]
use crate::costs::{Figured, Measures};
use crate::curves::Curves;
use crate::fingerprint::Fingerprint;
use crate::history::{KeyValue, Of};
use crate::name::{NodeId, Rule, To};
use crate::node::{Ctx, Desk};
use crate::property::{About, Contradiction, Despite, Judgement, Sense, Terms};
use crate::protocol::{Protocol, Quiet};
use crate::sign::Story;
use crate::slot::{Payload, Slot};
use crate::time::Micros;
use crate::title::Kind;
use std::fmt::Display;
use std::hash::Hasher;
use std::rc::Rc;

mod typed;

use typed::Typed;
pub(crate) use typed::property;

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
    /// When those of them arrive, by their places, of which that is known.
    pub(crate) due: Vec<(usize, Micros)>,
    pub(crate) wrote: bool,
    pub(crate) rule: Option<&'static Rule>,
    pub(crate) milestone: bool,
    pub(crate) cut: Option<String>,
    pub(crate) broken: Option<&'static str>,
    /// Of every choice that was made, below which bound it had to be.
    pub(crate) asked: Vec<u64>,
    /// Below: only while telling.
    pub(crate) told: String,
    pub(crate) agreed: Option<Poll>,
    pub(crate) disk: String,
    pub(crate) outputs: Vec<String>,
}

/// Of which of a protocol's types a payload is.
#[derive(Clone, Copy)]
pub(crate) enum Sort {
    Message,
    Timer,
    Input,
}

/// What claims are judged by, without types.
pub(crate) struct Evidence<'a> {
    who: NodeId,
    slots: &'a [Rc<Slot>],
    /// When it took the step, or when claims are judged.
    now: Micros,
    /// When the last disturbance ended, and before which time all that came up has had its time.
    peace: Micros,
    due: Micros,
    /// What the node told the application; `None` if nothing.
    told: Option<Told<'a>>,
}

/// What a node told the application.
pub(crate) enum Told<'a> {
    /// In the latest step.
    Now,
    /// In an earlier one, from which it was kept.
    Then(&'a Payload),
}

/// What keeps a claim about the end from being judged, each in words.
pub(crate) struct Rest<'a> {
    /// When the last disturbance ended.
    pub(crate) peace: Micros,
    /// The time at which claims are judged, and the one before which all that came up has had its time.
    pub(crate) now: Micros,
    pub(crate) due: Micros,
    /// A failure that is left, beyond what it endures, where so many nodes may be faulty.
    pub(crate) unrepaired: &'a dyn Fn(Despite, u32) -> Option<String>,
    /// How much of the time that it may take has not passed yet, for what came up then.
    pub(crate) too_soon: &'a dyn Fn(Micros) -> Option<String>,
}

/// What only a protocol's types can do. It is small: what stands here is compiled for every protocol.
pub(crate) trait Types {
    fn another(&self) -> Box<dyn Types>;
    /// What of the context knows no types.
    fn desk(&mut self) -> &mut Desk;
    /// Runs the handler, and moves what it sent and set out of the typed context; whether it told anything.
    fn handle(&mut self, slot: &mut Slot, stimulus: Stimulus, fx: &mut Effects) -> bool;
    /// What the latest step told, in words.
    fn told(&self) -> Vec<String>;
    /// Whether there is anything to judge of a claim, by its place; otherwise what is missing.
    fn asked(&self, claim: usize, evidence: &Evidence<'_>) -> Result<(), &'static str>;
    /// Judges the latest step by these claims, and adds it to the record: which of them, by their places, it breaks or reaches.
    fn judge(&mut self, claims: &[usize], evidence: &Evidence<'_>)
    -> Vec<(usize, Result<(), Contradiction>)>;
    /// Whether a claim, by its place, holds.
    fn holds(&self, claim: usize, evidence: &Evidence<'_>) -> Result<(), Contradiction>;
    /// When that came up of which a claim about the end, by its place, does not hold yet; `None` if nothing can change it.
    fn since(&self, claim: usize, evidence: &Evidence<'_>) -> Option<Micros>;
    /// How many nodes may be faulty as things stand.
    fn tolerates(&self, evidence: &Evidence<'_>) -> u32;
    /// How long it may take to do what it claims of the end.
    fn settles(&self, quiet: Quiet) -> Option<Micros>;
    /// What a message is to a reader of the log, where that is less than its words.
    fn brief(&self, message: &Payload) -> Option<String>;
    fn record(&self) -> Payload;
    fn hash_record(&self, fingerprint: &mut Fingerprint);
    fn set_record(&mut self, record: &Payload);
    /// What the latest step that was judged told the application; `None` if nothing.
    fn outputs(&self) -> Option<Payload>;
    fn disk(&self, machine: &Payload) -> Option<Payload>;
    fn disk_before(&self, machine: &Payload) -> Option<Payload>;
    /// A node's card, or as much of it as is seen at a glance.
    fn card(&self, machine: &Payload, glance: bool) -> Card;
    fn card_of_disk(&self, who: NodeId, disk: &Payload) -> Card;
    fn inputs(&self, machine: &Payload) -> Vec<Payload>;
    fn lies(&self, who: NodeId, machine: &Payload, to: NodeId, truth: &Payload) -> Vec<(Payload, u8)>;
    fn story(&self, message: &Payload) -> Option<Story>;
    fn way(&self, message: &Payload) -> Option<Path>;
    fn proofs(&self, message: &Payload) -> usize;
    fn history(&self) -> Option<&Of<KeyValue>>;
    fn charts(&self, span: Micros) -> Vec<(Curves, bool)>;
    fn points(&self, chart: usize, slots: &[Rc<Slot>]) -> Vec<(u64, u64)>;
    #[cfg(not(target_family = "wasm"))]
    fn figures(&self, measures: &Measures, slots: &[Rc<Slot>]) -> Vec<Figured>;
    fn hash_slot(&self, slot: &Slot, fingerprint: &mut Fingerprint);
    fn hash(&self, stimulus: &Stimulus, fingerprint: &mut Fingerprint);
    fn parse_input(&self, words: &str) -> Result<Payload, String>;
    fn words<'a>(&self, sort: Sort, payload: &'a Payload) -> Option<&'a dyn Display>;
}

/// The world's only way to a protocol.
pub(crate) struct Shim {
    types: Box<dyn Types>,
    kinds: &'static [Kind],
    claims: Rc<[Terms]>,
    /// Whether some claim is judged at every step. Where none is, most steps touch nothing.
    judges_always: bool,
    judgements: Vec<Judgement>,
    /// The claims that a step is judged by; kept for its memory.
    open: Vec<usize>,
    /// Whether the latest step told the application anything.
    told: bool,
}

/// The types of a protocol for so many nodes, before the first event.
pub(crate) fn types<P: Protocol>(params: P::Params, count: u32, seed: u64) -> Box<dyn Types> {
    Box::new(Typed::new(Ctx::<P>::new(NodeId(0), count, seed, Rc::new(params))))
}

impl Clone for Shim {
    fn clone(&self) -> Self {
        let (claims, judgements) = (self.claims.clone(), self.judgements.clone());
        Shim { types: self.types.another(), claims, judgements, open: Vec::new(), ..*self }
    }
}

/// Whether a step touches anything that a claim is about, so that it has to be judged.
fn touches(claim: Terms, told: bool, wrote: bool) -> bool {
    match claim.about {
        _ if claim.sense == Sense::Eventually => false,
        About::Everything => true,
        About::Outputs => told,
        About::Disks => wrote,
    }
}

impl Shim {
    /// The shim of a protocol with its types, its kinds of messages, and of each claim what has to be known to judge it.
    pub(crate) fn new(types: Box<dyn Types>, kinds: &'static [Kind], claims: Rc<[Terms]>) -> Self {
        let judgements = vec![Judgement::Open; claims.len()];
        let judges_always = claims.iter().any(|claim| touches(*claim, false, false));
        Shim { types, kinds, claims, judges_always, judgements, open: Vec::new(), told: false }
    }

    /// From now on a choice that nobody made is 0.
    pub(crate) fn leave_nothing_to_chance(&mut self) {
        self.types.desk().manual = true;
    }

    pub(crate) fn kinds(&self) -> &'static [Kind] {
        self.kinds
    }

    /// Lets a node whose clock reads `fx.clock` take one step; what it came to is in `fx`, its timers are set in its slot.
    pub(crate) fn step(
        &mut self,
        who: NodeId,
        slot: &mut Slot,
        stimulus: Stimulus,
        telling: bool,
        fx: &mut Effects,
    ) {
        let desk = self.types.desk();
        (desk.me, desk.draws, desk.clock, desk.telling) = (who, slot.draws, fx.clock, telling);
        if !(desk.script.is_empty() && slot.script.is_empty()) {
            desk.script.clone_from(&slot.script);
        }
        self.told = self.types.handle(slot, stimulus, fx);
        if telling {
            fx.outputs = self.types.told();
        }
        let desk = self.types.desk();
        slot.draws = desk.draws;
        fx.asked.clear();
        if !desk.asked.is_empty() {
            let made = desk.asked.len().min(slot.script.len());
            slot.script.drain(..made);
            std::mem::swap(&mut fx.asked, &mut desk.asked);
        }
        fx.due.clear();
        if !desk.due.is_empty() {
            std::mem::swap(&mut fx.due, &mut desk.due);
        }
        fx.rule = desk.rule.take();
        fx.milestone = std::mem::take(&mut desk.milestone);
        fx.cut = desk.cut.take();
        fx.broken = desk.broken.take();
        if telling {
            fx.told = std::mem::take(&mut desk.told);
            fx.agreed = desk.agreed.take();
        }
    }

    /// Judges the latest step, by a node, with event `at`, which happened now; returns whether a claim broke.
    pub(crate) fn judge(
        &mut self,
        who: NodeId,
        slots: &[Rc<Slot>],
        wrote: bool,
        (at, now): (u32, Micros),
    ) -> bool {
        let mut broke = false;
        let taken = slots[who.index()].taken;
        let (told, wrote) = (self.told && !taken, wrote && !taken);
        let evidence = Evidence { who, slots, now, peace: 0, due: 0, told: told.then_some(Told::Now) };
        self.open.clear();
        if told || wrote || self.judges_always {
            let judged = self.claims.iter().zip(&self.judgements).enumerate();
            let open = judged.filter(|(_, (claim, judgement))| {
                touches(**claim, told, wrote) && **judgement == Judgement::Open
            });
            self.open.extend(open.map(|(place, _)| place));
        }
        for (place, settled) in self.types.judge(&self.open, &evidence) {
            self.judgements[place] = match settled {
                Ok(()) => Judgement::Reached { at },
                Err(contradiction) => {
                    broke = true;
                    Judgement::Violated { at, contradiction: contradiction.into() }
                }
            };
        }
        self.told = false;
        broke
    }

    /// What is known of each claim.
    pub(crate) fn judgements(&self) -> &[Judgement] {
        &self.judgements
    }

    /// The same, and of what must hold eventually whether it does now, after `at` events; and which claims there is nothing to
    /// judge of.
    pub(crate) fn judgements_at_rest(&self, slots: &[Rc<Slot>], at: u32, rest: &Rest<'_>) -> Vec<Judgement> {
        let evidence =
            Evidence { who: NodeId(0), slots, now: rest.now, peace: rest.peace, due: rest.due, told: None };
        let unjudged = |why: String| Judgement::Unjudged { why: why.into() };
        let mut judgements = self.judgements.clone();
        for (place, (claim, judgement)) in self.claims.iter().zip(&mut judgements).enumerate() {
            if *judgement != Judgement::Open || claim.sense == Sense::Sometimes {
                continue;
            }
            *judgement = match self.types.asked(place, &evidence) {
                Err(why) => unjudged(why.into()),
                Ok(()) if claim.sense == Sense::Always => Judgement::Open,
                Ok(()) => match (rest.unrepaired)(claim.despite, self.types.tolerates(&evidence)) {
                    Some(failure) => unjudged(format!("a failure remains: {failure}")),
                    None => match self.types.holds(place, &evidence) {
                        Ok(()) => Judgement::Reached { at },
                        Err(contradiction) => {
                            match self.types.since(place, &evidence).and_then(rest.too_soon) {
                                Some(why) => unjudged(why),
                                None => Judgement::Violated { at, contradiction: contradiction.into() },
                            }
                        }
                    },
                },
            };
        }
        judgements
    }

    /// How long the protocol may take to do what it claims of the end; `None` where it claims nothing.
    pub(crate) fn settles(&self, quiet: Quiet) -> Option<Micros> {
        self.types.settles(quiet)
    }

    /// What is on disk once the memory is gone.
    pub(crate) fn disk(&self, machine: &Payload) -> Option<Payload> {
        self.types.disk(machine)
    }

    /// What was on disk before it was last written; `None` when nothing was since the node booted.
    pub(crate) fn disk_before(&self, machine: &Payload) -> Option<Payload> {
        self.types.disk_before(machine)
    }

    /// What the page shows of a node.
    pub(crate) fn card(&self, machine: &Payload) -> Card {
        self.types.card(machine, false)
    }

    /// What the page shows of it in a crowd.
    pub(crate) fn glance(&self, machine: &Payload) -> Card {
        self.types.card(machine, true)
    }

    /// The card that this node would have if it booted from this disk.
    pub(crate) fn card_of_disk(&self, who: NodeId, disk: &Payload) -> Card {
        self.types.card_of_disk(who, disk)
    }

    /// All the things that a node may be asked now.
    pub(crate) fn inputs(&self, machine: &Payload) -> Vec<Payload> {
        self.types.inputs(machine)
    }

    /// What clients have asked and been told, where the protocol keeps that.
    pub(crate) fn history(&self) -> Option<&Of<KeyValue>> {
        self.types.history()
    }

    /// How many curves there are, what each shows, and theory's for a run of so many microseconds.
    pub(crate) fn charts(&self, span: Micros) -> Vec<(Curves, bool)> {
        self.types.charts(span)
    }

    /// The points of a curve now; of one over time, one, at time 0.
    pub(crate) fn points(&self, chart: usize, slots: &[Rc<Slot>]) -> Vec<(u64, u64)> {
        self.types.points(chart, slots)
    }

    /// Its figures, of a run that ends here and cost this.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn figures(&self, measures: &Measures, slots: &[Rc<Slot>]) -> Vec<Figured> {
        self.types.figures(measures, slots)
    }

    /// What a node could say to another instead of a message, each with its kind.
    pub(crate) fn lies(
        &self,
        who: NodeId,
        machine: &Payload,
        to: NodeId,
        truth: &Payload,
    ) -> Vec<(Payload, u8)> {
        self.types.lies(who, machine, to, truth)
    }

    /// Hashes a node's memory or, while it is down, its disk.
    pub(crate) fn hash_slot(&self, slot: &Slot, fingerprint: &mut Fingerprint) {
        self.types.hash_slot(slot, fingerprint);
    }

    /// The fingerprint of what happens to a node.
    pub(crate) fn fingerprint_of(&self, stimulus: &Stimulus) -> u64 {
        let mut fingerprint = Fingerprint::default();
        self.types.hash(stimulus, &mut fingerprint);
        fingerprint.finish()
    }

    /// What the judge remembers of the run, and its fingerprint.
    pub(crate) fn record(&self) -> (Payload, u64) {
        let mut fingerprint = Fingerprint::default();
        self.types.hash_record(&mut fingerprint);
        (self.types.record(), fingerprint.finish())
    }

    /// How many words nodes in memory or on disk hold, and what the judge remembers.
    pub(crate) fn weight(&self, slots: &[Rc<Slot>]) -> u64 {
        let mut fingerprint = Fingerprint::default();
        for slot in slots {
            self.types.hash_slot(slot, &mut fingerprint);
        }
        self.types.hash_record(&mut fingerprint);
        fingerprint.words()
    }

    /// Lets the judge remember another run.
    pub(crate) fn set_record(&mut self, record: &Payload) {
        self.types.set_record(record);
    }

    /// What the latest step that was judged told the application; `None` if nothing.
    pub(crate) fn outputs(&self) -> Option<Payload> {
        self.types.outputs()
    }

    /// Which claims, by their places, a step would break or reach that told this.
    pub(crate) fn foresee(
        &self,
        who: NodeId,
        slots: &[Rc<Slot>],
        wrote: bool,
        outputs: Option<&Payload>,
    ) -> Vec<usize> {
        let evidence = Evidence { who, slots, now: 0, peace: 0, due: 0, told: outputs.map(Told::Then) };
        let mut foreseen = Vec::new();
        for (place, claim) in self.claims.iter().enumerate() {
            if touches(*claim, outputs.is_some(), wrote)
                && self.types.holds(place, &evidence).is_ok() == (claim.sense == Sense::Sometimes)
            {
                foreseen.push(place);
            }
        }
        foreseen
    }

    /// The input that is written so.
    ///
    /// # Errors
    /// One sentence that says what could be asked.
    pub(crate) fn parse_input(&self, words: &str) -> Result<Payload, String> {
        self.types.parse_input(words)
    }

    /// An input in words.
    pub(crate) fn input_text(&self, input: &Payload) -> String {
        self.text(Sort::Input, input)
    }

    /// A message in words.
    pub(crate) fn message_text(&self, message: &Payload) -> String {
        self.text(Sort::Message, message)
    }

    /// What a message says of a matter of which everybody should be told the same.
    pub(crate) fn message_story(&self, message: &Payload) -> Option<Story> {
        self.types.story(message)
    }

    /// The way so far of the request that a message carries on or answers.
    pub(crate) fn message_way(&self, message: &Payload) -> Option<Path> {
        self.types.way(message)
    }

    /// How many signed statements of others a message shows as a proof.
    pub(crate) fn message_proofs(&self, message: &Payload) -> usize {
        self.types.proofs(message)
    }

    /// What a message is to a reader of the log, where that is less.
    pub(crate) fn message_brief(&self, message: &Payload) -> Option<String> {
        self.types.brief(message)
    }

    /// A timer in words.
    pub(crate) fn timer_text(&self, timer: &Payload) -> String {
        self.text(Sort::Timer, timer)
    }

    fn text(&self, sort: Sort, payload: &Payload) -> String {
        self.types.words(sort, payload).map(text).unwrap_or_default()
    }
}

/// Something in words. A call, which would otherwise be compiled again for every type.
#[inline(never)]
fn text(thing: &dyn Display) -> String {
    thing.to_string()
}
