//! What several verbs share: a protocol and how it is set up, and how the values of options are read.

use crate::io::Failure;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use faultline_core::catalogue::{self, Entry};
use faultline_core::scenario::Scenario;
use std::num::IntErrorKind;

/// Which protocol, and how it is set up.
#[derive(Args)]
pub(crate) struct Setup {
    /// A protocol, as in `raft` (`faultline list` lists all)
    #[arg(value_name = "PROTOCOL", value_parser = protocol(), hide_possible_values = true)]
    protocol: Protocol,
    #[command(flatten)]
    changes: Changes,
}

/// The differences from the protocol or the scenario as it is.
#[derive(Args)]
pub(crate) struct Changes {
    /// Use a wrong twin: the protocol with one rule taken away (`faultline list PROTOCOL` names them); can be
    /// given several times
    #[arg(long = "twin", alias = "bug", value_name = "TWIN", help_heading = SETUP)]
    twins: Vec<String>,
    /// The number of nodes
    #[arg(long, value_name = "N", value_parser = number, help_heading = SETUP)]
    nodes: Option<u64>,
    /// Set a parameter, as in `heartbeat=50ms`; can be given several times
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter, help_heading = SETUP)]
    parameters: Vec<(String, String)>,
}

const SETUP: &str = "Set-up";

/// A protocol that there is, by its slug.
pub(crate) type Protocol = &'static str;

impl Setup {
    /// The protocol as it is set up.
    pub(crate) fn scenario(&self) -> Result<Scenario, Failure> {
        let mut scenario = Scenario::of(find(self.protocol)?);
        self.changes.amend(&mut scenario)?;
        Ok(scenario)
    }
}

impl Changes {
    /// Makes the changes.
    pub(crate) fn amend(&self, scenario: &mut Scenario) -> Result<(), Failure> {
        let mut amend = |option: String, words: String| {
            scenario.amend(&words).map_err(|sentence| Failure(2, format!("`{option}`: {sentence}")))
        };
        if let Some(nodes) = self.nodes {
            amend(format!("--nodes {nodes}"), format!("nodes {nodes}"))?;
        }
        for (name, value) in &self.parameters {
            amend(format!("--param {name}={value}"), format!("set {name} {value}"))?;
        }
        for twin in &self.twins {
            amend(format!("--twin {twin}"), format!("twin {twin}"))?;
        }
        scenario.clash().map_or(Ok(()), |sentence| Err(Failure(2, sentence)))
    }
}

/// The catalogue's entry of a protocol.
pub(crate) fn find(slug: &str) -> Result<&'static Entry, Failure> {
    catalogue::find(slug).ok_or_else(|| Failure(2, no_protocol(slug, None)))
}

pub(crate) fn no_protocol(slug: &str, meant: Option<String>) -> String {
    format!("there is no protocol `{slug}`; {}`faultline list` lists all", did_you_mean(meant))
}

pub(crate) fn protocol() -> impl TypedValueParser<Value = Protocol> {
    let slugs = || catalogue::all().into_iter().map(|entry| entry.info.slug);
    PossibleValuesParser::new(slugs()).map(move |slug| slugs().find(|it| *it == slug).unwrap_or_default())
}

// What follows reads the value of an option; its error says what the option takes.

/// A whole number.
pub(crate) fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|error: std::num::ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => format!("a whole number up to {}", u64::MAX),
        _ => "a whole number".into(),
    })
}

/// A whole number that bounds how often something happens in one run.
pub(crate) fn few(text: &str) -> Result<u8, String> {
    text.parse().map_err(|_| "a whole number from 0 to 255".into())
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE, as in `heartbeat=50ms`")?;
    Ok((name.into(), value.into()))
}

/// A suggestion, where there is one.
pub(crate) fn did_you_mean(meant: Option<String>) -> String {
    meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default()
}
