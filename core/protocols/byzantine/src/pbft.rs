//! # Practical Byzantine fault tolerance (Castro & Liskov, OSDI 1999)
//!
//! Of n = 3f + 1 replicas f may be Byzantine. In each *view* one of them, the primary, assigns a sequence
//! number to every client request (pre-prepare). The others, the backups, tell each other which request they
//! received for that number (prepare). Then all tell each other that enough replicas have done so (commit),
//! execute the request and answer the client, which accepts the answer that f + 1 of them give.
//!
//! Why it is right: a quorum is n − f replicas. Any two quorums share f + 1 replicas, so at least one honest
//! one, and it does not say two things. Once a quorum has prepared a request for a number, no other request
//! can be prepared for it in that view. Once a quorum has committed it, every quorum that could begin the
//! next view contains an honest replica that prepared it. The new primary must show what its quorum has
//! prepared, with the signatures that prove it, and continue from there.
//!
//! Where it hurts: every replica talks to every other, 2n² − n + 1 messages a request, and a view change
//! exchanges proofs of everything that is prepared. When the primary is silent, the system stands still for a
//! timeout, which doubles with each unsuccessful view. No asynchronous protocol could be live (FLP); this one
//! is, as long as delays do not grow for ever faster than the timeout.
//!
//! The version is that of 1999 with signatures (§4), not that with authenticators. A message that others may
//! have to believe is [`Signed`]. Where the paper sends a digest, the thing itself is sent: requests and the
//! data are small here. So the proof of a checkpoint also brings the data to a replica that has missed the
//! requests before it.
//!
//! In the paper only backups wait for requests; here the primary waits, too. When some replicas have executed
//! a request that the others lack, those others may be too few without the primary to make anybody join a
//! view change. With it, either f + 1 replicas wait, or f + 1 have an answer for the client.
//!
//! Links may lose, delay, duplicate and reorder messages. The paper leaves retransmission to its library.
//! Here, as in that library, a replica that sees no progress asks for what it lacks ([`resend`], after
//! Castro's thesis of 2001). So a replica need not keep anything for later: it rejects messages for a view
//! that it has not entered, or for numbers above the high watermark, and asks for them when it can use them.
//!
//! Tentative execution and read-only requests in one round trip (§5.1) are settings, off by default;
//! [`quick`] has both.
//!
//! **What this file leaves out:** authenticators (§5.2 and TOCS 2002); a designated replier; batches;
//! proactive recovery: a node that crashes loses its memory and stays silent. Such a replica counts as one of
//! the f that may be faulty; any number of clients may be. A client has one request at a time.

use super::{Answer, CLIENTS, Operation, Output, Request, Store};
use client::{Client, Early};
use faultline_core::prelude::*;
use faultline_core::sign::Story;
use faultline_core::toolbox::signed::Signed;
use resend::Standing;
pub use settings::{Bugs, Params, Resilience};

mod certificates;
mod client;
mod forgeries;
mod lies;
mod normal_case;
mod quick;
mod replica;
mod resend;
mod settings;
mod title;
mod view_change;
mod words;

/// A request with its sequence number in a view; one without a request is the paper's null request. What the primary
/// has signed is a pre-prepare, what a backup has signed a prepare.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Proposal {
    view: u64,
    sequence: u64,
    request: Option<Signed<Request>>,
}

/// Proof that a request was prepared: the pre-prepare, then matching prepares.
type Certificate = Vec<Signed<Proposal>>;

/// What requests up to a sequence number have come to: the data, and each client's last timestamp and answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{sequence}, {store}")]
pub struct State {
    sequence: u64,
    store: Store,
    last: Map<NodeId, (u64, Answer)>,
}

/// What a primary begins a view with: the wishes for it (V) and the proposals that follow from them (O).
type Beginning = (Vec<Signed<Change>>, Vec<Signed<Proposal>>);

/// What a replica brings into a new view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    view: u64,
    /// Proof of the last stable checkpoint (C); nothing at first.
    checkpoint: Vec<Signed<State>>,
    /// What was prepared after it (P).
    prepared: Vec<Certificate>,
}

