//! What can be exercised: a ring with its writers and its one reader.

/// A ring of `u64`.
pub(crate) trait Subject: 'static {
    const NAME: &'static str;
    type Writer: Write;
    type Reader: Read;

    /// A ring of `shards` shards with `per_shard` slots each. Writer `n` writes to shard `n`
    /// modulo `shards`; where a writer needs a shard for itself, there are as many as writers.
    fn open(shards: usize, per_shard: usize, writers: usize) -> (Vec<Self::Writer>, Self::Reader);
}

/// A producer with its place.
pub(crate) trait Write: Send {
    /// At once or not at all: whether it was accepted.
    fn try_write(&mut self, item: u64) -> bool;
    /// Waits for room as the subject's authors mean it.
    fn write(&mut self, item: u64);
}

/// The consumer.
pub(crate) trait Read {
    fn try_read(&mut self) -> Option<u64>;
    /// Up to `max` items in a new vector.
    fn read_batch(&mut self, max: usize) -> Vec<u64>;
    /// Up to `max` items at the end of `buf`; answers how many.
    fn read_batch_into(&mut self, buf: &mut Vec<u64>, max: usize) -> usize;
    /// The same, waiting for the first item as the subject's authors mean it.
    fn wait_batch_into(&mut self, buf: &mut Vec<u64>, max: usize) -> usize;
}
