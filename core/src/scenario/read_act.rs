//! Reading acts: the words after `at 1.5s`.

use super::form::{Form, Slot, listed, reader, readers};
use super::read::{latency, percentage, split, unknown};
use super::{Act, Scenario};
use crate::clock::{Adjustment, MOST_DRIFT_PPM};
use crate::event::{LinkSet, MessageName};
use crate::name::NodeId;
use crate::network::Behaviour;
use crate::text::{is_no, shown};
use crate::time;

/// How an act is read: from the words behind its own.
type Read = fn(&Scenario, &str) -> Result<Act, String>;
type Verb = Form<Read>;
pub(super) const READ_ACT: [(&str, Read); ACTS.len()] = readers(&ACTS);

const MESSAGE: &[&[Slot]] = &[&[Slot::Pair, Slot::Kind]];
const NODE: &[&[Slot]] = &[&[Slot::Node]];
const MESSAGE_OR_LINKS: &[&[Slot]] = &[&[Slot::Pair, Slot::Kind], &[Slot::Links]];
const UNTIL: Slot = Slot::Word("until", "Followed by the time at which the loss ends.");
const LATENCY: Slot =
    Slot::Word("latency", "Each message draws its latency from a range, or as measured elsewhere.");
const LOSS: Slot = Slot::Word("loss", "The links lose a share of the messages.");
const DUPLICATION: Slot = Slot::Word("duplication", "The links duplicate a share of the messages.");
const RESET: Slot = Slot::Word("normal", "The links behave as the whole network does.");

