//! Links: a scenario as the part of an address behind `#`, readable where it is short and compressed where it is not.
//!
//! ```text
//! /raft?2&seed+42&at+1.2s+crash+n1&k=4tqnh
//! ```
//!
//! The path is the protocol. Behind `?` stands the version of the format; then come the lines of the scenario text,
//! `&` between them, `+` for a space, `~` for `>`, `!` for `|` (or, behind `z`, the same lines compressed and in
//! base64url); last the key. Its first five letters are a checksum of the link, so that one that was cut off or mistyped says so
//! and never opens something else. Five more, where whoever wrote the link knew them, are of the checksum of the run: a
//! link whose run comes out differently, because a protocol or the engine has changed, says so, too. Five letters are 25
//! bits, which miss a change once in 33 million times. Every character may stand in an address as it is. A link of
//! version 1 opens, too, and is played as its text would be (see [`crate::scenario`]).
//!
//! People may type such a link without a key. It is read without a check, so a compressed one, which nobody types, is
//! refused, as is one that ends where a key would begin.
//!
//! People may also write `/raft/figure-8` for a scenario that comes with a protocol, and `/raft` for the one that is called
//! `default` or else for the protocol as it is. Names follow the newest version of what they name, so they are read and
//! never written.

use crate::catalogue::{Entry, find};
use crate::fingerprint;
use crate::scenario::Scenario;
use crate::text::{Complaint, shown};
use data_encoding::BASE64URL_NOPAD;
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

/// The longest link that is written or read, in characters.
pub const LONGEST_LINK: usize = 8_000;
/// The name of the run that a protocol opens with, where it has one.
const DEFAULT: &str = "default";
const CHECK_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How many letters of the key are of the link, and how many of the run.
const KEY_LETTERS: usize = 5;

/// The sentence about a link whose run does not fit its [`RunKey`].
pub const ANOTHER_RUN: &str = "the link was made with another version of Faultline, in which the scenario runs \
    differently; this is not the run that was shared";

/// What a link holds.
pub struct Linked {
    /// The scenario to play.
    pub scenario: Scenario,
    /// Which run comes of it, where the link says so.
    pub run: Option<RunKey>,
}

/// The letters by which a link knows its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunKey(String);

impl RunKey {
    /// Whether they are of the run with this checksum.
    pub fn fits(&self, checksum: u64) -> bool {
        self.0 == letters(checksum)
    }
}

/// The scenario that comes with a protocol under a name.
fn preset(entry: &Entry, name: &str) -> Option<String> {
    entry.presets.iter().find(|preset| preset.name == name).map(|preset| preset.text.to_owned())
}

/// Writes a scenario as a link, without the address in front and without `#`; with the checksum of its run, where that
/// is known.
///
/// # Errors
/// One sentence when the link would be longer than [`LONGEST_LINK`].
pub fn write(scenario: &Scenario, checksum: Option<u64>) -> Result<String, String> {
    let text = scenario.body().join("\n");
    let head = format!("/{}?2", scenario.entry.info.slug);
    let packed = format!("{head}z{}", BASE64URL_NOPAD.encode(&compress_to_vec(text.as_bytes(), 9)));
    let plain =
        if text.is_empty() { Some(head) } else { readable(&text).map(|text| format!("{head}&{text}")) };
    let link = plain.filter(|plain| plain.len() <= packed.len().max(200)).unwrap_or(packed);
    let run = checksum.map(letters).unwrap_or_default();
    let link = format!("{link}&k={}{run}", check(&link, &run));
    if link.len() > LONGEST_LINK {
        return Err(format!(
            "this run is too long for a link ({} characters; the limit is {LONGEST_LINK}); save it as a file instead",
            link.len()
        ));
    }
    Ok(link)
}

/// Reads a link, with or without what stands in front of `#`.
///
/// # Errors
/// A line (of the link, 1, or of the scenario in it) and one sentence.
pub fn read(link: &str) -> Result<Linked, Complaint> {
    if let Some(scenario) = named(link) {
        return Ok(Linked { scenario: scenario?, run: None });
    }
    let (text, run) = to_text(link).map_err(of_link)?;
    Ok(Linked { scenario: Scenario::parse(&text)?, run })
}

/// The scenario of a link that names it, such as `/raft/figure-8`; nothing for a link that holds a scenario, which only
/// [`read`] can unpack.
///
/// # Errors
/// As [`read`].
pub fn named(link: &str) -> Option<Result<Scenario, Complaint>> {
    let text = match parts(link) {
        Ok((entry, Some(name), _)) => preset(entry, name).ok_or_else(|| {
            format!(
                "this link names the scenario `{}`, which {} does not have",
                shown(name),
                entry.info.title
            )
        }),
        Ok((entry, None, None)) => Ok(preset(entry, DEFAULT).unwrap_or_else(|| head(entry))),
        Ok((_, None, Some(_))) => return None,
        Err(sentence) => Err(sentence),
    };
    Some(text.map_err(of_link).and_then(|text| Scenario::parse(&text)))
}

/// What is wrong with a link as a whole.
fn of_link(sentence: String) -> Complaint {
    Complaint { line: 1, sentence }
}

