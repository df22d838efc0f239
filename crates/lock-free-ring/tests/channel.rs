//! The channel means what std's means, and drops what it must when an end goes.
#![cfg(not(ring_loom))]

mod common;

use common::{Dropped, Item, Ledger, in_time, join, let_it_sleep, stress, unwinds};
use lock_free_ring::channel::{
    Receiver, RecvError, RecvTimeoutError, SendError, SendTimeoutError, Sender, TryRecvError,
    TrySendError, bounded, sharded, sync_channel,
};
use lock_free_ring::{ConfigError, RingBuilder};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any test may take: only a wake-up ends such a wait.
const AN_HOUR: Duration = Duration::from_secs(3600);

/// One that sleeps at once when it has to wait.
fn sleepy<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    RingBuilder::new(capacity, 1).spin(Duration::ZERO).channel().expect("valid")
}

#[test]
fn a_waiting_receiver_is_woken_by_a_send_and_by_the_end_of_the_last_sender() {
    in_time(|| {
        let (tx, rx) = sleepy(1);
        let other = tx.clone();
        let reader = thread::spawn(move || [rx.recv(), rx.recv(), rx.recv()].map(Result::ok));
        let_it_sleep();
        tx.send('a').expect("there");
        drop(tx);
        let_it_sleep();
        other.send('b').expect("there");
        let_it_sleep();
        drop(other);
        assert_eq!(join(reader), [Some('a'), Some('b'), None]);
    });
}

#[test]
fn every_way_to_wait_for_an_item_ends_with_the_last_sender() {
    type Wait = fn(&Receiver<u8>) -> bool;
    let ways: [Wait; 4] = [
        |rx| rx.recv() == Err(RecvError),
        |rx| rx.recv_timeout(AN_HOUR) == Err(RecvTimeoutError::Disconnected),
        |rx| rx.recv_deadline(Instant::now() + AN_HOUR) == Err(RecvTimeoutError::Disconnected),
        |rx| rx.iter().next().is_none(),
    ];
    for way in ways {
        in_time(move || {
            let (tx, rx) = sleepy(1);
            let reader = thread::spawn(move || way(&rx));
            let_it_sleep();
            drop(tx);
            assert!(join(reader));
        });
    }
}

#[test]
fn every_way_to_wait_for_room_ends_with_the_receiver_and_gives_the_item_back() {
    type Wait = fn(&Sender<u8>, u8) -> Option<u8>;
    fn back(refused: Result<(), SendTimeoutError<u8>>) -> Option<u8> {
        refused.err().filter(SendTimeoutError::is_disconnected).map(SendTimeoutError::into_inner)
    }
    let ways: [Wait; 3] = [
        |tx, item| tx.send(item).err().map(SendError::into_inner),
        |tx, item| back(tx.send_timeout(item, AN_HOUR)),
        |tx, item| back(tx.send_deadline(item, Instant::now() + AN_HOUR)),
    ];
    for way in ways {
        in_time(move || {
            let (tx, rx) = sleepy(1);
            tx.send(0).expect("room");
            let writers = [1, 2].map(|item| {
                let tx = tx.clone();
                thread::spawn(move || way(&tx, item))
            });
            let_it_sleep();
            drop(rx);
            assert_eq!(writers.map(join), [Some(1), Some(2)]);
        });
    }
}

#[test]
fn what_was_sent_before_the_last_sender_went_is_received() {
    for sent in 0..=3 {
        let (tx, rx) = bounded(3);
        (0..sent).try_for_each(|item| tx.send(item)).expect("room");
        drop(tx);
        assert_eq!(rx.iter().collect::<Vec<_>>(), Vec::from_iter(0..sent));
        assert_eq!(rx.recv(), Err(RecvError));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
        assert_eq!(rx.recv_timeout(AN_HOUR), Err(RecvTimeoutError::Disconnected));
        assert_eq!(rx.try_iter().next(), None);
    }
}

