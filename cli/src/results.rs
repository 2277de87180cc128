//! What attacks found: summed up, written to files, read again and merged.
//!
//! A result is JSON: `{"format": "faultline result", "version": 2, "attack": …, "findings": …}`. Results of
//! version 1, which were lines of text, are still read ([`first_version`]).

use crate::io::{Failure, print, to_json};
use crate::shrink::{Shrunk, shrink};
use crate::watch::interrupted;
use faultline_core::nemesis::{self, Attack};
use faultline_core::property::Sense;
use faultline_core::scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod first_version;

/// The longest result that is read, in bytes: dozens of claims, each with the longest scenario there is.
const LONGEST_RESULT: u64 = 16 << 20;

const FORMAT: &str = "faultline result";
const VERSION: u32 = 2;

/// To whom peace comes after the faults.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Peace {
    All,
    AllButOne,
}

impl From<Peace> for nemesis::Peace {
    fn from(peace: Peace) -> Self {
        match peace {
            Peace::All => nemesis::Peace::All,
            Peace::AllButOne => nemesis::Peace::AllButOne,
        }
    }
}

/// What every version of a result says of itself.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// A result, as it is written.
#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    version: u32,
    attack: &'a Part,
    findings: &'a Findings,
}

/// A result, as it is read.
#[derive(Deserialize)]
struct Read {
    attack: Part,
    findings: Findings,
}

/// Which attacks a result is of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    /// What was attacked, as a scenario's text.
    pub(crate) scenario: String,
    /// How many seeds there are in all parts together, and the first of them.
    pub(crate) seeds: u64,
    pub(crate) first: u64,
    pub(crate) peace: Peace,
    /// Which of how many parts this is, counted from 1.
    pub(crate) shard: u64,
    pub(crate) shards: u64,
}

/// What is known so far. Scenarios are kept as text, for they do not travel between threads.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Findings {
    pub(crate) seeds: u64,
    events: u64,
    acts: u64,
    /// How many of the acts did nothing.
    idle: u64,
    reached: BTreeSet<String>,
    /// Of each claim about the end, with how many seeds it could be judged. Results of before it was counted have none.
    #[serde(default)]
    judged: BTreeMap<String, u64>,
    broken: BTreeMap<String, Broken>,
}

/// A claim that broke: with how many seeds, the least of them, who saw what, and the scenario.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Broken {
    times: u64,
    seed: u64,
    sentence: String,
    scenario: String,
}

impl Part {
    /// How many seeds are in this part.
    pub(crate) fn seeds_count(&self) -> u64 {
        self.seeds / self.shards + u64::from(self.seeds % self.shards >= self.shard)
    }

    /// A seed of this part, counted from 0.
    pub(crate) fn seed(&self, nth: u64) -> u64 {
        self.first.wrapping_add(nth.wrapping_mul(self.shards)).wrapping_add(self.shard - 1)
    }

    pub(crate) fn to_json(&self, findings: &Findings) -> Result<String, Failure> {
        let written = Written { format: FORMAT, version: VERSION, attack: self, findings };
        to_json(serde_json::to_string_pretty(&written))
    }
}

/// Parses a result; otherwise what is wrong with it, with the line.
fn parse(text: &str) -> Result<(Part, Findings), String> {
    let wrong = |error: serde_json::Error| match error.classify() {
        serde_json::error::Category::Eof => format!("line {}: the file is incomplete", error.line()),
        _ => format!("this is no result of `attack --out`: {error}"),
    };
    let (part, findings) = if text.starts_with(first_version::BEGINNING) {
        first_version::parse(text).map_err(|(line, sentence)| format!("line {line}: {sentence}"))?
    } else {
        let Head { format, version } = serde_json::from_str(text).map_err(wrong)?;
        if format != FORMAT {
            return Err(format!("line 1: this is no result of `attack --out`, but a `{format}`"));
        }
        if version != VERSION {
            return Err(format!(
                "line 1: this result has version {version}, and this program reads up to version {VERSION}"
            ));
        }
        let Read { attack, findings } = serde_json::from_str(text).map_err(wrong)?;
        (attack, findings)
    };
    let (shard, shards) = (part.shard, part.shards);
    let is_there = (1..=shards).contains(&shard);
    if is_there { Ok((part, findings)) } else { Err(format!("there is no shard {shard} of {shards}")) }
}

impl Findings {
    pub(crate) fn add(&mut self, seed: u64, attack: Attack) {
        self.seeds += 1;
        self.events += u64::from(attack.events);
        self.acts += attack.scenario.acts.len() as u64;
        self.idle += u64::from(attack.idle);
        self.reached.extend(attack.reached.into_iter().map(str::to_owned));
        let claims = attack.scenario.entry.claims().into_iter();
        for claim in claims.filter(|claim| claim.sense == Sense::Eventually) {
            let judged = attack.judged.contains(&claim.name);
            *self.judged.entry(claim.name.to_owned()).or_default() += u64::from(judged);
        }
        if let Some(broken) = attack.broken {
            let (sentence, scenario) = (broken.sentence, attack.scenario.to_string());
            self.break_claim(broken.claim, Broken { times: 1, seed, sentence, scenario });
        }
    }

    fn break_claim(&mut self, claim: String, broken: Broken) {
        let Some(known) = self.broken.get_mut(&claim) else {
            self.broken.insert(claim, broken);
            return;
        };
        let times = known.times + broken.times;
        if broken.seed < known.seed {
            *known = broken;
        }
        known.times = times;
    }

