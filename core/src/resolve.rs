//! Acts and events: the event that an act means in a world, and the act that says an event.

use crate::event::{Event, Input, LossRule, MessageId, MessageName};
use crate::scenario::Act;
use crate::world::World;

/// Finds the event that an act means in a world.
///
/// # Errors
/// One sentence when there is none.
pub(crate) fn resolve(act: &Act, world: &World) -> Result<Event, String> {
    Ok(match act {
        Act::Deliver(name) => Event::Deliver(find(name, world)?),
        Act::Drop(name) => Event::Drop(find(name, world)?),
        Act::Delay(name, by) => Event::Delay(find(name, world)?, *by),
        Act::Duplicate(name) => Event::Duplicate(find(name, world)?),
        Act::Crash(node) => Event::Crash(*node),
        Act::Restart(node) => Event::Restart(*node),
        Act::Fire(node, name) => {
            let timers = &world.slot(*node).timers;
            let named = |timer: &&_| world.timer_name(timer) == *name;
            let place = timers.iter().position(|timer| timer.is_set && named(&timer));
            Event::Fire(*node, place.ok_or_else(|| format!("{node} has set no {name} timer"))? as u32)
        }
        Act::Cut(links) => Event::Cut(links.clone()),
        Act::Heal(links) => Event::Heal(links.clone()),
        Act::Pause(node) => Event::Pause(*node),
        Act::Resume(node) => Event::Resume(*node),
        Act::Hold(links) => Event::Hold(links.clone()),
        Act::Release(links) => Event::Release(links.clone()),
        Act::HoldMessage(name) => Event::HoldMessage(find(name, world)?),
        Act::ReleaseMessage(name) => Event::ReleaseMessage(find(name, world)?),
        Act::Link(links, behaviour) => Event::Link(Box::new((links.clone(), *behaviour))),
        Act::Lose(links, kind, until) => {
            let place = |name| world.shim().kinds().iter().position(|kind| kind.name == name);
            let kind = kind.and_then(place).map(|place| place as u8);
            Event::Stand(Box::new(LossRule { links: links.clone(), kind, until: *until }))
        }
        Act::CrashLosing(node) => Event::CrashLosing(*node),
        Act::Slow(node, permille) => Event::Slow(*node, *permille),
        Act::Clock(node, adjustment) => Event::Clock(*node, *adjustment),
        Act::TakeOver(node) => Event::TakeOver(*node),
        Act::Forge(name, lie) => world.forgery(find(name, world)?, lie)?,
        Act::Inject(name, to) => Event::Inject(find(name, world)?, *to),
        Act::Choose(node, choices) => Event::Choose(*node, choices.clone().into()),
        Act::Ask(node, words) => Event::Input(*node, Input(world.shim().parse_input(words)?)),
    })
}

fn find(name: &MessageName, world: &World) -> Result<MessageId, String> {
    let found = world.message_names().into_iter().find(|(_, known)| known == name);
    let none = || format!("no {} from {} to {} is in flight", name.kind, name.from, name.to);
    found.map(|(message, _)| message).ok_or_else(none)
}

/// The act that says an event in a world to which it has not happened yet; `None` for what only happens by itself.
pub(crate) fn act_of(event: &Event, world: &World) -> Option<Act> {
    let name = |message: &MessageId| {
        let mut names = world.message_names().into_iter();
        names.find(|(known, _)| known == message).map(|(_, name)| name)
    };
    Some(match event {
        Event::Boot(_) | Event::Lose(_) | Event::Ask => return None,
        Event::Deliver(message) => Act::Deliver(name(message)?),
        Event::Drop(message) => Act::Drop(name(message)?),
        Event::Delay(message, by) => Act::Delay(name(message)?, *by),
        Event::Duplicate(message) => Act::Duplicate(name(message)?),
        Event::Crash(node) => Act::Crash(*node),
        Event::Restart(node) => Act::Restart(*node),
        Event::Fire(node, place) => {
            let timer = world.slot(*node).timers.get(*place as usize)?;
            Act::Fire(*node, world.timer_name(timer))
        }
        Event::Cut(links) => Act::Cut(links.clone()),
        Event::Heal(links) => Act::Heal(links.clone()),
        Event::Pause(node) => Act::Pause(*node),
        Event::Resume(node) => Act::Resume(*node),
        Event::Hold(links) => Act::Hold(links.clone()),
        Event::Release(links) => Act::Release(links.clone()),
        Event::HoldMessage(message) => Act::HoldMessage(name(message)?),
        Event::ReleaseMessage(message) => Act::ReleaseMessage(name(message)?),
        Event::Link(change) => Act::Link(change.0.clone(), change.1),
        Event::Stand(rule) => {
            let kind = |place: u8| world.shim().kinds()[place as usize].name;
            Act::Lose(rule.links.clone(), rule.kind.map(kind), rule.until)
        }
        Event::CrashLosing(node) => Act::CrashLosing(*node),
        Event::Slow(node, permille) => Act::Slow(*node, *permille),
        Event::Clock(node, adjustment) => Act::Clock(*node, *adjustment),
        Event::TakeOver(node) => Act::TakeOver(*node),
        Event::Forge(message, lie) => {
            let lie = world.lie_texts(*message).into_iter().nth(*lie as usize)?;
            Act::Forge(name(message)?, lie)
        }
        Event::Inject(message, to) => Act::Inject(name(message)?, *to),
        Event::Choose(node, choices) => Act::Choose(*node, choices.to_vec()),
        Event::Input(node, input) => Act::Ask(*node, world.shim().input_text(&input.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::NodeId;
    use crate::toy::greeted;

    #[test]
    fn an_act_means_an_event_that_is_said_by_this_act() {
        let (scenario, mut world) = greeted();
        assert!(world.apply(0, Event::TakeOver(NodeId(0))).is_ok());
        for words in [
            "deliver n1>n2 Hello",
            "drop n1>n3 Hello",
            "delay n1>n2 Hello by 20ms",
            "duplicate n1>n2 Hello",
            "crash n1",
            "restart n1",
            "fire n1 Hello",
            "cut n1>n2",
            "heal",
            "heal n1-n2",
            "pause n1",
            "resume n1",
            "hold n1>n2",
            "release",
            "release n1|n2,n3",
            "hold n1>n2 Hello",
            "release n1>n2 Hello",
            "link loss 5%",
            "link n1-n2 normal",
            "lose until 2s",
            "lose n1>n2 Hello until 2s",
            "crash n1 losing-write",
            "slow n1 1.5x",
            "clock n1 jump +50ms",
            "take over n2",
            "forge n1>n2 Hello as Hello",
            "inject n1>n2 Hello to n3",
            "choose n1 2 0",
            "n1 Hello",
        ] {
            let act = scenario.parse_act(words);
            let said = act.and_then(|act| resolve(&act, &world)).map(|event| act_of(&event, &world));
            assert_eq!(said.map(|act| act.map(|act| act.to_string())), Ok(Some(words.to_owned())));
        }
    }
}
