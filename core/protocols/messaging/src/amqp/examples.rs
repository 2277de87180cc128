//! What the page offers to ask of clients that declare what they need or share a queue, and what random faults
//! ask of them.

use super::Input;

fn read(words: &[&str]) -> Vec<Input> {
    words.iter().filter_map(|words| words.parse().ok()).collect()
}

pub(super) fn of_a_publisher() -> Vec<Input> {
    read(&[
        "Publish orders",
        "Publish tasks",
        "Publish error to logs",
        "Declare orders",
        "Declare tasks auto-delete",
        "Declare logs direct",
        "Bind orders logs error",
        "Delete orders",
    ])
}

pub(super) fn of_a_consumer() -> Vec<Input> {
    read(&[
        "Consume orders",
        "Consume tasks prefetch 1",
        "Consume mine",
        "Declare orders ttl 5s",
        "Declare tasks auto-delete",
        "Declare mine exclusive",
        "Cancel tasks",
        "Close",
        "Reconnect",
        "Answer ack",
        "Answer reject",
    ])
}

/// Of a consumer that shares its queue, by whether it consumes: all that it can do. The other fixed topologies
/// offer less, so that old links keep their random requests.
pub(super) fn of_a_sharing_consumer(consumes: bool) -> Vec<Input> {
    let others: &[&str] = if consumes { &["Cancel", "Close"] } else { &["Consume"] };
    read(&[&["Answer ack", "Answer reject", "Answer requeue"], others].concat())
}