    fn merge(&mut self, other: Findings) {
        self.seeds += other.seeds;
        self.events = self.events.saturating_add(other.events);
        self.acts = self.acts.saturating_add(other.acts);
        self.idle = self.idle.saturating_add(other.idle);
        self.reached.extend(other.reached);
        for (name, seeds) in other.judged {
            *self.judged.entry(name).or_default() += seeds;
        }
        for (claim, broken) in other.broken {
            self.break_claim(claim, broken);
        }
    }
}

/// Prints findings of attacks on a scenario, the first violation of each claim shrunk. Fails when a claim broke, or with what else is
/// to be said.
pub(crate) fn report(scenario: &str, findings: &Findings, but: Option<(u8, &str)>) -> Result<(), Failure> {
    let Findings { seeds, events, acts, idle, .. } = findings;
    let mut text = format!("{seeds} seeds, {events} events, {acts} acts ({idle} without effect)\n");
    for name in &findings.reached {
        text += &format!("reached: {name}\n");
    }
    for (name, times) in &findings.judged {
        text += &match times {
            0 => {
                format!("not judged: {name}. It came up with no seed, so these runs say nothing about it.\n")
            }
            _ => format!("judged: {name}, with {times} of {seeds} seeds\n"),
        };
    }
    if findings.broken.is_empty()
        && let Ok(scenario) = Scenario::parse(scenario)
    {
        let assumptions = scenario.entry.info.liveness.sentences().join(" ");
        text += &format!(
            "No claim broke in {seeds} runs with random faults within these assumptions: {assumptions}\n"
        );
    }
    // Who has interrupted the attack gets its findings whole; a second Ctrl-C ends the program.
    let was_interrupted = interrupted();
    for (claim, Broken { times, seed, sentence, scenario }) in &findings.broken {
        text += &format!("\nbroken: {claim}, with {times} seeds, first with {seed}: {sentence}\n");
        let shrunk =
            Scenario::parse(scenario).ok().and_then(|scenario| shrink(&scenario, claim, was_interrupted));
        if let Some(Shrunk { smallest, tried, is_smallest }) = shrunk {
            let until = if is_smallest { "" } else { ", until it was interrupted" };
            let acts = smallest.acts.len();
            text += &format!("shrunk to {acts} acts in {tried} replays{until}:\n\n{smallest}");
        }
    }
    print(&text)?;
    let broke = format!("{} claims broke", findings.broken.len());
    match (findings.broken.is_empty(), but) {
        (true, None) => Ok(()),
        (true, Some((code, words))) => Err(Failure(code, words.into())),
        (false, None) => Err(Failure(1, broke)),
        (false, Some((code, words))) => {
            Err(Failure(if code == 2 { 2 } else { 1 }, format!("{broke}; {words}")))
        }
    }
}

/// Merges the results of shards. What is missing is said, and what came twice counts once; either fails with
/// 2.
pub(crate) fn merge_command(files: &[String]) -> Result<(), Failure> {
    let mut shards: BTreeMap<u64, Findings> = BTreeMap::new();
    let (mut whole, mut complaints): (Option<Part>, Vec<String>) = (None, Vec::new());
    for file in files {
        let (part, findings) = load(file)?;
        let known = whole.get_or_insert_with(|| part.clone());
        if (Part { shard: known.shard, ..part.clone() }) != *known {
            return Err(Failure(2, format!("`{file}` belongs to another attack than `{}`", files[0])));
        }
        if findings.seeds != part.seeds_count() {
            let (seeds, count) = (findings.seeds, part.seeds_count());
            return Err(Failure(2, format!("`{file}` covers {seeds} seeds, but its shard has {count}")));
        }
        let shard = part.shard;
        match shards.get(&shard) {
            Some(other) if *other != findings => {
                let sentence = format!("shard {shard} is given twice, with different results: `{file}`");
                return Err(Failure(2, sentence));
            }
            Some(_) => complaints.push(format!("shard {shard} is given twice and counts once")),
            None => drop(shards.insert(shard, findings)),
        }
    }
    let scenario = whole.as_ref().map(|whole| whole.scenario.clone()).unwrap_or_default();
    complaints.extend(whole.and_then(|whole| missing(&shards, whole.shards)));
    let mut sum = Findings::default();
    for findings in shards.into_values() {
        sum.merge(findings);
    }
    let complaint = complaints.join("; ");
    report(&scenario, &sum, Some((2, complaint.as_str())).filter(|_| !complaint.is_empty()))
}

/// Which shards are missing, each or from one to another.
fn missing(shards: &BTreeMap<u64, Findings>, of: u64) -> Option<String> {
    let (mut next, mut gaps) = (1, Vec::new());
    for shard in shards.keys().copied().chain([of + 1]) {
        match shard - next {
            0 => {}
            1 => gaps.push(next.to_string()),
            _ => gaps.push(format!("{next} to {}", shard - 1)),
        }
        next = shard + 1;
    }
    let (few, more) = (gaps.iter().take(20).cloned().collect::<Vec<_>>().join(", "), gaps.len() > 20);
    (!gaps.is_empty())
        .then(|| format!("missing shards, of {of}: {few}{}", if more { " and more" } else { "" }))
}

fn load(file: &str) -> Result<(Part, Findings), Failure> {
    use std::io::Read;
    let mut text = String::new();
    let read = std::fs::File::open(file).and_then(|it| it.take(LONGEST_RESULT).read_to_string(&mut text));
    read.map_err(|error| Failure(2, format!("cannot read `{file}`: {error}")))?;
    parse(&text).map_err(|sentence| Failure(2, format!("{file}: {sentence}")))
}
