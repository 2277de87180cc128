//! Reading scenario text: a line at a time, each refusal a sentence that says what to write instead.

use super::challenge;
use super::cue::CUES;
use super::form::{Form, Slot, listed, reader, readers};
use super::observation::{Observation, claim};
use super::read_act::{READ_ACT, act, looks_like_node};
use super::{Caption, Challenge, Expectation, LONGEST_TEXT, MOST_ACTS, Moment, Scenario, Timed};
use crate::catalogue;
use crate::fitted::Fitted;
use crate::name::{Names, NodeId};
use crate::network::Behaviour;
use crate::text::{Complaint, is_no, shown};
use crate::time::{self, Micros};
use crate::title::Unit;
use crate::toolbox::order::by_number;

/// Why a text that names a recorded run is none.
const NO_LOG: &str = "this names a recorded run, and its log is not open here; open the log, from its file";

pub(super) fn scenario(text: &str) -> Result<Scenario, Complaint> {
    if text.len() > LONGEST_TEXT {
        let sentence = format!(
            "this text is {} kB long; a scenario may be at most {} kB long",
            text.len() / 1024,
            LONGEST_TEXT / 1024
        );
        return Err(Complaint { line: 1, sentence });
    }
    // Editors begin a file with a mark of the order of its bytes.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim().to_owned()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let last = text.lines().count().max(1);

    let missing = |sentence: &str| Complaint { line: last, sentence: sentence.into() };
    let (line, first) =
        lines.next().ok_or_else(|| missing("this text is empty; it should begin with `faultline 2`"))?;
    version(&first).map_err(|sentence| Complaint { line, sentence })?;
    let (line, second) = lines.next().ok_or_else(|| missing("the text ends before `protocol` and a name"))?;
    let mut scenario = protocol(&second).map_err(|sentence| Complaint { line, sentence })?;
    if let Some(revive) = scenario.entry.recorded {
        let lines: Vec<_> = lines.collect();
        return recorded(revive, lines.iter().map(|(line, words)| (*line, &**words)));
    }
    add(&mut scenario, lines)?;
    Ok(scenario)
}

/// Adds statements, each with the number of its line.
pub(super) fn add<Line: AsRef<str>>(
    scenario: &mut Scenario,
    lines: impl Iterator<Item = (usize, Line)>,
) -> Result<(), Complaint> {
    let mut set = 1;
    for (line, words) in lines {
        statement_into(scenario, words.as_ref()).map_err(|sentence| Complaint { line, sentence })?;
        set = if words.as_ref().starts_with("set ") { line } else { set };
    }
    if let Some(sentence) = scenario.clash() {
        return Err(Complaint { line: set, sentence });
    }
    by_number(&mut scenario.acts, |timed| timed.at.number());
    by_number(&mut scenario.captions, |(time, _)| (*time).into());
    by_number(&mut scenario.cues, |(time, _)| (*time).into());
    by_number(&mut scenario.expectations, |expected| match expected {
        Expectation::Seen(at, _) => at.number(),
        _ => u128::MAX,
    });
    Ok(())
}

/// The line, counted from 1, with the latest act or caption up to a time, in the order of the text.
pub(super) fn line_at(text: &str, time: Micros) -> Option<usize> {
    let when = |line: &str| {
        let rest = split(line.trim()).1;
        line.trim_start().starts_with("at ").then(|| moment(split(rest).0).ok())?
    };
    let numbered = (1..).zip(text.lines());
    numbered.filter(|(_, line)| when(line).is_some_and(|at| at.time <= time)).map(|(number, _)| number).last()
}

