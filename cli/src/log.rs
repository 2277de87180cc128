//! `faultline log`: what happened elsewhere, as a run.

use crate::io::{Failure, bytes, print};
use clap::builder::PossibleValuesParser;
use faultline_core::export::{Kind, Part, export};
use faultline_core::sim::Run;
use faultline_recorded::{How, LONGEST_LOG, Opened, open};

/// Read a log as a run
///
/// Reads a log with vector clocks as `ShiViz` does, our own JSON lines, or spans of Jaeger or OpenTelemetry in
/// JSON, and prints what happened in an order that fits happened-before. What the log contradicts itself in,
/// or lacks, is said on stderr, with its place. docs/formats.md has the formats.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  faultline log simpledb.log
  faultline log my.log --expression '(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})'
  faultline log runs.log --delimiter '^=== (?<trace>.*) ===$' --execution 2
  faultline log trace.json --as mermaid > trace.mmd")]
pub(crate) struct Options {
    /// A log: a file, or `-` for stdin
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    source: String,
    /// What an event matches, with groups named event, host and clock [default: one of those that are known]
    #[arg(long, value_name = "EXPRESSION")]
    expression: Option<String>,
    /// What stands between two executions; its group `trace` names the one that follows
    #[arg(long, value_name = "EXPRESSION")]
    delimiter: Option<String>,
    /// Which execution, from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), default_value = "1")]
    execution: u32,
    /// A format for other programs, instead of the transcript
    #[arg(long = "as", value_name = "KIND", value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::word)))]
    format: Option<String>,
}

pub(crate) fn log_command(options: &Options) -> Result<(), Failure> {
    let Options { source, expression, delimiter, execution, format } = options;
    let text = String::from_utf8(bytes(source, LONGEST_LOG)?)
        .map_err(|_| Failure(2, format!("{source}: this is not text: its bytes are not UTF-8")))?;
    let how = How {
        expression: expression.clone(),
        delimiter: delimiter.clone(),
        execution: *execution as usize - 1,
    };
    let name = source.rsplit('/').next().unwrap_or(source);
    let opened = open(name, &text, &how);
    let Opened { scenario, executions, flaws, .. } =
        opened.map_err(|refusal| Failure(2, format!("{source}: {}", refusal.sentence)))?;
    if executions.len() > 1 {
        let count = executions.len();
        eprintln!("execution {execution} of {count}: {}", executions[how.execution]);
    }
    for flaw in flaws {
        eprintln!("{flaw}");
    }
    if let Some(kind) = format.as_deref().and_then(Kind::named) {
        print(&export(&scenario, kind, &Part::default(), None))
    } else {
        let until = scenario.until;
        print(&scenario.names.renamed(&Run::new(scenario.clone(), until).transcript()))
    }
}
