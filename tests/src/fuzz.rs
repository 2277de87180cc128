//! Input that is nearly right, or not at all, by the thousand. It is the same in every run, and what fails is shrunk.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::fmt;

/// How many cases to try: so many, or what `FAULTLINE_CASES` says (`cargo xtask fuzz` says a million).
pub fn cases(usual: u32) -> u32 {
    std::env::var("FAULTLINE_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// Tries so many values of a strategy.
///
/// # Panics
/// When `test` panics: with its message, and with the least value for which it does.
pub fn each<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value)) {
    let config =
        Config { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(strategy, |value| {
        test(value);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Bytes that print as text.
#[derive(Clone)]
pub struct Text(pub Vec<u8>);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Fewer than 300 bytes: any, or letters that mean something, or letters and digits.
pub fn noise(letters: &'static [u8]) -> impl Strategy<Value = Text> {
    let plain = b"abcdefghijklmnopqrstuvwxyz0123456789 \n".as_slice();
    prop_oneof![vec(any::<u8>(), 0..300), vec(select(letters), 0..300), vec(select(plain), 0..300),]
        .prop_map(Text)
}

/// One change of a text. Places are fractions of its length.
#[derive(Clone, Copy, Debug)]
enum Edit {
    /// So many bytes from a place on become others.
    Bytes(Index, usize, Option<u8>),
    /// So many bytes from a place on are doubled at another.
    Piece(Index, usize, Index),
    /// A line of another text, or of this one, is put before one of its lines.
    Line(Option<Index>, Index, Index),
}

/// One of the texts with up to three changes: a byte, a piece lost or doubled, a letter that means something,
/// a line from one of the texts, an end that is lost.
pub fn nearly_right(seeds: Vec<Vec<u8>>, letters: &'static [u8]) -> impl Strategy<Value = Text> {
    let place = any::<Index>;
    let edit = prop_oneof![
        (place(), Just(1), any::<u8>().prop_map(Some)).prop_map(|(at, n, to)| Edit::Bytes(at, n, to)),
        (place(), Just(0), select(letters).prop_map(Some)).prop_map(|(at, n, to)| Edit::Bytes(at, n, to)),
        (place(), prop_oneof![1..40_usize, Just(usize::MAX)]).prop_map(|(at, n)| Edit::Bytes(at, n, None)),
        (place(), 1..40_usize, place()).prop_map(|(from, n, to)| Edit::Piece(from, n, to)),
        (proptest::option::of(place()), place(), place())
            .prop_map(|(seed, line, to)| Edit::Line(seed, line, to)),
    ];
    (0..seeds.len(), vec(edit, 1..=3)).prop_map(move |(seed, edits)| {
        let mut bytes = seeds[seed].clone();
        for edit in edits {
            change(&mut bytes, edit, &seeds);
        }
        Text(bytes)
    })
}

fn change(bytes: &mut Vec<u8>, edit: Edit, seeds: &[Vec<u8>]) {
    let length = bytes.len();
    let piece = |from: Index, count: usize| {
        let start = from.index(length + 1);
        start..start.saturating_add(count).min(length)
    };
    match edit {
        Edit::Bytes(at, count, to) => drop(bytes.splice(piece(at, count), to)),
        Edit::Piece(from, count, to) => {
            let doubled = bytes[piece(from, count)].to_vec();
            let to = to.index(length + 1);
            bytes.splice(to..to, doubled);
        }
        Edit::Line(seed, line, to) => {
            let lines = self::lines(seed.map_or(bytes.as_slice(), |seed| seed.get(seeds).as_slice()));
            let line = lines[line.index(lines.len())].to_vec();
            let own = self::lines(bytes);
            let to: usize = own[..to.index(own.len())].iter().map(|line| line.len()).sum();
            bytes.splice(to..to, line);
        }
    }
}

/// The lines with their ends; the last is empty where the text ends with a line.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let whole = bytes.split_inclusive(|byte| *byte == b'\n');
    whole.chain([[].as_slice()]).collect()
}
