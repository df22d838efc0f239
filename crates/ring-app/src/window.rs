use crate::btree::BTree;
use crate::config::{READ_BATCH, SinkPlan};
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

    /// Takes packets in, and puts the payloads that it lets go for them to `spent`.
    pub(crate) fn take(&mut self, packets: &mut Vec<Packet>, spent: &mut Vec<Payload>) {
        match self {
            Self::Window(window) => {
                packets.drain(..).for_each(|packet| window.insert(packet));
                window.trim(spent);
            }
            Self::Null => spent.extend(packets.drain(..).map(|packet| packet.payload)),
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

/// The packets with the highest sequence numbers: between two batches, up to a set number.
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
        let most = max_packets.saturating_add(READ_BATCH);
        tree.prepare(most.min(MAX_PREPARED_PACKETS));
        Self { tree, max_packets }
    }

    fn insert(&mut self, packet: Packet) {
        let replaced = self.tree.insert(packet.sequence, packet.payload);
        debug_assert!(replaced.is_none(), "sequence numbers are unique");
    }

    fn trim(&mut self, spent: &mut Vec<Payload>) {
        self.tree.trim_to(self.max_packets, |_, payload| spent.push(payload));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::WriteTime;

    fn packet(sequence: u64) -> Packet {
        let (written, payload) = (WriteTime::default(), vec![sequence as u8]);
        Packet { sequence, written, producer: 0, payload }
    }

    #[test]
    fn the_oldest_by_number_are_trimmed_and_their_buffers_come_back() {
        let mut sink = Sink::new(SinkPlan::Window { packets: 3, degree: 2 });
        let mut spent = Vec::new();
        let trimmed = [&[5, 9][..], &[7], &[8], &[6], &[4, 3, 10]].map(|numbers| {
            let mut batch = numbers.iter().copied().map(packet).collect();
            sink.take(&mut batch, &mut spent);
            assert!(batch.is_empty());
            spent.drain(..).map(|payload| payload[0]).collect::<Vec<_>>()
        });
        assert_eq!(trimmed, [vec![], vec![], vec![5], vec![6], vec![3, 4, 7]]);
        assert_eq!((sink.len(), sink.span()), (3, Some((8, 10))));
    }

    #[test]
    fn the_null_sink_keeps_nothing() {
        let mut sink = Sink::new(SinkPlan::Null);
        let mut spent = Vec::new();
        sink.take(&mut vec![packet(1)], &mut spent);
        assert_eq!((spent.len(), sink.len(), sink.span()), (1, 0, None));
    }
}
