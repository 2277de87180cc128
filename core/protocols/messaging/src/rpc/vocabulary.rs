//! What is set before a run, and what nodes tell each other, themselves, and the application.

use super::marshal::{self, Order};
use faultline_core::prelude::*;

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// What client and servers do against loss and crashes, and so how often a call may be executed.
    #[setting(default = Semantics::AtMostOnce)]
    pub semantics: Semantics,
    /// The number of servers, each of which calls the next one; the last has the account.
    #[setting(default = 1, bounds = 1..=5)]
    pub layers: u64,
    /// How often a call is sent at most; 0 means no limit. With maybe it is sent once, with exactly once without limit.
    #[setting(default = 3, bounds = 0..=20)]
    pub attempts: u64,
    /// How long a caller waits for a reply before it sends the call again or gives up.
    #[setting(default = 50ms, bounds = 1ms..=60s)]
    pub timeout: Micros,
    /// The maximum random time that is added to each timeout.
    #[setting(default = 0s, bounds = 0s..=10s)]
    pub jitter: Micros,
    /// The number of workers in the pool of a server. Each executes one call at a time.
    #[setting(default = 2, bounds = 1..=999)]
    pub workers: u64,
    /// The number of calls that wait for a worker at most. When one more arrives, the server refuses it.
    #[setting(default = 4, bounds = 0..=999)]
    pub queue: u64,
    /// How long a debit takes a worker; with 0s it is done as soon as the call arrives.
    #[setting(default = 5ms, bounds = 0s..=60s)]
    pub service: Micros,
    /// The maximum number of bytes in a fragment. The arguments of a call are eight bytes.
    #[setting(default = 8, bounds = 1..=8)]
    pub fragment: u64,
    /// The byte order in which numbers are sent; every call says which it is.
    #[setting(default = Order::BigEndian)]
    pub byte_order: Order,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

impl Params {
    /// How often a call is sent at most.
    pub(super) fn limit(&self) -> Option<u64> {
        match (self.semantics, self.attempts) {
            (Semantics::Maybe, _) => Some(1),
            (Semantics::ExactlyOnce, _) | (_, 0) => None,
            (_, limit) => Some(limit),
        }
    }
}

/// How often a call may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Semantics {
    Maybe,
    AtLeastOnce,
    AtMostOnce,
    ExactlyOnce,
}

impl Semantics {
    /// Whether a server keeps a table by which it recognises calls.
    pub(super) fn dedupes(self) -> bool {
        self >= Semantics::AtMostOnce
    }
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// A caller gives a call a new identifier each time it sends it again.
    pub renumbers_retries: bool,
    /// A server recognises calls by a hash of their arguments, and so takes equal ones for one.
    pub keys_by_arguments: bool,
    /// The table of a server has room for one record. It makes room for the next one, although the client may repeat the call.
    pub evicts_early: bool,
    /// A client reports a call without a reply as failed.
    pub says_failed: bool,
    /// A server keeps no replies. It recognises a repeated call and answers with the present balance.
    pub recomputes_replies: bool,
    /// The table of a server is in memory, and after a crash it accepts old calls all the same.
    pub forgets_table: bool,
    /// A server reads numbers in the other byte order than that in which they were sent.
    pub reads_other_order: bool,
    /// A server writes the effect of a call first, and the record of the call 1 ms later.
    #[twin(shows_with = ["set semantics exactly-once"])]
    pub records_late: bool,
    /// A server ignores a call that it has executed. It does not send the reply again.
    #[twin(shows_with = ["set semantics exactly-once"])]
    pub ignores_executed: bool,
    /// A server looks for a repeated call among its records only, not among those that its workers execute.
    pub runs_concurrently: bool,
}

/// The identifier of a call, by its caller and its number there: `n1.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{caller}.{number}")]
pub struct CallId {
    /// Who calls.
    pub caller: NodeId,
    /// The how many-eth call of its own that is, from 1.
    pub number: u64,
}

/// A fragment of a call. All but the bytes is the header, which each fragment has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    pub(super) call: CallId,
    /// The client's call for whose sake it is made. Servers hand it on and write it in the account's statement.
    pub(super) origin: CallId,
    /// The how many-eth time that is that it is sent.
    pub(super) attempt: u64,
    /// The boot of the server for which the binding was made.
    pub(super) boot: u64,
    /// The caller's first call that is still open. It needs no record of earlier ones any more.
    pub(super) first_open: u64,
    pub(super) order: Order,
    /// Which fragment this is, from 1, and of how many.
    pub(super) part: u64,
    pub(super) parts: u64,
    pub(super) bytes: Vec<u8>,
}

/// What callers and servers tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A fragment of a call.
    Request(Request),
    /// A call was executed, and the balance was this after it.
    Reply(CallId, i64),
    /// The pool is full: the call was not executed in this attempt or an earlier one.
    Refused(CallId, u64),
    /// The server cannot find out itself whether the call was executed below it.
    NoAnswer(CallId),
    /// The server has restarted, and this is its boot now: it does not know whether the call was executed.
    Rebind(CallId, u64),
}

kinds! { Message {
    Request 'Q': Self::Request(it) => ("{} attempt {}, {} of {}: {}", it.call, it.attempt, it.part, it.parts,
        marshal::hex(&it.bytes)) as ("fragment {} of {} of call {}", it.part, it.parts, it.call),
    Reply 'r' reply: Self::Reply(call, balance) => "{call} balance {balance}" as "the reply to {call}, balance {balance}",
    Refused 'x' reply: Self::Refused(call, attempt) => "{call} attempt {attempt}" as "the refusal of {call}",
    NoAnswer 'u' reply: Self::NoAnswer(call) => "{call}" as "the news that {call} has an unknown outcome",
    Rebind 'b' reply: Self::Rebind(call, boot) => "{call} boot {boot}" as "the rejection of {call} after a restart",
} }

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// The reply to its call of this number has not come.
    #[words("Retry-{0}")]
    Retry(u64),
    /// The worker of this number has finished.
    #[words("Worker-{0}")]
    Worker(u64),
    /// Of the twin that records late: the records reach the disk.
    Record,
}

/// What is asked of a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "a client can be asked to `Debit 100`")]
pub enum Input {
    /// Call the bank to debit so much.
    Debit(u32),
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// A client calls.
    #[words("Called {0} debit {1}")]
    Called(CallId, u32),
    /// The server with the account has executed a client's call: what was debited, and the balance then.
    #[words("Executed {0} debit {1} balance {2}")]
    Executed(CallId, u32, i64),
    /// A client's call returns: it was executed, with this balance.
    #[words("Returned {0} balance {1}")]
    Returned(CallId, i64),
    /// A client's call ends: it was not executed, and will not be.
    Failed(CallId),
    /// A client's call ends, and it may have been executed or not.
    #[words("Unknown outcome of {0}")]
    Unknown(CallId),
}
