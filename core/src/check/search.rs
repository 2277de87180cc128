//! Search: every state once, nearest first, where a request or a fault counts as further events. So what needs few of them is found
//! first, and of each claim that breaks a run than which none with as few is shorter. The search goes on behind what breaks,
//! since another claim may break only there.

use super::deeds::Deeds;
use super::table::Table;
use super::{Bounds, Reach, Spent, bare, booted, retold, take, tell};
use crate::catalogue::Claimed;
use crate::event::Event;
use crate::fingerprint;
use crate::property::{Judgement, Sense};
use crate::scenario::{Scenario, slug};
use crate::toolbox::map::Map;
use crate::trace::Flags;
use crate::world::{Still, Sum, World};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// A bound that left something out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The one on events of a run.
    Depth,
    /// The one on states.
    States,
}

/// What a search has found so far.
#[derive(Clone)]
pub struct Findings {
    /// How many different states were visited.
    pub states: usize,
    /// How many steps were taken, those to known states included.
    pub steps: u64,
    /// The longest run visited, in events after the boots.
    pub depth: u32,
    /// How far everything was searched, in events after the boots and what counts as further ones.
    far: u32,
    /// The most events of a run; and as how many further ones all requests within the bounds count without a fault, with any one
    /// fault, with any two, and so on.
    most: (u32, Vec<u32>),
    /// Whether the search is over and visited all states within the bounds on inputs, timers and faults.
    pub complete: bool,
    /// The first bound that left a state out, if one did.
    pub cut_off: Option<Bound>,
    /// In how many states nothing happens any more.
    pub at_rest: usize,
    /// What must hold eventually and was judged in one of these states at least; it is judged nowhere else.
    pub judged: Vec<&'static str>,
    /// What should come up sometimes and did.
    pub reached: Vec<&'static str>,
    /// The claims and beliefs that broke, in the order in which that was found, each with a shortest run as a scenario.
    pub broken: Vec<(String, Scenario)>,
}

impl Findings {
    /// Whether it is known of a claim, by its slug, or a belief that it breaks.
    fn knows(&self, claim: &str) -> bool {
        self.broken.iter().any(|(known, _)| known == claim)
    }

    /// Up to how many events after the boots every run with so many faults, within the other bounds, was judged.
    pub fn through(&self, faults: usize) -> u32 {
        let (depth, further) = &self.most;
        let further = further.get(faults).or(further.last()).copied().unwrap_or(0);
        self.far.saturating_sub(further).min(*depth)
    }

    /// The verdict on all runs, in one sentence.
    pub fn verdict(&self) -> String {
        let runs = if self.complete {
            "Every order of events within the bounds".to_owned()
        } else {
            format!("Every order of up to {}", self.lengths())
        };
        match self.broken.len() {
            0 => format!("{runs}: no claim breaks."),
            1 => format!("{runs}: one claim breaks."),
            many => format!("{runs}: {many} claims break."),
        }
    }
}

impl Findings {
    /// Up to how many events every run was judged: `9 events, 7 with 1 fault, 5 with 2`.
    fn lengths(&self) -> String {
        let all = self.through(0);
        let mut lengths = format!("{all} event{}", if all == 1 { "" } else { "s" });
        let is_less = |&faults: &usize| (1..self.through(faults - 1)).contains(&self.through(faults));
        for faults in (1..self.most.1.len()).filter(is_less) {
            let faulty = if faults == 1 { "1 fault".to_owned() } else { faults.to_string() };
            lengths += &format!(", {} with {faulty}", self.through(faults));
        }
        lengths
    }
}

/// A state to go on from.
struct Visit {
    still: Still,
    spent: Spent,
    depth: u32,
    /// Its place among all visited states.
    place: u32,
}

/// A step that may be taken from a state.
struct Step<'a> {
    /// Its place among the choices there.
    choice: u32,
    event: &'a Event,
    /// What the run has spent with it.
    spent: Spent,
    /// What the node chooses in it; 0 after that.
    script: Vec<u64>,
}

/// A breadth-first search under way.
pub struct Search {
    scenario: Scenario,
    reach: Reach,
    claims: Vec<Claimed>,
    seen: Table<()>,
    deeds: Deeds,
    /// Of every state visited, the one it was first reached from, and by which of the choices there.
    origins: Vec<(u32, u32)>,
    /// What the node chose in that step, where it chose anything but 0.
    scripts: Map<u32, Vec<u64>>,
    /// States from which steps are still to be taken, by how far that is; each with as how many further events these steps count.
    frontier: BTreeMap<u32, VecDeque<(Rc<Visit>, u32)>>,
    /// The world at the state from which steps are taken, and one in which they are.
    world: World,
    scratch: World,
    findings: Findings,
}

