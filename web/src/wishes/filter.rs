//! Which events somebody wants to see in the log: whose, of which sort, with which words.

use faultline_core::NodeId;
use faultline_core::trace::{Flags, Line, Record, What};

/// Whose events the log shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    #[default]
    All,
    /// Those of the node that is picked; everybody's where none is.
    Picked,
    /// Those of one node.
    Of(NodeId),
}

/// Which sort of events the log shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// All.
    #[default]
    Any,
    /// What somebody did.
    Acts,
    /// Messages that arrived or were lost.
    Messages,
    /// Timers that fired.
    Timers,
    /// What the protocol told in its own words.
    Told,
    /// What was done to the system, and what was repaired.
    Faults,
}

/// Which events the log shows, of all or of those that matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whether it is in sight.
    pub open: bool,
    /// Whose.
    pub whose: Whose,
    /// Which.
    pub sort: Sort,
    /// Words that are in it, in lower case; may be empty.
    pub words: String,
}

impl Filter {
    /// Whether it lets everything pass.
    pub fn is_idle(&self) -> bool {
        (self.whose, self.sort) == (Whose::All, Sort::Any) && self.words.is_empty()
    }

    /// Whether an event is of this node and sort.
    pub fn admits(&self, record: &Record, picked: Option<NodeId>) -> bool {
        let of = match self.whose {
            Whose::All => None,
            Whose::Picked => picked,
            Whose::Of(node) => Some(node),
        };
        let what = record.what;
        let sort = match self.sort {
            Sort::Any => true,
            Sort::Acts => record.flags.has(Flags::ACT),
            Sort::Messages => what.ends_message(),
            Sort::Timers => what == What::Fire,
            Sort::Told => record.flags.has(Flags::MILESTONE),
            Sort::Faults => {
                what.is_fault()
                    || matches!(
                        what,
                        What::Restart | What::Heal | What::Resume | What::Release | What::Normal
                    )
            }
        };
        sort && of.is_none_or(|node| record.node == node.0 || record.peer == node.0)
    }

    /// Whether the words are in an event's line.
    pub fn finds(&self, line: &Line) -> bool {
        let has = |text: &str| text.to_ascii_lowercase().contains(&self.words);
        let parts = [&line.sentence, &line.occasion].into_iter().chain(&line.disk);
        parts.chain(&line.sent).chain(&line.outputs).any(|text| has(text))
    }
}
