//! A program that fetches the texts of runs apart from their protocols, as the page does: a link waits for its text, and then says
//! what it says where all texts are there.
#![allow(clippy::expect_used)] // What is not there has failed the test.

use faultline_core::catalogue::{Entry, add, add_text, add_texts, all_texts, announce, find};
use faultline_core::link::{named, run_of, write};
use faultline_core::protocol::Protocol;
use faultline_core::scenario::Scenario;
use faultline_core::title::Preset;

macro_rules! apart {
    ($($slug:ident: $type:path,)+) => {
        static APART: &[Entry] = &[$(Entry::without_texts::<$type>()),+];
        static TEXTS: &[&[Preset]] = &[$(<$type as Protocol>::PRESETS),+];
    };
}
faultline_protocols::protocols!(apart);

fn opened(link: &str) -> Result<Scenario, String> {
    let linked = named(link).expect("it only names its run");
    linked.map(|linked| linked.scenario).map_err(|complaint| complaint.sentence)
}

/// One test, because what has arrived stays.
#[test]
fn a_link_opens_once_its_text_is_there() {
    announce(&[]);
    add(APART);
    for (apart, presets) in APART.iter().zip(TEXTS) {
        let (slug, entry) = (apart.info.slug, find(apart.info.slug).expect("it was added"));
        assert!(entry.presets().is_empty() && !entry.has_texts(), "{slug}");
        let has_default = presets.iter().any(|preset| preset.name == "default");
        assert_eq!(entry.has_text("default"), !has_default, "{slug}");
        assert_eq!(opened(&format!("/{slug}")).is_ok(), !has_default, "{slug}");

        // A text by itself opens its run, under its name.
        let Preset { name, text } =
            *presets.iter().find(|preset| preset.name != "default").expect("it has another one");
        let link = format!("/{slug}/{name}");
        assert_eq!(run_of(&format!("https://example.org/#{link}?1.2s&k=abcde")), name);
        assert!(!entry.has_text(name));
        assert!(opened(&link).is_err_and(|said| said.ends_with("has not been loaded")), "{link}");
        assert!(opened(&format!("/{slug}/nobody")).is_err_and(|said| said.ends_with("has not been loaded")));
        add_text(slug, name, text.to_owned());
        assert!(entry.has_text(name) && !entry.has_texts());
        let scenario = opened(&link).expect("its text is there");
        assert_eq!(scenario.to_string(), Scenario::parse(text).expect("a text").to_string());
        assert!(write(&scenario, None).is_ok_and(|written| written.starts_with(&link)), "{link}");

        // What is no such file changes nothing; all texts bring all runs, in their order.
        let all = all_texts(presets);
        for damaged in ["", "<!doctype html>", &all[1..], &format!("{all}= cut off")] {
            assert!(!add_texts(slug, damaged.to_owned()) && !entry.has_texts(), "{slug}: {damaged:.40}");
        }
        assert!(add_texts(slug, all));
        let same = |(one, other): (&Preset, &Preset)| (one.name, one.text) == (other.name, other.text);
        assert_eq!(entry.presets().len(), presets.len());
        assert!(entry.presets().iter().zip(*presets).all(same), "{slug}");
        assert!(opened(&format!("/{slug}")).is_ok(), "{slug}");
        assert!(opened(&format!("/{slug}/nobody")).is_err_and(|said| said.contains("which")), "{slug}");
    }
}
