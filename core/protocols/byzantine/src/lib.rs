//! # The problem of state machine replication among liars (Schneider 1990; Castro & Liskov 1999)
//!
//! Clients ask a service to put and to get values. Replicas provide it, each with a copy of the data. Some
//! replicas may be Byzantine: they lie, and say different things to different nodes. The honest ones must
//! still execute the same requests in the same order, and no honest client may receive an answer that no
//! honest replica computed.
//!
//! The last [`CLIENTS`] nodes are the clients, all others are replicas. A client has one request at a time,
//! which it signs; clients may be Byzantine as well. The claims say nothing about what Byzantine nodes do.
//!
//! This file states the problem once, in terms of the applications' requests and the outputs; every file
//! beside it is a solution.

use faultline_core::card::Fact;
use faultline_core::history::model::{KeyValueAct, KeyValueInput, KeyValueOutput};
use faultline_core::prelude::*;
use faultline_core::toolbox::hole::{letter, split};
use std::fmt::{self, Display};
use std::str::FromStr;

pub mod pbft;

/// How many clients there are.
pub const CLIENTS: u32 = 2;

/// What the application asks of a client, and the client of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Operation {
    /// Let the key have this value.
    #[words("Put {0}={1}")]
    Put(char, u64),
    /// Say which value the key has.
    Get(char),
}

/// What is answered: the value that was asked for, where there is one.
pub type Answer = Option<u64>;

/// What a client asks of the service. Its timestamps count its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("{client}.{timestamp} {operation}")]
#[allow(missing_docs)]
pub struct Request {
    pub client: NodeId,
    pub timestamp: u64,
    pub operation: Operation,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Output {
    /// This client has sent a request.
    Asked(Request),
    /// This client has waited in vain, and has asked again.
    Repeated(Request),
    /// This replica has executed the request with this sequence number; none, if it changes nothing.
    Executed(u64, Option<Request>, Answer),
    /// This replica has executed a request before it is sure of the sequence number, and may have to roll it
    /// back.
    Tentative(u64, Request, Answer),
    /// This replica has read for a client, without a sequence number.
    Read(Request, Answer),
    /// This client believes the answer to its request.
    Accepted(Request, Answer),
    /// This replica goes on in another view, with another primary.
    Entered(u64),
}

/// The data.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store(pub Map<char, u64>);

impl Store {
    /// Carries an operation out.
    pub fn execute(&mut self, operation: Operation) -> Answer {
        match operation {
            Operation::Put(key, value) => {
                self.0.insert(key, value);
                None
            }
            Operation::Get(key) => self.0.get(&key).copied(),
        }
    }
}

/// A protocol that solves the problem.
pub trait Replication: Protocol<Output = Output, Record = Record> {
    /// How long this node waits now before it asks for another primary; clients never ask.
    fn patience(&self) -> Micros;
}

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, Hash)]
pub struct Record {
    /// By sequence number: who executed what.
    sequence: Map<u64, Vec<(NodeId, Option<Request>)>>,
    requests: Map<Request, Tally>,
    history: Of<KeyValue>,
}

/// What is known of a request.
#[derive(Clone, Debug, Default, Hash)]
struct Tally {
    /// When its client has asked it.
    asked: Option<Micros>,
    /// Whether its client, who has not failed since, waits for the answer, and how often it has asked again.
    open: bool,
    answered: bool,
    repeated: u64,
    /// Its place in the history, once it has one.
    operation: Option<usize>,
    /// Who executed it, and what came of it; and the same before that was sure, or without a number.
    executed: Vec<(NodeId, Answer)>,
    early: Vec<(NodeId, Answer)>,
}

