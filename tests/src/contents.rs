//! The table of contents: `docs/catalogue.md`, written from the catalogue, so that no count in it is ever old.

use crate::{entries, facts, folder, updates};
use faultline_core::catalogue::find;

const HEAD: &str = "\
# What is there

Each protocol opens in the laboratory at the name in the second column (`#/raft`); `faultline list NAME` prints its settings, twins, claims and
scenarios. Facts are those of [literature.md](literature.md). A family's problem, its claims and its protocols are one crate
below `core/protocols`. In every run of the tests, each is attacked with 300 seeds of random faults within its assumptions, each of its
claims is judged, and each of its wrong twins is noticed.

| protocol | name | family | source | settings | wrong twins | claims | scenarios | facts | steps of the lesson | challenges |
|---|---|---|---|---|---|---|---|---|---|---|
";

/// Every system that is to be there, a line each: its area and its name.
const SYSTEMS: &str = include_str!("../systems.tsv");

/// The systems that are still to come, a line for each area that has some.
fn still_to_come() -> String {
    let open = |line: &&str| line.split_once('\t').is_some_and(|(_, name)| find(name).is_none());
    let open: Vec<_> = SYSTEMS.lines().filter(open).filter_map(|line| line.split_once('\t')).collect();
    let areas = open.chunk_by(|one, next| one.0 == next.0).map(|systems| {
        let names: Vec<_> = systems.iter().map(|(_, name)| format!("`{name}`")).collect();
        format!("* {}: {}\n", systems[0].0, names.join(", "))
    });
    format!("\n## Still to come\n\n{} systems:\n\n{}", open.len(), areas.collect::<String>())
}

/// `docs/catalogue.md` as it is, and as it should be; with `FAULTLINE_UPDATE` it is written first.
///
/// # Panics
/// When it cannot be read or written.
pub fn contents() -> (String, String) {
    let facts = facts();
    let rows = entries().into_iter().map(|entry| {
        let info = &entry.info;
        let stated = facts.get(info.slug).map_or(0, Vec::len);
        let challenges = entry.presets().iter().filter(|preset| preset.text.contains("\ngoal ")).count();
        let steps = entry.lesson.as_ref().map_or(0, |lesson| lesson.steps.len());
        let (settings, twins, claims) = (entry.settings.len(), entry.twins.len(), entry.claims().len());
        let counts = [settings, twins, claims, entry.presets().len() - challenges, stated, steps, challenges];
        let counts = counts.map(|count| count.to_string()).join(" | ");
        format!("| {} | `{}` | {} | {} | {counts} |\n", info.title, info.slug, info.family, info.source)
    });
    let written = HEAD.to_owned() + &rows.collect::<String>() + &still_to_come();
    let path = folder().join("../docs/catalogue.md");
    if updates() {
        std::fs::write(&path, &written).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (kept, written)
}
