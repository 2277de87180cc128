//! Take-aways: a run as a text that other programs read, a file a format.
//!
//! Each begins by saying what it is, with the link that opens its run. A format holds a bounded number of events, because
//! what draws it draws badly, or not at all, what is longer; where a run is cut, the text says so.

use crate::link;
use crate::name::NodeId;
use crate::scenario::Scenario;
use crate::sim::Run;
use crate::time::{Micros, exact, seconds};
use crate::trace::{Flags, Line, NOBODY, Record, What};

mod json;
mod mermaid;
mod picture;
mod plantuml;
mod shiviz;
mod tikz;

pub use picture::Picture;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sequence diagram for Mermaid.
    Mermaid,
    /// A sequence diagram for `PlantUML`.
    PlantUml,
    /// A log with vector clocks for `ShiViz`.
    ShiViz,
    /// All that is known of the events, for programs.
    Json,
    /// A space-time diagram for LaTeX.
    Tikz,
}

impl Kind {
    /// Every format.
    pub const ALL: [Kind; 5] = [Kind::Mermaid, Kind::PlantUml, Kind::ShiViz, Kind::Json, Kind::Tikz];

    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Mermaid => "mermaid",
            Kind::PlantUml => "plantuml",
            Kind::ShiViz => "shiviz",
            Kind::Json => "json",
            Kind::Tikz => "tikz",
        }
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Mermaid => "Mermaid sequence diagram",
            Kind::PlantUml => "PlantUML sequence diagram",
            Kind::ShiViz => "ShiViz log",
            Kind::Json => "JSON trace",
            Kind::Tikz => "TikZ space-time diagram",
        }
    }

    /// What the names of such files end in.
    pub fn ending(self) -> &'static str {
        match self {
            Kind::Mermaid => "mmd",
            Kind::PlantUml => "puml",
            Kind::ShiViz => "log",
            Kind::Json => "json",
            Kind::Tikz => "tex",
        }
    }

    /// The format of a name.
    pub fn named(word: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The most events that it holds. Mermaid refuses texts of more than 50 000 letters.
    pub fn most(self) -> usize {
        match self {
            Kind::Mermaid | Kind::PlantUml => 200,
            Kind::ShiViz => 2_000,
            Kind::Json => 20_000,
            Kind::Tikz => 100,
        }
    }

    /// What it shows of what happens, in a sentence or two.
    fn shows(self) -> &'static str {
        match self {
            Kind::Mermaid | Kind::PlantUml => {
                "Shown: messages where they end, lost ones with a cross, requests, outputs, faults and what the protocol tells."
            }
            Kind::ShiViz => "Shown: the steps of the nodes. Lost messages are no step of any node.",
            Kind::Json => "Shown: every event.",
            Kind::Tikz => {
                "Shown: messages from where they are sent to where they end, lost ones with a cross, requests, outputs, faults and \
                 what the protocol tells. Time runs down and is not to scale."
            }
        }
    }
}

/// The most events of a run that are read for an export. What is seldom shown would have to be looked for in millions.
const MOST_READ: usize = 200_000;
/// The longest label, in letters.
const LONGEST_LABEL: usize = 120;

/// Which part of a run is taken away.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Until when; to the end of the scenario, without a time.
    pub until: Option<Micros>,
    /// Of which nodes; of all, when none is named.
    pub nodes: Vec<NodeId>,
}

/// A part of the run of a scenario as a text; with the checksum of the run for its link, where that is known.
pub fn export(scenario: &Scenario, kind: Kind, part: &Part, checksum: Option<u64>) -> String {
    let taken = Taken::of(scenario, kind, part, checksum);
    match kind {
        Kind::Mermaid => mermaid::text(&taken),
        Kind::PlantUml => plantuml::text(&taken),
        Kind::ShiViz => shiviz::text(&taken),
        Kind::Json => json::text(&taken),
        Kind::Tikz => tikz::text(&taken),
    }
}

/// What is taken away.
struct Taken<'a> {
    scenario: &'a Scenario,
    /// The nodes that are shown, in their order.
    nodes: Vec<NodeId>,
    /// All that was read, shown or not.
    lines: Vec<Line>,
    /// The link of the run, or why there is none.
    link: Result<String, String>,
    /// After how many events of the run it is cut, if it is.
    cut_after: Option<usize>,
    /// What it is, line by line.
    about: Vec<String>,
}

/// Something that a diagram shows.
struct Shown<'a> {
    line: &'a Line,
    /// The message that ends here, from where to where.
    arrow: Option<(NodeId, NodeId)>,
    /// What is said beside it.
    notes: Vec<String>,
}

impl<'a> Taken<'a> {
    fn of(scenario: &'a Scenario, kind: Kind, part: &Part, checksum: Option<u64>) -> Self {
        let is_wanted = |node: &NodeId| part.nodes.is_empty() || part.nodes.contains(node);
        let nodes = (0..scenario.nodes).map(NodeId).filter(is_wanted).collect();
        let link = link::write(scenario, checksum).map(|link| format!("#{link}"));
        let (lines, about) = (Vec::new(), Vec::new());
        let mut taken = Taken { scenario, nodes, lines, link, cut_after: None, about };
        taken.read(kind, part.until.unwrap_or(scenario.until));
        taken.say(kind, part);
        taken
    }

