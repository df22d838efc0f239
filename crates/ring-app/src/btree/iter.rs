use super::BTree;
use super::arena::Arena;
use super::node::NodeId;

impl<K: Ord, V> BTree<K, V> {
    /// All items, in ascending order of their keys.
    pub(crate) fn iter(&self) -> Iter<'_, K, V> {
        let mut iter = Iter { arena: &self.arena, path: Vec::new() };
        iter.descend(self.root);
        iter
    }
}

/// See [`BTree::iter`].
#[derive(Debug)]
pub(crate) struct Iter<'a, K, V> {
    arena: &'a Arena<K, V>,
    /// From the root to where it stands: each node with the index of its next item.
    path: Vec<(NodeId, usize)>,
}

impl<K, V> Iter<'_, K, V> {
    fn descend(&mut self, from: NodeId) {
        let mut next = Some(from);
        while let Some(id) = next {
            self.path.push((id, 0));
            next = self.arena[id].children.first().copied();
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((id, index)) = self.path.last_mut() {
            let node = &self.arena[*id];
            if let Some(key) = node.keys.get(*index) {
                let value = &node.values[*index];
                *index += 1;
                if let Some(&child) = node.children.get(*index) {
                    self.descend(child);
                }
                return Some((key, value));
            }
            self.path.pop();
        }
        None
    }
}
