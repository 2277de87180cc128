//! What is claimed of calls. A claim speaks of the client's calls, whatever identifiers their copies bear below.

use super::{CallId, Outcome, Output, Rpc, Semantics};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// What the judge remembers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    semantics: Option<Semantics>,
    calls: Map<CallId, Call>,
    /// When a call ended last. While calls end, those that are open wait for their turn.
    ended: Micros,
}

/// What was debited at an execution, and the balance then.
type Execution = (u32, i64);

/// What is known of a client's call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Call {
    amount: u32,
    at: Micros,
    executions: Vec<Execution>,
    end: Option<Outcome>,
    /// Whether its client has crashed and forgotten it.
    forgotten: bool,
}

impl Call {
    fn is_open(&self) -> bool {
        self.end.is_none() && !self.forgotten
    }

    fn is_done_once(&self) -> bool {
        self.executions.len() == 1 && matches!(self.end, Some(Outcome::Returned(_)))
    }
}

impl Record {
    /// Adds a step.
    pub(super) fn remember(&mut self, step: &Step<'_, Rpc>) {
        if let Some(node) = step.node {
            self.semantics = Some(node.semantics);
        } else if self.semantics != Some(Semantics::ExactlyOnce) {
            let of = |call: &CallId| call.caller == step.who;
            let open: Vec<_> =
                self.calls.iter().filter(|(id, it)| of(id) && it.is_open()).map(|(id, _)| *id).collect();
            for call in open {
                self.change(call, |it| it.forgotten = true);
            }
        }
        for output in step.outputs {
            if matches!(output, Output::Returned(..) | Output::Failed(_) | Output::Unknown(_)) {
                self.ended = step.now;
            }
            match *output {
                Output::Called(call, amount) => {
                    let made =
                        Call { amount, at: step.now, executions: Vec::new(), end: None, forgotten: false };
                    self.calls.insert(call, made);
                }
                Output::Executed(call, amount, balance) => {
                    self.change(call, |it| it.executions.push((amount, balance)));
                }
                Output::Returned(call, balance) => {
                    self.change(call, |it| it.end = Some(Outcome::Returned(balance)));
                }
                Output::Failed(call) => self.change(call, |it| it.end = Some(Outcome::Failed)),
                Output::Unknown(call) => self.change(call, |it| it.end = Some(Outcome::Unknown)),
            }
        }
    }

    fn change(&mut self, call: CallId, how: impl FnOnce(&mut Call)) {
        if let Some(call) = self.calls.get_mut(&call) {
            how(call);
        }
    }

    /// Calls; executions; calls that returned; calls whose outcome is unknown although they were executed.
    pub(super) fn counted(&self) -> [u64; 4] {
        let count = |holds: fn(&&Call) -> bool| self.calls.values().filter(holds).count() as u64;
        [
            self.calls.len() as u64,
            self.calls.values().map(|call| call.executions.len() as u64).sum(),
            count(|call| matches!(call.end, Some(Outcome::Returned(_)))),
            count(|call| call.end == Some(Outcome::Unknown) && !call.executions.is_empty()),
        ]
    }
}

pub(super) const CLAIMS: &[Property<Rpc>] = &[
    always(
        "At Most Once",
        "With at most once and exactly once, no call is executed twice.",
        About::Outputs,
        at_most_once,
    )
    .given(at_most_once_is_promised),
    always(
        "Integrity",
        "A call that returns was executed, and its reply is that of its own execution.",
        About::Outputs,
        integrity,
    )
    .given(|scene| some(scene, |call| matches!(call.end, Some(Outcome::Returned(_))), "no call has returned yet")),
    always(
        "Honesty",
        "A call that is reported as failed was not executed, and never will be.",
        About::Outputs,
        honesty,
    )
    .given(|scene| some(scene, |call| call.end.is_some(), "no call has ended yet")),
    always(
        "Arguments",
        "A call is executed with the arguments that the client gave.",
        About::Outputs,
        arguments,
    )
    .given(|scene| some(scene, |call| !call.executions.is_empty(), "no call has been executed yet")),
    eventually(
        "Every Call Returns",
        "In the end, every call whose client has not forgotten it in a crash has an outcome, if only that it is unknown.",
        Despite::Nothing,
        somebody_calls,
        every_call_returns,
    )
    .since(|scene| open(scene).map(|(_, call)| call.at.max(scene.record.ended)).min()),
    eventually(
        "Exactly Once",
        "With exactly once, in the end every call has been executed once and has returned.",
        Despite::Nothing,
        exactly_once_is_promised,
        exactly_once,
    )
    .since(|scene| unfinished(scene).map(|(_, call)| call.at.max(scene.record.ended)).min()),
    sometimes(
        "Unknown But Executed",
        "A client is left without knowing the outcome of a call that was executed.",
        About::Outputs,
        unknown_but_executed,
    ),
    sometimes(
        "Double Debit",
        "A call is executed twice, which maybe and at least once do not rule out.",
        About::Outputs,
        |scene| if second(scene).is_some() { Ok(()) } else { Err(Contradiction::default()) },
    ),
];

