//! What may be written behind `faultline`: the verbs, and one sentence about what
//! cannot be read.

use crate::io::{Failure, print};
use crate::setup::{Protocol, did_you_mean, no_protocol, protocol};
use crate::{attack, check, export, linearize, log, measure};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueHint};
use std::error::Error;

/// A laboratory for distributed protocols, on the command line
#[derive(Parser)]
#[command(name = "faultline", version, max_term_width = 110, after_help = EXIT_CODES)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

const EXIT_CODES: &str = "\
`faultline help VERB` explains a verb and gives examples. A command that takes longer than a second shows its progress \
on stderr. Ctrl-C makes it print what it knows so far; a second Ctrl-C ends it at once.

Exit codes:
  0    done: every expectation was met and no claim broke
  1    an expectation was not met, or a claim broke
  2    the input is wrong, something is missing, or the question could not be decided
  130  interrupted, and nothing had broken until then";

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List all protocols, or what one of them offers
    ///
    /// Without a protocol, prints one line for each. With a protocol, prints its idea and its source, and
    /// names its parameters, wrong twins, claims and scenarios as the other verbs take them.
    #[command(after_help = "\
Examples:
  faultline list
  faultline list raft")]
    List {
        /// A protocol, as in `raft`
        #[arg(value_name = "PROTOCOL", value_parser = protocol(), hide_possible_values = true)]
        protocol: Option<Protocol>,
    },

    /// Play a scenario and check its expectations
    ///
    /// Prints the transcript to stdout, and the checksum and the verdicts on the claims to stderr. The exit
    /// code is 1 when an expectation is not met.
    #[command(after_help = "\
Examples:
  faultline run raft/figure-8
  faultline run my-scenario.txt
  faultline open '#/raft?3&seed+42' | faultline run -")]
    Run(Source),

    /// Turn a scenario into a link
    #[command(after_help = "\
Examples:
  faultline link raft/figure-8
  faultline link my-scenario.txt")]
    Link(Source),

    /// Turn a link into a scenario
    ///
    /// The exit code is 1 when the scenario no longer gives the run that the link was made for.
    #[command(after_help = "\
Examples:
  faultline open '#/raft?3&seed+42'
  faultline open '#/raft/figure-8' > figure-8.txt")]
    Open {
        /// A link, or its part from `#` on, in quotes because of the `&` in it
        link: String,
    },

    /// Compare two runs: where they diverge, and what differs at the end
    #[command(after_help = "\
Examples:
  faultline compare raft/figure-8 raft/figure-8-unsafe
  faultline compare two-phase-commit/blocking mine.txt")]
    Compare {
        /// The first scenario: a file, `-` for stdin, or PROTOCOL/NAME
        #[arg(value_name = "A", value_hint = ValueHint::FilePath)]
        one: String,
        /// The second scenario: a file, `-` for stdin, or PROTOCOL/NAME
        #[arg(value_name = "B", value_hint = ValueHint::FilePath)]
        other: String,
    },

    /// Explain why claims break in a scenario, or how something came about
    ///
    /// Says of each claim that does not hold at the end what was promised and what is the case, which nodes
    /// contradict each other, and in at most six steps how it came to this. If the scenario has a wrong twin,
    /// it is played without it as well, and the first step that differs is told. The exit code is 1 when a
    /// claim breaks.
    ///
    /// With WHAT, explains one thing: a claim that breaks or is reached, or the first step in which a node
    /// tells the application so. Where others had to agree to it, it is said who did, and with which step.
    #[command(after_help = "\
Examples:
  faultline explain raft/figure-8-unsafe
  faultline explain raft/figure-8-unsafe leader-completeness
  faultline explain raft/first-steps Elected
  faultline explain two-phase-commit/first-steps 'Decided abort'
  faultline explain found.txt")]
    Explain {
        #[command(flatten)]
        source: Source,
        /// A claim, as `faultline run` names it, or the beginning of what a node tells the application
        what: Option<String>,
    },

    Export(export::Options),
    Log(log::Options),
    Check(check::Options),
    Attack(attack::Options),

    /// Merge the results of shards into one report
    ///
    /// Prints the report of all shards that it is given. When a shard is missing or given twice, the report
    /// names it and the exit code is 2.
    #[command(after_help = "\
Examples:
  faultline attack raft --seeds 1000000 --shard 1/2 --out 1.json
  faultline attack raft --seeds 1000000 --shard 2/2 --out 2.json
  faultline merge 1.json 2.json")]
    Merge {
        /// The files that `attack --out` wrote, one for each shard
        #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
        files: Vec<String>,
    },

    /// Shrink a scenario to the smallest one in which the same claim breaks
    ///
    /// Removes acts and settings for as long as the claim still breaks. The exit code is 1 when no claim
    /// breaks in the scenario.
    #[command(after_help = "\
Examples:
  faultline shrink raft/figure-8-unsafe
  faultline shrink found.txt > smallest.txt")]
    Shrink(Source),

    Measure(measure::Options),
    Linearize(linearize::Options),

    /// Print a completion script for a shell
    #[command(after_help = "\
Examples:
  faultline completions bash > ~/.local/share/bash-completion/completions/faultline
  faultline completions zsh > ~/.zfunc/_faultline
  faultline completions fish > ~/.config/fish/completions/faultline.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },

    /// Print a manual page
    #[command(after_help = "\
