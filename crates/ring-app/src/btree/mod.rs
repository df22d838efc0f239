//! An ordered map for a rolling window: insert anywhere, take the smallest away.
//!
//! `std`'s `BTreeMap` has no degree to set, and allocates and frees nodes as it goes. This one
//! has the degree of the classic definition (a node holds at most `2 × degree − 1` items and,
//! but for the root, at least `degree − 1`; all leaves lie at one depth) and keeps its nodes in
//! an arena, so that a window of constant size allocates nothing.

mod arena;
mod insert;
mod iter;
mod node;
mod shrink;
#[cfg(test)]
mod tests;
mod trim;

use arena::Arena;
use node::NodeId;

/// The least degree: below it a node could not be split in two.
pub(crate) const MIN_DEGREE: usize = 2;

#[derive(Debug)]
pub(crate) struct BTree<K, V> {
    arena: Arena<K, V>,
    root: NodeId,
    len: usize,
}

impl<K: Ord, V> BTree<K, V> {
    /// An empty tree of `degree`, raised to [`MIN_DEGREE`] if it is below.
    pub(crate) fn new(degree: usize) -> Self {
        let mut arena = Arena::new(degree.max(MIN_DEGREE));
        let root = arena.take();
        Self { arena, root, len: 0 }
    }

    /// Prepares the nodes that so many items can come to need, so that no insertion up to there
    /// allocates.
    pub(crate) fn prepare(&mut self, items: usize) {
        // Every node but the root has at least `degree - 1` items; a split makes a sibling, and
        // at the top a root, before the item is in.
        let nodes = 1 + items / (self.arena.degree() - 1);
        self.arena.prepare(nodes + 2);
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The smallest key.
    pub(crate) fn min(&self) -> Option<&K> {
        let mut node = &self.arena[self.root];
        while let Some(&first) = node.children.first() {
            node = &self.arena[first];
        }
        node.keys.first()
    }
}
