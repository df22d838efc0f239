use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, SockAddr, SockFilter, Socket, Type};

use super::kernel_drops;

/// What each socket may queue. The kernel grants less to those who may not force it.
const RECEIVE_BUFFER_BYTES: usize = 8 << 20;
/// The instruction "return 0" of the classic packet filter: let nothing through.
const REFUSE_ALL: SockFilter = SockFilter::new(0x06, 0, 0, 0);

/// A bound socket that never blocks.
#[derive(Debug)]
pub(crate) struct UdpSocket {
    socket: Socket,
    address: SocketAddr,
}

/// Binds `count` sockets to one address; the kernel spreads flows over them.
///
/// The first one binds alone and only then lets others in (SO_REUSEPORT), so that an address
/// that another process holds is an error even if that process would share it.
pub(crate) fn bind_group(address: SocketAddr, count: usize) -> io::Result<Vec<UdpSocket>> {
    let first = UdpSocket::bind(address, false)?;
    first.socket.set_reuse_port(true)?;
    let address = first.address;
    let mut group = vec![first];
    while group.len() < count {
        group.push(UdpSocket::bind(address, true)?);
    }
    Ok(group)
}

impl UdpSocket {
    fn bind(address: SocketAddr, share: bool) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        if share {
            socket.set_reuse_port(true)?;
        }
        if setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER_BYTES).is_err() {
            socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
        }
        socket.bind(&SockAddr::from(address))?;
        let bound = socket.local_addr()?.as_socket();
        Ok(Self { socket, address: bound.unwrap_or(address) })
    }

    /// Where it is bound, with the port that the kernel chose if it was to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn receive_buffer(&self) -> io::Result<ReceiveBuffer> {
        // Linux doubles what is asked for, to make up for its bookkeeping, and tells the double.
        let doubled_bytes = self.socket.recv_buffer_size()?;
        Ok(ReceiveBuffer { granted_bytes: doubled_bytes / 2 })
    }

    /// Lets nothing more into the queue: the kernel drops and counts what arrives from now on.
    /// So the queue can be read to its end while others go on sending.
    pub(crate) fn refuse_more(&self) -> io::Result<()> {
        self.socket.attach_filter(&[REFUSE_ALL])
    }

    /// Datagrams that the kernel has dropped here so far; `None` if it does not tell. `room` is
    /// what it takes to find out, to be used again.
    pub(crate) fn kernel_drops(&self, room: &mut String) -> Option<u64> {
        kernel_drops::of(self, self.address.is_ipv6(), room)
    }
}

/// How much the kernel lets a socket queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReceiveBuffer {
    granted_bytes: usize,
}

impl ReceiveBuffer {
    /// Whether it is less than was asked for, so that bursts are lost earlier.
    pub(crate) fn is_short(self) -> bool {
        self.granted_bytes < RECEIVE_BUFFER_BYTES
    }
}

impl fmt::Display for ReceiveBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (granted, asked) = (self.granted_bytes >> 10, RECEIVE_BUFFER_BYTES >> 10);
        write!(f, "receive buffer of {granted} KiB for each socket ({asked} KiB asked for)")
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY_PORT: &str = "127.0.0.1:0";

    #[test]
    fn a_group_shares_one_port() {
        let group = bind_group(ANY_PORT.parse().unwrap(), 3).unwrap();
        assert_eq!(group.len(), 3);
        assert!(group.iter().all(|socket| socket.address() == group[0].address()));
    }

    #[test]
    fn an_address_that_is_held_is_an_error() {
        let held = bind_group(ANY_PORT.parse().unwrap(), 2).unwrap();
        assert!(bind_group(held[0].address(), 2).is_err());
    }

    #[test]
    fn what_is_refused_counts_as_dropped() {
        let group = bind_group(ANY_PORT.parse().unwrap(), 1).unwrap();
        let sender = std::net::UdpSocket::bind(ANY_PORT).unwrap();
        sender.send_to(b"before", group[0].address()).unwrap();
        let kernel_drops = || group[0].kernel_drops(&mut String::new());
        assert_eq!(kernel_drops(), Some(0));
        group[0].refuse_more().unwrap();
        for _ in 0..5 {
            sender.send_to(b"after", group[0].address()).unwrap();
        }
        assert_eq!(kernel_drops(), Some(5));
        let mut buffer = [0; 10];
        let mut read = || {
            nix::sys::socket::recv(
                group[0].as_raw_fd(),
                &mut buffer,
                nix::sys::socket::MsgFlags::empty(),
            )
        };
        assert_eq!(read(), Ok(6), "what came before stays readable");
        assert_eq!(read(), Err(nix::errno::Errno::EAGAIN));
    }
}
