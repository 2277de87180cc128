//! The claims about where an exchange sends a message, and with which key.

use super::{each, shown};
use crate::amqp::exchange::is_queue;
use crate::amqp::settings::DEAD_KEY;
use crate::amqp::topology::Sort;
use crate::amqp::{Amqp, Output, topic};
use faultline_core::prelude::*;

pub(super) fn matching(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
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
            Sort::Default if exchange.names.is_some() => {
                scene.record.names.get(key).is_some_and(|(place, _)| *place == queue)
            }
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

pub(super) fn one_copy(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
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

pub(super) fn alternate_last(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, _| match output {
        Output::Routed { name, to, alternate: Some(other), .. } if !to.is_empty() => {
            let complaint = format!("forwards {name} to {other}, although it has gone to {}", to[0]);
            Some((complaint, None))
        }
        _ => None,
    })
}

pub(super) fn intact(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let replaced = matches!(scene.node, Some(Amqp::Exchange(it)) if it.params.dead_letter_key);
    each(scene, |output, _| {
        let Output::Routed { name, key, .. } = output else { return None };
        let is_grave = replaced && key == DEAD_KEY || scene.record.graves.contains(key);
        if is_grave && scene.record.dead.contains_key(name) {
            return None;
        }
        let first = scene.record.keys.get(name);
        let named = first.map(|key| Output::Published { name: *name, key: key.clone() });
        let publisher = Side::of(name.publisher).telling_one_of(named);
        let complaint = || format!("routes {name} by `{key}`, which is not its original key");
        (first != Some(key)).then(|| (complaint(), Some(publisher)))
    })
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
