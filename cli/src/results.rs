//! What attacks found: summed up, written to files, read again and merged.
//!
//! ```text
//! faultline result 1
//! shard 2/10 of 1000000 seeds from 1, peace to all
//! | faultline 2
//! | protocol raft
//! counts 100000 seeds 123456 events 4711 acts 5 idle
//! reached Overwriting
//! broken election-safety 3 times, first with seed 17: n1 and n2 both won term 4
//! | faultline 2
//! | …
//! end
//! ```
//!
//! The lines behind `|` are a scenario: what was attacked, and what breaks the claim above. A file that does
//! not stop at `end` has lost its end and is refused.

use crate::{Failure, print};
use faultline_core::nemesis::{Attack, Peace};
use faultline_core::scenario::Scenario;
use faultline_core::shrink::shrink;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;

/// The longest result that is read, in bytes: dozens of claims, each with the longest scenario there is.
const LONGEST_RESULT: u64 = 16 << 20;

/// What peace there may be after the faults, by name.
pub(crate) const PEACES: [(&str, Peace); 2] = [("all", Peace::All), ("all-but-one", Peace::AllButOne)];

/// Which attacks a result is of.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// What was attacked, as a scenario's text.
    pub(crate) base: String,
    /// How many seeds there are in all parts together, and the first of them.
    pub(crate) seeds: u64,
    pub(crate) first: u64,
    pub(crate) peace: (&'static str, Peace),
    /// Which of how many parts this is, counted from 1.
    pub(crate) shard: (u64, u64),
}

/// What is known so far. Scenarios are kept as text, for they do not travel between threads.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) seeds: u64,
    events: u64,
    acts: u64,
    idle: u64,
    reached: BTreeSet<String>,
    broken: BTreeMap<String, Broken>,
}

/// A claim that broke: with how many seeds, the least of them, who saw what, and the scenario.
#[derive(Clone, PartialEq, Eq)]
struct Broken {
    times: u64,
    seed: u64,
    sentence: String,
    scenario: String,
}

impl Part {
    /// How many seeds are in this part.
    pub(crate) fn seeds_count(&self) -> u64 {
        let (shard, of) = self.shard;
        (self.seeds + of - shard) / of
    }

    /// A seed of this part, counted from 0.
    pub(crate) fn seed(&self, nth: u64) -> u64 {
        let (shard, of) = self.shard;
        self.first.wrapping_add(nth.wrapping_mul(of)).wrapping_add(shard - 1)
    }

    pub(crate) fn to_text(&self, findings: &Findings) -> String {
        let (Part { seeds, first, peace, shard, base }, Findings { events, acts, idle, .. }) =
            (self, findings);
        let quoted = |text: &str| format!("| {}\n", text.trim_end().replace('\n', "\n| "));
        let mut text = format!(
            "faultline result 1\nshard {}/{} of {seeds} seeds from {first}, peace to {}\n",
            shard.0, shard.1, peace.0
        );
        text += &quoted(base);
        text += &format!("counts {} seeds {events} events {acts} acts {idle} idle\n", findings.seeds);
        for name in &findings.reached {
            text += &format!("reached {name}\n");
        }
        for (claim, Broken { times, seed, sentence, scenario }) in &findings.broken {
            text += &format!("broken {claim} {times} times, first with seed {seed}: {sentence}\n");
            text += &quoted(scenario);
        }
        text + "end\n"
    }

    /// Reads a result; otherwise the line that is wrong, and what is wrong with it.
    fn read(text: &str) -> Result<(Part, Findings), (usize, &'static str)> {
        let mut lines = (1..).zip(text.lines()).peekable();
        if lines.next().map(|(_, line)| line) != Some("faultline result 1") {
            return Err((1, "a result begins `faultline result 1`"));
        }
        let shard = lines.next().and_then(|(_, line)| shard_line(line));
        let Some(mut part) = shard else {
            return Err((2, "this line says which shard of how many seeds it is"));
        };
        part.base = quoted(&mut lines);
        let mut findings = Findings::default();
        let Some((number, counts)) = lines.next() else { return Err((3, "the text ends here")) };
        let wrong = (number, "this line counts seeds, events, acts, and acts that did nothing");
        [findings.seeds, findings.events, findings.acts, findings.idle] = counts_line(counts).ok_or(wrong)?;
        while let Some((number, line)) = lines.next() {
            match line.split_once(' ') {
                None if line == "end" => return Ok((part, findings)),
                Some(("reached", name)) => drop(findings.reached.insert(name.into())),
                Some(("broken", words)) => {
                    let (claim, mut broken) = broken_line(words)
                        .ok_or((number, "this line says which claim broke and how often"))?;
                    broken.scenario = quoted(&mut lines);
                    findings.broken.insert(claim, broken);
                }
                _ => return Err((number, "a result has no such line")),
            }
        }
        Err((text.lines().count(), "the text has lost its end"))
    }
}

/// The text behind the next lines that begin with a bar.
fn quoted<'a>(lines: &mut Peekable<impl Iterator<Item = (usize, &'a str)>>) -> String {
    let mut text = String::new();
    while let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with("| ")) {
        text += &line[2..];
        text.push('\n');
    }
    text
}

