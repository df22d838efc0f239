/// A node's place in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(pub(super) usize);

/// Items in ascending order of their keys. Child `i` holds what lies before item `i`, the last
/// child what lies after the last item; a leaf has no children.
#[derive(Debug)]
pub(super) struct Node<K, V> {
    pub(super) keys: Vec<K>,
    pub(super) values: Vec<V>,
    pub(super) children: Vec<NodeId>,
}

impl<K, V> Node<K, V> {
    /// Room for all that a node of `degree` ever holds.
    pub(super) fn with_degree(degree: usize) -> Self {
        Self {
            keys: Vec::with_capacity(2 * degree - 1),
            values: Vec::with_capacity(2 * degree - 1),
            children: Vec::with_capacity(2 * degree),
        }
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    pub(super) fn insert_item(&mut self, index: usize, (key, value): (K, V)) {
        self.keys.insert(index, key);
        self.values.insert(index, value);
    }

    pub(super) fn push_item(&mut self, (key, value): (K, V)) {
        self.keys.push(key);
        self.values.push(value);
    }

    pub(super) fn pop_item(&mut self) -> Option<(K, V)> {
        self.keys.pop().zip(self.values.pop())
    }

    /// Takes the first item away; the node must not be empty.
    pub(super) fn remove_first_item(&mut self) -> (K, V) {
        (self.keys.remove(0), self.values.remove(0))
    }

    /// Moves the items from `from_item` on, and the children from `from_child` on, behind those
    /// of `to`.
    pub(super) fn move_tail(&mut self, from_item: usize, from_child: usize, to: &mut Self) {
        to.keys.extend(self.keys.drain(from_item..));
        to.values.extend(self.values.drain(from_item..));
        if !self.is_leaf() {
            to.children.extend(self.children.drain(from_child..));
        }
    }
}
