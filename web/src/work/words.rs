//! The words of reports: what an attack, a search and a shrinking found.

use super::{Found, Whole};
use crate::kit::prose::grouped;
use faultline_core::check::{Bound, Bounds, Findings};
use faultline_core::nemesis::Siege;
use faultline_core::scenario::slug;
use faultline_core::shrink::Shrinker;
use faultline_core::time::exact;

/// `1 state`, `12 states`.
pub(super) fn count(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// The claim's name, or the belief.
pub(super) fn title_of(found: &Found) -> String {
    let claims = found.scenario.entry.claims();
    let known = claims.iter().find(|claim| slug(claim.name) == found.claim);
    known.map_or_else(|| format!("A belief (“{}”)", found.claim), |claim| claim.name.to_owned())
}

/// What came of an attack.
pub(super) fn attacked(siege: &Siege) -> String {
    let tally = siege.tally();
    let events = count(tally.events, "event");
    match siege.broken() {
        Some(attack) => {
            format!(
                "The claim broke with seed {}, the {} seed tried, after {events}.",
                attack.scenario.seed,
                nth(tally.seeds)
            )
        }
        None => format!(
            "The attack tried {} with random faults within the protocol’s assumptions ({events}). This is not a proof.{}",
            count(tally.seeds, "run"),
            reached(&tally.reached)
        ),
    }
}

fn nth(number: u64) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    grouped(number) + ending
}

fn reached(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(" Reached: {}.", names.join(", ")) }
}

/// A claim that breaks, and the run in which it does.
pub(super) fn broken_by(found: &Found) -> String {
    format!("{}: {}", title_of(found), count(found.scenario.acts.len() as u64, "act"))
}

/// What a search visited, and what ended it.
pub(super) fn searched(findings: &Findings, bounds: Bounds) -> String {
    let states = count(findings.states as u64, "state");
    let end = match findings.cut_off {
        None => format!(
            "The search is complete: it visited all {states} within the bounds on requests and faults."
        ),
        Some(Bound::States) => format!(
            "The search ended at its bound on memory, {states} or about {} MB; it is not complete.",
            grouped(bounds.megabytes() as u64)
        ),
        Some(Bound::Depth) => {
            format!("The search visited {states} and left out longer runs; it is not complete.")
        }
    };
    end + &reached(&findings.reached)
}

/// What is left of a run: acts, nodes and time.
pub(super) fn shrunk_to(
    shrinker: &Shrinker,
    Whole { scenario: whole, .. }: &Whole,
    found: Option<&Found>,
) -> String {
    let replays = count(shrinker.tried().into(), "replay");
    let Some(left) = found.map(|found| &found.scenario) else {
        return format!("The shrinking took {replays}.");
    };
    format!(
        "{} of {}, {} of {}, and {} of {} remain after {replays}. The captions tell what happens.",
        left.acts.len(),
        count(whole.acts.len() as u64, "act"),
        left.nodes,
        count(whole.nodes.into(), "node"),
        exact(left.until),
        exact(whole.until)
    )
}
