//! A bounded, sharded, lock-free ring from many producers to one consumer: **FIFO per producer,
//! not global**. What one producer writes arrives in that order; between producers, no order
//! is kept.
//!
//! ```
//! use lock_free_ring::ShardedRing;
//! use std::thread;
//!
//! let ring = ShardedRing::new(1024, 4)?; // 1024 slots in all, over 4 shards
//! let mut consumer = ring.consumer()?;
//!
//! for id in 0..4 {
//!     let ring = ring.clone();
//!     thread::spawn(move || {
//!         for item in 0..1000 {
//!             ring.write(id, (id, item)).expect("open as long as we hold a handle");
//!         }
//!     });
//! }
//! drop(ring);
//!
//! let mut batch = Vec::with_capacity(256);
//! let mut next = [0; 4];
//! while consumer.read_batch_into(&mut batch, 256).is_ok() {
//!     for (id, item) in batch.drain(..) {
//!         assert_eq!(item, next[id as usize]); // FIFO for each producer
//!         next[id as usize] += 1;
//!     }
//! }
//! assert_eq!(next, [1000; 4]); // `Closed` came after everything that was accepted
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which ring
//!
//! | | [`ShardedRing`] | [`DedicatedRing`] |
//! |---|---|---|
//! | producers | any number, on any shard | one at a time for each shard |
//! | a write is | a compare-exchange and a store: lock-free among the producers of a shard | two stores: wait-free |
//! | write with | `ring.try_write(id, item)`, `&self` | [`Producer`], `&mut self` |
//! | in place | a closure ([`try_write_with`](ShardedRing::try_write_with)) | a [`Reservation`] |
//! | shards | a power of two | any number |
//!
//! Both are read by the one [`Consumer`], with fixed memory. A producer of a shared shard that
//! is stopped between claim and publish delays that shard until it goes on, and only that one.
//!
//! # Verbs
//!
//! `try_…` never waits, `…_timeout` waits up to a limit, `write_with_backoff` retries and
//! sleeps as told, and the plain verb waits until it can. Whatever is refused comes back. Waiting
//! spins for some microseconds and then sleeps; a writer pays one load to learn that nobody
//! sleeps.
//!
//! # Coming from Go
//!
//! | go-lock-free-ring | here |
//! |---|---|
//! | `NewShardedRing(total, shards)` | [`ShardedRing::new`] |
//! | `r.Write(id, v) bool` | [`ring.try_write(id, v)`](ShardedRing::try_write): a refused value comes back |
//! | `r.WriteWithBackoff(id, v, cfg)` | [`ring.write_with_backoff(id, v, &config)`](ShardedRing::write_with_backoff) |
//! | `WriteConfig`, `DefaultWriteConfig()` | [`WriteConfig`], `WriteConfig::default()` |
//! | `r.TryRead() (v, bool)` | [`consumer.try_read()`](Consumer::try_read)` -> Option<T>` |
//! | `r.ReadBatch(max)` | [`consumer.try_read_batch(max)`](Consumer::try_read_batch) |
//! | `r.ReadBatchInto(buf, max)` | [`consumer.try_read_batch_into(&mut buf, max)`](Consumer::try_read_batch_into) |
//! | `r.Len()`, `r.Cap()`, `r.NumShards()` | [`len`](Ring::len), [`capacity`](Ring::capacity), [`num_shards`](Ring::num_shards), on every end |
//! | single consumer by convention | [`ring.consumer()`](ShardedRing::consumer) lends one at a time |
//! | `sync.Pool` | [`Pool`] |
//!
//! # What the types rule out
//!
//! A producer of a dedicated shard cannot be cloned:
//!
//! ```compile_fail,E0599
//! # use lock_free_ring::DedicatedRing;
//! let producer = DedicatedRing::<u8>::new(1, 1).unwrap().producer().unwrap();
//! let twin = producer.clone();
//! ```
//!
//! nor a consumer:
//!
//! ```compile_fail,E0599
//! # use lock_free_ring::ShardedRing;
//! let consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! let twin = consumer.clone();
//! ```
//!
//! Items that may not change threads keep all ends on one thread:
//!
//! ```compile_fail,E0277
//! # use lock_free_ring::ShardedRing;
//! let ring = ShardedRing::<std::rc::Rc<u8>>::new(1, 1).unwrap();
//! std::thread::spawn(move || ring.len());
//! ```
//!
//! ```compile_fail,E0277
//! # use lock_free_ring::DedicatedRing;
//! let mut producer = DedicatedRing::<*const u8>::new(1, 1).unwrap().producer().unwrap();
//! std::thread::spawn(move || producer.shard());
//! ```
//!
//! Slices end with the next read, and with their release:
//!
//! ```compile_fail,E0499
//! # use lock_free_ring::ShardedRing;
//! let mut consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! let slices = consumer.try_read_slices(1);
//! consumer.try_read();
//! drop(slices);
//! ```
//!
//! ```compile_fail,E0505
//! # use lock_free_ring::ShardedRing;
//! let mut consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! let mut slices = consumer.try_read_slices(1).unwrap();
//! let (first, _) = slices.slices();
//! slices.release(1);
//! first[0] = 1;
//! ```
//!
//! # Async
//!
//! With the feature `async` tasks wait where threads would sleep, under any executor, and at no
//! cost to those who do not. `Consumer::into_async`, `Producer::into_async` and
//! `ShardedRing::async_producer` give ends whose `read`, `read_batch`, `write` and `write_batch`
//! are awaited; a consumer is a `Stream`, a producer a `Sink`, and each has `poll_…` for futures of
//! your own. Threads on one side and tasks on the other is nothing special.
//!
//! | dropped before it was ready | what became of the item |
//! |---|---|
//! | `read`, `read_batch`, `read_batch_into`, `Stream::next` | is in the ring |
//! | `write(item)` | not written, and dropped; `into_item` gives it back instead |
//! | `write_batch(&mut items)` | what was not written is in `items` |
//! | `SinkExt::send(item)` | dropped, or in the sink, and then the first that it writes |
//!
//! # Features
//!
//! | feature | what comes with it |
//! |---|---|
//! | `std` (default) | whatever makes a thread wait, and [`Pool`], for the lock of its taking side |
//! | `async` | what tasks await, with or without `std`; depends on `futures-core` and `futures-sink` |
//!
//! # Without `std`
//!
//! With `default-features = false` the crate needs `core` and `alloc` only. A target needs 64-bit
//! atomics. Tasks that wait are then kept under a spin lock, for a few instructions each time: an
//! interrupt handler must not read or write where it may have interrupted somebody who does. And
//! nothing catches a waker that unwinds, which goes on into whoever wakes by it.
//!
//! # How it works
//!
//! [The guide](guide) says how to choose shards and capacity, what order and latency to expect, how
//! it works, and how to move here from Go, from std's and crossbeam's channels (whose names
//! [`channel`] has) and from the LMAX Disruptor.
//!
//! The repository's `ARCHITECTURE.md` has the map, the protocol and the invariants; each claim
//! there names the model that checks it.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(not(target_has_atomic = "64"))]
compile_error!("lock-free-ring counts in 64-bit atomics, which this target does not have");

