use std::io::{self, Read};

use data_generator::{Cancel, Generator, GeneratorConfig, Rate};

use crate::depot::Depot;
use crate::outlet::{Filled, Outlet, Sent};
use crate::payload_sum::{Marker, PayloadSum};
use crate::profile::Place;

/// Sends what the generator makes until it ends, and answers the sum of what the ring accepted.
/// The depot's buffers are as long as a packet.
pub(crate) fn produce(
    mut generator: Generator,
    mut marker: Marker,
    depot: &Depot,
    mut outlet: Outlet<'_>,
) -> io::Result<PayloadSum> {
    let mut buffer = depot.take();
    while outlet.probe.wait(Place::Due, || generator.read(&mut buffer))? > 0 {
        let sum = marker.mark(&mut buffer);
        match outlet.send(Filled::new(buffer, sum)) {
            Sent::Accepted => buffer = outlet.probe.wait(Place::Depot, || depot.take()),
            Sent::Refused(same) => {
                outlet.count_dropped();
                buffer = same.payload;
            }
            Sent::Closed => break,
        }
    }
    Ok(outlet.accepted_sum())
}

/// As [`produce`], as fast as it goes: `batch` packets at a time, waiting while there is no room
/// for them.
pub(crate) fn produce_in_batches(
    mut generator: Generator,
    mut marker: Marker,
    depot: &Depot,
    mut outlet: Outlet<'_>,
    batch: usize,
) -> io::Result<PayloadSum> {
    let mut empty = Vec::with_capacity(batch);
    let mut ended = false;
    while !ended {
        outlet.probe.wait(Place::Depot, || depot.take_into(&mut empty, batch));
        while let Some(mut buffer) = empty.pop() {
            ended = generator.read(&mut buffer)? == 0;
            if ended {
                break;
            }
            let sum = marker.mark(&mut buffer);
            outlet.add_to_batch(Filled::new(buffer, sum));
        }
        ended |= matches!(outlet.send_batch(), Sent::Closed);
    }
    Ok(outlet.accepted_sum())
}

/// A marker for packets of so many bytes, of producer number `id`.
pub(crate) fn marker(packet_bytes: usize, id: usize) -> io::Result<Marker> {
    /// Far enough from each other that no two producers ever give the same number.
    const NUMBERS_EACH: u64 = 1 << 48;
    let config = GeneratorConfig::new(Rate::Unlimited).with_payload_bytes(packet_bytes);
    let mut sample = vec![0; packet_bytes];
    Generator::new(&config, Cancel::new()).read_exact(&mut sample)?;
    Ok(Marker::new(sample, id as u64 * NUMBERS_EACH))
}
