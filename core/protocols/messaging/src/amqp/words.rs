//! How AMQP's messages, timers, inputs, outputs and disks are written.

use super::topology::Sort;
use super::{Answer, Input, Letter, Message, Name, Output, Reason, Stable, Timer};
use faultline_core::node::NodeId;
use faultline_core::time;
use std::fmt::{self, Display};
use std::str::FromStr;

/// The longest routing key, in bytes: what fits into a short string.
const LONGEST_KEY: usize = 255;

impl Sort {
    pub(super) fn word(self) -> &'static str {
        match self {
            Sort::Default => "default",
            Sort::Direct => "direct",
            Sort::Topic => "topic",
            Sort::Fanout => "fanout",
            Sort::Headers => "headers",
            Sort::Hash => "hash",
        }
    }
}

impl Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.publisher, self.number)
    }
}

impl Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Reason::Rejected => "rejected",
            Reason::Expired => "expired",
            Reason::Maxlen => "maxlen",
            Reason::DeliveryLimit => "delivery-limit",
        })
    }
}

impl Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Answer::Ack => "ack",
            Answer::Reject => "reject",
            Answer::Requeue => "requeue",
            Answer::Nothing => "nothing",
        })
    }
}

impl Display for Letter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.name, self.key)?;
        if self.ttl > 0 {
            write!(out, " ttl {}", time::exact(self.ttl))?;
        }
        if self.mandatory {
            out.write_str(" mandatory")?;
        }
        for (queue, reason) in &self.deaths {
            write!(out, " {reason} in {queue}")?;
        }
        Ok(())
    }
}

impl Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Publish(letter) if letter.deaths.is_empty() => write!(out, "Publish {letter}"),
            Message::Publish(letter) => write!(out, "DeadLetter {letter}"),
            Message::Enqueue(letter) => write!(out, "Enqueue {letter}"),
            Message::Accepted(name) => write!(out, "Accepted {name}"),
            Message::Confirm(name) => write!(out, "Confirm {name}"),
            Message::Return(name) => write!(out, "Return {name} NO_ROUTE"),
            Message::Consume => write!(out, "Consume"),
            Message::ConsumeOk => write!(out, "ConsumeOk"),
            Message::Cancel => write!(out, "Cancel"),
            Message::Deliver { tag, name, redelivered } => {
                write!(out, "Deliver {name} tag {tag}{}", if *redelivered { " redelivered" } else { "" })
            }
            Message::Ack(tag) => write!(out, "Ack tag {tag}"),
            Message::Reject { tag, requeue } => {
                write!(out, "Reject tag {tag}{}", if *requeue { " requeue" } else { "" })
            }
        }
    }
}

impl Display for Timer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timer::Expire(number) => write!(out, "Expire-{number}"),
            Timer::Patience(consumer) => write!(out, "Patience-{consumer}"),
            Timer::Work => write!(out, "Work"),
            Timer::Again => write!(out, "Again"),
        }
    }
}

impl Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Publish { key, ttl, mandatory } => {
                write!(out, "Publish{}{key}", if key.is_empty() { "" } else { " " })?;
                if *ttl > 0 {
                    write!(out, " ttl {}", time::exact(*ttl))?;
                }
                out.write_str(if *mandatory { " mandatory" } else { "" })
            }
            Input::Bind(queue, key) if key.is_empty() => write!(out, "Bind {queue}"),
            Input::Bind(queue, key) => write!(out, "Bind {queue} {key}"),
            Input::Unbind(queue, key) if key.is_empty() => write!(out, "Unbind {queue}"),
            Input::Unbind(queue, key) => write!(out, "Unbind {queue} {key}"),
            Input::Consume => write!(out, "Consume"),
            Input::Cancel => write!(out, "Cancel"),
            Input::Answer(answer) => write!(out, "Answer {answer}"),
        }
    }
}

