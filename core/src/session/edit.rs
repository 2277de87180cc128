//! The acts of a session as marks that can be moved and taken away, and its scenario as a text that can be rewritten.

use super::Session;
use crate::scenario::{Act, Completion, Known, Moment, Scenario, Timed, complete};
use crate::text::Complaint;
use crate::time::{LATEST, Micros};
use crate::trace::{Flags, Record, What};
use crate::view::ActView;

impl Session {
    /// The acts of the scenario, in order.
    pub fn acts(&self) -> Vec<ActView> {
        let records = self.run.records().iter().enumerate();
        let mut done = records.filter(|(_, record)| record.flags.has(Flags::ACT));
        let mut cursor = self.run.at(0);
        let view = |(index, timed): (usize, &Timed)| {
            let (words, found) = (timed.act.to_string(), done.next());
            let refused = found.filter(|(_, record)| record.what == What::Refused).and_then(|(event, _)| {
                self.run.move_to(&mut cursor, event);
                cursor.refusal(self.scenario())
            });
            let (time, asks) = (timed.at.time, matches!(timed.act, Act::Ask(..)));
            ActView { index, time, words, asks, event: found.map(|(event, _)| event), refused }
        };
        self.scenario().acts.iter().enumerate().map(view).collect()
    }

    /// Takes an act away, by its place; the run follows, and the playhead keeps its time.
    ///
    /// # Errors
    /// One sentence when there is no such act.
    pub fn remove_act(&mut self, index: usize) -> Result<(), String> {
        let (_, scenario) = self.without_act(index)?;
        self.change_branch(scenario);
        Ok(())
    }

    /// Moves an act to a time, after all that happens then, and returns its new place.
    ///
    /// # Errors
    /// One sentence when there is no such act.
    pub fn move_act(&mut self, index: usize, time: Micros) -> Result<usize, String> {
        let (Timed { act, .. }, scenario) = self.without_act(index)?;
        let at = Moment { time: time.min(LATEST), nth: None };
        let place = scenario.acts.partition_point(|timed| timed.at.number() <= at.number());
        self.change_branch(scenario.with_acts(place, at, vec![act]));
        Ok(place)
    }

    fn without_act(&self, index: usize) -> Result<(Timed, Scenario), String> {
        let mut scenario = self.scenario().clone();
        if index >= scenario.acts.len() {
            return Err(format!("there is no act {}; the scenario has {}", index + 1, scenario.acts.len()));
        }
        let act = scenario.acts.remove(index);
        scenario.expectations.clear();
        Ok((act, scenario))
    }

    /// Puts another text in place of the whole scenario. The run follows: where only acts differ in the same branch, from
    /// the first that does; the playhead keeps its time. With other settings it starts anew, in a branch of its own.
    ///
    /// # Errors
    /// The first line that cannot be read, and why; then nothing has changed.
    pub fn edit(&mut self, text: &str) -> Result<(), Complaint> {
        self.is_alive().map_err(|sentence| Complaint { line: 1, sentence })?;
        let scenario = Scenario::parse(text)?;
        self.put("edited", scenario).map_err(|sentence| Complaint { line: 1, sentence })
    }

    /// What may be written at a byte of a text that is to take the place of the scenario's. What is known of the run at
    /// the time of an act is what is known of the open run then.
    pub fn complete(&self, text: &str, cursor: usize) -> Vec<Completion> {
        let same = Scenario::protocol_of(text) == Some(self.info().slug);
        let records = self.run.records();
        let before_acts = |time| {
            let start = records.partition_point(|record| record.time < time);
            let of_itself = |record: &&Record| record.time == time && !record.flags.has(Flags::ACT);
            start + records[start..].iter().take_while(of_itself).count()
        };
        let world = |time| same.then(|| self.run.at(before_acts(time)).world);
        complete(text, cursor, &Known { now: self.time, world: &world })
    }
}
