//! Holes of templates: what is read from a word such as `n3`, `42` or `x`.

use crate::name::NodeId;

/// What is read from a hole of a template; see [`crate::words::Read`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a hole of a template",
    note = "`u64`, `u32` and `NodeId` can; `impl Hole` for another type says how it is read"
)]
pub trait Hole: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// One sentence that says what should stand there.
    fn read(word: &str) -> Result<Self, String>;
}

impl Hole for u64 {
    fn read(word: &str) -> Result<Self, String> {
        number(word).ok_or_else(|| wrong(word, "a whole number, such as `7`"))
    }
}

impl Hole for u32 {
    fn read(word: &str) -> Result<Self, String> {
        let number = number(word).and_then(|number| number.try_into().ok());
        number.ok_or_else(|| wrong(word, "a whole number up to 4294967295, such as `7`"))
    }
}

impl Hole for NodeId {
    fn read(word: &str) -> Result<Self, String> {
        let number = numbered("n", word).and_then(|number| u32::try_from(number).ok());
        number.map(|number| NodeId(number - 1)).ok_or_else(|| wrong(word, "a node, such as `n3`"))
    }
}

/// What a hole says of a word that does not fit: of a long one only its beginning.
pub fn wrong(word: &str, should_be: &str) -> String {
    const LONGEST: usize = 30;
    let more = if word.chars().nth(LONGEST).is_some() { "…" } else { "" };
    let begins: String = word.chars().take(LONGEST).collect();
    format!("`{begins}{more}` should be {should_be}")
}

/// A number in decimal digits and nothing else: no sign, no blank.
pub fn number(word: &str) -> Option<u64> {
    if word.bytes().all(|digit| digit.is_ascii_digit()) { word.parse().ok() } else { None }
}

/// The number behind a prefix, from 1: 7 in `t7`.
pub fn numbered(prefix: &str, word: &str) -> Option<u64> {
    number(word.strip_prefix(prefix)?).filter(|number| *number > 0)
}

/// A letter from a to z.
pub fn letter(word: &str) -> Option<char> {
    let [letter @ b'a'..=b'z'] = word.as_bytes() else { return None };
    Some(char::from(*letter))
}

/// The holes of a template: `first` is what stands before the first, `after` what stands after each. Each hole but the last
/// ends where its text first occurs.
pub fn split<'a, const N: usize>(words: &'a str, first: &str, after: [&str; N]) -> Option<[&'a str; N]> {
    let (mut rest, mut holes) = (words.strip_prefix(first)?, [""; N]);
    for (place, after) in after.iter().enumerate() {
        (holes[place], rest) = match place + 1 == N {
            true => (rest.strip_suffix(after)?, ""),
            false => rest.split_once(after)?,
        };
    }
    rest.is_empty().then_some(holes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_what_the_template_leaves_open() {
        assert_eq!(split("Put x=1", "Put ", ["=", ""]), Some(["x", "1"]));
        assert_eq!(split("Begin", "Begin", []), Some([]));
        assert_eq!(split("Begin now", "Begin", []), None::<[&str; 0]>);
        assert_eq!(split("Put x", "Put ", ["=", ""]), None);
    }

    #[test]
    fn a_long_word_is_quoted_in_part() {
        assert_eq!(wrong("n0", "a node"), "`n0` should be a node");
        let long = wrong(&"ä".repeat(31), "a node");
        assert_eq!(long, format!("`{}…` should be a node", "ä".repeat(30)));
    }

    #[test]
    fn a_number_is_digits_only() {
        assert_eq!([number("07"), number("+7"), number(""), number("7 ")], [Some(7), None, None, None]);
        assert_eq!(number("99999999999999999999"), None);
        assert_eq!([numbered("t", "t7"), numbered("t", "t0"), numbered("t", "7")], [Some(7), None, None]);
        assert_eq!(
            [NodeId::read("n1"), NodeId::read("n4294967295")].map(Result::ok),
            [Some(NodeId(0)), Some(NodeId(u32::MAX - 1))]
        );
        assert!(NodeId::read("n4294967296").is_err() && NodeId::read("n0").is_err());
        assert_eq!([u32::read("4294967295").ok(), u32::read("4294967296").ok()], [Some(u32::MAX), None]);
        assert_eq!([letter("q"), letter("Q"), letter("qq")], [Some('q'), None, None]);
    }
}
