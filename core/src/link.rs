//! Links: a scenario as the part of an address behind `#`, as a name where it has one, readable where it is short and
//! compressed where it is not.
//!
//! ```text
//! /raft                                             the run that Raft opens with
//! /raft/figure-8?1.2s&k=4tqnhc8vvz                  a run that comes with Raft, at a moment
//! /raft/figure-8?3&-7&1.2s+crash+n1&1.3s&k=...      the same with line 7 taken away and an act more
//! /raft?3&seed+42&1.2s+crash+n1&k=...               a run that the link holds
//! ```
//!
//! The path is the protocol and, behind it, the name of a scenario that comes with it. Behind `?` stands the version of the
//! format, where the link holds more than a name and a moment; then come pieces with `&` between them, or, behind `z`, the
//! same pieces compressed and in base64url. A piece is a line of the scenario text (`+` for a space, `~` for `>`, `!` for
//! `|`). A time with words is an act or a caption, without its `at`; a time alone is the moment that is shown; `-7` takes a
//! line of the named scenario away. [`difference`] says which lines those are.
//!
//! Last comes the key, five letters for each of its parts. The first is a checksum of the link, so that one that was cut off
//! or mistyped says so and never opens something else. A link that holds a difference then says from what: it is refused
//! where the named scenario has other acts or settings by now. The last part, where whoever wrote the link knew it, is of
//! the checksum of the run: a link whose run comes out differently, because a scenario, a protocol or the engine has changed,
//! says so, too. Five letters are 25 bits, which miss a change once in 33 million times. Every character may stand in an
//! address as it is, and no link ends in a mark that a mail program would leave out. What a host adds behind another `#`
//! is not read. Links of the versions 1 and 2 open, too: they hold a whole scenario, with a line `show` for the moment.
//!
//! People may type such a link without a key. It is read without a check, so a compressed one, which nobody types, is
//! refused, as is one that ends where a key would begin. The run that a protocol opens with is written without a key, too.

use crate::catalogue::{DEFAULT, Entry, RECORDED, find, known};
use crate::scenario::{Moment, Scenario};
use crate::text::{Complaint, is_invisible, shown};
use key::{KEY_LETTERS, check, letters};
use named::Named;
use std::borrow::Cow;

mod difference;
mod key;
mod lecture;
mod letters;
mod named;

pub use key::RunKey;
pub use lecture::{holds_lecture, read_lecture, write_lecture};

/// The longest link that is written or read, in characters.
pub const LONGEST_LINK: usize = 8_000;
/// A compressed link is written only where it is shorter than the readable one, and that is longer than this.
const READABLE: usize = 200;

/// The sentence about a link whose run does not fit its [`RunKey`].
pub const ANOTHER_RUN: &str = "the link was made with another version of Faultline, in which the scenario runs \
    differently; this is not the run that was shared";

/// Why the address of a run that repeats a log opens nothing.
pub const NO_LOG: &str = "this is the address of a recorded run, and its log is not part of the address; open the log again, \
    from its file";

/// What a link holds.
pub struct Linked {
    /// The scenario to play.
    pub scenario: Scenario,
    /// Which run comes of it, where the link says so.
    pub run: Option<RunKey>,
}

/// Writes a scenario as a link, without the address in front and without `#`; with the checksum of its run, where that
/// is known.
///
/// # Errors
/// One sentence when the link would be longer than [`LONGEST_LINK`], or the run repeats a log.
pub fn write(scenario: &Scenario, checksum: Option<u64>) -> Result<String, String> {
    if scenario.is_recorded() {
        return Err(
            "a recorded run has no link, because its log is not part of any address; share the log itself"
                .into(),
        );
    }
    let run = checksum.map(letters).unwrap_or_default();
    let named = Named::of(scenario);
    if let Some(link) = named.as_ref().and_then(|named| named.write(scenario, &run)) {
        return Ok(link);
    }
    let mut pieces: Vec<String> =
        scenario.body().into_iter().filter(|line| !line.starts_with("show ")).collect();
    pieces.iter_mut().for_each(difference::shorten);
    pieces.extend(scenario.show.map(|show| show.to_string()));
    let whole = signed(&format!("/{}", scenario.entry.info.slug), &pieces, "", &run);
    let differing = named.as_ref().and_then(|named| {
        let pieces = difference::between(named, scenario)?;
        Some(signed(&named.path(), &pieces, &named.fingerprint(), &run))
    });
    let link = differing.filter(|differing| differing.len() < whole.len()).unwrap_or(whole);
    if link.len() > LONGEST_LINK {
        return Err(format!(
            "this run is too long for a link ({} characters; the limit is {LONGEST_LINK}); save it as a file instead",
            link.len()
        ));
    }
    Ok(link)
}

/// A link of the newest version, with its key.
fn signed(path: &str, pieces: &[String], base: &str, run: &str) -> String {
    let text = pieces.join("\n");
    let packed = format!("{path}?3z{}", letters::pack(&text));
    let plain = if text.is_empty() {
        Some(format!("{path}?3"))
    } else {
        letters::readable(&text).map(|text| format!("{path}?3&{text}"))
    };
    let link = plain.filter(|plain| plain.len() <= packed.len().max(READABLE)).unwrap_or(packed);
    let rest = format!("{base}{run}");
    format!("{link}&k={}{rest}", check(&link, &rest))
}

