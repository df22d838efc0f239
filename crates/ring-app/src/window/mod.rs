//! The newest packets, in an order: that in which they were numbered, or that of RTP.

mod arrival;
mod rtp;

use arrival::ArrivalWindow;
use rtp::RtpWindow;

use crate::packet::{Packet, Payload};
use crate::sink::{Order, WindowPlan};

/// Between two batches, it holds no more packets than a set number.
#[derive(Debug)]
pub(crate) enum Window {
    Arrival(ArrivalWindow),
    Rtp(RtpWindow),
}

impl Window {
    pub(crate) fn new(plan: WindowPlan) -> Self {
        match plan.order {
            Order::Arrival => Self::Arrival(ArrivalWindow::new(plan)),
            Order::Rtp => Self::Rtp(RtpWindow::new(plan)),
        }
    }

    /// Puts a packet in its place; the payload of one that has none goes to `spent`.
    pub(crate) fn insert(&mut self, packet: Packet, spent: &mut Vec<Payload>) {
        match self {
            Self::Arrival(window) => window.insert(packet),
            Self::Rtp(window) => spent.extend(window.insert(packet)),
        }
    }

    /// Moves the oldest that are too many to `leaving`, in their order.
    pub(crate) fn trim(&mut self, leaving: &mut Vec<Packet>) {
        let most = match self {
            Self::Arrival(window) => window.max_packets(),
            Self::Rtp(window) => window.max_packets(),
        };
        self.trim_to(most, leaving);
    }

    /// Moves the oldest to `leaving`, in their order, until `keep` are left.
    pub(crate) fn trim_to(&mut self, keep: usize, leaving: &mut Vec<Packet>) {
        match self {
            Self::Arrival(window) => window.trim_to(keep, leaving),
            Self::Rtp(window) => window.trim_to(keep, leaving),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Arrival(window) => window.len(),
            Self::Rtp(window) => window.len(),
        }
    }

    /// The smallest and the largest sequence number that it holds, if it goes by these.
    pub(crate) fn span(&self) -> Option<(u64, u64)> {
        match self {
            Self::Arrival(window) => window.span(),
            Self::Rtp(_) => None,
        }
    }

    /// What was seen of RTP, if it goes by that.
    pub(crate) fn rtp(&self) -> Option<run_result::Rtp> {
        match self {
            Self::Arrival(_) => None,
            Self::Rtp(window) => Some(window.to_result()),
        }
    }
}
