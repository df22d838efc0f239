use super::BTree;

/// So few nodes are never given up.
const FEW_NODES: usize = 8;

impl<K: Ord, V> BTree<K, V> {
    /// Gives up its nodes if most of them are free, so that a tree that was large for a while
    /// does not stay so. Costs nothing else, and over many calls little: as many items went as
    /// would fill the nodes.
    pub(crate) fn shrink(&mut self) {
        let degree = self.arena.degree();
        let needed = 1 + self.len / (degree - 1);
        if self.arena.nodes() <= FEW_NODES.max(4 * needed) {
            return;
        }
        let mut smaller = Self::new(degree);
        self.trim_to(0, |key, value| {
            smaller.insert(key, value);
        });
        *self = smaller;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_was_large_gives_its_nodes_up_and_keeps_its_items() {
        let mut tree = BTree::new(4);
        (0..10_000).for_each(|key| assert!(tree.insert(key, key).is_none()));
        let most = tree.arena.nodes();
        for keep in (0..10_000).rev() {
            tree.trim_to(keep, |key, value| assert_eq!(key, value));
            tree.shrink();
            assert!(tree.arena.nodes() <= FEW_NODES.max(4 * (1 + keep / 3)), "{keep} items");
            assert!(keep % 97 != 0 || tree.iter().count() == keep);
        }
        assert!(most > 1000 && tree.arena.nodes() <= FEW_NODES);
    }
}
