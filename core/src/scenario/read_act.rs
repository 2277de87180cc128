//! Reading acts: the words after `at 1.5s`.

use super::read::{percentage, range, split, unknown};
use super::{Act, Scenario};
use crate::clock::{Adjustment, MOST_DRIFT_PPM};
use crate::event::{LinkSet, MessageName};
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::text::shown;
use crate::time;

pub(super) fn act(scenario: &Scenario, words: &str) -> Result<Act, String> {
    let (verb, rest) = split(words);
    let message = |text| message(scenario, text);
    let node = |text| node(scenario, text);
    match verb {
        "deliver" => Ok(Act::Deliver(message(rest)?)),
        "drop" => Ok(Act::Drop(message(rest)?)),
        "duplicate" => Ok(Act::Duplicate(message(rest)?)),
        "delay" => match rest.split_once(" by ") {
            Some((name, by)) => Ok(Act::Delay(message(name.trim())?, time::parse(by.trim())?)),
            None => Err("`delay` needs `by` and a time, as in `delay n1>n2 Append by 20ms`".into()),
        },
        "crash" => match split(rest) {
            (who, "losing-write") => Ok(Act::CrashLosing(node(who)?)),
            _ => Ok(Act::Crash(node(rest)?)),
        },
        "restart" => Ok(Act::Restart(node(rest)?)),
        "fire" => match split(rest) {
            (_, "") => Err("`fire` needs a node and a timer, as in `fire n1 Election`".into()),
            (who, timer) => Ok(Act::Fire(node(who)?, timer.into())),
        },
        "cut" => Ok(Act::Cut(links(scenario, rest)?)),
        "heal" if rest.is_empty() => Ok(Act::Heal(None)),
        "heal" => Ok(Act::Heal(Some(links(scenario, rest)?))),
        "pause" => Ok(Act::Pause(node(rest)?)),
        "resume" => Ok(Act::Resume(node(rest)?)),
        "hold" if names_message(rest) => Ok(Act::HoldMessage(message(rest)?)),
        "hold" => Ok(Act::Hold(links(scenario, rest)?)),
        "release" if rest.is_empty() => Ok(Act::Release(None)),
        "release" if names_message(rest) => Ok(Act::ReleaseMessage(message(rest)?)),
        "release" => Ok(Act::Release(Some(links(scenario, rest)?))),
        "link" => link(scenario, rest),
        "lose" => lose(scenario, rest),
        "slow" => {
            let (who, factor) = split(rest);
            Ok(Act::Slow(node(who)?, factor_of(factor)?))
        }
        "clock" => {
            let (who, what) = split(rest);
            Ok(Act::Clock(node(who)?, adjustment(what)?))
        }
        "take" => match split(rest) {
            ("over", who) => Ok(Act::TakeOver(node(who)?)),
            _ => Err("`take` needs `over` and a node, as in `take over n1`".into()),
        },
        "forge" => match rest.split_once(" as ") {
            Some((name, lie)) => Ok(Act::Forge(message(name.trim())?, lie.trim().into())),
            None => Err("`forge` needs `as` and another message, as in `forge n1>n2 Send as Send b`".into()),
        },
        "inject" => match rest.rsplit_once(" to ") {
            Some((name, to)) => Ok(Act::Inject(message(name.trim())?, node(to.trim())?)),
            None => Err("`inject` needs another receiver, as in `inject n1>n2 Vote to n3`".into()),
        },
        "choose" => {
            let (who, numbers) = split(rest);
            let numbers: Option<Vec<u64>> = numbers.split_whitespace().map(|it| it.parse().ok()).collect();
            match numbers.filter(|numbers| !numbers.is_empty()) {
                Some(numbers) => Ok(Act::Choose(node(who)?, numbers)),
                None => Err("`choose` needs a node and whole numbers, as in `choose n1 2 0`".into()),
            }
        }
        _ if looks_like_node(verb) => {
            let who = node(verb)?;
            scenario.entry.check_input(rest)?;
            Ok(Act::Ask(who, rest.into()))
        }
        _ => Err(format!(
            "`{}` is no act; write `deliver`, `drop`, `delay`, `duplicate`, `crash`, `restart`, `fire`, `cut`, \
             `heal`, `pause`, `resume`, `hold`, `release`, `link`, `lose`, `slow`, `choose`, `clock`, `take over`, \
             `forge`, `inject`, `say`, or `n1` and an input",
            shown(verb)
        )),
    }
}

/// Whether a word names links and not something else.
fn looks_like_links(word: &str) -> bool {
    word.contains(['>', '-', '|'])
}

/// Whether words name a message, as `n1>n2 Append` does, and not links.
fn names_message(words: &str) -> bool {
    words.contains('>') && !split(words).1.is_empty()
}

fn link(scenario: &Scenario, words: &str) -> Result<Act, String> {
    let (first, rest) = split(words);
    let (links, words) =
        if looks_like_links(first) { (Some(links(scenario, first)?), rest) } else { (None, words) };
    let behaviour = match split(words) {
        ("latency", value) => {
            let (least, greatest) = range(value)?;
            Behaviour::Latency(least, greatest)
        }
        ("loss", value) => Behaviour::Loss(percentage(value)?),
        ("duplication", value) => Behaviour::Duplication(percentage(value)?),
        ("normal", "") => Behaviour::Normal,
        _ => {
            return Err(format!(
                "`{}` is no behaviour of a link; write `latency`, `loss`, `duplication` or `normal`, as in \
                 `link n1>n2 latency 50ms..80ms`",
                shown(words)
            ));
        }
    };
    Ok(Act::Link(links, behaviour))
}

