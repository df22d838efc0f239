use std::mem;

use super::BTree;
use super::node::NodeId;

impl<K: Ord, V> BTree<K, V> {
    /// Puts `value` at `key`, and returns what was there before.
    ///
    /// Every full node on the way down is split, so that there is always room for the item that
    /// a split below pushes up.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if self.arena.is_full(self.root) {
            self.grow_root();
        }
        let mut at = self.root;
        loop {
            let node = &mut self.arena[at];
            match node.keys.binary_search(&key) {
                Ok(index) => return Some(mem::replace(&mut node.values[index], value)),
                Err(index) if node.is_leaf() => {
                    node.insert_item(index, (key, value));
                    self.len += 1;
                    return None;
                }
                Err(index) => {
                    let child = node.children[index];
                    if self.arena.is_full(child) {
                        // The item that moves up may be on either side of the key, or be it:
                        // look at this node once more.
                        self.split_child(at, index);
                    } else {
                        at = child;
                    }
                }
            }
        }
    }

    /// Puts a new root above the full one and splits that.
    fn grow_root(&mut self) {
        let root = self.arena.take();
        self.arena[root].children.push(self.root);
        self.root = root;
        self.split_child(root, 0);
    }

    /// Splits the full child `index` of `parent`: its middle item moves up.
    fn split_child(&mut self, parent: NodeId, index: usize) {
        let degree = self.arena.degree();
        let left_id = self.arena[parent].children[index];
        let right_id = self.arena.take();
        let [left, right] = self.arena.pair_mut(left_id, right_id);
        left.move_tail(degree, degree, right);
        let middle = left.pop_item().expect("a full node has a middle item");

        let parent = &mut self.arena[parent];
        parent.insert_item(index, middle);
        parent.children.insert(index + 1, right_id);
    }
}
