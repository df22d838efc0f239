//! What ends, refusals and errors say of themselves. Items need no `Debug` for it.
#![cfg(not(ring_loom))]

use lock_free_ring::{
    Closed, DedicatedRing, LeaseError, Pool, ReadRefused, ShardedRing, WriteRefused,
};
use std::error::Error;

#[test]
fn refusals_say_why_and_show_no_item() {
    assert_eq!(Closed(7).to_string(), "the ring is closed");
    assert_eq!(format!("{:?}", Closed(7)), "Closed(..)");
    assert_eq!(ReadRefused::Empty.to_string(), "the ring is empty");
    assert_eq!(ReadRefused::Closed.to_string(), "the ring is closed and empty");
    let refused: [Box<dyn Error>; 2] =
        [Box::new(WriteRefused::Full(7)), Box::new(WriteRefused::Closed(7))];
    assert_eq!(refused.each_ref().map(|why| format!("{why:?}")), ["Full(..)", "Closed(..)"]);
    let said = refused.map(|why| why.to_string());
    assert_eq!(said, ["the shard is full", "the ring is closed"]);
}

#[test]
fn a_refusal_is_full_or_closed_and_gives_the_item_back() {
    let (full, closed) = (WriteRefused::Full('f'), WriteRefused::Closed('c'));
    assert_eq!((full.is_full(), full.is_closed(), full.into_inner()), (true, false, 'f'));
    assert_eq!((closed.is_full(), closed.is_closed(), closed.into_inner()), (false, true, 'c'));
}

#[test]
fn a_drain_says_how_many_it_may_still_give() {
    let ring = ShardedRing::new(4, 1).expect("valid");
    let mut consumer = ring.consumer().expect("free");
    ring.try_write(0, 'a').expect("room");
    let mut drain = consumer.drain(3);
    assert_eq!(drain.size_hint(), (0, Some(3)));
    assert_eq!(drain.next(), Some('a'));
    assert_eq!(drain.size_hint(), (0, Some(2)));
}

#[test]
fn an_end_that_cannot_be_lent_says_why() {
    let ring = DedicatedRing::<u8>::new(1, 1).expect("valid");
    let _producer = ring.producer().expect("free");
    let _consumer = ring.consumer().expect("free");
    let no_shard = ring.producer().expect_err("leased");
    assert_eq!(no_shard, LeaseError::NoFreeShard { shards: 1 });
    assert!(no_shard.to_string().starts_with("each of the ring's 1 dedicated shards"));
    let taken = ring.consumer().expect_err("lent");
    assert_eq!(taken.to_string(), "the ring has its consumer already");
    ring.close();
    assert_eq!(ring.producer().expect_err("closed").to_string(), "the ring is closed");
}

#[test]
fn a_capacity_without_memory_is_named() {
    let refused = ShardedRing::<u64>::new(1 << 58, 4).expect_err("more than any machine has");
    assert_eq!(refused.to_string(), "no memory for 288230376151711744 slots in 4 shards");
}

#[test]
fn ends_can_be_printed_whatever_their_items() {
    struct Opaque;
    let shared = ShardedRing::<Opaque>::new(4, 2).expect("valid");
    let mut consumer = shared.consumer().expect("free");
    let dedicated = DedicatedRing::<Opaque>::new(4, 2).expect("valid");
    let mut producer = dedicated.producer().expect("free");
    assert!(format!("{shared:?}").starts_with("ShardedRing"));
    assert!(format!("{dedicated:?}").starts_with("DedicatedRing"));
    assert!(format!("{consumer:?}").starts_with("Consumer"));
    assert_eq!(format!("{:?}", consumer.drain(3)), "Drain { left: 3, .. }");
    assert!(shared.try_write(0, Opaque).is_ok());
    let slices = consumer.try_read_slices(1).expect("an item");
    assert_eq!(format!("{slices:?}"), "ReadSlices { len: 1, .. }");
    assert_eq!(format!("{producer:?}"), "Producer { shard: 0, .. }");
    let reservation = producer.try_reserve(2).expect("room");
    assert_eq!(format!("{reservation:?}"), "Reservation { room: 2, .. }");
}

#[test]
fn a_pool_says_how_much_it_has() {
    let pool = Pool::new(2, || 7_u8).expect("memory");
    let item = pool.try_take().expect("full");
    assert_eq!(format!("{item:?}"), "Pooled(7)");
    assert_eq!(format!("{pool:?}"), "Pool { capacity: 2, available: 1, .. }");
}