impl Record {
    /// Adds a step; what a solution's `remember` does.
    pub fn remember<P: Replication>(&mut self, step: &Step<'_, P>) {
        if step.node.is_none() {
            let own = self.requests.iter().filter(|(request, _)| request.client == step.who);
            let own: Vec<_> = own.map(|(request, _)| *request).collect();
            for request in own {
                self.requests.or_default(request).open = false;
            }
        }
        for output in step.outputs {
            match output {
                Output::Asked(request) => {
                    self.operation(*request);
                    let tally = self.requests.or_default(*request);
                    (tally.asked, tally.open) = (Some(step.now), true);
                }
                Output::Executed(sequence, request, answer) => {
                    self.sequence.or_default(*sequence).push((step.who, *request));
                    if let Some(request) = request {
                        // One that a Byzantine client asked comes into the history when it is first executed.
                        self.operation(*request);
                        self.requests.or_default(*request).executed.push((step.who, *answer));
                    }
                }
                Output::Tentative(_, request, answer) | Output::Read(request, answer) => {
                    self.operation(*request);
                    self.requests.or_default(*request).early.push((step.who, *answer));
                }
                Output::Accepted(request, answer) => {
                    let operation = self.operation(*request);
                    self.history.answer(operation, told(request.operation, *answer));
                    let tally = self.requests.or_default(*request);
                    (tally.open, tally.answered) = (false, true);
                }
                Output::Repeated(request) => self.requests.or_default(*request).repeated += 1,
                Output::Entered(_) => {}
            }
        }
    }

    /// How many requests were answered, so that their client accepted it.
    pub fn answered(&self) -> u64 {
        self.history.operations.iter().filter(|operation| operation.returned.is_some()).count() as u64
    }

    /// How often clients asked again.
    pub fn repeated(&self) -> u64 {
        self.requests.values().map(|tally| tally.repeated).sum()
    }

    /// Whether a request was made, or executed in the name of somebody.
    pub fn has_requests(&self) -> bool {
        !self.requests.is_empty()
    }

    /// What clients have asked and been told.
    pub fn history(&self) -> &Of<KeyValue> {
        &self.history
    }

    /// The first number under which a replica executed a request.
    fn number_of(&self, who: NodeId, request: &Request) -> Option<u64> {
        let mut all = self.sequence.iter();
        all.find(|(_, executed)| executed.contains(&(who, Some(*request)))).map(|(sequence, _)| *sequence)
    }

    /// What a replica told when it executed a request, or nothing, under a number.
    fn execution(&self, who: NodeId, sequence: u64, request: Option<&Request>) -> Output {
        let executed = request.and_then(|request| self.requests.get(request)).map(|tally| &tally.executed);
        let answer = executed.into_iter().flatten().find(|(other, _)| *other == who);
        Output::Executed(sequence, request.copied(), answer.and_then(|(_, answer)| *answer))
    }

    /// The place of a request in the history.
    fn operation(&mut self, request: Request) -> usize {
        let Record { requests, history, .. } = self;
        *requests.or_default(request).operation.get_or_insert_with(|| {
            let (key, act) = match request.operation {
                Operation::Put(key, value) => (key, KeyValueAct::Put(value.to_string())),
                Operation::Get(key) => (key, KeyValueAct::Get),
            };
            history.invoke(u64::from(request.client.0) + 1, KeyValueInput { key: key.into(), act })
        })
    }
}

/// An answer, as a history has it.
fn told(operation: Operation, answer: Answer) -> KeyValueOutput {
    match operation {
        Operation::Put(..) => KeyValueOutput::Done,
        Operation::Get(_) => KeyValueOutput::Holds(answer.map_or(String::new(), |value| value.to_string())),
    }
}

/// What a replica's card shows of what it has executed.
const EXECUTED: Fact<'static> = Fact::Field("executed");

