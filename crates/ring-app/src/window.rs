use crate::btree::BTree;
use crate::config::SinkPlan;
use crate::packet::{Packet, Payload};

/// Where the consumer puts packets.
#[derive(Debug)]
pub(crate) enum Sink {
    Window(Window),
    /// Keeps nothing: every packet is trimmed at once.
    Null,
}

impl Sink {
    pub(crate) fn new(plan: SinkPlan) -> Self {
        match plan {
            SinkPlan::Window { packets, degree } => Self::Window(Window::new(packets, degree)),
            SinkPlan::Null => Self::Null,
        }
    }

    /// Takes a packet in, and returns how many packets it let go for it.
    pub(crate) fn take(&mut self, packet: Packet) -> u64 {
        match self {
            Self::Window(window) => window.insert(packet),
            Self::Null => 1,
        }
    }

    /// Packets that it holds.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Window(window) => window.tree.len(),
            Self::Null => 0,
        }
    }

    /// The smallest and the largest sequence number that it holds.
    pub(crate) fn span(&self) -> Option<(u64, u64)> {
        let Self::Window(window) = self else {
            return None;
        };
        let (last, _) = window.tree.iter().last()?;
        Some((*window.tree.min()?, *last))
    }
}

/// The packets with the highest sequence numbers, up to a set number of them.
#[derive(Debug)]
pub(crate) struct Window {
    tree: BTree<u64, Payload>,
    max_packets: usize,
}

/// Nodes for no more packets than these are made before the first comes.
const MAX_PREPARED_PACKETS: usize = 100_000;

impl Window {
    fn new(max_packets: usize, degree: usize) -> Self {
        let mut tree = BTree::new(degree);
        tree.prepare(max_packets.saturating_add(1).min(MAX_PREPARED_PACKETS));
        Self { tree, max_packets }
    }

    fn insert(&mut self, packet: Packet) -> u64 {
        let replaced = self.tree.insert(packet.sequence, packet.payload);
        debug_assert!(replaced.is_none(), "sequence numbers are unique");
        let mut trimmed = 0;
        while self.tree.len() > self.max_packets {
            self.tree.pop_min();
            trimmed += 1;
        }
        trimmed
    }
}

#[cfg(test)]
mod tests {
    use lock_free_ring::Pool;

    use super::*;
    use crate::packet::WriteTime;

    fn packet(sequence: u64, pool: &Pool<Vec<u8>>) -> Packet {
        let (written, payload) = (WriteTime::default(), pool.take_or_make());
        Packet { sequence, written, producer: 0, payload }
    }

    #[test]
    fn the_oldest_by_number_are_trimmed_and_their_buffers_come_back() {
        let pool = Pool::new(10, Vec::new).unwrap();
        let mut sink = Sink::new(SinkPlan::Window { packets: 3, degree: 2 });
        let trimmed: Vec<u64> =
            [5, 9, 7, 8, 6].map(|sequence| sink.take(packet(sequence, &pool))).into();
        assert_eq!(trimmed, [0, 0, 0, 1, 1]);
        assert_eq!((sink.len(), sink.span()), (3, Some((7, 9))));
        assert_eq!(pool.available(), 7);
    }

    #[test]
    fn the_null_sink_keeps_nothing() {
        let pool = Pool::new(1, Vec::new).unwrap();
        let mut sink = Sink::new(SinkPlan::Null);
        assert_eq!(sink.take(packet(1, &pool)), 1);
        assert_eq!((sink.len(), sink.span(), pool.available()), (0, None, 1));
    }
}