/// What nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A client asks, or a backup passes on what a client asked it.
    Request(Signed<Request>),
    /// The primary gives a request its number.
    PrePrepare(Signed<Proposal>),
    /// A backup received this request for this number.
    Prepare(Signed<Proposal>),
    /// A replica knows that a quorum received it.
    Commit(Proposal),
    /// A replica of this view answers the request with this timestamp.
    Reply(u64, u64, Answer),
    /// A replica has executed up to this number, with this outcome.
    Checkpoint(Signed<State>),
    /// A replica wants another view.
    ViewChange(Signed<Change>),
    /// The primary of a view begins it with the messages of a quorum (V) and the proposals that follow (O).
    NewView(u64, Vec<Signed<Change>>, Vec<Signed<Proposal>>),
    /// A replica that waits reports its progress; the others send what it lacks.
    Status(Standing),
    /// A client asks all replicas for something that changes nothing (§5.1).
    Read(Signed<Request>),
    /// A replica of this view answers that with what it has committed.
    Value(u64, u64, Answer),
    /// A replica of this view has executed the request with this timestamp before it is committed (§5.1).
    Tentative(u64, u64, Answer),
}

kinds! { Message {
    Request 'R': Self::Request(signed) => ("{}", words::requested(Some(signed)))
        as ("the request {}", words::requested(Some(signed))),
    PrePrepare 'p': Self::PrePrepare(signed) => ("{}", words::unsigned(signed))
        as ("the pre-prepare of {}", words::numbered(said(signed))),
    Prepare 'P': Self::Prepare(signed) => ("{}", words::unsigned(signed))
        as ("a prepare of {}", words::numbered(said(signed))),
    Commit 'C': Self::Commit(proposal) => "{proposal}" as ("a commit of {}", words::numbered(Some(proposal))),
    Reply 'r' reply: Self::Reply(view, timestamp, answer) =>
        ("{timestamp} in view {view}, {}", crate::words(*answer))
        as ("an answer to request {timestamp}: {}", crate::words(*answer)),
    Checkpoint 'K': Self::Checkpoint(signed) => ("{}", words::unsigned(signed))
        as ("the checkpoint {} of {}", words::sequence(signed), signed.by()),
    ViewChange 'V': Self::ViewChange(signed) => ("{}", words::unsigned(signed))
        as ("a view-change message for view {}", said(signed).map_or(0, |change| change.view)),
    NewView 'N' reply: Self::NewView(view, changes, proposals) =>
        ("{view} wanted by {}", words::begun(changes, proposals)) as "the new-view message for view {view}",
    Status 'S': Self::Status(standing) => "{standing}" as "a progress report ({standing})",
    Read 'Q': Self::Read(signed) => ("{}", words::requested(Some(signed)))
        as ("the read-only request {}", words::requested(Some(signed))),
    Value 'v' reply: Self::Value(view, timestamp, answer) =>
        ("{timestamp} in view {view}, {}", crate::words(*answer))
        as ("a value for request {timestamp}: {}", crate::words(*answer)),
    Tentative 't' reply: Self::Tentative(view, timestamp, answer) =>
        ("{timestamp} in view {view}, {}", crate::words(*answer))
        as ("a tentative answer to request {timestamp}: {}", crate::words(*answer)),
} }

/// What a node reminds itself of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// A client has waited too long for answers.
    Retry,
    /// A replica has waited too long for a request to be executed, or for a view to begin.
    Patience,
    /// A replica has waited for some time and has seen no progress.
    Status,
}

/// What survives a crash: that there was a life before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stable {
    booted: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pbft {
    /// One of the last nodes.
    Client(Client),
    /// One of the others.
    Replica(Replica),
    /// A crash has taken its memory, as a client or as a replica.
    Forgetful {
        /// Whether it is a client.
        client: bool,
    },
}

