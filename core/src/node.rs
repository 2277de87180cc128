//! What the author of a protocol sees: a [`Node`] answers messages, timers and inputs, and [`Ctx`] is its only door
//! to the world.
//!
//! A handler is atomic. `&mut self` is the whole memory of the node; what it wants done it says to the context,
//! which only collects. Nothing here knows the world, so a handler can be tested by calling it.

use crate::card::{Card, Path, Poll};
use crate::random::{Purpose, draw, within};
use crate::sign::Story;
use crate::time::Micros;
use crate::toolbox::signed::Signed;
use crate::words::{Kinds, Settings};
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::str::FromStr;

use crate::name::{NodeId, Rule, To};

/// What every type of a protocol derives, in one line.
pub trait Data: Clone + Debug + Eq + Ord + Hash + 'static {}
impl<T: Clone + Debug + Eq + Ord + Hash + 'static> Data for T {}

/// One node of a protocol: its state, and what it does about messages, timers and inputs.
// The compiler shows the line of a bound that is not met: so it says there what to derive.
pub trait Node: Data {
    /// What nodes tell each other. It prints as its kind, then its contents: `Append term 4 after 1@1 [2@2]`.
    type Message: Data + Kinds;
    /// What a node reminds itself of. A node has at most one timer of each value; it prints as one word.
    type Timer: Data + Display; // derive `Words`
    /// What the application asks of a node: an imperative. It is read from the words that it prints as.
    type Input: Data + Display + FromStr<Err = String>; // derive `Words` and `Read`
    /// What the application is told: a fact.
    type Output: Data + Display; // derive `Words`
    /// What survives a crash. Cheap to clone and compare: what is long shares its structure.
    type Stable: Data + Default + Display; // derive `Words`
    /// What is set before the run, wrong twins included.
    type Params: Data + Settings;

    /// Boots, or boots again after a crash with what [`Node::stable`] last was.
    fn start(stable: Self::Stable, ctx: &mut Ctx<Self>) -> Self;
    /// What is on disk after this step; read after every handler.
    fn stable(&self) -> Self::Stable;

    /// A message arrives.
    fn on_message(&mut self, from: NodeId, message: Self::Message, ctx: &mut Ctx<Self>);
    /// A timer fires; it is no longer set.
    fn on_timer(&mut self, timer: Self::Timer, ctx: &mut Ctx<Self>);
    /// The application asks for something.
    fn on_input(&mut self, input: Self::Input, ctx: &mut Ctx<Self>);

    /// What the application may ask now: the menu, the workload and the checker's branches.
    fn inputs(&self) -> Vec<Self::Input>;
    /// What the node could say to `to` instead of what it says in truth, were it Byzantine: a menu, like
    /// [`Node::inputs`]. It signs only for itself, with [`Ctx::sign`]. Without any, nobody lies.
    fn lies(&self, to: NodeId, truth: &Self::Message, ctx: &Ctx<Self>) -> Vec<Self::Message> {
        let _ = (to, truth, ctx);
        Vec::new()
    }
    /// What a message says of a matter of which its sender should tell everybody the same: two stories on their way are drawn
    /// apart. Where nobody lies there is none.
    fn story(message: &Self::Message) -> Option<Story> {
        let _ = message;
        None
    }
    /// The way so far of the request that a message carries on or answers, if it knows one: it is drawn hop by hop.
    fn way(message: &Self::Message) -> Option<Path> {
        let _ = message;
        None
    }
    /// How many signed statements of others a message shows as a proof: a bundle with their number is drawn on it.
    fn proofs(message: &Self::Message) -> usize {
        let _ = message;
        0
    }
    /// What the page shows of the node.
    fn card(&self) -> Card;
    /// What the page shows of it in a crowd while nobody looks at it: its sign, and its place where the layout counts one.
    fn glance(&self) -> Card {
        self.card().at_a_glance()
    }
}

/// What handlers want done; see [`Ctx::collected`].
#[derive(Debug)]
pub struct Collected<'a, N: Node> {
    /// Messages, in the order of sending.
    pub sends: &'a mut Vec<(To, N::Message)>,
    /// Timers, to be set after a delay or cancelled.
    pub timers: &'a mut Vec<(N::Timer, Option<Micros>)>,
    /// What the application was told.
    pub outputs: &'a mut Vec<N::Output>,
}

