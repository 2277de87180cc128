//! An exchange: where a message goes, and what its publisher is told.

use super::methods::Target;
use super::names::{Names, Post, Register};
use super::topology::{Sort, plan};
use super::words::list;
use super::{Amqp, Input, Letter, Message, Name, Output, Params, Reason, Stable, topic};
use faultline_core::card::Pointer;
use faultline_core::prelude::*;

/// A queue, and the condition for a message to go there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binding {
    pub(super) queue: NodeId,
    pub(super) key: String,
}

/// A message that some have not accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Unconfirmed {
    name: Name,
    /// The queues and exchanges that have not accepted it.
    missing: NodeSet,
    /// Who is told: its publisher, or the exchange that has passed it on.
    asker: NodeId,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange {
    pub(super) params: Params,
    pub(super) sort: Sort,
    pub(super) alternate: Option<NodeId>,
    pub(super) bindings: Vec<Binding>,
    /// The names of what clients have declared; n3 keeps them.
    pub(super) names: Option<Names>,
    /// What n4 is, where exchanges are declared.
    pub(super) post: Option<Post>,
    /// What is not confirmed yet.
    waiting: Vec<Unconfirmed>,
    /// A binding that the page offers.
    example: Option<Binding>,
}

const BIND: Rule = Rule::new(
    "3.1.3, queue.bind",
    "A binding tells an exchange which messages a queue wants. Binding the same twice changes nothing.",
);
const UNBIND: Rule =
    Rule::new("queue.unbind", "A queue receives no more messages through a binding that was removed.");
const NAMELESS: Rule = Rule::new(
    "3.1.3.1",
    "Every queue is bound to the default exchange by its name. This binding cannot be changed.",
);
const ROUTE: Rule = Rule::new(
    "3.1.3",
    "A message goes once to every queue that has a matching binding, however many bindings match.",
);
const ALTERNATE: Rule = Rule::new(
    "alternate exchange",
    "A message that matches no binding goes to the alternate exchange, if there is one.",
);
const NOWHERE: Rule = Rule::new(
    "basic.publish, mandatory",
    "A message that reaches no queue is returned if it is mandatory, and dropped if not. Either way it is \
     confirmed.",
);
const LAST: Rule = Rule::new(
    "dead letter exchanges",
    "An exchange drops a dead letter that reaches no queue or would go in circles. Its publisher received \
     the confirm long ago.",
);
const CONFIRM: Rule = Rule::new(
    "publisher confirms",
    "An exchange confirms a message when every queue to which it goes has accepted it, a persistent one on \
     disk.",
);

const NACK: Rule = Rule::new(
    "publisher confirms, basic.nack",
    "A message that one of its queues refuses is nacked. The other queues keep it.",
);
const ONCE: Rule = Rule::new(
    "exchange.bind",
    "An exchange passes a message on to the exchanges that are bound to it. However many ways lead to a \
     queue, it gets one copy.",
);

impl Exchange {
    pub(super) fn start(stable: Stable, ctx: &mut Ctx<Amqp>) -> Self {
        let (me, params) = (ctx.me(), ctx.params().clone());
        let plan = plan(params.topology);
        let first = me == super::topology::FIRST;
        if params.declares() {
            return Exchange::declared(first, stable, ctx);
        }
        let bindings = if let Stable::Exchange(bindings) = stable {
            bindings
        } else {
            let mine = plan.bindings.iter().filter(|(exchange, ..)| NodeId(*exchange) == me);
            let first: Vec<Binding> =
                mine.map(|(_, queue, key)| Binding { queue: NodeId(*queue), key: (*key).into() }).collect();
            for Binding { queue, key } in &first {
                ctx.output(Output::Bound(*queue, key.clone()));
            }
            first
        };
        let (queue, key) = plan.example;
        Exchange {
            sort: plan.sorts[usize::from(!first)],
            alternate: plan.alternate.filter(|_| first),
            bindings,
            names: None,
            post: None,
            waiting: Vec::new(),
            example: first.then(|| Binding { queue: NodeId(queue), key: key.into() }),
            params,
        }
    }

