//! What a scenario has other than the named one that it was made from: lines taken away, by their numbers, and lines added.
//!
//! The numbers count the lines that the run depends on, which are the settings and the acts, from 1. Title, names and
//! captions are those of the named scenario. What that expects of its run is not expected of another.

use super::head;
use super::named::Named;
use crate::catalogue::Entry;
use crate::name::Names;
use crate::scenario::{Expectation, Scenario};
use crate::text::shown;

/// The lines that a run depends on.
pub(super) fn deeds(scenario: &Scenario) -> Vec<String> {
    let silent = Scenario {
        title: String::new(),
        names: Names::default(),
        captions: Vec::new(),
        cues: Vec::new(),
        show: None,
        expectations: Vec::new(),
        challenge: None,
        ..scenario.clone()
    };
    silent.body()
}

/// The lines that are words for people.
fn words(scenario: &Scenario) -> Vec<String> {
    let said = Scenario {
        title: scenario.title.clone(),
        names: scenario.names.clone(),
        captions: scenario.captions.clone(),
        cues: scenario.cues.clone(),
        challenge: scenario.challenge.clone(),
        ..Scenario::of(scenario.entry)
    };
    said.body()
}

/// The pieces of a link that differs from a scenario with a name; nothing where there are other words for people, or where the
/// order of acts at one moment would be lost.
pub(super) fn between(named: &Named, scenario: &Scenario) -> Option<Vec<String>> {
    named.name?;
    let base = deeds(&named.scenario);
    let mut left: Vec<Option<&String>> = base.iter().map(Some).collect();
    let mut added = Vec::new();
    for line in deeds(scenario) {
        match left.iter_mut().find(|it| **it == Some(&line)) {
            Some(same) => *same = None,
            None => added.push(line),
        }
    }
    let mut pieces = Vec::new();
    for (number, line) in (1..).zip(&left) {
        if line.is_some() {
            pieces.push(format!("-{number}"));
        }
    }
    added.extend(scenario.expectations.iter().map(Expectation::line));
    added.iter_mut().for_each(shorten);
    pieces.extend(added);
    let moment = scenario.show.filter(|_| scenario.show != named.scenario.show);
    pieces.extend(moment.map(|moment| moment.to_string()));
    let again = applied(named, &pieces.join("\n")).ok().and_then(|text| Scenario::parse(&text).ok())?;
    (again.to_string() == scenario.to_string()).then_some(pieces)
}

/// A line of a scenario as a piece of a link: what begins with a time is an act or a caption.
pub(super) fn shorten(line: &mut String) {
    if let Some(rest) = line.strip_prefix("at ") {
        *line = rest.to_owned();
    }
}

/// A piece of a link as a line of a scenario.
fn lengthened(piece: &str) -> String {
    let begins_with_time = piece.starts_with(|letter: char| letter.is_ascii_digit());
    match begins_with_time {
        true if piece.trim().contains(' ') => format!("at {piece}\n"),
        true => format!("show {piece}\n"),
        false => format!("{piece}\n"),
    }
}

/// The text of a scenario that a link holds as a whole.
pub(super) fn whole(entry: &Entry, pieces: &str) -> String {
    pieces.lines().fold(head(entry), |text, piece| text + &lengthened(piece))
}

/// The text of a named scenario with lines taken away and others added; one sentence when there is no such line.
pub(super) fn applied(named: &Named, pieces: &str) -> Result<String, String> {
    let base = &named.scenario;
    let mut kept: Vec<Option<String>> = deeds(base).into_iter().map(|line| Some(line + "\n")).collect();
    let mut added = Vec::new();
    for piece in pieces.lines() {
        let Some(number) = piece.strip_prefix('-') else {
            added.push(lengthened(piece));
            continue;
        };
        let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let line = place.and_then(|place| kept.get_mut(place)).and_then(Option::take);
        if line.is_none() {
            return Err(format!(
                "the scenario has no line `{}` that this link could take away",
                shown(number)
            ));
        }
    }
    let is_act = |line: &&String| line.starts_with("at ");
    let lines: Vec<String> = kept.into_iter().flatten().chain(added).collect();
    let mut text = head(base.entry);
    text.extend(base.show.map(|show| format!("show {show}\n")));
    // Settings stand before the acts, because acts name nodes.
    text.extend(lines.iter().filter(|line| !is_act(line)).map(String::as_str));
    text.extend(words(base).into_iter().map(|line| line + "\n"));
    text.extend(lines.iter().filter(is_act).map(String::as_str));
    Ok(text)
}