fn lose(scenario: &Scenario, words: &str) -> Result<Act, String> {
    let split_at_until = words.strip_prefix("until ").map(|until| ("", until));
    let Some((what, until)) = split_at_until.or_else(|| words.rsplit_once(" until ")) else {
        return Err("`lose` needs `until` and a time, as in `lose n1>n3 Append until 2s`".into());
    };
    let (first, rest) = split(what.trim());
    let (links, name) =
        if looks_like_links(first) { (Some(links(scenario, first)?), rest) } else { (None, what.trim()) };
    let kind = if name.is_empty() { None } else { Some(kind(scenario, name)?) };
    Ok(Act::Lose(links, kind, time::parse(until.trim())?))
}

/// A factor from a tenth to a thousand, in thousandths.
fn factor_of(text: &str) -> Result<u32, String> {
    let wrong = || format!("`{}` is no factor from 0.1x to 1000x; write it as in `slow n1 3x`", shown(text));
    let digits = text.strip_suffix('x').ok_or_else(wrong)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 4
        || fraction.len() > 3
        || !all_digits(whole)
        || !all_digits(fraction)
    {
        return Err(wrong());
    }
    let permille: u32 = format!("{whole}{fraction:0<3}").parse().map_err(|_| wrong())?;
    if (100..=1_000_000).contains(&permille) { Ok(permille) } else { Err(wrong()) }
}

fn adjustment(words: &str) -> Result<Adjustment, String> {
    match split(words) {
        ("offset", by) => Ok(Adjustment::Offset(difference(by)?)),
        ("jump", by) => Ok(Adjustment::Jump(difference(by)?)),
        ("drift", by) => Ok(Adjustment::Drift(drift(by)?)),
        ("normal", "") => Ok(Adjustment::Normal),
        _ => Err(format!(
            "`{}` does not change a clock; write `offset`, `jump`, `drift` or `normal`, as in \
             `clock n1 offset +20ms`",
            shown(words)
        )),
    }
}

/// A time with a sign.
fn difference(text: &str) -> Result<i64, String> {
    let signed =
        text.strip_prefix('+').map(|time| (time, 1)).or(text.strip_prefix('-').map(|time| (time, -1)));
    let (time, sign) =
        signed.ok_or_else(|| format!("`{}` has no sign; write `+20ms` or `-20ms`", shown(text)))?;
    Ok(time::parse(time)?.cast_signed() * sign)
}

/// A rate in parts per million, with a sign.
fn drift(text: &str) -> Result<i32, String> {
    let parts = text.strip_suffix("ppm").filter(|digits| digits.starts_with(['+', '-']));
    let parts = parts
        .and_then(|digits| digits.parse().ok())
        .filter(|parts: &i32| (-MOST_DRIFT_PPM..=MOST_DRIFT_PPM).contains(parts));
    parts.ok_or_else(|| {
        let most = MOST_DRIFT_PPM;
        format!("`{}` is no drift from -{most}ppm to +{most}ppm; write it as in `drift +200ppm`", shown(text))
    })
}

fn kind(scenario: &Scenario, name: &str) -> Result<&'static str, String> {
    let kinds = scenario.entry.kinds;
    let known = kinds.iter().find(|known| known.name == name).map(|known| known.name);
    known.ok_or_else(|| unknown("kind of message", name, kinds.iter().map(|it| it.name)))
}

fn looks_like_node(word: &str) -> bool {
    word.strip_prefix('n')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn node(scenario: &Scenario, text: &str) -> Result<NodeId, String> {
    let count = scenario.nodes;
    if !looks_like_node(text) {
        return Err(format!("`{}` is no node; the nodes are n1 to n{count}", shown(text)));
    }
    match text[1..].parse::<u32>() {
        Ok(number) if (1..=count).contains(&number) => Ok(NodeId(number - 1)),
        _ => Err(format!("there is no node `{}`; the nodes are n1 to n{count}", shown(text))),
    }
}

fn message(scenario: &Scenario, text: &str) -> Result<MessageName, String> {
    let (link, what) = split(text);
    let (from, to) = link
        .split_once('>')
        .ok_or_else(|| format!("`{}` names no message; write it as in `n1>n2 Append`", shown(text)))?;
    let (kind, ordinal) = what.split_once('#').unwrap_or((what, "1"));
    let kind = self::kind(scenario, kind)?;
    let Ok(ordinal @ 1..) = ordinal.parse() else {
        return Err(format!("`#{}` is no position; messages of one kind count from `#1`", shown(ordinal)));
    };
    Ok(MessageName { from: node(scenario, from)?, to: node(scenario, to)?, kind, ordinal })
}

fn links(scenario: &Scenario, text: &str) -> Result<LinkSet, String> {
    let one = |text: &str| node(scenario, text.trim());
    if let Some((from, to)) = text.split_once('>') {
        return Ok(LinkSet::OneWay(one(from)?, one(to)?));
    }
    if let Some((from, to)) = text.split_once('-') {
        return Ok(LinkSet::Both(one(from)?, one(to)?));
    }
    if !text.contains('|') {
        return Err(format!("`{}` names no links; write `n1>n2`, `n1-n2` or `n1,n2|n3,n4`", shown(text)));
    }
    let mut groups: Vec<Vec<NodeId>> = Vec::new();
    for group in text.split('|') {
        let members = group.split(',').map(one).collect::<Result<Vec<_>, _>>()?;
        if let Some(twice) = members.iter().find(|&member| groups.iter().any(|other| other.contains(member)))
        {
            return Err(format!("{twice} cannot be on two sides of a cut"));
        }
        groups.push(members);
    }
    Ok(LinkSet::Groups(groups))
}
