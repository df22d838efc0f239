//! Backpressure: what a producer does when its shard is full.
//!
//! The ring never grows, overwrites or drops by itself. A full shard refuses, and gives the item
//! back; what then happens is the producer's choice, by its choice of verb:
//!
//! | a full shard … | verb | for |
//! |---|---|---|
//! | refuses at once | `try_write` | telemetry, logging: better to lose one than to wait |
//! | is waited for | `write` | pipelines: nothing may be lost, the source can wait |
//! | is waited for, up to a limit | `write_timeout` | requests with a deadline |
//! | is tried again, with sleeps | `write_with_backoff` | the described system's way; can be called off |
//!
//! # Refuse, and count
//!
//! Refusals are counted for each shard, off the path of writes that succeed:
//!
//! ```
//! use lock_free_ring::ShardedRing;
//!
//! let ring = ShardedRing::new(2, 1)?;
//! let written = (0..5).filter(|item| ring.try_write(0, *item).is_ok()).count();
//! assert_eq!(written, 2);
//! assert_eq!(ring.stats().map(|shard| shard.refused).sum::<u64>(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Keep the newest
//!
//! A ring that is full of old items cannot be told to drop them by a producer: only the consumer
//! takes items out. Let it read faster than it works, and drop what is too old.
//!
//! # Retry, sleep, call off
//!
//! ```
//! use lock_free_ring::{Cancel, ShardedRing, WriteConfig, WriteRefused};
//!
//! let ring = ShardedRing::new(1, 1)?;
//! ring.try_write(0, "first")?;
//! let cancel = Cancel::new();
//! let config = WriteConfig { cancel: Some(cancel.clone()), ..WriteConfig::default() };
//! cancel.cancel(); // at a shutdown, from another thread: whoever sleeps wakes at once
//! assert_eq!(ring.write_with_backoff(0, "second", &config), Err(WriteRefused::Full("second")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Before it is full
//!
//! A consumer that works by the clock can be woken early, when some shard has reached a mark:
//! [`wait_for`](crate::Consumer::wait_for). That is how `ring`, the program, keeps its tick of 10 ms
//! and drops nothing when a producer is ahead of it.
//!
//! # Shutdown
//!
//! [`close`](crate::Ring::close) lets nothing more in, and wakes all who wait for room; each gets its item
//! back. The consumer reads on until `Closed`, which says that everything accepted was read.
