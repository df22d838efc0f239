use std::collections::BTreeMap;

use proptest::prelude::*;

use super::node::NodeId;
use super::{BTree, MIN_DEGREE};

impl<K: Ord + Clone, V> BTree<K, V> {
    /// Checks what the module's documentation promises of every node.
    fn assert_invariants(&self) {
        let (items, nodes, _) = self.check_subtree(self.root, None, None);
        assert_eq!(items, self.len());
        assert_eq!(nodes, self.arena.in_use(), "a node was lost or is held twice");
    }

    /// Items, nodes and depth below `id`, whose keys must lie strictly between the two.
    fn check_subtree(
        &self,
        id: NodeId,
        above: Option<&K>,
        below: Option<&K>,
    ) -> (usize, usize, usize) {
        let node = &self.arena[id];
        let degree = self.arena.degree();
        assert_eq!(node.keys.len(), node.values.len());
        assert!(node.keys.len() < 2 * degree, "too many items");
        assert!(id == self.root || node.keys.len() >= degree - 1, "too few items");
        assert!(node.keys.is_sorted_by(|a, b| a < b));
        assert!(node.keys.iter().all(|key| above.is_none_or(|a| a < key)));
        assert!(node.keys.iter().all(|key| below.is_none_or(|b| key < b)));
        if node.is_leaf() {
            return (node.keys.len(), 1, 0);
        }

        assert_eq!(node.children.len(), node.keys.len() + 1);
        let mut totals = (node.keys.len(), 1, None);
        for (index, &child) in node.children.iter().enumerate() {
            let left = index.checked_sub(1).map_or(above, |i| Some(&node.keys[i]));
            let right = node.keys.get(index).or(below);
            let (items, nodes, depth) = self.check_subtree(child, left, right);
            assert_eq!(*totals.2.get_or_insert(depth), depth, "leaves at different depths");
            totals = (totals.0 + items, totals.1 + nodes, totals.2);
        }
        (totals.0, totals.1, totals.2.unwrap() + 1)
    }
}

#[derive(Clone, Debug)]
enum Action {
    Insert(u16),
    PopMin,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = prop_oneof![3 => any::<u16>().prop_map(Action::Insert), 2 => Just(Action::PopMin)];
    prop::collection::vec(action, 0..600)
}

proptest! {
    #[test]
    fn does_what_std_does(degree in MIN_DEGREE..9, actions in actions()) {
        let mut tree = BTree::new(degree);
        let mut model = BTreeMap::new();
        for (serial, action) in actions.into_iter().enumerate() {
            match action {
                Action::Insert(key) => prop_assert_eq!(tree.insert(key, serial), model.insert(key, serial)),
                Action::PopMin => prop_assert_eq!(tree.pop_min(), model.pop_first()),
            }
            tree.assert_invariants();
            prop_assert_eq!(tree.len(), model.len());
            prop_assert_eq!(tree.min(), model.first_key_value().map(|(key, _)| key));
        }
        prop_assert!(tree.iter().eq(model.iter()));
        while let Some(smallest) = model.pop_first() {
            prop_assert_eq!(tree.pop_min(), Some(smallest));
            tree.assert_invariants();
        }
        prop_assert_eq!(tree.pop_min(), None);
    }
}

/// Fills a window of `size` with ascending keys and then moves it on by `steps`.
fn roll(tree: &mut BTree<u64, u64>, size: u64, steps: u64) {
    let first = tree.iter().last().map_or(0, |(key, _)| key + 1);
    for key in first..first + size + steps {
        assert_eq!(tree.insert(key, key), None);
        if tree.len() as u64 > size {
            let (smallest, _) = tree.pop_min().unwrap();
            assert!(tree.min().is_none_or(|&min| min == smallest + 1));
        }
    }
}

#[test]
fn a_rolling_window_keeps_its_shape() {
    for degree in [2, 3, 32, 1024] {
        let mut tree = BTree::new(degree);
        roll(&mut tree, 2000, 10_000);
        tree.assert_invariants();
        assert_eq!(tree.len(), 2000);
        assert!(tree.iter().map(|(key, _)| *key).eq(10_000..12_000));
    }
}

#[test]
fn a_rolling_window_allocates_nothing() {
    let mut tree = BTree::new(32);
    roll(&mut tree, 2000, 10_000);
    let mut key = 12_000;
    let counted = allocation_counter::measure(|| {
        for _ in 0..10_000 {
            tree.insert(key, key);
            tree.pop_min();
            key += 1;
        }
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_prepared_tree_allocates_nothing_whatever_the_order() {
    for degree in [2, 3, 32, 1024] {
        let mut tree = BTree::new(degree);
        tree.prepare(501);
        let counted = allocation_counter::measure(|| {
            for turn in 0..20_000_u64 {
                // Mostly rising, with leaps back and forth.
                tree.insert(turn + turn * 7919 % 97, turn);
                while tree.len() > 500 {
                    tree.pop_min();
                }
            }
        });
        assert_eq!(counted.count_total, 0, "degree {degree}");
        tree.assert_invariants();
    }
}

#[test]
fn a_degree_below_the_least_is_raised() {
    let mut tree = BTree::new(0);
    roll(&mut tree, 100, 100);
    tree.assert_invariants();
}

#[test]
fn a_higher_degree_makes_fewer_nodes() {
    let nodes = [2, 8, 32, 128].map(|degree| {
        let mut tree = BTree::new(degree);
        roll(&mut tree, 2000, 0);
        tree.arena.in_use()
    });
    assert!(nodes.is_sorted_by(|a, b| a > b), "{nodes:?}");
}
