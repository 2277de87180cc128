//! What the page offers to ask of clients that declare what they need, and what random faults ask of them.

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
