use std::ops::{Index, IndexMut};

use super::node::{Node, NodeId};

/// All nodes of a tree. Those given back are empty and are taken again before any is made.
#[derive(Debug)]
pub(super) struct Arena<K, V> {
    nodes: Vec<Node<K, V>>,
    free: Vec<NodeId>,
    degree: usize,
}

impl<K, V> Arena<K, V> {
    pub(super) fn new(degree: usize) -> Self {
        Self { nodes: Vec::new(), free: Vec::new(), degree }
    }

    /// Makes nodes until there are so many.
    pub(super) fn prepare(&mut self, nodes: usize) {
        self.nodes.reserve(nodes.saturating_sub(self.nodes.len()));
        while self.nodes.len() < nodes {
            let id = self.make();
            self.free.push(id);
        }
    }

    fn make(&mut self) -> NodeId {
        self.nodes.push(Node::with_degree(self.degree));
        // All of them may be free one day, and giving a node back must not allocate.
        self.free.reserve(self.nodes.len());
        NodeId(self.nodes.len() - 1)
    }

    /// In use and free.
    pub(super) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn degree(&self) -> usize {
        self.degree
    }

    pub(super) fn is_full(&self, id: NodeId) -> bool {
        self[id].keys.len() == 2 * self.degree - 1
    }

    /// An empty node.
    pub(super) fn take(&mut self) -> NodeId {
        self.free.pop().unwrap_or_else(|| self.make())
    }

    /// Takes an empty node back.
    pub(super) fn give_back(&mut self, id: NodeId) {
        debug_assert!(self[id].keys.is_empty() && self[id].is_leaf(), "an empty node");
        self.free.push(id);
    }

    /// Two different nodes at once.
    pub(super) fn pair_mut(&mut self, a: NodeId, b: NodeId) -> [&mut Node<K, V>; 2] {
        self.nodes.get_disjoint_mut([a.0, b.0]).expect("two different nodes of this arena")
    }

    #[cfg(test)]
    pub(super) fn in_use(&self) -> usize {
        self.nodes.len() - self.free.len()
    }
}

impl<K, V> Index<NodeId> for Arena<K, V> {
    type Output = Node<K, V>;

    fn index(&self, id: NodeId) -> &Node<K, V> {
        &self.nodes[id.0]
    }
}

impl<K, V> IndexMut<NodeId> for Arena<K, V> {
    fn index_mut(&mut self, id: NodeId) -> &mut Node<K, V> {
        &mut self.nodes[id.0]
    }
}
