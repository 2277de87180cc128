//! What panels show beyond the cards: curves over the run, and the history of clients with its verdict. Both cost more
//! than a moment's View, so they are made only when somebody looks.

use super::Session;
use crate::claims::claims;
use crate::curves::Curves;
use crate::history::{KeyValue, Model};
use crate::linearizability::{Verdict, check};
use crate::measure::{Measures, Measuring};
use crate::sim::Cursor;
use crate::time::Micros;
use crate::view::{OperationView, Operations, Standing};

/// How many points a curve over time has.
const POINTS: u64 = 120;
/// How many attempts at an operation the verdict on a history may take.
const BUDGET: u64 = 200_000;

/// What curves over time show, as far as it is sampled.
pub struct Samples {
    span: Micros,
    cursor: Cursor,
    /// Of every curve whether it is one over time, and its points.
    over_time: Vec<bool>,
    curves: Vec<Vec<(u64, u64)>>,
    nth: u64,
}

impl Samples {
    fn take(&mut self, time: Micros) {
        for (place, curve) in self.curves.iter_mut().enumerate().filter(|(place, _)| self.over_time[*place]) {
            let points = self.cursor.world.chart_points(place);
            curve.extend(points.first().map(|(_, value)| (time, *value)));
        }
        self.nth += 1;
    }
}

impl Session {
    /// The protocol's curves: those over time as far as they are sampled, all others at the playhead, each beside theory's.
    pub fn curves(&self, samples: &Samples) -> Vec<Curves> {
        let mut charts = self.cursor.world.charts(samples.span);
        for (place, (curves, over_time)) in charts.iter_mut().enumerate() {
            curves.measured = match samples.curves.get(place) {
                Some(measured) if *over_time => measured.clone(),
                _ => self.cursor.world.chart_points(place),
            };
        }
        charts.into_iter().map(|(curves, _)| curves).collect()
    }

    /// Until when curves over time go.
    pub fn span(&self) -> Micros {
        self.run.horizon().min(self.scenario().until)
    }

    /// Begins to sample the curves over time. That is to play the run once more.
    pub fn samples(&self) -> Samples {
        let (span, cursor) = (self.span(), self.run.at(0));
        let charts = cursor.world.charts(span);
        let over_time = charts.iter().map(|(_, over_time)| *over_time).collect();
        Samples { span, cursor, over_time, curves: vec![Vec::new(); charts.len()], nth: 0 }
    }

    /// Samples on by so many events at most; whether all is sampled.
    pub fn sample(&self, samples: &mut Samples, most: usize) -> bool {
        if !samples.over_time.contains(&true) {
            return true;
        }
        for _ in 0..most {
            if samples.nth > POINTS {
                break;
            }
            let time = samples.span * samples.nth / POINTS;
            if samples.cursor.step(self.scenario(), time).is_none() {
                samples.take(time);
            }
        }
        samples.nth > POINTS
    }

    /// Why a history that is not linearizable is no contradiction, where no claim is violated.
    fn unclaimed(&self) -> &'static str {
        let claims = claims(self.scenario(), &self.cursor.world, self.time);
        let violated = claims.iter().any(|claim| matches!(claim.standing, Standing::Violated { .. }));
        let claimed = claims.iter().any(|claim| claim.sentence.contains("linearizable"));
        if violated || claimed {
            ""
        } else {
            " This contradicts no claim: the protocol does not claim to be linearizable."
        }
    }

    /// What is counted of the run, at the playhead.
    pub fn measures(&self, measuring: &Measuring) -> Measures {
        measuring.measures(&self.cursor.world)
    }

    /// What clients have asked and been told up to the playhead; `None` where the protocol has no clients.
    pub fn operations(&self) -> Option<Operations> {
        let history = self.cursor.world.history()?;
        let (linearizable, sentence, impossible) = match check::<KeyValue>(history, BUDGET) {
            Verdict::Holds { .. } => (
                Some(true),
                "Linearizable: executing the operations one by one, in some order, explains every answer."
                    .into(),
                None,
            ),
            Verdict::Fails(refutation) => {
                let sentence = format!("Not linearizable: {}.{}", refutation.sentence, self.unclaimed());
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