/// The lines of a text that say something.
fn said(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The line with which a text begins.
pub(super) fn first_line(text: &str) -> Option<&str> {
    said(text).next()
}

/// The slug that a text gives its protocol, whether or not there is one.
pub(super) fn protocol_of(text: &str) -> Option<&str> {
    said(text).nth(1)?.strip_prefix("protocol ").map(str::trim)
}

fn version(line: &str) -> Result<(), String> {
    match line.split_once(' ') {
        Some(("faultline", "1" | "2")) => Ok(()),
        Some(("faultline", other)) => Err(format!(
            "this text has version `{}`, and this Faultline reads versions 1 and 2; open it with a newer one",
            shown(other)
        )),
        _ => Err(format!("a scenario begins with `faultline 2`, not with `{}`", shown(line))),
    }
}

fn protocol(line: &str) -> Result<Scenario, String> {
    let name = line.strip_prefix("protocol ").map(str::trim);
    let name = name.ok_or_else(|| {
        format!("the second line names the protocol, as in `protocol raft`, not `{}`", shown(line))
    })?;
    catalogue::find(name).map(Scenario::of).ok_or_else(|| match name {
        catalogue::RECORDED => NO_LOG.into(),
        _ => unknown("protocol", name, catalogue::index().iter().map(|it| it.slug)),
    })
}

/// The run of a log that is open. All but the moment that is shown follows from the log.
fn recorded<'a>(
    revive: fn(u64) -> Option<Scenario>,
    lines: impl Iterator<Item = (usize, &'a str)>,
) -> Result<Scenario, Complaint> {
    let (mut log, mut show) = (0, None);
    for (line, words) in lines {
        match split(words) {
            ("set", rest) => log = rest.strip_prefix("log ").and_then(|log| log.parse().ok()).unwrap_or(log),
            ("show", rest) => {
                show = Some(moment(rest).map_err(|sentence| Complaint { line, sentence })?);
            }
            _ => {}
        }
    }
    let scenario = revive(log).ok_or_else(|| Complaint { line: 2, sentence: NO_LOG.into() })?;
    Ok(Scenario { show, ..scenario })
}

/// A sentence about a name that is none of those that there are; of many it names those that begin alike, or the first.
pub(super) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 9;
    let mut known: Vec<_> = known.collect();
    let alike = |other: &str| other.bytes().zip(name.bytes()).take_while(|(one, two)| one == two).count();
    let more = known.len().saturating_sub(MOST);
    if more > 0 {
        by_number(&mut known, |other| (name.len() - alike(other)) as u128);
        known.truncate(MOST);
    }
    let known: Vec<_> = known.into_iter().map(|name| format!("`{name}`")).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let none =
        if name.is_empty() { is_no(what, name) } else { format!("there is no {what} `{}`", shown(name)) };
    format!("{none}; there is {}{more}", known.join(", "))
}

/// How a statement is read: into a scenario, from the words behind its own.
type Read = fn(&mut Scenario, &str) -> Result<(), String>;
type Statement = Form<Read>;
const READ_SETTING: [(&str, Read); SETTINGS.len()] = readers(&SETTINGS);
const READ_EVENT: [(&str, Read); EVENTS.len()] = readers(&EVENTS);

const SWITCH: &[&[Slot]] = &[&[], &[Slot::Switch]];

/// The statements that set something before the run.
pub(super) const SETTINGS: [Statement; 14] = [
    Form {
        word: "title",
        ways: &[&[Slot::Free]],
        help: "Names the run.",
        read: |scenario, rest| {
            scenario.title = rest.into();
            Ok(())
        },
    },
    Form { word: "nodes", ways: &[&[Slot::Nodes]], help: "Sets the number of nodes.", read: nodes },
    Form {
        word: "names",
        ways: &[&[Slot::Free]],
        help: "Names the nodes in their order. The names may stand for `n1` and so on from there on.",
        read: names,
    },
    Form {
        word: "seed",
        ways: &[&[Slot::Seed]],
        help: "Sets the seed, from which all random draws follow.",
        read: |scenario, rest| number(rest, "seed 42").map(|seed| scenario.seed = seed),
    },
    Form {
        word: "latency",
        ways: &[&[Slot::Latency]],
        help: "Sets the range from which each message draws its latency, or names measured latencies.",
        read: |scenario, rest| latency(rest).map(|it| scenario.network = scenario.network.changed(it)),
    },
    Form {
        word: "loss",
        ways: &[&[Slot::Share]],
        help: "Sets the share of messages that the network loses.",
        read: |scenario, rest| percentage(rest).map(|share| scenario.network.loss_ppm = share),
    },
    Form {
        word: "duplication",
        ways: &[&[Slot::Share]],
        help: "Sets the share of messages that the network duplicates.",
        read: |scenario, rest| percentage(rest).map(|share| scenario.network.duplicate_ppm = share),
    },
    Form {
        word: "fifo",
        ways: SWITCH,
        help: "Makes links deliver messages in the order in which they were sent.",
        read: |scenario, rest| switch(rest).map(|fifo| scenario.network.fifo = fifo),
    },
    Form {
        word: "ask",
        ways: &[&[Slot::Ask]],
        help: "Sets the time between requests to the nodes; 0s turns them off.",
        read: |scenario, rest| time::parse(rest).map(|ask| scenario.ask = ask),
    },
    Form {
        word: "skew",
        ways: &[&[Slot::Time("20ms")]],
        help: "Sets the initial error of the clocks.",
        read: |scenario, rest| time::parse(rest).map(|skew| scenario.skew = skew),
    },
    Form {
        word: "manual",
        ways: SWITCH,
        help: "Lets nothing happen by itself: every event is an act.",
        read: |scenario, rest| switch(rest).map(|manual| scenario.manual = manual),
    },
    Form {
        word: "until",
        ways: &[&[Slot::Length]],
        help: "Sets the length of the run.",
        read: |scenario, rest| time::parse(rest).map(|until| scenario.until = until),
    },
    Form {
        word: "set",
        ways: &[&[Slot::Parameter, Slot::Value]],
        help: "Sets a parameter of the protocol.",
        read: set,
    },
    Form {
        word: "twin",
        ways: &[&[Slot::Twin], &[Slot::Twin, Slot::Switch]],
        help: "Turns the protocol into a wrong twin.",
        read: twin,
    },
];

