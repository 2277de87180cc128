//! Dissemination and suspicion: what a node makes of news, how a member refutes what is said of it, and what rides on messages.

use super::{Entry, News, OUT, Output, Standing, Swim, Timer, Update};
use faultline_core::prelude::*;

const HEAR: Rule =
    Rule::new("§4.2", "A node changes its view where news overrides it, and passes the news on.");
const REFUTE: Rule = Rule::new(
    "§4.2",
    "A member that hears that it is suspected in its present incarnation raises it and says that it is alive.",
);

/// How many pieces of news fit on one message: those that were passed on least often.
const ROOM: usize = 6;

impl Swim {
    /// What another node says of members.
    pub(super) fn learn(&mut self, news: &[Update], ctx: &mut Ctx<Self>) {
        for update in news {
            if self.expelled {
                return;
            }
            if update.member == self.me {
                self.hear_of_myself(update.standing, ctx);
            } else if self.mark(*update, ctx) {
                ctx.tell(&HEAR, || format!("learns that {} {}", update.member, update.standing.said()));
                ctx.output(Output::Learnt(update.member, update.standing));
            }
        }
    }

    /// What it finds out of a member by itself.
    pub(super) fn find(&mut self, member: NodeId, standing: Standing, ctx: &mut Ctx<Self>) {
        if self.mark(Update { member, standing }, ctx) {
            ctx.output(Output::Found(member, standing));
        }
    }

    /// Changes the view, if this overrides what it says; whether it does.
    fn mark(&mut self, update: Update, ctx: &Ctx<Self>) -> bool {
        let bugs = &ctx.params().bugs;
        let Some(Entry { standing, since }) = self.view.get_mut(&update.member) else { return false };
        let is_new = match bugs.latest_wins {
            true => update.standing != *standing,
            false => update.standing.overrides(*standing),
        };
        if !is_new {
            return false;
        }
        *standing = update.standing;
        *since = match update.standing {
            Standing::Suspected(_) if bugs.keeps_old_deadline => since.or(Some(self.period)),
            Standing::Suspected(_) => Some(self.period),
            _ if bugs.keeps_old_deadline => *since,
            _ => None,
        };
        self.spread(update);
        true
    }

    fn hear_of_myself(&mut self, standing: Standing, ctx: &mut Ctx<Self>) {
        match standing {
            Standing::Suspected(incarnation) if incarnation < self.incarnation => {}
            Standing::Suspected(_) if ctx.params().bugs.refutes_unchanged => {
                self.spread(Update { member: self.me, standing: Standing::Alive(self.incarnation) });
            }
            Standing::Suspected(_) => {
                ctx.tell(&REFUTE, || {
                    format!("refutes the suspicion in incarnation {}", self.incarnation + 1)
                });
                self.raise(ctx);
            }
            Standing::Failed(_) => {
                ctx.tell(&OUT, || "hears that it was confirmed as failed, and stops".into());
                self.expelled = true;
                self.pinged = None;
                ctx.cancel(Timer::Period);
                ctx.cancel(Timer::Timeout);
                ctx.output(Output::Expelled);
            }
            // Its own news, or what the twin says in its name.
            Standing::Alive(_) => {}
        }
    }

    /// Raises its own incarnation, and says so.
    pub(super) fn raise(&mut self, ctx: &mut Ctx<Self>) {
        self.incarnation += 1;
        ctx.output(Output::Raised(self.incarnation));
        self.spread(Update { member: self.me, standing: Standing::Alive(self.incarnation) });
    }

    /// From now on it passes this on, and nothing older of the same member.
    fn spread(&mut self, update: Update) {
        self.news.retain(|news| news.update.member != update.member);
        self.news.push(News { sent: 0, update });
    }

    /// The news that rides on the next message.
    pub(super) fn piggyback(&mut self, ctx: &Ctx<Self>) -> Vec<Update> {
        self.news.sort_unstable();
        let mut riding = Vec::new();
        for news in self.news.iter_mut().take(ROOM) {
            news.sent += 1;
            riding.push(news.update);
        }
        if !ctx.params().bugs.never_forgets {
            self.news.retain(|news| news.sent < self.limits.sends);
        }
        riding
    }
}
