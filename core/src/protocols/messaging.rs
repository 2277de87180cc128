//! Messages and middleware. Its systems have little more in common than that somebody sends and somebody receives, so each
//! states its own problem.

pub mod amqp;
