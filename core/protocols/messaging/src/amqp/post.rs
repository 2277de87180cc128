//! The exchange that a client declares: n4 is what n3 tells it to be.

use super::exchange::{Binding, Exchange};
use super::names::Post;
use super::topology::Sort;
use super::{Amqp, Letter, Message, Output};
use faultline_core::prelude::*;

const SETUP: Rule =
    Rule::new("exchange.declare, queue.bind", "n4 takes over what n3 has declared and bound.");
const UNKNOWN: Rule = Rule::new(
    "basic.publish",
    "Publishing to an exchange that does not exist closes the channel. The message is lost, and not confirmed.",
);

impl Post {
    /// The kind of the exchange; as good as any while there is none.
    pub(super) fn sort(&self) -> Sort {
        self.exchange.as_ref().map_or(Sort::Direct, |(_, sort)| *sort)
    }

    pub(super) fn bindings(&self) -> Vec<Binding> {
        self.ties.iter().map(|(queue, _, key)| Binding { queue: *queue, key: key.clone() }).collect()
    }
}

impl Exchange {
    /// What n3 says is so, unless it has said something later already.
    pub(super) fn set_post(&mut self, from: NodeId, post: Post, ctx: &mut Ctx<Amqp>) {
        let Some(known) = &self.post else { return ctx.note(&SETUP) };
        ctx.note(&SETUP);
        if post.version > known.version {
            self.take_post(post, ctx);
        }
        let version = self.post.as_ref().map_or(0, |post| post.version);
        ctx.send(from, Message::SetupOk(version));
    }

    /// Changes the bindings, and tells how.
    fn take_post(&mut self, post: Post, ctx: &mut Ctx<Amqp>) {
        let wanted = post.bindings();
        for Binding { queue, key } in self.bindings.iter().filter(|it| !wanted.contains(it)) {
            ctx.output(Output::Unbound(*queue, key.clone()));
        }
        for Binding { queue, key } in wanted.iter().filter(|it| !self.bindings.contains(it)) {
            ctx.output(Output::Bound(*queue, key.clone()));
        }
        ctx.tell(&SETUP, || match &post.exchange {
            Some((name, sort)) => format!("is now the {sort} exchange `{name}`"),
            None => "is no exchange any more".into(),
        });
        self.sort = post.sort();
        (self.bindings, self.post) = (wanted, Some(post));
    }

    /// A client publishes to an exchange by its name.
    pub(super) fn publish_to(&mut self, letter: &Letter, exchange: &str, ctx: &mut Ctx<Amqp>) {
        let publisher = letter.name.publisher;
        let known = self.post.as_ref().and_then(|post| post.exchange.as_ref());
        if known.is_some_and(|(name, _)| name == exchange) {
            return self.route(letter, publisher, &[], ctx);
        }
        ctx.tell(&UNKNOWN, || {
            format!("closes the channel of {publisher}, because there is no exchange `{exchange}`")
        });
        ctx.send(publisher, Message::NotFound(letter.name, exchange.to_owned()));
    }

    /// The message that puts another into a queue: where queues are declared, it says which queue it is for.
    pub(super) fn deposit(&self, queue: NodeId, letter: &Letter) -> Message {
        let bound = self.post.iter().flat_map(|post| &post.ties).find(|(node, ..)| *node == queue);
        let named =
            self.names.iter().flat_map(|names| &names.register.queues).find(|(node, _)| *node == queue);
        let tenant = bound.map(|(_, tenant, _)| tenant).or(named.map(|(_, tenant)| tenant));
        match tenant {
            Some(tenant) => Message::Deposit(letter.clone(), tenant.clone()),
            None => Message::Enqueue(letter.clone()),
        }
    }
}
