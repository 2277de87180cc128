//! The texts of the runs that come with a protocol. Where a program has its protocols in parts, these texts are files beside
//! them: one for each run, since a page shows one, and one with all runs of a protocol, in the order of its gallery.

use super::Entry;
use crate::title::Preset;
use std::sync::{PoisonError, RwLock};

/// The name of the run that a protocol opens with, where it has one.
pub const DEFAULT: &str = "default";
/// What stands before the name of a run in a file of several.
const HEAD: &str = "= ";

/// Texts that were fetched: the protocol they are of, and whether these are all of its runs.
struct Fetched {
    slug: &'static str,
    is_all: bool,
    presets: &'static [Preset],
}

static FETCHED: RwLock<Vec<Fetched>> = RwLock::new(Vec::new());

/// Keeps the text of one run that comes with a protocol. Nothing that has arrived is ever taken away.
pub fn add_text(slug: &'static str, name: &str, text: String) {
    keep(slug, false, vec![Preset { name: name.to_owned().leak(), text: text.leak() }]);
}

/// Keeps the texts of all runs that come with a protocol, as [`all_texts`] writes them; whether they are such texts.
pub fn add_texts(slug: &'static str, all: String) -> bool {
    let mut presets: Vec<Preset> = Vec::new();
    let mut rest: &'static str = all.leak();
    while let Some((name, after)) = rest.strip_prefix(HEAD).and_then(|rest| rest.split_once('\n')) {
        let end = after.find("\n= ").map_or(after.len(), |end| end + 1);
        let (text, next) = after.split_at(end);
        presets.push(Preset { name, text });
        rest = next;
    }
    let are_texts = rest.is_empty() && !presets.is_empty();
    if are_texts {
        keep(slug, true, presets);
    }
    are_texts
}

fn keep(slug: &'static str, is_all: bool, presets: Vec<Preset>) {
    let presets = presets.leak();
    FETCHED.write().unwrap_or_else(PoisonError::into_inner).push(Fetched { slug, is_all, presets });
}

/// The texts of all runs, each behind a line with its name.
pub fn all_texts(presets: &[Preset]) -> String {
    presets.iter().fold(String::new(), |all, preset| all + HEAD + preset.name + "\n" + preset.text)
}

impl Entry {
    /// The runs that come with it, in the order of its gallery; none as long as their texts have still to arrive.
    pub fn presets(&self) -> &'static [Preset] {
        self.texts().unwrap_or_default()
    }

    /// Whether the texts of all its runs are here.
    pub fn has_texts(&self) -> bool {
        self.texts().is_some()
    }

    /// The runs whose texts are here: all of them, or those that were fetched one by one.
    pub fn at_hand(&self) -> Vec<Preset> {
        if let Some(all) = self.texts() {
            return all.to_vec();
        }
        let fetched = FETCHED.read().unwrap_or_else(PoisonError::into_inner);
        let own = fetched.iter().filter(|it| it.slug == self.info.slug);
        own.flat_map(|it| it.presets).copied().collect()
    }

    /// Whether the text of a run is here, as far as there is such a run.
    pub fn has_text(&self, name: &str) -> bool {
        self.has_texts()
            || name == DEFAULT && self.opens_plain
            || self.at_hand().iter().any(|preset| preset.name == name)
    }

    fn texts(&self) -> Option<&'static [Preset]> {
        let fetched = || {
            let fetched = FETCHED.read().unwrap_or_else(PoisonError::into_inner);
            fetched.iter().find(|it| it.is_all && it.slug == self.info.slug).map(|it| it.presets)
        };
        self.own.or_else(fetched)
    }
}
