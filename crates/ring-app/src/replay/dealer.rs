use std::io::Read;
use std::time::{Duration, Instant};

use lock_free_ring::Producer;

use super::pace::{Pace, Speed};
use super::{DEAL, Dealt, MAX_FRAME_BYTES, ReplayTotals, SourceFile};
use crate::capture::{CaptureError, CaptureReader, Headers, Record};
use crate::depot::Depot;
use crate::error::RunError;
use crate::packet::Payload;
use crate::profile::{Place, Probe};
use crate::stop::Stop;

/// The least time between two sleeps: what is due within it comes together.
const GRANULARITY: Duration = Duration::from_millis(1);

/// Reads a capture file and deals its packets to the producers by flow.
#[derive(Debug)]
pub(crate) struct Dealer<'a> {
    file: &'a SourceFile,
    ways: Vec<Producer<Dealt>>,
    /// For each way, packets that go there together; empty while the dealer sleeps.
    hands: Vec<Vec<Dealt>>,
    depot: &'a Depot,
    empty: Vec<Payload>,
    stop: &'a Stop,
    pace: Pace,
    totals: ReplayTotals,
    probe: Probe<'a>,
}

/// Why it reads no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DealtTo {
    EndOfFile,
    /// The stop, or the end of a producer.
    Stop,
}

impl<'a> Dealer<'a> {
    pub(crate) fn new(
        file: &'a SourceFile,
        ways: Vec<Producer<Dealt>>,
        depot: &'a Depot,
        stop: &'a Stop,
        (speed, start): (Speed, Instant),
        probe: Probe<'a>,
    ) -> Self {
        let hands = ways.iter().map(|_| Vec::with_capacity(DEAL)).collect();
        let (pace, totals) = (Pace::new(speed, start), ReplayTotals::default());
        let empty = Vec::with_capacity(DEAL);
        Self { file, ways, hands, depot, empty, stop, pace, totals, probe }
    }

    /// Deals up to the end of the file or the stop. `at_end` is called when the file has come to
    /// its end, before the producers learn that.
    pub(crate) fn run(mut self, at_end: impl FnOnce()) -> (ReplayTotals, Result<(), RunError>) {
        let dealt = match self.file.open(self.stop) {
            Ok(source) => self.deal_all(CaptureReader::new(source)),
            Err(error) => Err(CaptureError::Io(error)),
        };
        // What was read before an error goes its way too.
        self.flush();
        let ended = match dealt {
            Ok(DealtTo::EndOfFile) => {
                at_end();
                Ok(())
            }
            Ok(DealtTo::Stop) => Ok(()),
            // The stop ends a read by an error.
            Err(_) if self.stop.is_requested() => Ok(()),
            Err(error) => Err(RunError::Capture(self.file.to_string(), error)),
        };
        (self.totals, ended)
    }

    fn deal_all(&mut self, mut reader: CaptureReader<impl Read>) -> Result<DealtTo, CaptureError> {
        while !self.stop.is_requested() {
            // The next packet may be long in coming, out of a pipe.
            if !reader.has_unread() && !self.flush() {
                break;
            }
            let Some(record) = reader.next()? else {
                return Ok(DealtTo::EndOfFile);
            };
            if !self.deal(record) {
                break;
            }
        }
        Ok(DealtTo::Stop)
    }

    /// Waits until the packet is due and deals it; false if the stop or the end of its producer
    /// came first.
    fn deal(&mut self, record: Record<'_>) -> bool {
        let Record { captured, bytes } = record;
        if let Some(due) = self.pace.due(captured, bytes.len())
            && !self.wait_until(due)
        {
            return false;
        }
        let headers = Headers::of(captured, bytes);
        self.totals.packets += 1;
        self.totals.bytes += bytes.len() as u64;
        self.totals.malformed += u64::from(headers.are_malformed);
        if bytes.len() > MAX_FRAME_BYTES {
            self.totals.oversized += 1;
            return true;
        }
        let payload = self.filled(bytes);
        let way = (headers.flow % self.ways.len() as u64) as usize;
        self.hands[way].push(Dealt { payload, captured });
        self.hands[way].len() < DEAL || self.hand_over(way)
    }

    /// Sleeps if the packet is not due yet; what was read before goes its way first.
    fn wait_until(&mut self, due: Instant) -> bool {
        let now = Instant::now();
        if due <= now {
            return true;
        }
        let flushed = self.flush();
        let until = due.max(now + GRANULARITY);
        let sleeper = self.stop.generators();
        self.probe.wait(Place::Due, || sleeper.sleep_until(until));
        flushed && !self.stop.is_requested()
    }

    /// A buffer with `bytes` in it.
    fn filled(&mut self, bytes: &[u8]) -> Payload {
        if self.empty.is_empty() {
            let Self { probe, depot, empty, .. } = self;
            probe.wait(Place::Depot, || depot.take_into(empty, DEAL));
        }
        let mut payload = self.empty.pop().unwrap_or_default();
        payload.clear();
        // Exactly: a buffer must not grow beyond what the memory was reckoned with.
        payload.reserve_exact(bytes.len());
        payload.extend_from_slice(bytes);
        payload
    }

    /// False if a producer is gone, as it is when the consumer has failed.
    fn flush(&mut self) -> bool {
        (0..self.ways.len()).all(|way| self.hand_over(way))
    }

    fn hand_over(&mut self, way: usize) -> bool {
        let Self { probe, ways, hands, .. } = self;
        hands[way].is_empty()
            || probe.wait(Place::Room, || ways[way].write_batch(&mut hands[way])).is_ok()
    }
}