/// What every solution claims.
pub const fn claims<P: Replication>() -> [Property<P>; 6] {
    use About::Outputs;
    [
        always(
            "Agreement",
            "No two honest replicas execute different requests under the same sequence number.",
            Outputs,
            agreement,
        )
        .given(|scene: &Scene<'_, P>| {
            match scene.record.sequence.values().any(|executed| executed.len() > 1) {
                true => Ok(()),
                false => Err("no two replicas have executed a request yet under the same number"),
            }
        }),
        always(
            "Validity",
            "An honest replica executes a request in the name of an honest client only if that client sent \
             it.",
            Outputs,
            validity,
        )
        .given(has_executed),
        always("No Duplication", "No honest replica executes a request twice.", Outputs, no_duplication)
            .given(has_executed),
        always(
            "True Answers",
            "An honest client accepts only an answer that an honest replica computed when it executed the \
             request or read for it.",
            Outputs,
            true_answers,
        )
        .given(|scene: &Scene<'_, P>| {
            match scene.record.requests.values().any(|tally| tally.answered) {
                true => Ok(()),
                false => Err("no client has accepted an answer yet"),
            }
        }),
        sometimes("View Change", "A replica continues under another primary.", Outputs, |scene| match scene
            .outputs
            .iter()
            .any(|output| matches!(output, Output::Entered(_)))
        {
            true => Ok(()),
            false => Err(Contradiction::default()),
        }),
        eventually(
            "Liveness",
            "Once message delays stay below some bound, every request of an honest client that stays up is answered.",
            Despite::Few,
            |scene: &Scene<'_, P>| match scene.record.requests.iter().any(|(request, tally)| {
                scene.is_honest(request.client) && (tally.answered || tally.open)
            }) {
                true => Ok(()),
                false => Err("no honest client waits for an answer or has received one"),
            },
            liveness,
        )
        .since(|scene| {
            // Where timers are fired, timeouts grow faster than time: the longest and the one before it take their time yet.
            let longest = scene.nodes().map(|(_, node)| node.patience()).max().unwrap_or(0);
            unanswered(scene)?.1.asked.map(|asked| asked.max(longest.saturating_add(longest / 2)))
        }),
    ]
}

/// What this step executed, and with which numbers.
fn executed<'a, P: Replication>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = (u64, Option<&'a Request>)> {
    scene.outputs.iter().filter_map(|output| match output {
        Output::Executed(sequence, request, _) => Some((*sequence, request.as_ref())),
        _ => None,
    })
}

fn has_executed<P: Replication>(scene: &Scene<'_, P>) -> Result<(), &'static str> {
    match scene.record.requests.values().any(|tally| !tally.executed.is_empty()) {
        true => Ok(()),
        false => Err("no replica has executed a request yet"),
    }
}

fn agreement<P: Replication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for (sequence, request) in executed(scene) {
        let others = scene.record.sequence.get(&sequence).into_iter().flatten();
        let differs = |(who, other): &&(NodeId, _)| scene.is_honest(*who) && Option::as_ref(other) != request;
        if let Some((who, other)) = others.into_iter().find(differs) {
            let [mine, theirs] = [request, other.as_ref()]
                .map(|it| it.map_or_else(|| "nothing".to_owned(), ToString::to_string));
            let cell = Fact::Cell(sequence);
            let executed = scene.record.execution(*who, sequence, other.as_ref());
            return Err(Contradiction::between(
                format!("{} executes {mine} as number {sequence}, but {who} executed {theirs}", scene.who),
                [Side::of(scene.who).showing(cell), Side::of(*who).showing(cell).telling(&executed)],
            ));
        }
    }
    Ok(())
}

fn validity<P: Replication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for request in executed(scene).filter_map(|(_, request)| request) {
        let asked = scene.record.requests.get(request).is_some_and(|tally| tally.asked.is_some());
        if !asked && scene.is_honest(request.client) {
            return Err(Contradiction::between(
                format!("{} executes {request}, but {} never sent it", scene.who, request.client),
                [
                    Side::of(scene.who).showing(EXECUTED),
                    Side::of(request.client).showing(Fact::Field("waiting for")),
                ],
            ));
        }
    }
    Ok(())
}

fn no_duplication<P: Replication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let mut before: Vec<&Request> = Vec::new();
    for request in executed(scene).filter_map(|(_, request)| request) {
        let known = scene.record.requests.get(request).map_or(&[][..], |tally| &tally.executed);
        if before.contains(&request) || known.iter().any(|(who, _)| *who == scene.who) {
            let mut sides = vec![Side::of(scene.who).showing(EXECUTED)];
            sides.extend(scene.record.number_of(scene.who, request).map(|sequence| {
                let executed = scene.record.execution(scene.who, sequence, Some(request));
                Side::of(scene.who).showing(EXECUTED).telling(&executed)
            }));
            return Err(Contradiction::between(format!("{} executes {request} again", scene.who), sides));
        }
        before.push(request);
    }
    Ok(())
}

