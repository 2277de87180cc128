//! The nemesis: random faults inside what a protocol assumes, then peace, in which what must hold eventually must.
//!
//! What it may do is itself drawn from the seed (swarm testing: Groce et al., ISSTA 2012): a run with crashes only finds
//! what a run with a little of everything never does. All that it does is written down as acts, so that an attack is
//! a scenario like any other.

use crate::clock::Adjustment;
use crate::event::Links as Cuts;
use crate::network::Behaviour;
use crate::node::NodeId;
use crate::property::Sense;
use crate::random::{Purpose, draw, within};
use crate::scenario::{Act, MOST_ACTS, MessageName, Moment, Scenario, Timed, slug};
use crate::sim::Cursor;
use crate::time::Micros;
use crate::title::{Assumptions, Failures, Links, Timing};
use crate::trace::{Flags, What};
use crate::world::{Verdict, World};

/// What came of one attack.
#[derive(Clone)]
pub struct Attack {
    /// The run, with all acts of the nemesis.
    pub scenario: Scenario,
    /// The first claim or belief that broke, and who saw what.
    pub broken: Option<Broken>,
    /// How many events there were.
    pub events: u32,
    /// How many of the acts did nothing.
    pub idle: u32,
    /// What should come up sometimes and did.
    pub reached: Vec<&'static str>,
}

/// A claim or belief that a run broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The claim's slug, or the belief.
    pub claim: String,
    /// Who saw what.
    pub sentence: String,
    /// When.
    pub time: Micros,
}

/// What the nemesis may do in one run.
struct Temper {
    crashes: bool,
    cuts: bool,
    drops: bool,
    delays: bool,
    copies: bool,
    fires: bool,
    /// Whether it goes for whoever did something remarkable last.
    stalks: bool,
    /// The longest pause between two acts.
    pace: Micros,
    pauses: bool,
    /// Whether it holds links and makes them slower.
    links: bool,
    clocks: bool,
    /// How many nodes it may take over.
    liars: usize,
}

/// The draws of one attack.
struct Dice {
    seed: u64,
    /// Which of the dice of this seed: what was taught to the nemesis later has dice of its own, so that attacks
    /// without it stay what they were.
    which: u32,
    drawn: u64,
}

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        within(draw(self.seed, Purpose::Nemesis, (self.which, 0), self.drawn), &(0..=bound.max(1) - 1))
    }

    fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    fn one_of<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let place = self.below(things.len() as u64) as usize;
        things.get(place)
    }
}

impl Temper {
    fn drawn(dice: &mut Dice, late: &mut Dice, newest: &mut Dice, base: &Scenario) -> Self {
        let assumptions = base.entry.info.assumptions;
        let lossy = assumptions.links <= Links::AtMostOnce;
        let patient = assumptions.timing != Timing::Synchronous;
        Temper {
            crashes: assumptions.failures >= Failures::CrashStop && !dice.one_in(4),
            cuts: lossy && patient && !dice.one_in(3),
            drops: lossy && dice.one_in(2),
            delays: patient && dice.one_in(2) && assumptions.links < Links::Fifo,
            copies: assumptions.links == Links::FairLoss && dice.one_in(2),
            fires: patient && dice.one_in(2),
            stalks: dice.one_in(2),
            pace: *dice.one_of(&[5_000, 20_000, 80_000, 300_000]).unwrap_or(&50_000),
            pauses: patient && late.one_in(4),
            links: patient && late.one_in(4),
            clocks: patient && newest.one_in(4),
            liars: base.entry.tolerated(base.nodes) as usize,
        }
    }
}

/// To whom peace comes after the war.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Peace {
    /// To all nodes.
    #[default]
    All,
    /// To all but one, which from the middle of the war on stays deaf, mute or cut off. Who needs only a majority must
    /// go on without it.
    AllButOne,
}

/// Attacks a protocol, set up as `base` says, with one seed.
pub fn attack(base: &Scenario, seed: u64) -> Attack {
    attack_until(base, seed, Peace::All)
}

/// The same, until such a peace.
pub fn attack_until(base: &Scenario, seed: u64, peace: Peace) -> Attack {
    let mut raid = Raid::new(base, seed);
    if peace == Peace::AllButOne {
        raid.stray = Some(Stray::drawn(seed));
    }
    while !raid.step(u32::MAX) {}
    raid.outcome()
}

/// Attacks with one seed after another until something breaks, in slices, so that a page can run them without freezing.
pub struct Siege {
    base: Scenario,
    seed: u64,
    raid: Raid,
    tally: Tally,
    broken: Option<Attack>,
}

