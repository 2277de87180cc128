//! `faultline shrink`: the smallest scenario in which a claim still breaks.

use crate::io::{Failure, load, print};
use crate::watch::{INTERRUPTED, Watch, interrupted};
use faultline_core::property::Judgement;
use faultline_core::scenario::{Scenario, slug};
use faultline_core::session::told;
use faultline_core::shrink::Shrinker;
use faultline_core::sim::Run;

/// How many events lie between two looks at the clock.
const SLICE: u32 = 100_000;

pub(crate) fn shrink_command(source: &str) -> Result<(), Failure> {
    let scenario = load(source)?;
    let until = scenario.until;
    let run = Run::new(scenario, until);
    let claims = run.scenario().entry.claims();
    let verdicts = run.verdicts();
    let violated =
        claims.iter().zip(verdicts).find(|(_, verdict)| matches!(verdict, Judgement::Violated { .. }));
    let Some((claim, _)) = violated else {
        return Err(Failure(1, "no claim breaks in this scenario".into()));
    };
    let whole = run.scenario();
    let Some(Shrunk { smallest, tried, is_smallest }) = shrink(whole, &slug(claim.name), false) else {
        if interrupted() {
            return Err(Failure(INTERRUPTED, "interrupted before anything was removed".into()));
        }
        return Err(Failure(1, format!("{} does not break when the scenario is replayed", claim.name)));
    };
    eprintln!(
        "{} of {} acts and {} of {} nodes are left after {tried} replays",
        smallest.acts.len(),
        whole.acts.len(),
        smallest.nodes,
        whole.nodes
    );
    print(&smallest.to_string())?;
    if is_smallest {
        Ok(())
    } else {
        Err(Failure(INTERRUPTED, "interrupted; this is the smallest scenario so far".into()))
    }
}

/// The result of shrinking a scenario.
pub(crate) struct Shrunk {
    pub(crate) smallest: Scenario,
    /// How many scenarios were tried.
    pub(crate) tried: u32,
    /// Whether nothing more can be taken away; otherwise somebody has interrupted.
    pub(crate) is_smallest: bool,
}

/// Shrinks a scenario while a claim, or a belief, breaks, and lets what is left tell itself. It ends early when somebody wants that, unless
/// `to_the_end`. `None` when the scenario is not known to break it.
pub(crate) fn shrink(scenario: &Scenario, claim: &str, to_the_end: bool) -> Option<Shrunk> {
    let mut shrinker = Shrinker::new(scenario, claim);
    let (mut watch, before) = (Watch::start(None), scenario.acts.len());
    let mut is_smallest = false;
    while !is_smallest && (to_the_end || !interrupted()) {
        is_smallest = shrinker.step(SLICE);
        let far = || {
            let left = shrinker.smallest().map_or(before, |smallest| smallest.acts.len());
            format!("{left} of {before} acts are left, {} replays", shrinker.tried())
        };
        watch.tell(shrinker.tried().into(), far);
    }
    Some(Shrunk { smallest: told(shrinker.smallest()?, claim), tried: shrinker.tried(), is_smallest })
}
