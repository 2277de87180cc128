//! What somebody may ask the reason of.

use faultline_core::NodeId;
use faultline_core::view::Fact;

/// What somebody wants to know the reason of.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// That an event happened.
    Event(usize),
    /// The role of a node.
    Role(NodeId),
    /// A fact on its card.
    Field(NodeId, &'static str),
    /// An entry of its log.
    Cell(NodeId, u64),
    /// A value of its table.
    Row(NodeId, String),
}

impl Question {
    /// As somebody would ask it.
    pub fn title(&self) -> String {
        match self.about() {
            Ok((node, fact)) => format!("Why {fact} of {node}?"),
            Err(event) => format!("Why event {}?", event + 1),
        }
    }

    /// The fact that it is about, or else the event.
    pub fn about(&self) -> Result<(NodeId, Fact<'_>), usize> {
        Ok(match self {
            Question::Event(event) => return Err(*event),
            Question::Role(node) => (*node, Fact::Role),
            Question::Field(node, name) => (*node, Fact::Field(name)),
            Question::Cell(node, index) => (*node, Fact::Cell(*index)),
            Question::Row(node, key) => (*node, Fact::Row(key)),
        })
    }
}
