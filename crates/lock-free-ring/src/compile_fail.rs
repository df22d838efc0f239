//! What the types rule out, beyond what the crate's own page shows: examples that must not
//! compile, for the reason given, each after one that does. Only rustdoc's tests read this file.
//! The reasons (error codes) are checked by the nightly one: `make prove-compile-fail`.
//!
//! Not trybuild, which compares the compiler's whole message: that differs from one version to
//! the next, and this crate is tested on several.
//!
//! # One consumer, one thread at a time
//!
//! A consumer may go to another thread, but not work on two at once:
//!
//! ```
//! # use lock_free_ring::ShardedRing;
//! let mut consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| consumer.try_read());
//! });
//! ```
//!
//! ```compile_fail,E0499
//! # use lock_free_ring::ShardedRing;
//! let mut consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| consumer.try_read());
//!     scope.spawn(|| consumer.try_read());
//! });
//! ```
//!
//! # One producer of a dedicated shard, one thread at a time
//!
//! ```compile_fail,E0499
//! # use lock_free_ring::DedicatedRing;
//! let mut producer = DedicatedRing::<u8>::new(1, 1).unwrap().producer().unwrap();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| producer.try_write(1));
//!     scope.spawn(|| producer.try_write(2));
//! });
//! ```
//!
//! A producer that is lent to a reservation writes nothing else:
//!
//! ```compile_fail,E0499
//! # use lock_free_ring::DedicatedRing;
//! let mut producer = DedicatedRing::<u8>::new(2, 1).unwrap().producer().unwrap();
//! let reservation = producer.try_reserve(1).unwrap();
//! let _ = producer.try_write(1);
//! reservation.publish();
//! ```
//!
//! What was published cannot be filled again:
//!
//! ```compile_fail,E0382
//! # use lock_free_ring::DedicatedRing;
//! let mut producer = DedicatedRing::<u8>::new(2, 1).unwrap().producer().unwrap();
//! let mut reservation = producer.try_reserve(1).unwrap();
//! reservation.publish();
//! let _ = reservation.push(1);
//! ```
//!
//! # Items that may not change threads
//!
//! Where items are `Send`, so are all ends; they need not be `Sync`:
//!
//! ```
//! # use lock_free_ring::{DedicatedRing, ShardedRing};
//! # use std::cell::Cell;
//! let ring = ShardedRing::<Cell<u8>>::new(1, 1).unwrap();
//! let producer = DedicatedRing::<Cell<u8>>::new(1, 1).unwrap().producer().unwrap();
//! std::thread::spawn(move || (ring.len(), producer.shard()));
//! ```
//!
//! An item that is a guard of a lock stays on its thread, and so does the ring:
//!
//! ```compile_fail,E0277
//! # use lock_free_ring::ShardedRing;
//! # use std::sync::MutexGuard;
//! let ring = ShardedRing::<MutexGuard<'static, u8>>::new(1, 1).unwrap();
//! std::thread::spawn(move || ring.len());
//! ```
//!
//! A consumer of such items:
//!
//! ```compile_fail,E0277
//! # use lock_free_ring::ShardedRing;
//! # use std::rc::Rc;
//! let mut consumer = ShardedRing::<Rc<u8>>::new(1, 1).unwrap().consumer().unwrap();
//! std::thread::spawn(move || consumer.try_read());
//! ```
//!
//! A ring of them seen through a reference:
//!
//! ```compile_fail,E0277
//! # use lock_free_ring::DedicatedRing;
//! # use std::rc::Rc;
//! let ring = DedicatedRing::<Rc<u8>>::new(1, 1).unwrap();
//! std::thread::scope(|scope| _ = scope.spawn(|| ring.len()));
//! ```
//!
//! A reservation of them:
//!
//! ```compile_fail,E0277
//! # use lock_free_ring::DedicatedRing;
//! # use std::rc::Rc;
//! let mut producer = DedicatedRing::<Rc<u8>>::new(1, 1).unwrap().producer().unwrap();
//! let reservation = producer.try_reserve(1).unwrap();
//! std::thread::scope(|scope| _ = scope.spawn(move || reservation.publish()));
//! ```
//!
//! # Slices and drains end before the next read
//!
//! ```
//! # use lock_free_ring::ShardedRing;
//! let ring = ShardedRing::new(2, 1).unwrap();
//! let mut consumer = ring.consumer().unwrap();
//! ring.try_write(0, 7_u8).unwrap();
//! let mut slices = consumer.try_read_slices(1).unwrap();
//! let seen = slices.slices().0[0];
//! slices.release(1);
//! assert_eq!((seen, consumer.try_read()), (7, None));
//! ```
//!
//! A drain that is still there:
//!
//! ```compile_fail,E0499
//! # use lock_free_ring::ShardedRing;
//! let mut consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! let mut drain = consumer.drain(1);
//! consumer.try_read();
//! drain.next();
//! ```
//!
//! A slice that would outlive the consumer:
//!
//! ```compile_fail,E0505
//! # use lock_free_ring::ShardedRing;
//! let mut consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! let slices = consumer.try_read_slices(1).unwrap();
//! drop(consumer);
//! drop(slices);
//! ```
//!
//! Two looks at once, of which each could change what the other sees:
//!
//! ```compile_fail,E0499
//! # use lock_free_ring::ShardedRing;
//! let mut consumer = ShardedRing::<u8>::new(1, 1).unwrap().consumer().unwrap();
//! let mut slices = consumer.try_read_slices(1).unwrap();
//! let (first, _) = slices.slices();
//! let (again, _) = slices.slices();
//! (first[0], again[0]) = (1, 2);
//! ```