impl Search {
    /// A search from the moment when all nodes have booted.
    pub fn new(scenario: &Scenario, bounds: Bounds) -> Self {
        let scenario = bare(scenario);
        let world = booted(&scenario);
        let still = world.still();
        let mut seen = Table::default();
        seen.insert(fingerprint::of(&(still.sum(scenario.network.fifo).finish(), Spent::default())), ());
        let first = Visit { still, spent: Spent::default(), depth: 0, place: 0 };
        let findings = Findings {
            states: 1,
            steps: 0,
            depth: 0,
            far: 0,
            most: (bounds.depth, bounds.further()),
            complete: false,
            cut_off: None,
            at_rest: 0,
            judged: Vec::new(),
            reached: Vec::new(),
            broken: Vec::new(),
        };
        let (claims, reach) = (scenario.entry.claims(), Reach::new(&scenario, bounds));
        Search {
            scenario,
            reach,
            claims,
            seen,
            deeds: Deeds::default(),
            origins: vec![(0, 0)],
            scripts: Map::default(),
            frontier: BTreeMap::from([(0, VecDeque::from([(Rc::new(first), 0)]))]),
            scratch: world.clone(),
            world,
            findings,
        }
    }

    /// Goes on for some steps; whether the search is over.
    pub fn step(&mut self, budget: u64) -> bool {
        let until = self.findings.steps + budget;
        while self.findings.steps < until {
            let Some(mut nearest) = self.frontier.first_entry() else {
                self.findings.complete = self.findings.cut_off.is_none();
                self.findings.far = u32::MAX;
                return true;
            };
            let far = *nearest.key();
            let Some((visit, further)) = nearest.get_mut().pop_front() else {
                nearest.remove();
                continue;
            };
            self.findings.far = far;
            if self.expand(&visit, further) {
                return true;
            }
            if further == 0 {
                for further in self.reach.bounds.left(visit.spent) {
                    self.frontier.entry(far + further).or_default().push_back((visit.clone(), further));
                }
            }
        }
        false
    }

    /// What has been found so far.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Takes every step from a state that counts as so many further events; whether that ends the search.
    fn expand(&mut self, visit: &Visit, further: u32) -> bool {
        self.world.become_of(&visit.still);
        let by_itself = self.reach.by_itself(&self.world, &visit.still);
        if by_itself.is_empty() && further == 0 {
            self.rests(visit);
        }
        let choices = self.reach.choices(&self.world, &visit.still, visit.spent, by_itself);
        if visit.depth == self.reach.bounds.depth {
            if !choices.is_empty() {
                self.findings.cut_off = Some(Bound::Depth);
            }
            return false;
        }
        let (sum, mut scripts) = (visit.still.sum(self.scenario.network.fifo), Vec::new());
        let before = visit.spent.further();
        let is_meant = |(_, (_, spent)): &(u32, &(Event, Spent))| spent.further() == before + further;
        for (choice, (event, spent)) in (0..).zip(&choices).filter(is_meant) {
            scripts.push(Vec::new());
            while let Some(script) = scripts.pop() {
                let step = Step { choice, event, spent: *spent, script };
                if self.visit(visit, sum, step, &mut scripts) {
                    return true;
                }
            }
        }
        false
    }

    /// Takes one step from a state, in which the node chooses as the script says, and notes what it could
    /// have chosen instead; whether that ends the search.
    fn visit(&mut self, from: &Visit, sum: Sum, step: Step<'_>, others: &mut Vec<Vec<u64>>) -> bool {
        self.findings.steps += 1;
        let key = self.world.deed_key(step.event, &from.still, &step.script);
        let Some((deed, record)) = self.deeds.known(key, &from.still) else {
            return self.visit_anew(from, step, key, others);
        };
        branch(&deed.asked, &step.script, others);
        let mut broken = Vec::new();
        for place in self.world.foresee(deed) {
            let claim = &self.claims[place];
            if claim.sense == Sense::Always {
                broken.push(slug(claim.name));
            } else {
                note(&mut self.findings.reached, claim.name);
            }
        }
        let print = from.still.print_after(sum, step.event, deed, record.1);
        let is_new = self.seen.insert(fingerprint::of(&(print, step.spent)), ());
        let still = is_new.then(|| from.still.after(step.event, deed, record));
        self.break_with(from, Some(&step), broken);
        still.is_some_and(|still| self.keep(from, step, still))
    }