/// A link as it was before people and programs passed it on: without marks around it, line breaks and letters that nobody sees, with
/// `%2B` and `&amp;` undone, and in small letters where all were made large. No link holds any of these, so nothing else can
/// have been meant; its checksum says so, too.
pub fn tidied(link: &str) -> Cow<'_, str> {
    const OPENING: [char; 8] = ['<', '(', '[', '{', '"', '\'', '“', '‘'];
    const CLOSING: [char; 12] = ['>', ')', ']', '}', '"', '\'', '”', '’', '.', ',', ';', ':'];
    let bare = |link: &str| -> String {
        let seen = link.chars().filter(|letter| !is_invisible(*letter));
        let lines: String = seen.collect();
        let lines: String = lines.lines().map(str::trim).collect();
        lines.trim_start_matches(OPENING).trim_end_matches(CLOSING).to_owned()
    };
    let mut tidy = bare(link);
    // Of a link that was typed, and so has no key, each line is undone by itself: there `%2B` is a plus, and `+` a blank.
    let undone = letters::unescaped(&tidy);
    if undone.contains("k=") {
        tidy = bare(&undone);
    }
    tidy = tidy.replace("&amp;", "&");
    if !tidy.chars().any(|letter| letter.is_ascii_lowercase()) {
        tidy.make_ascii_lowercase();
    }
    if tidy == link { Cow::Borrowed(link) } else { Cow::Owned(tidy) }
}

/// Reads a link, with or without what stands in front of `#`, and as [`tidied`].
///
/// # Errors
/// A line (of the link, 1, or of the scenario in it) and one sentence.
pub fn read(link: &str) -> Result<Linked, Complaint> {
    if link.len() > LONGEST_LINK + 2_000 {
        return Err(of_link(too_long(link)));
    }
    let link = &*tidied(link);
    if let Some(linked) = named(link) {
        return linked;
    }
    let address = Address::of(link).map_err(of_link)?;
    let (text, run) = if matches!(address.version(), Some('1' | '2')) {
        address.older_text().map_err(of_link)?
    } else {
        address.text()?
    };
    Ok(Linked { scenario: Scenario::parse(&text)?, run })
}

/// The scenario of a link that only names it and a moment of it, such as `/raft/figure-8?1.2s`; nothing for a link that
/// holds lines of a scenario, which only [`read`] can unpack.
///
/// # Errors
/// As [`read`].
pub fn named(link: &str) -> Option<Result<Linked, Complaint>> {
    match Address::of(link) {
        Ok(address) if address.version().is_some() => None,
        Ok(address) => Some(address.open_named()),
        Err(sentence) => Some(Err(of_link(sentence))),
    }
}

/// Whether a link only names its scenario and a moment of it, so that [`named`] reads it.
pub fn only_names(link: &str) -> bool {
    !matches!(Address::of(link), Ok(address) if address.version().is_some())
}

/// Whether a link says nothing but a protocol, whether or not that is here, and this opens with nothing set: then no text has to be
/// read for it.
pub fn is_plain(link: &str) -> bool {
    known(path_of(link)).is_some_and(|leaf| leaf.opens_plain)
}

/// What a plain link opens, once its protocol is here; nothing for every other link.
pub fn plain(link: &str) -> Option<Linked> {
    let entry = find(path_of(link)).filter(|_| is_plain(link))?;
    Some(Linked { scenario: Scenario::of(entry), run: None })
}

/// The lines with which the text of every scenario begins.
fn head(entry: &Entry) -> String {
    format!("faultline 2\nprotocol {}\n", entry.info.slug)
}

fn too_long(link: &str) -> String {
    format!("this link is {} characters long; the limit is {LONGEST_LINK}", link.len())
}

/// What is wrong with a link as a whole.
fn of_link(sentence: String) -> Complaint {
    Complaint { line: 1, sentence }
}

/// The slug of the protocol that a link names, which may have to arrive before the link can be read.
pub fn protocol_of(link: &str) -> &str {
    path_of(link).split(['/', '?']).next().unwrap_or_default()
}

/// The name of the run that a link is about, whose text may have to arrive before the link can be read.
pub fn run_of(link: &str) -> &str {
    let path = path_of(link).split('?').next().unwrap_or_default();
    path.split_once('/').map_or(DEFAULT, |(_, name)| name)
}

/// A link without the address in front, `#`, the first `/`, and what a host has added behind another `#`.
fn path_of(link: &str) -> &str {
    let link = link.trim();
    let fragment = match link.split_once('#') {
        Some((_, fragment)) if !link.starts_with('/') => fragment,
        _ => link,
    };
    let fragment = fragment.split('#').next().unwrap_or_default();
    fragment.strip_prefix('/').unwrap_or(fragment)
}

