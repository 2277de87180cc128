//! The letters of a link: lines of text as they may stand in an address, written out or compressed.

use data_encoding::BASE64URL_NOPAD;
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

/// The text in letters that need no escape in an address; `None` when it holds some that would.
pub(super) fn readable(text: &str) -> Option<String> {
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

/// The text compressed.
pub(super) fn pack(text: &str) -> String {
    BASE64URL_NOPAD.encode(&compress_to_vec(text.as_bytes(), 9))
}

/// The text behind the version of a link, which is compressed behind `z` and readable behind `&`; `keyed` says whether the
/// link has a key, since without one it was typed.
pub(super) fn unpacked(rest: &str, keyed: bool) -> Result<String, String> {
    if let Some(packed) = rest.strip_prefix('z') {
        return unpack(packed);
    }
    let text = unreadable(rest.strip_prefix('&').unwrap_or_default());
    Ok(if keyed { text } else { unescaped(&text) })
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

/// A text as it was typed: a browser writes a letter that may not stand in an address as `%` and its bytes.
pub(super) fn unescaped(text: &str) -> String {
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