/// A replica.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replica {
    counts: Counts,
    /// The view that it is in or wants, whether that has begun, and whether it is its primary.
    view: u64,
    active: bool,
    leads: bool,
    /// How many views it has wanted since it last executed what it waited for.
    attempts: u32,
    /// What it knows of the numbers between the watermarks: its last stable checkpoint (h), which is proved by
    /// `checkpoint`, and H.
    log: Map<u64, Slot>,
    stable: u64,
    high: u64,
    checkpoint: Vec<Signed<State>>,
    /// As primary: the last number that it gave away.
    given: u64,
    /// What all that was executed has come to.
    state: State,
    /// What it has executed of the next number, before that is committed.
    tentative: Option<quick::Tentative>,
    /// Requests that are not executed yet, the oldest first, and read-only ones that wait for a commit.
    waiting: Vec<Signed<Request>>,
    reads: Vec<Signed<Request>>,
    /// Later checkpoints, by whoever took them.
    checkpoints: Vec<Signed<State>>,
    /// Of each replica the latest view that it wanted.
    changes: Map<NodeId, Signed<Change>>,
    /// As primary: with what it has begun its view.
    begun: Option<Beginning>,
    /// Whether it has refused something because that came before its time.
    refused: bool,
}

/// How many replicas there are; how many must have signed that a request is prepared, the primary and 2f
/// backups, how many that it is committed, and how many must answer alike, with final answers or with others;
/// whether clients read from all at once; whether this twin counts across views; the first timeout, and
/// whether this twin's never grows. What a node shows is asked of it without a context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Counts {
    replicas: u32,
    prepared: usize,
    committed: usize,
    alike: usize,
    alike_early: usize,
    read_only: bool,
    mixes_views: bool,
    timeout: Micros,
    fixed_timeout: bool,
}

impl Counts {
    fn new(ctx: &Ctx<Pbft>) -> Self {
        let bugs = &ctx.params().bugs;
        Counts {
            replicas: replicas(ctx) as u32,
            prepared: quorum(ctx) - usize::from(bugs.counts_primary_twice),
            committed: if bugs.executes_prepared { 0 } else { quorum(ctx) },
            alike: if bugs.believes_first { 1 } else { faulty(ctx) + 1 },
            alike_early: if bugs.believes_first { 1 } else { quorum(ctx) },
            read_only: ctx.params().read_only,
            mixes_views: bugs.mixes_views,
            timeout: ctx.params().timeout,
            fixed_timeout: bugs.fixed_timeout,
        }
    }
}

/// What is known of a sequence number.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Slot {
    // Of this view.
    proposal: Option<Signed<Proposal>>,
    prepares: Vec<Signed<Proposal>>,
    commits: Vec<(NodeId, Proposal)>,
    prepared: bool,
    committed: bool,
    /// Of the last view in which it was prepared.
    certificate: Option<Certificate>,
}

const START: Rule = Rule::new("§4", "Every replica starts in view 0.");
const FORGET: Rule =
    Rule::new("§2", "A replica that loses its memory in a crash counts as one of the f faulty ones.");
const FORGET_CLIENT: Rule = Rule::new(
    "§4.1",
    "A client that loses its memory no longer knows which timestamps it has used, so it sends no more \
     requests. Any number of clients may be faulty.",
);
const NOT_MINE: Rule = Rule::new(
    "§4.1",
    "Clients and replicas have different roles; a node ignores messages meant for the other role.",
);

/// What a crash has made of a node.
fn forgotten(client: bool) -> &'static Rule {
    if client { &FORGET_CLIENT } else { &FORGET }
}

/// How many replicas there are.
fn replicas(ctx: &Ctx<Pbft>) -> usize {
    ctx.count() - CLIENTS as usize
}

/// How many of them may be Byzantine (f).
fn faulty(ctx: &Ctx<Pbft>) -> usize {
    match ctx.params().replicas {
        Resilience::Enough => (replicas(ctx) - 1) / 3,
        Resilience::TooFew => replicas(ctx) / 3,
    }
}

/// How many are a quorum: 2f + 1 of 3f + 1.
fn quorum(ctx: &Ctx<Pbft>) -> usize {
    replicas(ctx) - faulty(ctx)
}

/// The primary of a view.
fn primary(view: u64, ctx: &Ctx<Pbft>) -> NodeId {
    NodeId((view % replicas(ctx) as u64) as u32)
}

/// How far the watermarks are apart.
fn distance(ctx: &Ctx<Pbft>) -> u64 {
    ctx.params().checkpoint * ctx.params().window
}

/// Sends to every other replica.
fn multicast(message: &Message, ctx: &mut Ctx<Pbft>) {
    let (me, count) = (ctx.me(), replicas(ctx) as u32);
    for replica in (0..count).map(NodeId).filter(|replica| *replica != me) {
        ctx.send(replica, message.clone());
    }
}

