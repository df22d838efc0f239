//! gil's queues to one consumer. Its `send` and `recv` cannot be called off, so the loops here
//! are theirs around `try_send` and `try_recv`, with its own numbers of pauses; only the
//! parking `send` is called as it is.
//!
//! Its batch write is `write_buffer` and `commit`; the latter is an unsafe function, and our two
//! calls of it are the only unsafe code outside the library.

use crate::measure::item::Item;
use crate::patience::Patience;
use crate::subject::{Ends, Facts, Layout, Rx, Shape, Stop, Stopped, Subject, Tx};
use gil::{mpsc, spsc};
use std::num::NonZeroUsize;

/// The pauses of `mpsc::Receiver::recv` before it yields.
const MPSC_SPINS: u32 = 16;

const SHARDED: Facts = Facts {
    name: "gil/sharded",
    layout: Layout::Rings,
    send: "send",
    send_batch: Some("write_buffer, commit"),
    receive: "recv",
    sleeps: false,
    window: false,
};

/// An end and how it waits.
pub(crate) struct End<E> {
    end: E,
    patience: Patience,
}

/// Reads all that is there in place.
pub(crate) struct Guard<E>(End<E>);

/// `try_send`, as its `send` repeats it.
macro_rules! send_by_trying {
    ($sender:ty) => {
        impl<T: Item> Tx<T> for End<$sender> {
            #[inline(always)]
            fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
                self.patience.until(|| self.end.try_send(make()).ok())
            }
        }
    };
}

send_by_trying!(mpsc::Sender<T>);

/// As above; and what fits into its buffer filled in place and committed at once.
macro_rules! send_by_filling {
    ($sender:ty) => {
        impl<T: Item> Tx<T> for End<$sender> {
            #[inline(always)]
            fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
                self.patience.until(|| self.end.try_send(make()).ok())
            }

            #[inline(always)]
            fn send_batch<F: FnMut() -> T>(
                &mut self,
                count: usize,
                mut make: F,
            ) -> Result<(), Stopped> {
                let Self { end, patience } = self;
                let mut left = count;
                while left > 0 {
                    left -= patience.until(|| {
                        let buffer = end.write_buffer();
                        let len = buffer.len().min(left);
                        buffer[..len].iter_mut().for_each(|slot| {
                            slot.write(make());
                        });
                        #[expect(unsafe_code, reason = "there is no other way to commit")]
                        // SAFETY: the first `len` slots of the buffer were filled just now.
                        unsafe {
                            end.commit(len);
                        }
                        (len > 0).then_some(len)
                    })?;
                }
                Ok(())
            }
        }
    };
}

send_by_filling!(mpsc::sharded::Sender<T>);
send_by_filling!(spsc::Sender<T>);

/// `try_recv`, as its `recv` repeats it.
macro_rules! receive_by_trying {
    ($receiver:ty) => {
        impl<T: Item> Rx<T> for End<$receiver> {
            #[inline(always)]
            fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
                sink(&self.patience.until(|| self.end.try_recv())?);
                Ok(1)
            }
        }
    };
}

receive_by_trying!(mpsc::Receiver<T>);
receive_by_trying!(mpsc::sharded::Receiver<T>);
receive_by_trying!(mpsc::sharded_parking::Receiver<T>);

/// `read_guard`, seen whole and given back at once.
macro_rules! receive_by_guard {
    ($receiver:ty) => {
        impl<T: Item> Rx<T> for Guard<$receiver> {
            #[inline(always)]
            fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
                let End { end, patience } = &mut self.0;
                patience.until(|| {
                    let mut guard = end.read_guard();
                    let received = guard.len();
                    guard.as_slice().iter().for_each(&mut sink);
                    guard.advance(received);
                    (received > 0).then_some(received)
                })
            }
        }
    };
}

receive_by_guard!(mpsc::sharded::Receiver<T>);
receive_by_guard!(spsc::Receiver<T>);

impl<T: Item> Tx<T> for mpsc::sharded_parking::Sender<T> {
    #[inline(always)]
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        mpsc::sharded_parking::Sender::send(self, make());
        Ok(())
    }
}

/// `mpsc`: one queue.
pub(crate) struct Mpsc;