/// How far a [`Siege`] has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many attacks are over.
    pub seeds: u64,
    /// How many events there were in those.
    pub events: u64,
    /// What should come up sometimes and did.
    pub reached: Vec<&'static str>,
}

impl Siege {
    /// Attacks with the seed `first`, then the next, and so on.
    pub fn new(base: &Scenario, first: u64) -> Self {
        let raid = Raid::new(base, first);
        Siege { base: base.clone(), seed: first, raid, tally: Tally::default(), broken: None }
    }

    /// Goes on for about so many events, and not beyond the end of an attack; whether something is broken.
    pub fn step(&mut self, events: u32) -> bool {
        if self.broken.is_some() || !self.raid.step(events) {
            return self.broken.is_some();
        }
        self.seed = self.seed.wrapping_add(1);
        let attack = std::mem::replace(&mut self.raid, Raid::new(&self.base, self.seed)).outcome();
        self.tally.seeds += 1;
        self.tally.events += u64::from(attack.events);
        let new: Vec<_> =
            attack.reached.iter().filter(|name| !self.tally.reached.contains(name)).copied().collect();
        self.tally.reached.extend(new);
        self.broken = attack.broken.is_some().then_some(attack);
        self.broken.is_some()
    }

    /// How far it has come.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The first attack that broke something.
    pub fn broken(&self) -> Option<&Attack> {
        self.broken.as_ref()
    }
}

/// A node that peace does not come to.
struct Stray {
    dice: Dice,
    hears: bool,
    speaks: bool,
    /// Which it is, once it has gone astray.
    node: Option<NodeId>,
}

impl Stray {
    fn drawn(seed: u64) -> Self {
        let mut dice = Dice { seed, which: 4, drawn: 0 };
        let (hears, speaks) =
            *dice.one_of(&[(false, true), (true, false), (false, false)]).unwrap_or(&(false, true));
        Stray { dice, hears, speaks, node: None }
    }

    /// Cuts its links, where they are not cut.
    fn go(&mut self, play: &mut Play, time: Micros) {
        let stray = *self.node.get_or_insert_with(|| {
            let anybody = NodeId(self.dice.below(play.scenario.nodes.into()) as u32);
            play.notable.filter(|_| !self.dice.one_in(4)).unwrap_or(anybody)
        });
        for other in (0..play.scenario.nodes).map(NodeId).filter(|&other| other != stray) {
            let links = [(!self.hears, (other, stray)), (!self.speaks, (stray, other))];
            for (_, (from, to)) in links.into_iter().filter(|(cut, _)| *cut) {
                if !play.world().cuts().contains(&(from, to)) {
                    play.act(time, Act::Cut(Cuts::OneWay(from, to)));
                }
            }
        }
    }
}

/// One attack under way: war, then peace.
struct Raid {
    play: Play,
    dice: Dice,
    late: Dice,
    newest: Dice,
    temper: Temper,
    assumptions: Assumptions,
    stray: Option<Stray>,
    /// When the war ends.
    war: Micros,
    /// When it acts next.
    time: Micros,
    /// Once there is peace, how often it has looked at the claims, and which of them were met at no look.
    peace: Option<(u64, Vec<usize>)>,
}

/// How often the claims are looked at in peace: what must hold eventually must hold at one of these looks.
pub(crate) const LOOKS: u64 = 20;

impl Raid {
    fn new(base: &Scenario, seed: u64) -> Self {
        let mut dice = Dice { seed, which: 0, drawn: 0 };
        let mut late = Dice { seed, which: 2, drawn: 0 };
        let mut newest = Dice { seed, which: 3, drawn: 0 };
        let assumptions = base.entry.info.assumptions;
        let temper = Temper::drawn(&mut dice, &mut late, &mut newest, base);
        let mut scenario = base.bare();
        scenario.seed = seed;
        disturb_network(&mut scenario, &mut dice, assumptions);
        let war = base.until;
        scenario.until = war.saturating_mul(3);
        let play = Play { cursor: Cursor::new(&scenario), scenario, notable: None, idle: 0 };
        Raid { play, dice, late, newest, temper, assumptions, stray: None, war, time: 0, peace: None }
    }

    /// Goes on for about so many events; whether it is over.
    fn step(&mut self, events: u32) -> bool {
        let until = self.play.world().events().saturating_add(events);
        while self.play.world().events() < until {
            match &mut self.peace {
                None if self.play.is_broken() => return true,
                None => self.fight(),
                Some((LOOKS, _)) => return true,
                Some((looks, unmet)) => {
                    *looks += 1;
                    self.play.on(self.war + (self.play.scenario.until - self.war) / LOOKS * *looks);
                    let now = self.play.world().verdicts_at_rest();
                    unmet.retain(|&place| matches!(now[place], Verdict::Violated { .. }));
                }
            }
        }
        false
    }

