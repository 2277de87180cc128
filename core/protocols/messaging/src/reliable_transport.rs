//! # Reliable transport (RFC 9293; RFC 6298; Karn & Partridge 1987)
//!
//! The network carries **datagrams**: it may lose, copy, delay and reorder them. The application wants a **stream**: every letter
//! once, in order. The sender numbers its segments, keeps each until it is acknowledged, and sends again what was not
//! acknowledged in time. The receiver acknowledges with the number that it expects next, so one acknowledgement covers all
//! segments before that number and replaces any that was lost.
//!
//! **Schemes.** *Datagrams* carry no number, and nothing is sent again. *Stop and wait* has one segment in flight. *Go back N* has
//! a window of N: the receiver takes only the segment that it expects, and after a timeout the sender goes back to the first that
//! is not acknowledged and sends all again. *Selective repeat* keeps what arrives early, names it in its acknowledgements, and has
//! a timer for each segment, so that only what is missing is sent again.
//!
//! **Numbers.** A number has finitely many values, K, and wraps. After a window of N whose acknowledgements are all lost, the
//! receiver must tell a copy from a new segment. Go back N accepts one number at a time, so it needs K ≥ N + 1; selective repeat
//! accepts N at a time, so it needs K ≥ 2N. The sender keeps its window within that.
//!
//! **Timeout.** A fixed one is that of the textbooks: it runs from when a segment was sent. The adaptive one (RFC 6298) follows the
//! round trip time: RTO = SRTT + max(G, 4·RTTVAR), doubled by each timeout. The sender of go back N then has one timer, and an
//! acknowledgement of new data starts it again (§5). A segment that was sent twice is never sampled, because nobody knows which copy
//! was acknowledged (Karn).
//!
//! **Flow control.** Each acknowledgement advertises how much room the receiver has. If that is none, the sender stops; and since
//! the update that opens the window again may be lost, it goes on to **probe** the window by a timer.
//!
//! Why it is right: the sender forgets only what the receiver expects no more, the receiver hands over only what it expects, and
//! whoever waits has a timer. Where it hurts: no finite K is safe if a copy may be late by as much as a whole turn of the counter.
//! TCP relies on a maximum segment lifetime and 32 bits (RFC 9293 §3.4.1). That is why there are 2³² numbers by default, and why
//! runs with few are runs over links that keep order and copy nothing: a copy that the network makes trails behind, too.
//!
//! Textbooks give the share of its time in which the line sends what is delivered, where a fraction p of the segments is lost and a
//! segment travels a times as long as it takes to send: (1−p)/(1+2a) for stop and wait, (1−p)/(1+2ap) for go back N with a window
//! that fills the line, min(1, N/(1+2a))·(1−p) for selective repeat. The last is an upper bound. A window is also full while its
//! oldest segment is repeated, and then the line waits: with a = 2 and p = 0.1, N = 7 comes to 0.80 and not to 0.90, which it takes
//! N = 32 to reach.
//!
//! **What this file leaves out:** opening and closing a connection, so both sides begin at number 0 with an empty buffer; segments
//! of more than one letter; data in both directions; crashes; checksums; congestion control, so nothing but the two windows limits
//! the sender; fast retransmission; delayed acknowledgements and silly windows. A probe carries no data, as the probes of many
//! implementations do; RFC 9293 §3.8.6.1 wants one octet. RFC 6298 asks for a timeout of at least a second, and of 60 seconds or
//! more before doubling ends. Both are shorter here by default, so that a run has something to show.

use faultline_core::prelude::*;
use receiver::Receiver;
use sender::Sender;

mod claims;
mod letters;
mod receiver;
mod rto;
mod sender;
mod title;
mod words;

pub use letters::{Letter, Numbers, Trip, Written};

/// The node whose application writes. The other one's application reads.
pub const SENDER: NodeId = NodeId(0);
/// The node whose application reads.
pub const RECEIVER: NodeId = NodeId(1);

