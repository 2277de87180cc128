//! The computation that is recorded: processes send each other money.

use super::{Message, Says, Snapshot};
use crate::{Output, Transfer};
use faultline_core::prelude::*;

const SEND: Rule = Rule::new("§2", "An event may send one message along one outgoing channel.");
const REFUSE: Rule =
    Rule::new("problem", "A process sends only money that it has, along a channel that it has.");

impl Snapshot {
    /// Sends money along a channel, if there is so much, and such a channel.
    pub(super) fn transfer(&mut self, amount: u64, to: NodeId, ctx: &mut Ctx<Self>) {
        match &mut self.balance {
            Some(balance) if amount > 0 && *balance >= amount && self.outgoing.contains(to) => {
                *balance -= amount;
                self.sent += 1;
                let transfer = Transfer { from: self.me, number: self.sent, amount };
                ctx.note(&SEND);
                ctx.output(Output::Sent(to, transfer));
                ctx.send(to, Message { after: self.restart, says: Says::Transfer(transfer) });
            }
            _ => ctx.note(&REFUSE),
        }
    }
}
