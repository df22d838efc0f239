//! Ordering: what arrives after what.
//!
//! **Items of one shard arrive in the order of their claims; between shards there is no order.**
//! All else follows.
//!
//! | who writes | what is kept |
//! |---|---|
//! | a [`Producer`](crate::Producer) (dedicated shard) | its order |
//! | one producer id on a [`ShardedRing`](crate::ShardedRing) | its order; with two threads under one id, that of their claims |
//! | several ids on one shard | each one's order; and a write that begins after another has returned arrives after it |
//! | ids on different shards | nothing between them, however far apart in time |
//! | [`Routing::RoundRobin`](crate::Routing::RoundRobin), `Random` | nothing, also for one producer, unless there is one shard |
//! | a batch | lies in its shard in a row |
//!
//! ```
//! use lock_free_ring::ShardedRing;
//! use std::num::NonZeroUsize;
//!
//! let ring = ShardedRing::new(8, 2)?;
//! let mut consumer = ring.consumer()?;
//! consumer.set_quota(NonZeroUsize::MIN); // one from each shard in turn
//! ring.try_write(0, "0: first")?;
//! ring.try_write(0, "0: second")?;
//! ring.try_write(1, "1: first")?; // written last of all, and it overtakes
//! assert_eq!(consumer.try_read_batch(3), ["0: first", "1: first", "0: second"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # One order over all
//!
//! Use one shard ([`channel::bounded`](crate::channel::bounded) is that), or number the items and sort behind
//! the ring, as the program `ring` does with its B-tree: the window there is ordered by sequence
//! number, whichever shard a packet came by.
//!
//! # What a read does not promise
//!
//! A claim that is not published yet hides what lies behind it in its shard. So `try_read` may find
//! nothing although a later write to that shard has returned; the item comes as soon as the claim
//! before it is published. Reads that wait see to that by themselves.
//!
//! # Memory
//!
//! What a producer did before its write, the consumer sees after its read (Release and Acquire), as
//! with every channel. Nothing else is ordered: [`len`](crate::Ring::len) and [`stats`](crate::Ring::stats) are looks,
//! not synchronisation.
