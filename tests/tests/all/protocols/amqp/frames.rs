//! The frames of a publish against the specification: read back field by field, straight from its grammar.

use super::{preset, state};
use faultline_core::Session;
use faultline_core::sim::Run;

const FRAMES: &str = "AMQP 0-9-1, §4.2.3";

/// What the card of n1 shows under a name, as bytes.
fn bytes(run: &Run, name: &str) -> Vec<u8> {
    let view = Session::new(run.scenario().clone()).view();
    let field = view.nodes[0].card.fields.iter().find(|field| field.name == name).unwrap();
    field.value.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// A number of so many bytes, the most significant first, and the rest.
fn number(bytes: &[u8], count: usize) -> (u64, &[u8]) {
    let (these, rest) = bytes.split_at(count);
    (these.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), rest)
}

/// A short string, and the rest.
fn short(bytes: &[u8]) -> (&str, &[u8]) {
    let (count, rest) = number(bytes, 1);
    let (text, rest) = rest.split_at(count as usize);
    (std::str::from_utf8(text).unwrap(), rest)
}

/// The type of a frame on channel 1, and its payload, which is as long as it says, and is followed by the end byte alone.
fn payload(frame: &[u8]) -> (u64, &[u8]) {
    let (kind, rest) = number(frame, 1);
    let (channel, rest) = number(rest, 2);
    let (size, rest) = number(rest, 4);
    let (payload, end) = rest.split_at(size as usize);
    assert_eq!((channel, end), (1, &[0xce][..]));
    (kind, payload)
}

/// What the three frames say.
fn read(run: &Run) -> String {
    let (method, header, body) = (bytes(run, "method"), bytes(run, "header"), bytes(run, "body"));
    let (kind, rest) = payload(&method);
    let (class, rest) = number(rest, 2);
    let (name, rest) = number(rest, 2);
    let (reserved, rest) = number(rest, 2);
    let (exchange, rest) = short(rest);
    let (key, rest) = short(rest);
    assert_eq!((kind, class, name, reserved, rest.len()), (1, 60, 40, 0, 1));
    let mut said = format!("{exchange}, {key}, flags {}", rest[0]);
    let (kind, rest) = payload(&header);
    let (class, rest) = number(rest, 2);
    let (weight, rest) = number(rest, 2);
    let (size, rest) = number(rest, 8);
    let (flags, rest) = number(rest, 2);
    let (mode, mut rest) = number(rest, 1);
    assert_eq!((kind, class, weight, flags >> 12), (2, 60, 0, 1));
    said += &format!(", {size} bytes, mode {mode}");
    if flags & 1 << 11 > 0 {
        said += &format!(", priority {}", rest[0]);
        rest = &rest[1..];
    }
    if flags & 1 << 8 > 0 {
        let (expiration, after) = short(rest);
        said += &format!(", expiration {expiration}");
        rest = after;
    }
    let (kind, content) = payload(&body);
    assert_eq!((rest.len(), kind, content.len() as u64), (0, 3, size));
    said + &format!(": {}", std::str::from_utf8(content).unwrap())
}

#[test]
fn a7_11_the_frames_of_a_publish() {
    for (what, more, expected) in [
        ("a publish", "show 55ms", "n3, info, flags 0, 4 bytes, mode 2: n1.1"),
        (
            "a publish with all that can be said",
            "show 205ms",
            "n3, error, flags 1, 4 bytes, mode 1, priority 5, expiration 250: n1.2",
        ),
    ] {
        let said = read(&preset("frames", more));
        assert_eq!(said, expected, "{what}");
        state("A7.11", what, FRAMES, expected, said);
    }
    // The longest key fills a short string, and the size of its frame takes two bytes.
    let key = "k".repeat(255);
    let long = preset("frames", &format!("at 300ms n1 Publish {key}\nshow 301ms"));
    assert_eq!(read(&long), format!("n3, {key}, flags 0, 4 bytes, mode 2: n1.3"));
}

/// The default exchange has no name, and less than a millisecond is not written as none.
#[test]
fn frames_name_what_is_on_the_wire() {
    for (ttl, expected) in [("500us", 1), ("1ms", 1), ("1001us", 2)] {
        let text = format!("set frames on\nat 50ms n1 Publish n5 ttl {ttl}\nshow 55ms");
        let said = read(&super::run("default", &text));
        assert_eq!(said, format!(", n5, flags 0, 4 bytes, mode 2, expiration {expected}: n1.1"));
    }
}