/// The acts, but for asking a node, which begins with the node.
pub(super) const ACTS: [Verb; 21] = [
    Form {
        word: "deliver",
        ways: MESSAGE,
        help: "Delivers a message now.",
        read: |scenario, rest| Ok(Act::Deliver(message(scenario, rest)?)),
    },
    Form {
        word: "drop",
        ways: MESSAGE,
        help: "Loses a message.",
        read: |scenario, rest| Ok(Act::Drop(message(scenario, rest)?)),
    },
    Form {
        word: "delay",
        ways: &[&[
            Slot::Pair,
            Slot::Kind,
            Slot::Word("by", "Followed by the additional time."),
            Slot::Time("20ms"),
        ]],
        help: "Delays a message by some time.",
        read: |scenario, rest| match rest.split_once(" by ") {
            Some((name, by)) => Ok(Act::Delay(message(scenario, name.trim())?, time::parse(by.trim())?)),
            None => Err("`delay` needs `by` and a time, as in `delay n1>n2 Append by 20ms`".into()),
        },
    },
    Form {
        word: "duplicate",
        ways: MESSAGE,
        help: "Duplicates a message.",
        read: |scenario, rest| Ok(Act::Duplicate(message(scenario, rest)?)),
    },
    Form {
        word: "crash",
        ways: &[&[Slot::Node], &[Slot::Node, Slot::Word("losing-write", "The disk forgets the last write.")]],
        help: "Crashes a node. Its disk survives.",
        read: |scenario, rest| match split(rest) {
            (who, "losing-write") => Ok(Act::CrashLosing(node(scenario, who)?)),
            _ => Ok(Act::Crash(node(scenario, rest)?)),
        },
    },
    Form {
        word: "restart",
        ways: NODE,
        help: "Restarts a crashed node.",
        read: |scenario, rest| Ok(Act::Restart(node(scenario, rest)?)),
    },
    Form {
        word: "fire",
        ways: &[&[Slot::Node, Slot::Timer]],
        help: "Lets a timer of a node fire now.",
        read: |scenario, rest| match split(rest) {
            (_, "") => Err("`fire` needs a node and a timer, as in `fire n1 Election`".into()),
            (who, timer) => Ok(Act::Fire(node(scenario, who)?, timer.into())),
        },
    },
    Form {
        word: "cut",
        ways: &[&[Slot::Links]],
        help: "Cuts links: they lose every message.",
        read: |scenario, rest| Ok(Act::Cut(links(scenario, rest)?)),
    },
    Form {
        word: "heal",
        ways: &[&[], &[Slot::Links]],
        help: "Heals the links that are cut; all of them, if none are named.",
        read: |scenario, rest| Ok(Act::Heal(links_or_all(scenario, rest)?)),
    },
    Form {
        word: "pause",
        ways: NODE,
        help: "Pauses a node: it takes no step until it resumes.",
        read: |scenario, rest| Ok(Act::Pause(node(scenario, rest)?)),
    },
    Form {
        word: "resume",
        ways: NODE,
        help: "Resumes a paused node.",
        read: |scenario, rest| Ok(Act::Resume(node(scenario, rest)?)),
    },
    Form {
        word: "hold",
        ways: MESSAGE_OR_LINKS,
        help: "Holds a message, or all messages on links, until they are released.",
        read: |scenario, rest| {
            if names_message(rest) {
                Ok(Act::HoldMessage(message(scenario, rest)?))
            } else {
                Ok(Act::Hold(links(scenario, rest)?))
            }
        },
    },
    Form {
        word: "release",
        ways: &[&[], MESSAGE_OR_LINKS[0], MESSAGE_OR_LINKS[1]],
        help: "Releases what is held; all of it, if nothing is named.",
        read: |scenario, rest| {
            if names_message(rest) {
                Ok(Act::ReleaseMessage(message(scenario, rest)?))
            } else {
                Ok(Act::Release(links_or_all(scenario, rest)?))
            }
        },
    },
    Form {
        word: "link",
        ways: &[
            &[LATENCY, Slot::Latency],
            &[LOSS, Slot::Share],
            &[DUPLICATION, Slot::Share],
            &[RESET],
            &[Slot::Links, LATENCY, Slot::Latency],
            &[Slot::Links, LOSS, Slot::Share],
            &[Slot::Links, DUPLICATION, Slot::Share],
            &[Slot::Links, RESET],
        ],
        help: "Changes how links behave; all of them, if none are named.",
        read: link,
    },
    Form {
        word: "lose",
        ways: &[
            &[UNTIL, Slot::Later],
            &[Slot::Kind, UNTIL, Slot::Later],
            &[Slot::Links, UNTIL, Slot::Later],
            &[Slot::Links, Slot::Kind, UNTIL, Slot::Later],
        ],
        help: "Loses all messages, of one kind or on some links, until a time.",
        read: lose,
    },
    Form {
        word: "slow",
        ways: &[&[Slot::Node, Slot::Sample("3x")]],
        help: "Slows a node: its timers take so many times as long.",
        read: |scenario, rest| {
            let (who, factor) = split(rest);
            Ok(Act::Slow(node(scenario, who)?, factor_of(factor)?))
        },
    },
    Form {
        word: "choose",
        ways: &[&[Slot::Node, Slot::Sample("0")]],
        help: "Sets the next choices of a node, which are random otherwise.",
        read: |scenario, rest| {
            let (who, numbers) = split(rest);
            let numbers: Option<Vec<u64>> = numbers.split_whitespace().map(|it| it.parse().ok()).collect();
            match numbers.filter(|numbers| !numbers.is_empty()) {
                Some(numbers) => Ok(Act::Choose(node(scenario, who)?, numbers)),
                None => Err("`choose` needs a node and whole numbers, as in `choose n1 2 0`".into()),
            }
        },
    },
    Form {
        word: "clock",
        ways: &[
            &[Slot::Node, Slot::Word("jump", "The clock jumps by a time."), Slot::Sample("+20ms")],
            &[Slot::Node, Slot::Word("offset", "The clock is off by a time."), Slot::Sample("+20ms")],
            &[Slot::Node, Slot::Word("drift", "The clock runs fast or slow."), Slot::Sample("+200ppm")],
            &[Slot::Node, Slot::Word("normal", "The clock is right again.")],
        ],
        help: "Changes the clock of a node.",
        read: |scenario, rest| {
            let (who, what) = split(rest);
            Ok(Act::Clock(node(scenario, who)?, adjustment(what)?))
        },
    },
    Form {
        word: "take",
        ways: &[&[Slot::Word("over", "Followed by the node."), Slot::Node]],
        help: "Takes a node over: it becomes Byzantine.",
        read: |scenario, rest| match split(rest) {
            ("over", who) => Ok(Act::TakeOver(node(scenario, who)?)),
            _ => Err("`take` needs `over` and a node, as in `take over n1`".into()),
        },
    },
    Form {
        word: "forge",
        ways: &[&[
            Slot::Pair,
            Slot::Kind,
            Slot::Word("as", "Followed by the message that is sent instead."),
            Slot::Lie,
        ]],
        help: "Replaces a message of a Byzantine node by a lie.",
        read: |scenario, rest| match rest.split_once(" as ") {
            Some((name, lie)) => Ok(Act::Forge(message(scenario, name.trim())?, lie.trim().into())),
            None => Err("`forge` needs `as` and another message, as in `forge n1>n2 Send as Send b`".into()),
        },
    },
    Form {
        word: "inject",
        ways: &[&[
            Slot::Pair,
            Slot::Kind,
            Slot::Word("to", "Followed by the additional receiver."),
            Slot::Node,
        ]],
        help: "Sends a message of a Byzantine node to another node, too.",
        read: |scenario, rest| match rest.rsplit_once(" to ") {
            Some((name, to)) => Ok(Act::Inject(message(scenario, name.trim())?, node(scenario, to.trim())?)),
            None => Err("`inject` needs another receiver, as in `inject n1>n2 Vote to n3`".into()),
        },
    },
];

/// What may stand behind a node that is asked for something.
pub(super) const ASKED: &[&[Slot]] = &[&[Slot::Input]];

pub(super) fn act(scenario: &Scenario, words: &str) -> Result<Act, String> {
    let (word, rest) = split(words);
    if let Some(read) = reader(&READ_ACT, word) {
        return read(scenario, rest);
    }
    if names_node(scenario, word) {
        let who = node(scenario, word)?;
        scenario.entry.check_input(rest)?;
        return Ok(Act::Ask(who, rest.into()));
    }
    Err(format!(
        "{}; write {}, `say`, or `n1` and an input",
        is_no("act", word),
        listed(&READ_ACT).replace("`take`", "`take over`")
    ))
}

