//! `faultline export`: a run as a text that other programs read, or as a picture.

use crate::checksum_of;
use crate::io::{Failure, load, print};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use faultline_core::export::{Kind, Part, Picture, export};
use faultline_core::{Micros, time};

/// Write a run as a text that other programs read, or as a picture
///
/// Prints a diagram, a log, a trace or a picture to stdout. A long run is cut at the number of events that the format holds, and
/// the text says so. docs/formats.md says what each format shows and what reads it. Pictures need a program that was built
/// with `--features pictures`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  faultline export two-phase-commit/blocking --as mermaid > blocking.mmd
  faultline export raft/figure-8 --as shiviz --until 500ms
  faultline export raft/first-steps --as tikz --nodes n1,n2 > steps.tex
  faultline export my-scenario.txt --as json | jq '.events[].sentence'
  faultline export raft/figure-8 --as svg --at 500ms --view both > moment.svg
  faultline export raft/figure-8 --as playing-svg --from 300ms --until 600ms > play.svg
  faultline export raft/figure-8 --as html --from 0s > figure-8.html")]
pub(crate) struct Options {
    /// A scenario: a file, `-` for stdin, or PROTOCOL/NAME for one that comes with a protocol
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::FilePath)]
    source: String,
    /// The format
    #[arg(long = "as", value_name = "KIND", value_parser = format())]
    format: Format,
    /// Until when; without it, to the end of the scenario, or as far as a picture holds
    #[arg(long, value_name = "T", value_parser = moment)]
    pub(crate) until: Option<Micros>,
    /// Of which nodes; without it, of all. Texts only
    #[arg(long, value_name = "N1,N2", value_delimiter = ',')]
    nodes: Vec<String>,
    /// The moment of a picture; without it, the one that the scenario shows
    #[arg(long, value_name = "T", value_parser = moment, conflicts_with = "from")]
    pub(crate) at: Option<Micros>,
    /// From when a picture plays; without it, from the first message
    #[arg(long, value_name = "T", value_parser = moment)]
    pub(crate) from: Option<Micros>,
    /// What a picture shows
    #[arg(long, value_name = "VIEW", value_parser = ["stage", "diagram", "both"], default_value = "stage")]
    pub(crate) view: String,
    /// The colours of a picture
    #[arg(long, value_name = "THEME", value_parser = ["light", "dark"], default_value = "light")]
    pub(crate) theme: String,
    /// The width of a picture and the height of its stage, in pixels
    #[arg(long, value_name = "WxH", value_parser = size, default_value = "720x440")]
    pub(crate) size: (u16, u16),
    /// How many pixels of a PNG, a GIF or an APNG stand for one of the picture, along each side
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub(crate) scale: Option<u8>,
    /// The seconds that a picture plays; without it, as long as on the page
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u8).range(1..=60))]
    pub(crate) seconds: Option<u8>,
    /// The address of the page in which the link of a picture opens the run
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) page: Option<String>,
}

/// What a run is written as.
#[derive(Clone, Copy)]
enum Format {
    Text(Kind),
    Picture(Picture),
}

fn format() -> impl TypedValueParser<Value = Format> {
    let words = Kind::ALL.map(Kind::word).into_iter().chain(Picture::ALL.map(Picture::word));
    PossibleValuesParser::new(words).map(|word| match Picture::named(&word) {
        Some(picture) => Format::Picture(picture),
        None => Format::Text(Kind::named(&word).unwrap_or(Kind::Json)),
    })
}

fn moment(text: &str) -> Result<Micros, String> {
    time::parse(text).map_err(|_| "a time, as in `1.5s` or `20ms`".into())
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let sides =
        text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides.ok_or_else(|| "a width and a height in pixels, as in `720x440`".into())
}

pub(crate) fn export_command(options: &Options) -> Result<(), Failure> {
    let scenario = load(&options.source)?;
    let kind = match options.format {
        Format::Text(kind) => kind,
        #[cfg(feature = "pictures")]
        Format::Picture(picture) => return crate::pictures::picture_command(scenario, picture, options),
        #[cfg(not(feature = "pictures"))]
        Format::Picture(picture) => {
            let sentence = format!(
                "`--as {}` needs the page's drawing code; build this program with `cargo build --release -p faultline-cli \
                 --features pictures`",
                picture.word()
            );
            return Err(Failure(2, sentence));
        }
    };
    let nodes: Result<_, _> = options.nodes.iter().map(|word| scenario.node(word)).collect();
    let nodes = nodes.map_err(|sentence| Failure(2, format!("`--nodes`: {sentence}")))?;
    let part = Part { until: options.until, nodes };
    print(&export(&scenario, kind, &part, Some(checksum_of(&scenario))))
}
