//! What clients asked and were told, as a history.

use crate::{Reply, Request};
use faultline_core::history::model::{KeyValueAct, KeyValueInput, KeyValueOutput};
use faultline_core::prelude::*;
use std::hash::{Hash, Hasher};

/// Clients as a history knows them: a client asks, waits for the answer, and asks again. One that never hears an answer
/// asks for nothing more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients {
    history: Of<KeyValue>,
    /// What a node has taken up and not answered, in the order in which it was asked.
    open: Vec<Open>,
    /// The clients that have been answered and may ask again, and how many clients there are.
    idle: Vec<u64>,
    count: u64,
}

/// A request that a node has taken up.
#[derive(Clone, Debug)]
struct Open {
    node: NodeId,
    request: Request,
    /// The number of a read beside the sequence.
    number: Option<u64>,
    client: u64,
    operation: usize,
}

/// A history is shown and no claim is about it, so a search need not tell apart states that differ in it only.
impl Hash for Clients {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Clients {
    /// A client asks a node, which takes the request up; a read beside the sequence has a number there.
    pub(crate) fn ask(&mut self, node: NodeId, request: &Request, number: Option<u64>) {
        let client = self.idle.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count
        });
        let act = match request {
            Request::Put { value, .. } => KeyValueAct::Put(value.to_string()),
            Request::Get { .. } => KeyValueAct::Get,
        };
        let operation = self.history.invoke(client, KeyValueInput { key: request.key().to_string(), act });
        self.open.push(Open { node, request: request.clone(), number, client, operation });
    }

    /// A node tells a client what came of its request. Of several that ask the same it is the first: it does not matter to
    /// whether some order explains all answers, since theirs would do as well.
    pub(crate) fn answer(&mut self, node: NodeId, reply: &Reply) {
        let (is_meant, value): (&dyn Fn(&Open) -> bool, _) = match reply {
            Reply::Answered { request, value } => {
                (&|open: &Open| open.number.is_none() && open.request == *request, value)
            }
            Reply::Read { number, value, .. } => (&|open: &Open| open.number == Some(*number), value),
            Reply::Redirected { .. } | Reply::Reading { .. } => return,
        };
        let Some(place) = self.open.iter().position(|open| open.node == node && is_meant(open)) else {
            return;
        };
        let Open { request, client, operation, .. } = self.open.remove(place);
        let output = match request {
            Request::Put { .. } => KeyValueOutput::Done,
            Request::Get { .. } => KeyValueOutput::Holds(value.map_or(String::new(), |it| it.to_string())),
        };
        self.history.answer(operation, output);
        self.idle.push(client);
    }

    /// A node has crashed: its clients wait in vain, though a request that it took up may still take effect.
    pub(crate) fn leave(&mut self, node: NodeId) {
        self.open.retain(|open| open.node != node);
    }

    /// Whether a client was told what a key holds.
    pub(crate) fn has_read(&self) -> bool {
        let mut answers = self.history.operations.iter().filter_map(|operation| operation.returned.as_ref());
        answers.any(|(_, told)| matches!(told, KeyValueOutput::Holds(_)))
    }

    /// The history.
    pub(crate) fn history(&self) -> &Of<KeyValue> {
        &self.history
    }
}