/// What was signed, whoever signed it.
fn said<T>(signed: &Signed<T>) -> Option<&T> {
    signed.verify(signed.by())
}

/// What a client asks, if it was that client who signed.
fn asked<'a>(signed: &'a Signed<Request>, ctx: &Ctx<Pbft>) -> Option<&'a Request> {
    let request = said(signed)?;
    let genuine = signed.by() == request.client && request.client.index() >= replicas(ctx);
    (genuine || ctx.params().bugs.checks_no_signature).then_some(request)
}

impl Node for Pbft {
    type Message = Message;
    type Timer = Timer;
    type Input = Operation;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(stable: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&START);
        if stable.booted {
            let client = ctx.me().index() >= replicas(ctx);
            ctx.tell(forgotten(client), || "has lost its memory and stays silent".into());
            Pbft::Forgetful { client }
        } else if ctx.me().index() < replicas(ctx) {
            let leads = primary(0, ctx) == ctx.me();
            let (counts, high) = (Counts::new(ctx), distance(ctx));
            Pbft::Replica(Replica { counts, active: true, leads, high, ..Replica::default() })
        } else {
            Pbft::Client(Client { counts: Counts::new(ctx), ..Client::default() })
        }
    }

    fn stable(&self) -> Stable {
        Stable { booted: true }
    }

    fn on_input(&mut self, operation: Operation, ctx: &mut Ctx<Self>) {
        match self {
            Pbft::Client(client) => client.ask(operation, ctx),
            // Replicas ask for nothing.
            Pbft::Replica(_) => ctx.note(&NOT_MINE),
            Pbft::Forgetful { client } => ctx.note(forgotten(*client)),
        }
    }

    fn on_message(&mut self, from: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match (self, message) {
            (Pbft::Replica(replica), message) => {
                let before = (replica.standing(), replica.lacks());
                replica.on_message(from, &message, ctx);
                replica.look_for_progress(before, ctx);
            }
            (Pbft::Client(client), Message::Reply(view, timestamp, answer)) => {
                client.on_reply(from, Early::No, (view, timestamp, answer), ctx);
            }
            (Pbft::Client(client), Message::Value(view, timestamp, answer)) => {
                client.on_reply(from, Early::Read, (view, timestamp, answer), ctx);
            }
            (Pbft::Client(client), Message::Tentative(view, timestamp, answer)) => {
                client.on_reply(from, Early::Tentative, (view, timestamp, answer), ctx);
            }
            // Only liars say such things to clients.
            (Pbft::Client(_), _) => ctx.note(&NOT_MINE),
            (Pbft::Forgetful { client }, _) => ctx.note(forgotten(*client)),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        match (self, timer) {
            (Pbft::Client(client), _) => client.retry(ctx),
            (Pbft::Replica(replica), Timer::Status) => replica.see_no_progress(ctx),
            (Pbft::Replica(replica), _) => {
                let before = (replica.standing(), replica.lacks());
                replica.lose_patience(ctx);
                replica.look_for_progress(before, ctx);
            }
            (Pbft::Forgetful { client }, _) => ctx.note(forgotten(*client)),
        }
    }

    fn inputs(&self) -> Vec<Operation> {
        match self {
            Pbft::Client(client) => client.inputs(),
            Pbft::Replica(_) | Pbft::Forgetful { .. } => Vec::new(),
        }
    }

    fn lies(&self, _: NodeId, truth: &Message, ctx: &Ctx<Self>) -> Vec<Message> {
        lies::instead(self, truth, ctx)
    }

    fn story(message: &Message) -> Option<Story> {
        match message {
            Message::PrePrepare(signed) | Message::Prepare(signed) => said(signed).map(words::story),
            Message::Commit(proposal) => Some(words::story(proposal)),
            _ => None,
        }
    }

    fn proofs(message: &Message) -> usize {
        match message {
            Message::ViewChange(signed) => said(signed).map_or(0, words::proofs),
            Message::NewView(_, changes, _) => changes.len(),
            _ => 0,
        }
    }

    fn card(&self) -> Card {
        words::card(self)
    }
}