extern crate alloc;

mod barrier;
mod builder;
#[cfg(doctest)]
mod compile_fail;
mod consumer;
mod cursor;
mod dedicated;
mod drop_each;
mod ends;
mod error;
mod gate;
#[cfg(doc)]
pub mod guide;
mod handle;
mod notice;
mod parking;
mod position;
mod prefetch;
mod producer;
mod reading;
mod reservation;
mod ring;
mod routing;
mod shard;
mod sharded;
mod stats;
#[cfg(feature = "std")]
mod streak;
mod sweep;
mod sync;
#[cfg(any(feature = "std", feature = "async"))]
mod tasks;

#[cfg(feature = "async")]
mod async_consumer;
#[cfg(feature = "async")]
mod async_producer;
#[cfg(feature = "async")]
mod outlet;
#[cfg(feature = "async")]
mod place;
#[cfg(any(all(feature = "async", not(feature = "std")), all(test, ring_loom)))]
mod spin_lock;

#[cfg(feature = "std")]
mod backoff;
#[cfg(feature = "std")]
pub mod channel;
#[cfg(feature = "std")]
mod pool;
#[cfg(feature = "std")]
mod wait;

#[cfg(feature = "async")]
pub use async_consumer::AsyncConsumer;
#[cfg(feature = "async")]
pub use async_producer::{AsyncProducer, Write};
#[cfg(feature = "std")]
pub use backoff::{Cancel, WriteConfig};
pub use builder::RingBuilder;
pub use consumer::Consumer;
pub use dedicated::DedicatedRing;
pub use error::{Closed, ConfigError, LeaseError, ReadRefused, WriteRefused};
#[cfg(feature = "std")]
pub use pool::{Pool, Pooled};
pub use producer::Producer;
pub use reading::{Drain, ReadSlices};
pub use reservation::Reservation;
pub use ring::Ring;
pub use routing::Routing;
pub use sharded::ShardedRing;
pub use stats::ShardStats;
