//! Client sessions (§8; thesis §6.3): how a command that a client repeats is executed once.
//!
//! A client that gets no answer does not know whether its command was lost or only the answer. It asks again,
//! perhaps another server, and then the command may be in the log twice. So a client first registers a
//! session, and numbers its commands within it. The state machine keeps the latest number of each session
//! with its answer. It executes a command with a later number, and answers one with the same number from
//! memory. The table is a part of the state machine: every server builds it from the same log, and a snapshot
//! contains it, so it survives every leader.
//!
//! A table cannot grow for ever. Where there are too many sessions, the one that was used least recently
//! ends, counted in entries of the log: all servers must end the same session at the same entry, or one
//! executes what another skips. A command of a session that has ended is not executed, because it may have
//! been before; the client is told so.
//!
//! **What is left out:** a client waits for each answer before its next command, so one number per session is enough.
//! The thesis also lets leaders write the time into entries and ends sessions by that.

use super::{Input, Output, Raft};
use crate::{Command, Reply, Request, Serial};
use faultline_core::prelude::*;

const REGISTER: Rule = Rule::new(
    "thesis §6.3",
    "The client registers a session. The index of the entry that opens it is its name.",
);
const NUMBERED: Rule = Rule::new(
    "thesis §6.3",
    "The leader appends a numbered command without looking at the number; the state machine looks at it.",
);
const SKIP: Rule = Rule::new(
    "thesis §6.3",
    "The state machine does not execute a command whose number its session has seen. It repeats the answer.",
);
const END: Rule = Rule::new(
    "thesis §6.3",
    "Where there are too many sessions, every server ends the same one: that which the log used least \
     recently.",
);
const ENDED: Rule = Rule::new(
    "thesis §6.3",
    "A command is not executed if there is no such session. The session may have ended, and the command may \
     have been executed before.",
);
const EARLIER: Rule = Rule::new(
    "thesis §6.3",
    "A command with an earlier number is neither executed nor answered. The client had its answer before it \
     went on.",
);
const NONE: Rule = Rule::new("problem", "Without sessions, a server refuses to register one and to use one.");
const FROM_MEMORY: Rule = Rule::new(
    "against thesis §6.3",
    "This wrong twin keeps the answers of a session at the leader only, and answers a repeated command from \
     there.",
);
const BY_CLOCK: Rule = Rule::new(
    "against thesis §6.3",
    "This wrong twin ends a session by its own clock, so servers end it at different entries.",
);

/// What the state machine keeps of a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session {
    /// The number of the latest command that was executed.
    pub number: u64,
    /// What it asked for, which a client that uses a number twice is told; none before the first.
    pub request: Option<Request>,
    /// What it was answered.
    pub value: Option<u64>,
    /// The index of the entry that used it last; of the wrong twin, the time.
    pub used: u64,
}

/// The sessions by their names.
pub type Sessions = Map<u64, Session>;

impl Raft {
    /// The leader is asked for a session, or in one.
    pub(super) fn ask_in_session(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        let command = match &input {
            Input::Register if self.has_sessions => Command::Register,
            Input::Numbered { serial, request } if self.has_sessions => {
                Command::Numbered { serial: *serial, request: request.clone() }
            }
            _ => {
                ctx.note(&NONE);
                return ctx.output(Output::Refused { input });
            }
        };
        let Command::Numbered { serial, request } = &command else {
            return self.append(command, &REGISTER, ctx);
        };
        if ctx.params().bugs.keeps_sessions_at_leader
            && let Some(known) = self.sessions.get(&serial.session).filter(|it| it.number == serial.number)
        {
            ctx.note(&FROM_MEMORY);
            let (serial, request, value) = (*serial, request.clone(), known.value);
            return ctx.output(Output::Client(Reply::Done { serial, request, value }));
        }
        self.append(command, &NUMBERED, ctx);
    }

