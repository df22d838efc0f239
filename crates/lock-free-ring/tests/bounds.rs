//! Which types may cross or be shared between threads, be copied, printed and returned as
//! errors. All of it is checked when this file is compiled; the test that runs says so.
#![cfg(not(ring_loom))]

use lock_free_ring::channel::{
    IntoIter, Iter, Receiver, RecvError, RecvTimeoutError, SendError, SendTimeoutError, Sender,
    TryIter, TryRecvError, TrySendError,
};
use lock_free_ring::{
    Cancel, Closed, ConfigError, Consumer, DedicatedRing, Drain, LeaseError, Pool, Pooled,
    Producer, ReadRefused, ReadSlices, Reservation, Ring, RingBuilder, Routing, ShardStats,
    ShardedRing, WriteConfig, WriteRefused,
};
use std::cell::Cell;
use std::error::Error;
use std::fmt::Debug;
use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::MutexGuard;

/// Neither `Debug` nor `Clone`, `Default` or anything else.
struct Plain;

/// `Send` and not `Sync`: what an item may be at least.
type Unshared = Cell<u8>;
/// Neither of the two.
type Local = Rc<u8>;
/// `Sync` and not `Send`.
type Stuck = MutexGuard<'static, u8>;

macro_rules! assert_impl {
    ($($type:ty),+ : $($bound:tt)+) => {
        const _: fn() = || {
            fn has<T: ?Sized + $($bound)+>() {}
            $(has::<$type>();)+
        };
    };
}

/// Two impls of one trait fit a type that has the bound, so that asking for it is ambiguous:
/// this compiles only for types that do not have it.
macro_rules! assert_not_impl {
    ($($type:ty),+ : $($bound:tt)+) => {
        const _: fn() = || {
            trait Fits<Way> {
                fn fits() {}
            }
            struct WithTheBound;
            impl<T: ?Sized> Fits<()> for T {}
            impl<T: ?Sized + $($bound)+> Fits<WithTheBound> for T {}
            $(_ = <$type as Fits<_>>::fits;)+
        };
    };
}

assert_impl!(Unshared, Plain: Send);
assert_not_impl!(Unshared, Local: Sync);
assert_not_impl!(Stuck, Local: Send);

// An item need be no more than `Send` for every end to cross, and for the handles to be shared.
assert_impl!(
    Ring<Unshared>, ShardedRing<Unshared>, DedicatedRing<Unshared>, Producer<Unshared>,
    Consumer<Unshared>, Pool<Unshared>, Pooled<Unshared>, Drain<'static, Unshared>,
    ReadSlices<'static, Unshared>, Reservation<'static, Unshared>: Send
);
assert_impl!(
    Ring<Unshared>, ShardedRing<Unshared>, DedicatedRing<Unshared>, Pool<Unshared>: Sync
);
assert_impl!(Pooled<u8>, Cancel, WriteConfig, RingBuilder, Routing, ShardStats: Send + Sync);
assert_impl!(ShardedRing<u8>, DedicatedRing<u8>, Pool<u8>: Clone + Unpin);

// A shared view of a value that may not be shared must not be shared.
assert_not_impl!(Pooled<Unshared>: Sync);

// Items that may not be sent do not cross by any of our types (RUSTSEC-2020-0088 and its kin).
assert_not_impl!(
    Ring<Local>, ShardedRing<Local>, DedicatedRing<Local>, Producer<Local>, Consumer<Local>,
    Pool<Local>, Pooled<Local>, Drain<'static, Local>, ReadSlices<'static, Local>,
    Reservation<'static, Local>: Send
);
assert_not_impl!(
    Ring<Local>, ShardedRing<Local>, DedicatedRing<Local>, Producer<Local>, Consumer<Local>,
    Pool<Local>, Pooled<Local>, ReadSlices<'static, Local>, Reservation<'static, Local>: Sync
);
assert_not_impl!(
    Ring<Stuck>, ShardedRing<Stuck>, DedicatedRing<Stuck>, Producer<Stuck>, Consumer<Stuck>,
    Pool<Stuck>, Pooled<Stuck>, Drain<'static, Stuck>, ReadSlices<'static, Stuck>,
    Reservation<'static, Stuck>: Send
);
assert_not_impl!(
    Ring<Stuck>, ShardedRing<Stuck>, DedicatedRing<Stuck>, Producer<Stuck>, Consumer<Stuck>,
    Pool<Stuck>: Sync
);

// There is one of each of these.
assert_not_impl!(
    Producer<u8>, Consumer<u8>, Drain<'static, u8>, ReadSlices<'static, u8>,
    Reservation<'static, u8>, Pooled<u8>: Clone
);

// Everything can be printed, and every refusal is an error, whatever the item.
assert_impl!(
    ShardedRing<Plain>, DedicatedRing<Plain>, Producer<Plain>, Consumer<Plain>, Pool<Plain>,
    Pooled<u8>, Drain<'static, Plain>, ReadSlices<'static, Plain>, Reservation<'static, Plain>,
    WriteRefused<Plain>, Closed<Plain>, RingBuilder, WriteConfig, Cancel, Routing, ShardStats: Debug
);
assert_impl!(WriteRefused<Plain>, Closed<Plain>, Closed, ReadRefused, ConfigError, LeaseError: Error);
assert_impl!(
    WriteRefused<Plain>, Closed<Plain>, ReadRefused, ConfigError, LeaseError: Send + Sync + 'static
);
assert_impl!(WriteRefused<u8>, Closed, ReadRefused, ConfigError, LeaseError, Routing: Copy + Eq);

