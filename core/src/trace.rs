//! The trace: of every event a small [`Record`], and, when somebody reads, a [`Line`] of words.
//!
//! Records are kept for the whole run; lines are made again by replaying, because a line costs more than the event.

use crate::card::Poll;
use crate::name::{NodeId, Rule};
use crate::time::{Micros, seconds};
use std::fmt::Write;

/// The cause of what nobody in the run caused.
pub const NO_CAUSE: u32 = u32::MAX;
/// The subject of what happens to no node.
pub const NOBODY: u32 = u32::MAX;

/// What sort of event it was. Its number is part of checksums, so new sorts come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A node started.
    Boot,
    /// A message was delivered.
    Deliver,
    /// The network lost a message.
    Lose,
    /// A timer fired.
    Fire,
    /// The application asked a node for something.
    Input,
    /// The workload found nothing to ask.
    Idle,
    /// A node crashed.
    Crash,
    /// A node booted again.
    Restart,
    /// Somebody dropped a message.
    Drop,
    /// Somebody delayed a message.
    Delay,
    /// Somebody duplicated a message.
    Duplicate,
    /// Links were cut.
    Cut,
    /// Links were healed.
    Heal,
    /// Somebody's act could not apply and changed nothing.
    Refused,
    /// A node was paused.
    Pause,
    /// A paused node went on.
    Resume,
    /// Links, or a message, were held.
    Hold,
    /// Links, or a message, were released.
    Release,
    /// Links changed.
    Link,
    /// Links became what all links are.
    Normal,
    /// From here on messages of a sort are lost for some time.
    Stand,
    /// A node crashed, and its disk lost what was written last.
    CrashLosing,
    /// A node's speed changed.
    Slow,
    /// Somebody did something to a node's clock.
    Clock,
    /// Somebody took a node over.
    TakeOver,
    /// A message became a lie.
    Forge,
    /// A node that is taken over said something to somebody else, too.
    Inject,
    /// Somebody made a node's next choices.
    Choose,
}

impl What {
    /// Whether a node took a step, or was stopped or let go on.
    pub fn is_step(self) -> bool {
        matches!(self, What::Boot | What::Deliver | What::Fire | What::Input | What::Restart)
            || matches!(self, What::Pause | What::Resume | What::Slow | What::Clock | What::TakeOver)
            || self.is_crash()
    }

    /// Whether a node goes down with it.
    pub fn is_crash(self) -> bool {
        matches!(self, What::Crash | What::CrashLosing)
    }

    /// Whether it is one of the faults that a user or the nemesis may cause.
    pub fn is_fault(self) -> bool {
        matches!(self, What::Drop | What::Delay | What::Duplicate | What::Cut | What::Hold | What::Link)
            || matches!(self, What::Pause | What::Stand | What::Slow | What::Clock)
            || matches!(self, What::TakeOver | What::Forge | What::Inject)
            || self.is_crash()
    }

    /// Whether a message ends with it.
    pub fn ends_message(self) -> bool {
        matches!(self, What::Deliver | What::Lose | What::Drop)
    }
}

/// Marks of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// The protocol told this step in its own words.
    pub const MILESTONE: Flags = Flags(1);
    /// A claim or a belief broke.
    pub const VIOLATION: Flags = Flags(2);
    /// Something was forced to disk.
    pub const WROTE: Flags = Flags(4);
    /// The message is a reply.
    pub const REPLY: Flags = Flags(8);
    /// A user or a script did it.
    pub const ACT: Flags = Flags(16);

    /// The message came all the way and was lost there: its receiver was down, or the link cut.
    pub const AT_END: Flags = Flags(32);

    /// Whether a mark is set.
    pub fn has(self, mark: Flags) -> bool {
        self.0 & mark.0 != 0
    }

    /// Sets a mark if `on`.
    pub fn set(&mut self, mark: Flags, on: bool) {
        self.0 |= if on { mark.0 } else { 0 };
    }
}

/// One event, in 24 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// When it happened.
    pub time: Micros,
    /// The event that sent the message or set the timer, or [`NO_CAUSE`].
    pub cause: u32,
    /// To whom it happened; of a message, its receiver; or [`NOBODY`].
    pub node: u32,
    /// Of a message, its sender; else [`NOBODY`].
    pub peer: u32,
    /// What sort of event.
    pub what: What,
    /// Of a message, its kind.
    pub kind: u8,
    /// Marks.
    pub flags: Flags,
}

impl Record {
    pub(crate) fn new(what: What, time: Micros, node: NodeId) -> Self {
        Record { time, cause: NO_CAUSE, node: node.0, peer: NOBODY, what, kind: 0, flags: Flags::default() }
    }
}

/// One event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which event, counted from 0.
    pub index: usize,
    /// The same in brief.
    pub record: Record,
    /// What happened: `n1 becomes leader of term 4`.
    pub sentence: String,
    /// On what occasion, where the sentence does not say: the message or the timer.
    pub occasion: String,
    /// The message that it is about, in full; empty where it is about none.
    pub message: String,
    /// What was forced to disk.
    pub disk: Option<String>,
    /// What was sent, to whom.
    pub sent: Vec<String>,
    /// What the application was told.
    pub outputs: Vec<String>,
    /// The rule of the paper that was applied.
    pub rule: Option<&'static Rule>,
    /// The nodes that had agreed to the decision of this step, or had answered.
    pub agreed: Option<Poll>,
}

impl Line {
    pub(crate) fn new(index: u32, record: Record) -> Self {
        let (sentence, occasion, message) = (String::new(), String::new(), String::new());
        let (sent, outputs) = (Vec::new(), Vec::new());
        let (index, disk, rule, agreed) = (index as usize, None, None, None);
        Line { index, record, sentence, occasion, message, disk, sent, outputs, rule, agreed }
    }

    /// Whether the protocol told it in its own words.
    pub(crate) fn is_milestone(&self) -> bool {
        self.record.flags.has(Flags::MILESTONE)
    }

    /// The line of a transcript: number, time, sentence, what came of it, rule, cause.
    pub fn transcript(&self) -> String {
        let mut text = format!("{:>5} {:>10}  ", self.index, seconds(self.record.time, 6));
        // Writing to a string cannot fail.
        let _ = self.write_tail(&mut text);
        text
    }

    fn write_tail(&self, text: &mut String) -> std::fmt::Result {
        let flags = self.record.flags;
        text.push_str(if flags.has(Flags::VIOLATION) { "!! " } else { "" });
        text.push_str(if flags.has(Flags::ACT) { "* " } else { "" });
        text.push_str(&self.sentence);
        if !self.occasion.is_empty() {
            write!(text, ", on {}", self.occasion)?;
        }
        if let Some(disk) = &self.disk {
            write!(text, " | writes {disk}")?;
        }
        for sent in &self.sent {
            write!(text, " | sends {sent}")?;
        }
        for output in &self.outputs {
            write!(text, " | tells {output}")?;
        }
        if let Some(rule) = self.rule {
            write!(text, " | {}", rule.section)?;
        }
        if self.record.cause != NO_CAUSE {
            write!(text, " | from {}", self.record.cause)?;
        }
        Ok(())
    }
}
