//! Packets as `Bytes`, in buffers that go round: the consumer hands out cheap clones of what it
//! read, and once the last of them is dropped the next producer fills the same memory. It prints:
//!
//! ```text
//! 1000 packets, 1450000 bytes, each seen by 2 sinks
//! in no more than 8 buffers
//! ```
use bytes::{Bytes, BytesMut};
use lock_free_ring::{Pool, Pooled, ShardedRing};
use std::collections::HashSet;
use std::error::Error;
use std::thread;

const PACKET_BYTES: usize = 1450;
const BUFFERS: usize = 8;
const PACKETS: usize = 1000;

/// Whatever keeps a packet for a while; here it only looks at it.
fn sink(packet: Bytes) -> usize {
    packet.iter().filter(|byte| **byte == packet[0]).count()
}

fn main() -> Result<(), Box<dyn Error>> {
    let pool = Pool::new(BUFFERS, || BytesMut::with_capacity(PACKET_BYTES))?;
    let ring = ShardedRing::<Pooled<BytesMut>>::new(4, 1)?;
    let mut consumer = ring.consumer()?;

    let producer = thread::spawn(move || {
        for number in 0..PACKETS {
            let mut packet = loop {
                match pool.try_take() {
                    Some(packet) => break packet,
                    None => thread::yield_now(), // all are out: backpressure
                }
            };
            // Nobody has a `Bytes` of it any more, so this takes the old memory back.
            packet.reserve(PACKET_BYTES);
            packet.resize(PACKET_BYTES, number as u8);
            ring.write(0, packet).expect("the consumer is there");
        }
    });

    let (mut packets, mut bytes, mut buffers) = (0, 0, HashSet::new());
    while let Ok(mut packet) = consumer.read() {
        buffers.insert(packet.as_ptr());
        let payload = packet.split().freeze(); // no copy: a view of the buffer
        assert_eq!(sink(payload.clone()), sink(payload.clone()));
        packets += 1;
        bytes += payload.len();
        drop(payload); // the last view; then the guard brings the buffer back
    }
    producer.join().map_err(|_| "the producer panicked")?;
    println!("{packets} packets, {bytes} bytes, each seen by 2 sinks");
    assert!(buffers.len() <= BUFFERS, "{} buffers", buffers.len());
    println!("in no more than {BUFFERS} buffers");
    Ok(())
}