impl FromStr for Input {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let (verb, rest) = words.split_once(' ').unwrap_or((words, ""));
        let binding = || {
            let (queue, key) = rest.split_once(' ').unwrap_or((rest, ""));
            let queue = (4..=6).map(NodeId).find(|known| known.to_string() == queue);
            let queue = queue.ok_or("a queue is n5, n6 or n7, as in `Bind n5 *.stock.#`")?;
            Ok::<_, String>((queue, checked(key)?))
        };
        match (verb, rest) {
            ("Publish", rest) => publish(rest),
            ("Bind", _) => binding().map(|(queue, key)| Input::Bind(queue, key)),
            ("Unbind", _) => binding().map(|(queue, key)| Input::Unbind(queue, key)),
            ("Consume", "") => Ok(Input::Consume),
            ("Cancel", "") => Ok(Input::Cancel),
            ("Answer", "ack") => Ok(Input::Answer(Answer::Ack)),
            ("Answer", "reject") => Ok(Input::Answer(Answer::Reject)),
            ("Answer", "requeue") => Ok(Input::Answer(Answer::Requeue)),
            ("Answer", "nothing") => Ok(Input::Answer(Answer::Nothing)),
            ("Answer", _) => Err("a consumer answers `ack`, `reject`, `requeue` or `nothing`".into()),
            _ => Err("a publisher can be asked to `Publish usd.stock`, an exchange to `Bind n5 usd.#` or to `Unbind \
                      n5 usd.#`, a consumer to `Consume`, to `Cancel` or to `Answer ack`"
                .into()),
        }
    }
}

/// A routing key, a pattern or arguments, if it is one word and not too long.
fn checked(key: &str) -> Result<String, String> {
    if key.len() > LONGEST_KEY || key.contains(char::is_whitespace) {
        return Err(format!("a routing key or pattern is one word of at most {LONGEST_KEY} bytes"));
    }
    Ok(key.to_owned())
}

fn publish(words: &str) -> Result<Input, String> {
    let (words, mandatory) = match words.strip_suffix("mandatory") {
        Some(words) if words.is_empty() || words.ends_with(' ') => (words.trim_end(), true),
        _ => (words, false),
    };
    let (key, ttl) = match words.strip_prefix("ttl ").map(|ttl| ("", ttl)).or(words.split_once(" ttl ")) {
        Some((key, ttl)) => (key, time::parse(ttl)?),
        None => (words, 0),
    };
    Ok(Input::Publish { key: checked(key)?, ttl, mandatory })
}

impl Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Published { name, key } => write!(out, "Published {name} {key}"),
            Output::Confirmed(name) => write!(out, "Confirmed {name}"),
            Output::Returned(name) => write!(out, "Returned {name}"),
            Output::Bound(queue, key) => write!(out, "Bound {queue} {key}"),
            Output::Unbound(queue, key) => write!(out, "Unbound {queue} {key}"),
            Output::Routed { name, key, to, alternate, circles } => {
                write!(out, "Routed {name} {key} to")?;
                for node in to.iter().chain(alternate) {
                    write!(out, " {node}")?;
                }
                if to.is_empty() && alternate.is_none() {
                    out.write_str(" nobody")?;
                }
                for node in circles {
                    write!(out, ", in circles not to {node}")?;
                }
                Ok(())
            }
            Output::Unroutable { name, returned: true } => write!(out, "Unroutable {name} returned"),
            Output::Unroutable { name, .. } => write!(out, "Unroutable {name}"),
            Output::Queued { number, name } => write!(out, "Queued {number} {name}"),
            Output::Handed { number, to, redelivered } => {
                write!(out, "Handed {number} to {to}{}", if *redelivered { " redelivered" } else { "" })
            }
            Output::Requeued(number) => write!(out, "Requeued {number}"),
            Output::Acked(number) => write!(out, "Acked {number}"),
            Output::Died { number, name, reason, buried } => {
                write!(out, "{} {number} {name} {reason}", if *buried { "DeadLettered" } else { "Dropped" })
            }
            Output::Processed { name, redelivered } => {
                write!(out, "Processed {name}{}", if *redelivered { " redelivered" } else { "" })
            }
        }
    }
}

impl Display for Stable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stable::Fresh => write!(out, "nothing"),
            Stable::Publisher(numbered) => write!(out, "{numbered} numbered"),
            Stable::Exchange(bindings) => write!(out, "{} bindings", bindings.len()),
            Stable::Queue { ready, taken, .. } => {
                write!(out, "{} ready, {} unacknowledged", ready.len(), taken.len())
            }
        }
    }
}