/// A handler's door to the world: it answers what a node may know and collects what the node wants done.
#[derive(Debug)]
pub struct Ctx<N: Node> {
    pub(crate) desk: Desk,
    pub(crate) params: Rc<N::Params>,
    pub(crate) sends: Vec<(To, N::Message)>,
    pub(crate) timers: Vec<(N::Timer, Option<Micros>)>,
    pub(crate) outputs: Vec<N::Output>,
}

/// What of a context knows no protocol, and so is compiled once for all.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) me: NodeId,
    pub(crate) count: u32,
    pub(crate) seed: u64,
    pub(crate) draws: u64,
    /// What the node's clock reads.
    pub(crate) clock: Micros,
    /// What the next choices shall be, and, of every choice in this step, below which bound it had to be.
    pub(crate) script: Vec<u64>,
    pub(crate) asked: Vec<u64>,
    /// Whether nothing is left to chance: what nobody chose is 0.
    pub(crate) manual: bool,
    /// Whether somebody will read what is told; otherwise no sentence is made.
    pub(crate) telling: bool,
    pub(crate) rule: Option<&'static Rule>,
    pub(crate) milestone: bool,
    pub(crate) told: String,
    pub(crate) agreed: Option<Poll>,
    pub(crate) cut: Option<String>,
    pub(crate) broken: Option<&'static str>,
    /// Of the messages that arrive at a time that is known, their places among those sent in this step, and that time.
    pub(crate) due: Vec<(usize, Micros)>,
}

impl Desk {
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn new(me: NodeId, count: u32, seed: u64) -> Self {
        Desk {
            me,
            count,
            seed,
            draws: 0,
            clock: 0,
            script: Vec::new(),
            asked: Vec::new(),
            manual: false,
            telling: false,
            rule: None,
            milestone: false,
            told: String::new(),
            agreed: None,
            cut: None,
            broken: None,
            due: Vec::new(),
        }
    }

    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn choose(&mut self, bound: u64) -> u64 {
        let most = bound.max(1) - 1;
        // Drawn in any case, so that later draws are what they would have been.
        let drawn = self.drawn(Purpose::Choice, &(0..=most));
        let chosen = self.script.get(self.asked.len()).map(|&chosen| chosen.min(most));
        self.asked.push(most + 1);
        chosen.unwrap_or(if self.manual { 0 } else { drawn })
    }

    fn drawn(&mut self, purpose: Purpose, range: &RangeInclusive<u64>) -> u64 {
        let drawn = draw(self.seed, purpose, (self.me.0, self.me.0), self.draws);
        self.draws += 1;
        within(drawn, range)
    }

    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn tell(&mut self, sentence: &str) {
        if !self.told.is_empty() {
            self.told.push_str(", ");
        }
        self.told.push_str(sentence);
    }
}

impl<N: Node> Ctx<N> {
    /// A context for one node of `count`, whose choices are drawn from `seed`; nothing is collected yet.
    pub fn new(me: NodeId, count: u32, seed: u64, params: Rc<N::Params>) -> Self {
        let desk = Desk::new(me, count, seed);
        Ctx { desk, params, sends: Vec::new(), timers: Vec::new(), outputs: Vec::new() }
    }

    /// Turns to another node, whose choices go on after `draws` of them. For whoever runs handlers, as is what
    /// [`Ctx::collected`] gives.
    pub fn turn_to(&mut self, me: NodeId, draws: u64) {
        (self.desk.me, self.desk.draws) = (me, draws);
        self.desk.asked.clear();
    }

    /// How many choices this node has drawn.
    pub fn draws(&self) -> u64 {
        self.desk.draws
    }

