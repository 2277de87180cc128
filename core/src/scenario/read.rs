//! Reading scenario text: a line at a time, each refusal a sentence that says what to write instead.

use super::read_act::act;
use super::{Caption, Expectation, LONGEST_TEXT, MOST_ACTS, Moment, Scenario, Timed, slug};
use crate::catalogue;
use crate::text::{Complaint, shown};
use crate::time::{self, Micros};
use crate::title::Unit;
use crate::toolbox::order::by_number;

pub(super) fn scenario(text: &str) -> Result<Scenario, Complaint> {
    if text.len() > LONGEST_TEXT {
        let sentence = format!(
            "this text is {} kB long; a scenario may be at most {} kB long",
            text.len() / 1024,
            LONGEST_TEXT / 1024
        );
        return Err(Complaint { line: 1, sentence });
    }
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim().to_owned()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let last = text.lines().count().max(1);

    let missing = |sentence: &str| Complaint { line: last, sentence: sentence.into() };
    let (line, first) =
        lines.next().ok_or_else(|| missing("this text is empty; it should begin with `faultline 2`"))?;
    version(&first).map_err(|sentence| Complaint { line, sentence })?;
    let (line, second) = lines.next().ok_or_else(|| missing("the text ends before `protocol` and a name"))?;
    let mut scenario = protocol(&second).map_err(|sentence| Complaint { line, sentence })?;
    for (line, words) in lines {
        statement_into(&mut scenario, &words).map_err(|sentence| Complaint { line, sentence })?;
    }
    by_number(&mut scenario.acts, |timed| timed.at.number());
    by_number(&mut scenario.captions, |(time, _)| (*time).into());
    Ok(scenario)
}

/// The slug that a text gives its protocol, whether or not there is one.
pub(super) fn protocol_of(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.nth(1)?.strip_prefix("protocol ").map(str::trim)
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
    catalogue::find(name)
        .map(Scenario::of)
        .ok_or_else(|| unknown("protocol", name, catalogue::index().iter().map(|it| it.slug)))
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
    format!("there is no {what} `{}`; there is {}{more}", shown(name), known.join(", "))
}

fn statement_into(scenario: &mut Scenario, line: &str) -> Result<(), String> {
    let (verb, rest) = split(line);
    match verb {
        "at" => {
            let (when, words) = split(rest);
            if words.is_empty() {
                return Err("`at` needs a time and an act, as in `at 1.5s crash n1`".into());
            }
            let at = moment(when)?;
            match words.strip_prefix("say ") {
                Some(caption) => scenario.captions.push((at.time, caption_of(caption)?)),
                None if scenario.acts.len() == MOST_ACTS => {
                    return Err(format!("a scenario holds at most {MOST_ACTS} acts"));
                }
                None => {
                    let act = act(scenario, words)?;
                    scenario.acts.push(Timed { at, act });
                }
            }
            Ok(())
        }
        "show" => {
            scenario.show = Some(moment(rest)?);
            Ok(())
        }
        "expect" => {
            scenario.expectations.push(expectation(scenario, rest)?);
            Ok(())
        }
        "nodes" if !scenario.acts.is_empty() => {
            Err("`nodes` must stand before the acts, because acts name nodes".into())
        }
        _ => setting(scenario, line),
    }
}

pub(super) fn setting(scenario: &mut Scenario, line: &str) -> Result<(), String> {
    let (verb, rest) = split(line);
    let info = &scenario.entry.info;
    match verb {
        "title" => scenario.title = rest.into(),
        "nodes" => {
            let (_, least, most) = info.nodes;
            let nodes = number(rest, "nodes 5")?;
            if nodes < u64::from(least) || nodes > u64::from(most) {
                return Err(format!("{} runs with {least} to {most} nodes, not {nodes}", info.title));
            }
            scenario.nodes = nodes as u32;
        }
        "seed" => scenario.seed = number(rest, "seed 42")?,
        "latency" => scenario.network.latency = range(rest)?,
        "loss" => scenario.network.loss_ppm = percentage(rest)?,
        "duplication" => scenario.network.duplicate_ppm = percentage(rest)?,
        "fifo" => scenario.network.fifo = switch(rest)?,
        "ask" => scenario.ask = time::parse(rest)?,
        "skew" => scenario.skew = time::parse(rest)?,
        "manual" => scenario.manual = switch(rest)?,
        "until" => scenario.until = time::parse(rest)?,
        "set" => set(scenario, rest)?,
        "twin" => twin(scenario, rest)?,
        _ => {
            return Err(format!(
                "`{}` is no statement; the statements are `title`, `nodes`, `seed`, `latency`, `loss`, `duplication`, `fifo`, \
                 `ask`, `skew`, `manual`, `until`, `set`, `twin`, `at`, `show` and `expect`",
                shown(verb)
            ));
        }
    }
    Ok(())
}

pub(super) fn split(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

fn number(text: &str, example: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{}` is no whole number; write it as in `{example}`", shown(text)))
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
    let wrong = || format!("`{}` is no percentage from 0% to 100%; write it as in `loss 2.5%`", shown(text));
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

fn moment(text: &str) -> Result<Moment, String> {
    let (when, nth) = match text.split_once('/') {
        Some((when, nth)) => {
            let nth: u32 = nth
                .parse()
                .map_err(|_| format!("`{}` is no moment; write it as in `1.5s` or `1.5s/2`", shown(text)))?;
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
    let claim = || {
        let claims = scenario.entry.claims();
        let slugs: Vec<_> = claims.iter().map(|claim| slug(claim.name)).collect();
        let known = slugs.iter().find(|slug| *slug == rest).cloned();
        known.ok_or_else(|| unknown("claim", rest, slugs.iter().map(String::as_str)))
    };
    match verb {
        "violated" => Ok(Expectation::Violated(claim()?)),
        "holds" => Ok(Expectation::Holds(claim()?)),
        "reached" => Ok(Expectation::Reached(claim()?)),
        "checksum" => match (rest.len(), u64::from_str_radix(rest, 16)) {
            (16, Ok(checksum)) => Ok(Expectation::Checksum(checksum)),
            _ => Err(format!("`{}` is no checksum; a checksum has 16 digits from 0 to f", shown(rest))),
        },
        _ => Err(format!(
            "`{}` cannot be expected; write `violated`, `holds`, `reached` or `checksum`",
            shown(verb)
        )),
    }
}
