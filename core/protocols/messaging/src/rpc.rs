//! # Remote procedure calls (Birrell & Nelson 1984; Lee et al. 2015, RIFL)
//!
//! A client calls a procedure of a server as if it were its own. Stubs on both sides turn the arguments into bytes and back, the
//! bytes travel in fragments, and a worker of the server's pool executes the call. The procedure here debits an account, so it
//! matters how often it is executed.
//!
//! A client that gets no reply cannot tell a lost request from a lost reply. What it does then is the **semantics** of the call:
//!
//! | semantics     | sends        | the server keeps              | executions | if no reply comes   |
//! |---------------|--------------|-------------------------------|------------|---------------------|
//! | maybe         | once         | nothing                       | 0 or 1 *   | unknown             |
//! | at least once | again        | nothing                       | 0 or more  | unknown, at the end |
//! | at most once  | again        | a table in memory             | 0 or 1     | unknown, at the end |
//! | exactly once  | without end  | a table on disk, with effects | 1          | it goes on          |
//!
//! (* More, if the network duplicates the request.)
//!
//! Why at most once is right: each call has an identifier, which all its copies bear. The server keeps the reply of each call in
//! a table and sends it again in place of a second execution. A crash erases the table, so a binding names the boot of the server
//! for which it was made, and a server that has restarted rejects the calls of old bindings.
//!
//! Why exactly once is right: it is nothing but retry and dedupe. The client never gives up, and has its open calls on disk. The
//! server writes the effect and the record of the call in one atomic write, so no crash comes between the two. It keeps the record
//! until the client has acknowledged the reply, and ignores older calls from then on.
//!
//! Where it hurts: except with exactly once, a call may end with an outcome that is **unknown**. That is neither success nor
//! failure. A call has *failed* only if the server has said that it will not execute it, and remembers so. A timeout says
//! nothing of that: it may come before a reply that is only slow, and then the client repeats a call that is in progress.
//! With at most once, the first call after a restart of the server is rejected, and its outcome is unknown although it was
//! not executed. Retries multiply: where each of L layers makes r attempts and the bottom does not answer, it is called r^L
//! times. A pool that is full refuses calls, and clients that repeat them in step meet there again.
//!
//! **What this file leaves out:** the search for a server, as a client is bound to the server's first boot from the start; the
//! fragments and the bytes of replies; acknowledgements of single packets, and probes while a call takes long (B&N 3.3), so that a
//! caller here gives up on a server that is only slow; leases, by which RIFL forgets the clients that never return, and the
//! migration of records; orphans, which a server here executes although the client that called has crashed; exceptions of the
//! procedure itself, such as an account without cover.
//!
//! That a client has its open calls on disk is not RIFL's: there a client that restarts is a new client, and its calls before the
//! crash were executed once or not at all. Here that is so without exactly once: a crash of a client ends its open calls, and nobody
//! is left to whom an outcome could be told. RIFL answers a copy of a call that was acknowledged with an error, for which nobody
//! waits; here such a copy is ignored.

use faultline_core::prelude::*;
use faultline_core::toolbox::log::Log;
use std::fmt::{self, Display};

mod caller;
mod claims;
pub mod marshal;
mod server;
mod title;
mod vocabulary;
mod words;

pub use vocabulary::{Bugs, CallId, Input, Message, Output, Params, Request, Semantics, Timer};

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    /// Of a caller: the number of its latest call, and the boot of its server that it knows of, if not the first.
    number: u64,
    bound: u64,
    /// Of a server: how often it has booted.
    boot: u64,
    /// Of the last server: the statement of the account.
    statement: Log<Debit>,
    /// With exactly once: the open calls, the table, and up to where callers need no records.
    open: Map<u64, Open>,
    table: Map<CallId, Record>,
    first_open: Map<NodeId, u64>,
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stable { number, boot, .. } = self;
        let (open, records, debits) = (self.open.len(), self.table.len(), self.statement.len());
        match boot {
            0 => write!(out, "{number} calls numbered, {open} open"),
            _ => write!(out, "boot {boot}, {debits} debits, {records} records, {open} open calls"),
        }
    }
}

/// A line of the account's statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{origin} -{amount}")]
struct Debit {
    origin: CallId,
    amount: u32,
    balance: i64,
}