    /// What the handlers since the last look wanted done: messages, timers (set after a delay, or cancelled), and
    /// what they told. Whoever looks takes it away.
    pub fn collected(&mut self) -> Collected<'_, N> {
        Collected { sends: &mut self.sends, timers: &mut self.timers, outputs: &mut self.outputs }
    }

    /// Who I am.
    pub fn me(&self) -> NodeId {
        self.desk.me
    }

    /// What all that is drawn in this run depends on: for what is drawn once and known to all, as a hash is.
    pub fn seed(&self) -> u64 {
        self.desk.seed
    }

    /// How many nodes there are, I among them.
    pub fn count(&self) -> usize {
        self.desk.count as usize
    }

    /// Every node, I among them, in order.
    pub fn everyone(&self) -> impl Iterator<Item = NodeId> + use<N> {
        (0..self.desk.count).map(NodeId)
    }

    /// Every node but me, in order.
    pub fn others(&self) -> impl Iterator<Item = NodeId> + use<N> {
        let me = self.desk.me;
        self.everyone().filter(move |&node| node != me)
    }

    /// What my clock reads, in microseconds. It may be far from what others' clocks read, go faster or slower, and be set
    /// back; it survives a crash. Timers are not told by it but run as fast as it does. In manual mode and in searches,
    /// where times do not count, it stands still unless somebody sets it.
    pub fn clock(&self) -> Micros {
        self.desk.clock
    }

    /// Signs something in my name.
    pub fn sign<T>(&self, what: T) -> Signed<T> {
        Signed::new(self.desk.me, what)
    }

    /// What was set before the run.
    pub fn params(&self) -> &N::Params {
        &self.params
    }

    /// Sends a message to one node.
    pub fn send(&mut self, to: NodeId, message: N::Message) {
        self.sends.push((To::One(to), message));
    }

    /// Sends a message that arrives at a time, whatever the network does to others: it has arrived already in the log that a
    /// recorded run repeats.
    pub fn send_by(&mut self, to: NodeId, message: N::Message, arrives: Micros) {
        self.desk.due.push((self.sends.len(), arrives));
        self.send(to, message);
    }

    /// Sends the same message to every other node.
    pub fn broadcast(&mut self, message: N::Message) {
        self.sends.push((To::Others, message));
    }

    /// Sets a timer to fire after `delay`, whether it was set before or not.
    pub fn set(&mut self, timer: N::Timer, delay: Micros) {
        self.timers.push((timer, Some(delay)));
    }

    /// Cancels a timer; one that is not set stays so.
    pub fn cancel(&mut self, timer: N::Timer) {
        self.timers.push((timer, None));
    }

    /// Tells the application a fact.
    pub fn output(&mut self, output: N::Output) {
        self.outputs.push(output);
    }

    /// A number below `bound` (at least 1) that decides what happens: what somebody chose, otherwise drawn in
    /// a simulation, 0 in manual mode, and branched on by a search.
    pub fn choose(&mut self, bound: u64) -> u64 {
        self.desk.choose(bound)
    }

    /// A number in `range` that decides only when something happens; a search does not branch on it.
    pub fn random(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.desk.drawn(Purpose::Node, &range)
    }

    /// Names the rule of the paper that is being applied.
    pub fn note(&mut self, rule: &'static Rule) {
        self.desk.rule = Some(rule);
    }

    /// Names the rule and says what it comes to, after the node's name: "becomes leader of term 4". A step that is
    /// told so stands in the log in these words, and is one that a reader wants to stop at.
    pub fn tell(&mut self, rule: &'static Rule, sentence: impl FnOnce() -> String) {
        self.desk.rule = Some(rule);
        self.desk.milestone = true;
        if self.desk.telling {
            self.desk.tell(&sentence());
        }
    }

    /// Names the rule and says what it comes to, as [`Ctx::tell`] does, of a step at which nobody has to stop.
    pub fn remark(&mut self, rule: &'static Rule, sentence: impl FnOnce() -> String) {
        self.desk.rule = Some(rule);
        if self.desk.telling {
            self.desk.tell(&sentence());
        }
    }

    /// Says who has agreed to what is decided in this step, or answered: the poll as it is when that is enough. Whoever explains
    /// the step names them.
    pub fn agreed(&mut self, poll: impl FnOnce() -> Option<Poll>) {
        if self.desk.telling {
            self.desk.agreed = poll();
        }
    }

    /// Says that this step is the node's point of a cut through the run: what it did before lies before the cut, this step and all
    /// later ones after it. Points of the same name make one cut, which the page draws across the lifelines.
    pub fn cut(&mut self, name: impl Display) {
        self.desk.cut = Some(name.to_string());
    }

    /// States what the author believes to hold here; a belief that is broken becomes a violation of the run.
    pub fn ensure(&mut self, belief: &'static str, holds: bool) {
        if !holds && self.desk.broken.is_none() {
            self.desk.broken = Some(belief);
        }
    }
}
