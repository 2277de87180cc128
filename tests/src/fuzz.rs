//! Input that is nearly right, or not at all: drawn, so that a case is the same in every run and can be named
//! by its number.

use faultline_core::random::{Purpose, draw};

/// How many cases to try: so many, or what `FAULTLINE_CASES` says (`cargo xtask fuzz` says a million).
pub fn cases(usual: u64) -> u64 {
    std::env::var("FAULTLINE_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

/// Up to 300 bytes, in a third of the cases any, otherwise letters, among which some mean something.
pub fn noise(nth: u64, letters: &[u8]) -> Vec<u8> {
    let roll = |what: u32| draw(nth, Purpose::Nemesis, (what, 2), 0) as usize;
    let byte = |place| match nth % 3 {
        0 => roll(place) as u8,
        1 => letters[roll(place) % letters.len()],
        _ => b"abcdefghijklmnopqrstuvwxyz0123456789 \n"[roll(place) % 38],
    };
    (0..roll(u32::MAX) as u32 % 300).map(byte).collect()
}

/// One of the texts with up to three changes: a byte, a piece lost, doubled or moved, a letter that means
/// something, a line from another of the texts, an end that is lost.
///
/// # Panics
/// Without a text.
pub fn mutated(seeds: &[Vec<u8>], nth: u64, letters: &[u8]) -> Vec<u8> {
    let roll = |what: u32| draw(nth, Purpose::Nemesis, (what, 1), 0) as usize;
    let mut bytes = seeds[roll(0) % seeds.len()].clone();
    for change in 0..=roll(1) as u32 % 3 {
        if bytes.is_empty() {
            break;
        }
        let place = roll(10 + change) % bytes.len();
        let end = (place + roll(20 + change) % 40).min(bytes.len());
        match roll(30 + change) % 7 {
            0 => bytes[place] = roll(40 + change) as u8,
            1 => drop(bytes.drain(place..end)),
            2 => bytes.insert(place, letters[roll(50 + change) % letters.len()]),
            3 => {
                let piece = bytes[place..end].to_vec();
                let to = roll(60 + change) % bytes.len();
                bytes.splice(to..to, piece);
            }
            4 => {
                let to = line_start(&bytes, roll(80 + change));
                let line = line_of(&bytes, roll(70 + change)).to_vec();
                bytes.splice(to..to, line);
            }
            5 => {
                let to = line_start(&bytes, roll(80 + change));
                let line = line_of(&seeds[roll(90 + change) % seeds.len()], roll(70 + change));
                bytes.splice(to..to, line.iter().copied());
            }
            _ => bytes.truncate(place),
        }
    }
    bytes
}

fn line_of(bytes: &[u8], drawn: usize) -> &[u8] {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    lines.get(drawn % lines.len().max(1)).copied().unwrap_or_default()
}

fn line_start(bytes: &[u8], drawn: usize) -> usize {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    lines[..drawn % lines.len().max(1)].iter().map(|line| line.len()).sum()
}

/// Says which case it was, if it panics.
pub struct Case(pub &'static str, pub u64);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this was case {} of {}", self.1, self.0);
        }
    }
}