/// A call that a caller has made and that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Open {
    origin: CallId,
    amount: u32,
    attempts: u64,
    /// The boot for which the binding of the call was made.
    boot: u64,
    /// Of a server: the call from above that it executes by this one.
    job: Option<Job>,
}

/// A call that a server has received whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Job {
    call: CallId,
    origin: CallId,
    attempt: u64,
    amount: u32,
}

/// What a server has on record of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Record {
    /// It was executed, with this balance.
    Executed(i64),
    /// It was not, and will not be up to this attempt.
    Refused(u64),
    /// The call that the server made for it below ended with an unknown outcome.
    Unknown,
}

/// How a client's call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Outcome {
    Returned(i64),
    Failed,
    Unknown,
}

/// The fragments of an attempt that have arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Assembly {
    attempt: u64,
    parts: u64,
    got: Map<u64, Vec<u8>>,
}

/// A client or a server. A server in the middle is both: it executes a call by calling the next server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rpc {
    semantics: Semantics,
    /// Its row: 0 for clients, then the servers from the top; and the server that it calls.
    row: u32,
    callee: Option<NodeId>,
    // Of a caller.
    number: u64,
    bound: u64,
    open: Map<u64, Open>,
    /// Of a client: what became of its calls since it booted and how often each was sent; and the amount of the latest, with the
    /// number of bytes in a fragment.
    ended: Map<CallId, (Outcome, u64)>,
    latest: Option<(u32, u64)>,
    // Of a server.
    boot: u64,
    assembly: Map<CallId, Assembly>,
    waiting: Vec<Job>,
    workers: Map<u64, Job>,
    table: Map<CallId, Record>,
    /// Of the twin that records late: the records that are not on disk yet.
    unrecorded: Map<CallId, Record>,
    first_open: Map<NodeId, u64>,
    statement: Log<Debit>,
    /// Whether table and open calls survive a crash.
    durable: (bool, bool),
}

/// What is in the account before the first debit.
const OPENING: i64 = 1_000;
/// How long the record of the twin takes that records late.
const LATE: Micros = 1_000;

// The rules, with where the papers have them: B&N is Birrell and Nelson's, RIFL that of Lee et al.
const START: Rule =
    Rule::new("B&N 2.2", "Each client is bound to a server, and the binding names the server's boot.");
const RECOVER: Rule = Rule::new(
    "problem",
    "With exactly once, a caller that restarts has its open calls on disk and sends them again.",
);
const REVOKED: Rule =
    Rule::new("B&N 2.2", "A restart of a server revokes its bindings, as its table of calls is lost.");
const CALL: Rule = Rule::new(
    "B&N 3.2",
    "A call has an identifier that no other call has, and the packets of a retransmission bear the same one.",
);
const RETRY: Rule =
    Rule::new("B&N 3.2", "A caller sends a call again until it gets the result, or gives up.");
const GIVE_UP: Rule =
    Rule::new("B&N 3.1", "A caller that gives up does not know whether the call was executed.");
const RETURN: Rule =
    Rule::new("B&N 3.1", "A call that returns was executed, and the reply is that of this call.");
const REFUSAL: Rule = Rule::new(
    "problem",
    "A call has failed if the server has refused its last attempt, for then no earlier one will be executed either.",
);
const NEWS: Rule = Rule::new("problem", "A caller that goes on sending learns nothing from a refusal.");
const OLD: Rule = Rule::new("B&N 3.2", "A result for a call that has ended is discarded.");
const ROLES: Rule = Rule::new("problem", "Only clients are asked for debits.");
const FRAGMENT: Rule =
    Rule::new("B&N 3.3", "A call whose arguments do not fit in one packet is put together from several.");
const REBIND: Rule = Rule::new("B&N 2.2", "A server that has restarted rejects calls with an old binding.");
const STALE: Rule =
    Rule::new("RIFL 4", "A call before the caller's first open one has ended, and is ignored.");
const RUNNING: Rule = Rule::new("RIFL 4", "A copy of a call that is in progress is ignored.");
const COMPLETED: Rule = Rule::new("RIFL 4", "A call that has completed is answered from its record.");
const POOL: Rule =
    Rule::new("B&N 3.5", "The workers of a pool execute calls. While all are busy, calls wait.");
