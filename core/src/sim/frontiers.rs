//! The cuts through a run that its nodes name, and the messages that cross them backwards.

use crate::name::NodeId;
use crate::trace::{Record, What};
use crate::view::{Backwards, Frontier, Point};
use std::rc::Rc;

/// The cuts of a run.
#[derive(Clone, Default)]
pub(super) struct Frontiers(Rc<Vec<Frontier>>);

impl Frontiers {
    pub(super) fn all(&self) -> Rc<Vec<Frontier>> {
        self.0.clone()
    }

    /// Adds the latest event as its node's point of a cut; a node has one point of each. What crosses the cut backwards was received
    /// by this node before its point and sent by another one after that one's, whose point is thus known already.
    pub(super) fn add(&mut self, name: String, records: &[Record]) {
        let Some((record, before)) = records.split_last() else { return };
        let cuts = Rc::make_mut(&mut self.0);
        let known = cuts.iter().rposition(|cut| cut.name == name);
        let place = known.unwrap_or_else(|| {
            cuts.push(Frontier { name, points: Vec::new(), backwards: Vec::new() });
            cuts.len() - 1
        });
        let Frontier { points, backwards, .. } = &mut cuts[place];
        let node = NodeId(record.node);
        if points.iter().any(|point| point.node == node) {
            return;
        }
        let first = points.first().map_or(before.len(), |point| point.event);
        let arrived = before.iter().enumerate().skip(first);
        for (event, arrival) in arrived.filter(|(_, it)| it.what == What::Deliver && it.node == node.0) {
            let is_after =
                |point: &Point| point.node.0 == arrival.peer && point.event <= arrival.cause as usize;
            if let Some(sent) = before.get(arrival.cause as usize).filter(|_| points.iter().any(is_after)) {
                let (from, sent, arrived) = (NodeId(arrival.peer), sent.time, arrival.time);
                backwards.push(Backwards { from, to: node, sent, arrived, event });
            }
        }
        points.push(Point { node, event: before.len(), time: record.time });
    }

    /// The cuts of the beginning of the run of which these are the records.
    pub(super) fn up_to(&self, records: &[Record]) -> Self {
        let mut points: Vec<(usize, &str)> = Vec::new();
        for cut in self.0.iter() {
            points.extend(cut.points.iter().map(|point| (point.event, &*cut.name)));
        }
        crate::toolbox::order::by_number(&mut points, |(event, _)| *event as u128);
        let mut kept = Frontiers::default();
        for (event, name) in points.into_iter().filter(|(event, _)| *event < records.len()) {
            kept.add(name.to_owned(), &records[..=event]);
        }
        kept
    }
}