/// What happens in the run, what is shown of it, and what must come of it.
pub(super) const EVENTS: [Statement; 10] = [
    Form {
        word: "at",
        ways: &[&[Slot::Moment, Slot::Timed]],
        help: "Does something at a time, says something from then on, or states what can be seen then.",
        read: timed,
    },
    Form {
        word: "show",
        ways: &[&[Slot::Moment]],
        help: "Sets the moment that is shown first.",
        read: |scenario, rest| moment(rest).map(|shown| scenario.show = Some(shown)),
    },
    Form {
        word: "expect",
        ways: &[
            &[Slot::Word("violated", "The claim breaks within the run."), Slot::Claim],
            &[Slot::Word("holds", "The claim holds throughout the run."), Slot::Claim],
            &[Slot::Word("reached", "The run reaches what should come up sometimes."), Slot::Chance],
            &[Slot::Word("checksum", "The run has this checksum."), Slot::Free],
        ],
        help: "States a result of the run, which is checked.",
        read: |scenario, rest| {
            let expected = expectation(scenario, rest)?;
            scenario.expectations.push(expected);
            Ok(())
        },
    },
    Form {
        word: "goal",
        ways: &[&[Slot::Sight]],
        help: "Makes the run a challenge: this is what its reader is to bring about.",
        read: challenge::goal,
    },
    Form {
        word: "allow",
        ways: &[&[Slot::Free]],
        help: "Names the acts that the reader may use: `allow drop, crash`; `ask` stands for requests.",
        read: challenge::allow,
    },
    Form {
        word: "budget",
        ways: &[&[Slot::Sample("2")]],
        help: "Says how many acts the reader may use.",
        read: |scenario, rest| challenge::count(scenario, |it| &mut it.budget, rest),
    },
    Form {
        word: "par",
        ways: &[&[Slot::Sample("1")]],
        help: "Says with how many acts the goal can be reached.",
        read: |scenario, rest| challenge::count(scenario, |it| &mut it.par, rest),
    },
    Form {
        word: "hint",
        ways: &[&[Slot::Free]],
        help: "Helps the reader, one hint after the other.",
        read: challenge::hint,
    },
    Form {
        word: "solution",
        ways: &[&[Slot::Word("at", "Followed by a time and an act."), Slot::Moment, Slot::Act]],
        help: "Reaches the goal, by this and the other acts of the solution.",
        read: challenge::solution,
    },
    Form {
        word: "impossible",
        ways: &[&[Slot::Free]],
        help: "Says why nothing reaches the goal.",
        read: challenge::impossible,
    },
];

/// How what follows a time and is no act is read.
pub(super) type ReadTimed = fn(&mut Scenario, Moment, &str) -> Result<(), String>;

/// What may follow a time and is no act: words for people, and what can be seen then.
pub(super) const WORDS: [Form<ReadTimed>; 2] = [
    Form {
        word: "say",
        ways: &[&[Slot::Free]],
        help: "Shows a caption from then on: a title, `|`, and a sentence or two.",
        read: |scenario, at, rest| {
            let caption = caption_of(rest)?;
            scenario.captions.push((at.time, caption));
            Ok(())
        },
    },
    Form {
        word: "expect",
        ways: &[&[Slot::Sight], &[Slot::Word("not", "It cannot be seen."), Slot::Sight]],
        help: "States what can be seen then, which is checked.",
        read: |scenario, at, rest| {
            let seen = Observation::parse(scenario, rest)?;
            scenario.expectations.push(Expectation::Seen(at, seen));
            Ok(())
        },
    },
];
const READ_WORDS: [(&str, ReadTimed); WORDS.len()] = readers(&WORDS);
const READ_CUES: [(&str, ReadTimed); CUES.len()] = readers(&CUES);