fn links_or_all(scenario: &Scenario, text: &str) -> Result<Option<LinkSet>, String> {
    if text.is_empty() { Ok(None) } else { links(scenario, text).map(Some) }
}

/// Whether a word names links and not something else.
pub(super) fn looks_like_links(word: &str) -> bool {
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
        ("latency", value) => latency(value)?,
        ("loss", value) => Behaviour::Loss(percentage(value)?),
        ("duplication", value) => Behaviour::Duplication(percentage(value)?),
        ("normal", "") => Behaviour::Normal,
        ("", _) => return Err("`link` needs a behaviour, as in `link n1>n2 latency 50ms..80ms`".into()),
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
    let wrong = || format!("{}; write it as in `slow n1 3x`", is_no("factor from 0.1x to 1000x", text));
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
        ("", _) => Err("`clock` needs a node and a change, as in `clock n1 offset +20ms`".into()),
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
        signed.ok_or_else(|| format!("{}; write `+20ms` or `-20ms`", is_no("time with a sign", text)))?;
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
        let what = format!("drift from -{most}ppm to +{most}ppm");
        format!("{}; write it as in `drift +200ppm`", is_no(&what, text))
    })
}

fn kind(scenario: &Scenario, name: &str) -> Result<&'static str, String> {
    let kinds = scenario.entry.kinds;
    let known = kinds.iter().find(|known| known.name == name).map(|known| known.name);
    known.ok_or_else(|| unknown("kind of message", name, kinds.iter().map(|it| it.name)))
}

pub(super) fn looks_like_node(word: &str) -> bool {
    word.strip_prefix('n')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a word is the name of a node.
pub(super) fn names_node(scenario: &Scenario, word: &str) -> bool {
    looks_like_node(word) || scenario.names.node(word).is_some()
}

pub(super) fn node(scenario: &Scenario, text: &str) -> Result<NodeId, String> {
    let count = scenario.nodes;
    if let Some(node) = scenario.names.node(text) {
        return Ok(node);
    }
    if !looks_like_node(text) {
        return Err(format!("{}; the nodes are n1 to n{count}", is_no("node", text)));
    }
    match text[1..].parse::<u32>() {
        Ok(number) if (1..=count).contains(&number) => Ok(NodeId(number - 1)),
        _ => Err(format!("there is no node `{}`; the nodes are n1 to n{count}", shown(text))),
    }
}

pub(super) fn message(scenario: &Scenario, text: &str) -> Result<MessageName, String> {
    let (link, what) = split(text);
    let (from, to) = link.split_once('>').ok_or_else(|| match text {
        "" => "a message is missing; write it as in `n1>n2 Append`".to_owned(),
        _ => format!("`{}` names no message; write it as in `n1>n2 Append`", shown(text)),
    })?;
    gap(link)?;
    let (kind, ordinal) = what.split_once('#').unwrap_or((what, "1"));
    let kind = self::kind(scenario, kind)?;
    let Ok(ordinal @ 1..) = ordinal.parse() else {
        return Err(format!("`#{}` is no position; messages of one kind count from `#1`", shown(ordinal)));
    };
    Ok(MessageName { from: node(scenario, from)?, to: node(scenario, to)?, kind, ordinal })
}

/// Refuses words for links in which a node is missing before or after a sign.
fn gap(text: &str) -> Result<(), String> {
    const SIGNS: [char; 4] = ['>', '-', '|', ','];
    let mut before = None;
    for (place, sign) in text.match_indices(SIGNS).chain([(text.len(), "")]) {
        let start = before.map_or(0, |(place, _)| place + 1);
        if text[start..place].trim().is_empty() && (before.is_some() || !sign.is_empty()) {
            let place =
                before.map_or_else(|| format!("before `{sign}`"), |(_, sign)| format!("after `{sign}`"));
            let example = if text.contains('>') { "n1>n2" } else { "n1|n2,n3" };
            return Err(format!("{place} a node is missing; write it as in `{example}`"));
        }
        before = Some((place, sign));
    }
    Ok(())
}

fn links(scenario: &Scenario, text: &str) -> Result<LinkSet, String> {
    let one = |text: &str| node(scenario, text.trim());
    gap(text)?;
    if let Some((from, to)) = text.split_once('>') {
        return Ok(LinkSet::OneWay(one(from)?, one(to)?));
    }
    if let Some((from, to)) = text.split_once('-') {
        return Ok(LinkSet::Both(one(from)?, one(to)?));
    }
    if !text.contains('|') {
        let none = match text {
            "" => "the links are missing".to_owned(),
            _ => format!("`{}` names no links", shown(text)),
        };
        return Err(format!("{none}; write `n1>n2`, `n1-n2` or `n1,n2|n3,n4`"));
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
