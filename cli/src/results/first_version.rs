//! Results of version 1: lines of text. They are read, so that a sweep that was begun with them can be
//! merged, and written no more.
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

use super::{Broken, Findings, Part, Peace};
use std::iter::Peekable;

/// How such a result begins.
pub(super) const BEGINNING: &str = "faultline result 1\n";

/// Parses a result; otherwise the line that is wrong, and what is wrong with it.
pub(super) fn parse(text: &str) -> Result<(Part, Findings), (usize, &'static str)> {
    let mut lines = (1..).zip(text.lines()).peekable();
    lines.next();
    let shard = lines.next().and_then(|(_, line)| shard_line(line));
    let Some(mut part) = shard else {
        return Err((2, "this line must name the shard and the number of seeds"));
    };
    part.scenario = quoted(&mut lines);
    let mut findings = Findings::default();
    let Some((number, counts)) = lines.next() else { return Err((3, "the text ends here")) };
    let wrong = (number, "this line must count seeds, events, acts, and acts that did nothing");
    [findings.seeds, findings.events, findings.acts, findings.idle] = counts_line(counts).ok_or(wrong)?;
    while let Some((number, line)) = lines.next() {
        match line.split_once(' ') {
            None if line == "end" => return Ok((part, findings)),
            Some(("reached", name)) => drop(findings.reached.insert(name.into())),
            Some(("broken", words)) => {
                let (claim, mut broken) = broken_line(words)
                    .ok_or((number, "this line must name the claim that broke, and how often it broke"))?;
                broken.scenario = quoted(&mut lines);
                findings.broken.insert(claim, broken);
            }
            _ => return Err((number, "a result has no such line")),
        }
    }
    Err((text.lines().count(), "the text is incomplete"))
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
    let peace = <Peace as clap::ValueEnum>::from_str(peace, false).ok()?;
    let (shard, shards) = shard.split_once('/')?;
    let (shard, shards, seeds, first) =
        (shard.parse().ok()?, shards.parse().ok()?, seeds.parse().ok()?, first.parse().ok()?);
    Some(Part { scenario: String::new(), seeds, first, peace, shard, shards })
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

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn a_result_of_version_1_is_read_as_one_of_version_2() {
        let text = "faultline result 1\nshard 2/10 of 95 seeds from 7, peace to all-but-one\n| faultline 2\n\
                    | protocol raft\ncounts 10 seeds 1234 events 47 acts 5 idle\nreached Overwriting\n\
                    broken election-safety 3 times, first with seed 17: n1 and n2: both won\n| faultline 2\n\
                    | protocol raft\n| seed 17\nend\n";
        let (part, findings) = parse(text).unwrap();
        let json = part.to_json(&findings).unwrap_or_default();
        for line in [
            r#""scenario": "faultline 2\nprotocol raft\n","#,
            r#""seeds": 95,"#,
            r#""first": 7,"#,
            r#""peace": "all-but-one","#,
            r#""shard": 2,"#,
            r#""shards": 10"#,
            r#""seeds": 10,"#,
            r#""events": 1234,"#,
            r#""acts": 47,"#,
            r#""idle": 5,"#,
            r#""Overwriting""#,
            r#""times": 3,"#,
            r#""seed": 17,"#,
            r#""sentence": "n1 and n2: both won","#,
            r#""scenario": "faultline 2\nprotocol raft\nseed 17\n""#,
        ] {
            assert!(json.contains(line), "{line} is not in {json}");
        }
        assert!(parse(&json).is_ok_and(|again| again == (part, findings)));
        let cut = text.replace("\nend\n", "\n");
        assert!(parse(&cut).is_err_and(|said| said.ends_with("the text is incomplete")));
    }
}
