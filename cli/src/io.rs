//! What every verb needs of the world outside: a scenario to read, somewhere to print, and a way to fail.

use faultline_core::catalogue;
use faultline_core::scenario::{LONGEST_TEXT, Scenario};
use faultline_core::text::Complaint;
use std::io::{Read, Write};

/// What ends a command early: the exit code and one sentence for stderr.
pub(crate) struct Failure(pub(crate) u8, pub(crate) String);

/// Prints to stdout; a reader that has gone away (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// Prints what need not be text.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    match std::io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure(1, format!("cannot write: {error}")))
        }
        _ => Ok(()),
    }
}

/// JSON with the end of its last line.
pub(crate) fn to_json(text: serde_json::Result<String>) -> Result<String, Failure> {
    let text = text.map_err(|error| Failure(1, format!("cannot write JSON: {error}")))?;
    Ok(text + "\n")
}

/// The scenario of a file, of stdin, or of a protocol's own, named `raft/figure-8`.
pub(crate) fn load(source: &str) -> Result<Scenario, Failure> {
    let bad = |complaint: Complaint| Failure(2, format!("{source}: {complaint}"));
    if let Some((slug, name)) = source.split_once('/')
        && let Some(entry) = catalogue::find(slug)
        && let Some(preset) = entry.presets().iter().find(|preset| preset.name == name)
    {
        return Scenario::parse(preset.text).map_err(bad);
    }
    Scenario::from_bytes(&bytes(source, LONGEST_TEXT)?).map_err(bad)
}

/// What a file or stdin holds; of what is longer than the limit one byte more, so that it is refused as too long.
pub(crate) fn bytes(source: &str, longest: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = longest as u64 + 1;
    let read = match source {
        "-" => std::io::stdin().lock().take(limit).read_to_end(&mut bytes),
        _ => std::fs::File::open(source).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.map_err(|error| Failure(2, format!("cannot read `{source}`: {error}")))?;
    Ok(bytes)
}
