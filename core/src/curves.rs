//! Curves: a chart as it is drawn, whether a protocol plots it or the page counts it.

/// A chart as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curves {
    /// What it shows, in a few words.
    pub name: &'static str,
    /// What to see in it.
    pub sentence: &'static str,
    /// What is measured along it and upwards.
    pub axes: (&'static str, &'static str),
    /// What was measured, in order.
    pub measured: Vec<(u64, u64)>,
    /// What theory says, in order; may be empty.
    pub theory: Vec<(u64, u64)>,
}