impl Subject for Mpsc {
    const FACTS: Facts =
        Facts { name: "gil/mpsc", layout: Layout::Queue, send_batch: None, ..SHARDED };
    type Tx<T: Item> = End<mpsc::Sender<T>>;
    type Rx<T: Item> = End<mpsc::Receiver<T>>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let (sender, receiver) = mpsc::channel(NonZeroUsize::new(shape.capacity)?);
        let tx = |_| End { end: sender.clone(), patience: Patience::new(stop) };
        let producers = (0..shape.producers).map(tx).collect();
        let patience = Patience::with_spins(stop, MPSC_SPINS);
        Some(Ends { producers, consumer: End { end: receiver, patience } })
    }
}

type ShardedEnds<T> = (Vec<End<mpsc::sharded::Sender<T>>>, End<mpsc::sharded::Receiver<T>>);

fn open_sharded<T: Item>(shape: Shape, stop: &Stop) -> Option<ShardedEnds<T>> {
    let shards = NonZeroUsize::new(shape.lanes).filter(|shards| shards.is_power_of_two())?;
    let (first, receiver) =
        mpsc::sharded::channel(shards, NonZeroUsize::new(shape.lane_capacity())?);
    let clones = (1..shape.producers).map(|_| first.clone()).collect::<Option<Vec<_>>>()?;
    let patience = Patience::new(stop);
    let tx = |end| End { end, patience: patience.clone() };
    let producers = std::iter::once(first).chain(clones).map(tx).collect();
    Some((producers, End { end: receiver, patience: patience.clone() }))
}

/// `mpsc::sharded`, received one by one.
pub(crate) struct Sharded;

impl Subject for Sharded {
    const FACTS: Facts = SHARDED;
    type Tx<T: Item> = End<mpsc::sharded::Sender<T>>;
    type Rx<T: Item> = End<mpsc::sharded::Receiver<T>>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let (producers, consumer) = open_sharded(shape, stop)?;
        Some(Ends { producers, consumer })
    }
}

/// `mpsc::sharded`, received by its read guard.
pub(crate) struct ShardedGuard;

impl Subject for ShardedGuard {
    const FACTS: Facts = Facts { name: "gil/guard", receive: "read_guard, polling", ..SHARDED };
    type Tx<T: Item> = End<mpsc::sharded::Sender<T>>;
    type Rx<T: Item> = Guard<mpsc::sharded::Receiver<T>>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let (producers, consumer) = open_sharded(shape, stop)?;
        Some(Ends { producers, consumer: Guard(consumer) })
    }
}

/// `mpsc::sharded_parking`: senders that sleep when full, a receiver that never does.
pub(crate) struct ShardedParking;

impl Subject for ShardedParking {
    const FACTS: Facts = Facts { name: "gil/sharded_parking", send_batch: None, ..SHARDED };
    type Tx<T: Item> = mpsc::sharded_parking::Sender<T>;
    type Rx<T: Item> = End<mpsc::sharded_parking::Receiver<T>>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let shards = NonZeroUsize::new(shape.lanes).filter(|shards| shards.is_power_of_two())?;
        let capacity = NonZeroUsize::new(shape.lane_capacity())?;
        let (first, end) = mpsc::sharded_parking::channel(shards, capacity);
        let clones = (1..shape.producers).map(|_| first.clone()).collect::<Option<Vec<_>>>()?;
        let producers = std::iter::once(first).chain(clones).collect();
        Some(Ends { producers, consumer: End { end, patience: Patience::new(stop) } })
    }
}

/// `spsc`, received by its read guard.
pub(crate) struct Spsc;

impl Subject for Spsc {
    const FACTS: Facts =
        Facts { name: "gil/spsc", layout: Layout::Pair, receive: "read_guard, polling", ..SHARDED };
    type Tx<T: Item> = End<spsc::Sender<T>>;
    type Rx<T: Item> = Guard<spsc::Receiver<T>>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let (sender, end) = spsc::channel(NonZeroUsize::new(shape.capacity)?);
        let patience = Patience::new(stop);
        let producers = vec![End { end: sender, patience: patience.clone() }];
        Some(Ends { producers, consumer: Guard(End { end, patience }) })
    }
}