    /// The same where it is not known what the node does.
    fn visit_anew(
        &mut self,
        from: &Visit,
        step: Step<'_>,
        key: Option<u64>,
        others: &mut Vec<Vec<u64>>,
    ) -> bool {
        let subject = self.world.subject(step.event);
        let world = &mut self.scratch;
        let believed = world.broken_beliefs().len();
        world.become_of(&from.still);
        let Ok(record) = take(world, step.event.clone(), &step.script) else { return false };
        branch(world.choices_asked(), &step.script, others);
        for (claim, judgement) in self.claims.iter().zip(world.judgements()) {
            if matches!(judgement, Judgement::Reached { .. }) {
                note(&mut self.findings.reached, claim.name);
            }
        }
        // A judge that has seen a claim break does not say so again.
        let violated =
            |(_, judgement): &(&Claimed, &Judgement)| matches!(judgement, Judgement::Violated { .. });
        let claims = self.claims.iter().zip(world.judgements()).filter(violated);
        let beliefs = world.broken_beliefs()[believed..].iter().map(|(_, _, belief)| (*belief).to_owned());
        let broken: Vec<_> = if record.flags.has(Flags::VIOLATION) {
            claims.map(|(claim, _)| slug(claim.name)).chain(beliefs).collect()
        } else {
            Vec::new()
        };
        // A belief is no part of a deed, so that a step that breaks one is taken anew.
        let is_belief = world.broken_beliefs().len() > believed;
        if let (Some(key), Some(who)) = (key.filter(|_| !is_belief), subject) {
            let deed = || world.deed(who, &from.still, record.flags.has(Flags::WROTE));
            self.deeds.learn(key, &from.still, deed, world.record());
        }
        let still = world.still();
        let print = still.sum(self.scenario.network.fifo).finish();
        self.break_with(from, Some(&step), broken);
        if !self.seen.insert(fingerprint::of(&(print, step.spent)), ()) {
            return false;
        }
        self.keep(from, step, still)
    }

    /// Keeps a state that is new, to go on from there; whether that ends the search.
    fn keep(&mut self, from: &Visit, step: Step<'_>, still: Still) -> bool {
        let (place, depth, spent) = (self.origins.len() as u32, from.depth + 1, step.spent);
        self.origins.push((from.place, step.choice));
        if !step.script.is_empty() {
            self.scripts.insert(place, step.script);
        }
        self.findings.states += 1;
        self.findings.depth = self.findings.depth.max(depth);
        let visit = Rc::new(Visit { still, spent, depth, place });
        self.frontier.entry(depth + spent.further()).or_default().push_back((visit, 0));
        let full = self.findings.states >= self.reach.bounds.states;
        if full {
            self.findings.cut_off = Some(Bound::States);
        }
        full
    }

    /// Judges what must hold eventually in a state in which nothing happens any more.
    fn rests(&mut self, visit: &Visit) {
        self.findings.at_rest += 1;
        let claims = self.claims.iter().zip(self.world.judgements_at(0));
        let mut broken = Vec::new();
        for (claim, judgement) in claims.filter(|(claim, _)| claim.sense == Sense::Eventually) {
            if !matches!(judgement, Judgement::Unjudged { .. }) {
                note(&mut self.findings.judged, claim.name);
            }
            if matches!(judgement, Judgement::Violated { .. }) {
                broken.push(slug(claim.name));
            }
        }
        self.break_with(visit, None, broken);
    }

    /// Keeps the run to a state, and a last step from there, for each of these claims that is not known to break.
    fn break_with(&mut self, from: &Visit, last: Option<&Step<'_>>, mut broken: Vec<String>) {
        broken.retain(|claim| !self.findings.knows(claim));
        if broken.is_empty() {
            return;
        }
        let mut path: Vec<(u32, &[u64])> =
            last.iter().map(|step| (step.choice, step.script.as_slice())).collect();
        let mut here = from.place;
        while here != 0 {
            let (from, choice) = self.origins[here as usize];
            path.push((choice, self.scripts.get(&here).map(Vec::as_slice).unwrap_or_default()));
            here = from;
        }
        let (mut world, mut spent) = (booted(&self.scenario), Spent::default());
        let mut acts = Vec::new();
        for (choice, script) in path.into_iter().rev() {
            let still = world.still();
            world.become_of(&still);
            let by_itself = self.reach.by_itself(&world, &still);
            let choices = self.reach.choices(&world, &still, spent, by_itself);
            let chosen = choices.into_iter().nth(choice as usize);
            let Some((event, after)) = chosen else { break };
            tell(&mut acts, &mut world, event, script);
            spent = after;
        }
        for claim in broken {
            let scenario = retold(&self.scenario, acts.clone(), &claim);
            self.findings.broken.push((claim, scenario));
        }
    }
}

fn note(reached: &mut Vec<&'static str>, name: &'static str) {
    if !reached.contains(&name) {
        reached.push(name);
    }
}

/// The scripts that differ from one that was played in a choice for which it left 0: each first differs where
/// the script had ended, or later.
fn branch(asked: &[u64], script: &[u64], others: &mut Vec<Vec<u64>>) {
    for (place, bound) in asked.iter().enumerate().skip(script.len()) {
        for choice in 1..*bound {
            let mut other = script.to_vec();
            other.resize(place, 0);
            other.push(choice);
            others.push(other);
        }
    }
}
