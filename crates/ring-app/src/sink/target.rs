use std::fmt;
use std::thread;
use std::time::Duration;

use run_result::Delivery;

use crate::error::RunError;
use crate::packet::{Packet, Payload};

/// Where packets go that have left the window, or that came at once if there is none. All calls
/// come from the consumer's thread; none may block for long, since statistics and shutdown wait
/// for it. An error ends the run, as a failure; what stays in the ring is counted there.
pub(crate) trait Target: fmt::Debug + Send {
    /// How many packets it takes now. With 0 the consumer leaves packets in the ring, so that it
    /// fills and producers meet their backpressure, and asks again after
    /// [`wait_for_room`](Self::wait_for_room). `since_stop` is how long the run has been ending:
    /// a target that takes nothing then for too long says so by an error.
    fn room(&mut self, _since_stop: Option<Duration>) -> Result<usize, RunError> {
        Ok(usize::MAX)
    }

    /// Sleeps until there may be room, for `limit` at most. Called only when there was none.
    fn wait_for_room(&mut self, limit: Duration) {
        thread::sleep(limit);
    }

    /// Takes all of `packets`, which are no more than there was room for. Payloads go to `spent`,
    /// at once or, if they are needed longer, in a later call or tick.
    fn take(&mut self, packets: &mut Vec<Packet>, spent: &mut Vec<Payload>)
    -> Result<(), RunError>;

    /// Called after each drain, which is at least once in a tick, whether packets come or not.
    fn tick(&mut self, _spent: &mut Vec<Payload>) -> Result<(), RunError> {
        Ok(())
    }

    /// Whether it does anything with packets. If not, it is not given what is in the window at
    /// the end.
    fn keeps(&self) -> bool {
        true
    }

    /// Completes its work: everything was given. Waits as long as that takes, but with a limit.
    fn end(&mut self) -> Result<(), RunError> {
        Ok(())
    }

    /// What it delivered so far, for the final statistics; `None` if it keeps nothing.
    fn delivery(&self) -> Option<Delivery> {
        None
    }
}
