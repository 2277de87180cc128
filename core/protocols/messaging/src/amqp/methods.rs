//! What clients ask of a broker in which nothing is declared at first: the methods, the errors that close a
//! channel, and how the requests of the user are written.

use super::Input;
use super::exchange::Binding;
use super::topology::Sort;
use super::words::{also, checked};
use faultline_core::prelude::*;
use faultline_core::time;
use std::fmt::{self, Display};

/// The longest name, in letters, so that it fits onto the stage.
const LONGEST_NAME: usize = 8;

/// What a queue is declared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arguments {
    /// Whether only the connection that declared it may use it; the queue goes with that connection.
    pub(super) exclusive: bool,
    /// Whether it goes when its last consumer has gone.
    pub(super) auto_delete: bool,
    /// How long a message may wait in it, in microseconds.
    pub(super) ttl: Option<Micros>,
    /// The queue to which its dead letters go, through the default exchange.
    pub(super) dead: Option<String>,
}

/// A binding between two names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tie {
    pub(super) queue: String,
    pub(super) exchange: String,
    pub(super) key: String,
}

/// What a client asks on one of its channels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Declare a queue.
    Queue(String, Arguments),
    /// Declare an exchange.
    Exchange(String, Sort),
    /// Bind a queue to an exchange.
    Bind(Tie),
    /// Take such a binding away.
    Unbind(Tie),
    /// Delete a queue or an exchange.
    Delete(String),
    /// Deliver the messages of a queue, so many at a time.
    Consume(String, Option<u64>),
}

/// A declared queue, as the node that is its place needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant {
    /// The how many-eth queue of this broker it is. The place forgets an earlier one.
    pub(super) life: u64,
    pub(super) name: String,
    pub(super) arguments: Arguments,
    /// The client that alone may use it.
    pub(super) owner: Option<NodeId>,
}

/// Why the broker closes a channel. The numbers and names are the specification's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Code {
    /// Nothing has this name.
    #[words("404 NOT_FOUND")]
    NotFound,
    /// The queue belongs to another connection.
    #[words("405 RESOURCE_LOCKED")]
    Locked,
    /// What has this name was declared otherwise.
    #[words("406 PRECONDITION_FAILED")]
    Precondition,
    /// Every place is taken.
    #[words("506 RESOURCE_ERROR")]
    NoPlace,
}

/// What a user binds: nodes of a fixed topology, or names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Target {
    Nodes(Binding),
    Names(Tie),
}

/// Which queue a user wants to consume, and how many unacknowledged messages of it at a time; a fixed
/// topology says both.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wish {
    pub(super) queue: Option<String>,
    pub(super) prefetch: Option<u64>,
}

/// Which channel a user means, by the queue that it consumes; without a name, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Which(pub(super) Option<String>);

/// What a user declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Declaration(pub(super) Method);

/// The name of a queue or an exchange.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Called(pub(super) String);

impl Method {
    /// The queue that it is about, if it is about one.
    pub(super) fn queue(&self) -> Option<&String> {
        match self {
            Method::Queue(name, _) | Method::Delete(name) | Method::Consume(name, _) => Some(name),
            Method::Bind(tie) | Method::Unbind(tie) => Some(&tie.queue),
            Method::Exchange(..) => None,
        }
    }
}

impl Input {
    /// What a client asks of the broker when a user asks it for this.
    pub(super) fn method(self) -> Option<Method> {
        match self {
            Input::Declare(Declaration(method)) => Some(method),
            Input::Delete(Called(name)) => Some(Method::Delete(name)),
            Input::Bind(Target::Names(tie)) => Some(Method::Bind(tie)),
            Input::Unbind(Target::Names(tie)) => Some(Method::Unbind(tie)),
            _ => None,
        }
    }
}

impl Display for Arguments {
    /// All of it may be missing, so each part brings the blank before it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ttl = self.ttl.map(|ttl| format!(" ttl {}", time::exact(ttl))).unwrap_or_default();
        let dead = self.dead.as_ref().map(|key| format!(" dead {key}")).unwrap_or_default();
        let (exclusive, auto_delete) =
            (also(self.exclusive, " exclusive"), also(self.auto_delete, " auto-delete"));
        write!(out, "{exclusive}{auto_delete}{ttl}{dead}")
    }
}

impl Display for Tie {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}{}{}", self.queue, self.exchange, also(!self.key.is_empty(), " "), self.key)
    }
}

impl Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Method::Queue(name, arguments) => write!(out, "Declare {name}{arguments}"),
            Method::Exchange(name, sort) => write!(out, "Declare {name} {sort}"),
            Method::Bind(tie) => write!(out, "Bind {tie}"),
            Method::Unbind(tie) => write!(out, "Unbind {tie}"),
            Method::Delete(name) => write!(out, "Delete {name}"),
            Method::Consume(name, None) => write!(out, "Consume {name}"),
            Method::Consume(name, Some(limit)) => write!(out, "Consume {name} prefetch {limit}"),
        }
    }
}

