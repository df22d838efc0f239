//! A bounded, sharded, lock-free ring from many producers to one consumer, **FIFO per producer,
//! not global**: what one producer writes to its shard arrives in that order; between producers
//! no order is kept.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod barrier;
mod builder;
mod consumer;
mod cursor;
mod dedicated;
mod error;
mod gate;
mod position;
mod producer;
mod reading;
mod reservation;
mod ring;
mod routing;
mod shard;
mod sharded;
mod stats;
mod sweep;
mod sync;

#[cfg(feature = "std")]
mod backoff;
#[cfg(feature = "std")]
mod pool;
#[cfg(feature = "std")]
mod wait;

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
