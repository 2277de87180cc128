//! The frames of a publish, byte by byte (AMQP 0-9-1, §4.2.3): a method frame says where the message goes, a header frame
//! what it is, and a body frame what is in it.
//!
//! | type | channel | size | payload | end |
//! |---|---|---|---|---|
//! | 1 byte | 2 bytes | 4 bytes | as many as the size says | `ce` |

use super::Letter;

/// The types of frames.
const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
/// The byte with which every frame ends.
const END: u8 = 0xce;
/// The channel on which a publisher publishes.
const CHANNEL: u16 = 1;

/// The class `basic`, and its method `publish`.
const BASIC: u16 = 60;
const PUBLISH: u16 = 40;

/// The properties in a header, a bit each; a property's value follows where its bit is set.
const DELIVERY_MODE: u16 = 1 << 12;
const PRIORITY: u16 = 1 << 11;
const EXPIRATION: u16 = 1 << 8;

/// The method, the header and the body of a message that is published to the exchange of a name. Its body is
/// its own name.
pub(super) fn publish(exchange: &str, letter: &Letter) -> [Vec<u8>; 3] {
    let terms = &letter.terms;
    let (exchange, body) = (short(exchange), letter.name.to_string().into_bytes());
    let reserved = 0_u16.to_be_bytes();
    let method = [
        &BASIC.to_be_bytes()[..],
        &PUBLISH.to_be_bytes(),
        &reserved,
        &exchange,
        &short(&letter.key),
        &[u8::from(terms.mandatory)],
    ];
    // A time to live is a text, in milliseconds. It is rounded up, because 0 would mean now or never.
    let expiration = terms.ttl.map(|ttl| short(&ttl.div_ceil(1_000).to_string()));
    let mut flags = DELIVERY_MODE;
    let mut values = vec![if terms.transient { 1 } else { 2 }];
    if terms.priority > 0 {
        flags |= PRIORITY;
        values.push(terms.priority);
    }
    if let Some(expiration) = expiration {
        flags |= EXPIRATION;
        values.extend(expiration);
    }
    let weight = 0_u16.to_be_bytes();
    let size = (body.len() as u64).to_be_bytes();
    let header = [&BASIC.to_be_bytes()[..], &weight, &size, &flags.to_be_bytes(), &values];
    [frame(METHOD, &method.concat()), frame(HEADER, &header.concat()), frame(BODY, &body)]
}

/// A frame around its payload.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let size = payload.len() as u32;
    [&[kind][..], &CHANNEL.to_be_bytes(), &size.to_be_bytes(), payload, &[END]].concat()
}

/// A short string: its length in one byte, then its bytes. A routing key has at most 255.
fn short(text: &str) -> Vec<u8> {
    [&[text.len() as u8], text.as_bytes()].concat()
}
