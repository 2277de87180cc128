//! The claims about what a queue delivers: to whom, in which order, and within which limits.

use super::{each, handed, message, shown};
use crate::amqp::{Amqp, Output, Overflow};
use faultline_core::prelude::*;

pub(super) fn prefetch(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let Some(Amqp::Queue(queue)) = scene.node else { return Ok(()) };
    each(scene, |output, shadow| {
        let Output::Handed { to, .. } = output else { return None };
        let has = shadow.holds(*to);
        let complaint = || format!("delivers another message to {to}, which already holds {has}");
        queue.is_full(*to, has).then(|| (complaint(), Some(Side::of(*to))))
    })
}

pub(super) fn turns(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let Some(Amqp::Queue(queue)) = scene.node else { return Ok(()) };
    each(scene, |output, shadow| {
        let Output::Handed { to, .. } = output else { return None };
        // A consumer that was never served waits since it began to consume.
        let waits =
            |(node, since): (NodeId, u64)| shadow.served.get(&node).map_or(since, |last| since.max(*last));
        let chosen = queue.turns().find(|(node, _)| node == to).map(waits)?;
        let has_room = |node: NodeId| !queue.is_full(node, shadow.holds(node));
        let (passed, _) = queue.turns().find(|it| has_room(it.0) && waits(*it) < chosen)?;
        Some((format!("delivers to {to}, although it is the turn of {passed}"), Some(Side::of(passed))))
    })
}

pub(super) fn queue_length(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let Some(Amqp::Queue(queue)) = scene.node else { return Ok(()) };
    let most = queue.params.max_length;
    if queue.overflows() {
        let sentence = format!("{} holds more than {most} ready messages", scene.who);
        return Err(Contradiction::between(sentence, [shown(scene.who, scene.node)]));
    }
    each(scene, |output, shadow| match output {
        Output::Queued { name, .. }
            if queue.params.overflow == Overflow::RejectPublish
                && queue.params.is_at_length(shadow.ready.len()) =>
        {
            Some((format!("accepts {name} although {most} messages are ready"), None))
        }
        _ => None,
    })
}

pub(super) fn oldest_first(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, shadow| {
        let Output::Handed { number, .. } = output else { return None };
        let mut ready = shadow.ready.iter();
        let older = ready.find(|it| *it < number && shadow.rank(**it) == shadow.rank(*number))?;
        let complaint = format!("delivers message {number} before the older message {older}");
        Some((complaint, Some(message(scene, scene.who, *older))))
    })
}

pub(super) fn by_priority(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, shadow| {
        let Output::Handed { number, .. } = output else { return None };
        let rank = shadow.rank(*number);
        let urgent = shadow.ready.iter().find(|it| shadow.rank(**it) > rank)?;
        let higher = shadow.rank(*urgent);
        let complaint = format!(
            "delivers message {number} of priority {rank} before message {urgent} of priority {higher}"
        );
        Some((complaint, Some(message(scene, scene.who, *urgent))))
    })
}

pub(super) fn redelivered(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, shadow| match output {
        Output::Handed { number, redelivered: false, .. } if shadow.again.contains(number) => {
            let complaint = format!("delivers message {number} again without marking it as redelivered");
            Some((complaint, Some(handed(scene, scene.who, *number))))
        }
        _ => None,
    })
}

pub(super) fn time_to_live(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let Some(Amqp::Queue(queue)) = scene.node else { return Ok(()) };
    // With no time at all a message is delivered in the step in which it arrives, or not at all.
    let came = |wanted: u64| {
        scene.outputs.iter().any(|it| matches!(it, Output::Queued { number, .. } if *number == wanted))
    };
    each(scene, |output, shadow| {
        let (Output::Handed { number, .. } | Output::Requeued(number)) = output else { return None };
        // What has left the queue within the same step is no longer there to be asked.
        let (expires, is_old) = queue.age(*number)?;
        let complaint = match shadow.expires(*number) {
            Some(first) if expires != Some(first) => "starts the time to live of message {} anew",
            _ if is_old && !came(*number) && matches!(output, Output::Handed { .. }) => {
                "delivers message {}, which has expired"
            }
            _ => return None,
        };
        let complaint = complaint.replace("{}", &number.to_string());
        Some((complaint, Some(message(scene, scene.who, *number))))
    })
}