fn calls<'a>(scene: &'a Scene<'_, Rpc>) -> impl Iterator<Item = (CallId, &'a Call)> {
    scene.record.calls.iter().map(|(id, call)| (*id, call))
}

fn open<'a>(scene: &'a Scene<'_, Rpc>) -> impl Iterator<Item = (CallId, &'a Call)> {
    calls(scene).filter(|(_, call)| call.is_open())
}

fn unfinished<'a>(scene: &'a Scene<'_, Rpc>) -> impl Iterator<Item = (CallId, &'a Call)> {
    calls(scene).filter(|(_, call)| !call.is_done_once())
}

/// Whether there is such a call; otherwise what is missing.
fn some(scene: &Scene<'_, Rpc>, holds: fn(&Call) -> bool, missing: &'static str) -> Result<(), &'static str> {
    if calls(scene).any(|(_, call)| holds(call)) { Ok(()) } else { Err(missing) }
}

fn somebody_calls(scene: &Scene<'_, Rpc>) -> Result<(), &'static str> {
    some(scene, |_| true, "no client has called yet")
}

fn at_most_once_is_promised(scene: &Scene<'_, Rpc>) -> Result<(), &'static str> {
    match scene.record.semantics {
        Some(semantics) if semantics.dedupes() => {
            some(scene, |call| !call.executions.is_empty(), "no call has been executed yet")
        }
        _ => Err("without a table, these semantics do not promise it"),
    }
}

fn exactly_once_is_promised(scene: &Scene<'_, Rpc>) -> Result<(), &'static str> {
    match scene.record.semantics {
        Some(Semantics::ExactlyOnce) => somebody_calls(scene),
        _ => Err("only exactly once promises it"),
    }
}

/// The executions of this step.
fn executed<'a>(scene: &'a Scene<'_, Rpc>) -> impl Iterator<Item = (CallId, u32, i64)> + 'a {
    scene.outputs.iter().filter_map(|output| match *output {
        Output::Executed(call, amount, balance) => Some((call, amount, balance)),
        _ => None,
    })
}

/// The last server, when it executed a call.
fn bank(scene: &Scene<'_, Rpc>, call: CallId, (amount, balance): Execution) -> Side {
    let last = NodeId((scene.count() as u32).saturating_sub(1));
    Side::of(last).showing(Fact::Field("balance")).telling(&Output::Executed(call, amount, balance))
}

/// A client, when it told how a call ended.
fn client(call: CallId, outcome: Outcome) -> Side {
    Side::of(call.caller).showing(Fact::Field("last outcome")).telling(&match outcome {
        Outcome::Returned(balance) => Output::Returned(call, balance),
        Outcome::Failed => Output::Failed(call),
        Outcome::Unknown => Output::Unknown(call),
    })
}

/// An execution of this step that is not the call's first, and the first.
fn second(scene: &Scene<'_, Rpc>) -> Option<(CallId, [Execution; 2])> {
    executed(scene).find_map(|(call, amount, balance)| {
        let first = scene.record.calls.get(&call)?.executions.first()?;
        Some((call, [(amount, balance), *first]))
    })
}

fn at_most_once(scene: &Scene<'_, Rpc>) -> Result<(), Contradiction> {
    let promised = scene.node.is_some_and(|node| node.semantics.dedupes());
    let Some((call, [now, first])) = second(scene).filter(|_| promised) else { return Ok(()) };
    let (who, balance, before) = (scene.who, now.1, first.1);
    Err(Contradiction::between(
        format!(
            "{who} executes {call} a second time: the balance is {balance}, and was {before} after the first"
        ),
        [bank(scene, call, now), bank(scene, call, first)],
    ))
}

fn integrity(scene: &Scene<'_, Rpc>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        let Output::Returned(call, balance) = *output else { continue };
        let executions = scene.record.calls.get(&call).map_or(&[][..], |it| &it.executions);
        if executions.iter().any(|(_, told)| *told == balance) {
            continue;
        }
        let me = client(call, Outcome::Returned(balance));
        let (words, sides) = match executions.first() {
            Some(&(amount, told)) => (
                format!("{call} returns the balance {balance}, but it was {told} when the call was executed"),
                vec![me, bank(scene, call, (amount, told))],
            ),
            None => (format!("{call} returns the balance {balance}, but it was never executed"), vec![me]),
        };
        return Err(Contradiction::between(words, sides));
    }
    Ok(())
}

fn honesty(scene: &Scene<'_, Rpc>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        let (call, execution) = match *output {
            Output::Failed(call) => {
                let executed = scene.record.calls.get(&call).and_then(|it| it.executions.first());
                (call, executed.copied())
            }
            Output::Executed(call, amount, balance) => {
                let has_failed = |it: &Call| it.end == Some(Outcome::Failed);
                let failed = scene.record.calls.get(&call).is_some_and(has_failed);
                (call, failed.then_some((amount, balance)))
            }
            _ => continue,
        };
        if let Some(execution) = execution {
            let (balance, caller) = (execution.1, call.caller);
            return Err(Contradiction::between(
                format!(
                    "{caller} says that {call} has failed, but it was executed, with the balance {balance}"
                ),
                [client(call, Outcome::Failed), bank(scene, call, execution)],
            ));
        }
    }
    Ok(())
}

