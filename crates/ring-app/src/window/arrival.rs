use crate::btree::BTree;
use crate::config::READ_BATCH;
use crate::packet::Packet;
use crate::sink::WindowPlan;

/// The packets with the highest sequence numbers: between two batches, up to a set number.
#[derive(Debug)]
pub(crate) struct ArrivalWindow {
    tree: BTree<u64, Packet>,
    max_packets: usize,
}

/// Nodes for no more packets than these are made before the first comes.
const MAX_PREPARED_PACKETS: usize = 100_000;

impl ArrivalWindow {
    pub(super) fn new(plan: WindowPlan) -> Self {
        let mut tree = BTree::new(plan.degree);
        let most = plan.packets.saturating_add(READ_BATCH);
        tree.prepare(most.min(MAX_PREPARED_PACKETS));
        Self { tree, max_packets: plan.packets }
    }

    pub(super) fn insert(&mut self, packet: Packet) {
        let replaced = self.tree.insert(packet.sequence, packet);
        debug_assert!(replaced.is_none(), "sequence numbers are unique");
    }

    pub(super) fn max_packets(&self) -> usize {
        self.max_packets
    }

    pub(super) fn trim_to(&mut self, keep: usize, leaving: &mut Vec<Packet>) {
        self.tree.trim_to(keep, |_, packet| leaving.push(packet));
    }

    pub(super) fn len(&self) -> usize {
        self.tree.len()
    }

    pub(super) fn span(&self) -> Option<(u64, u64)> {
        let (last, _) = self.tree.iter().last()?;
        Some((*self.tree.min()?, *last))
    }
}