const FULL: Rule =
    Rule::new("problem", "When all workers are busy and no more calls may wait, a call is refused.");
const FORWARD: Rule =
    Rule::new("problem", "A server without the account executes a call by calling the next server.");
const EXECUTE: Rule =
    Rule::new("B&N 3.2", "The procedure is called, and its result goes back with the call's identifier.");
const ATOMIC: Rule =
    Rule::new("RIFL 3", "The record of a call is written together with the effect, in one atomic write.");
const IGNORED: Rule =
    Rule::new("against RIFL 4", "This wrong twin ignores the copy of a call that has completed.");

impl Node for Rpc {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        let Stable { number, bound, boot, statement, open, table, first_open } = stable;
        let params = ctx.params();
        // The last nodes are the servers, and at least one node is a client.
        let (count, me) = (ctx.count() as u64, u64::from(ctx.me().0));
        let clients = count - params.layers.min(count - 1);
        let row = if me < clients { 0 } else { (me - clients) as u32 + 1 };
        let callee = Some(if row == 0 { clients } else { me + 1 }).filter(|callee| *callee < count);
        let exactly = params.semantics == Semantics::ExactlyOnce;
        let mut node = Rpc {
            semantics: params.semantics,
            row,
            callee: callee.map(|callee| NodeId(callee as u32)),
            number,
            bound: bound.max(1),
            open,
            ended: Map::default(),
            latest: None,
            boot: boot + u64::from(row > 0),
            assembly: Map::default(),
            waiting: Vec::new(),
            workers: Map::default(),
            table,
            unrecorded: Map::default(),
            first_open,
            statement,
            durable: (exactly && !params.bugs.forgets_table, exactly),
        };
        ctx.note(&START);
        node.resume(ctx);
        node
    }

    fn stable(&self) -> Stable {
        let (table, open) = self.durable;
        Stable {
            number: self.number,
            bound: self.bound,
            boot: self.boot,
            statement: self.statement.clone(),
            open: if open { self.open.clone() } else { Map::default() },
            table: if table { self.table.clone() } else { Map::default() },
            first_open: if table { self.first_open.clone() } else { Map::default() },
        }
    }

    fn on_input(&mut self, Input::Debit(amount): Input, ctx: &mut Ctx<Self>) {
        if self.row > 0 {
            return ctx.note(&ROLES);
        }
        let origin = CallId { caller: ctx.me(), number: self.number + 1 };
        ctx.output(Output::Called(origin, amount));
        ctx.tell(&CALL, || format!("calls the bank to debit {amount}, as {origin}"));
        self.latest = Some((amount, ctx.params().fragment));
        self.call(Open { origin, amount, attempts: 0, boot: self.bound, job: None }, ctx);
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match message {
            Message::Request(request) => self.receive(from, &request, ctx),
            Message::Reply(call, balance) => self.end(call, Outcome::Returned(balance), &RETURN, ctx),
            Message::Refused(call, attempt) => self.refused(call, attempt, ctx),
            // Who goes on sending may still get a reply.
            Message::NoAnswer(_) if self.semantics != Semantics::AtMostOnce => ctx.note(&NEWS),
            Message::NoAnswer(call) => self.end(call, Outcome::Unknown, &GIVE_UP, ctx),
            Message::Rebind(call, boot) => {
                self.bound = self.bound.max(boot);
                self.end(call, Outcome::Unknown, &REVOKED, ctx);
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match timer {
            Timer::Retry(number) => self.retry(number, ctx),
            Timer::Worker(worker) => {
                if let Some(job) = self.workers.remove(&worker) {
                    self.execute(job, ctx);
                }
                self.next(ctx);
            }
            Timer::Record => {
                for (call, record) in self.unrecorded.iter() {
                    self.table.insert(*call, *record);
                }
                self.unrecorded = Map::default();
                ctx.note(&ATOMIC);
            }
        }
    }

    fn inputs(&self) -> Vec<Input> {
        if self.row == 0 { vec![Input::Debit(100)] } else { Vec::new() }
    }

    fn card(&self) -> Card {
        self.described()
    }
}
