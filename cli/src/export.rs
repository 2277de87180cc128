//! `faultline export`: a run as a text that other programs read.

use crate::checksum_of;
use crate::io::{Failure, load, print};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use faultline_core::export::{Kind, Part, export};
use faultline_core::{Micros, time};

/// Write a run as a text that other programs read
///
/// Prints a diagram, a log or a trace to stdout. A long run is cut at the number of events that the format holds, and the
/// text says so. docs/formats.md says what each format shows and what reads it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  faultline export two-phase-commit/blocking --as mermaid > blocking.mmd
  faultline export raft/figure-8 --as shiviz --until 500ms
  faultline export raft/first-steps --as tikz --nodes n1,n2 > steps.tex
  faultline export my-scenario.txt --as json | jq '.events[].sentence'")]
pub(crate) struct Options {
    /// A scenario: a file, `-` for stdin, or PROTOCOL/NAME for one that comes with a protocol
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    source: String,
    /// The format
    #[arg(long = "as", value_name = "KIND", value_parser = kind())]
    kind: Kind,
    /// Until when; without it, to the end of the scenario
    #[arg(long, value_name = "T", value_parser = until)]
    until: Option<Micros>,
    /// Of which nodes; without it, of all
    #[arg(long, value_name = "N1,N2", value_delimiter = ',')]
    nodes: Vec<String>,
}

fn kind() -> impl TypedValueParser<Value = Kind> {
    let words = PossibleValuesParser::new(Kind::ALL.map(Kind::word));
    words.map(|word| Kind::named(&word).unwrap_or(Kind::Json))
}

fn until(text: &str) -> Result<Micros, String> {
    time::parse(text).map_err(|_| "a time, as in `1.5s` or `20ms`".into())
}

pub(crate) fn export_command(options: &Options) -> Result<(), Failure> {
    let scenario = load(&options.source)?;
    let nodes: Result<_, _> = options.nodes.iter().map(|word| scenario.node(word)).collect();
    let nodes = nodes.map_err(|sentence| Failure(2, format!("`--nodes`: {sentence}")))?;
    let part = Part { until: options.until, nodes };
    print(&export(&scenario, options.kind, &part, Some(checksum_of(&scenario))))
}
