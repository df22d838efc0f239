//! What all models share: how they are run, and how their outcome is judged.
#![allow(dead_code, reason = "each model file uses its part")]

use lock_free_ring::{Consumer, DedicatedRing, RingBuilder, ShardedRing};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An item that says who wrote it and when: producer and sequence number.
pub type Item = (u64, u32);

/// Explores the interleavings of `body` with up to `preemptions` preemptions, unless
/// `LOOM_MAX_PREEMPTIONS` says otherwise, and says how many there were.
pub fn model(preemptions: usize, name: &str, body: impl Fn() + Sync + Send + 'static) {
    let executions = std::sync::Arc::new(AtomicU64::new(0));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.max_branches = 10_000;
    let bound = builder.preemption_bound.unwrap_or_default();
    let counter = executions.clone();
    builder.check(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        body();
    });
    let executions = executions.load(Ordering::Relaxed);
    println!("model {name}: {executions} executions at bound {bound}");
}

/// Starts close to the wrap-around of the count, so that every model crosses it; and never
/// spins, so that every wait sleeps.
pub fn builder(capacity: usize, shards: usize) -> RingBuilder {
    RingBuilder::new(capacity, shards).start_count((u64::MAX >> 1) - 1).spin(Duration::ZERO)
}

/// For models in which nobody sleeps: without any barrier, so that none hides a missing ordering.
pub fn shared<T>(capacity: usize) -> ShardedRing<T> {
    builder(capacity, 1).shared().expect("a valid configuration")
}

/// As `shared`.
pub fn dedicated<T>(capacity: usize) -> DedicatedRing<T> {
    builder(capacity, 1).dedicated().expect("a valid configuration")
}

/// For models in which somebody sleeps: with fences on both sides.
pub fn fenced_shared<T>(capacity: usize) -> ShardedRing<T> {
    builder(capacity, 1).fence(true).shared().expect("a valid configuration")
}

/// As `fenced_shared`.
pub fn fenced_dedicated<T>(capacity: usize) -> DedicatedRing<T> {
    builder(capacity, 1).fence(true).dedicated().expect("a valid configuration")
}

/// Checks that `read` is what each producer had accepted: all, once, in its order.
pub fn judge(read: &[Item], accepted: &[Vec<Item>]) {
    for (producer, accepted) in accepted.iter().enumerate() {
        let theirs: Vec<Item> =
            read.iter().copied().filter(|item| item.0 == producer as u64).collect();
        assert_eq!(&theirs, accepted, "producer {producer}: read against accepted");
    }
    assert_eq!(read.len(), accepted.iter().map(Vec::len).sum::<usize>(), "from nobody");
}

/// Takes up to `attempts` items, one a time.
pub fn read_some<T>(consumer: &mut Consumer<T>, attempts: usize) -> Vec<T> {
    (0..attempts).filter_map(|_| consumer.try_read()).collect()
}

/// Takes all that is there.
pub fn read_rest<T>(consumer: &mut Consumer<T>) -> Vec<T> {
    std::iter::from_fn(|| consumer.try_read()).collect()
}

/// An item that counts how often it is dropped, outside of the model's knowledge.
pub struct Counted(pub std::sync::Arc<AtomicU64>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(feature = "async")]
pub use tasks::{Alarm, block_on, poll};

#[cfg(feature = "async")]
mod tasks {
    use loom::sync::{Condvar, Mutex};
    use std::pin::{Pin, pin};
    use std::sync::Arc;
    use std::task::{Context, Poll, Wake, Waker};

    /// A waker that its task can wait for.
    #[derive(Default)]
    pub struct Alarm {
        rung: Mutex<bool>,
        bell: Condvar,
    }

    impl Wake for Alarm {
        fn wake(self: Arc<Self>) {
            *self.rung.lock().unwrap() = true;
            self.bell.notify_one();
        }
    }

    impl Alarm {
        pub fn wait(&self) {
            let mut rung = self.rung.lock().unwrap();
            while !*rung {
                rung = self.bell.wait(rung).unwrap();
            }
            *rung = false;
        }
    }

    /// Runs a future to its end. A lost wake-up is a deadlock, which loom reports.
    pub fn block_on<F: Future>(future: F) -> F::Output {
        let mut future = pin!(future);
        let alarm = Arc::new(Alarm::default());
        let waker = Waker::from(alarm.clone());
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => return output,
                Poll::Pending => alarm.wait(),
            }
        }
    }

    /// Polls once, as a task that `alarm` wakes.
    pub fn poll<F: Future>(future: Pin<&mut F>, alarm: &Arc<Alarm>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(&Waker::from(alarm.clone())))
    }
}
