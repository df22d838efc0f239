use lock_free_ring::Pooled;

/// A packet's bytes, on loan from the pool; dropping them brings the buffer back.
pub(crate) type Payload = Pooled<Vec<u8>>;

/// What goes through the ring.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) sequence: u64,
    pub(crate) payload: Payload,
}
