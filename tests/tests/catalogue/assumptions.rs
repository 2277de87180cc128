//! What a protocol assumes and a setting may break: its switch breaks it, changes the run, and mends it again.

use crate::trial;
use faultline_core::catalogue::Entry;
use faultline_core::trace::Line;
use faultline_core::{Scenario, Session};
use libtest_mimic::Trial;

pub(crate) fn trials(entry: &'static Entry) -> Vec<Trial> {
    let slug = entry.info.slug;
    let names = Scenario::of(entry).assumed().into_iter().map(|it| it.name);
    let of = |name| trial(format!("{slug}/assumption/{name}"), move || is_broken_and_mended(entry, name));
    let plain = trial(format!("{slug}/assumption"), move || nothing_is_broken_by_default(entry));
    names.map(of).chain([plain]).collect()
}

/// A run with some settings in which somebody asks: where nobody does, no message is there to be lost.
fn asked(entry: &'static Entry, settings: &[&str]) -> Session {
    let mut scenario = Scenario::of(entry);
    (scenario.ask, scenario.until) = (5_000, 2_000_000);
    for words in settings {
        scenario.amend(words).unwrap();
    }
    Session::new(scenario)
}

fn lines(session: &Session) -> Vec<String> {
    session.run().lines(0, session.run().records().len()).iter().map(Line::transcript).collect()
}

fn nothing_is_broken_by_default(entry: &'static Entry) {
    assert!(asked(entry, &[]).view().broken.is_empty());
    assert!(Scenario::of(entry).assumed().iter().all(|it| it.holds));
}

fn is_broken_and_mended(entry: &'static Entry, name: &str) {
    let plain = asked(entry, &[]);
    let named = |session: &Session| {
        let assumed = session.scenario().assumed();
        assumed.into_iter().find(|it| it.name == name).unwrap()
    };
    let it = named(&plain);
    assert!(it.holds && plain.view().broken.is_empty());
    let broken = asked(entry, &[&it.flip]);
    assert_eq!(broken.view().broken.len(), 1, "{}", it.flip);
    let now = named(&broken);
    assert!(!now.holds, "{}", it.flip);
    assert_ne!(lines(&broken), lines(&plain), "`{}` does something", it.flip);
    let mended = asked(entry, &[&it.flip, &now.flip]);
    assert_eq!(mended.scenario().to_string(), plain.scenario().to_string(), "{}", now.flip);
}
