//! A publisher.

use super::client::Client;
use super::examples;
use super::frame;
use super::methods::Code;
use super::topology::{FIRST, SECOND, Sort, plan};
use super::words::blank_before;
use super::{Amqp, Input, Letter, Message, Name, Output, Overflow, Params, Posting, Stable};
use crate::rpc::marshal::hex;
use faultline_core::card::Pointer;
use faultline_core::prelude::*;

/// A publisher.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Publisher {
    numbered: u64,
    /// What was neither confirmed nor lost in a crash of its own.
    open: Vec<Name>,
    returned: u64,
    nacked: u64,
    /// What it published last, and to the exchange of which name, if its frames are shown.
    last: Option<(String, Letter)>,
    params: Params,
    /// Its connection, where clients declare what they need.
    pub(super) client: Option<Client>,
}

const PUBLISH: Rule = Rule::new(
    "basic.publish",
    "A publisher hands a message with a routing key to an exchange. It knows nothing of queues.",
);
const CONFIRMED: Rule = Rule::new(
    "publisher confirms",
    "Every queue that matches a confirmed message has accepted it. If none matches, no queue has it.",
);
const NACKED: Rule = Rule::new(
    "publisher confirms, basic.nack",
    "A message is nacked when a queue has refused it. Its publisher may publish it again.",
);
const RETURNED: Rule =
    Rule::new("basic.return", "A mandatory message that reaches no queue returns to its publisher.");

impl Publisher {
    pub(super) fn start(stable: &Stable, ctx: &mut Ctx<Amqp>) -> Self {
        let (connections, numbered) = match stable {
            Stable::Client { connections, numbered } => (*connections, *numbered),
            Stable::Publisher(numbered) => (0, *numbered),
            _ => (0, 0),
        };
        let (params, client) = (ctx.params().clone(), Client::start(connections, ctx));
        Publisher { numbered, open: Vec::new(), returned: 0, nacked: 0, last: None, params, client }
    }

    pub(super) fn stable(&self) -> Stable {
        match &self.client {
            Some(client) => Stable::Client { connections: client.connection, numbered: self.numbered },
            None => Stable::Publisher(self.numbered),
        }
    }

    pub(super) fn publish(&mut self, posting: Posting, ctx: &mut Ctx<Amqp>) {
        let Posting { key, terms, exchange } = posting;
        // In a fixed topology nobody has declared another exchange than n3.
        let exchange = exchange.filter(|_| self.client.is_some());
        self.numbered += 1;
        let name = Name { publisher: ctx.me(), number: self.numbered };
        ctx.tell(&PUBLISH, || format!("publishes {name} with key `{key}`"));
        ctx.output(Output::Published { name, key: key.clone() });
        self.open.push(name);
        let letter = Letter { name, key, terms, deaths: Vec::new() };
        let to = if exchange.is_some() { SECOND } else { FIRST };
        let name = exchange.clone().unwrap_or_else(|| self.first());
        self.last = self.params.frames.then(|| (name, letter.clone()));
        ctx.send(
            to,
            match exchange {
                Some(exchange) => Message::PublishTo(letter, exchange),
                None => Message::Publish(letter),
            },
        );
    }

    /// What n3 is called on the wire, where the default exchange has no name.
    fn first(&self) -> String {
        let is_nameless = plan(self.params.topology).sorts[0] == Sort::Default;
        if is_nameless { String::new() } else { FIRST.to_string() }
    }

    pub(super) fn confirmed(&mut self, name: Name, ctx: &mut Ctx<Amqp>) {
        self.open.retain(|it| *it != name);
        ctx.note(&CONFIRMED);
        ctx.output(Output::Confirmed(name));
    }

    pub(super) fn nacked(&mut self, name: Name, ctx: &mut Ctx<Amqp>) {
        self.open.retain(|it| *it != name);
        self.nacked += 1;
        ctx.tell(&NACKED, || format!("hears that a queue has refused {name}"));
        ctx.output(Output::Nacked(name));
    }

    pub(super) fn returned(&mut self, name: Name, ctx: &mut Ctx<Amqp>) {
        self.returned += 1;
        ctx.tell(&RETURNED, || format!("receives {name} back"));
        ctx.output(Output::Returned(name));
    }

    /// There is no such exchange, and the message is lost.
    pub(super) fn not_found(&mut self, name: Name, exchange: &str, ctx: &mut Ctx<Amqp>) {
        self.open.retain(|it| *it != name);
        ctx.output(Output::Lost(name));
        if let Some(client) = &mut self.client {
            client.closed(Code::NotFound, &format!("no exchange `{exchange}`"), ctx);
        }
    }

    pub(super) fn inputs(&self) -> Vec<Input> {
        if self.client.is_some() {
            return examples::of_a_publisher();
        }
        let plan = plan(self.params.topology);
        let read = |words: &&str| Posting::read(&blank_before(words)).ok();
        let mut postings: Vec<Posting> = plan.keys.iter().filter_map(read).collect();
        // Where priorities count, the same messages are offered once more, with the highest.
        let highest = self.params.ranks(u8::MAX);
        if highest > 0 {
            let urgent = |it: &Posting| {
                let mut it = it.clone();
                it.terms.priority = highest;
                it
            };
            postings.extend(postings.iter().map(urgent).collect::<Vec<_>>());
        }
        postings.into_iter().map(Input::Publish).collect()
    }

    pub(super) fn card(&self) -> Card {
        let mut fields = vec![
            Field::new("published", Meaning::Counter, self.numbered),
            Field::new("unconfirmed", Meaning::Counter, self.open.len()),
            Field::new("returned", Meaning::Counter, self.returned),
        ];
        if self.params.overflow == Overflow::RejectPublish {
            fields.push(Field::new("nacked", Meaning::Counter, self.nacked));
        }
        fields.extend(self.client.iter().flat_map(Client::fields));
        if let Some((exchange, letter)) = &self.last {
            let parts = ["method", "header", "body"].into_iter().zip(frame::publish(exchange, letter));
            fields.extend(parts.map(|(part, bytes)| Field::new(part, Meaning::Value, hex(&bytes))));
        }
        Card {
            role: "publisher",
            badge: format!("{} open", self.open.len()),
            fields,
            pointers: vec![Pointer { name: "publishes".into(), to: FIRST, always: true }],
            ..Card::default()
        }
    }
}
