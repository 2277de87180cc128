//! The words of SWIM's messages and cards.

use super::{Pinged, Standing, Swim, Update};
use faultline_core::card::{Member, Part, Pointer};
use faultline_core::prelude::*;
use std::fmt::{self, Display};

/// The news on a message, as it prints: ` [n3 suspected@0, n5 failed@1]`.
pub(super) fn listed(news: &[Update]) -> impl Display {
    fmt::from_fn(move |out| {
        for (place, update) in news.iter().enumerate() {
            write!(out, "{}{update}", if place == 0 { " [" } else { ", " })?;
        }
        out.write_str(if news.is_empty() { "" } else { "]" })
    })
}

/// The same for a reader of the log: `, with news of n3, n5`.
pub(super) fn brought(news: &[Update]) -> impl Display {
    fmt::from_fn(move |out| {
        for (place, update) in news.iter().enumerate() {
            write!(out, "{}{}", if place == 0 { ", with news of " } else { ", " }, update.member)?;
        }
        Ok(())
    })
}

impl Standing {
    /// In a word, without the incarnation.
    pub(super) fn word(self) -> &'static str {
        match self {
            Standing::Alive(_) => "alive",
            Standing::Suspected(_) => "suspected",
            Standing::Failed(_) => "failed",
        }
    }

    /// In a sentence: `is alive in incarnation 2`.
    pub(super) fn said(self) -> impl Display {
        fmt::from_fn(move |out| match self {
            Standing::Alive(incarnation) => write!(out, "is alive in incarnation {incarnation}"),
            Standing::Suspected(_) => out.write_str("is suspected"),
            Standing::Failed(_) => out.write_str("has failed"),
        })
    }

    fn part(self) -> Part {
        match self {
            Standing::Alive(_) => Part::Full,
            Standing::Suspected(_) => Part::Doubtful,
            Standing::Failed(_) => Part::Gone,
        }
    }
}

impl Swim {
    /// What it does, in a word.
    pub(super) fn role(&self) -> (&'static str, Sign) {
        let asks = self.pinged.as_ref().is_some_and(|it| !it.answered && !it.relays.is_empty());
        match self.expelled {
            true => ("expelled", Sign::Aborted),
            false if asks => ("asking others", Sign::Seeking),
            false if self.news.is_empty() => ("member", Sign::Idle),
            false => ("spreading", Sign::Telling),
        }
    }

    /// What the page shows of the node.
    pub(super) fn described(&self) -> Card {
        let (role, sign) = self.role();
        let of = |wanted: fn(Standing) -> bool| -> NodeSet {
            let some = self.view.iter().filter(|(_, entry)| wanted(entry.standing));
            some.map(|(member, _)| *member).collect()
        };
        let suspected = of(|standing| matches!(standing, Standing::Suspected(_)));
        let failed = of(|standing| matches!(standing, Standing::Failed(_)));
        let pings = match &self.pinged {
            Some(Pinged { target, answered: true, .. }) => format!("{target}, acked"),
            Some(Pinged { target, .. }) => target.to_string(),
            None => "nobody".into(),
        };
        let helpers: NodeSet = self.pinged.iter().flat_map(|it| it.relays.iter().copied()).collect();
        let news: Vec<_> =
            self.news.iter().map(|news| format!("{}, {} times", news.update, news.sent)).collect();
        let fields = vec![
            Field::new("incarnation", Meaning::Term, self.incarnation),
            Field::new("suspects", Meaning::Nodes, or_nobody(&suspected)),
            Field::new("holds for failed", Meaning::Nodes, or_nobody(&failed)),
            Field::new("pings", Meaning::Nodes, pings),
            Field::new("asked to help", Meaning::Nodes, or_nobody(&helpers)),
            Field::new("spreads", Meaning::Value, or_nothing(&news.join("; "))),
            Field::new("period", Meaning::Counter, self.period),
        ];
        let itself = Member { node: self.me, part: Part::Full, word: "itself" };
        let others = self.view.iter().map(|(member, entry)| Member {
            node: *member,
            part: entry.standing.part(),
            word: entry.standing.word(),
        });
        let mut members: Vec<Member> = others.chain([itself]).collect();
        members.sort_by_key(|member| member.node);
        let pointers = suspected.iter().map(|to| Pointer { name: "suspects".into(), to, always: true });
        Card {
            role,
            sign,
            badge: format!("@{}", self.incarnation),
            fields,
            members,
            pointers: pointers.collect(),
            ..Card::default()
        }
    }
}

fn or_nobody(nodes: &NodeSet) -> String {
    if nodes.is_empty() { "nobody".into() } else { nodes.to_string() }
}

fn or_nothing(words: &str) -> &str {
    if words.is_empty() { "nothing" } else { words }
}
