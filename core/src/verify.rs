//! What a scenario expects of its run, and what came of it.

use crate::claims::claims;
use crate::name::NodeId;
use crate::property::Judgement;
use crate::scenario::{Expectation, Observation, Scenario, Sight, sights, slug, state};
use crate::sim::Run;
use crate::time::Micros;
use crate::view::Standing;
use crate::world::World;

impl Run {
    /// The scenario's expectations, each with what came of it instead if it was not met.
    pub fn verify(&self) -> Vec<(Expectation, Result<(), String>)> {
        let scenario = self.scenario();
        let end = self.at(self.events_until(scenario.until)).world;
        let claims = scenario.entry.claims();
        let judgements = end.judgements_at(scenario.until);
        let judgement = |name: &str| {
            let place = claims.iter().position(|claim| slug(claim.name) == name);
            place.and_then(|place| judgements.get(place))
        };
        let judge = |expectation: &Expectation| match expectation {
            Expectation::Violated(claim) => match judgement(claim) {
                Some(Judgement::Violated { .. }) => Ok(()),
                _ => Err(format!("{claim} was not violated")),
            },
            Expectation::Holds(claim) => match judgement(claim) {
                Some(Judgement::Violated { at, contradiction }) => {
                    Err(format!("{claim} was violated by event {at}: {}", contradiction.sentence))
                }
                Some(Judgement::Unjudged { why }) => Err(format!("{claim} is not judged: {why}")),
                _ => Ok(()),
            },
            Expectation::Reached(claim) => match judgement(claim) {
                Some(Judgement::Reached { .. }) => Ok(()),
                _ => Err(format!("{claim} was not reached")),
            },
            Expectation::Checksum(checksum) => match self.checksum() {
                found if found == *checksum => Ok(()),
                found => Err(format!("the checksum is {found:016x}")),
            },
            Expectation::Seen(at, _) if at.time > self.horizon() => Err(format!("the run ends before {at}")),
            Expectation::Seen(at, seen) => seen.judge(scenario, &self.at(self.events_at(*at)).world, at.time),
        };
        scenario.expectations.iter().map(|it| (it.clone(), judge(it))).collect()
    }

    /// After how many events all of this can be seen at once, for the first time up to the scenario's end.
    pub fn first_seen(&self, wanted: &[Observation]) -> Option<usize> {
        let (scenario, end) = (self.scenario(), self.events_until(self.scenario().until));
        let mut cursor = self.at(0);
        (0..=end).find(|&event| {
            self.move_to(&mut cursor, event);
            let now = if event == end { scenario.until } else { cursor.world.now() };
            wanted.iter().all(|seen| seen.judge(scenario, &cursor.world, now).is_ok())
        })
    }
}

impl Observation {
    /// Whether it is so in a world of a run at a time.
    ///
    /// # Errors
    /// One sentence that says what is the case instead.
    pub fn judge(&self, scenario: &Scenario, world: &World, now: Micros) -> Result<(), String> {
        match (self.is_not, self.sight.judge(scenario, world, now)) {
            (false, outcome) => outcome,
            (true, Err(_)) => Ok(()),
            (true, Ok(())) => Err("it is so".into()),
        }
    }
}

impl Sight {
    /// Whether it can be seen; if not, what can be seen instead.
    fn judge(&self, scenario: &Scenario, world: &World, now: Micros) -> Result<(), String> {
        match self {
            Sight::Node(node, wanted) => {
                let all = sights_of(world, *node);
                if all.contains(wanted) {
                    return Ok(());
                }
                let alike =
                    |other: &&String| other.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
                let nearest = all.iter().max_by_key(alike).map_or("", String::as_str);
                Err(format!("{node} {nearest}"))
            }
            Sight::UnderWay(message) => {
                let names = world.message_names();
                let found = names.iter().any(|(_, name)| name == message);
                if found { Ok(()) } else { Err("no such message is under way".into()) }
            }
            Sight::Claim(stands, wanted) => {
                let claims = claims(scenario, world, now);
                let claim = claims.into_iter().find(|claim| slug(&claim.name) == *wanted);
                let found = claim.map_or("open", |claim| standing(&claim.standing));
                if found == *stands { Ok(()) } else { Err(format!("{wanted} is {found}")) }
            }
        }
    }
}

/// The word of an observation for how a claim stands, or another where no observation speaks of it.
fn standing(standing: &Standing) -> &'static str {
    match standing {
        Standing::Holds => "holds",
        Standing::Violated { .. } | Standing::Unmet { .. } => "violated",
        Standing::Reached { .. } => "reached",
        Standing::Open => "open",
        Standing::Unjudged { .. } => "not judged",
        Standing::Unpromised { .. } => "not promised",
    }
}

/// All that can be said of a node: [`sights`] with how it is above its protocol.
pub fn sights_of(world: &World, node: NodeId) -> Vec<String> {
    let state = state(world.is_up(node), world.is_paused(node), world.is_taken_over(node));
    sights(state, &world.card(node))
}
