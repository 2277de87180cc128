//! Costs: what one run cost, or several together, as plain numbers. [`crate::measure`] counts them, and protocols make
//! figures of them.

/// What the messages of one kind cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The kind.
    pub name: &'static str,
    /// How many were sent, copies among them.
    pub sent: u64,
    /// How many of them arrived.
    pub delivered: u64,
    /// How many were lost or dropped.
    pub lost: u64,
    /// How often something was forced to a disk when one arrived.
    pub writes: u64,
}

/// What one run cost, or several together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Of every kind of message.
    pub messages: Vec<Counts>,
    /// How often something was forced to a disk when a timer fired, when a node was asked for something, and when one
    /// started.
    pub local_writes: [u64; 3],
    /// How many events there were.
    pub events: u64,
    /// The longest chain of messages, each sent after the one before it had arrived there; of several runs the sum.
    pub rounds: u64,
    /// How long each delivered message was under way, in microseconds.
    pub delays: Vec<u32>,
    /// How long each node waited that got a reply, in microseconds: since what it did last that the reply came of.
    pub waits: Vec<u32>,
}

/// A figure of a protocol, of one run or of several together: a quotient, which is left to those who print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figured {
    /// What it is, in a few words.
    pub name: &'static str,
    /// The quotient in one sentence: the thing that is counted, and what it is divided by.
    pub sentence: &'static str,
    /// How much was counted.
    pub counted: u64,
    /// Over how much; 0 where there was nothing of it.
    pub over: u64,
}

impl Measures {
    /// Adds another run's counts.
    pub fn add(&mut self, other: &Measures) {
        if self.messages.is_empty() {
            self.messages = other.messages.iter().map(|it| Counts::new(it.name)).collect();
        }
        for (mine, theirs) in self.messages.iter_mut().zip(&other.messages) {
            mine.sent += theirs.sent;
            mine.delivered += theirs.delivered;
            mine.lost += theirs.lost;
            mine.writes += theirs.writes;
        }
        for (mine, theirs) in self.local_writes.iter_mut().zip(other.local_writes) {
            *mine += theirs;
        }
        self.events += other.events;
        self.rounds += other.rounds;
        self.delays.extend(&other.delays);
        self.waits.extend(&other.waits);
    }

    /// The sum over all kinds of message.
    pub fn sum(&self, of: fn(&Counts) -> u64) -> u64 {
        self.messages.iter().map(of).sum()
    }

    /// How many messages of these kinds were sent.
    pub fn sent(&self, kinds: &[&str]) -> u64 {
        self.messages.iter().filter(|it| kinds.contains(&it.name)).map(|it| it.sent).sum()
    }

    /// How many messages were sent.
    pub fn sent_in_all(&self) -> u64 {
        self.sum(|it| it.sent)
    }

    /// How often something was forced to a disk.
    pub fn writes(&self) -> u64 {
        self.sum(|it| it.writes) + self.local_writes.iter().sum::<u64>()
    }
}

impl Figured {
    /// Adds the figures of another run of the same protocol to a sum that may still be empty.
    pub fn add(sum: &mut Vec<Figured>, run: Vec<Figured>) {
        if sum.is_empty() {
            *sum = run;
            return;
        }
        for (mine, theirs) in sum.iter_mut().zip(run) {
            mine.counted += theirs.counted;
            mine.over += theirs.over;
        }
    }
}

impl Counts {
    pub(crate) fn new(name: &'static str) -> Self {
        Counts { name, sent: 0, delivered: 0, lost: 0, writes: 0 }
    }
}
