//! The expressions by which `ShiViz` reads logs are JavaScript's; what our library wants otherwise is written
//! anew.

use regex_lite::{Regex, RegexBuilder};

/// How large a compiled expression may be, in bytes, and how deep its groups may stand.
const LARGEST: usize = 1 << 20;
const DEEPEST: u32 = 40;

/// The expression, with `^` and `$` at every line as in `ShiViz`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn compiled(expression: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(&translated(expression));
    builder.multi_line(true).size_limit(LARGEST).nest_limit(DEEPEST);
    builder.build().map_err(|error| format!("The expression cannot be read: {error}."))
}

/// An expression of JavaScript in the words of our library: braces that count nothing and brackets within a
/// class stand for themselves there, and a letter that needs no escape may have one.
fn translated(expression: &str) -> String {
    let mut translated = String::with_capacity(expression.len() + 8);
    let mut in_class = false;
    let mut rest = expression;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        let mut taken = letter.len_utf8();
        match letter {
            '\\' => {
                let escaped = after.chars().next();
                taken += escaped.map_or(0, char::len_utf8);
                match escaped {
                    // These mean themselves in JavaScript, and an escape before them is an error to us.
                    Some(
                        itself @ ('<' | '>' | '"' | '\'' | '_' | '`' | '=' | '!' | ':' | ';' | ',' | '@'
                        | '%' | '/'),
                    ) => {
                        translated.push(itself);
                    }
                    Some(escaped) => translated.extend(['\\', escaped]),
                    None => translated.push('\\'),
                }
            }
            '[' if in_class => translated.push_str("\\["),
            '&' | '~' if in_class => translated.extend(['\\', letter]),
            '[' => {
                in_class = true;
                translated.push('[');
            }
            ']' => {
                in_class = false;
                translated.push(']');
            }
            '{' if !in_class => match counting(rest) {
                Some(count) => {
                    translated.push_str(count);
                    taken = count.len();
                }
                None => translated.push_str("\\{"),
            },
            '}' if !in_class => translated.push_str("\\}"),
            _ => translated.push(letter),
        }
        rest = &rest[taken..];
    }
    translated
}

/// The `{2}`, `{2,}` or `{2,5}` with which a text begins.
fn counting(text: &str) -> Option<&str> {
    let end = text.find('}')?;
    let (least, most) = match text[1..end].split_once(',') {
        Some((least, most)) => (least, most),
        None => (&text[1..end], ""),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!least.is_empty() && is_number(least) && is_number(most)).then(|| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_that_count_stay_and_others_stand_for_themselves() {
        assert_eq!(translated(r"(?<clock>{.*})"), r"(?<clock>\{.*\})");
        assert_eq!(translated(r"(\d{1,3}\.){3}x{2,}"), r"(\d{1,3}\.){3}x{2,}");
        assert_eq!(translated(r"[^[{&]\/\_"), r"[^\[{\&]/_");
        assert_eq!(translated("{,3}{a}"), r"\{,3\}\{a\}");
        assert_eq!(translated("\\"), "\\");
    }

    #[test]
    fn what_is_no_expression_says_why() {
        for (expression, why) in [("(?<a>x", "open group"), ("(?=x)", "look-around"), ("x{3,1}", "bigger")] {
            let error = compiled(expression).err().unwrap_or_default();
            assert!(error.to_lowercase().contains(why), "{expression}: {error}");
        }
        assert!(compiled(&"(".repeat(100_000)).is_err());
        assert!(compiled("((((x{99}){99}){99}){99}){99}").is_err());
    }
}
