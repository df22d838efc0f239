//! Latency against throughput.
//!
//! What costs is the trip of a cache line from core to core. One item at a time makes the trip for
//! each item when the consumer is quick; a batch makes it for many. So:
//!
//! - **Throughput**: write batches ([`write_batch`](crate::ShardedRing::write_batch)), read batches
//!   ([`read_batch_into`](crate::Consumer::read_batch_into)), dedicated shards.
//! - **Latency**: write one by one, [`read`](crate::Consumer::read), let nobody sleep.
//!
//! # Figures
//!
//! Nanoseconds an item, median ± median deviation, from `results/full.json` of the repository, as
//! the README quotes them; made by `cargo run --release -p peer-bench -- --json results/full.json`
//! on 2026-11-24, 2 virtual cores of an Intel Xeon, Rust 1.95, 1024 slots for each producer, `u64`:
//!
//! | | one by one: 1 producer | 4 | 16 | batches of 64: 1 | 4 | 16 |
//! |---|---|---|---|---|---|---|
//! | dedicated | 3.0 ± 0.1 | 3.0 ± 0.5 | 2.6 ± 0.3 | 2.0 ± 0.1 | 2.1 ± 0.2 | 1.9 ± 0.0 |
//! | shared | 12.3 ± 0.4 | 8.6 ± 0.7 | 7.0 ± 0.4 | 3.4 ± 0.2 | 4.1 ± 0.1 | 3.2 ± 0.2 |
//!
//! In the same run a round trip of one item took 207 ns each way, and the wake-up of a sleeping
//! consumer 1.6 µs. The machine is noisy: measure on yours.
//!
//! # Who waits, and how
//!
//! A waiting end spins for up to 10 µs, then sleeps. When the ends outnumber the cores it does
//! not spin, but gives up its core while that helps somebody. After a wait of more than 100 µs
//! the consumer sleeps at once. [`RingBuilder::spin`](crate::RingBuilder::spin) sets how long:
//!
//! ```
//! use lock_free_ring::RingBuilder;
//! use std::time::Duration;
//!
//! // A core to spare for each end: spin for as long as a wake-up would take, many times over.
//! let quick = RingBuilder::new(64, 1).spin(Duration::from_millis(1)).shared::<u64>()?;
//! // A battery, or a busy machine: sleep at once.
//! let frugal = RingBuilder::new(64, 1).spin(Duration::ZERO).shared::<u64>()?;
//! # Ok::<(), lock_free_ring::ConfigError>(())
//! ```
//!
//! # Let batches form
//!
//! A consumer that finds few items, many times in a row, pauses for up to 2 µs before the next
//! look (longer while it finds few, shorter when it finds many), so that it does not take the line
//! from its producer for each of them; a read that had to
//! wait does not pause, so a lone item is not delayed. To work by the clock instead, sleep between
//! reads, or [`wait_for`](crate::Consumer::wait_for) a mark.
//!
//! # Fairness
//!
//! A busy shard holds the others up for a quota of items at most, 256 unless
//! [`set_quota`](crate::Consumer::set_quota) says otherwise. Smaller: other shards wait less. Larger: batches are longer.
