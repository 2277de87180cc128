//! Failover: a standby is promoted, the old primary is fenced, and a server that went another way is rewound.

use super::server::{OBSOLETE, Role, Server};
use super::wal::{Entry, Pages};
use super::words::several;
use super::{AGAIN, LogShipping, Message, Newest, Output, Seat, Shipping, Timer};
use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use std::rc::Rc;

const FENCE: Rule = Rule::new(
    "PG 26.3",
    "Before a standby serves, the owner of the newest timeline must have promised to serve it no more.",
);
const UNFENCED: Rule = Rule::new("against PG 26.3", "Nobody fences the old primary.");
const VOUCH: Rule =
    Rule::new("PG 26.3", "An operator who has seen that the old primary is off stands in for its promise.");
const FENCED: Rule =
    Rule::new("PG 26.3", "A server that is fenced serves that timeline no more, even after a crash.");
const CLAIM: Rule =
    Rule::new("PG 25.3.6", "A promoted standby goes on with its log, on a timeline of its own.");
const LATE: Rule = Rule::new("PG 25.3.6", "Another server has a newer timeline, so this one gives up.");
const BOOT: Rule = Rule::new(
    "PG 26.3",
    "A primary that restarts must be told if it is the primary no longer. Here it asks the archive.",
);
const RESUME: Rule = Rule::new("PG 26.3", "Nobody has a newer timeline, so the primary goes on.");
const REWIND: Rule = Rule::new(
    "pg_rewind",
    "A server whose log went another way takes over the pages and the log of the primary.",
);
const REWOUND: Rule =
    Rule::new("pg_rewind", "What only that server had is lost; then it follows as a standby.");
const AGAIN_RULE: Rule = Rule::new("problem", "A request that was not answered is sent again.");

impl Server {
    pub(super) fn promote(&mut self, ctx: &mut Ctx<LogShipping>) {
        let from = if self.role == Role::Fenced { Seat::Fenced } else { Seat::Standby };
        self.role = Role::Promoting { claims: None, from };
        ctx.set(Timer::Ask, AGAIN);
        let Newest(timeline, owner) = self.disk.newest;
        if !ctx.params().fencing || owner == self.me {
            ctx.note(&UNFENCED);
            self.claim(ctx);
            return;
        }
        ctx.tell(&FENCE, || format!("is to be promoted and has {owner} fenced"));
        ctx.send(owner, Message::Fence { timeline });
        if ctx.params().bugs.fences_late {
            self.claim(ctx);
        }
    }

    pub(super) fn confirm(&mut self, ctx: &mut Ctx<LogShipping>) {
        let Newest(_, owner) = self.disk.newest;
        ctx.tell(&VOUCH, || format!("is told that {owner} is off"));
        ctx.output(Output::Vouched(owner));
        self.claim(ctx);
    }

    /// Receives nothing any more, brings its log to its disk and its pages, and asks for a timeline.
    fn claim(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.flush(ctx);
        self.replay(self.wal.len(), ctx);
        ctx.output(Output::Replayed(self.replayed));
        let Newest(after, _) = self.disk.newest;
        if let Role::Promoting { claims, .. } = &mut self.role {
            *claims = Some(after);
        }
        self.disk.requests += 1;
        ctx.tell(&CLAIM, || "claims a new timeline".into());
        self.send_claim(ctx);
    }

    /// What it claims stays the same, though it may hear of a newer timeline: it has had nobody else fenced.
    fn send_claim(&self, ctx: &mut Ctx<LogShipping>) {
        let Role::Promoting { claims: Some(after), .. } = self.role else { return };
        ctx.send(self.archive(), Message::Claim { request: self.disk.requests, after });
    }

    /// Is told to serve no more.
    pub(super) fn fence(&mut self, from: NodeId, timeline: u32, ctx: &mut Ctx<LogShipping>) {
        self.disk.fenced = self.disk.fenced.max(timeline);
        if self.disk.newest.0 < timeline {
            self.disk.newest = Newest(timeline, self.me);
        }
        if matches!(self.role, Role::Primary | Role::Starting) && self.disk.timeline <= timeline {
            self.fence_off(ctx);
        } else {
            ctx.note(&FENCED);
        }
        ctx.send(from, Message::Fenced { timeline });
    }

    fn fence_off(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.stop(Seat::Fenced, ctx);
        self.disk.fenced = self.disk.fenced.max(self.disk.timeline);
        let timeline = self.disk.timeline;
        ctx.cancel(Timer::Ask);
        ctx.tell(&FENCED, || format!("is fenced off timeline {timeline}"));
        ctx.output(Output::FencedOff(timeline));
    }

    pub(super) fn fenced(&mut self, from: NodeId, timeline: u32, ctx: &mut Ctx<LogShipping>) {
        let waits = matches!(self.role, Role::Promoting { claims: None, .. });
        if waits && Newest(timeline, from) == self.disk.newest {
            self.claim(ctx);
        } else {
            ctx.note(&OBSOLETE);
        }
    }

