//! The words of a node's card.

use super::block::payments;
use super::{
    Block, Card, Chain, Coin, Display, Field, Map, Meaning, Miner, NodeId, Payment, Sign, Stable, Story,
    block, fmt, next_difficulty, tip, work,
};
use faultline_core::card::{Lane, LaneItem, LaneState, LogCell, Pointer};

/// `n3.2`, or `n3.2 to n1.5 (4)`.
pub(super) fn in_a_row(blocks: &[Block]) -> impl Display {
    fmt::from_fn(move |out| match blocks {
        [] => out.write_str("none"),
        [only] => write!(out, "{}", only.id),
        [first, .., last] => write!(out, "{} to {} ({})", first.id, last.id, blocks.len()),
    })
}

/// What a payment says of its coin; a double spend is two stories.
pub(super) fn story(payment: &Payment) -> Story {
    let Payment { coin, turn, .. } = payment;
    Story { about: format!("move {} of {coin}", turn + 1), says: payment.to_string(), face: None }
}

/// A payment on the tile of a block: `c1→n4`.
fn short(payment: &Payment) -> String {
    format!("{}→{}", payment.coin, payment.to)
}

/// How far back a branch is shown that nobody follows.
const RECENT: u64 = 12;

impl Miner {
    /// What the page shows of a node. Its log is the chain that it mines on, so that a secret branch is seen, too.
    pub(super) fn described(&self) -> Card {
        let (role, sign) = self.role();
        let tip = tip(self.target());
        let fields = vec![
            Field::new("tip", Meaning::Value, tip),
            Field::new("height", Meaning::Counter, self.best.len()),
            Field::new("work", Meaning::Counter, work(&self.best)),
            Field::new("difficulty", Meaning::Value, next_difficulty(self.target(), &self.params)),
            Field::new("mined", Meaning::Counter, self.mined),
            Field::new("secret blocks", Meaning::Counter, self.hidden()),
            Field::new("other branches", Meaning::Counter, self.others.len()),
            Field::new("waiting blocks", Meaning::Counter, self.waiting.len()),
        ];
        Card {
            role,
            sign,
            badge: tip.to_string(),
            fields,
            log: self.target().after(0).into_iter().map(cell).collect(),
            log_base: Some(0),
            branches: self.stale().map(|chain| chain.after(0).into_iter().map(cell).collect()).collect(),
            table: self.owners(),
            told: payments(&self.best).map(|(_, it)| it).chain(&self.pool).map(story).collect(),
            lanes: self.waiting_payments(),
            pointers: self.peers().map(|to| Pointer { name: "peer".into(), to, always: false }).collect(),
            ..Card::default()
        }
    }

    /// The branches that it has left, or never followed, as long as they end near the end of its chain.
    fn stale(&self) -> impl Iterator<Item = &Chain> {
        self.others.iter().filter(|chain| chain.len() + RECENT > self.best.len())
    }

    fn role(&self) -> (&'static str, Sign) {
        let latest = self.received.iter().next_back().map(|(_, settled)| *settled);
        let awaits = |it: &Payment| it.to == self.me && !self.received.contains_key(it);
        let in_chain = payments(&self.best).any(|(_, it)| awaits(it));
        match &self.secret {
            Some(secret) if secret.racing => return ("racing", Sign::Telling),
            Some(_) if self.hidden() > 0 => return ("withholding", Sign::Outside),
            _ => {}
        }
        if !self.waiting.is_empty() {
            ("catching up", Sign::Seeking)
        } else if self.received.values().any(|settled| !settled) {
            ("cheated", Sign::Aborted)
        } else if in_chain || self.pool.iter().any(awaits) {
            ("waiting", Sign::Uncertain)
        } else if tip(&self.best).miner == self.me && !self.best.is_empty() {
            ("winner", Sign::Leading)
        } else if latest == Some(true) {
            ("paid", Sign::Committed)
        } else {
            ("miner", Sign::Idle)
        }
    }

    /// The owners of all coins that have moved, as its chain has them, and how deep the latest move is.
    fn owners(&self) -> Vec<(String, String)> {
        let mut owners: Map<Coin, (NodeId, u64)> = Map::default();
        for (height, payment) in payments(&self.best) {
            owners.insert(payment.coin, (payment.to, self.best.len() - height + 1));
        }
        owners
            .iter()
            .map(|(coin, (owner, deep))| (coin.to_string(), format!("{owner}, {deep} deep")))
            .collect()
    }

    /// The payments that wait for a block.
    fn waiting_payments(&self) -> Vec<Lane> {
        let item = |payment: &Payment| LaneItem {
            text: short(payment),
            note: String::new(),
            state: LaneState::Ready,
            changed: false,
        };
        if self.pool.is_empty() {
            return Vec::new();
        }
        vec![Lane {
            name: "payments".into(),
            note: String::new(),
            items: self.pool.iter().map(item).collect(),
        }]
    }
}

/// The tile of a block: the colour of its miner, and its payments or, without any, its name.
fn cell(link: &block::Link) -> LogCell {
    let Block { id, height, payments, .. } = &link.block;
    let text = match &payments[..] {
        [] => id.to_string(),
        [only] => short(only),
        [first, rest @ ..] => format!("{} +{}", short(first), rest.len()),
    };
    LogCell {
        index: *height,
        term: u64::from(id.miner.0) + 1,
        text,
        named: true,
        committed: false,
        changed: false,
    }
}

impl Display for Stable {
    /// The chain, by its end, and how many other branches there are.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stable { best, others, own, received, .. } = self;
        write!(out, "chain to {} ({})", tip(best), best.len())?;
        if !others.is_empty() {
            write!(out, ", {} other branches", others.len())?;
        }
        if !own.is_empty() {
            write!(out, ", {} payments made", own.len())?;
        }
        if received.is_empty() { Ok(()) } else { write!(out, ", {} received", received.len()) }
    }
}