    /// The next of the nemesis's acts, or else the end of the war.
    fn fight(&mut self) {
        let Raid { play, dice, late, newest, temper, assumptions, stray, war, .. } = self;
        self.time += 1 + dice.below(temper.pace);
        while play.on_to_a_liar(self.time.min(*war)) {
            play.lie(newest);
        }
        if self.time >= *war {
            if !play.is_broken() {
                play.make_peace(*war, *assumptions);
                if let Some(stray) = stray {
                    stray.go(play, *war);
                }
                self.peace = Some((0, (0..play.world().verdicts().len()).collect()));
            }
            return;
        }
        if let Some(act) = take_over(newest, temper, play) {
            play.act(self.time, act);
        }
        if let Some(act) = slow_down(late, temper, play) {
            play.act(self.time, act);
        }
        if let Some(act) = touch_clock(newest, temper, play) {
            play.act(self.time, act);
        }
        if let Some(act) = choose(dice, temper, play, *assumptions) {
            play.act(self.time, act);
        }
        if let Some(stray) = stray.as_mut().filter(|_| self.time >= *war / 2) {
            stray.go(play, self.time);
        }
    }

    fn outcome(self) -> Attack {
        let (_, unmet) = self.peace.unwrap_or_default();
        self.play.outcome(&unmet)
    }
}

fn disturb_network(scenario: &mut Scenario, dice: &mut Dice, assumptions: Assumptions) {
    let network = &mut scenario.network;
    if assumptions.links <= Links::AtMostOnce {
        network.loss_ppm = *dice.one_of(&[0, 0, 10_000, 100_000]).unwrap_or(&0);
    }
    if assumptions.links == Links::FairLoss {
        network.duplicate_ppm = *dice.one_of(&[0, 0, 10_000, 100_000]).unwrap_or(&0);
    }
    if assumptions.timing != Timing::Synchronous {
        let (least, greatest) = network.latency;
        network.latency = (least / (1 + dice.below(5)), greatest * (1 + dice.below(4)));
    }
    if scenario.ask == 0 {
        scenario.ask = 5_000 + dice.below(100_000);
    }
}

/// The run of an attack.
struct Play {
    scenario: Scenario,
    cursor: Cursor,
    /// Who did something remarkable last.
    notable: Option<NodeId>,
    idle: u32,
}

impl Play {
    fn world(&self) -> &World {
        &self.cursor.world
    }

    fn nodes(&self, up: bool) -> Vec<NodeId> {
        let all = (0..self.scenario.nodes).map(NodeId);
        all.filter(|&node| self.world().is_up(node) == up).collect()
    }

    fn awake(&self) -> Vec<NodeId> {
        self.nodes(true).into_iter().filter(|&node| !self.world().is_paused(node)).collect()
    }

    fn paused(&self) -> Vec<NodeId> {
        (0..self.scenario.nodes).map(NodeId).filter(|&node| self.world().is_paused(node)).collect()
    }

    fn touched_clocks(&self) -> Vec<NodeId> {
        (0..self.scenario.nodes).map(NodeId).filter(|&node| self.world().is_clock_touched(node)).collect()
    }

    fn is_broken(&self) -> bool {
        let broken = |verdict: &Verdict| matches!(verdict, Verdict::Violated { .. });
        self.world().verdicts().iter().any(broken) || !self.world().broken_beliefs().is_empty()
    }

    /// Plays on up to a time, or until something breaks.
    fn on(&mut self, time: Micros) {
        while self.on_to_a_liar(time) {}
    }

    /// The same, or until a node takes a step that is taken over; whether it did.
    fn on_to_a_liar(&mut self, time: Micros) -> bool {
        while let Some(record) = self.cursor.step(&self.scenario, time) {
            if record.flags.has(Flags::MILESTONE) {
                self.notable = Some(NodeId(record.node));
            }
            self.idle += u32::from(record.what == What::Refused);
            if record.flags.has(Flags::VIOLATION) {
                return false;
            }
            if record.what.is_step() && self.world().is_taken_over(NodeId(record.node)) {
                return true;
            }
        }
        false
    }

