//! Collecting the parts of a snapshot, which the paper leaves to others: everyone tells everyone.

use super::{Channels, Part, Says, Snapshot};
use crate::{Name, Output};
use faultline_core::prelude::*;

const COLLECT: Rule = Rule::new(
    "§3.3",
    "Each process sends what it recorded along its channels, and passes on what it receives for the first time.",
);

impl Snapshot {
    /// Adds a part to those that it knows, and passes it on if the others have no channel from its process.
    pub(super) fn collect(&mut self, name: Name, of: NodeId, part: Part, ctx: &mut Ctx<Self>) {
        ctx.note(&COLLECT);
        let parts = self.reports.or_default(name);
        if parts.contains_key(&of) {
            return;
        }
        parts.insert(of, part.clone());
        let sum = parts.values().map(Part::sum).sum();
        let is_all = parts.len() == self.count;
        if of == self.me || ctx.params().channels == Channels::Ring {
            self.send(&Says::Report(name, of, part), ctx);
        }
        if is_all {
            ctx.tell(&COLLECT, || format!("knows snapshot {name}, with {sum} in all"));
            ctx.output(Output::Assembled(name, sum));
        }
    }
}
