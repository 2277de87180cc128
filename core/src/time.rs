//! Virtual time: integer microseconds from 0, and how they are written and read.

use crate::text::{is_no, shown};

/// Microseconds of virtual time, an instant (from 0) or a duration.
pub type Micros = u64;

/// The latest instant a run may reach: about 31 years, so that sums of a few times never overflow.
pub const LATEST: Micros = 1_000_000_000_000_000;

/// Writes a time exactly, in the largest unit that needs no more than six decimals: `1.504s`, `15ms`, `7us`.
pub fn exact(time: Micros) -> String {
    if time == 0 {
        "0s".into()
    } else if time < 1_000 {
        format!("{time}us")
    } else if time < 1_000_000 {
        decimal(time, 1_000, 3) + "ms"
    } else {
        decimal(time, 1_000_000, 6) + "s"
    }
}

/// Writes an instant for people, in seconds with a fixed number of decimals (at most six), rounded down.
pub fn seconds(time: Micros, decimals: u32) -> String {
    let decimals = decimals.min(6);
    let fraction = time % 1_000_000 / 10_u64.pow(6 - decimals);
    let width = decimals as usize;
    if width == 0 {
        format!("{}", time / 1_000_000)
    } else {
        format!("{}.{fraction:0width$}", time / 1_000_000)
    }
}

/// Reads what [`exact`] writes: a decimal number with the unit `s`, `ms` or `us`.
///
/// # Errors
/// One sentence when the text is no such number, is finer than a microsecond, or is later than [`LATEST`].
pub fn parse(text: &str) -> Result<Micros, String> {
    let wrong = || format!("{}: write it as 1.5s, 20ms or 700us", is_no("time", text));
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let places = match &text[digits.len()..] {
        "s" => 6,
        "ms" => 3,
        "us" => 0,
        _ => return Err(wrong()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return Err(wrong());
    }
    if fraction.len() > places {
        return Err(format!(
            "`{}` is finer than a microsecond, which is the smallest step of time",
            shown(text)
        ));
    }
    let padded = format!("{whole}{fraction:0<places$}");
    match padded.parse::<u64>() {
        Ok(time) if time <= LATEST => Ok(time),
        _ => Err(format!("`{}` is later than the last instant of a run, {}", shown(text), exact(LATEST))),
    }
}

fn decimal(time: Micros, unit: u64, places: usize) -> String {
    let text = format!("{}.{:0places$}", time / unit, time % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Of two settings, each a name and a time, the first must not be greater; where it is, a sentence about them without a full stop.
pub fn in_order((least, lower): (&str, Micros), (greatest, upper): (&str, Micros)) -> Option<String> {
    let sentence =
        || format!("`{greatest}` is {}, which is less than `{least}` with {}", exact(upper), exact(lower));
    (lower > upper).then(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for time in [0, 1, 999, 1_000, 1_001, 15_000, 999_999, 1_000_000, 1_504_512, 60_000_000, LATEST] {
            assert_eq!(parse(&exact(time)), Ok(time), "{}", exact(time));
        }
        assert_eq!(exact(1_504_000), "1.504s");
        assert_eq!(exact(150_000), "150ms");
        assert_eq!(seconds(1_504_999, 3), "1.504");
    }

    #[test]
    fn what_is_no_time_is_refused_with_a_sentence() {
        for text in [
            "",
            "5",
            "s",
            ".5s",
            "5.s",
            "-1s",
            "1e3s",
            "1.5us",
            "0.0000001s",
            "99999999999999999999s",
            "2000000000s",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
