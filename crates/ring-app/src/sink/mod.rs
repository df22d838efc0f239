//! Where packets go: into a window, if there is one, and from there to a [`Target`].

mod discard;
mod pcap;
mod plan;
mod target;

use std::sync::Arc;
use std::time::{Duration, Instant};

use run_result::{Delivery, Rtp};

pub(crate) use plan::{Order, SinkPlan, TargetPlan, WindowPlan};
pub(crate) use target::Target;

use crate::config::READ_BATCH;
use crate::error::RunError;
#[cfg(feature = "nats")]
use crate::nats::NatsTarget;
use crate::packet::{Packet, Payload};
use crate::report::log::Log;
use crate::window::Window;
use discard::Discard;
use pcap::PcapFile;

/// What the consumer puts packets into.
#[derive(Debug)]
pub(crate) struct Sink {
    window: Option<Window>,
    target: Box<dyn Target>,
    /// Packets on their way from the window to the target; empty between two calls.
    leaving: Vec<Packet>,
}

impl Sink {
    /// Opens what packets go to, which may fail.
    #[cfg_attr(not(feature = "nats"), expect(unused_variables, reason = "no other sink logs"))]
    pub(crate) fn open(plan: &SinkPlan, log: &Arc<Log>) -> Result<Self, RunError> {
        let target: Box<dyn Target> = match &plan.target {
            TargetPlan::Discard => Box::new(Discard),
            TargetPlan::Pcap(path) => Box::new(PcapFile::create(path)?),
            #[cfg(feature = "nats")]
            TargetPlan::Nats(plan) => Box::new(NatsTarget::open(plan, log)?),
        };
        Ok(Self::new(plan.window.map(Window::new), target))
    }

    fn new(window: Option<Window>, target: Box<dyn Target>) -> Self {
        Self { window, target, leaving: Vec::with_capacity(READ_BATCH) }
    }

    /// See [`Target::room`]. The window itself has always room: as many leave as come in.
    pub(crate) fn room(&mut self, since_stop: Option<Duration>) -> Result<usize, RunError> {
        self.target.room(since_stop)
    }

    /// See [`Target::wait_for_room`].
    pub(crate) fn wait_for_room(&mut self, limit: Duration) {
        self.target.wait_for_room(limit);
    }

    /// Takes packets in, no more than there is room for, and answers how many left the window
    /// for them or were not let in. Payloads that nobody needs any more go to `spent`.
    pub(crate) fn take(
        &mut self,
        packets: &mut Vec<Packet>,
        spent: &mut Vec<Payload>,
    ) -> Result<usize, RunError> {
        let Some(window) = &mut self.window else {
            let taken = packets.len();
            self.target.take(packets, spent)?;
            return Ok(taken);
        };
        let spent_before = spent.len();
        packets.drain(..).for_each(|packet| window.insert(packet, spent));
        window.trim(&mut self.leaving);
        let left = self.leaving.len() + spent.len() - spent_before;
        self.target.take(&mut self.leaving, spent)?;
        Ok(left)
    }

    /// See [`Target::tick`].
    pub(crate) fn tick(&mut self, spent: &mut Vec<Payload>) -> Result<(), RunError> {
        self.target.tick(spent)
    }

    /// Packets in the window.
    pub(crate) fn len(&self) -> usize {
        self.window.as_ref().map_or(0, Window::len)
    }

    /// The smallest and the largest sequence number in the window.
    pub(crate) fn span(&self) -> Option<(u64, u64)> {
        self.window.as_ref().and_then(Window::span)
    }

    /// What the window saw of RTP, if it goes by that.
    pub(crate) fn rtp(&self) -> Option<Rtp> {
        self.window.as_ref().and_then(Window::rtp)
    }

    /// See [`Target::delivery`].
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        self.target.delivery()
    }

    /// To be called once nothing more comes, and nothing has failed: what is still in the window
    /// goes to the target as well, which then completes its work.
    pub(crate) fn end(&mut self) -> Result<(), RunError> {
        self.flush()?;
        self.target.end()
    }

    /// Gives the target all that is in the window, in its order.
    fn flush(&mut self) -> Result<(), RunError> {
        /// How long it waits for room before it asks again.
        const ROOM_LOOK: Duration = Duration::from_millis(10);
        let began = Instant::now();
        let mut spent = Vec::new();
        // What a target that keeps nothing would get need not be fetched for it.
        while self.target.keeps() && self.len() > 0 {
            match self.target.room(Some(began.elapsed()))? {
                0 => self.target.wait_for_room(ROOM_LOOK),
                room => {
                    let Some(window) = &mut self.window else { break };
                    let keep = window.len().saturating_sub(room.min(READ_BATCH));
                    window.trim_to(keep, &mut self.leaving);
                    self.target.take(&mut self.leaving, &mut spent)?;
                }
            }
            spent.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
