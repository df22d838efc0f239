//! Moving from `std::sync::mpsc::sync_channel`: one changed line. It prints:
//!
//! ```text
//! 4 threads sent 4000 items, sum 1998000
//! the channel takes 2 and no more: sending on a full channel
//! the receiver is gone: sending on a disconnected channel
//! ```
// before: use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use lock_free_ring::channel::{Receiver, SyncSender, sync_channel};
use std::thread;

fn produce(tx: SyncSender<u64>) {
    for item in 0..1000 {
        if tx.send(item).is_err() {
            return; // nobody listens
        }
    }
}

fn consume(rx: Receiver<u64>) -> (u64, u64) {
    rx.into_iter().fold((0, 0), |(count, sum), item| (count + 1, sum + item))
}

fn main() {
    let (tx, rx) = sync_channel(64);
    for _ in 0..4 {
        let tx = tx.clone();
        thread::spawn(move || produce(tx));
    }
    drop(tx); // the clones send; with the last of them the iterator ends
    let (count, sum) = consume(rx);
    println!("4 threads sent {count} items, sum {sum}");

    let (tx, rx) = sync_channel(2);
    while tx.try_send("full").is_ok() {}
    let refused = tx.try_send("one too many").expect_err("it is full");
    println!("the channel takes {} and no more: {refused}", rx.len());
    drop(rx);
    let refused = tx.send("nobody").expect_err("the receiver is gone");
    println!("the receiver is gone: {refused}");
}