/// A link taken apart.
struct Address<'a> {
    entry: &'static Entry,
    /// The protocol and the name of a scenario that comes with it.
    path: &'a str,
    name: Option<&'a str>,
    /// What stands behind `?`.
    query: Option<&'a str>,
}

/// What stands behind `?` without the key, and the parts of the key behind the first, if there is one.
type Keyed<'a> = (&'a str, Option<&'a str>);

impl<'a> Address<'a> {
    fn of(link: &'a str) -> Result<Self, String> {
        if link.len() > LONGEST_LINK + 2_000 {
            return Err(too_long(link));
        }
        let path = path_of(link);
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let (slug, name) = path.split_once('/').map_or((path, None), |(slug, name)| (slug, Some(name)));
        match find(slug) {
            _ if slug == RECORDED => Err(NO_LOG.into()),
            Some(entry) => Ok(Address { entry, path, name, query }),
            None => Err(format!("this link names the protocol `{}`, which does not exist here", shown(slug))),
        }
    }

    /// The version of the format: a digit behind `?`, alone or with pieces behind it.
    fn version(&self) -> Option<char> {
        let mut letters = self.query?.chars();
        let version = letters.next().filter(char::is_ascii_digit)?;
        matches!(letters.next(), None | Some('&' | 'z')).then_some(version)
    }

    /// What stands behind `?` without the key, once that is held to it; the key is of `path` and of this.
    fn keyed(&self, path: &str) -> Result<Keyed<'a>, String> {
        let query = self.query.unwrap_or_default();
        let split = query.rsplit_once("&k=").or_else(|| Some(("", query.strip_prefix("k=")?)));
        match split {
            Some((body, key)) => {
                let (said, rest) = key.split_at_checked(KEY_LETTERS).unwrap_or_default();
                let link = if body.is_empty() { format!("/{path}") } else { format!("/{path}?{body}") };
                if said != check(&link, rest) {
                    return Err(
                        "this link is damaged: its checksum does not match, so a character was lost or changed"
                            .into(),
                    );
                }
                Ok((body, Some(rest)))
            }
            None if query.is_empty() && self.query.is_some()
                || query == "k"
                || query.ends_with(['&', '?'])
                || query.ends_with("&k")
                || query.get(1..2) == Some("z") =>
            {
                Err("this link is incomplete: the checksum `&k=…` at its end is missing".into())
            }
            None => Ok((query, None)),
        }
    }

    /// Opens a link that only names its scenario.
    fn open_named(&self) -> Result<Linked, Complaint> {
        let (moment, key) = self.keyed(self.path).map_err(of_link)?;
        let mut scenario = Named::by(self.entry, self.name).map_err(of_link)?.scenario;
        if !moment.is_empty() {
            scenario.show = Some(Moment::parse(moment).map_err(|_| of_link(self.no_moment(moment)))?);
        }
        Ok(Linked { scenario, run: key.and_then(RunKey::of) })
    }

    /// The sentence that refuses something in the place of a moment.
    fn no_moment(&self, moment: &str) -> String {
        let (path, slug) = (self.path, self.entry.info.slug);
        let moment = shown(moment);
        format!(
            "`{moment}` is no moment of a run; write `/{path}?1.2s`, or `/{slug}?3&seed+42` with lines of a scenario"
        )
    }

    /// The scenario text of a link of the newest version, and the letters of its run.
    fn text(&self) -> Result<(String, Option<RunKey>), Complaint> {
        let (body, key) = self.keyed(self.path).map_err(of_link)?;
        let (version, rest) = body.split_at_checked(1).unwrap_or_default();
        if version != "3" {
            return Err(of_link(format!(
                "this link has version `{version}`; open it with a newer Faultline"
            )));
        }
        let pieces = letters::unpacked(rest, key.is_some()).map_err(of_link)?;
        let Some(name) = self.name else {
            return Ok((difference::whole(self.entry, &pieces), key.and_then(RunKey::of)));
        };
        let named = Named::by(self.entry, Some(name)).map_err(of_link)?;
        let (base, run) = key.unwrap_or_default().split_at_checked(KEY_LETTERS).unwrap_or_default();
        if key.is_some() && base != named.fingerprint() {
            return Err(of_link(format!(
                "this link holds what was changed in the scenario `{}`, which is another one by now; `{}` opens that",
                shown(name),
                named.path()
            )));
        }
        Ok((difference::applied(&named, &pieces).map_err(of_link)?, RunKey::of(run)))
    }

    /// The scenario text of a link of version 1 or 2, and the letters of its run. Its key is of the protocol only.
    fn older_text(&self) -> Result<(String, Option<RunKey>), String> {
        let (body, key) = self.keyed(self.entry.info.slug)?;
        if let Some(name) = self.name {
            return Err(format!(
                "a link of this version names no scenario; `/{}` opens `{}`",
                self.path,
                shown(name)
            ));
        }
        let text = letters::unpacked(body.get(1..).unwrap_or_default(), key.is_some())?;
        Ok((head(self.entry) + &text, key.and_then(RunKey::of)))
    }
}
