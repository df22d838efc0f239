//! Datagrams as packets: sockets, batches, what the kernel dropped.

mod batch;
mod drop_watch;
mod kernel_drops;
mod receiver;
mod socket;
mod totals;

pub(crate) use drop_watch::DropWatch;
pub(crate) use receiver::Receiver;
pub(crate) use socket::{UdpSocket, bind_group};
pub(crate) use totals::ReceiverTotals;
