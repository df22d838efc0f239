use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::batch::DatagramBatch;
use super::socket::UdpSocket;
use super::totals::ReceiverTotals;
use crate::config::MAX_DATAGRAM_BYTES;
use crate::depot::Depot;
use crate::outlet::{Filled, Outlet, Sent};
use crate::packet::Payload;
use crate::payload_sum::PayloadSum;
use crate::profile::Place;
use crate::stop::Stop;

/// Makes each datagram of one socket a packet.
pub(crate) struct Receiver<'a> {
    socket: &'a UdpSocket,
    depot: &'a Depot,
    outlet: Outlet<'a>,
    stop: &'a Stop,
    batch: DatagramBatch,
    totals: ReceiverTotals,
}

impl<'a> Receiver<'a> {
    pub(crate) fn new(
        socket: &'a UdpSocket,
        depot: &'a Depot,
        outlet: Outlet<'a>,
        stop: &'a Stop,
    ) -> Self {
        let (batch, totals) = (DatagramBatch::new(), ReceiverTotals::default());
        Self { socket, depot, outlet, stop, batch, totals }
    }

    /// Receives until the stop, then what is still queued, and then asks what was dropped.
    /// Answers that with the sum of what the ring accepted.
    pub(crate) fn run(mut self) -> io::Result<(ReceiverTotals, PayloadSum)> {
        while !self.stop.is_requested() {
            if self.batch.receive(self.socket)? == 0 {
                self.sleep()?;
            } else if !self.forward_batch() {
                break;
            }
        }
        self.socket.refuse_more()?;
        while self.batch.receive(self.socket)? > 0 {
            self.forward_batch();
        }
        self.totals.kernel_drops = self.socket.kernel_drops(&mut String::new());
        Ok((self.totals, self.outlet.accepted_sum()))
    }

    /// Sleeps until there is a datagram, or the stop.
    fn sleep(&mut self) -> io::Result<()> {
        let mut sources = [
            PollFd::new(self.socket.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.stop.as_pollable(), PollFlags::POLLIN),
        ];
        let poll = || poll(&mut sources, PollTimeout::NONE);
        match self.outlet.probe.wait(Place::Datagram, poll) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Sends the batch on; false if the ring is closed.
    fn forward_batch(&mut self) -> bool {
        for datagram in self.batch.datagrams() {
            self.totals.received += 1;
            let Some(bytes) = datagram.filter(|bytes| bytes.len() <= MAX_DATAGRAM_BYTES) else {
                self.totals.oversized += 1;
                self.outlet.count_dropped();
                continue;
            };
            if bytes.is_empty() {
                self.totals.empty += 1;
            }
            let sum = PayloadSum::of(bytes);
            let buffer = self.outlet.probe.wait(Place::Depot, || self.depot.take());
            match self.outlet.send(Filled::new(filled(buffer, bytes), sum)) {
                Sent::Accepted => {}
                // The stop has cancelled the backoff, but the consumer goes on until we are
                // done: there will be room.
                Sent::Refused(datagram) if self.stop.is_requested() => {
                    self.outlet.send_waiting(datagram);
                }
                Sent::Refused(_) => self.outlet.count_dropped(),
                Sent::Closed => {
                    self.outlet.count_dropped();
                    return false;
                }
            }
        }
        true
    }
}

/// The buffer with `bytes` in it.
fn filled(mut payload: Payload, bytes: &[u8]) -> Payload {
    payload.clear();
    // Exactly: a buffer must not grow beyond what the memory was reckoned with.
    payload.reserve_exact(bytes.len());
    payload.extend_from_slice(bytes);
    payload
}
