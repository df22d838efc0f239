//! The document's shard against a queue, one step for each bit of the input. It must be found at
//! fault (a shard of one slot overwrites what was not read), or the fuzzing proves nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::VecDeque;

#[path = "../../crates/lock-free-ring/tests/document_shard/mod.rs"]
mod document_shard;

/// Where the document's shard has its atomics from.
mod checker {
    pub(crate) use std::sync::Mutex;
    pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
    pub(crate) use std::thread::yield_now as pause;
}

fuzz_target!(|data: &[u8]| {
    let Some((size, steps)) = data.split_first() else { return };
    let capacity = 1 + usize::from(size % 4);
    let shard = document_shard::DocumentShard::new(capacity as u64);
    let mut model = VecDeque::new();
    let bits = steps.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    for (number, write) in bits.enumerate() {
        if write {
            let accepted = shard.try_write(number);
            assert_eq!(accepted, model.len() < capacity);
            model.extend(accepted.then_some(number));
        } else {
            assert_eq!(shard.try_read(), model.pop_front());
        }
    }
});