#[test]
fn what_nobody_received_is_dropped_with_the_receiver_while_senders_are_there() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = sharded(2, 2);
    let other = tx.clone();
    for sender in [&tx, &tx, &other] {
        sender.try_send(Dropped::new(&dropped)).expect("room");
    }
    drop(rx.recv());
    drop(rx);
    assert_eq!(dropped.load(Ordering::Relaxed), 3);
    let refused = tx.try_send(Dropped::new(&dropped)).expect_err("disconnected");
    assert!(refused.is_disconnected());
    assert_eq!(dropped.load(Ordering::Relaxed), 3, "a refused item is the sender's");
    drop(refused);
    assert_eq!(dropped.load(Ordering::Relaxed), 4);
}

#[test]
fn a_drop_that_panics_as_the_receiver_goes_leaves_nothing_behind() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (tx, rx) = bounded(4);
    for item in Dropped::with_panic(&dropped, 4, 1) {
        assert!(tx.try_send(item).is_ok());
    }
    assert!(unwinds(move || drop(rx)));
    assert_eq!(dropped.load(Ordering::Relaxed), 4);
    assert!(tx.try_send(Dropped::new(&dropped)).is_err_and(|refused| refused.is_disconnected()));
}

#[test]
fn an_item_may_hold_a_sender_of_its_own_channel() {
    struct Knot(#[expect(dead_code, reason = "it is there to be dropped")] Sender<Knot>);
    in_time(|| {
        let (tx, rx) = bounded(1);
        tx.send(Knot(tx.clone())).expect("room");
        drop(tx);
        assert!(matches!(rx.try_recv(), Ok(Knot(_))), "the item kept the channel open");
        assert!(rx.try_recv().is_err_and(|refused| refused.is_disconnected()));
    });
}

/// Senders come and go, and the receiver goes at some moment: each item was received, came back
/// or was dropped, once (its box makes a second drop a double free).
#[test]
fn under_load_each_item_is_dropped_once_whichever_end_goes_first() {
    for round in 0..50 * stress() {
        in_time(move || {
            let dropped = Arc::new(AtomicUsize::new(0));
            let (tx, rx) = if round % 2 == 0 { bounded(3) } else { sharded(1, 4) };
            let senders = [0; 3].map(|_| {
                let (tx, dropped) = (tx.clone(), dropped.clone());
                thread::spawn(move || {
                    let offers = (0..100).map(|_| tx.clone().send(Dropped::new(&dropped)).is_ok());
                    1 + offers.take_while(|sent| *sent).count().min(99)
                })
            });
            drop(tx);
            let received = rx.iter().take((round as usize * 7) % 301).count();
            drop(rx);
            let offered: usize = senders.map(join).iter().sum();
            assert!(received <= offered);
            assert_eq!(dropped.load(Ordering::Relaxed), offered);
        });
    }
}

#[test]
fn each_senders_order_is_kept_and_nothing_is_lost_through_one_slot_and_through_shards() {
    let each = 2_000 * stress();
    for (capacity, shards) in [(1, 1), (2, 1), (4, 4), (64, 2)] {
        in_time(move || {
            let (tx, rx) = RingBuilder::new(capacity, shards).channel().expect("valid");
            let senders: Vec<_> = (0..4)
                .map(|producer| {
                    let tx = tx.clone();
                    thread::spawn(move || {
                        (0..each).for_each(|seq| tx.send(Item::new(producer, seq)).expect("there"));
                    })
                })
                .collect();
            drop(tx);
            let mut ledger = Ledger::new(4);
            rx.iter().for_each(|item| ledger.note(&item));
            ledger.assert_complete(each);
            senders.into_iter().for_each(join);
        });
    }
}

/// The order over all senders: each sends only after it has seen the one before it return.
#[test]
fn a_bounded_channel_keeps_the_order_of_sends_that_follow_each_other() {
    in_time(|| {
        let (tx, rx) = bounded(300);
        let turn = Arc::new(AtomicUsize::new(0));
        let senders = [0, 1, 2].map(|mine| {
            let (tx, turn) = (tx.clone(), turn.clone());
            thread::spawn(move || {
                for number in (mine..300).step_by(3) {
                    common::eventually(|| turn.load(Ordering::Acquire) == number);
                    tx.send(number).expect("there");
                    turn.store(number + 1, Ordering::Release);
                }
            })
        });
        senders.into_iter().for_each(join);
        assert_eq!(rx.try_iter().collect::<Vec<_>>(), Vec::from_iter(0..300));
    });
}

#[test]
fn clones_have_the_shards_in_turn_whichever_was_cloned() {
    let (tx, _rx) = sharded(1, 4);
    let second = tx.clone(); // 1
    let third = second.clone(); // 2
    drop(second);
    let fourth = tx.clone(); // 3
    let fifth = third.clone(); // 0 again
    assert!([&tx, &third, &fourth].map(|sender| sender.try_send(())).iter().all(Result::is_ok));
    assert!(fifth.is_full() && fifth.try_send(()) == Err(TrySendError::Full(())));
    assert!(fifth.clone().try_send(()).is_ok(), "shard 1, which the dropped one left free");
}

#[test]
fn the_capacity_is_exact() {
    for capacity in 1..=9 {
        let (tx, rx) = sync_channel(capacity);
        for item in 0..capacity {
            assert!(!tx.is_full() && !rx.is_full());
            tx.try_send(item).expect("room");
        }
        assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
        assert_eq!(tx.send_timeout(9, Duration::ZERO), Err(SendTimeoutError::Timeout(9)));
        assert_eq!((tx.len(), rx.len(), tx.capacity()), (capacity, capacity, Some(capacity)));
        assert!(tx.is_full() && rx.is_full());
    }
}

#[test]
fn what_cannot_be_built_panics_with_the_reason_or_is_an_error() {
    assert!(unwinds_saying("capacity is 0", || drop(bounded::<u8>(0))));
    assert!(unwinds_saying("capacity is 0", || drop(sync_channel::<u8>(0))));
    assert!(unwinds_saying("must be a power of two", || drop(sharded::<u8>(1, 3))));
    assert!(unwinds_saying("no memory", || drop(bounded::<u8>(usize::MAX))));
    assert!(unwinds_saying("no memory", || drop(sharded::<u8>(usize::MAX, 2))));
    let refused = RingBuilder::new(10, 4).channel::<u8>().expect_err("not even");
    assert_eq!(refused, ConfigError::Indivisible { capacity: 10, shards: 4 });
}

fn unwinds_saying(reason: &str, body: impl FnOnce() + Send + 'static) -> bool {
    let panic = thread::Builder::new().spawn(body).expect("a thread").join();
    panic.is_err_and(|said| said.downcast_ref::<String>().is_some_and(|said| said.contains(reason)))
}

/// Not the text, but the names; the text is crossbeam's, which differs from std's.
#[test]
fn errors_have_stds_names_and_crossbeams_words() {
    let said = [
        SendError(1).to_string(),
        TrySendError::Full(1).to_string(),
        TrySendError::Disconnected(1).to_string(),
        SendTimeoutError::Timeout(1).to_string(),
        SendTimeoutError::Disconnected(1).to_string(),
        RecvError.to_string(),
        TryRecvError::Empty.to_string(),
        TryRecvError::Disconnected.to_string(),
        RecvTimeoutError::Timeout.to_string(),
        RecvTimeoutError::Disconnected.to_string(),
    ];
    let expected = [
        "sending on a disconnected channel",
        "sending on a full channel",
        "sending on a disconnected channel",
        "timed out waiting on send operation",
        "sending on a disconnected channel",
        "receiving on an empty and disconnected channel",
        "receiving on an empty channel",
        "receiving on an empty and disconnected channel",
        "timed out waiting on receive operation",
        "channel is empty and disconnected",
    ];
    assert_eq!(said, expected);
    assert_eq!(TrySendError::from(SendError(1)), TrySendError::Disconnected(1));
    assert_eq!(SendTimeoutError::from(SendError(1)), SendTimeoutError::Disconnected(1));
    assert_eq!(TryRecvError::from(RecvError), TryRecvError::Disconnected);
    assert_eq!(RecvTimeoutError::from(RecvError), RecvTimeoutError::Disconnected);
}

#[test]
fn an_error_says_which_of_two_it_is_and_shows_no_item() {
    struct Opaque;
    let (full, gone) = (TrySendError::Full(Opaque), TrySendError::Disconnected(Opaque));
    assert_eq!([full.is_full(), full.is_disconnected()], [true, false]);
    assert_eq!([gone.is_full(), gone.is_disconnected()], [false, true]);
    assert_eq!(format!("{full:?} {gone:?}"), "Full(..) Disconnected(..)");
    let (late, gone) = (SendTimeoutError::Timeout(Opaque), SendTimeoutError::Disconnected(Opaque));
    assert_eq!([late.is_timeout(), late.is_disconnected()], [true, false]);
    assert_eq!([gone.is_timeout(), gone.is_disconnected()], [false, true]);
    assert_eq!(format!("{late:?} {gone:?}"), "Timeout(..) Disconnected(..)");
    assert_eq!(format!("{:?}", SendError(Opaque)), "SendError(..)");
    let (none, gone) = (TryRecvError::Empty, TryRecvError::Disconnected);
    assert_eq!([none.is_empty(), none.is_disconnected()], [true, false]);
    assert_eq!([gone.is_empty(), gone.is_disconnected()], [false, true]);
    let (late, gone) = (RecvTimeoutError::Timeout, RecvTimeoutError::Disconnected);
    assert_eq!([late.is_timeout(), late.is_disconnected()], [true, false]);
    assert_eq!([gone.is_timeout(), gone.is_disconnected()], [false, true]);
}

#[test]
fn each_end_says_what_the_channel_holds_and_can_be_printed() {
    let (tx, rx) = bounded(2);
    assert!(tx.is_empty() && rx.is_empty());
    tx.send('a').expect("room");
    assert_eq!(
        (tx.is_empty(), rx.is_empty(), tx.is_full(), rx.is_full()),
        (false, false, false, false)
    );
    assert_eq!((tx.len(), rx.len(), tx.capacity(), rx.capacity()), (1, 1, Some(2), Some(2)));
    assert!(tx.same_channel(&tx.clone()) && !tx.same_channel(&bounded(2).0));
    assert!(format!("{tx:?}").starts_with("Sender { capacity: 2"));
    let printed = format!("{rx:?}");
    assert!(printed.starts_with("Receiver { capacity: 2"));
    assert_eq!(format!("{:?}", rx.iter()), format!("Iter {{ receiver: {printed} }}"));
    assert_eq!(format!("{:?}", rx.try_iter()), format!("TryIter {{ receiver: {printed} }}"));
    assert_eq!((&rx).into_iter().next(), Some('a'));
    tx.send('b').expect("room");
    drop(tx);
    let all = rx.into_iter();
    assert!(format!("{all:?}").starts_with("IntoIter { receiver: Receiver { capacity: 2"));
    assert_eq!(all.collect::<Vec<_>>(), ['b']);
}

#[test]
fn a_panic_elsewhere_leaves_both_ends_usable() {
    let (tx, rx) = bounded(2);
    let outcome = std::panic::catch_unwind(|| {
        tx.send(1).expect("room");
        assert_eq!(rx.recv(), Ok(1));
        tx.send(2).expect("room");
        common::unwind();
    });
    assert!(outcome.is_err());
    assert_eq!((rx.recv(), tx.send(3)), (Ok(2), Ok(())));
}