/// What is set before a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Settings)]
pub struct Params {
    /// How lost segments are repaired.
    #[setting(default = Scheme::GoBackN)]
    pub scheme: Scheme,
    /// The window N: how many segments may be in flight. It is kept within what the numbers allow. Stop and wait has 1.
    #[setting(default = 4, bounds = 1..=64)]
    pub window: u64,
    /// How many sequence numbers there are. After the last the counter wraps to 0.
    #[setting(default = 4294967296, bounds = 2..=4294967296)]
    pub numbers: u64,
    /// How many letters the receiver has room for until its application reads them.
    #[setting(default = 8, bounds = 1..=64)]
    pub buffer: u64,
    /// Whether the timeout follows the measured round trips or stays as it is.
    pub timeout: Timeout,
    /// The timeout, before the first round trip is measured if it is adaptive.
    #[setting(default = 150ms, bounds = 1ms..=60s)]
    pub rto: Micros,
    /// The longest timeout: doubling stops here.
    #[setting(default = 300ms, bounds = 1ms..=60s)]
    pub max_rto: Micros,
    /// How long the sender's line is busy with a segment.
    #[setting(default = 5ms, bounds = 0s..=1s)]
    pub transmission: Micros,
    /// Rules taken away.
    #[setting(twins)]
    pub bugs: Bugs,
}

/// How lost segments are repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Scheme {
    Datagrams,
    StopAndWait,
    GoBackN,
    SelectiveRepeat,
}

/// Where the timeout comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Choice)]
#[allow(missing_docs)]
pub enum Timeout {
    Adaptive,
    Fixed,
}

/// The wrong twins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Twins)]
pub struct Bugs {
    /// The sender fills its window, whether there are enough sequence numbers for that or not.
    #[twin(shows_with = ["set numbers 4"])]
    pub window_too_big: bool,
    /// The sender compares sequence numbers as plain numbers, though they wrap.
    #[twin(shows_with = ["set numbers 8"])]
    pub compares_plainly: bool,
    /// The receiver acknowledges the last segment that arrived, not all before the next one that it expects.
    pub acks_last_received: bool,
    /// The receiver does not acknowledge a segment that it has already.
    pub silent_on_duplicates: bool,
    /// The sender samples the round trip of a retransmitted segment, from its last copy.
    pub samples_retransmissions: bool,
    /// The sender updates SRTT first, and RTTVAR from the new SRTT.
    pub srtt_first: bool,
    /// The sender ignores the window that the receiver advertises.
    pub ignores_window: bool,
    /// The sender never probes a closed window.
    pub no_persist_timer: bool,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A letter without a number.
    Datagram(Letter),
    /// A segment: its number and its letter.
    Data(u64, Letter),
    /// The window is closed: what is it now? It names the number that is next to be sent.
    Probe(u64),
    /// An acknowledgement.
    Ack {
        /// The number that is expected next: all before it have arrived.
        next: u64,
        /// How many letters the receiver has room for from there on.
        window: u64,
        /// Of selective repeat: the numbers that arrived early.
        held: Numbers,
    },
}

kinds! { Message {
    Datagram 'u': Self::Datagram(letter) => "{letter}" as "the letter {letter}",
    Data 'D': Self::Data(number, letter) => "{number} {letter}" as "segment {number} ({letter})",
    Probe 'P': Self::Probe(number) => "{number}" as "a probe of the window",
    Ack 'a' reply: Self::Ack { next, window, held } => "{next} window {window}{held}",
} }

/// What a node reminds itself of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Timer {
    /// Stop and wait, go back N: the oldest segment in flight was not acknowledged in time.
    Retransmit,
    /// Selective repeat: this segment, counted from the first of the stream, was not acknowledged in time.
    #[words("Retransmit-{0}")]
    Segment(u64),
    /// The window has been closed for too long.
    Persist,
    /// The line is free for the next segment.
    Line,
}

/// What the application asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words, Read)]
#[words(otherwise = "n1 can be asked to `Send 4`, n2 to `Stop` or to `Read`")]
pub enum Input {
    /// Of the sender: send so many more letters.
    #[words("Send {0}")]
    Send(u64),
    /// Of the receiver: its application stops reading.
    Stop,
    /// Of the receiver: its application reads on.
    Read,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
pub enum Output {
    /// The sender has taken these letters over.
    #[words("Took {0}")]
    Took(Written),
    /// The receiver hands this letter over.
    Delivered(Letter),
    /// The round trip of this segment, counted from the first of the stream, took so long.
    #[words("Measured {1} by segment {0}")]
    Measured(u64, Trip),
    /// The receiver has had this number before, and discards the copy.
    #[words("Discarded a copy of {0}")]
    Discarded(u64),
}

/// What survives a crash: nothing, for no node crashes here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Words)]
#[words("nothing")]
pub struct Stable;

/// One end of the connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// The end that sends the stream.
    Sender(Sender),
    /// The end that receives it.
    Receiver(Receiver),
}

