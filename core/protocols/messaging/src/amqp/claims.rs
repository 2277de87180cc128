//! What is claimed of a broker.

mod delivery;
mod names;
mod routing;

use self::delivery::{by_priority, oldest_first, prefetch, queue_length, redelivered, time_to_live, turns};
use self::names::{auto_delete, exclusive, same_arguments};
use self::routing::{alternate_last, intact, matching, one_copy};
use super::record::Shadow;
use super::{Amqp, Name, Output, Reason};
use faultline_core::card::Fact;
use faultline_core::prelude::*;

/// The claims of §3.1 and of the extensions.
pub(super) const CLAIMS: &[Property<Amqp>] = &[
    always(
        "Matching",
        "A message goes to exactly those queues and exchanges that have a matching binding.",
        About::Outputs,
        matching,
    )
    .given(|scene| given(scene.record.seen.routed, "no exchange has routed a message yet")),
    always(
        "One Copy",
        "A published message goes to a queue once, however many bindings and exchanges lead there, \
         and so to an exchange that passes it on.",
        About::Outputs,
        one_copy,
    )
    .given(|scene| given(scene.record.seen.routed, "no exchange has routed a message yet")),
    always(
        "Alternate Last",
        "Only a message that matches no binding goes to the alternate exchange.",
        About::Outputs,
        alternate_last,
    )
    .given(|scene| given(scene.record.seen.forwarded, "no message has gone to an alternate exchange yet")),
    always(
        "Intact",
        "A message keeps the key with which it was published, even as a dead letter, unless its queue has a key \
         for dead letters.",
        About::Outputs,
        intact,
    )
    .given(|scene| given(scene.record.seen.routed, "no exchange has routed a message yet")),
    always(
        "Confirmed Is Safe",
        "Before a message is confirmed, it reaches every queue to which it goes.",
        About::Outputs,
        confirmed,
    )
    .given(|scene| given(scene.record.seen.confirmed, "no message has been confirmed yet")),
    always(
        "Refused Is Not Confirmed",
        "A message that a queue has refused is never confirmed.",
        About::Outputs,
        not_confirmed,
    )
    .given(|scene| given(!scene.record.refused.is_empty(), "no queue has refused a message yet")),
    always(
        "Prefetch",
        "No consumer holds more unacknowledged messages than the prefetch limit allows.",
        About::Outputs,
        prefetch,
    )
    .given(|scene| {
        let limited = |node: &Amqp| matches!(node, Amqp::Queue(queue) if queue.params.prefetch > 0);
        given(scene.nodes().any(|(_, node)| limited(node)), "no limit is set")?;
        given(scene.record.seen.handed, "no queue has delivered a message yet")
    }),
    always(
        "In Turn",
        "Of its consumers with room, a queue delivers to the one that it has served the longest ago.",
        About::Outputs,
        turns,
    )
    .given(|scene| given(scene.record.seen.turns, "no queue has had a choice of consumers yet")),
    always(
        "Queue Length",
        "After every step of a queue, it holds no more ready messages than its limit allows. One that refuses \
         messages accepts none while it is full.",
        About::Outputs,
        queue_length,
    )
    .given(|scene| {
        let limited = |node: &Amqp| matches!(node, Amqp::Queue(queue) if queue.params.max_length > 0);
        given(scene.nodes().any(|(_, node)| limited(node)), "no limit is set")?;
        given(scene.record.seen.queued, "no message has reached a queue yet")
    }),
    always(
        "Oldest First",
        "A queue delivers its oldest ready message first, even if that was returned. With priorities this holds \
         for each of them.",
        About::Outputs,
        oldest_first,
    )
    .given(|scene| given(scene.record.seen.chosen, "no queue has delivered one of several messages yet")),
    always(
        "By Priority",
        "A queue delivers no message while one with a higher priority is ready, even if that was returned.",
        About::Outputs,
        by_priority,
    )
    .given(|scene| given(scene.record.seen.ranked, "no queue has delivered a message by its priority yet")),
    always(
        "Redelivered",
        "A queue marks a message that it delivers again as redelivered.",
        About::Outputs,
        redelivered,
    )
    .given(|scene| given(scene.record.seen.handed_again, "no queue has delivered a message again")),
    always(
        "No Circles",
        "No copy of a message returns to a queue in which it died, unless a consumer has rejected it since.",
        About::Outputs,
        no_circles,
    )
    .given(|scene| given(!scene.record.dead.is_empty(), "no message has died yet")),
    always(
        "Time to Live",
        "The time to live of a message runs from its arrival in a queue. A return does not start it anew, and \
         a queue delivers no message that has expired.",
        About::Outputs,
        time_to_live,
    )
    .given(|scene| given(scene.record.seen.limited, "no message with a time to live has reached a queue yet")),
    always(
        "Same Arguments",
        "A client that is granted a queue gets it with the arguments that it has declared.",
        About::Outputs,
        same_arguments,
    )
    .given(|scene| given(scene.record.seen.declared_again, "no queue has been declared twice yet")),
    always(
        "Exclusive",
        "Only the client that has declared an exclusive queue may use it.",
        About::Outputs,
        exclusive,
    )
    .given(|scene| given(scene.record.seen.exclusive, "no exclusive queue has been declared yet")),
    always(
        "Auto-delete",
        "An auto-delete queue goes when its last consumer has gone, and not before.",
        About::Outputs,
        auto_delete,
    )
    .given(|scene| given(scene.record.seen.auto_delete, "no auto-delete queue has had a consumer yet")),
    eventually(
        "Accounted For",
        "No queued message disappears, unless it is transient and its queue restarts, or its queue is deleted. \
         It is acknowledged, has died for a reason, is with a consumer that \
         may still answer, or waits because no consumer has room for it.",
        Despite::Crashes,
        |scene| match (
            scene.record.seen.queued,
            scene.record.queues.keys().all(|it| scene.node_of(*it).is_some()),
        ) {
            (false, _) => Err("no message has reached a queue yet"),
            (true, false) => Err("a queue is down"),
            (true, true) => Ok(()),
        },
        accounted,
    )
    .since(|scene| neglected(scene).map(|(.., since)| since)),
    sometimes(
        "Redelivery",
        "A consumer processes a message that was delivered before.",
        About::Outputs,
        redelivery,
    ),
    sometimes(
        "Silent Loss",
        "A published message reaches no queue, and its publisher is not told.",
        About::Outputs,
        silent_loss,
    ),
];

