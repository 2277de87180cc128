//! How Raft's messages, timers, inputs, outputs and disks are written, and how inputs are read.

use super::{Command, Input, Message, Output, Stable, Timer};
use faultline_core::node::NodeId;
use faultline_core::toolbox::quorum::NodeSet;
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
            Message::Append { term, previous_index, previous_term, entries, commit, round } => {
                write!(out, "Append term {term}, after {previous_index}@{previous_term}")?;
                for (index, entry) in (previous_index + 1..).zip(entries) {
                    write!(out, " [{index}@{}: {}]", entry.term, entry.command)?;
                }
                write!(out, ", commit {commit}{}", Round(*round))
            }
            Message::Appended { term, success: true, index, round, .. } => {
                write!(out, "Appended term {term}, to {index}{}", Round(*round))
            }
            Message::Appended { term, success: false, index, back, round } => {
                write!(out, "Appended term {term}, refused after {index}")?;
                if index != back {
                    write!(out, ", back to {back}")?;
                }
                write!(out, "{}", Round(*round))
            }
            Message::PreVote { term, last_index, last_term } => {
                write!(out, "PreVote term {term}, last {last_index}@{last_term}")
            }
            Message::PreVoted { term, granted } => {
                write!(out, "PreVoted term {term}, {}", if *granted { "promised" } else { "denied" })
            }
            Message::InstallSnapshot { term, snapshot, round } => {
                write!(out, "InstallSnapshot term {term}, to {}@{}", snapshot.index, snapshot.term)?;
                for (key, value) in snapshot.store.iter() {
                    write!(out, ", {key}={value}")?;
                }
                write!(out, "{}", Round(*round))
            }
        }
    }
}

/// The number of a round, where rounds are numbered.
struct Round(u64);

impl Display for Round {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(out, ", round {}", self.0) }
    }
}

impl Display for Timer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Timer::Election => out.write_str("Election"),
            Timer::Heartbeat => out.write_str("Heartbeat"),
            Timer::Trust => out.write_str("Trust"),
            Timer::Lease(round) => write!(out, "Lease{round}"),
        }
    }
}

/// Nodes as they are asked for: `n1,n2,n3`.
struct Listed<'a>(&'a NodeSet);

impl Display for Listed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, node) in self.0.iter().enumerate() {
            write!(out, "{}{node}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Put { key, value } => write!(out, "Put {key}={value}"),
            Input::Get { key } => write!(out, "Get {key}"),
            Input::Add(node) => write!(out, "Add {node}"),
            Input::Remove(node) => write!(out, "Remove {node}"),
            Input::Reconfigure(nodes) => write!(out, "Reconfigure {}", Listed(nodes)),
        }
    }
}

impl FromStr for Input {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let (verb, what) = words.split_once(' ').unwrap_or((words, ""));
        match verb {
            "Put" => {
                let (name, value) =
                    what.split_once('=').ok_or("`Put` needs a key and a value, as in `Put x=1`")?;
                let value =
                    value.parse().map_err(|_| "a value is a whole number, as in `Put x=1`".to_owned())?;
                Ok(Input::Put { key: key(name)?, value })
            }
            "Get" => Ok(Input::Get { key: key(what)? }),
            "Add" => Ok(Input::Add(node(what)?)),
            "Remove" => Ok(Input::Remove(node(what)?)),
            "Reconfigure" => Ok(Input::Reconfigure(what.split(',').map(node).collect::<Result<_, _>>()?)),
            _ => Err("Raft can be asked to `Put x=1`, to `Get x`, to `Add n4`, to `Remove n1`, or to \
                      `Reconfigure n1,n2,n3`"
                .into()),
        }
    }
}

fn key(text: &str) -> Result<char, String> {
    match text.as_bytes() {
        [letter] if letter.is_ascii_lowercase() => Ok(char::from(*letter)),
        _ => Err("a key is one letter from a to z, as in `Put x=1`".into()),
    }
}

fn node(text: &str) -> Result<NodeId, String> {
    let number = text.trim().strip_prefix('n').and_then(|digits| digits.parse::<u32>().ok());
    let node = number.and_then(|number| number.checked_sub(1)).map(NodeId);
    node.ok_or_else(|| "members are nodes, as in `Add n4` or `Reconfigure n1,n2,n3`".into())
}

impl Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Put { key, value } => write!(out, "Put {key}={value}"),
            Command::Get { key } => write!(out, "Get {key}"),
            Command::Nothing => write!(out, "Nothing"),
            Command::Members(configuration) => write!(out, "Members {configuration}"),
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
            Output::Answered { command: command @ Command::Put { .. }, .. } => {
                write!(out, "Answered {command}")
            }
            Output::Answered { command, value: Some(value) } => write!(out, "Answered {command}: {value}"),
            Output::Answered { command, value: None } => write!(out, "Answered {command}: nothing"),
            Output::Redirected { leader: Some(leader) } => write!(out, "Redirected to {leader}"),
            Output::Redirected { leader: None } => write!(out, "Redirected to nobody known"),
            Output::Refused { input } => write!(out, "Refused {input}"),
            Output::Reading { number } => write!(out, "Reading #{number}"),
            Output::Read { number, key, value: Some(value) } => write!(out, "Read #{number} {key}: {value}"),
            Output::Read { number, key, value: None } => write!(out, "Read #{number} {key}: nothing"),
        }
    }
}

impl Display for Stable {
    /// The terms of the last entries stand for the log: `term 4, voted n1, log …1·1·4`. A snapshot is named by its
    /// last entry.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "term {}, ", self.term)?;
        match self.voted_for {
            Some(candidate) => write!(out, "voted {candidate}, ")?,
            None => write!(out, "no vote, ")?,
        }
        if let Some(snapshot) = &self.snapshot {
            write!(out, "snapshot {}@{}, ", snapshot.index, snapshot.term)?;
        }
        write!(out, "log ")?;
        let base = self.log.base().index;
        let start = self.log.len().saturating_sub(12).max(base);
        let terms: Vec<_> = self.log.after(start).iter().map(|entry| entry.term.to_string()).collect();
        let (more, terms) = (if start > base { "…" } else { "" }, terms.join("·"));
        write!(out, "{more}{}", if terms.is_empty() { "empty" } else { &terms })
    }
}
