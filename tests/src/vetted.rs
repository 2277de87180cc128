//! Vetted seeds: what the page says of them does happen, and does not happen with most others.

use crate::find;
use faultline_core::catalogue::Entry;
use faultline_core::title::Vetted;
use faultline_core::trace::Line;
use faultline_core::view::Standing;
use faultline_core::{Scenario, Session};

/// A whole run of a protocol as it is by default, with a seed.
pub struct Seen {
    /// The run, at its end.
    pub session: Session,
    /// Its events in words.
    pub lines: Vec<Line>,
}

impl Seen {
    fn of(entry: &'static Entry, seed: u64) -> Self {
        let mut scenario = Scenario::of(entry);
        scenario.seed = seed;
        let mut session = Session::new(scenario);
        session.seek_time(session.scenario().until);
        let lines = session.run().lines(0, session.event());
        Seen { session, lines }
    }

    /// How many sentences contain these words.
    pub fn count(&self, words: &str) -> usize {
        self.lines.iter().filter(|line| line.sentence.contains(words)).count()
    }

    /// Whether an application was told something that starts so.
    pub fn tells(&self, word: &str) -> bool {
        self.lines.iter().flat_map(|line| &line.outputs).any(|it| it.starts_with(word))
    }

    /// Whether what should come up sometimes did.
    ///
    /// # Panics
    /// When the protocol claims nothing of this name.
    pub fn reached(&self, name: &str) -> bool {
        let claims = self.session.view().claims;
        let claim = claims.iter().find(|it| it.name == name);
        matches!(claim.unwrap_or_else(|| panic!("no claim `{name}`")).standing, Standing::Reached { .. })
    }
}

/// Holds a protocol's vetted seeds to what is said of them: `happens` says of a seed whether that happens in a run. It does
/// with the seed, and with less than half of the first ten.
///
/// # Panics
/// When it does not, and when there are no vetted seeds.
pub fn vetted(slug: &str, happens: impl Fn(u64, &Seen) -> bool) {
    let entry = find(slug).unwrap_or_else(|| panic!("no protocol `{slug}`"));
    assert!(!entry.seeds.is_empty(), "{slug} has no vetted seeds");
    for &Vetted { seed, sentence } in entry.seeds {
        assert!(happens(seed, &Seen::of(entry, seed)), "{slug}, seed {seed}: {sentence}");
        let others = (1..=10).filter(|other| *other != seed);
        let others = others.filter(|other| happens(seed, &Seen::of(entry, *other))).count();
        assert!(others < 5, "{slug}: {others} of ten seeds do what {seed} is praised for");
    }
}
