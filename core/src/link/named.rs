//! Scenarios that have a name: those that come with a protocol, and the one that it opens with.

use super::difference::deeds;
use super::key::{check, letters};
use crate::catalogue::{DEFAULT, Entry};
use crate::fingerprint;
use crate::scenario::Scenario;
use crate::text::shown;

/// A scenario with its name.
pub(super) struct Named {
    /// The name; none where the protocol opens with nothing set.
    pub(super) name: Option<&'static str>,
    /// What it names.
    pub(super) scenario: Scenario,
}

impl Named {
    /// The scenario that a link names, by the protocol alone or with a name behind it; one sentence when there is none.
    pub(super) fn by(entry: &'static Entry, name: Option<&str>) -> Result<Self, String> {
        let wanted = name.unwrap_or(DEFAULT);
        match (entry.at_hand().into_iter().find(|preset| preset.name == wanted), name) {
            (None, _) if !entry.has_text(wanted) => {
                Err(format!("the scenario `{}` of {} has not been loaded", shown(wanted), entry.info.title))
            }
            (Some(preset), _) => Scenario::parse(preset.text)
                .map(|scenario| Named { name: Some(preset.name), scenario })
                .map_err(|complaint| complaint.to_string()),
            (None, None) => Ok(Named { name: None, scenario: Scenario::of(entry) }),
            (None, Some(name)) => Err(format!(
                "this link names the scenario `{}`, which {} does not have",
                shown(name),
                entry.info.title
            )),
        }
    }

    /// The scenario with a name that another one was made from, as its title says; none as long as its text has still to arrive.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        let entry = scenario.entry;
        let is_its_title =
            |line: &str| line.strip_prefix("title ").is_some_and(|it| it.trim() == scenario.title);
        match entry.at_hand().into_iter().find(|preset| preset.text.lines().any(is_its_title)) {
            Some(preset) => Named::by(entry, Some(preset.name)).ok(),
            None => Named::by(entry, None).ok().filter(|named| named.name.is_none()),
        }
    }

    /// The protocol and the name, as a link begins that holds a difference.
    pub(super) fn path(&self) -> String {
        let slug = self.scenario.entry.info.slug;
        self.name.map_or_else(|| format!("/{slug}"), |name| format!("/{slug}/{name}"))
    }

    /// The link of a scenario that is this one, at any moment; with the letters of its run. A protocol's first run has no key.
    pub(super) fn write(&self, scenario: &Scenario, run: &str) -> Option<String> {
        let unmoved = Scenario { show: self.scenario.show, ..scenario.clone() };
        if unmoved.to_string() != self.scenario.to_string() {
            return None;
        }
        let moment = if scenario.show == self.scenario.show { None } else { Some(scenario.show?) };
        let is_first = self.name.is_none_or(|name| name == DEFAULT);
        let path = if is_first { format!("/{}", scenario.entry.info.slug) } else { self.path() };
        let link = moment.map_or_else(|| path.clone(), |moment| format!("{path}?{moment}"));
        if is_first {
            return Some(link);
        }
        let join = if moment.is_some() { '&' } else { '?' };
        Some(format!("{link}{join}k={}{run}", check(&link, run)))
    }

    /// The letters of the lines that its run depends on: captions may change, and the links that differ from it still open.
    pub(super) fn fingerprint(&self) -> String {
        letters(fingerprint::of(&deeds(&self.scenario)))
    }
}
