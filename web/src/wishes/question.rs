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
        match self {
            Question::Event(event) => format!("Why did event {} happen?", event + 1),
            Question::Role(node) => format!("Why does {node} have this role?"),
            Question::Field(node, name) => format!("Why does {node} have this value of {name}?"),
            Question::Cell(node, index) => format!("Why is entry {index} in the log of {node}?"),
            Question::Row(node, key) => format!("Why does {node} have this value for {key}?"),
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
