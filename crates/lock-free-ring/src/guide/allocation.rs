//! Allocating nothing.
//!
//! A ring allocates when it is built, and after that only where you ask it to:
//!
//! | call | allocates |
//! |---|---|
//! | building a ring | its slots and bookkeeping, all of it, at once |
//! | `write`, `try_write`, `write_batch`, reservations | never |
//! | `try_read`, `read`, `drain`, slices | never |
//! | `read_batch_into`, `try_read_batch_into` | only if the vector has no room |
//! | `read_batch`, `try_read_batch` | the vector |
//! | [`Pool::try_take`](crate::Pool::try_take), and its return | never |
//! | [`Pool::take_or_make`](crate::Pool::take_or_make) | what its `make` allocates, when all are out |
//!
//! What lets a thread sleep is a list of who sleeps, which grows to the number of threads that ever
//! slept at once. The repository's `tests/allocations.rs` counts: zero in steady state.
//!
//! # Buffers that go round
//!
//! ```
//! use lock_free_ring::{Pool, ShardedRing};
//!
//! let pool = Pool::new(4, || Vec::with_capacity(1450))?;
//! let ring = ShardedRing::new(4, 1)?;
//! let mut consumer = ring.consumer()?;
//! for number in 0..100_u8 {
//!     let mut packet = pool.try_take().expect("the consumer keeps up");
//!     packet.clear();
//!     packet.resize(1450, number);
//!     assert!(ring.try_write(0, packet).is_ok());
//!     drop(consumer.try_read()); // the packet's guard brings it back, from whatever thread
//! }
//! assert_eq!(pool.available(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the `bytes` crate: `examples/bytes_pool.rs`. When all buffers are out, `try_take` gives
//! nothing, which is backpressure on memory; `take_or_make` makes one more and drops it later.
//!
//! # Without copies
//!
//! A large item can be made in its slot: [`try_write_with`](crate::ShardedRing::try_write_with) on a shared
//! shard, a [`Reservation`](crate::Reservation) on a dedicated one; and looked at in its slot:
//! [`try_read_slices`](crate::Consumer::try_read_slices).
//!
//! ```
//! use lock_free_ring::DedicatedRing;
//!
//! let ring = DedicatedRing::new(4, 1)?;
//! let (mut producer, mut consumer) = (ring.producer()?, ring.consumer()?);
//! producer.try_write([7_u8; 256])?;
//! let mut items = consumer.try_read_slices(4).expect("one item");
//! assert_eq!(items.slices().0[0][255], 7);
//! items.release(1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
