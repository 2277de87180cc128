//! Signatures as the literature assumes them: nobody, a Byzantine node included, can sign for another.
//!
//! Nothing is computed. A [`Signed`] value can only be had from `Ctx::sign`, which signs as the node whose handler runs, so
//! whoever holds one knows who said it. It may be passed on; it cannot be changed.

use crate::name::NodeId;
use std::fmt::{self, Display};

/// Something that a node has signed. It prints as what it says and who says it: `b by n2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signed<T> {
    by: NodeId,
    what: T,
}

impl<T> Signed<T> {
    pub(crate) fn new(by: NodeId, what: T) -> Self {
        Signed { by, what }
    }

    /// Who signed.
    pub fn by(&self) -> NodeId {
        self.by
    }

    /// What was signed, if it was this node who did.
    pub fn verify(&self, by: NodeId) -> Option<&T> {
        (self.by == by).then_some(&self.what)
    }
}

impl<T: Display> Display for Signed<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} by {}", self.what, self.by)
    }
}