    pub(super) fn granted(&mut self, timeline: u32, ctx: &mut Ctx<LogShipping>) {
        let Role::Promoting { claims: Some(_), .. } = self.role else {
            ctx.note(&OBSOLETE);
            return;
        };
        if timeline <= self.disk.fenced {
            ctx.note(&FENCED);
            return;
        }
        (self.disk.timeline, self.disk.began) = (timeline, self.wal.len());
        self.disk.newest = Newest(timeline, self.me);
        // It archives from the segment on in which its timeline begins. What the old primary has not archived is missing there.
        self.disk.archived = self.wal.len() / self.segment;
        self.serve(ctx);
    }

    /// Hears which timeline is the newest: one that it may not claim, whether its own still is, or whose log it is to take over.
    pub(super) fn hear_newest(&mut self, timeline: u32, owner: NodeId, ctx: &mut Ctx<LogShipping>) {
        match self.role {
            Role::Promoting { claims: Some(_), from, .. } => {
                ctx.tell(&LATE, || format!("gives up: {owner} has timeline {timeline}"));
                self.disk.newest = self.disk.newest.max(Newest(timeline, owner));
                self.stop(from, ctx);
                self.matched = 0;
                if !self.follows_by_file() {
                    ctx.cancel(Timer::Ask);
                }
            }
            Role::Starting if timeline == self.disk.timeline && self.disk.fenced < timeline => {
                ctx.note(&RESUME);
                self.serve(ctx);
            }
            Role::Starting => {
                self.disk.newest = self.disk.newest.max(Newest(timeline, owner));
                self.fence_off(ctx);
            }
            Role::Rewinding if Newest(timeline, owner) > self.disk.newest => {
                ctx.note(&REWIND);
                self.disk.newest = Newest(timeline, owner);
                self.ask_for_copy(ctx);
            }
            _ => ctx.note(&OBSOLETE),
        }
    }

    pub(super) fn ask_newest(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.tell(&BOOT, || "asks the archive whether it is still the primary".into());
        ctx.send(self.archive(), Message::Ask { request: self.disk.requests });
        ctx.set(Timer::Ask, AGAIN);
    }

    // Rewinding.

    pub(super) fn rewind(&mut self, ctx: &mut Ctx<LogShipping>) {
        self.role = Role::Rewinding;
        self.disk.requests += 1;
        ctx.tell(&REWIND, || "is to be rewound".into());
        self.ask_for_copy(ctx);
    }

    /// Asks the primary. Where the log is shipped by file, no primary sends records to servers, so only the archive can say which
    /// server that is.
    fn ask_for_copy(&self, ctx: &mut Ctx<LogShipping>) {
        let (Newest(_, owner), request) = (self.disk.newest, self.disk.requests);
        if self.shipping == Shipping::File {
            ctx.send(self.archive(), Message::Ask { request });
        }
        if owner != self.me {
            ctx.send(owner, Message::Rewind { request });
        }
        ctx.set(Timer::Ask, AGAIN);
    }

    pub(super) fn take_copy(
        &mut self,
        timeline: u32,
        wal: Log<Entry>,
        pages: Rc<Pages>,
        redo: u64,
        ctx: &mut Ctx<LogShipping>,
    ) {
        if self.role != Role::Rewinding || timeline < self.disk.timeline {
            ctx.note(&OBSOLETE);
            return;
        }
        let shared = (0..=self.wal.len().min(wal.len())).rev().find(|lsn| self.wal.agrees_until(&wal, *lsn));
        let discarded = self.wal.len() - shared.unwrap_or(0);
        self.clear(ctx);
        self.install(pages, redo);
        (self.disk.wal, self.wal) = (wal.clone(), wal);
        (self.disk.timeline, self.matched) = (timeline, self.wal.len());
        self.role = Role::Standby;
        self.replay(self.wal.len(), ctx);
        ctx.tell(&REWOUND, || {
            format!("discards {} and follows timeline {timeline}", several(discarded, "record"))
        });
        ctx.output(Output::Rewound(discarded));
        ctx.output(Output::Flushed(self.wal.len()));
        ctx.output(Output::Replayed(self.replayed));
        if !self.follows_by_file() {
            ctx.cancel(Timer::Ask);
        }
    }

    /// Sends again what was not answered.
    pub(super) fn ask_again(&mut self, ctx: &mut Ctx<LogShipping>) {
        ctx.note(&AGAIN_RULE);
        let Newest(timeline, owner) = self.disk.newest;
        match &self.role {
            Role::Starting => self.ask_newest(ctx),
            Role::Promoting { claims: Some(_), .. } => self.send_claim(ctx),
            Role::Promoting { .. } => ctx.send(owner, Message::Fence { timeline }),
            Role::Rewinding => self.ask_for_copy(ctx),
            Role::Restoring(_) => self.ask_archive(ctx),
            Role::Standby if self.follows_by_file() => self.poll(ctx),
            _ => return,
        }
        ctx.set(Timer::Ask, AGAIN);
    }
}