    /// Lets the node that just took a step say something else to some, and nothing to others.
    fn lie(&mut self, dice: &mut Dice) {
        let (time, cause) = (self.world().now(), self.world().events() - 1);
        let said = self.world().message_names().into_iter();
        let fresh = said.filter(|(id, _)| self.world().message(*id).is_some_and(|it| it.cause == cause));
        // From the last to the first: so those that are left keep their names.
        for (message, name) in fresh.collect::<Vec<_>>().into_iter().rev() {
            let lies = self.world().lie_texts(message);
            let act = match dice.below(6) {
                0 => Some(Act::Drop(name)),
                1..=3 => dice.one_of(&lies).map(|lie| Act::Forge(name, lie.clone())),
                _ => None,
            };
            if let Some(act) = act.filter(|_| self.scenario.acts.len() < MOST_ACTS / 2) {
                self.act(time, act);
            }
        }
    }

    fn liars(&self) -> Vec<NodeId> {
        (0..self.scenario.nodes).map(NodeId).filter(|&node| self.world().is_taken_over(node)).collect()
    }

    fn act(&mut self, time: Micros, act: Act) {
        self.scenario.acts.push(Timed { at: Moment { time, nth: None }, act });
        self.on(time);
    }

    /// Repairs everything that may be repaired.
    fn make_peace(&mut self, war: Micros, assumptions: Assumptions) {
        let world = self.world();
        let (cut, held, altered) = (world.cuts(), world.held(), world.altered());
        let repairs = [
            (cut, Act::Heal(None)),
            (held, Act::Release(None)),
            (altered, Act::Link(None, Behaviour::Normal)),
        ];
        for (_, repair) in repairs.into_iter().filter(|(links, _)| !links.is_empty()) {
            self.act(war, repair);
        }
        for node in self.paused() {
            self.act(war, Act::Resume(node));
        }
        for node in self.touched_clocks() {
            self.act(war, Act::Clock(node, Adjustment::Normal));
        }
        if assumptions.failures >= Failures::CrashRecovery {
            for node in self.nodes(false) {
                self.act(war, Act::Restart(node));
            }
        }
        // Where links lose nothing, nobody sends again what was delayed beyond all peace.
        while let Some(message) = self.late(war + (self.scenario.until - war) / 2)
            && assumptions.links >= Links::Perfect
        {
            self.act(war, Act::Deliver(message));
        }
    }

    /// The first message that arrives only after this time.
    fn late(&self, time: Micros) -> Option<MessageName> {
        let arrives = |id| self.world().message(id).map_or(0, |envelope| envelope.arrives);
        let mut names = self.world().message_names().into_iter();
        names.find(|(id, _)| arrives(*id) > time).map(|(_, name)| name)
    }

    fn outcome(self, unmet: &[usize]) -> Attack {
        let world = self.world();
        let mut broken = world.broken_beliefs().first().map(|(_, node, belief)| Broken {
            claim: (*belief).into(),
            sentence: format!("{node} saw otherwise"),
            time: world.now(),
        });
        let mut reached = Vec::new();
        let claims = self.scenario.entry.claims();
        let verdicts = world.verdicts_at_rest();
        for (place, (claim, verdict)) in claims.iter().zip(verdicts).enumerate() {
            let counts = claim.sense != Sense::Eventually || unmet.contains(&place);
            match verdict {
                Verdict::Violated { sentence, .. } if counts && broken.is_none() => {
                    let (claim, sentence) = (slug(claim.name), sentence.to_string());
                    broken = Some(Broken { claim, sentence, time: world.now() });
                }
                Verdict::Reached { .. } if claim.sense == Sense::Sometimes => reached.push(claim.name),
                _ => {}
            }
        }
        let (events, idle) = (world.events(), self.idle);
        Attack { scenario: self.scenario, broken, events, idle, reached }
    }
}

/// What to do now; nothing, if the die falls on what this nemesis does not do or what cannot be done.
fn choose(dice: &mut Dice, temper: &Temper, play: &Play, assumptions: Assumptions) -> Option<Act> {
    match dice.below(8) {
        0 | 1 if temper.crashes => crash(dice, temper, play, assumptions),
        2 | 3 if assumptions.failures >= Failures::CrashRecovery => {
            dice.one_of(&play.nodes(false)).copied().map(Act::Restart)
        }
        4 if temper.cuts => cut(dice, play),
        4 if temper.fires => fire(dice, play),
        5 if temper.cuts && !play.world().cuts().is_empty() => Some(Act::Heal(None)),
        5 if temper.copies => message(dice, play).map(Act::Duplicate),
        6 if temper.drops => message(dice, play).map(Act::Drop),
        6 if temper.copies => message(dice, play).map(Act::Duplicate),
        7 if temper.delays => {
            let by = 1_000 << dice.below(9);
            message(dice, play).map(|message| Act::Delay(message, by))
        }
        7 if temper.fires => fire(dice, play),
        _ => None,
    }
}

