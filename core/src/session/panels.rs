//! What panels show beyond the cards: curves over the run, and the history of clients with its verdict. Both cost more
//! than a moment's View, so they are made only when somebody looks.

use super::Session;
use crate::history::{KeyValue, Model};
use crate::linearizability::{Verdict, check};
use crate::time::Micros;
use crate::view::{Curves, OperationView, Operations};

/// How many points a curve over time has.
const POINTS: u64 = 120;
/// How many attempts at an operation the verdict on a history may take.
const BUDGET: u64 = 200_000;

impl Session {
    /// The protocol's curves: those over time up to the horizon, all others at the playhead, each beside theory's. To
    /// measure over time is to play the run once more; where that has been done before, `known` saves it.
    pub fn curves(&self, known: Option<&[Curves]>) -> Vec<Curves> {
        let span = self.run.horizon().min(self.scenario().until);
        let mut charts = self.cursor.world.charts(span);
        if known.is_none() && charts.iter().any(|(_, over_time)| *over_time) {
            self.sample(span, &mut charts);
        }
        for (place, (curves, over_time)) in charts.iter_mut().enumerate() {
            if !*over_time {
                curves.measured = self.cursor.world.chart_points(place);
            } else if let Some(known) = known.and_then(|known| known.get(place)) {
                curves.measured.clone_from(&known.measured);
            }
        }
        charts.into_iter().map(|(curves, _)| curves).collect()
    }

    /// Measures what is drawn over time, playing the run once more.
    fn sample(&self, span: Micros, charts: &mut [(Curves, bool)]) {
        let (mut cursor, scenario) = (self.run.at(0), self.scenario());
        for time in (0..=POINTS).map(|nth| span * nth / POINTS) {
            while cursor.step(scenario, time).is_some() {}
            for (place, (curves, over_time)) in charts.iter_mut().enumerate() {
                if *over_time {
                    let points = cursor.world.chart_points(place);
                    curves.measured.extend(points.first().map(|(_, value)| (time, *value)));
                }
            }
        }
    }

    /// What clients have asked and been told up to the playhead; `None` where the protocol has no clients.
    pub fn operations(&self) -> Option<Operations> {
        let history = self.cursor.world.history()?;
        let (linearizable, sentence, impossible) = match check::<KeyValue>(history, BUDGET) {
            Verdict::Holds { .. } => {
                (Some(true), "Linearizable: some order, one by one, explains every answer.".into(), None)
            }
            Verdict::Fails(refutation) => {
                let sentence = format!("Not linearizable: {}.", refutation.sentence);
                (Some(false), sentence, Some(refutation.operation))
            }
            Verdict::Unknown { sentence } => (None, format!("Not decided: {sentence}."), None),
        };
        let view = |(place, operation): (usize, &_)| operation_view(operation, impossible == Some(place));
        let operations = history.operations.iter().enumerate().map(view).collect();
        Some(Operations { operations, linearizable, sentence })
    }
}

fn operation_view(operation: &crate::history::OperationOf<KeyValue>, impossible: bool) -> OperationView {
    OperationView {
        process: operation.process,
        text: KeyValue::words(&operation.input, operation.output()),
        invoked: operation.invoked,
        returned: operation.returned.as_ref().map(|(at, _)| *at),
        impossible,
    }
}
