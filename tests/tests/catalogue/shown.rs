//! What the presets of a protocol show of its claims: played once, asked by every trial of a twin or a claim.

use faultline_core::catalogue::Entry;
use faultline_core::property::Judgement;
use faultline_core::scenario::{Scenario, slug};
use faultline_tests::{parse, play};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// The claims of a preset's run, by their slugs.
pub(crate) struct Shown {
    /// The preset.
    pub(crate) name: &'static str,
    /// Its scenario, as a text: a scenario is not for several threads.
    pub(crate) text: &'static str,
    /// The twin that it plays, if it plays exactly one.
    pub(crate) twins: Vec<&'static str>,
    pub(crate) violated: BTreeSet<String>,
    pub(crate) reached: BTreeSet<String>,
    /// Those that say nothing at the end.
    pub(crate) unjudged: BTreeSet<String>,
    /// What the same run of the protocol as it should be violates.
    pub(crate) violated_without_twin: BTreeSet<String>,
}

impl Shown {
    /// What is violated because of the twin.
    pub(crate) fn blamed(&self) -> BTreeSet<&String> {
        self.violated.difference(&self.violated_without_twin).collect()
    }

    pub(crate) fn scenario(&self) -> Scenario {
        parse(self.text).unwrap()
    }
}

/// The presets of one entry, played when somebody asks.
#[derive(Clone)]
pub(crate) struct Presets {
    pub(crate) entry: &'static Entry,
    shown: Arc<OnceLock<Vec<Shown>>>,
}

impl Presets {
    pub(crate) fn of(entry: &'static Entry) -> Self {
        Presets { entry, shown: Arc::default() }
    }

    pub(crate) fn shown(&self) -> &[Shown] {
        self.shown.get_or_init(|| self.entry.presets().iter().map(|it| show(it.name, it.text)).collect())
    }
}

fn show(name: &'static str, text: &'static str) -> Shown {
    let twins = parse(text).unwrap_or_else(|complaint| panic!("{name}: {complaint}")).choices.twins;
    let [violated, reached, unjudged] = judged(text);
    let violated_without_twin =
        if twins.is_empty() { violated.clone() } else { judged(&without_twins(text))[0].clone() };
    Shown { name, text, twins, violated, reached, unjudged, violated_without_twin }
}

/// The claims that a run has violated, those it has reached, and those that say nothing at its end.
fn judged(text: &str) -> [BTreeSet<String>; 3] {
    let run = play(text);
    let [mut violated, mut reached, mut unjudged] = <[BTreeSet<String>; 3]>::default();
    for (claim, verdict) in run.scenario().entry.claims().iter().zip(run.verdicts()) {
        match verdict {
            Judgement::Violated { .. } => violated.insert(slug(claim.name)),
            Judgement::Reached { .. } => reached.insert(slug(claim.name)),
            Judgement::Unjudged { .. } => unjudged.insert(slug(claim.name)),
            Judgement::Open => false,
        };
    }
    [violated, reached, unjudged]
}

/// The same run of the protocol as it should be.
fn without_twins(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("twin")).collect();
    lines.join("\n").replace("expect", "# expect")
}
