//! What the tests share. The tests themselves are in `tests/tests`, a file an area; those of the page are in
//! `tests/browser`.

pub mod fuzz;

use faultline_core::catalogue::{self, Entry};
use faultline_core::link;
use faultline_core::protocol::Preset;
use faultline_core::scenario::Scenario;
use faultline_core::sim::Run;
use faultline_core::text::Complaint;
use std::path::{Path, PathBuf};

mod facts;

pub use facts::fact;

/// The folder of this package.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
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
    link::read(text)
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
    entries().into_iter().flat_map(|entry| entry.presets.iter().map(|preset| (entry.info.slug, preset)))
}

/// Compares a text with the one kept under `tests/golden`, or, with `FAULTLINE_UPDATE=1`, keeps it.
///
/// # Panics
/// When they differ: with the first line that does.
pub fn golden(name: &str, text: &str) {
    let path: PathBuf = folder().join("golden").join(name);
    if std::env::var_os("FAULTLINE_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{error}"));
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; FAULTLINE_UPDATE=1 cargo test -p faultline-tests writes it", path.display())
    });
    let (mut kept, mut now) = (kept.lines(), text.lines());
    for number in 1.. {
        match (kept.next(), now.next()) {
            (None, None) => return,
            (kept, now) => assert_eq!(kept, now, "line {number} of tests/golden/{name}"),
        }
    }
}
