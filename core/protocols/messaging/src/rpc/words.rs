//! The words of a card: a client's calls and their bytes, a server's pool, its records, and the statement of the account.

use super::marshal::{Order, in_fragments};
use super::{CallId, Job, Outcome, Record, Rpc};
use faultline_core::card::{Lane, LaneItem, LaneState, LogCell};
use faultline_core::prelude::*;
use std::fmt::{self, Display};

/// Of how many calls a table shows what became of them: the latest ones.
const SHOWN: usize = 12;

impl Rpc {
    /// What the page shows of a node.
    pub(super) fn described(&self) -> Card {
        let card = if self.row == 0 { self.client() } else { self.server() };
        Card { place: self.row, ..card }
    }

    fn client(&self) -> Card {
        let last = self.ended.values().next_back().map(|(outcome, _)| *outcome);
        let (role, sign) = match (self.open.is_empty(), last) {
            (false, _) => ("waiting", Sign::Seeking),
            (true, None) => ("idle", Sign::Idle),
            (true, Some(Outcome::Returned(_))) => ("returned", Sign::Committed),
            (true, Some(Outcome::Failed)) => ("failed", Sign::Aborted),
            (true, Some(Outcome::Unknown)) => ("unknown", Sign::Uncertain),
        };
        let badge = if self.number > 0 { format!("call {}", self.number) } else { String::new() };
        let outcome = last.map_or("none".to_owned(), |it| it.to_string());
        let bytes = |order: Order| {
            self.latest.map_or("none".to_owned(), |(amount, most)| in_fragments(order, amount, most))
        };
        let fields = vec![
            Field::new("open calls", Meaning::Counter, self.open.len()),
            Field::new("last outcome", Meaning::Value, &outcome),
            Field::new("big-endian", Meaning::Value, bytes(Order::BigEndian)),
            Field::new("little-endian", Meaning::Value, bytes(Order::LittleEndian)),
            Field::new("server's boot", Meaning::Counter, self.bound),
        ];
        let mut rows: Map<CallId, String> = Map::default();
        for (origin, (outcome, attempts)) in self.ended.iter() {
            rows.insert(*origin, format!("{outcome}, sent {}", times(*attempts)));
        }
        for open in self.open.values() {
            rows.insert(open.origin, format!("no reply, sent {}", times(open.attempts)));
        }
        Card { role, sign, badge, fields, table: latest(&rows), ..Card::default() }
    }

    fn server(&self) -> Card {
        let has_account = self.callee.is_none();
        let below: Vec<_> = self.open.values().filter_map(|open| open.job.as_ref()).collect();
        let work = self.workers.len() + below.len();
        let (role, sign) = match (work, has_account) {
            (0, _) => ("idle", Sign::Idle),
            (_, true) => ("working", Sign::Idle),
            (_, false) => ("calling", Sign::Seeking),
        };
        let parts = self.assembly.iter().map(|(call, it)| format!("{call} {} of {}", it.got.len(), it.parts));
        let parts: Vec<_> = parts.collect();
        let mut fields = vec![
            Field::new("busy workers", Meaning::Counter, work),
            Field::new("waiting", Meaning::Counter, self.waiting.len()),
            Field::new("records", Meaning::Counter, self.table.len()),
            Field::new(
                "incomplete",
                Meaning::Value,
                if parts.is_empty() { "none".into() } else { parts.join("; ") },
            ),
            Field::new("boot", Meaning::Counter, self.boot),
        ];
        if has_account {
            fields.insert(0, Field::new("balance", Meaning::Value, self.balance()));
            fields.insert(1, Field::new("debits", Meaning::Counter, self.statement.len()));
        }
        let badge = if has_account { self.balance().to_string() } else { String::new() };
        let jobs: Vec<_> = self.workers.values().chain(below).collect();
        Card {
            role,
            sign,
            badge,
            fields,
            table: self.rows(&jobs),
            log: self.cells(),
            log_base: has_account.then_some(0),
            lanes: vec![self.lane(&jobs)],
            ..Card::default()
        }
    }

    /// What a server knows of calls.
    fn rows(&self, jobs: &[&Job]) -> Vec<(String, String)> {
        let mut rows: Map<CallId, String> = Map::default();
        let mut add = |call: CallId, words: String| {
            let row = rows.or_default(call);
            *row = if row.is_empty() { words } else { format!("{row}, {words}") };
        };
        let mut debits: Map<CallId, u64> = Map::default();
        for debit in self.statement.after(0) {
            *debits.or_default(debit.origin) += 1;
        }
        for (origin, count) in debits.iter().rev().take(SHOWN) {
            add(*origin, format!("executed {}", times(*count)));
        }
        for job in jobs {
            add(job.origin, "in progress".into());
        }
        for job in &self.waiting {
            add(job.origin, "waits".into());
        }
        for (call, record) in self.table.iter().rev().take(SHOWN) {
            add(*call, record.to_string());
        }
        latest(&rows)
    }

    /// The statement of the account, a tile for each debit.
    fn cells(&self) -> Vec<LogCell> {
        let cell = |(index, debit): (u64, &super::Debit)| LogCell {
            index,
            term: debit.origin.number,
            text: debit.to_string(),
            named: true,
            committed: true,
            changed: false,
        };
        (1..).zip(self.statement.after(0)).map(cell).collect()
    }

    /// The pool: calls that workers execute, then those that wait for one.
    fn lane(&self, jobs: &[&Job]) -> Lane {
        let item = |job: &Job, state, note: &str| LaneItem {
            text: job.call.to_string(),
            note: note.into(),
            state,
            changed: false,
        };
        let taken = jobs.iter().map(|job| item(job, LaneState::Taken, "a worker executes it"));
        let waiting = self.waiting.iter().map(|job| item(job, LaneState::Waiting, "waits for a worker"));
        Lane { name: "pool".into(), note: String::new(), items: taken.chain(waiting).collect() }
    }
}

/// The latest rows.
fn latest(rows: &Map<CallId, String>) -> Vec<(String, String)> {
    let mut rows: Vec<_> =
        rows.iter().rev().take(SHOWN).map(|(call, words)| (call.to_string(), words.clone())).collect();
    rows.reverse();
    rows
}

fn times(count: u64) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        count => format!("{count} times"),
    }
}

impl Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Returned(balance) => write!(out, "returned {balance}"),
            Outcome::Failed => out.write_str("failed"),
            Outcome::Unknown => out.write_str("unknown"),
        }
    }
}

impl Display for Record {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Record::Executed(balance) => write!(out, "reply {balance}"),
            Record::Refused(_) => out.write_str("refused"),
            Record::Unknown => out.write_str("outcome unknown"),
        }
    }
}