impl Display for Tenant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.name, self.arguments)?;
        self.owner.map_or(Ok(()), |owner| write!(out, " of {owner}"))
    }
}

impl Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Nodes(binding) => write!(out, "{binding}"),
            Target::Names(tie) => write!(out, "{tie}"),
        }
    }
}

impl Display for Wish {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.queue.as_ref().map_or(Ok(()), |queue| write!(out, " {queue}"))?;
        self.prefetch.map_or(Ok(()), |limit| write!(out, " prefetch {limit}"))
    }
}

impl Display for Which {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |queue| write!(out, " {queue}"))
    }
}

impl Display for Declaration {
    /// The word `Declare` stands before it already.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.to_string();
        out.write_str(words.strip_prefix("Declare ").unwrap_or(&words))
    }
}

impl Display for Called {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A name, if it may be one.
pub(super) fn named(word: &str) -> Result<String, String> {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let first = word.chars().next().is_some_and(|letter| letter.is_ascii_lowercase());
    if !first || word.len() > LONGEST_NAME || !word.chars().all(is_letter) || node(word).is_some() {
        return Err(format!(
            "a name is a small letter and up to {} small letters, digits or hyphens more, and no node's name",
            LONGEST_NAME - 1
        ));
    }
    Ok(word.to_owned())
}

/// The node of this name.
fn node(word: &str) -> Option<NodeId> {
    (0..10).map(NodeId).find(|node| node.to_string() == word)
}

impl Hole for Called {
    fn read(word: &str) -> Result<Self, String> {
        named(word).map(Called)
    }
}

impl Hole for Target {
    fn read(words: &str) -> Result<Self, String> {
        let mut parts = words.splitn(3, ' ');
        let first = parts.next().unwrap_or_default();
        match parts.next() {
            Some(exchange) if node(first).is_none() && named(first).is_ok() => {
                let key = checked(parts.next().unwrap_or_default())?;
                Ok(Target::Names(Tie { queue: first.to_owned(), exchange: named(exchange)?, key }))
            }
            _ => Binding::read(words).map(Target::Nodes),
        }
    }
}

impl Hole for Wish {
    fn read(words: &str) -> Result<Self, String> {
        let parts: Vec<&str> = words.split(' ').skip(1).collect();
        let limit = |word: &str| word.parse().map_err(|_| "`prefetch` needs a number, and 0 means no limit");
        match parts.as_slice() {
            [] if words.is_empty() => Ok(Wish::default()),
            [queue] => Ok(Wish { queue: Some(named(queue)?), prefetch: None }),
            [queue, "prefetch", most] => {
                Ok(Wish { queue: Some(named(queue)?), prefetch: Some(limit(most)?) })
            }
            _ => {
                Err("a consumer is asked to `Consume`, to `Consume orders` or to `Consume orders prefetch 1`"
                    .into())
            }
        }
    }
}

impl Hole for Which {
    fn read(words: &str) -> Result<Self, String> {
        match words.strip_prefix(' ') {
            Some(queue) => named(queue).map(|queue| Which(Some(queue))),
            None if words.is_empty() => Ok(Which(None)),
            None => Err("a blank stands before the name of a queue".into()),
        }
    }
}

impl Hole for Declaration {
    fn read(words: &str) -> Result<Self, String> {
        let mut parts = words.split(' ');
        let name = named(parts.next().unwrap_or_default())?;
        let mut rest = parts.clone();
        let sort = match (rest.next(), rest.next()) {
            (Some("direct"), None) => Some(Sort::Direct),
            (Some("topic"), None) => Some(Sort::Topic),
            (Some("fanout"), None) => Some(Sort::Fanout),
            (Some("headers"), None) => Some(Sort::Headers),
            _ => None,
        };
        if let Some(sort) = sort {
            return Ok(Declaration(Method::Exchange(name, sort)));
        }
        let mut arguments = Arguments::default();
        while let Some(word) = parts.next() {
            match word {
                "exclusive" => arguments.exclusive = true,
                "auto-delete" => arguments.auto_delete = true,
                "ttl" => {
                    let ttl = time::parse(parts.next().ok_or("`ttl` needs a time")?)?;
                    arguments.ttl = Some(ttl).filter(|ttl| *ttl > 0);
                    arguments.ttl.ok_or("the time to live of a queue is longer than 0")?;
                }
                "dead" => {
                    let queue = parts.next().ok_or("`dead` needs the queue to which dead letters go")?;
                    arguments.dead = Some(named(queue)?);
                }
                _ => {
                    return Err(
                        "a queue is declared with `exclusive`, `auto-delete`, `ttl 1s` and `dead orders`, \
                                and an exchange with `direct`, `topic`, `fanout` or `headers`"
                            .into(),
                    );
                }
            }
        }
        Ok(Declaration(Method::Queue(name, arguments)))
    }
}