    /// An exchange of a broker in which nothing is declared at first: n3, which keeps the names, or n4.
    fn declared(first: bool, stable: Stable, ctx: &mut Ctx<Amqp>) -> Self {
        let (register, post) = match stable {
            Stable::Names(register) => (register, Post::default()),
            Stable::Post(post) => (Register::default(), post),
            _ => (Register::default(), Post::default()),
        };
        let exchange = Exchange {
            params: ctx.params().clone(),
            sort: if first { Sort::Default } else { post.sort() },
            alternate: None,
            bindings: post.bindings(),
            names: first.then(|| Names::start(register, ctx)),
            post: (!first).then_some(post),
            waiting: Vec::new(),
            example: None,
        };
        ctx.note(&BIND);
        exchange
    }

    pub(super) fn stable(&self) -> Stable {
        match (&self.names, &self.post) {
            (Some(names), _) => Stable::Names(names.register.clone()),
            (None, Some(post)) => Stable::Post(post.clone()),
            (None, None) => Stable::Exchange(self.bindings.clone()),
        }
    }

    pub(super) fn bind(&mut self, binding: Binding, ctx: &mut Ctx<Amqp>) {
        let queue = binding.queue;
        if self.sort == Sort::Default || self.post.is_some() {
            return ctx.note(&NAMELESS);
        }
        if !is_queue(queue) && !is_other(ctx.me(), queue) || self.bindings.contains(&binding) {
            return ctx.note(&BIND);
        }
        ctx.tell(&BIND, || format!("binds {queue} with `{}`", binding.key));
        ctx.output(Output::Bound(queue, binding.key.clone()));
        self.bindings.push(binding);
    }

    pub(super) fn unbind(&mut self, binding: &Binding, ctx: &mut Ctx<Amqp>) {
        let known = self.bindings.iter().position(|it| it == binding).filter(|_| self.post.is_none());
        let Some(place) = known else {
            return ctx.note(if self.sort == Sort::Default { &NAMELESS } else { &UNBIND });
        };
        let Binding { queue, key } = self.bindings.remove(place);
        ctx.tell(&UNBIND, || format!("removes the binding of {queue} with `{key}`"));
        ctx.output(Output::Unbound(queue, key));
    }

    /// The queues to which a key goes.
    fn matching(&self, key: &str) -> Vec<NodeId> {
        let bugs = &self.params.bugs;
        let by = |holds: &dyn Fn(&str) -> bool| {
            let mut found = Vec::new();
            for Binding { queue, key } in &self.bindings {
                if holds(key) && (bugs.copies_per_binding || !found.contains(queue)) {
                    found.push(*queue);
                }
            }
            found
        };
        match self.sort {
            Sort::Default if self.names.is_some() => {
                let names = self.names.iter();
                names.filter_map(|names| names.register.find(key)).map(|(place, _)| *place).collect()
            }
            Sort::Default => (4..=6).map(NodeId).filter(|queue| queue.to_string() == key).collect(),
            Sort::Direct => by(&|it| it == key),
            Sort::Fanout => by(&|_| true),
            Sort::Headers => by(&|it| topic::headers_match(it, key)),
            Sort::Topic => by(&|it| {
                let none = !(bugs.hash_needs_word || bugs.dot_not_optional && it.contains('.'));
                topic::matches_if(it, key, none)
            }),
            // A weight that is no number counts 1.
            Sort::Hash => {
                let weights = self.bindings.iter().map(|it| it.key.parse().unwrap_or(1_u64).min(100));
                let weights: Vec<_> = weights.collect();
                let mut bucket = topic::bucket(key, weights.iter().sum());
                let all = self.bindings.iter().zip(weights);
                let mut found = all.filter(|(_, weight)| {
                    let here = bucket < *weight;
                    bucket = bucket.wrapping_sub(*weight);
                    here
                });
                found.next().map(|(binding, _)| binding.queue).into_iter().collect()
            }
        }
    }