    /// A session begins with the entry that is applied now.
    pub(super) fn register(&mut self, ctx: &mut Ctx<Self>) -> Reply {
        self.expire(ctx);
        while self.sessions.len() as u64 >= ctx.params().sessions.max(1) {
            let oldest = self.sessions.iter().min_by_key(|(_, session)| session.used);
            let Some(oldest) = oldest.map(|(name, _)| *name) else { break };
            self.sessions.remove(&oldest);
            ctx.tell(&END, || format!("ends session s{oldest}, which was used least recently"));
        }
        let (session, used) = (self.applied, self.use_of(ctx));
        self.sessions.insert(session, Session { number: 0, request: None, value: None, used });
        Reply::Registered { session }
    }

    /// Executes the command that is applied now, unless its session has seen it or a later one.
    pub(super) fn execute(&mut self, serial: Serial, request: Request, ctx: &mut Ctx<Self>) -> Option<Reply> {
        if ctx.params().bugs.keeps_sessions_at_leader {
            return Some(self.execute_again(serial, request, ctx));
        }
        self.expire(ctx);
        let (index, used) = (self.applied, self.use_of(ctx));
        let Some(session) = self.sessions.get_mut(&serial.session) else {
            ctx.tell(&ENDED, || {
                format!("does not execute {serial}: there is no session s{}", serial.session)
            });
            ctx.output(Output::Skipped { index, serial });
            return Some(Reply::Expired { serial });
        };
        session.used = used;
        if serial.number < session.number {
            ctx.tell(&EARLIER, || {
                format!("does not execute {serial}: the session is at number {}", session.number)
            });
            ctx.output(Output::Skipped { index, serial });
            return None;
        }
        if serial.number == session.number {
            ctx.tell(&SKIP, || format!("does not execute {serial} again"));
            ctx.output(Output::Skipped { index, serial });
            let (request, value) = (session.request.clone().unwrap_or(request), session.value);
            return Some(Reply::Done { serial, request, value });
        }
        request.apply(&mut self.store);
        let value = self.store.get(&request.key()).copied();
        (session.number, session.request, session.value) = (serial.number, Some(request.clone()), value);
        Some(Reply::Done { serial, request, value })
    }

    /// What the wrong twin does that keeps answers at the leader only.
    fn execute_again(&mut self, serial: Serial, request: Request, ctx: &Ctx<Self>) -> Reply {
        request.apply(&mut self.store);
        let value = self.store.get(&request.key()).copied();
        if self.leads() {
            let used = self.use_of(ctx);
            let (number, request) = (serial.number, Some(request.clone()));
            self.sessions.insert(serial.session, Session { number, request, value, used });
        }
        Reply::Done { serial, request, value }
    }

    /// When a session is used: the index of the entry that uses it. A clock would differ from server to
    /// server.
    fn use_of(&self, ctx: &Ctx<Self>) -> u64 {
        if ctx.params().bugs.expires_by_own_clock { ctx.clock() } else { self.applied }
    }

    /// What the wrong twin does that ends sessions by its own clock.
    fn expire(&mut self, ctx: &mut Ctx<Self>) {
        if !ctx.params().bugs.expires_by_own_clock {
            return;
        }
        let (now, idle) = (ctx.clock(), ctx.params().election_max);
        let before = self.sessions.len();
        self.sessions.retain(|_, session| session.used.saturating_add(idle) >= now);
        if self.sessions.len() < before {
            ctx.note(&BY_CLOCK);
        }
    }

    /// What a leader may be asked in sessions: to register one, and of each its latest command once more, and
    /// its next one. What the command asks for follows from its name, so that a command that is repeated is
    /// the same.
    pub(super) fn offer_sessions(&self, inputs: &mut Vec<Input>) {
        if !self.has_sessions || !self.leads() {
            return;
        }
        inputs.push(Input::Register);
        for (&session, state) in self.sessions.iter() {
            for number in [state.number, state.number + 1].into_iter().filter(|&number| number > 0) {
                let request = Request::Put { key: 'y', value: session * 100 + number };
                inputs.push(Input::Numbered { serial: Serial { session, number }, request });
            }
        }
    }
}