// Ends for tasks, and what they lend, are as the ends for threads; and no item is ever pinned.
#[cfg(feature = "async")]
mod tasks {
    use super::{Local, Plain, Stuck, Unshared};
    use lock_free_ring::{AsyncConsumer, AsyncProducer, Write};
    use std::fmt::Debug;
    use std::marker::PhantomPinned;

    assert_impl!(
        AsyncConsumer<Unshared>, AsyncProducer<Unshared>, Write<'static, Unshared>: Send
    );
    assert_not_impl!(AsyncConsumer<Local>, AsyncProducer<Local>, Write<'static, Local>: Send);
    assert_not_impl!(AsyncConsumer<Local>, AsyncProducer<Local>, Write<'static, Local>: Sync);
    assert_not_impl!(AsyncConsumer<Stuck>, AsyncProducer<Stuck>, Write<'static, Stuck>: Send);
    assert_not_impl!(AsyncConsumer<Stuck>, AsyncProducer<Stuck>, Write<'static, Stuck>: Sync);
    assert_not_impl!(AsyncConsumer<u8>, AsyncProducer<u8>, Write<'static, u8>: Clone);
    assert_impl!(
        AsyncConsumer<PhantomPinned>, AsyncProducer<PhantomPinned>,
        Write<'static, PhantomPinned>: Unpin
    );
    assert_impl!(AsyncConsumer<Plain>, AsyncProducer<Plain>, Write<'static, Plain>: Debug);

    fn sent<T: Send>(_: T) {}

    const _: fn(AsyncConsumer<Unshared>, AsyncProducer<Unshared>) = |mut consumer, mut producer| {
        sent(consumer.read());
        sent(consumer.read_batch(1));
        sent(consumer.read_batch_into(&mut Vec::new(), 1));
        sent(producer.write_batch(&mut Vec::new()));
    };
}

// The channel: as std's, a sender may be shared and a receiver may not; both cross.
assert_impl!(Sender<Unshared>, Receiver<Unshared>, IntoIter<Unshared>: Send);
assert_impl!(Sender<Unshared>: Sync + Clone);
assert_not_impl!(Receiver<u8>: Sync);
assert_not_impl!(Receiver<u8>: Clone);
assert_not_impl!(Iter<'static, u8>, TryIter<'static, u8>: Send);
assert_not_impl!(Sender<Local>, Receiver<Local>, Sender<Stuck>, Receiver<Stuck>: Send);
assert_not_impl!(Sender<Local>, Sender<Stuck>: Sync);
assert_impl!(Sender<Unshared>, Receiver<Unshared>: UnwindSafe + RefUnwindSafe);
assert_impl!(
    Sender<Plain>, Receiver<Plain>, Iter<'static, Plain>, TryIter<'static, Plain>, IntoIter<Plain>:
    Debug
);
assert_impl!(
    SendError<Plain>, TrySendError<Plain>, SendTimeoutError<Plain>, RecvError, TryRecvError,
    RecvTimeoutError: Error + Send + Sync + 'static
);
assert_impl!(
    SendError<u8>, TrySendError<u8>, SendTimeoutError<u8>, RecvError, TryRecvError,
    RecvTimeoutError: Copy + Eq
);

/// `?` in a function that returns a boxed error, as in the examples of the documentation.
fn every_refusal_goes_through_a_question_mark() -> Result<(), Box<dyn Error + Send + Sync>> {
    let ring = ShardedRing::new(2, 1)?;
    let mut consumer = ring.consumer()?;
    ring.try_write(0, Plain)?;
    ring.write(0, Plain)?;
    let Plain = consumer.read()?;
    ring.try_write_batch(0, &mut Vec::new())?;
    let Plain = consumer.read_timeout(std::time::Duration::ZERO)?;
    Ok(())
}

#[test]
fn what_is_said_above_holds_since_this_compiled() {
    assert!(catch_unwind(every_refusal_goes_through_a_question_mark).is_ok_and(|r| r.is_ok()));
    let refused = [WriteRefused::Full(Plain), WriteRefused::Closed(Plain)];
    let said = refused.map(|refused| format!("{refused:?}, {refused}"));
    assert_eq!(said, ["Full(..), the shard is full", "Closed(..), the ring is closed"]);
}

/// What is printed of a ring says how full it is, and nothing of its items.
#[test]
fn a_ring_prints_how_full_it_is() {
    let ring = ShardedRing::new(4, 2).expect("valid");
    assert!(ring.try_write(0, Plain).is_ok());
    let said = format!("{ring:?}");
    for part in ["ShardedRing", "capacity: 4", "shards: 2", "len: 1", "closed: false"] {
        assert!(said.contains(part), "{said}");
    }
}