    /// Plays the run up to a time, or to the event before the first that is too many.
    fn read(&mut self, kind: Kind, until: Micros) {
        let mut run = Run::begin(self.scenario.clone());
        run.extend_by(until, MOST_READ + 1);
        let mut left = kind.most();
        for line in run.lines_from(0) {
            let is_shown = match kind {
                Kind::Json => self.concerns(&line.record),
                Kind::ShiViz => self.is_step(&line.record),
                Kind::Mermaid | Kind::PlantUml | Kind::Tikz => self.shown(&line).is_some(),
            };
            if line.index == MOST_READ || is_shown && left == 0 {
                self.cut_after = Some(line.index);
                return;
            }
            left -= usize::from(is_shown);
            self.lines.push(line);
        }
    }

    /// Says what it is.
    fn say(&mut self, kind: Kind, part: &Part) {
        let Scenario { entry, title, .. } = self.scenario;
        let colon = if title.is_empty() { "" } else { ": " };
        self.about.push(format!("{} of a run of {}{colon}{title}", kind.title(), entry.info.title));
        self.about.push(match &self.link {
            Ok(link) => {
                format!("Made by Faultline. Behind the address of its page, this link opens the run: {link}")
            }
            Err(why) => format!("Made by Faultline. There is no link: {why}"),
        });
        self.about.push(kind.shows().to_owned());
        if let Some(until) = part.until.filter(|until| *until != self.scenario.until) {
            self.about.push(format!("Only until {}.", exact(until)));
        }
        if self.nodes.len() < self.scenario.nodes as usize {
            let names: Vec<String> = self.nodes.iter().map(|node| self.called(*node)).collect();
            self.about
                .push(format!("Only {}; messages from and to other nodes are left out.", names.join(", ")));
        }
        if let Some(after) = self.cut_after {
            let time = self.lines.last().map_or(0, |line| line.record.time);
            let most = if after == MOST_READ { MOST_READ } else { kind.most() };
            self.about.push(format!(
                "Cut after {after} events of the run, at {}. The limit of this format is {most} events.",
                exact(time)
            ));
        }
    }

    fn called(&self, node: NodeId) -> String {
        self.scenario.names.called(node)
    }

    fn has(&self, node: u32) -> bool {
        self.nodes.binary_search(&NodeId(node)).is_ok()
    }

    /// Whether an event concerns a node that is shown, or none at all.
    fn concerns(&self, record: &Record) -> bool {
        record.node == NOBODY || self.has(record.node) || self.has(record.peer)
    }

    /// Whether an event is a step of a node that is shown.
    fn is_step(&self, record: &Record) -> bool {
        record.what.is_step() && self.has(record.node)
    }

    /// What a diagram shows of an event, if anything.
    fn shown<'b>(&self, line: &'b Line) -> Option<Shown<'b>> {
        let Record { node, peer, what, flags, .. } = line.record;
        let is_arrow = what.ends_message() && self.has(node) && self.has(peer);
        let arrow = is_arrow.then_some((NodeId(peer), NodeId(node)));
        let mut notes = Vec::new();
        if node == NOBODY || self.has(node) {
            let is_told = match what {
                What::Deliver => flags.has(Flags::MILESTONE),
                What::Lose | What::Drop => false,
                What::Input => true,
                _ => flags.has(Flags::MILESTONE) || flags.has(Flags::ACT) || what.is_fault(),
            };
            notes.extend(is_told.then(|| line.sentence.clone()));
            notes.extend(line.outputs.iter().map(|output| format!("tells {output}")));
            if flags.has(Flags::VIOLATION) {
                notes.push("a claim or a belief breaks".to_owned());
            }
        }
        let is_shown = arrow.is_some() || !notes.is_empty();
        is_shown.then_some(Shown { line, arrow, notes })
    }

    /// All that a diagram shows.
    fn all_shown(&self) -> impl Iterator<Item = Shown<'_>> {
        self.lines.iter().filter_map(|line| self.shown(line))
    }

    /// A sentence as a label: with the names of nodes, on one line, and short.
    fn label(&self, sentence: &str) -> String {
        short(&self.scenario.names.renamed(sentence))
    }

    /// What is said of a message.
    fn message(&self, line: &Line) -> String {
        let end = match line.record.what {
            What::Lose => " (lost)",
            What::Drop => " (dropped)",
            _ => "",
        };
        self.label(&line.message) + end
    }
}

impl Shown<'_> {
    fn is_lost(&self) -> bool {
        self.line.record.what != What::Deliver
    }

    fn time(&self) -> String {
        seconds(self.line.record.time, 6)
    }
}

/// A text on one line, without control characters, and cut where it is too long.
fn short(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_LABEL).map(on_one_line).collect();
    if text.chars().nth(LONGEST_LABEL).is_some() {
        short.push('…');
    }
    short
}

/// A letter, or a space for one that would end a line or is no letter at all.
fn on_one_line(letter: char) -> char {
    if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') { ' ' } else { letter }
}

/// Lines of comment, each behind this sign. Braces and quotes would begin something else than a comment in some of the formats.
fn comment(taken: &Taken<'_>, sign: &str) -> String {
    let harmless = |letter| match on_one_line(letter) {
        '{' => '(',
        '}' => ')',
        '\'' => '’',
        other => other,
    };
    let line = |line: &String| format!("{sign} {}\n", line.chars().map(harmless).collect::<String>());
    taken.about.iter().map(line).collect()
}
