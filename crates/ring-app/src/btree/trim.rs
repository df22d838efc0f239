use std::mem;

use super::BTree;
use super::node::NodeId;

impl<K: Ord, V> BTree<K, V> {
    /// Takes the smallest items away until only `keep` are left, and hands them to `take` in
    /// ascending order.
    ///
    /// A leaf loses all that it can spare in one go: one by one, every item would move all
    /// those behind it.
    pub(crate) fn trim_to(&mut self, keep: usize, mut take: impl FnMut(K, V)) {
        while self.len > keep {
            let id = self.first_leaf_with_surplus();
            let least = if id == self.root { 0 } else { self.arena.degree() - 1 };
            let leaf = &mut self.arena[id];
            let gone = (leaf.keys.len() - least).min(self.len - keep);
            // Before the items are out of here, and so in the hands of others.
            self.len -= gone;
            let items = leaf.keys.drain(..gone).zip(leaf.values.drain(..gone));
            items.for_each(|(key, value)| take(key, value));
        }
    }

    /// The leaf with the smallest items, of a tree that is not empty.
    ///
    /// Every first child on the way down is made to hold an item more than the least, so that
    /// the leaf can lose one.
    fn first_leaf_with_surplus(&mut self) -> NodeId {
        let mut at = self.root;
        while let Some(&first) = self.arena[at].children.first() {
            if self.arena[first].keys.len() < self.arena.degree() {
                self.strengthen_first_child(at);
            }
            if self.arena[at].keys.is_empty() {
                self.lower_root(first);
            }
            at = first;
        }
        at
    }

    /// Gives the first child of `parent` an item of its sibling, or the whole sibling if that
    /// has none to spare.
    fn strengthen_first_child(&mut self, parent: NodeId) {
        let [first, second] = [self.arena[parent].children[0], self.arena[parent].children[1]];
        if self.arena[second].keys.len() >= self.arena.degree() {
            self.borrow_from_sibling(parent, first, second);
        } else {
            self.merge_with_sibling(parent, first, second);
        }
    }

    fn borrow_from_sibling(&mut self, parent: NodeId, first: NodeId, second: NodeId) {
        let (key, value) = self.arena[second].remove_first_item();
        let parent = &mut self.arena[parent];
        let key = mem::replace(&mut parent.keys[0], key);
        let value = mem::replace(&mut parent.values[0], value);

        let [first, second] = self.arena.pair_mut(first, second);
        first.push_item((key, value));
        if !second.is_leaf() {
            first.children.push(second.children.remove(0));
        }
    }

    fn merge_with_sibling(&mut self, parent: NodeId, first: NodeId, second: NodeId) {
        let separator = self.arena[parent].remove_first_item();
        self.arena[parent].children.remove(1);

        let [into, from] = self.arena.pair_mut(first, second);
        into.push_item(separator);
        from.move_tail(0, 0, into);
        self.arena.give_back(second);
    }

    /// Makes `only_child` the root, in place of its parent that a merge has left empty.
    fn lower_root(&mut self, only_child: NodeId) {
        let old = mem::replace(&mut self.root, only_child);
        self.arena[old].children.clear();
        self.arena.give_back(old);
    }
}
