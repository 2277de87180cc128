//! The claims about queues that clients declare.

use super::{each, shown};
use crate::amqp::methods::Method;
use crate::amqp::{Amqp, Output};
use faultline_core::prelude::*;

pub(super) fn same_arguments(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, _| {
        let Output::Granted(client, Method::Queue(name, arguments)) = output else { return None };
        let (place, known) =
            scene.record.names.get(name).filter(|(_, known)| known.arguments != *arguments)?;
        let complaint =
            format!("grants {client} the queue `{name}`, which was declared with other arguments");
        Some((complaint, Some(declared(scene, &Output::Declared(*place, known.clone())))))
    })
}

pub(super) fn exclusive(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    each(scene, |output, _| {
        let Output::Granted(client, method) = output else { return None };
        let (place, known) = scene.record.names.get(method.queue()?)?;
        let owner = known.owner.filter(|owner| owner != client)?;
        let complaint = format!("grants {client} `{method}`, although that queue belongs to {owner} alone");
        Some((complaint, Some(declared(scene, &Output::Declared(*place, known.clone())))))
    })
}

pub(super) fn auto_delete(scene: &Scene<'_, Amqp>) -> Result<(), Contradiction> {
    let before = scene.record.consumers.get(&scene.who).copied().unwrap_or(0);
    each(scene, |output, _| match output {
        Output::AutoDeleted(name) if before > 1 => {
            let complaint =
                format!("deletes itself, the queue `{name}`, when one of its {before} consumers has gone");
            Some((complaint, None))
        }
        _ => None,
    })
}

/// n3, with the step in which it declared a queue.
fn declared(scene: &Scene<'_, Amqp>, output: &Output) -> Side {
    shown(scene.who, scene.node).telling(output)
}
