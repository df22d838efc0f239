//! The document's own algorithm (claim, look, undo), transcribed as a test subject: the same
//! harness that passes ours shows it to lose items. It is the executable reason for our protocol.
#![cfg(ring_loom)]

mod document_shard;
mod loom_common;

/// Where the document's shard has its atomics from.
mod checker {
    pub(crate) use loom::sync::Mutex;
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use loom::thread::yield_now as pause;
}

use document_shard::DocumentShard;
use loom::sync::Arc;
use loom::thread;
use loom_common::{Item, judge, model};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// As `two_producers` in `loom_shared`.
fn two_producers() {
    let shard = Arc::new(DocumentShard::new(2));
    let offer = |shard: &DocumentShard<Item>, producer: u64, items: u32| -> Vec<Item> {
        let all = (0..items).map(|number| (producer, number));
        all.filter(|item| shard.try_write(*item)).collect()
    };
    let first = offer(&shard, 0, 2);
    let writers = [1, 2].map(|producer| {
        let shard = shard.clone();
        thread::spawn(move || offer(&shard, producer, 2))
    });
    let mut read: Vec<Item> = (0..2).filter_map(|_| shard.try_read()).collect();
    let [second, third] = writers.map(|writer| writer.join().unwrap());
    read.extend(std::iter::from_fn(|| shard.try_read()));
    judge(&read, &[first, second, third]);
}

#[test]
fn the_documents_algorithm_loses_accepted_items() {
    let verdict = catch_unwind(AssertUnwindSafe(|| model(1, "the document", two_producers)));
    let reason = verdict.expect_err("the model found no fault in it");
    let reason = reason.downcast_ref::<String>().expect("a message");
    assert!(reason.contains("read against accepted"), "failed otherwise: {reason}");
}