fn given(has: bool, missing: &'static str) -> Result<(), &'static str> {
    if has { Ok(()) } else { Err(missing) }
}

/// A node, with what its card shows of what it has to do.
fn shown(id: NodeId, node: Option<&Amqp>) -> Side {
    let field = match node {
        Some(Amqp::Publisher(_)) => "unconfirmed",
        Some(Amqp::Exchange(_)) => "bindings",
        Some(Amqp::Queue(_)) => "ready",
        Some(Amqp::Consumer(_)) => "processed",
        None => return Side::of(id),
    };
    Side::of(id).showing(Fact::Field(field))
}

/// A queue that has delivered a message for the first time, to whichever consumer.
fn handed(scene: &Scene<'_, Amqp>, queue: NodeId, number: u64) -> Side {
    let to_any =
        (0..scene.count() as u32).map(|to| Output::Handed { number, to: NodeId(to), redelivered: false });
    shown(queue, scene.node_of(queue)).telling_one_of(to_any)
}

/// A queue that has received a message; where it no longer has that, it has delivered it.
fn message(scene: &Scene<'_, Amqp>, queue: NodeId, number: u64) -> Side {
    let arrived = match scene.node_of(queue) {
        Some(Amqp::Queue(it)) => it.arrived(number),
        _ => None,
    };
    match arrived {
        Some(arrived) => shown(queue, scene.node_of(queue)).telling(&arrived),
        None => handed(scene, queue, number),
    }
}

/// Judges each thing that the step told, with the queue as it was just before: what is wrong with it, and what that contradicts, if
/// anything but the step itself.
fn each(
    scene: &Scene<'_, Amqp>,
    complaint: impl Fn(&Output, &Shadow) -> Option<(String, Option<Side>)>,
) -> Result<(), Contradiction> {
    let mut shadow = scene.record.queues.get(&scene.who).cloned().unwrap_or_default();
    for output in scene.outputs {
        if let Some((complaint, other)) = complaint(output, &shadow) {
            let sentence = format!("{} {complaint}", scene.who);
            let mut sides = vec![shown(scene.who, scene.node)];
            sides.extend(other);
            return Err(Contradiction::between(sentence, sides));
        }
        shadow.apply(output, scene.now);
    }
    Ok(())
}

fn confirmed(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, _| {
        let Output::Confirmed(name) = output else { return None };
        let owed = scene.record.owed.get(name).filter(|owed| !owed.is_empty())?;
        let queue = owed.iter().next().map(Side::of)?;
        Some((format!("receives the confirm of {name}, but {owed} has not received it"), Some(queue)))
    })
}