    /// The exchange that a published message has passed, where it comes from one whose alternate this is: it
    /// need not get the message again.
    pub(super) fn passed_by(&self, from: NodeId) -> Option<NodeId> {
        Some(from).filter(|from| is_exchange(*from) && !self.params.bugs.copies_per_way)
    }

    /// Sends a message on its ways, and reports what becomes of it. Whoever has passed it on gets the word of the
    /// queues, and has it already, like those that it has passed it to.
    pub(super) fn route(&mut self, letter: &Letter, asker: NodeId, passed: &[NodeId], ctx: &mut Ctx<Amqp>) {
        let (name, key) = (letter.name, letter.key.clone());
        let mut to = self.matching(&key);
        let alternate = self.alternate.filter(|_| to.is_empty() || self.params.bugs.always_alternate);
        let circles: Vec<NodeId> = match self.params.bugs.goes_in_circles {
            false => to.iter().copied().filter(|queue| letter.circles(*queue)).collect(),
            true => Vec::new(),
        };
        let known =
            |node: &NodeId| passed.contains(node) && !(is_queue(*node) && self.params.bugs.copies_per_way);
        let again: Vec<NodeId> = to.iter().copied().filter(known).collect();
        to.retain(|node| !circles.contains(node) && !again.contains(node));
        let rule = match (alternate, again.as_slice()) {
            (Some(_), _) => &ALTERNATE,
            (None, []) => &ROUTE,
            (None, _) => &ONCE,
        };
        ctx.tell(rule, || match (to.as_slice(), alternate) {
            ([], Some(other)) => format!("forwards {name} to {other}"),
            ([], None) if !again.is_empty() => format!("has no queue for {name} that has not got it"),
            ([], None) if circles.is_empty() => format!("has no queue for {name}"),
            ([], None) => format!("drops {name}, which would go in circles"),
            (nodes, _) => format!("routes {name} to {}", list(nodes).replace(' ', ", ")),
        });
        ctx.output(Output::Routed { name, key, to: to.clone(), alternate, circles, passed: again });
        if let Some(other) = alternate {
            ctx.send(other, Message::Publish(letter.clone()));
        }
        let reached = [passed, &[ctx.me()], &to].concat();
        for node in &to {
            ctx.send(
                *node,
                match is_queue(*node) {
                    true => self.deposit(*node, letter),
                    false => Message::Forward(letter.clone(), reached.clone()),
                },
            );
        }
        if to.is_empty() && alternate.is_none() {
            give_up(letter, asker, passed, ctx);
        } else if !to.is_empty() && self.params.bugs.confirms_early {
            confirm(letter, asker, ctx);
        } else if !to.is_empty() && letter.deaths.is_empty() {
            self.waiting.push(Unconfirmed { name, missing: to.into_iter().collect(), asker });
        }
    }

    /// A queue has a message, or an exchange has the word of all its queues.
    pub(super) fn accepted(&mut self, from: NodeId, name: Name, ctx: &mut Ctx<Amqp>) {
        ctx.note(&CONFIRM);
        let place = self.waiting.iter().position(|it| it.name == name);
        // Else it was asked before a crash, or has been nacked, and nobody will hear.
        let Some(place) = place else { return };
        self.waiting[place].missing.remove(from);
        if self.waiting[place].missing.is_empty() {
            let Unconfirmed { asker, .. } = self.waiting.remove(place);
            answer(name, asker, true, ctx);
        }
    }

    /// A queue has refused a message, and nobody will confirm it.
    pub(super) fn refused(&mut self, from: NodeId, name: Name, ctx: &mut Ctx<Amqp>) {
        let place = self.waiting.iter().position(|it| it.name == name);
        let Some(place) = place else { return ctx.note(&NACK) };
        ctx.tell(&NACK, || format!("nacks {name}, which {from} has refused"));
        let Unconfirmed { asker, .. } = self.waiting[place];
        answer(name, asker, false, ctx);
        if self.params.bugs.confirms_refused {
            return self.accepted(from, name, ctx);
        }
        self.waiting.remove(place);
    }

