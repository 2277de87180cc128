//! What is claimed of a broker.

mod delivery;

use self::delivery::{by_priority, oldest_first, prefetch, queue_length, redelivered, turns};
use super::exchange::is_queue;
use super::record::Shadow;
use super::settings::DEAD_KEY;
use super::topology::Sort;
use super::{Amqp, Name, Output, Reason, topic};
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
        "A published message goes to a queue once, however many bindings and exchanges lead there, and so to an \
         exchange that passes it on.",
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
    eventually(
        "Accounted For",
        "No queued message disappears, unless it is transient and its queue restarts. It is acknowledged, has died for a reason, is with a consumer that \
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

fn matching(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let Some(Amqp::Exchange(exchange)) = scene.node else { return Ok(()) };
    let all = scene.record.bindings.iter();
    let mine: Vec<_> =
        all.filter(|(whose, ..)| *whose == scene.who).map(|(_, queue, key)| (*queue, key)).collect();
    each(scene, |output, _| {
        let Output::Routed { name, key, to, circles, passed, .. } = output else { return None };
        let bound = |queue: NodeId, holds: &dyn Fn(&str) -> bool| {
            mine.iter().any(|(known, binding)| *known == queue && holds(binding))
        };
        let should = |queue: NodeId| match exchange.sort {
            Sort::Default => is_queue(queue) && key == &queue.to_string(),
            Sort::Direct => bound(queue, &|binding| binding == key),
            Sort::Fanout => bound(queue, &|_| true),
            Sort::Headers => bound(queue, &|binding| topic::headers_match(binding, key)),
            Sort::Topic => bound(queue, &|binding| is_match(binding, key)),
            // Any, and one only.
            Sort::Hash => to.len() == 1 && to.contains(&queue) && bound(queue, &|_| true),
        };
        // Dead letters go their own ways, of which the record does not tell.
        let had = |node: &NodeId| match scene.record.dead.contains_key(name) {
            false => scene
                .record
                .ways
                .get(name)
                .is_some_and(|ways| ways.iter().any(|(from, to)| from == node || to == node)),
            true => true,
        };
        let goes =
            |node: &NodeId| to.contains(node) || circles.contains(node) || passed.contains(node) && had(node);
        let wrong = (2..=6).map(NodeId).find(|node| goes(node) != should(*node))?;
        let verb = if should(wrong) { "withholds" } else { "sends" };
        let way = if should(wrong) { "from" } else { "to" };
        let binding = mine.iter().find(|(known, _)| *known == wrong);
        let other = binding
            .map(|(queue, key)| shown(scene.who, scene.node).telling(&Output::Bound(*queue, (*key).clone())));
        let complaint = format!("{verb} {name} with key `{key}` {way} {wrong}");
        Some((complaint, Some(other.unwrap_or(Side::of(wrong)))))
    })
}

/// Whether a pattern matches a key: told differently than [`topic::matches`], going back to the latest `#` when the
/// rest does not fit.
fn is_match(pattern: &str, key: &str) -> bool {
    let split = |text: &'_ str| -> Vec<String> {
        text.split('.').filter(|_| !text.is_empty()).map(str::to_owned).collect()
    };
    let (pattern, key) = (split(pattern), split(key));
    let (mut at, mut read, mut hash) = (0, 0, None);
    while read < key.len() {
        match pattern.get(at).map(String::as_str) {
            Some("#") => {
                hash = Some((at, read));
                at += 1;
            }
            Some(word) if word == "*" || word == key[read] => (at, read) = (at + 1, read + 1),
            _ => {
                let Some((place, from)) = hash else { return false };
                hash = Some((place, from + 1));
                (at, read) = (place + 1, from + 1);
            }
        }
    }
    pattern[at..].iter().all(|word| word == "#")
}

fn one_copy(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, _| {
        let Output::Routed { name, to, .. } = output else { return None };
        let mut places = to.iter().enumerate();
        if let Some((_, twice)) = places.find(|(place, queue)| to[..*place].contains(queue)) {
            return Some((format!("sends {name} to {twice} more than once"), None));
        }
        let ways = scene.record.ways.get(name).filter(|_| !scene.record.dead.contains_key(name))?;
        let earlier = |node: &NodeId| ways.iter().find(|(_, to)| to == node).map(|(from, _)| *from);
        let (twice, from) = to.iter().find_map(|node| Some((*node, earlier(node)?)))?;
        let sender = if from == scene.who { "it has sent it before" } else { "another exchange has sent it" };
        Some((format!("sends {name} to {twice}, to which {sender}"), Some(Side::of(twice))))
    })
}

fn alternate_last(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, _| match output {
        Output::Routed { name, to, alternate: Some(other), .. } if !to.is_empty() => {
            let complaint = format!("forwards {name} to {other}, although it has gone to {}", to[0]);
            Some((complaint, None))
        }
        _ => None,
    })
}

fn intact(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let replaced = matches!(scene.node, Some(Amqp::Exchange(it)) if it.params.dead_letter_key);
    each(scene, |output, _| {
        let Output::Routed { name, key, .. } = output else { return None };
        if replaced && key == DEAD_KEY && scene.record.dead.contains_key(name) {
            return None;
        }
        let first = scene.record.keys.get(name);
        let named = first.map(|key| Output::Published { name: *name, key: key.clone() });
        let publisher = Side::of(name.publisher).telling_one_of(named);
        let complaint = || format!("routes {name} by `{key}`, which is not its original key");
        (first != Some(key)).then(|| (complaint(), Some(publisher)))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// All lists of up to so many of these words.
    fn all(words: &[&str], most: u32) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut longest = all.clone();
        for _ in 0..most {
            let longer = |text: &String| {
                let text = text.clone();
                let dot = if text.is_empty() { "" } else { "." };
                words.iter().map(move |word| format!("{text}{dot}{word}"))
            };
            longest = longest.iter().flat_map(longer).collect();
            all.extend(longest.clone());
        }
        all
    }

    #[test]
    fn both_matchers_agree() {
        let mut matched = 0;
        for pattern in all(&["a", "b", "*", "#"], 5) {
            for key in all(&["a", "b"], 5) {
                let one = topic::matches(&pattern, &key);
                assert_eq!(one, is_match(&pattern, &key), "`{pattern}` and `{key}`");
                matched += usize::from(one);
            }
        }
        assert!(matched > 10_000, "{matched}");
    }
}
