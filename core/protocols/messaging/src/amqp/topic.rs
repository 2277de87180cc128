//! Which keys a binding matches, for every kind of exchange.

use faultline_core::fingerprint;

/// The words of a routing key or a pattern; an empty one has none.
fn words(text: &str) -> Vec<&str> {
    if text.is_empty() { Vec::new() } else { text.split('.').collect() }
}

/// Whether a topic pattern matches a routing key (AMQP 0-9-1, §3.1.3.3): `*` is one word, `#` is none or more.
pub fn matches(pattern: &str, key: &str) -> bool {
    matches_if(pattern, key, true)
}

/// The same, where a `#` may or may not stand for no word at all.
pub(super) fn matches_if(pattern: &str, key: &str, none: bool) -> bool {
    let key = words(key);
    // Of each number of words of the key, whether what has been read of the pattern matches so many.
    let mut reached = vec![false; key.len() + 1];
    reached[0] = true;
    for word in words(pattern) {
        let mut next = vec![false; key.len() + 1];
        for place in 0..=key.len() {
            let (here, before) = (reached[place], place.checked_sub(1));
            next[place] = match (word, before) {
                ("#", None) => here && none,
                ("#", Some(before)) => here && none || reached[before] || next[before],
                (_, None) => false,
                (word, Some(before)) => reached[before] && (word == "*" || word == key[before]),
            };
        }
        reached = next;
    }
    reached[key.len()]
}

/// The headers in a list such as `format=pdf,type=report`; one without a value is only there.
fn headers(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(',').filter(|it| !it.is_empty()).map(|it| it.split_once('=').unwrap_or((it, "")))
}

/// Whether a headers binding matches a message's headers (§3.1.3.4): all of its arguments, or any of them if it says
/// `x-match=any`. Arguments that begin with `x-` are not compared.
pub fn headers_match(arguments: &str, message: &str) -> bool {
    let any = headers(arguments).any(|it| it == ("x-match", "any"));
    let mut compared = headers(arguments).filter(|(name, _)| !name.starts_with("x-"));
    // An argument without a value asks only that the header be there.
    let mut agrees = |(name, value): (&str, &str)| {
        headers(message).any(|(known, other)| known == name && (value.is_empty() || value == other))
    };
    if any { compared.any(agrees) } else { compared.all(&mut agrees) }
}

/// In which of so many buckets a key falls (Lamping & Veach 2014, jump consistent hash): of `n + 1` buckets the last takes
/// every (n + 1)-th key, evenly from all others, and nothing else moves. Their quotient of floating-point numbers is
/// rounded down; here it is one of integers.
pub fn bucket(key: &str, buckets: u64) -> u64 {
    let (mut state, mut here, mut next) = (fingerprint::of(key), 0, 0);
    while next < buckets {
        here = next;
        state = state.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        next = ((here + 1) << 31) / ((state >> 33) + 1);
    }
    here
}
