//! The choice of a partner: uniform, or the close node more often than the far ones (§3).

use super::{Gossip, Partners};
use faultline_core::prelude::*;

/// The node to call; none if there is no other node.
pub(super) fn partner(ctx: &mut Ctx<Gossip>) -> Option<NodeId> {
    let (me, count) = (ctx.me(), ctx.count() as u64);
    if ctx.params().bugs.picks_itself {
        return Some(NodeId(ctx.choose(count) as u32));
    }
    let skip_me = |drawn: u64| NodeId(drawn as u32 + u32::from(drawn >= u64::from(me.0)));
    match count - 1 {
        0 => None,
        // The chance of a site is 1/Q², Q the number of sites that are not farther away: 1 for the close one,
        // and 1/(m+1)² for each of the m that are far.
        far @ 2.. if ctx.params().partners == Partners::TwoSiteHub && me.0 < 2 => {
            let (far, close) = (far - 1, far * far);
            let drawn = ctx.choose(close + far);
            Some(NodeId(if drawn < close { 1 - me.0 } else { (drawn - close) as u32 + 2 }))
        }
        others => Some(skip_me(ctx.choose(others))),
    }
}
