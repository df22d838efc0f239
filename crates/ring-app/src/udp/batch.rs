use std::io::{self, IoSliceMut};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg};

/// Datagrams that one system call takes at most.
const DATAGRAMS: usize = 32;
/// More than any datagram has (but for IPv6 jumbograms), so that none is cut short.
const DATAGRAM_BYTES: usize = 1 << 16;

/// Room for several datagrams. Memory that none of them touches is never backed by pages.
pub(super) struct DatagramBatch {
    headers: MultiHeaders<SockaddrStorage>,
    buffers: [Box<[u8]>; DATAGRAMS],
    /// Of the datagrams received last; `None` for one that was cut short all the same.
    lengths: [Option<usize>; DATAGRAMS],
    received: usize,
}

impl DatagramBatch {
    pub(super) fn new() -> Self {
        Self {
            headers: MultiHeaders::preallocate(DATAGRAMS, None),
            buffers: std::array::from_fn(|_| vec![0; DATAGRAM_BYTES].into_boxed_slice()),
            lengths: [None; DATAGRAMS],
            received: 0,
        }
    }

    /// Receives what is there, and returns how many datagrams that was: 0 if none.
    pub(super) fn receive(&mut self, socket: &impl AsRawFd) -> io::Result<usize> {
        self.received = 0;
        let mut slices = self.buffers.each_mut().map(|buffer| [IoSliceMut::new(buffer)]);
        let flags = MsgFlags::MSG_DONTWAIT;
        match recvmmsg(socket.as_raw_fd(), &mut self.headers, &mut slices, flags, None) {
            Ok(datagrams) => {
                for (datagram, length) in datagrams.zip(&mut self.lengths) {
                    let is_whole = !datagram.flags.contains(MsgFlags::MSG_TRUNC);
                    *length = is_whole.then_some(datagram.bytes);
                    self.received += 1;
                }
                Ok(self.received)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(0),
            Err(errno) => Err(errno.into()),
        }
    }

    /// The datagrams received last; `None` for one that was cut short.
    pub(super) fn datagrams(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let whole = self.lengths.iter().zip(&self.buffers);
        whole.take(self.received).map(|(length, buffer)| length.map(|bytes| &buffer[..bytes]))
    }
}
