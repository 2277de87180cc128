//! The index of protocols says what the protocols themselves say.

use faultline_core::catalogue::{find, index};
use faultline_core::protocol::Protocol;
use faultline_protocols::SUMMARIES;
use faultline_tests::{entries, parse};

macro_rules! slugs {
    ($($slug:ident: $type:path,)+) => { [$((stringify!($slug), <$type as Protocol>::INFO.slug)),+] };
}

#[test]
fn the_list_names_each_protocol_by_its_slug() {
    for (name, slug) in faultline_protocols::protocols!(slugs) {
        assert_eq!(name.replace('_', "-"), slug);
    }
}

#[test]
fn the_index_says_what_the_protocols_say() {
    assert_eq!(entries().len(), index().len());
    assert_eq!(entries().len(), SUMMARIES.len());
    for (leaf, said) in index().iter().zip(SUMMARIES) {
        let entry = find(leaf.slug).unwrap();
        let info = &entry.info;
        assert_eq!((leaf.slug, leaf.title), (said.leaf.slug, said.leaf.title));
        assert_eq!(leaf.opens_plain, entry.presets().iter().all(|preset| preset.name != "default"));
        assert_eq!(leaf.lesson, entry.lesson.as_ref().map(|lesson| lesson.title));
        assert_eq!(
            [leaf.title, said.aka, said.family, said.source, said.idea],
            [info.title, info.aka, info.family, info.source, info.idea]
        );
        let runs = entry.presets().iter().map(|preset| {
            let scenario = parse(preset.text).unwrap();
            (preset.name, scenario.title, scenario.challenge.is_some())
        });
        assert!(
            runs.eq(said.runs().map(|run| (run.name, run.title.to_owned(), run.is_challenge))),
            "{}",
            leaf.slug
        );
    }
}