fn crash(dice: &mut Dice, temper: &Temper, play: &Play, assumptions: Assumptions) -> Option<Act> {
    let (mut up, down) = (play.nodes(true), play.nodes(false));
    if assumptions.failures == Failures::Byzantine {
        // A node that crashes is one of the few that may be faulty.
        up.retain(|&node| play.world().is_taken_over(node));
    }
    // Whoever stops for ever must stay a minority; whoever comes back may come back later.
    let minority = (play.scenario.nodes as usize - 1) / 2;
    if assumptions.failures == Failures::CrashStop && down.len() >= minority {
        return None;
    }
    let notable = play.notable.filter(|node| temper.stalks && up.contains(node));
    notable.or_else(|| dice.one_of(&up).copied()).map(Act::Crash)
}

fn cut(dice: &mut Dice, play: &Play) -> Option<Act> {
    let count = u64::from(play.scenario.nodes);
    let some = |dice: &mut Dice| NodeId(dice.below(count) as u32);
    let (one, other) = (some(dice), some(dice));
    if one != other && dice.one_in(3) {
        return Some(Act::Cut(Cuts::OneWay(one, other)));
    }
    let side: Vec<NodeId> =
        (0..count as u32).map(NodeId).filter(|&node| node == one || dice.one_in(3)).collect();
    let rest: Vec<NodeId> = (0..count as u32).map(NodeId).filter(|node| !side.contains(node)).collect();
    (!rest.is_empty()).then(|| Act::Cut(Cuts::Groups(vec![side, rest])))
}

fn message(dice: &mut Dice, play: &Play) -> Option<MessageName> {
    let names = play.world().message_names();
    dice.one_of(&names).map(|(_, name)| name.clone())
}

fn pause_or_resume(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    let resume = !dice.one_in(3);
    if let (Some(node), true) = (dice.one_of(&play.paused()), resume) {
        return Some(Act::Resume(*node));
    }
    let awake = play.awake();
    let notable = play.notable.filter(|node| temper.stalks && awake.contains(node));
    notable.or_else(|| dice.one_of(&awake).copied()).map(Act::Pause)
}

fn fire(dice: &mut Dice, play: &Play) -> Option<Act> {
    let node = dice.one_of(&play.awake()).copied()?;
    let names = play.world().timer_names(node);
    dice.one_of(&names).map(|name| Act::Fire(node, name.clone()))
}

/// Pauses a node or lets it go on; holds links, makes them slower, or gives them back.
fn slow_down(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    if temper.pauses && dice.one_in(6) {
        return pause_or_resume(dice, temper, play);
    }
    if !temper.links || !dice.one_in(6) {
        return None;
    }
    let count = u64::from(play.scenario.nodes);
    let (one, other) = (NodeId(dice.below(count) as u32), NodeId(dice.below(count) as u32));
    let (_, usual) = play.scenario.network.latency;
    match dice.below(4) {
        0 if !play.world().held().is_empty() => Some(Act::Release(None)),
        1 if !play.world().altered().is_empty() => Some(Act::Link(None, Behaviour::Normal)),
        0 | 1 => None,
        _ if one == other => None,
        2 => Some(Act::Hold(Cuts::OneWay(one, other))),
        _ => {
            let slower = Behaviour::Latency(usual, usual * (2 + dice.below(9)));
            Some(Act::Link(Some(Cuts::OneWay(one, other)), slower))
        }
    }
}

/// Sets a clock forward or back, makes it go faster or slower, or sets one right again.
fn touch_clock(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    if !temper.clocks || !dice.one_in(6) {
        return None;
    }
    let node = NodeId(dice.below(play.scenario.nodes.into()) as u32);
    let ahead = dice.one_in(2);
    let either_way = |amount: u64| amount.cast_signed() * if ahead { 1 } else { -1 };
    match dice.below(4) {
        0 => dice.one_of(&play.touched_clocks()).map(|&node| Act::Clock(node, Adjustment::Normal)),
        1 => Some(Act::Clock(node, Adjustment::Drift(either_way(dice.below(200_000)) as i32))),
        _ => Some(Act::Clock(node, Adjustment::Jump(either_way(1_000 << dice.below(10))))),
    }
}

/// Takes a node over, as long as no more would lie than may.
fn take_over(dice: &mut Dice, temper: &Temper, play: &Play) -> Option<Act> {
    let liars = play.liars();
    if liars.len() >= temper.liars || !dice.one_in(2) {
        return None;
    }
    let honest: Vec<_> = (0..play.scenario.nodes).map(NodeId).filter(|node| !liars.contains(node)).collect();
    dice.one_of(&honest).copied().map(Act::TakeOver)
}