fn statement_into(scenario: &mut Scenario, line: &str) -> Result<(), String> {
    let (word, rest) = split(line);
    match reader(&READ_EVENT, word) {
        Some(read) => read(scenario, rest),
        None if word == "nodes" && names_nodes(scenario) => {
            Err("`nodes` must stand before the acts and whatever else names a node".into())
        }
        None => setting(scenario, line),
    }
}

/// Whether a statement has named a node, which fewer nodes would take away.
fn names_nodes(scenario: &Scenario) -> bool {
    let is_seen = |expectation: &Expectation| matches!(expectation, Expectation::Seen(..));
    let names = |challenge: &Challenge| !challenge.goals.is_empty() || !challenge.solution.is_empty();
    !scenario.acts.is_empty()
        || scenario.expectations.iter().any(is_seen)
        || scenario.challenge.as_ref().is_some_and(names)
}

pub(super) fn setting(scenario: &mut Scenario, line: &str) -> Result<(), String> {
    let (word, rest) = split(line);
    match reader(&READ_SETTING, word) {
        Some(read) => read(scenario, rest),
        None => Err(format!(
            "`{}` is no statement; the statements are {}, {}",
            shown(word),
            listed(&READ_SETTING),
            listed(&READ_EVENT)
        )),
    }
}

fn timed(scenario: &mut Scenario, text: &str) -> Result<(), String> {
    let (when, words) = split(text);
    if words.is_empty() {
        return Err("`at` needs a time and an act, as in `at 1.5s crash n1`".into());
    }
    let at = moment(when)?;
    let (word, rest) = split(words);
    if let Some(read) = reader(&READ_WORDS, word).or_else(|| reader(&READ_CUES, word)) {
        return read(scenario, at, rest);
    }
    if scenario.acts.len() == MOST_ACTS {
        return Err(format!("a scenario holds at most {MOST_ACTS} acts"));
    }
    let act = act(scenario, words)?;
    scenario.acts.push(Timed { at, act });
    Ok(())
}

fn nodes(scenario: &mut Scenario, text: &str) -> Result<(), String> {
    let info = &scenario.entry.info;
    let (_, least, most) = info.nodes;
    let nodes = number(text, "nodes 5")?;
    if nodes < u64::from(least) || nodes > u64::from(most) {
        return Err(format!("{} runs with {least} to {most} nodes, not {nodes}", info.title));
    }
    scenario.nodes = nodes as u32;
    scenario.names = scenario.names.moved(|node| (u64::from(node.0) < nodes).then_some(node));
    Ok(())
}

/// The longest name of a node, in letters.
const LONGEST_NAME: usize = 12;

fn names(scenario: &mut Scenario, text: &str) -> Result<(), String> {
    let (mut names, count): (Vec<(NodeId, String)>, _) = (Vec::new(), scenario.nodes);
    for (node, name) in (0..).map(NodeId).zip(text.split_whitespace()) {
        let is_word = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if node.0 >= count {
            return Err(format!("there are more names than nodes, of which there are {count}"));
        }
        if !is_word || name.len() > LONGEST_NAME {
            return Err(format!(
                "`{}` cannot name a node; a name is a letter and then letters, digits or `_`, {LONGEST_NAME} at most",
                shown(name)
            ));
        }
        let is_taken = looks_like_node(name)
            || reader(&READ_WORDS, name).is_some()
            || reader(&READ_CUES, name).is_some()
            || reader(&READ_ACT, name).is_some();
        // A node may keep its own name.
        if is_taken && name != node.to_string() {
            return Err(format!("`{name}` means something else in a scenario; choose another name"));
        }
        if names.iter().any(|(_, other)| other == name) {
            return Err(format!("two nodes cannot have the name `{name}`"));
        }
        if !is_taken {
            names.push((node, name.into()));
        }
    }
    if text.is_empty() {
        return Err("`names` needs names, the first node's first, as in `names S1 S2 S3`".into());
    }
    scenario.names = Names::new(names);
    Ok(())
}

pub(super) fn split(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

fn number(text: &str, example: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{}; write it as in `{example}`", is_no("whole number", text)))
}

/// A range, or the name of latencies that were measured.
pub(super) fn latency(text: &str) -> Result<Behaviour, String> {
    if let Some((_, fitted)) = Fitted::ALL.into_iter().find(|(name, _)| *name == text) {
        return Ok(Behaviour::Fitted(fitted));
    }
    if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return Err(unknown("measured latency", text, Fitted::ALL.into_iter().map(|(name, _)| name)));
    }
    range(text).map(|(least, greatest)| Behaviour::Latency(least, greatest))
}

