//! What clients asked and were told, as a history.

use crate::{Reply, Request, Serial};
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
    /// The operation of each command in a session, and its client: asked again, it is still the same
    /// operation.
    numbered: Map<Serial, (usize, u64)>,
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
    /// The name of a command in a session.
    serial: Option<Serial>,
    client: u64,
    operation: usize,
}

/// A history is shown and no claim is about it, so a search need not tell apart states that differ in it only.
impl Hash for Clients {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Clients {
    /// A client asks a node, which takes the request up; a read beside the sequence has a number there.
    pub(crate) fn ask(
        &mut self,
        node: NodeId,
        request: &Request,
        number: Option<u64>,
        serial: Option<Serial>,
    ) {
        let request = request.clone();
        let again = serial.and_then(|serial| self.numbered.get(&serial).copied());
        if let Some((operation, client)) = again {
            self.open.retain(|open| open.operation != operation);
            if self.history.operations[operation].returned.is_none() {
                self.open.push(Open { node, request, number, serial, client, operation });
            }
            return;
        }
        let client = self.idle.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count
        });
        let act = match &request {
            Request::Put { value, .. } => KeyValueAct::Put(value.to_string()),
            Request::Get { .. } => KeyValueAct::Get,
        };
        let operation = self.history.invoke(client, KeyValueInput { key: request.key().to_string(), act });
        if let Some(serial) = serial {
            self.numbered.insert(serial, (operation, client));
        }
        self.open.push(Open { node, request, number, serial, client, operation });
    }

    /// A node tells a client what came of its request. Of several that ask the same it is the first: it does not matter to
    /// whether some order explains all answers, since theirs would do as well.
    pub(crate) fn answer(&mut self, node: NodeId, reply: &Reply) {
        let (is_meant, value): (&dyn Fn(&Open) -> bool, _) = match reply {
            Reply::Answered { request, value } => (
                &|open: &Open| open.number.is_none() && open.serial.is_none() && open.request == *request,
                value,
            ),
            Reply::Done { serial, value, .. } => (&|open: &Open| open.serial == Some(*serial), value),
            Reply::Read { number, value, .. } => (&|open: &Open| open.number == Some(*number), value),
            Reply::Redirected { .. }
            | Reply::Reading { .. }
            | Reply::Registered { .. }
            | Reply::Expired { .. } => return,
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
