//! The way to the office: standing for election, winning, halting the lower nodes where that is set, and leading.

use super::{Bully, HALT, Message, Output, State, Timer};
use faultline_core::prelude::*;

const WIN: Rule = Rule::new(
    "CDKB 15.3.2",
    "A node that no higher one answers in time is the highest, and announces itself to all lower ones.",
);

impl Bully {
    /// Stands for election: asks all higher nodes, but for one that the twin takes for down.
    pub(super) fn stand(&mut self, down: Option<NodeId>, ctx: &mut Ctx<Self>) {
        let bugs = &ctx.params().bugs;
        let (everybody, part) = (bugs.asks_everybody, if bugs.hasty { 4 } else { 1 });
        ctx.output(Output::Stands);
        ctx.cancel(Timer::Silence);
        let me = self.me;
        let asked = |node: &NodeId| (*node > me || everybody) && Some(*node) != down;
        let asked: Vec<NodeId> = ctx.others().filter(asked).collect();
        if asked.is_empty() {
            return self.win(ctx);
        }
        self.state = State::Standing;
        for node in asked {
            ctx.send(node, Message::Election);
        }
        let timeout = ctx.params().timeout / part;
        ctx.set(Timer::Answers, timeout);
    }

    /// No higher node has answered.
    pub(super) fn win(&mut self, ctx: &mut Ctx<Self>) {
        let lower: NodeSet = ctx.others().filter(|node| *node < self.me).collect();
        if !self.halts || lower.is_empty() {
            return self.lead(ctx);
        }
        ctx.tell(&HALT, || "hears no higher node and halts all lower ones".into());
        for node in lower.iter() {
            ctx.send(node, Message::Halt);
        }
        self.state = State::Halting(lower);
        let timeout = ctx.params().timeout;
        ctx.set(Timer::Answers, timeout);
    }

    /// Leads, and tells all lower nodes.
    pub(super) fn lead(&mut self, ctx: &mut Ctx<Self>) {
        self.state = State::Leading;
        ctx.tell(&WIN, || "leads and announces itself".into());
        ctx.output(Output::Leads);
        ctx.cancel(Timer::Answers);
        ctx.cancel(Timer::Announcement);
        for node in ctx.others().filter(|node| *node < self.me) {
            ctx.send(node, Message::Coordinator);
        }
    }
}
