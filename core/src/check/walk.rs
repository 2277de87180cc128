//! Random walks: long runs, each event drawn from what may be chosen.

use super::{Bounds, Reach, Spent, bare, booted, retold, take, tell};
use crate::property::{Judgement, Sense};
use crate::random::{Purpose, draw, within};
use crate::scenario::{Scenario, slug};

/// A random walk: one run of up to `bounds.depth` events, each drawn from what may be chosen. The claim or
/// belief that it breaks, if it does, with the run as a scenario.
pub fn walk(scenario: &Scenario, bounds: Bounds, seed: u64) -> Option<(String, Scenario)> {
    let scenario = bare(scenario);
    let (mut world, mut spent) = (booted(&scenario), Spent::default());
    let (reach, claims) = (Reach::new(&scenario, bounds), scenario.entry.claims());
    let mut acts = Vec::new();
    for nth in 0..bounds.depth {
        let drawn = |which, bound: u64| {
            within(draw(seed, Purpose::Nemesis, (1, which), nth.into()), &(0..=bound.max(1) - 1))
        };
        let still = world.still();
        world.become_of(&still);
        let by_itself = reach.by_itself(&world, &still);
        let mut offered = reach.choices(&world, &still, spent, by_itself);
        if offered.is_empty() {
            return None;
        }
        let (event, after) = offered.swap_remove(drawn(0, offered.len() as u64) as usize);
        let mut script = Vec::new();
        loop {
            let mut tried = world.clone();
            let taken = take(&mut tried, event.clone(), &script);
            match tried.choices_asked().get(script.len()).filter(|_| taken.is_ok()) {
                Some(bound) => script.push(drawn(script.len() as u32 + 1, *bound)),
                None => break,
            }
        }
        tell(&mut acts, &mut world, event, &script);
        spent = after;
        let broken = claims.iter().zip(world.judgements()).find(|(claim, judgement)| {
            claim.sense == Sense::Always && matches!(judgement, Judgement::Violated { .. })
        });
        let belief = || world.broken_beliefs().first().map(|(_, _, belief)| (*belief).to_owned());
        if let Some(claim) = broken.map(|(claim, _)| slug(claim.name)).or_else(belief) {
            let scenario = retold(&scenario, acts, &claim);
            return Some((claim, scenario));
        }
    }
    None
}
