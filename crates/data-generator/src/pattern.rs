use std::num::NonZeroUsize;

/// A multiple of the pattern's period of 256, so that copies of the table can stand in a row.
const MAX_TABLE_BYTES: usize = 64 * 1024;

/// The packets' content: byte `i` of every packet is `i` modulo 256.
#[derive(Debug)]
pub(crate) struct Pattern {
    table: Box<[u8]>,
}

impl Pattern {
    /// One that fills packets of `payload_bytes` with a single copy, up to 64 KiB.
    pub(crate) fn new(payload_bytes: NonZeroUsize) -> Self {
        let table_bytes = payload_bytes.get().min(MAX_TABLE_BYTES);
        Self { table: (0..table_bytes).map(|i| i as u8).collect() }
    }

    /// Writes the pattern over `packet`, which must not be longer than the payload.
    pub(crate) fn fill(&self, packet: &mut [u8]) {
        for piece in packet.chunks_mut(self.table.len()) {
            piece.copy_from_slice(&self.table[..piece.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_holds_the_pattern() {
        for payload_bytes in [1, 255, 256, 1456, MAX_TABLE_BYTES, 3 * MAX_TABLE_BYTES + 17] {
            let mut packet = vec![0xff; payload_bytes];
            Pattern::new(NonZeroUsize::new(payload_bytes).unwrap()).fill(&mut packet);
            assert!(packet.iter().enumerate().all(|(i, &byte)| byte == i as u8));
        }
    }
}
