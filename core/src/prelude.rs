//! What every file of a protocol needs, for `use faultline_core::prelude::*`. Nouns of the literature that only some need are
//! in [`crate::toolbox`], the parts of a card in [`crate::card`].

pub use crate::card::{Card, Field, Meaning};
pub use crate::costs::Measures;
pub use crate::history::{KeyValue, Of};
pub use crate::lesson::{Lesson, lesson};
pub use crate::name::{NodeId, Rule};
pub use crate::node::{Ctx, Node};
pub use crate::property::{
    About, Contradiction, Despite, Property, Scene, Side, always, eventually, sometimes,
};
pub use crate::protocol::{Chart, Figure, Plot, Protocol, Quiet, Step, Theory};
pub use crate::sign::Sign;
pub use crate::time::{Micros, in_order};
pub use crate::title::{
    Assumptions, Failures, Info, LaneWords, Layout, Links, LogWords, Panel, Preset, Timing, Vetted, presets,
};
pub use crate::toolbox::hole::Hole;
pub use crate::toolbox::map::Map;
pub use crate::toolbox::quorum::NodeSet;
pub use crate::words::{Choice, Kinds, Read, Settings, Twins, Words, kinds};
