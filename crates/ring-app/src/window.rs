use crate::btree::BTree;
use crate::config::READ_BATCH;
use crate::packet::Packet;
use crate::sink::WindowPlan;

/// The packets with the highest sequence numbers: between two batches, up to a set number.
#[derive(Debug)]
pub(crate) struct Window {
    tree: BTree<u64, Packet>,
    max_packets: usize,
}

/// Nodes for no more packets than these are made before the first comes.
const MAX_PREPARED_PACKETS: usize = 100_000;

impl Window {
    pub(crate) fn new(plan: WindowPlan) -> Self {
        let mut tree = BTree::new(plan.degree);
        let most = plan.packets.saturating_add(READ_BATCH);
        tree.prepare(most.min(MAX_PREPARED_PACKETS));
        Self { tree, max_packets: plan.packets }
    }

    pub(crate) fn insert(&mut self, packet: Packet) {
        let replaced = self.tree.insert(packet.sequence, packet);
        debug_assert!(replaced.is_none(), "sequence numbers are unique");
    }

    /// Moves the oldest that are too many to `leaving`, in their order.
    pub(crate) fn trim(&mut self, leaving: &mut Vec<Packet>) {
        self.trim_to(self.max_packets, leaving);
    }

    /// Moves the oldest to `leaving`, in their order, until `keep` are left.
    pub(crate) fn trim_to(&mut self, keep: usize, leaving: &mut Vec<Packet>) {
        self.tree.trim_to(keep, |_, packet| leaving.push(packet));
    }

    pub(crate) fn len(&self) -> usize {
        self.tree.len()
    }

    /// The smallest and the largest sequence number that it holds.
    pub(crate) fn span(&self) -> Option<(u64, u64)> {
        let (last, _) = self.tree.iter().last()?;
        Some((*self.tree.min()?, *last))
    }
}
