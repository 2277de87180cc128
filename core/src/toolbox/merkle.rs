//! Hash trees (Merkle 1987): two nodes find out where their data differ by comparing few hashes.
//!
//! A leaf is the hash of a part of the data, an inner node that of its two children. Where two nodes of two trees are
//! alike, so is all below them; where they differ, their children are compared. So one leaf in 2^d that differs takes
//! 2d + 1 comparisons, and equal trees take one.

use crate::fingerprint;

/// A tree over 2^d leaves. Its root has number 1, and the children of number i are 2i and 2i + 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerkleTree(Vec<u64>);

impl MerkleTree {
    /// The number of the root.
    pub const ROOT: u32 = 1;

    /// The tree over 2^`depth` leaves, each the hash that `leaf` gives for its place.
    pub fn new(depth: u32, leaf: impl FnMut(u32) -> u64) -> Self {
        let leaves = 1 << depth;
        let mut nodes = vec![0; leaves];
        nodes.extend((0..leaves as u32).map(leaf));
        for number in (1..leaves).rev() {
            nodes[number] = fingerprint::of(&(nodes[2 * number], nodes[2 * number + 1]));
        }
        MerkleTree(nodes)
    }

    /// The hash of a node; 0 where there is no such node.
    pub fn hash(&self, number: u32) -> u64 {
        self.0.get(number as usize).copied().unwrap_or(0)
    }

    /// Which leaf a node is, where it is one.
    pub fn leaf(&self, number: u32) -> Option<u32> {
        let leaves = self.0.len() as u32 / 2;
        number.checked_sub(leaves).filter(|place| *place < leaves)
    }

    /// Compares nodes of another tree with the same of this one: the numbers of those that differ.
    pub fn differing(&self, theirs: &[(u32, u64)]) -> Vec<u32> {
        let differs = |(number, hash): &&(u32, u64)| self.hash(*number) != *hash;
        theirs.iter().filter(differs).map(|(number, _)| *number).collect()
    }

    /// The children of some nodes, with their hashes.
    pub fn children(&self, of: &[u32]) -> Vec<(u32, u64)> {
        let numbers = of.iter().flat_map(|number| [2 * number, 2 * number + 1]);
        numbers.map(|number| (number, self.hash(number))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares two trees as two nodes would: the leaves that differ, and how many hashes that took.
    fn compare(one: &MerkleTree, two: &MerkleTree) -> (Vec<u32>, usize) {
        let mut compared = 0;
        let mut level = vec![(MerkleTree::ROOT, one.hash(MerkleTree::ROOT))];
        let (mut mine, mut theirs) = (one, two);
        loop {
            compared += level.len();
            let differing = theirs.differing(&level);
            let leaves: Vec<_> = differing.iter().filter_map(|number| theirs.leaf(*number)).collect();
            if differing.is_empty() || !leaves.is_empty() {
                return (leaves, compared);
            }
            level = theirs.children(&differing);
            (mine, theirs) = (theirs, mine);
        }
    }

    #[test]
    fn differing_leaves_are_found_in_few_comparisons() {
        for depth in 0..=10 {
            let tree = MerkleTree::new(depth, u64::from);
            assert_eq!(compare(&tree, &tree), (vec![], 1));
            for changed in [0, (1 << depth) / 3, (1 << depth) - 1] {
                let other = MerkleTree::new(depth, |place| u64::from(place) + u64::from(place == changed));
                assert_eq!(compare(&tree, &other), (vec![changed], 2 * depth as usize + 1));
            }
        }
        let all = MerkleTree::new(3, |place| u64::from(place) + 100);
        assert_eq!(compare(&MerkleTree::new(3, u64::from), &all), ((0..8).collect(), 15));
    }
}
