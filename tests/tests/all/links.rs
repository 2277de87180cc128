//! Links that were given away once open for ever, to the same run.

use faultline_tests::{folder, open, play};

/// Lines are added to the corpus and never changed.
#[test]
fn old_links_open_to_the_same_run() {
    let corpus = std::fs::read_to_string(folder().join("links.tsv")).unwrap();
    let mut count = 0;
    for line in corpus.lines().filter(|line| !line.starts_with("# ")) {
        let (link, checksum) = line.split_once('\t').unwrap();
        let scenario = open(link).unwrap_or_else(|complaint| panic!("{link}: {complaint}"));
        let run = play(&scenario.to_string());
        assert_eq!(format!("{:016x}", run.checksum()), checksum, "{link}");
        count += 1;
    }
    assert!(count >= 5, "the corpus has only {count} links");
}
