use std::io;
use std::os::fd::AsFd;

use lock_free_ring::Pool;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::batch::DatagramBatch;
use super::socket::UdpSocket;
use super::totals::ReceiverTotals;
use crate::config::MAX_DATAGRAM_BYTES;
use crate::outlet::{Outlet, Sent};
use crate::packet::Payload;
use crate::profile::{Place, Probe};
use crate::stop::Stop;

/// Makes each datagram of one socket a packet.
pub(crate) struct Receiver<'a> {
    socket: &'a UdpSocket,
    pool: &'a Pool<Vec<u8>>,
    outlet: Outlet<'a>,
    stop: &'a Stop,
    batch: DatagramBatch,
    totals: ReceiverTotals,
}

impl<'a> Receiver<'a> {
    pub(crate) fn new(
        socket: &'a UdpSocket,
        pool: &'a Pool<Vec<u8>>,
        outlet: Outlet<'a>,
        stop: &'a Stop,
    ) -> Self {
        let (batch, totals) = (DatagramBatch::new(), ReceiverTotals::default());
        Self { socket, pool, outlet, stop, batch, totals }
    }

    /// Receives until the stop, then what is still queued, and then asks what was dropped.
    pub(crate) fn run(mut self) -> io::Result<ReceiverTotals> {
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
        self.totals.kernel_drops = self.socket.kernel_drops();
        Ok(self.totals)
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
            let payload = filled(self.pool, bytes, &mut self.outlet.probe);
            match self.outlet.send(payload) {
                Sent::Accepted => {}
                // The stop has cancelled the backoff, but the consumer goes on until we are
                // done: there will be room.
                Sent::Refused(payload) if self.stop.is_requested() => {
                    self.outlet.send_waiting(payload);
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

/// A buffer with `bytes` in it.
fn filled(pool: &Pool<Vec<u8>>, bytes: &[u8], probe: &mut Probe<'_>) -> Payload {
    let mut payload = probe.wait(Place::Pool, || pool.take_or_make());
    payload.clear();
    // Exactly: a buffer must not grow beyond what the memory was reckoned with.
    payload.reserve_exact(bytes.len());
    payload.extend_from_slice(bytes);
    payload
}