fn not_confirmed(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, _| {
        let Output::Confirmed(name) = output else { return None };
        let queue = scene.record.refused.get(name)?;
        let side = shown(*queue, scene.node_of(*queue)).telling(&Output::Refused(*name));
        Some((format!("receives the confirm of {name}, which {queue} has refused"), Some(side)))
    })
}

fn no_circles(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let Some(Amqp::Queue(queue)) = scene.node else { return Ok(()) };
    each(scene, |output, _| {
        let Output::Queued { number, name, .. } = output else { return None };
        // Copies have one name, so only the copy itself says where it died; the latest death first.
        let deaths = &queue.letter(*number)?.deaths;
        let here = deaths.iter().position(|(queue, _)| *queue == scene.who)?;
        let rejected = deaths[..=here].iter().any(|(_, reason)| *reason == Reason::Rejected);
        let reason = deaths[here].1;
        let died = |number| Output::Died { number, name: *name, reason, buried: true };
        let other = || shown(scene.who, scene.node).telling_one_of((1..*number).map(died));
        (!rejected).then(|| {
            (
                format!("receives {name} again, although it died here and no consumer has rejected it since"),
                Some(other()),
            )
        })
    })
}

fn accounted(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    neglected(scene).map_or(Ok(()), |((queue, number), complaint, _)| {
        let sentence = format!("message {number} of {queue} {complaint}");
        Err(Contradiction::between(sentence, [message(scene, queue, number)]))
    })
}

/// A message that a queue treats wrongly, by its queue and number, and since when; what is with a consumer is overdue once its timeout has passed.
fn neglected(scene: &Scene<'_, Amqp>) -> Option<((NodeId, u64), String, Micros)> {
    let relies = |queue: NodeId| {
        let consumer = move |node: &Amqp| matches!(node, Amqp::Consumer(it) if it.relies_on(queue));
        move |node: NodeId| scene.node_of(node).is_some_and(consumer)
    };
    scene.record.queues.iter().find_map(|(node, shadow)| {
        // What a queue has is on its disk while it is down.
        let Some(Amqp::Queue(queue)) = scene.node_of(*node) else { return None };
        let taken = shadow.taken.iter().map(|(number, ..)| number);
        let complain =
            |number: &u64| Some((queue.neglects(*number, relies(*node))?, *number, scene.record.turned));
        let wrong = shadow.ready.iter().chain(taken).find_map(complain);
        let is_overdue =
            |(.., since): &&(u64, NodeId, Micros)| scene.now > since.saturating_add(queue.params.ack_timeout);
        let overdue = shadow.taken.iter().find(is_overdue);
        let overdue = || {
            overdue.map(|(number, to, since)| {
                (format!("is still with {to}, whose time to acknowledge it has passed"), *number, *since)
            })
        };
        wrong.or_else(overdue).map(|(complaint, number, since)| ((*node, number), complaint, since))
    })
}

fn redelivery(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let again = |output: &Output| matches!(output, Output::Processed { redelivered: true, .. });
    if scene.outputs.iter().any(again) { Ok(()) } else { Err(Contradiction::default()) }
}

fn silent_loss(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    // A dead letter has been queued, and its publisher was told no more than the truth.
    let dead = |name: &Name| scene.record.dead.contains_key(name);
    let lost =
        |output: &Output| matches!(output, Output::Unroutable { name, returned: false } if !dead(name));
    if scene.outputs.iter().any(lost) { Ok(()) } else { Err(Contradiction::default()) }
}
