//! Transcripts of many runs, to be compared byte by byte between targets.

use faultline_core::catalogue;
use faultline_core::name::NodeId;
use faultline_core::random::{Purpose, draw, within};
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;

/// How many seeds are played of every protocol.
const SEEDS: u64 = 50;

/// The transcript of one scenario, or what is wrong with it.
pub(crate) fn one(text: &str) -> String {
    match Scenario::parse(text) {
        Ok(scenario) => transcript(scenario),
        Err(complaint) => complaint.to_string(),
    }
}

/// Every scenario that comes with a protocol, and every protocol under many seeds with faults.
pub(crate) fn all() -> String {
    let presets =
        catalogue::all().into_iter().flat_map(catalogue::Entry::presets).map(|preset| preset.text.to_owned());
    let seeds = catalogue::all()
        .into_iter()
        .flat_map(|entry| (1..=SEEDS).map(move |seed| faulty(entry.info.slug, seed)));
    presets.chain(seeds).map(|text| one(&text)).collect::<Vec<_>>().join("\n")
}

fn transcript(scenario: Scenario) -> String {
    let until = scenario.until;
    let run = Run::new(scenario, until);
    format!("{}{:016x}\n", run.transcript(), run.checksum())
}

/// Two seconds with a bad network, a workload, and a crash, a cut and a dropped message drawn from the seed.
pub fn faulty(slug: &str, seed: u64) -> String {
    let pick = |nth, bound: u64| within(draw(seed, Purpose::Nemesis, (0, 0), nth), &(0..=bound - 1));
    let node = |nth| NodeId(pick(nth, 5) as u32);
    let (crashed, cut) = (node(0), node(1));
    let others: Vec<_> =
        (0..5).map(NodeId).filter(|&other| other != cut).map(|other| other.to_string()).collect();
    format!(
        "faultline 2\nprotocol {slug}\nnodes 5\nseed {seed}\nloss {}%\nduplication {}%\nask 30ms\nuntil 2s\n\
         at {}ms crash {crashed}\nat {}ms restart {crashed}\nat {}ms cut {cut}|{}\nat {}ms heal\n",
        pick(2, 20),
        pick(3, 10),
        300 + pick(4, 300),
        700 + pick(5, 300),
        900 + pick(6, 300),
        others.join(","),
        1_300 + pick(7, 300),
    )
}