    pub(super) fn inputs(&self) -> Vec<Input> {
        let Some(example) = self.example.clone() else { return Vec::new() };
        let bound = self.bindings.contains(&example);
        let example = Target::Nodes(example);
        vec![if bound { Input::Unbind(example) } else { Input::Bind(example) }]
    }

    /// Its own name, where a client has given it one, and its kind.
    fn title(&self) -> String {
        match &self.post {
            Some(post) => {
                post.exchange.as_ref().map_or("free".into(), |(name, sort)| format!("{name} {sort}"))
            }
            None => self.sort.to_string(),
        }
    }

    pub(super) fn card(&self) -> Card {
        let mut pointers: Vec<_> = self
            .bindings
            .iter()
            .map(|it| Pointer { name: it.key.clone(), to: it.queue, always: true })
            .collect();
        pointers.extend(self.alternate.map(|to| Pointer { name: "alternate".into(), to, always: true }));
        let list = |empty: &str, items: Vec<String>| match items.is_empty() {
            true => empty.to_owned(),
            false => items.join("; "),
        };
        let bindings = self.bindings.iter().map(|it| format!("{} {}", it.queue, it.key)).collect();
        let waiting = self.waiting.iter().map(|it| format!("{}: {}", it.name, it.missing)).collect();
        let mut fields = vec![
            Field::new("bindings", Meaning::Value, list("none", bindings)),
            Field::new("unconfirmed", Meaning::Value, list("none", waiting)),
        ];
        if let Some(names) = &self.names {
            let names =
                names.register.queues.iter().map(|(place, tenant)| format!("{place} {tenant}")).collect();
            fields.push(Field::new("queues", Meaning::Value, list("none", names)));
        }
        Card {
            title: self.title(),
            role: "exchange",
            badge: format!("{} keys", self.bindings.len()),
            fields,
            place: 1,
            pointers,
            ..Card::default()
        }
    }
}

/// Whether a node is an exchange, and another one than this.
fn is_other(me: NodeId, node: NodeId) -> bool {
    node != me && is_exchange(node)
}

fn is_exchange(node: NodeId) -> bool {
    (2..=3).contains(&node.0)
}

/// Whether a node is a queue.
pub(super) fn is_queue(node: NodeId) -> bool {
    (4..=6).contains(&node.0)
}

/// Reports what becomes of a message that goes nowhere from here.
fn give_up(letter: &Letter, asker: NodeId, passed: &[NodeId], ctx: &mut Ctx<Amqp>) {
    let name = letter.name;
    if !passed.iter().any(|node| is_queue(*node)) {
        let returned = letter.terms.mandatory && letter.deaths.is_empty();
        ctx.note(if letter.deaths.is_empty() { &NOWHERE } else { &LAST });
        ctx.output(Output::Unroutable { name, returned });
        if returned {
            ctx.send(name.publisher, Message::Return(name));
        }
    }
    confirm(letter, asker, ctx);
}

/// Confirms that a message is safe, or past help. Nobody waits for the confirm of a dead letter.
fn confirm(letter: &Letter, asker: NodeId, ctx: &mut Ctx<Amqp>) {
    if letter.deaths.is_empty() {
        answer(letter.name, asker, true, ctx);
    }
}

/// Tells the publisher of a message, or the exchange that has passed it on, what the queues say.
fn answer(name: Name, asker: NodeId, safe: bool, ctx: &mut Ctx<Amqp>) {
    ctx.send(
        asker,
        match (asker == name.publisher, safe) {
            (true, true) => Message::Confirm(name),
            (true, false) => Message::Nack(name),
            (false, true) => Message::Accepted(name),
            (false, false) => Message::Refused(name),
        },
    );
}

impl Letter {
    /// Whether it has died in this queue before, and no consumer has rejected it since.
    fn circles(&self, queue: NodeId) -> bool {
        let since = self.deaths.iter().position(|(died, _)| *died == queue);
        since.is_some_and(|place| self.deaths[..=place].iter().all(|(_, why)| *why != Reason::Rejected))
    }
}