/// `shard 2/10 of 1000000 seeds from 1, peace to all`
fn shard_line(line: &str) -> Option<Part> {
    let (shard, rest) = line.strip_prefix("shard ")?.split_once(" of ")?;
    let (seeds, rest) = rest.split_once(" seeds from ")?;
    let (first, peace) = rest.split_once(", peace to ")?;
    let peace = PEACES.into_iter().find(|(name, _)| *name == peace)?;
    let (part, of) = shard.split_once('/')?;
    let shard: (u64, u64) = (part.parse().ok()?, of.parse().ok()?);
    let fits = (1..=shard.1).contains(&shard.0);
    let seeds: u64 = seeds.parse().ok()?;
    let fits = fits && seeds.checked_add(shard.1).is_some();
    let (base, first) = (String::new(), first.parse().ok()?);
    fits.then_some(Part { base, seeds, first, peace, shard })
}

/// `counts 100000 seeds 123456 events 4711 acts 5 idle`
fn counts_line(line: &str) -> Option<[u64; 4]> {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["counts", seeds, "seeds", events, "events", acts, "acts", idle, "idle"] => {
            Some([seeds.parse().ok()?, events.parse().ok()?, acts.parse().ok()?, idle.parse().ok()?])
        }
        _ => None,
    }
}

/// `election-safety 3 times, first with seed 17: n1 and n2 both won term 4`; a belief may have several words.
fn broken_line(words: &str) -> Option<(String, Broken)> {
    let (head, rest) = words.split_once(" times, first with seed ")?;
    let (claim, times) = head.rsplit_once(' ')?;
    let (seed, sentence) = rest.split_once(": ")?;
    let (times, seed) = (times.parse().ok()?, seed.parse().ok()?);
    Some((claim.into(), Broken { times, seed, sentence: sentence.into(), scenario: String::new() }))
}

impl Findings {
    pub(crate) fn add(&mut self, seed: u64, attack: Attack) {
        self.seeds += 1;
        self.events += u64::from(attack.events);
        self.acts += attack.scenario.acts.len() as u64;
        self.idle += u64::from(attack.idle);
        self.reached.extend(attack.reached.into_iter().map(str::to_owned));
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
        for (claim, broken) in other.broken {
            self.break_claim(claim, broken);
        }
    }
}

/// Prints findings, the first violation of each claim shrunk. Fails when a claim broke, or with what else is
/// to be said.
pub(crate) fn report(findings: &Findings, but: Option<(u8, &str)>) -> Result<(), Failure> {
    let Findings { seeds, events, acts, idle, .. } = findings;
    let mut text = format!("{seeds} seeds, {events} events, {acts} acts, of which {idle} did nothing\n");
    for name in &findings.reached {
        text += &format!("reached: {name}\n");
    }
    for (claim, Broken { times, seed, sentence, scenario }) in &findings.broken {
        text += &format!("\nbroken: {claim}, with {times} seeds, first with {seed}: {sentence}\n");
        let smallest = Scenario::parse(scenario).ok().and_then(|scenario| shrink(&scenario, claim));
        if let Some((smallest, tried)) = smallest {
            text += &format!("shrunk to {} acts in {tried} replays:\n\n{smallest}", smallest.acts.len());
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
pub(crate) fn merge_command(files: &[&str]) -> Result<(), Failure> {
    let mut shards: BTreeMap<u64, Findings> = BTreeMap::new();
    let (mut whole, mut complaints): (Option<Part>, Vec<String>) = (None, Vec::new());
    for file in files {
        let (part, findings) = load(file)?;
        let known = whole.get_or_insert_with(|| part.clone());
        if (&part.base, part.seeds, part.first, part.peace, part.shard.1)
            != (&known.base, known.seeds, known.first, known.peace, known.shard.1)
        {
            return Err(Failure(2, format!("`{file}` is of another attack than `{}`", files[0])));
        }
        if findings.seeds != part.seeds_count() {
            let (seeds, count) = (findings.seeds, part.seeds_count());
            return Err(Failure(2, format!("`{file}` has {seeds} seeds, and its shard has {count}")));
        }
        let shard = part.shard.0;
        match shards.get(&shard) {
            Some(other) if *other != findings => {
                let sentence =
                    format!("shard {shard} is there twice, and not with the same result: `{file}`");
                return Err(Failure(2, sentence));
            }
            Some(_) => complaints.push(format!("shard {shard} is there twice and counts once")),
            None => drop(shards.insert(shard, findings)),
        }
    }
    let Some(whole) = whole else {
        return Err(Failure(2, "`merge` needs files, as `attack --out` writes them".into()));
    };
    complaints.extend(missing(&shards, whole.shard.1));
    let mut sum = Findings::default();
    for findings in shards.into_values() {
        sum.merge(findings);
    }
    let complaint = complaints.join("; ");
    report(&sum, Some((2, complaint.as_str())).filter(|_| !complaint.is_empty()))
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
        .then(|| format!("of {of} shards, missing: {few}{}", if more { " and more" } else { "" }))
}

fn load(file: &str) -> Result<(Part, Findings), Failure> {
    use std::io::Read;
    let mut text = String::new();
    let read = std::fs::File::open(file).and_then(|it| it.take(LONGEST_RESULT).read_to_string(&mut text));
    read.map_err(|error| Failure(2, format!("cannot read `{file}`: {error}")))?;
    Part::read(&text).map_err(|(line, sentence)| Failure(2, format!("{file}: line {line}: {sentence}")))
}
