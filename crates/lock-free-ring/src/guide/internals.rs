//! How it works.
//!
//! ```text
//!  producer 0 ──▶ ┌ shard 0 ┐
//!  producer 1 ──▶ ├ shard 1 ┤ ──▶ one consumer: a fair sweep, in batches
//!  producer 2 ──▶ ├ shard 2 ┤
//!  producer 3 ──▶ └ shard 3 ┘
//! ```
//!
//! A ring is some shards, and a shard is an array of slots with two cursors, which only count up:
//!
//! ```text
//!   head: the next position that the consumer will take
//!   tail: the next position that a producer will claim
//!
//!            head               tail
//!              ▼                  ▼
//!   ──┬────┬────┬────┬────┬────┬────┬────┬──
//!     │free│ a  │ b  │ c  │free│free│free│       head ≤ tail ≤ head + capacity
//!   ──┴────┴────┴────┴────┴────┴────┴────┴──
//! ```
//!
//! A position is a 64-bit count; the slot is the position modulo a power of two. The capacity is
//! exact all the same: a producer looks whether `tail − head` is less than it.
//!
//! # A shared shard: claim, fill, publish, release
//!
//! ```text
//!   producer A          producer B          consumer
//!   ──────────          ──────────          ────────
//!   room? claim 7
//!                       room? claim 8
//!                       fill 8
//!                       publish 8           7 is not published: nothing to read here
//!   fill 7
//!   publish 7                               reads 7 and 8, gives both back with one store
//! ```
//!
//! - **Claim**: a compare-exchange on the tail, after the producer has seen room. A claim, once won,
//!   is never undone. (The described system adds first and looks then, and undoes the addition
//!   when there is no room: with two producers on a full shard that issues one position twice
//!   and another never.)
//! - **Publish**: each slot has a *stamp*, a byte that says whether the lap is odd in which it was
//!   published last. A slot that the consumer can look at was published last in this lap or in
//!   the one before, so the two are never mistaken for each other.
//! - **Release**: the consumer moves the head, once for a batch. It writes nothing into slots.
//!
//! # A dedicated shard
//!
//! Lamport's ring: one producer, so no claim and no stamps. The producer owns the tail, the consumer
//! the head, and each keeps a copy of the other's, at which it looks again only when the
//! copy is not enough. One store publishes an item or a batch.
//!
//! # Sleeping
//!
//! ```text
//!   consumer                              producer
//!   ────────                              ────────
//!   1. says that it sleeps (the mark)     1. publishes
//!   2. barrier                            2. barrier
//!   3. looks once more                    3. looks at the mark
//!   4. sleeps                             4. wakes, if there is one
//! ```
//!
//! One of the two sees the other, whichever comes first, because each writes before the barrier and
//! looks after it. On Linux the consumer's barrier is `membarrier(2)`, which makes every other thread
//! pass one too; so the producer's costs nothing, and its look is one load of a line that is
//! hardly ever written.
//!
//! # Closing
//!
//! On a shared shard "closed" is a bit of the tail, the very word that claims compare: no claim can
//! follow it. On a dedicated one the producer seals its shard when it sees the close, or when it
//! goes. The consumer says `Closed` when every shard is closed or sealed, and *then* found empty.
//!
//! ```
//! use lock_free_ring::ShardedRing;
//!
//! let ring = ShardedRing::new(4, 1)?;
//! let mut consumer = ring.consumer()?;
//! ring.try_write(0, "accepted")?;
//! ring.close();
//! assert!(ring.try_write(0, "refused").is_err());
//! assert_eq!(consumer.read(), Ok("accepted"));
//! assert!(consumer.read().is_err()); // only now
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # More
//!
//! The repository's `ARCHITECTURE.md` has the files, the invariants and, for each memory
//! ordering, the model that fails without it.
