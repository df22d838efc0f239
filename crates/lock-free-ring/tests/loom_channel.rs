//! Models of the channel's own part: what becomes of items and sleepers when an end goes.
#![cfg(ring_loom)]

mod loom_common;

use lock_free_ring::channel::{Receiver, Sender, TryRecvError};
use loom::thread;
use loom_common::{Counted, Item, builder, judge, model};
use std::sync::atomic::{AtomicU64, Ordering};

fn channel<T>(capacity: usize, shards: usize) -> (Sender<T>, Receiver<T>) {
    builder(capacity, shards).fence(true).channel().expect("a valid configuration")
}

/// The receiver goes while its senders send: what was sent is dropped, once, and by the time that
/// the senders are done, though they live on and hold the ring.
fn a_receiver_goes_while_there_send<const SENDERS: usize>() {
    let drops = std::sync::Arc::new(AtomicU64::new(0));
    let (tx, rx) = channel::<Counted>(2, 1);
    let senders = [(); SENDERS].map(|()| {
        let (tx, counter) = (tx.clone(), drops.clone());
        thread::spawn(move || drop(tx.try_send(Counted(counter))))
    });
    drop(rx);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    assert_eq!(drops.load(Ordering::Relaxed), SENDERS as u64, "sent or given back");
    drop(tx);
    assert_eq!(drops.load(Ordering::Relaxed), SENDERS as u64);
}

#[test]
fn what_nobody_receives_is_dropped_while_the_sender_lives() {
    model(3, "receiver's end ‖ send", a_receiver_goes_while_there_send::<1>);
}

/// With one preemption: two senders that wait for the lease take turns in vain as often as loom
/// likes, which it takes for a model without end.
#[test]
fn what_nobody_receives_is_dropped_while_two_senders_live() {
    model(1, "receiver's end ‖ two sends", a_receiver_goes_while_there_send::<2>);
}

#[test]
fn the_end_of_the_receiver_wakes_the_sender_that_waits_for_room() {
    model(2, "receiver's end ‖ waiting send", || {
        let drops = std::sync::Arc::new(AtomicU64::new(0));
        let (tx, rx) = channel::<Counted>(1, 1);
        assert!(tx.try_send(Counted(drops.clone())).is_ok());
        let counter = drops.clone();
        let sender = thread::spawn(move || (tx.send(Counted(counter)).is_err(), tx));
        drop(rx);
        let (refused, _tx) = sender.join().unwrap();
        assert!(refused, "nobody makes room, so that only the end lets it go on");
        assert_eq!(drops.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn the_end_of_the_last_sender_wakes_the_receiver_after_all_that_was_sent() {
    model(1, "two senders' ends ‖ recv", || {
        let (tx, rx) = channel::<Item>(2, 2);
        let senders = [(tx.clone(), 0), (tx, 1)].map(|(tx, number)| {
            thread::spawn(move || {
                tx.send((number, 0)).expect("the receiver is there");
            })
        });
        let received: Vec<Item> = rx.iter().collect();
        judge(&received, &[vec![(0, 0)], vec![(1, 0)]]);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    });
}

/// `Disconnected` without a wait: only when nothing is left.
#[test]
fn disconnected_is_said_only_when_nothing_is_left() {
    model(2, "sender's end ‖ try_recv", || {
        let (tx, rx) = channel::<Item>(1, 1);
        let sender = thread::spawn(move || tx.send((0, 0)).is_ok());
        let mut received = Vec::new();
        for _ in 0..2 {
            match rx.try_recv() {
                Ok(item) => received.push(item),
                Err(TryRecvError::Empty) => (),
                Err(TryRecvError::Disconnected) => assert_eq!(received, [(0, 0)]),
            }
        }
        assert!(sender.join().unwrap());
        received.extend(rx.iter());
        assert_eq!(received, [(0, 0)]);
    });
}
