//! Links that hold a lecture: `/lecture?3z…&k=…`, its text compressed, with a checksum as in every other link.

use super::{LONGEST_LINK, letters, of_link, path_of, signed};
use crate::lecture::Lecture;
use crate::link::key::check;
use crate::text::Complaint;

/// The path of such a link.
const PATH: &str = "/lecture";

/// Whether a link holds a lecture, or means to.
pub fn holds_lecture(link: &str) -> bool {
    path_of(link).split('?').next() == PATH.strip_prefix('/')
}

/// Writes the text of a lecture as a link, without the address in front and without `#`.
///
/// # Errors
/// One sentence when the link would be longer than [`LONGEST_LINK`].
pub fn write_lecture(text: &str) -> Result<String, String> {
    let lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    let link = signed(PATH, &lines, "", "");
    if link.len() > LONGEST_LINK {
        return Err(format!(
            "this lecture is too long for a link ({} characters; the limit is {LONGEST_LINK})",
            link.len()
        ));
    }
    Ok(link)
}

/// Reads a link that holds a lecture.
///
/// # Errors
/// A line (of the link, 1, or of the lecture in it) and one sentence.
pub fn read_lecture(link: &str) -> Result<Lecture, Complaint> {
    let damaged = || of_link("this link is damaged: a character was lost or changed".into());
    let path = path_of(link);
    if path.len() > LONGEST_LINK {
        return Err(of_link(format!(
            "this link is {} characters long; the limit is {LONGEST_LINK}",
            path.len()
        )));
    }
    let (body, key) = path.rsplit_once("&k=").ok_or_else(damaged)?;
    if check(&format!("/{body}"), "") != key {
        return Err(damaged());
    }
    let rest = body.split_once("?3").ok_or_else(damaged)?.1;
    Lecture::parse(&letters::unpacked(rest, true).map_err(of_link)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "faultline lecture 1\ntitle For us\nplay raft/figure-8 from 500ms\nat 600ms note Here; & there.";

    #[test]
    fn a_lecture_travels_in_a_link() {
        let link = write_lecture(TEXT).unwrap();
        assert!(holds_lecture(&link) && link.starts_with("/lecture?3z"), "{link}");
        assert_eq!(read_lecture(&format!("#{link}")), Lecture::parse(TEXT));
    }

    #[test]
    fn a_damaged_link_says_so() {
        let link = write_lecture(TEXT).unwrap();
        for place in 1..link.len() {
            let mut letters = link.clone().into_bytes();
            letters[place] = if letters[place] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(letters).unwrap();
            assert!(!holds_lecture(&damaged) || read_lecture(&damaged).is_err(), "{damaged}");
        }
        assert!(read_lecture(&link[..link.len() - 1]).is_err());
    }
}
