//! What the tests share. The tests themselves are two programs in `tests/tests`: `all`, a module an area and a protocol, and
//! `catalogue`, whose trials the catalogue makes. Those of the page are in `tests/browser`.

pub mod fuzz;

use faultline_core::catalogue::{self, Entry};
use faultline_core::link;
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::text::Complaint;
use faultline_core::title::Preset;
use std::path::Path;

mod contents;
mod facts;
mod golden;
mod vetted;

pub use contents::contents;
pub use facts::{Row, fact, facts, literature};
pub use golden::{golden, idle_acts, review};
pub use vetted::{Seen, vetted};

/// The folder of this package.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether the tests write what they would otherwise compare with: `FAULTLINE_UPDATE=1`.
pub fn updates() -> bool {
    std::env::var_os("FAULTLINE_UPDATE").is_some()
}

/// Every protocol.
pub fn entries() -> Vec<&'static Entry> {
    faultline_protocols::install();
    catalogue::all()
}

/// The protocol of a slug.
pub fn find(slug: &str) -> Option<&'static Entry> {
    faultline_protocols::install();
    catalogue::find(slug)
}

/// Reads a scenario.
///
/// # Errors
/// As [`Scenario::parse`].
pub fn parse(text: &str) -> Result<Scenario, Complaint> {
    faultline_protocols::install();
    Scenario::parse(text)
}

/// Reads a link.
///
/// # Errors
/// As [`link::read`].
pub fn open(text: &str) -> Result<Scenario, Complaint> {
    faultline_protocols::install();
    link::read(text).map(|linked| linked.scenario)
}

/// Plays a text to its end.
///
/// # Panics
/// When the text is no scenario.
pub fn play(text: &str) -> Run {
    let scenario = parse(text).unwrap_or_else(|complaint| panic!("{complaint} in\n{text}"));
    let until = scenario.until;
    Run::new(scenario, until)
}

/// Every scenario that comes with a protocol: the protocol's slug and the scenario.
pub fn presets() -> impl Iterator<Item = (&'static str, &'static Preset)> {
    entries().into_iter().flat_map(|entry| entry.presets().iter().map(|preset| (entry.info.slug, preset)))
}
