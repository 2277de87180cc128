//! The nemesis: random faults inside what a protocol assumes, then peace, in which what must hold eventually must.
//!
//! What it may do is itself drawn from the seed (swarm testing: Groce et al., ISSTA 2012): a run with crashes only finds
//! what a run with a little of everything never does. All that it does is written down as acts, so that an attack is
//! a scenario like any other.

use crate::event::LinkSet;
use crate::name::NodeId;
use crate::property::Judgement;
use crate::scenario::{Act, Scenario};
use crate::sim::Cursor;
use crate::time::Micros;
use crate::title::Assumptions;
use play::Play;
use temper::{Dice, Temper, choose, disturb_network, slow_down, take_over, touch_clock};

mod play;
mod temper;

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
    /// What must hold in the end and could be judged in peace.
    pub judged: Vec<&'static str>,
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
        let mut dice = Dice::new(seed, 4);
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
                    play.act(time, Act::Cut(LinkSet::OneWay(from, to)));
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
    /// What it has seen since there is peace.
    peace: Option<Seen>,
}

/// What was seen of the claims in peace.
#[derive(Default)]
struct Seen {
    /// How often somebody looked.
    looks: u64,
    /// Which claims held at no look, and which could be judged at some.
    unmet: Vec<usize>,
    judged: Vec<usize>,
}

impl Seen {
    /// Adds a look.
    fn look(&mut self, now: &[Judgement]) {
        let of = |place: &usize| &now[*place];
        self.unmet.retain(|place| !matches!(of(place), Judgement::Reached { .. }));
        let fresh = (0..now.len()).filter(|place| !self.judged.contains(place));
        let fresh = fresh.filter(|place| !matches!(of(place), Judgement::Unjudged { .. } | Judgement::Open));
        let fresh: Vec<_> = fresh.collect();
        self.judged.extend(fresh);
    }
}

/// How often the claims are looked at in peace: what must hold eventually must hold at one of these looks.
pub(crate) const LOOKS: u64 = 20;

impl Raid {
    fn new(base: &Scenario, seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0);
        let mut late = Dice::new(seed, 2);
        let mut newest = Dice::new(seed, 3);
        let assumptions = base.entry.info.liveness;
        let temper = Temper::drawn(&mut dice, &mut late, &mut newest, base);
        let mut scenario = base.bare();
        scenario.seed = seed;
        disturb_network(&mut scenario, &mut dice, assumptions);
        let war = base.until;
        let cursor = Cursor::new(&scenario);
        let peace = cursor.world.settles(war, scenario.network.latency.1).unwrap_or(0);
        let (least, most) = (war.saturating_mul(2), war.saturating_mul(8));
        scenario.until = war.saturating_add((peace + peace / 4).clamp(least, most));
        let play = Play { cursor, scenario, notable: None, idle: 0 };
        Raid { play, dice, late, newest, temper, assumptions, stray: None, war, time: 0, peace: None }
    }

    /// Goes on for about so many events; whether it is over.
    fn step(&mut self, events: u32) -> bool {
        let until = self.play.world().events().saturating_add(events);
        while self.play.world().events() < until {
            match &mut self.peace {
                None if self.play.is_broken() => return true,
                None => self.fight(),
                Some(Seen { looks: LOOKS, .. }) => return true,
                Some(seen) => {
                    seen.looks += 1;
                    let look = self.war + (self.play.scenario.until - self.war) / LOOKS * seen.looks;
                    self.play.on(look);
                    seen.look(&self.play.world().judgements_at(look));
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
                let unmet = (0..play.world().judgements().len()).collect();
                self.peace = Some(Seen { unmet, ..Seen::default() });
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
        self.play.outcome(&self.peace.unwrap_or_default())
    }
}
