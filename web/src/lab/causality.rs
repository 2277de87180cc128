//! What an event may have come of, and what may have come of it: asked of the core when the selection changes, and
//! how far both reach on every lifeline.

use faultline_core::Session;
use faultline_core::time::Micros;

/// The past and the future of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Causality {
    /// Which event.
    pub event: usize,
    /// Of every event known, whether it may have influenced this one.
    pub past: Vec<bool>,
    /// Of every event known, whether this one may have influenced it.
    pub future: Vec<bool>,
    /// Of every node the last step in the past and the first step in the future.
    pub fronts: Vec<(Option<Micros>, Option<Micros>)>,
}

/// How an event stands to the one that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the one, or may have influenced it.
    Past,
    /// It may have been influenced.
    Future,
    /// Neither.
    Concurrent,
}

impl Causality {
    /// The past and the future of an event.
    pub fn of(session: &Session, event: usize) -> Self {
        let (past, future) = (session.past(event), session.future(event));
        let mut fronts = vec![(None, None); session.scenario().nodes as usize];
        for (place, record) in session.run().records().iter().enumerate() {
            let Some(front) = fronts.get_mut(record.node as usize).filter(|_| record.what.is_step()) else {
                continue;
            };
            if past.get(place) == Some(&true) {
                front.0 = Some(record.time);
            }
            if future.get(place) == Some(&true) && front.1.is_none() {
                front.1 = Some(record.time);
            }
        }
        Causality { event, past, future, fronts }
    }

    /// How another event stands to this one.
    pub fn relation(&self, other: usize) -> Relation {
        match (self.past.get(other), self.future.get(other)) {
            (Some(true), _) => Relation::Past,
            (_, Some(true)) => Relation::Future,
            _ => Relation::Concurrent,
        }
    }
}

impl Relation {
    /// Its name in the style sheet.
    pub fn class(self) -> Option<&'static str> {
        match self {
            Relation::Past => Some("past"),
            Relation::Future => Some("future"),
            Relation::Concurrent => None,
        }
    }
}
