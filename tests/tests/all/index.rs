//! The index of protocols says what the protocols themselves say.

use faultline_core::catalogue::{find, index};
use faultline_core::protocol::Protocol;
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
fn a_leaf_says_what_its_protocol_says() {
    assert_eq!(entries().len(), index().len());
    for leaf in index() {
        let entry = find(leaf.slug).unwrap();
        let info = &entry.info;
        assert_eq!(
            [leaf.title, leaf.aka, leaf.family, leaf.source, leaf.idea],
            [info.title, info.aka, info.family, info.source, info.idea]
        );
        let titles = entry.presets.iter().map(|preset| (preset.name, parse(preset.text).unwrap().title));
        assert!(titles.eq(leaf.runs().map(|run| (run.name, run.title.to_owned()))), "{}", leaf.slug);
    }
}