/// The slug of the protocol that a link names, which may have to arrive before the link can be read.
pub fn protocol_of(link: &str) -> &str {
    path_of(link).split(['/', '?']).next().unwrap_or_default()
}

/// A link without the address in front, `#` and the first `/`.
fn path_of(link: &str) -> &str {
    let fragment = link.rsplit_once('#').map_or(link, |(_, fragment)| fragment).trim();
    fragment.strip_prefix('/').unwrap_or(fragment)
}

/// What a link consists of: the protocol, the name of a scenario that comes with it, and what stands behind `?`; one
/// sentence when there is no such protocol.
fn parts(link: &str) -> Result<(&'static Entry, Option<&str>, Option<&str>), String> {
    if link.len() > LONGEST_LINK + 2_000 {
        return Err(format!("this link is {} characters long; the limit is {LONGEST_LINK}", link.len()));
    }
    let path = path_of(link);
    let (slug, query) = path.split_once('?').map_or((path, None), |(slug, query)| (slug, Some(query)));
    let (slug, name) = slug.split_once('/').map_or((slug, None), |(slug, name)| (slug, Some(name)));
    match find(slug) {
        Some(entry) => Ok((entry, name, query)),
        None => Err(format!("this link names the protocol `{}`, which does not exist here", shown(slug))),
    }
}

/// The lines with which the text of every scenario begins.
fn head(entry: &Entry) -> String {
    format!("faultline 2\nprotocol {}\n", entry.info.slug)
}

/// The scenario text that a link holds, and the letters of its run; one sentence when it is damaged or foreign.
fn to_text(link: &str) -> Result<(String, Option<RunKey>), String> {
    let (entry, _, query) = parts(link)?;
    let (slug, query) = (entry.info.slug, query.unwrap_or_default());
    let (body, run) = match query.rsplit_once("&k=") {
        Some((body, key)) => {
            let (said, run) = key.split_at_checked(KEY_LETTERS).unwrap_or_default();
            if said != check(&format!("/{slug}?{body}"), run) {
                return Err(
                    "this link is damaged: its checksum does not match, so a character was lost or changed"
                        .into(),
                );
            }
            (body, Some(run))
        }
        None if query.ends_with("&k") || query.ends_with('&') || query.get(1..2) == Some("z") => {
            return Err("this link is incomplete: the checksum `&k=…` at its end is missing".into());
        }
        None => (query, None),
    };
    let (version, rest) = body.split_at_checked(1).unwrap_or_default();
    let text = match (version, rest.as_bytes()) {
        ("1" | "2", []) => head(entry),
        ("1" | "2", [b'&', ..]) => {
            let text = unreadable(&rest[1..]);
            head(entry) + &if run.is_some() { text } else { unescaped(&text) }
        }
        ("1" | "2", [b'z', ..]) => head(entry) + &unpack(&rest[1..])?,
        _ if !version.bytes().all(|byte| byte.is_ascii_digit()) || version.is_empty() => {
            return Err(format!(
                "the version of the link is missing behind `?`; write it as in `/{slug}?2&seed+42`"
            ));
        }
        _ => {
            return Err(format!(
                "this link has version `{}`; open it with a newer Faultline",
                shown(&body.chars().take(1).collect::<String>())
            ));
        }
    };
    Ok((text, run.filter(|run| !run.is_empty()).map(|run| RunKey(run.to_owned()))))
}

/// The letters of a link and of those of its run, if it has them.
fn check(link: &str, run: &str) -> String {
    letters(if run.is_empty() { fingerprint::of(link) } else { fingerprint::of(&(link, run)) })
}

/// Letters for the lowest bits of a checksum. They cannot be read as one another, and end no address early.
fn letters(mut bits: u64) -> String {
    let mut letter = || {
        let letter = CHECK_LETTERS[(bits % 32) as usize];
        bits /= 32;
        char::from(letter)
    };
    (0..KEY_LETTERS).map(|_| letter()).collect()
}

/// The text in letters that need no escape in an address; `None` when it holds some that would.
fn readable(text: &str) -> Option<String> {
    let letter = |letter| match letter {
        '\n' => Some('&'),
        ' ' => Some('+'),
        '>' => Some('~'),
        '|' => Some('!'),
        '.' | ',' | '-' | '=' | '/' | ':' | '_' => Some(letter),
        _ if letter.is_ascii_alphanumeric() => Some(letter),
        _ => None,
    };
    text.chars().map(letter).collect()
}

fn unreadable(text: &str) -> String {
    let letter = |letter| match letter {
        '&' => '\n',
        '+' => ' ',
        '~' => '>',
        '!' => '|',
        _ => letter,
    };
    text.chars().map(letter).collect()
}

/// A typed text as it was typed: a browser writes a letter that may not stand in an address as `%` and its bytes.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.filter(|_| *first == b'%').and_then(|two| str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn unpack(text: &str) -> Result<String, String> {
    let damaged = || "this link is damaged: its contents cannot be unpacked".to_owned();
    let packed = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| damaged())?;
    let bytes =
        decompress_to_vec_with_limit(&packed, crate::scenario::LONGEST_TEXT).map_err(|_| damaged())?;
    String::from_utf8(bytes).map_err(|_| damaged())
}
