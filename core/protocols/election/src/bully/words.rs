//! The words of a node's card.

use super::{Bully, State};
use crate::Election;
use faultline_core::card::{Member, Part, Pointer, Poll};
use faultline_core::prelude::*;

impl Bully {
    /// What the page shows of a node.
    pub(super) fn described(&self) -> Card {
        let (role, sign) = match self.state {
            State::Following(_) => ("follower", Sign::Idle),
            State::Standing => ("candidate", Sign::Seeking),
            State::Halting(_) => ("halting others", Sign::Seeking),
            State::Deferring(_) => ("deferring", Sign::Uncertain),
            State::Halted(_) => ("halted", Sign::Uncertain),
            State::Leading => ("coordinator", Sign::Leading),
        };
        let leader = self.leader();
        let named = leader.map_or("unknown".to_owned(), |leader| leader.to_string());
        let waits_for = match &self.state {
            State::Deferring(higher) | State::Halted(higher) => higher.to_string(),
            State::Halting(missing) => missing.to_string(),
            State::Standing => "any higher node".to_owned(),
            State::Following(_) | State::Leading => "nobody".to_owned(),
        };
        let fields = vec![
            Field::new("leader", Meaning::Nodes, &named),
            Field::new("waits for", Meaning::Nodes, waits_for),
            Field::new("boot", Meaning::Counter, self.boot),
        ];
        let poll = match &self.state {
            State::Halting(missing) => {
                let lower: Vec<NodeId> = (0..self.me.0).map(NodeId).collect();
                Some(Poll::new("halted".into(), lower, None, &|node| !missing.contains(node)))
            }
            _ => None,
        };
        let pointers = leader.filter(|leader| *leader != self.me).map(|to| Pointer {
            name: "leader".into(),
            to,
            always: true,
        });
        let members = match (leader, &self.state) {
            (Some(node), _) => vec![Member { node, part: Part::Full, word: "leader" }],
            (None, &(State::Deferring(node) | State::Halted(node))) => {
                vec![Member { node, part: Part::Coming, word: "takes over" }]
            }
            (None, _) => vec![Member { node: self.me, part: Part::Coming, word: "stands" }],
        };
        let badge = named;
        Card {
            role,
            sign,
            badge,
            fields,
            poll,
            pointers: pointers.into_iter().collect(),
            members,
            ..Card::default()
        }
    }
}
