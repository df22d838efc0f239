//! What several test files need: a limit in time, items that know where they come from, and
//! the ledger that checks them as they arrive.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod kind;
pub(crate) mod ways;

use lock_free_ring::ShardedRing;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Multiplies the sizes of the stress tests: `RING_STRESS=10 cargo test --release`.
pub(crate) fn stress() -> u64 {
    std::env::var("RING_STRESS").ok().and_then(|n| n.parse().ok()).unwrap_or(1).max(1)
}

/// How often a test of scale does something: `RING_STRESS` times as often as usual, and a hundredth
/// of that where Miri interprets each step.
pub(crate) fn times(usual: u64) -> u64 {
    (usual * stress()).div_ceil(if cfg!(miri) { 100 } else { 1 })
}

/// Far more than a test takes that does not hang, also where a dozen threads share one core and each
/// hand-over takes its turn of all their slices.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs `body` on a thread of its own, and fails the test if it is not done in time.
pub(crate) fn in_time(body: impl FnOnce() + Send + 'static) {
    let deadline = Instant::now() + LIMIT * u32::try_from(stress()).unwrap_or(u32::MAX);
    let worker = thread::spawn(body);
    while !worker.is_finished() {
        assert!(Instant::now() < deadline, "hung: this test was not done in time");
        thread::sleep(Duration::from_millis(1));
    }
    join(worker);
}

/// The result of a thread; its panic, if that is how it ended, goes on here.
pub(crate) fn join<R>(thread: JoinHandle<R>) -> R {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Unwinds without a word on stderr: for the panics that a test makes on purpose.
pub(crate) fn unwind() -> ! {
    resume_unwind(Box::new("on purpose"))
}

/// As std's, also for a type that has no `Drop` yet and might be given one.
pub(crate) fn forget<T>(value: T) {
    std::mem::forget(value);
}

/// Whether `body` unwinds.
pub(crate) fn unwinds(body: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(body)).is_err()
}

/// Runs the test named `name` of this file again, alone and in a process of its own: for a body
/// that may end its process. `limits` is what the shell is to say first.
pub(crate) fn in_child(name: &str, limits: &str, body: impl FnOnce()) {
    const CHILD: &str = "RING_TEST_CHILD";
    if cfg!(miri) {
        // It starts no processes.
        return;
    }
    if std::env::var_os(CHILD).is_some() {
        return body();
    }
    let this = std::env::current_exe().expect("the path of this test");
    let script = format!("{limits}\nexec \"$0\" --exact \"$1\" --nocapture");
    let child =
        Command::new("sh").arg("-c").arg(script).arg(this).arg(name).env(CHILD, "1").output();
    let output = child.expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    let passed = output.status.success() && said.contains("1 passed");
    assert!(passed, "{}: {said}{complained}", output.status);
}

/// Looks until `condition` holds; for what another thread is about to do.
pub(crate) fn eventually(condition: impl Fn() -> bool) {
    while !condition() {
        thread::yield_now();
    }
}

/// Long enough for a thread that was just started to be asleep; if it is not yet, the test
/// shows less, and fails no less.
pub(crate) fn let_it_sleep() {
    thread::sleep(Duration::from_millis(4));
}

/// A write to a shared shard that has claimed its slot, and whose closure waits for us.
#[derive(Debug)]
pub(crate) struct Stalled {
    go: Arc<AtomicBool>,
    thread: JoinHandle<bool>,
}

impl Stalled {
    /// Begins a write whose closure will make its item by `make`, or unwind there.
    pub(crate) fn write<T: Send + 'static>(
        ring: &ShardedRing<T>,
        id: u64,
        make: impl FnOnce() -> T + Send + 'static,
    ) -> Self {
        let (inside, go) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (ring, claimed, may_end) = (ring.clone(), inside.clone(), go.clone());
        let stalled = move || {
            claimed.store(true, Ordering::Relaxed);
            eventually(|| may_end.load(Ordering::Relaxed));
            make()
        };
        let write = move || _ = ring.try_write_with(id, stalled);
        let thread = thread::spawn(move || unwinds(write));
        eventually(|| inside.load(Ordering::Relaxed) || thread.is_finished());
        assert!(!thread.is_finished(), "the write was refused");
        Self { go, thread }
    }

    /// Lets it end; answers whether it unwound.
    pub(crate) fn end(self) -> bool {
        self.go.store(true, Ordering::Relaxed);
        join(self.thread)
    }
}

/// An item that knows where it comes from. Its box makes a second read or drop of the same
/// item a double free, which the allocator or a sanitizer reports.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) producer: usize,
    pub(crate) seq: Box<u64>,
}

impl Item {
    pub(crate) fn new(producer: usize, seq: u64) -> Self {
        Self { producer, seq: Box::new(seq) }
    }
}

/// What has arrived from each producer: nothing lost, nothing twice, each one's order kept.
#[derive(Debug)]
pub(crate) struct Ledger {
    next: Vec<u64>,
}

impl Ledger {
    pub(crate) fn new(producers: usize) -> Self {
        Self { next: vec![0; producers] }
    }

    /// Notes an arrival; an item out of turn is an error, which says what is wrong.
    pub(crate) fn check(&mut self, producer: usize, seq: u64) -> Result<(), String> {
        let due = self.next[producer];
        match seq {
            _ if seq == due => {
                self.next[producer] += 1;
                Ok(())
            }
            _ if seq < due => Err(format!("{producer}'s item {seq} came again, {due} was due")),
            _ => Err(format!("{producer}'s item {seq} came, {due} was due: lost or overtaken")),
        }
    }

    /// Notes an arrival, which must be the next one of its producer.
    pub(crate) fn note(&mut self, item: &Item) {
        if let Err(fault) = self.check(item.producer, *item.seq) {
            panic!("{fault}");
        }
    }

    pub(crate) fn arrived(&self) -> u64 {
        self.next.iter().sum()
    }

    /// Each producer's `each` items have arrived.
    pub(crate) fn assert_complete(&self, each: u64) {
        for (producer, &arrived) in self.next.iter().enumerate() {
            assert_eq!(arrived, each, "of producer {producer}'s items, this many arrived");
        }
    }
}

/// A count from 0, for several threads.
pub(crate) fn counter() -> Arc<AtomicUsize> {
    Arc::new(AtomicUsize::new(0))
}

/// What a counter says.
pub(crate) fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::Relaxed)
}

/// Counts its own drops, in a count that all of its like share; one of them may panic in it.
#[derive(Debug)]
pub(crate) struct Dropped {
    count: Arc<AtomicUsize>,
    panics: bool,
}

impl Dropped {
    pub(crate) fn new(count: &Arc<AtomicUsize>) -> Self {
        Self { count: count.clone(), panics: false }
    }

    /// `len` of them, of which number `nth` (from 0) panics in its drop.
    pub(crate) fn with_panic(count: &Arc<AtomicUsize>, len: usize, nth: usize) -> Vec<Self> {
        (0..len).map(|i| Self { count: count.clone(), panics: i == nth }).collect()
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if self.panics {
            unwind();
        }
    }
}
