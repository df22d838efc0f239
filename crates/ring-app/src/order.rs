/// Sees whether each producer's packets come in the order in which it wrote them.
#[derive(Debug)]
pub(crate) struct OrderCheck {
    /// By producer: one more than the highest number that came.
    next: Vec<u64>,
    out_of_order: u64,
}

impl OrderCheck {
    pub(crate) fn new(producers: usize) -> Self {
        Self { next: vec![0; producers], out_of_order: 0 }
    }

    /// A producer's numbers rise; one that does not comes after a later packet.
    pub(crate) fn note(&mut self, producer: u16, sequence: u64) {
        let next = &mut self.next[usize::from(producer)];
        if sequence < *next {
            self.out_of_order += 1;
        } else {
            *next = sequence + 1;
        }
    }

    /// Packets that came after a later one of the same producer.
    pub(crate) fn out_of_order(&self) -> u64 {
        self.out_of_order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_producer_has_an_order_of_its_own() {
        let mut order = OrderCheck::new(2);
        for (producer, sequence) in [(0, 0), (1, 5), (0, 1), (1, 6), (0, 9)] {
            order.note(producer, sequence);
        }
        assert_eq!(order.out_of_order(), 0);
    }

    #[test]
    fn late_and_repeated_packets_are_counted() {
        let mut order = OrderCheck::new(1);
        for sequence in [0, 2, 1, 3, 3] {
            order.note(0, sequence);
        }
        assert_eq!(order.out_of_order(), 2);
    }
}
