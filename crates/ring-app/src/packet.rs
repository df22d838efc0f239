/// A packet's bytes, in a buffer of the [depot](crate::depot::Depot).
pub(crate) type Payload = Vec<u8>;

/// What goes through the ring.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) sequence: u64,
    pub(crate) payload: Payload,
}
