//! The forms of statements and acts: the tables by which they are read are those that help to write them.

/// A word and what may follow it.
pub(super) struct Form<Read> {
    /// The word that it begins with.
    pub(super) word: &'static str,
    /// What may stand behind the word, each way of it piece by piece.
    pub(super) ways: &'static [&'static [Slot]],
    /// What it does, in one sentence.
    pub(super) help: &'static str,
    /// Reads what stands behind the word.
    pub(super) read: Read,
}

/// A piece of a line. Each but the last kinds is one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// This very word, and what it means.
    Word(&'static str, &'static str),
    /// How many nodes.
    Nodes,
    /// What every draw depends on.
    Seed,
    /// The shortest and the longest latency.
    Latency,
    /// A percentage.
    Share,
    /// `on` or `off`.
    Switch,
    /// A duration, such as this one.
    Time(&'static str),
    /// How often the workload asks.
    Ask,
    /// How long the run is.
    Length,
    /// A moment of the run.
    Moment,
    /// A time some while after the line's own.
    Later,
    /// A parameter of the protocol.
    Parameter,
    /// A value of the parameter before.
    Value,
    /// A wrong twin.
    Twin,
    /// A claim that should hold.
    Claim,
    /// A claim about what should come up sometimes.
    Chance,
    /// A node.
    Node,
    /// Links.
    Links,
    /// The sender and the receiver of a message, as `n1>n2`.
    Pair,
    /// A kind of message, and which of those in flight.
    Kind,
    /// A number with a unit that nothing else has, such as this one.
    Sample(&'static str),
    /// The name of a timer: all that follows.
    Timer,
    /// What a node is asked for: all that follows.
    Input,
    /// Another message: all that follows.
    Lie,
    /// What can be seen: all that follows.
    Sight,
    /// Words for people, or a checksum: all that follows.
    Free,
    /// An act: its word, and what follows that.
    Act,
    /// An act, or what else may follow a time.
    Timed,
}

/// A table without what helps to write its forms: whoever only reads texts need not carry that.
pub(super) const fn readers<Read: Copy, const COUNT: usize>(
    forms: &[Form<Read>; COUNT],
) -> [(&'static str, Read); COUNT] {
    let mut readers = [(forms[0].word, forms[0].read); COUNT];
    let mut place = 0;
    while place < COUNT {
        readers[place] = (forms[place].word, forms[place].read);
        place += 1;
    }
    readers
}

/// What reads behind a word.
pub(super) fn reader<Read: Copy>(readers: &[(&'static str, Read)], word: &str) -> Option<Read> {
    readers.iter().find(|(known, _)| *known == word).map(|(_, read)| *read)
}

/// The words of a table, as a sentence lists them.
pub(super) fn listed<Read>(readers: &[(&'static str, Read)]) -> String {
    readers.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
