//! What every solution of epidemic dissemination claims.

use crate::record::Spread;
use crate::{Epidemic, Item, Key, Output, Stamp};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// What every solution claims.
pub const fn claims<P: Epidemic>() -> [Property<P>; 5] {
    use About::Outputs;
    [
        always(
            "No Creation",
            "A node learns only changes that some node has made before.",
            Outputs,
            no_creation,
        )
        .given(|scene: &Scene<'_, P>| match scene.record.learnt {
            true => Ok(()),
            false => Err("no node has learnt a change yet"),
        }),
        always(
            "Growth",
            "A node replaces its item only with a newer one, so the set of nodes that know a change only grows.",
            Outputs,
            growth,
        )
        .given(|scene: &Scene<'_, P>| match (scene.record.changes.is_empty(), scene.record.discarded) {
            (true, _) => Err("no node has changed the item yet"),
            (false, true) => Err("a node has discarded a death certificate, so fewer nodes know of the deletion"),
            (false, false) => Ok(()),
        }),
        always(
            "Own Order",
            "Of two changes by one node, the later has the greater stamp, even if the clock was set back in between.",
            Outputs,
            own_order,
        )
        .given(|scene: &Scene<'_, P>| match scene.record.changed_again {
            true => Ok(()),
            false => Err("no node has changed the item twice yet"),
        }),
        eventually(
            "Convergence",
            "If no node stops comparing, every change whose author is up reaches every node that is up, unless a newer \
             one comes first. Rumours do not promise this.",
            Despite::Crashes,
            |scene: &Scene<'_, P>| match (scene.record.changes.is_empty(), scene.nodes().any(|(_, node)| node.never_stops()))
            {
                (true, _) => Err("no node has changed the item yet"),
                (false, false) => Err("no node compares for ever, and rumours do not promise this"),
                (false, true) if due(scene).next().is_none() => Err("no change has had its time yet"),
                (false, true) => Ok(()),
            },
            convergence,
        ),
        sometimes(
            "Residue",
            "The last node that spreads a rumour loses interest or crashes, but some node has not heard the rumour.",
            About::Everything,
            residue,
        ),
    ]
}

/// A node, with what its card shows of what it holds.
pub(crate) fn holder(node: NodeId) -> Side {
    Side::of(node).showing(Fact::Field("item"))
}

fn no_creation<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Learnt(item) = output
            && scene.record.changes.get(&item.stamp).is_none_or(|it| (it.0, it.1) != (item.key, item.value))
        {
            let author = NodeId(item.stamp.author);
            return Err(Contradiction::between(
                format!("{} learns {item}, but no node made that change", scene.who),
                [holder(scene.who), holder(author)],
            ));
        }
    }
    Ok(())
}

fn growth<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Changed(item) | Output::Learnt(item) = output {
            let before = scene.record.known(item.key, scene.who).stamp;
            if item.stamp <= before {
                return Err(Contradiction::between(
                    format!("{} adopts {item}, although it knew of {before}", scene.who),
                    [holder(scene.who), scene.record.holder_of(scene.who, before)],
                ));
            }
        }
    }
    Ok(())
}

fn own_order<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    for output in scene.outputs {
        if let Output::Changed(Item { stamp, .. }) | Output::Superseded(Item { stamp, .. }) = output
            && let Some(before) = scene.record.stamped.get(&stamp.author)
            && stamp <= before
        {
            return Err(Contradiction::between(
                format!("{} stamps a change {stamp}, although it stamped an earlier one {before}", scene.who),
                [holder(scene.who), scene.record.holder_of(scene.who, *before)],
            ));
        }
    }
    Ok(())
}

/// The changes that have had their time and whose author is up, so that it has them and compares; the newest
/// first.
fn due<'a, P: Epidemic>(scene: &'a Scene<'_, P>) -> impl Iterator<Item = (Key, Stamp)> + 'a {
    let compares = |stamp: &Stamp| scene.node_of(NodeId(stamp.author)).is_some_and(P::never_stops);
    let changes = scene.record.changes.iter().rev();
    let due = changes.filter(move |(stamp, (.., at))| *at < scene.due && compares(stamp));
    due.map(|(stamp, (key, ..))| (*key, *stamp))
}

fn convergence<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let mut seen = Vec::new();
    for (key, due) in due(scene) {
        // The newest of each item.
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        // A node that holds nothing may have discarded this deletion, or a newer one, which need not be due yet.
        let mut changes = scene.record.changes.iter();
        let is_deleted =
            changes.any(|(stamp, (of, value, _))| *of == key && *stamp >= due && value.is_none());
        let lacks = |(id, node): (NodeId, &P)| {
            let item = node.items().nth(key.place())?;
            let is_gone = is_deleted && node.discards() && item.stamp == Stamp::default();
            (item.stamp < due && !is_gone).then_some((id, item))
        };
        if let Some((id, item)) = scene.nodes().find_map(lacks) {
            return Err(Contradiction::between(
                format!("{id} holds {item}, and neither the change {due} nor a newer one"),
                [holder(id), scene.record.holder_of(NodeId(due.author), due)],
            ));
        }
    }
    Ok(())
}

/// The judge's knowledge is that of before this step.
fn residue<P: Epidemic>(scene: &Scene<'_, P>) -> Result<(), Contradiction> {
    let dies_out = |(place, spread): (usize, &Spread)| {
        let loses =
            |output: &Output| matches!(output, Output::LostInterest { key, .. } if key.place() == place);
        let tells = spread.known(scene.who).infective;
        let ends = scene.outputs.iter().any(loses) || tells && scene.node.is_none();
        ends && spread.infective == u32::from(tells) && (spread.informed as usize) < scene.count()
    };
    match scene.record.items.iter().enumerate().any(dies_out) {
        true => Ok(()),
        false => Err(Contradiction::default()),
    }
}
