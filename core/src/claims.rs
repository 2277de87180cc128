//! Claims: what is claimed of a run, how it stands at some moment, and whether it is promised there.

use crate::property::{Judgement, Sense};
use crate::scenario::Scenario;
use crate::time::Micros;
use crate::view::{Claim, Standing};
use crate::world::{Breach, World};

/// The claims of a run, and how each stands in a world of it at a time before the next event.
pub(crate) fn claims(scenario: &Scenario, world: &World, now: Micros) -> Vec<Claim> {
    let claims = scenario.entry.claims();
    let mut stand: Vec<Claim> = claims
        .iter()
        .zip(world.judgements_at(now))
        .map(|(claim, judgement)| {
            let standing = match (claim.sense, judgement) {
                (Sense::Eventually, Judgement::Reached { .. }) | (Sense::Always, Judgement::Open) => {
                    Standing::Holds
                }
                // What must hold in the end may come to do so later than it should.
                (Sense::Eventually, Judgement::Violated { contradiction, .. }) => {
                    Standing::Unmet { sentence: contradiction.sentence.clone() }
                }
                (_, Judgement::Unjudged { why }) => Standing::Unjudged { why: why.to_string() },
                (_, Judgement::Open) => Standing::Open,
                (_, Judgement::Violated { at, contradiction }) => {
                    Standing::Violated { event: at as usize, sentence: contradiction.sentence.clone() }
                }
                (_, Judgement::Reached { at }) => Standing::Reached { event: at as usize },
            };
            let broken = |breach: &&Breach| breach.scope.includes(claim.name, claim.sense);
            let promised = is_promised(world, &standing, broken);
            let standing = if promised { standing } else { unpromised(world, standing, broken) };
            Claim { name: claim.name.into(), sentence: claim.sentence.into(), standing, promised }
        })
        .collect();
    for (at, node, belief) in world.broken_beliefs() {
        let standing =
            Standing::Violated { event: *at as usize, sentence: format!("{node} found it to be false") };
        let promised = is_promised(world, &standing, |it| it.scope.includes("", Sense::Always));
        stand.push(Claim { name: "Belief".into(), sentence: (*belief).into(), standing, promised });
    }
    stand
}

/// Whether nothing that is assumed for it was broken, or only after the violation that there is.
fn is_promised(world: &World, standing: &Standing, counts: impl Fn(&&Breach) -> bool) -> bool {
    let until = match standing {
        Standing::Violated { event, .. } => *event,
        _ => usize::MAX,
    };
    world.breaches().iter().filter(counts).all(|breach| breach.event.is_some_and(|event| event > until))
}

/// How a claim stands that is not promised: violated all the same, also where it is about the end and has had its time, or
/// else not promised since the first breach. That a lost message divides the generals is what there is to see.
fn unpromised(world: &World, standing: Standing, counts: impl Fn(&&Breach) -> bool) -> Standing {
    match (standing, world.breaches().iter().find(counts)) {
        (Standing::Holds | Standing::Open | Standing::Unjudged { .. }, Some(breach)) => {
            Standing::Unpromised { since: breach.deed() }
        }
        (standing, _) => standing,
    }
}