pub(super) fn range(text: &str) -> Result<(Micros, Micros), String> {
    let (least, greatest) = text.split_once("..").unwrap_or((text, text));
    let (least, greatest) = (time::parse(least)?, time::parse(greatest)?);
    if least > greatest {
        return Err(format!("the range `{}` ends before it begins", shown(text)));
    }
    Ok((least, greatest))
}

pub(super) fn percentage(text: &str) -> Result<u32, String> {
    let wrong = || format!("{}; write it as in `loss 2.5%`", is_no("percentage from 0% to 100%", text));
    let digits = text.strip_suffix('%').ok_or_else(wrong)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 3
        || fraction.len() > 4
        || !all_digits(whole)
        || !all_digits(fraction)
    {
        return Err(wrong());
    }
    let parts: u32 = format!("{whole}{fraction:0<4}").parse().map_err(|_| wrong())?;
    if parts <= 1_000_000 { Ok(parts) } else { Err(wrong()) }
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "" | "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("`{}` is neither `on` nor `off`", shown(text))),
    }
}

fn set(scenario: &mut Scenario, text: &str) -> Result<(), String> {
    let (name, value) = split(text);
    let settings = scenario.entry.settings;
    let setting = settings.iter().find(|setting| setting.name == name);
    let setting = setting.ok_or_else(|| unknown("parameter", name, settings.iter().map(|it| it.name)))?;
    let (least, greatest) = setting.bounds;
    let parsed = match setting.unit {
        Unit::Time => time::parse(value)?,
        Unit::Count => number(value, &format!("set {name} {}", setting.default))?,
        Unit::Switch => u64::from(switch(value)?),
        Unit::Choice(words) => {
            let place = words.iter().position(|word| *word == value);
            place.ok_or_else(|| unknown("choice", value, words.iter().copied()))? as u64
        }
    };
    if parsed < least || parsed > greatest {
        let text = |value| super::value_text(setting.unit, value);
        return Err(format!("`{name}` must be from {} to {}", text(least), text(greatest)));
    }
    let chosen = &mut scenario.choices.settings;
    chosen.retain(|(other, _)| *other != setting.name);
    if parsed != setting.default {
        chosen.push((setting.name, parsed));
    }
    Ok(())
}

fn twin(scenario: &mut Scenario, text: &str) -> Result<(), String> {
    let (name, on) = split(text);
    let twins = scenario.entry.twins;
    let twin = twins.iter().find(|twin| twin.name == name);
    let twin = twin.ok_or_else(|| unknown("wrong twin", name, twins.iter().map(|it| it.name)))?;
    let on = switch(on)?;
    let chosen = &mut scenario.choices.twins;
    chosen.retain(|other| *other != twin.name);
    if on {
        chosen.push(twin.name);
    }
    let place = |name: &str| twins.iter().position(|twin| twin.name == name).unwrap_or_default();
    by_number(chosen, |name| place(name) as u128);
    Ok(())
}

pub(super) fn moment(text: &str) -> Result<Moment, String> {
    let (when, nth) = match text.split_once('/') {
        Some((when, nth)) => {
            let nth: u32 = nth
                .parse()
                .map_err(|_| format!("{}; write it as in `1.5s` or `1.5s/2`", is_no("moment", text)))?;
            (when, Some(nth))
        }
        None => (text, None),
    };
    Ok(Moment { time: time::parse(when)?, nth })
}

fn caption_of(text: &str) -> Result<Caption, String> {
    let (title, text) = text.split_once('|').unwrap_or((text, ""));
    if title.trim().is_empty() {
        return Err("`say` needs a title, as in `say The leader crashed | No node sends heartbeats.`".into());
    }
    Ok(Caption { title: title.trim().into(), text: text.trim().into() })
}

fn expectation(scenario: &Scenario, text: &str) -> Result<Expectation, String> {
    let (verb, rest) = split(text);
    let claim = || claim(scenario, rest);
    match verb {
        "violated" => Ok(Expectation::Violated(claim()?)),
        "holds" => Ok(Expectation::Holds(claim()?)),
        "reached" => Ok(Expectation::Reached(claim()?)),
        "checksum" => match (rest.len(), u64::from_str_radix(rest, 16)) {
            (16, Ok(checksum)) => Ok(Expectation::Checksum(checksum)),
            _ => Err(format!("{}; a checksum has 16 digits from 0 to f", is_no("checksum", rest))),
        },
        "" => Err("`expect` needs a result, as in `expect holds` and a claim".into()),
        _ => Err(format!(
            "`{}` cannot be expected; write `violated`, `holds`, `reached` or `checksum`",
            shown(verb)
        )),
    }
}
