//! Messages and middleware. These systems share little beyond senders and receivers, so each one states its
//! own problem.

pub mod amqp;
pub mod kafka;
pub mod reliable_transport;
pub mod rpc;
pub mod two_generals;