fn arguments(scene: &Scene<'_, Rpc>) -> Result<(), Contradiction> {
    for (call, amount, balance) in executed(scene) {
        let given = scene.record.calls.get(&call).map(|it| it.amount);
        if let Some(given) = given.filter(|given| *given != amount) {
            let who = scene.who;
            let asked = Side::of(call.caller).showing(Fact::Field("big-endian"));
            return Err(Contradiction::between(
                format!("{who} debits {amount} for {call}, but the client asked for {given}"),
                [bank(scene, call, (amount, balance)), asked.telling(&Output::Called(call, given))],
            ));
        }
    }
    Ok(())
}

fn every_call_returns(scene: &Scene<'_, Rpc>) -> Result<(), Contradiction> {
    let Some((call, it)) = open(scene).next() else { return Ok(()) };
    let side = Side::of(call.caller).showing(Fact::Field("open calls"));
    Err(Contradiction::between(
        format!("{} still waits for an outcome of {call}", call.caller),
        [side.telling(&Output::Called(call, it.amount))],
    ))
}

fn exactly_once(scene: &Scene<'_, Rpc>) -> Result<(), Contradiction> {
    let Some((call, it)) = unfinished(scene).next() else { return Ok(()) };
    let asked = Side::of(call.caller).telling(&Output::Called(call, it.amount));
    let (words, side) = match (it.executions.as_slice(), it.end) {
        ([], _) => (format!("{call} was never executed"), asked),
        ([first], _) => (format!("{call} was executed and has not returned"), bank(scene, call, *first)),
        (all, _) => (format!("{call} was executed {} times", all.len()), bank(scene, call, all[0])),
    };
    Err(Contradiction::between(words, [side]))
}

fn unknown_but_executed(scene: &Scene<'_, Rpc>) -> Result<(), Contradiction> {
    let is = |output: &Output| match output {
        Output::Unknown(call) => scene.record.calls.get(call).is_some_and(|it| !it.executions.is_empty()),
        _ => false,
    };
    if scene.outputs.iter().any(is) { Ok(()) } else { Err(Contradiction::default()) }
}
