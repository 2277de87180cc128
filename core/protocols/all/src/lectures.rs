//! The lectures that come with Faultline: several runs in a row, of one protocol or of many.

/// The names of the lectures, as they stand in addresses, and what they are called.
pub const LECTURES: [(&str, &str); 2] = [
    ("raft-in-one-lecture", "Raft in one lecture"),
    ("commit-blocking-consensus", "Commit, blocking and consensus"),
];

/// The text of a lecture by its name.
pub fn text(name: &str) -> Option<&'static str> {
    match name {
        "raft-in-one-lecture" => Some(include_str!("../lectures/raft-in-one-lecture.txt")),
        "commit-blocking-consensus" => Some(include_str!("../lectures/commit-blocking-consensus.txt")),
        _ => None,
    }
}
