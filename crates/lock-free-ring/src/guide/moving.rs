//! Moving here: from Go, from std or crossbeam-channel, from the LMAX Disruptor.
//!
//! # From `go-lock-free-ring`
//!
//! The table is on [the crate's page](crate#coming-from-go). In short: `Write` is
//! [`try_write`](crate::ShardedRing::try_write) and gives a refused value back, `ReadBatchInto` is
//! [`try_read_batch_into`](crate::Consumer::try_read_batch_into), `sync.Pool` is [`Pool`](crate::Pool). 10 slots over 4 shards is an
//! error rather than 8 slots; a second consumer is an error rather than a race.
//!
//! ```
//! use lock_free_ring::ShardedRing;
//!
//! let ring = ShardedRing::new(1024, 4)?; //  ring, err := NewShardedRing(1024, 4)
//! let mut consumer = ring.consumer()?; //    (by convention)
//! if ring.try_write(3, "packet").is_err() { // if !ring.Write(3, "packet") {
//!     // dropped
//! }
//! assert_eq!(consumer.try_read(), Some("packet")); // value, ok := ring.TryRead()
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # From std or crossbeam-channel
//!
//! Change the `use`: [`channel`](crate::channel) has the names, and its page says what differs. That gives you
//! one shard. From there, one step at a time, each of which stands alone:
//!
//! | step | what it takes | what it gives |
//! |---|---|---|
//! | [`channel::sharded`](crate::channel::sharded) | no order between senders | senders do not contend |
//! | [`ShardedRing`](crate::ShardedRing) and [`Consumer`](crate::Consumer) | the verbs `write` and `read` | batches, in place, statistics, a consumer that can be replaced |
//! | [`DedicatedRing`](crate::DedicatedRing) | a [`Producer`](crate::Producer) for each thread | no read-modify-write at all |
//!
//! | crossbeam-channel | ring |
//! |---|---|
//! | `bounded(cap)` | `ShardedRing::new(cap, 1)`, then `ring.consumer()` |
//! | `tx.clone()` | `ring.clone()`, and an id for each producer |
//! | `tx.send(v)`, `try_send`, `send_timeout` | `ring.write(id, v)`, `try_write`, `write_timeout` |
//! | `rx.recv()`, `try_recv`, `recv_timeout` | `consumer.read()`, `try_read`, `read_timeout` |
//! | `rx.try_iter()` | `consumer.drain(max)` |
//! | dropping all senders | dropping all handles, or `ring.close()` |
//! | dropping the receiver | `ring.close()`: a dropped consumer alone may have a successor |
//!
//! # From the LMAX Disruptor
//!
//! Also a ring with sequence numbers, and another idea of who reads: there every consumer sees every
//! event, and they can depend on each other; here one consumer takes each item, and it is gone.
//!
//! | Disruptor | here |
//! |---|---|
//! | `RingBuffer` of preallocated, mutable events | slots hold items that move in and out; buffers go round by a [`Pool`](crate::Pool) |
//! | `ProducerType.SINGLE` | a [`DedicatedRing`](crate::DedicatedRing) of one shard |
//! | `ProducerType.MULTI` | a [`ShardedRing`](crate::ShardedRing); or a dedicated shard for each producer |
//! | `next()` … `publish(seq)` | a [`Reservation`](crate::Reservation), or [`try_write_with`](crate::ShardedRing::try_write_with); forgetting to publish is harmless or impossible |
//! | `tryNext` | `try_write`, `try_reserve` |
//! | `EventHandler.onEvent(event, seq, endOfBatch)` | [`read_batch_into`](crate::Consumer::read_batch_into): a batch ends where the vector ends |
//! | `BusySpinWaitStrategy`, `BlockingWaitStrategy` | [`spin(limit)`](crate::RingBuilder::spin): long, or zero |
//! | `SequenceBarrier`, a graph of consumers | none: read, and write on into the next ring |
//! | `gatingSequences` | the head of each shard |
//! | an exception in a handler skips the event | a consumer that unwinds is replaced by the next, at the next unread item |
//!
//! ```
//! use lock_free_ring::DedicatedRing;
//!
//! // Two stages: what a second `EventHandler` behind a first would be.
//! let (raw, done) = (DedicatedRing::new(64, 1)?, DedicatedRing::new(64, 1)?);
//! let (mut source, mut stage) = (raw.producer()?, raw.consumer()?);
//! let (mut onward, mut sink) = (done.producer()?, done.consumer()?);
//! std::thread::spawn(move || {
//!     while let Ok(item) = stage.read() {
//!         if onward.write(item * 2_u64).is_err() {
//!             break;
//!         }
//!     }
//! });
//! source.write(21)?;
//! assert_eq!(sink.read()?, 42);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