fn true_answers<P: Replication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Accepted(request, answer) = output {
            let tally = scene.record.requests.get(request);
            let known = tally.map_or(&[][..], |tally| &tally.executed);
            let early = tally.map_or(&[][..], |tally| &tally.early);
            if !known.iter().chain(early).any(|(who, other)| scene.is_honest(*who) && other == answer) {
                let sentence = format!(
                    "{} accepts {} as the answer to {request}, but no honest replica computed it",
                    scene.who,
                    words(*answer)
                );
                let (accepted, honest) =
                    (Fact::Field("accepted"), |(who, _): &&(NodeId, Answer)| scene.is_honest(*who));
                let mut sides = vec![Side::of(scene.who).showing(accepted)];
                sides.extend(known.iter().find(honest).map(|(who, other)| {
                    let sequence = scene.record.number_of(*who, request).unwrap_or(0);
                    let executed = Output::Executed(sequence, Some(*request), *other);
                    Side::of(*who).showing(EXECUTED).telling(&executed)
                }));
                return Err(Contradiction::between(sentence, sides));
            }
        }
    }
    Ok(())
}

/// The oldest request for whose answer an honest client waits.
fn unanswered<'a, P: Replication>(scene: &'a Scene<'_, P>) -> Option<(&'a Request, &'a Tally)> {
    let open = |(request, tally): &(&Request, &Tally)| tally.open && scene.is_honest(request.client);
    scene.record.requests.iter().filter(open).min_by_key(|(_, tally)| tally.asked)
}

fn liveness<P: Replication>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    match unanswered(scene) {
        Some((request, tally)) => Err(Contradiction::between(
            format!("{request} has no answer after {} retransmissions", tally.repeated),
            [Side::of(request.client).showing(Fact::Field("waiting for")).telling(&Output::Asked(*request))],
        )),
        None => Ok(()),
    }
}

/// An answer in a word.
pub fn words(answer: Answer) -> String {
    answer.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
}

impl FromStr for Operation {
    type Err = String;

    /// By hand, since a value may have a sign here: `Put x=+1`.
    fn from_str(words: &str) -> Result<Self, String> {
        let key = |word| letter(word).ok_or("a key is one letter from a to z, as in `Put x=1`");
        if let Some([name, value]) = split(words, "Put ", ["=", ""]) {
            let value = value.parse().map_err(|_| "a value is a whole number from 0, as in `Put x=1`")?;
            return Ok(Operation::Put(key(name)?, value));
        }
        let name = words.strip_prefix("Get ").ok_or("a client can be asked to `Put x=1` or to `Get x`")?;
        Ok(Operation::Get(key(name)?))
    }
}

impl Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Asked(request) => write!(out, "Asked {request}"),
            Output::Repeated(request) => write!(out, "Repeated {request}"),
            Output::Executed(sequence, None, _) => write!(out, "Executed {sequence}: nothing"),
            Output::Executed(sequence, Some(request), None) => write!(out, "Executed {sequence}: {request}"),
            Output::Executed(sequence, Some(request), Some(value)) => {
                write!(out, "Executed {sequence}: {request} is {value}")
            }
            Output::Tentative(sequence, request, None) => write!(out, "Tentative {sequence}: {request}"),
            Output::Tentative(sequence, request, Some(value)) => {
                write!(out, "Tentative {sequence}: {request} is {value}")
            }
            Output::Read(request, answer) => write!(out, "Read {request} is {}", words(*answer)),
            Output::Accepted(request, None) => write!(out, "Accepted {request}"),
            Output::Accepted(request, Some(value)) => write!(out, "Accepted {request} is {value}"),
            Output::Entered(view) => write!(out, "Entered view {view}"),
        }
    }
}

impl Display for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (key, value)) in self.0.iter().enumerate() {
            write!(out, "{}{key}={value}", if place == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}
