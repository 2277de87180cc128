//! The block tree: the logs of all nodes in one picture, every entry after the one before it, so that logs which disagree
//! part.

use super::View;
use crate::card::LogCell;
use crate::name::NodeId;
use crate::toolbox::order::by_number;

/// How many indices are shown, the latest.
const SHOWN: u64 = 12;

/// The logs of all nodes as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The entries, each after its parent. If no index is left out, the first is the place before all entries.
    pub blocks: Vec<Block>,
    /// How many indices are left out, from 1: there are too many, or snapshots have replaced them everywhere.
    pub left_out: u64,
    /// The nodes whose logs end before what is shown.
    pub short: Vec<NodeId>,
}

/// An entry of one log or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its place in the log, from 1; 0 is the place before all entries.
    pub index: u64,
    /// The term or epoch it was made in; it decides the colour.
    pub term: u64,
    /// What it says.
    pub text: String,
    /// Which block is the entry before it; `None` if that is not shown.
    pub parent: Option<usize>,
    /// The nodes whose logs end with it; none at the end of a branch that nobody follows any more.
    pub tips: Vec<NodeId>,
    /// Whether some node knows that nothing can take it away.
    pub committed: bool,
}

impl Blocks {
    /// The tree of what the cards of a view have as logs, and as branches beside these.
    pub fn of(view: &View) -> Self {
        let mut logs: Vec<(NodeId, &[LogCell])> = view
            .nodes
            .iter()
            .filter(|node| node.card.log_base.is_some())
            .map(|node| (node.id, &node.card.log[..]))
            .collect();
        // What a snapshot has replaced in one log may stand in another, which therefore comes first.
        by_number(&mut logs, |(_, log)| log.first().map_or(0, |cell| cell.index).into());
        let latest = logs.iter().filter_map(|(_, log)| log.last()).map(|cell| cell.index).max().unwrap_or(0);
        let kept = logs.iter().filter_map(|(_, log)| log.first()).map(|cell| cell.index).min().unwrap_or(1);
        let left_out = latest.saturating_sub(SHOWN).max(kept.saturating_sub(1));
        let mut tree = Blocks { left_out, ..Blocks::default() };
        if tree.left_out == 0 {
            let (text, tips) = (String::new(), Vec::new());
            tree.blocks.push(Block { index: 0, term: 0, text, parent: None, tips, committed: true });
        }
        let mut roots = Vec::new();
        for (node, log) in logs {
            match tree.grow(log, &mut roots) {
                Some(tip) => tree.blocks[tip].tips.push(node),
                None => tree.short.push(node),
            }
        }
        for branch in view.nodes.iter().flat_map(|node| &node.card.branches) {
            tree.grow(branch, &mut roots);
        }
        tree
    }

    /// Adds what a log has more than those before, and finds where it ends. `roots` are the blocks without parents,
    /// each with a log that it is of.
    fn grow<'a>(&mut self, log: &'a [LogCell], roots: &mut Vec<(usize, &'a [LogCell])>) -> Option<usize> {
        let mut tip = (self.left_out == 0).then_some(0);
        for (place, cell) in log.iter().enumerate().filter(|(_, cell)| cell.index > self.left_out) {
            let same = |block: &Block| (block.index, block.term) == (cell.index, cell.term);
            let next = match (place, tip) {
                // A snapshot says nothing of what it replaced.
                (0, _) if cell.index > 1 => self.blocks.iter().position(same),
                (_, Some(tip)) => {
                    let after = |block: &Block| block.parent == Some(tip) && block.text == cell.text;
                    self.blocks.iter().position(|block| same(block) && after(block))
                }
                (_, None) => roots.iter().find(|(_, other)| agree(other, log, cell.index)).map(|it| it.0),
            };
            let next = next.unwrap_or_else(|| {
                let parent = tip.filter(|_| place > 0 || cell.index == 1);
                if parent.is_none() {
                    roots.push((self.blocks.len(), log));
                }
                let &LogCell { index, term, ref text, committed, .. } = cell;
                self.blocks.push(Block {
                    index,
                    term,
                    text: text.clone(),
                    parent,
                    tips: Vec::new(),
                    committed,
                });
                self.blocks.len() - 1
            });
            self.blocks[next].committed |= cell.committed;
            tip = Some(next);
        }
        tip.filter(|_| self.left_out == 0 || log.last().is_some_and(|cell| cell.index > self.left_out))
    }
}

/// Whether two logs are alike in the entries up to an index that both still have.
fn agree(one: &[LogCell], two: &[LogCell], to: u64) -> bool {
    let first = |log: &[LogCell]| log.first().map_or(0, |cell| cell.index);
    let from = first(one).max(first(two));
    let both = |log: &[LogCell]| ((from - first(log)) as usize).min(log.len());
    let (one, two) = (&one[both(one)..], &two[both(two)..]);
    let count = (to + 1).saturating_sub(from) as usize;
    // Where one of them begins with a snapshot it says nothing but its term.
    let same =
        |(a, b): (&LogCell, &LogCell)| a.term == b.term && (a.text == b.text || a.index == from && from > 1);
    one.len() >= count && two.len() >= count && one.iter().zip(two).take(count).all(same)
}
