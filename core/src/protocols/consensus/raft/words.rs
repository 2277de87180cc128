//! How Raft's messages, timers, inputs, outputs and disks are written, and how inputs are read.

use super::{Input, Message, Output, Stable, Timer};
use std::fmt::{self, Display};
use std::str::FromStr;

impl Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::RequestVote { term, last_index, last_term } => {
                write!(out, "RequestVote term {term}, last {last_index}@{last_term}")
            }
            Message::Vote { term, granted } => {
                write!(out, "Vote term {term}, {}", if *granted { "granted" } else { "denied" })
            }
            Message::Append { term, previous_index, previous_term, entries, commit } => {
                write!(out, "Append term {term}, after {previous_index}@{previous_term}")?;
                for (index, entry) in (previous_index + 1..).zip(entries) {
                    write!(out, " [{index}@{}: {}]", entry.term, entry.command)?;
                }
                write!(out, ", commit {commit}")
            }
            Message::Appended { term, success: true, index, .. } => {
                write!(out, "Appended term {term}, to {index}")
            }
            Message::Appended { term, success: false, index, back } if index == back => {
                write!(out, "Appended term {term}, refused after {index}")
            }
            Message::Appended { term, success: false, index, back } => {
                write!(out, "Appended term {term}, refused after {index}, back to {back}")
            }
        }
    }
}

impl Display for Timer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Timer::Election => "Election",
            Timer::Heartbeat => "Heartbeat",
        })
    }
}

impl Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Put { key, value } => write!(out, "Put {key}={value}"),
            Input::Get { key } => write!(out, "Get {key}"),
        }
    }
}

impl FromStr for Input {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let key = |text: &str| match text.as_bytes() {
            [letter] if letter.is_ascii_lowercase() => Ok(char::from(*letter)),
            _ => Err("a key is one letter from a to z, as in `Put x=1`".to_owned()),
        };
        match words.split_once(' ') {
            Some(("Put", pair)) => {
                let (name, value) =
                    pair.split_once('=').ok_or("`Put` needs a key and a value, as in `Put x=1`")?;
                let value =
                    value.parse().map_err(|_| "a value is a whole number, as in `Put x=1`".to_owned())?;
                Ok(Input::Put { key: key(name)?, value })
            }
            Some(("Get", name)) => Ok(Input::Get { key: key(name)? }),
            _ => Err("Raft can be asked to `Put x=1` or to `Get x`".into()),
        }
    }
}

impl Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Elected { term } => write!(out, "Elected term {term}"),
            Output::Applied { index, entry } => {
                write!(out, "Applied {index}@{}: {}", entry.term, entry.command)
            }
            Output::Answered { command: command @ Input::Put { .. }, .. } => {
                write!(out, "Answered {command}")
            }
            Output::Answered { command, value: Some(value) } => write!(out, "Answered {command}: {value}"),
            Output::Answered { command, value: None } => write!(out, "Answered {command}: nothing"),
            Output::Redirected { leader: Some(leader) } => write!(out, "Redirected to {leader}"),
            Output::Redirected { leader: None } => write!(out, "Redirected to nobody known"),
        }
    }
}

impl Display for Stable {
    /// The terms of the last entries stand for the log: `term 4, voted n1, log …1·1·4`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "term {}, ", self.term)?;
        match self.voted_for {
            Some(candidate) => write!(out, "voted {candidate}, log ")?,
            None => write!(out, "no vote, log ")?,
        }
        let start = self.log.len().saturating_sub(12);
        let terms: Vec<_> = self.log.after(start).iter().map(|entry| entry.term.to_string()).collect();
        let (more, terms) = (if start > 0 { "…" } else { "" }, terms.join("·"));
        write!(out, "{more}{}", if terms.is_empty() { "empty" } else { &terms })
    }
}