Examples:
  faultline man | man -l -
  faultline man check > faultline-check.1")]
    Man {
        /// A verb; without one, the page of the whole program
        verb: Option<String>,
    },
}

/// Where a scenario comes from.
#[derive(Args)]
pub(crate) struct Source {
    /// A scenario: a file, `-` for stdin, or PROTOCOL/NAME for one that comes with a protocol
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    pub(crate) source: String,
}

/// What the command line says. Where it asks for help or the version, these are printed, and there is no
/// verb.
pub(crate) fn read() -> Result<Option<Verb>, Failure> {
    let error = match CommandLine::try_parse() {
        Ok(CommandLine { verb: Some(verb) }) => return Ok(Some(verb)),
        Ok(CommandLine { verb: None }) => {
            return print(&CommandLine::command().render_help().to_string()).map(|()| None);
        }
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            print(&error.render().to_string()).map(|()| None)
        }
        _ => Err(Failure(2, complaint(&error))),
    }
}

/// What is wrong with the command line, in one sentence with the way out. The library's own words take six
/// lines.
fn complaint(error: &clap::Error) -> String {
    let strings = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    let first = |kind| strings(kind).into_iter().next();
    let mut command = CommandLine::command();
    command.build();
    let verb = std::env::args_os().nth(1).and_then(|word| command.find_subcommand(word)).unwrap_or(&command);
    let (name, help) = match verb.get_name() {
        "faultline" => ("faultline", "`faultline help`".to_owned()),
        name => (name, format!("`faultline help {name}`")),
    };
    let argument = first(ContextKind::InvalidArg).unwrap_or_default();
    // `--seeds <K>` is known as `--seeds`.
    let option = argument.split(' ').next().unwrap_or_default().trim_matches(['<', '>']);
    let value = first(ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = first(ContextKind::InvalidSubcommand).unwrap_or_default();
            let meant = did_you_mean(first(ContextKind::SuggestedSubcommand));
            format!("there is no verb `{word}`; {meant}`faultline help` lists all")
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            let meant = did_you_mean(first(ContextKind::SuggestedArg));
            format!("`{name}` has no option `{argument}`; {meant}{help} lists all")
        }
        ErrorKind::UnknownArgument => format!("`{argument}` is one word too many for `{name}`; see {help}"),
        ErrorKind::MissingRequiredArgument => {
            let needed = verb.get_arguments().find(|it| it.to_string() == argument);
            let what =
                needed.and_then(|it| it.get_help()).map(ToString::to_string).unwrap_or(argument.clone());
            let (article, rest) = what.split_once(' ').unwrap_or((&what, ""));
            let what = format!("{} {rest}", article.to_lowercase());
            format!("`{name}` needs {what}; {help} has examples")
        }
        ErrorKind::InvalidValue if argument.contains("PROTOCOL") => {
            no_protocol(&value, first(ContextKind::SuggestedValue))
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("`{option}` needs a value, as in `{argument}`; see {help}")
        }
        ErrorKind::InvalidValue => {
            let (allowed, meant) = (strings(ContextKind::ValidValue), first(ContextKind::SuggestedValue));
            format!(
                "`{option}` takes {}, not `{value}`; {}{help} says more",
                or(&allowed),
                did_you_mean(meant)
            )
        }
        ErrorKind::ValueValidation => {
            let allowed = error.source().map(ToString::to_string).unwrap_or_default();
            format!("`{option}` takes {allowed}, not `{value}`")
        }
        ErrorKind::ArgumentConflict => format!("`{option}` is given twice"),
        ErrorKind::InvalidUtf8 => "the command line has bytes that are not UTF-8".into(),
        _ => {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    }
}

/// ``a`, `b` or `c``.
fn or(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Prints a script that completes words in a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "faultline", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Prints the manual page of the program or of a verb.
pub(crate) fn man(verb: Option<&str>) -> Result<(), Failure> {
    let mut command = CommandLine::command();
    command.build();
    let of = match verb {
        Some(name) => command
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure(2, format!("there is no verb `{name}`; `faultline help` lists all")))?,
        None => command,
    };
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(of).render(&mut page);
    written.map_err(|error| Failure(1, format!("cannot write the page: {error}")))?;
    print(&String::from_utf8_lossy(&page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    /// Whoever asks for help gets an example, and the examples can be read.
    #[test]
    fn every_verb_has_examples_that_can_be_read() {
        faultline_protocols::install();
        let command = CommandLine::command();
        for verb in command.get_subcommands() {
            let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<&str> =
                help.lines().filter_map(|line| line.strip_prefix("  faultline ")).collect();
            assert!(!examples.is_empty(), "{} has no example", verb.get_name());
            for example in examples {
                // A word in quotes may have spaces.
                let words = example.split('\'').enumerate().flat_map(|(place, part)| match place % 2 {
                    0 => part.split_whitespace().collect(),
                    _ => vec![part],
                });
                let words = words.take_while(|word| !["|", "<", ">"].contains(word));
                let read = CommandLine::try_parse_from(["faultline"].into_iter().chain(words));
                assert!(read.is_ok(), "`faultline {example}` cannot be read: {:?}", read.err());
            }
        }
    }
}
