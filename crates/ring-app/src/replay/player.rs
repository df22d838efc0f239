use lock_free_ring::Consumer;

use super::{DEAL, Dealt};
use crate::outlet::{Filled, Outlet, Sent};
use crate::payload_sum::PayloadSum;
use crate::profile::Place;
use crate::stop::Stop;

/// Sends what is dealt to a producer until nothing more is, `batch` packets at a time: by more
/// than one, it waits while there is no room. Answers the sum of what the ring accepted.
pub(crate) fn play(
    mut way: Consumer<Dealt>,
    mut outlet: Outlet<'_>,
    stop: &Stop,
    batch: usize,
) -> PayloadSum {
    let mut dealt = Vec::with_capacity(DEAL);
    while outlet.probe.wait(Place::Dealt, || way.read_batch_into(&mut dealt, DEAL)).is_ok() {
        let packets = dealt.drain(..).map(|Dealt { payload, captured }| {
            let sum = PayloadSum::of(&payload);
            Filled { payload, sum, captured: Some(captured) }
        });
        let is_open = if batch > 1 {
            packets.for_each(|packet| outlet.add_to_batch(packet));
            !matches!(outlet.send_batch(), Sent::Closed)
        } else {
            send_each(packets, &mut outlet, stop)
        };
        if !is_open {
            break;
        }
    }
    outlet.accepted_sum()
}

/// False if the ring is closed.
fn send_each(packets: impl Iterator<Item = Filled>, outlet: &mut Outlet<'_>, stop: &Stop) -> bool {
    for packet in packets {
        match outlet.send(packet) {
            Sent::Accepted => {}
            // The stop has cancelled the backoff, but the consumer goes on until we are done:
            // there will be room.
            Sent::Refused(packet) if stop.is_requested() => {
                outlet.send_waiting(packet);
            }
            Sent::Refused(_) => outlet.count_dropped(),
            Sent::Closed => {
                outlet.count_dropped();
                return false;
            }
        }
    }
    true
}