const OPEN: Rule = Rule::new("RFC 9293 §3.5", "Both ends agree on the first sequence number, here 0.");
const OTHER_END: Rule = Rule::new("problem", "The application asks the other end for this.");
const NOT_MINE: Rule = Rule::new("problem", "A message for the other end is discarded.");

impl Params {
    /// How many segments may be in flight.
    fn send_window(&self) -> u64 {
        let safe = match self.scheme {
            Scheme::StopAndWait => return 1,
            Scheme::Datagrams => return u64::MAX,
            Scheme::GoBackN => self.numbers - 1,
            Scheme::SelectiveRepeat => self.numbers / 2,
        };
        if self.bugs.window_too_big { self.window } else { self.window.min(safe) }
    }

    /// How many letters the sender keeps that are not acknowledged. Its application has to wait with more.
    fn send_buffer(&self) -> u64 {
        2 * self.window + 8
    }

    /// How many numbers the receiver accepts at a time.
    fn receive_window(&self) -> u64 {
        if self.scheme == Scheme::SelectiveRepeat { self.send_window() } else { 1 }
    }
}

impl Node for Transport {
    type Message = Message;
    type Timer = Timer;
    type Input = Input;
    type Output = Output;
    type Stable = Stable;
    type Params = Params;

    fn start(_: Stable, ctx: &mut Ctx<Self>) -> Self {
        ctx.note(&OPEN);
        if ctx.me() == SENDER {
            Transport::Sender(Sender::new(ctx.params()))
        } else {
            Transport::Receiver(Receiver::new(ctx.params()))
        }
    }

    fn stable(&self) -> Stable {
        Stable
    }

    fn on_message(&mut self, _: NodeId, message: Message, ctx: &mut Ctx<Self>) {
        match (self, message) {
            (Transport::Receiver(receiver), Message::Data(number, letter)) => {
                receiver.on_data(number, letter, ctx);
            }
            (Transport::Receiver(receiver), Message::Datagram(letter)) => receiver.on_datagram(letter, ctx),
            (Transport::Receiver(receiver), Message::Probe(_)) => receiver.on_probe(ctx),
            (Transport::Sender(sender), Message::Ack { next, window, held }) => {
                sender.on_ack(next, window, &held, ctx);
            }
            // Nobody sends these: data goes one way, and acknowledgements the other.
            (Transport::Sender(_), Message::Datagram(_) | Message::Data(..) | Message::Probe(_))
            | (Transport::Receiver(_), Message::Ack { .. }) => ctx.note(&NOT_MINE),
        }
    }

    fn on_timer(&mut self, timer: Timer, ctx: &mut Ctx<Self>) {
        // The receiver has no timer: whoever waits for something asks again.
        let Transport::Sender(sender) = self else { return };
        match timer {
            Timer::Retransmit => sender.go_back(ctx),
            Timer::Segment(index) => sender.repeat(index, ctx),
            Timer::Persist => sender.probe(ctx),
            Timer::Line => sender.on_free_line(ctx),
        }
    }

    fn on_input(&mut self, input: Input, ctx: &mut Ctx<Self>) {
        match (self, input) {
            (Transport::Sender(sender), Input::Send(letters)) => sender.take(letters, ctx),
            (Transport::Receiver(receiver), Input::Stop) => receiver.stop(ctx),
            (Transport::Receiver(receiver), Input::Read) => receiver.read_on(ctx),
            (Transport::Sender(_), Input::Stop | Input::Read) | (Transport::Receiver(_), Input::Send(_)) => {
                ctx.note(&OTHER_END);
            }
        }
    }

    fn inputs(&self) -> Vec<Input> {
        match self {
            Transport::Sender(sender) if sender.has_room() => vec![Input::Send(4)],
            Transport::Sender(_) => Vec::new(),
            Transport::Receiver(receiver) if receiver.is_reading => vec![Input::Stop],
            Transport::Receiver(_) => vec![Input::Read],
        }
    }

    fn card(&self) -> Card {
        match self {
            Transport::Sender(sender) => sender.described(),
            Transport::Receiver(receiver) => receiver.described(),
        }
    }
}
