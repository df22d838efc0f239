//! Choosing shards and capacity.
//!
//! # Which ring
//!
//! Ask how many threads write, and whether you know them beforehand.
//!
//! - **Known threads, each with its own end**: a [`DedicatedRing`](crate::DedicatedRing), with as many shards
//!   as there are producers at once. A write is two stores, and no producer can delay another.
//! - **Tasks, thread pools, callbacks, more writers than you would give a shard to**: a
//!   [`ShardedRing`](crate::ShardedRing). A write is one compare-exchange and a store.
//!
//! # How many shards
//!
//! Producers of one shard contend for its tail; producers of different shards share nothing. So
//! one shard for each producer that writes *at the same time as others* is best, and more than
//! that gains nothing. A shared ring takes a power of two; with 6 producers choose 8, or 4 if they
//! write seldom. One shard is right where one order over all producers is wanted.
//!
//! Idle shards cost next to nothing: those that were idle while others were busy are left out of
//! the sweep until somebody writes to them.
//!
//! # How large
//!
//! A shard must hold what its producers write while the consumer is away:
//!
//! ```text
//! slots of a shard ≥ items a second of its busiest producers × longest absence of the consumer × margin
//! ```
//!
//! With 35,000 items a second on the busiest shard, a consumer that looks every 10 ms, and twice
//! that as a margin, 700 slots. The capacity is split evenly, and what does not split is an error
//! rather than fewer slots than you asked for:
//!
//! ```
//! use lock_free_ring::{ConfigError, ShardedRing};
//!
//! let slots = (35_000.0_f64 * 0.010 * 2.0).ceil() as usize;
//! let ring = ShardedRing::<u64>::new(slots * 4, 4)?;
//! assert_eq!((ring.shard_capacity(), ring.capacity()), (700, 2800));
//! assert!(ShardedRing::<u64>::new(10, 4).is_err()); // 10 over 4
//! # Ok::<(), ConfigError>(())
//! ```
//!
//! Small is fast while it is large enough: what fits into a core's cache stays there. Large items
//! lie in the slots themselves, so put big buffers behind a pointer or a [`Pool`](crate::Pool).
//!
//! # Is it right?
//!
//! Look at [`stats`](crate::Ring::stats) under real load. `refused` above 0: too small, or the consumer
//! too slow (more room helps only the first). `high_water` far below the capacity: too large.
//! `claim_retries` high: more shards. One shard far busier than the others: spread the producers,
//! with other ids or another [`Routing`](crate::Routing).
//!
//! ```
//! use lock_free_ring::{Routing, ShardedRing};
//!
//! let ring = ShardedRing::new(64, 4)?.with_routing(Routing::ByThread);
//! ring.try_write(0, "to the shard of this thread")?;
//! let used = ring.stats().filter(|shard| shard.written > 0).count();
//! assert_eq!(used, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
