//! Transactions over lists: the verdict, and a cycle in words.

use super::{Consistency, watched};
use crate::io::{Failure, print};
use faultline_core::history::{ListAppend, Of};
use faultline_core::serializability::{Anomaly, Judgement, Promise, judge, transaction};
use faultline_core::text::several;

/// Judges transactions over lists. Of transactions, linearizable is strict serializable, and sequentially
/// consistent is strong session serializable.
pub(super) fn judge_transactions(
    history: &Of<ListAppend>,
    consistency: Option<Consistency>,
) -> Result<(), Failure> {
    let (promise, consistency) = match consistency {
        None | Some(Consistency::Serializable) => (Promise::Serializable, Consistency::Serializable),
        Some(Consistency::Sequential | Consistency::StrongSessionSerializable) => {
            (Promise::StrongSession, Consistency::StrongSessionSerializable)
        }
        Some(Consistency::Linearizable | Consistency::StrictSerializable) => {
            (Promise::Strict, Consistency::StrictSerializable)
        }
        Some(Consistency::Causal) => {
            let sentence =
                "causal consistency applies to plain reads and writes only, and these are transactions";
            return Err(Failure(2, sentence.into()));
        }
    };
    let adjective = consistency.adjective();
    match watched(|| judge(history, promise)) {
        Judgement::Holds { order } => {
            let (happened, all) = (order.len(), history.operations.len());
            print(&format!(
                "{adjective}: {}, of which {happened} took effect\n",
                several(all as u64, "transaction")
            ))
        }
        Judgement::Fails(anomalies) => {
            for anomaly in &anomalies {
                tell(history, adjective, anomaly)?;
            }
            Err(Failure(1, format!("the history is not {adjective}")))
        }
        Judgement::Unknown { sentence } => Err(Failure(2, format!("not decided: {sentence}"))),
    }
}

/// Prints an anomaly: its name, its transactions, and what one has to do with the next.
fn tell(history: &Of<ListAppend>, adjective: &str, anomaly: &Anomaly) -> Result<(), Failure> {
    let count =
        if anomaly.count > 1 { format!(", {} times; the first", anomaly.count) } else { String::new() };
    let weaker = anomaly.kind.rules_out();
    let weaker = weaker.map(|weaker| format!(" (breaks {weaker} as well)")).unwrap_or_default();
    print(&format!("not {adjective}: {}{weaker}{count}\n", anomaly.kind.name()))?;
    for (place, &number) in (1..).zip(&anomaly.transactions) {
        print(&format!("  T{place} is {}\n", transaction(history, number)))?;
    }
    for sentence in &anomaly.sentences {
        print(&format!("  {sentence}\n"))?;
    }
    Ok(())
}
