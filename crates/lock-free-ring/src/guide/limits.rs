//! Limits: what it does not do, and where it ends.
//!
//! - **No order between shards.** See [`ordering`](super::ordering).
//! - **One consumer at a time.** Several: crossbeam-channel, kanal, flume. (A consumer can be
//!   replaced: drop it, and lease the next.)
//! - **Bounded.** It never grows. Nor can it be a rendezvous: a ring has at least one slot.
//! - **A stopped claimant holds up its shard.** On a shared shard, a producer that is stopped between
//!   claim and publish (by the scheduler, a debugger, a closure that does not return) hides what
//!   lies behind it in *its* shard until it goes on;
//!   [`head_stalled`](crate::ShardStats::head_stalled) shows it. Other shards go on. Dedicated shards have no such
//!   window. So the ring is lock-free among the producers of a shard, and its consumer is not.
//! - **A process, not a machine.** Items are Rust values in this process's memory; when it dies,
//!   they are gone.
//! - **No priorities, no select.** Over several rings, poll them; or make one of them with
//!   several shards, which is what shards are for.
//!
//! # Numbers
//!
//! | | limit | beyond it |
//! |---|---|---|
//! | slots | `isize::MAX / 2`, and the memory there is | [`ConfigError::OutOfMemory`](crate::ConfigError::OutOfMemory) |
//! | shards | as many as there is memory for; shared: a power of two | a [`ConfigError`](crate::ConfigError) |
//! | handles of one ring | 2³¹ | a panic |
//! | items in a ring's life | 2⁶³, then the count wraps, and it works on | nothing |
//! | targets | 64-bit atomics | it does not compile, and says why |
//!
//! ```
//! use lock_free_ring::{ConfigError, ShardedRing};
//!
//! let refused = ShardedRing::<u64>::new(usize::MAX / 2 + 1, 1).unwrap_err();
//! assert!(matches!(refused, ConfigError::OutOfMemory { .. }));
//! ```
//!
//! # Waiting
//!
//! Waiting needs the feature `std`. On Linux the ring asks the kernel for `membarrier(2)`, which
//! makes writes cheap; where the kernel refuses it, or on other systems, each write and read has a
//! fence instead. A process that will forbid itself that call (seccomp) should say so when it
//! builds the ring: [`RingBuilder::fence`](crate::RingBuilder::fence).
//!
//! # What is proved
//!
//! The repository's `docs/PROOFS.md` says what was checked and how, and what was not: above all,
//! nothing here ran on weakly ordered hardware, and Miri has not seen it.
