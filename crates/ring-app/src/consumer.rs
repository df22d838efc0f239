//! The one thread that reads: waits, drains until the ring is empty, keeps the window, reports.

use std::time::{Duration, Instant};

use lock_free_ring::Consumer;
use run_result::{Delivery, Latency, Rtp};

use crate::allocator;
use crate::config::{Config, READ_BATCH};
use crate::counters::Counters;
use crate::depot::Depot;
use crate::error::RunError;
use crate::latency::LatencyMeter;
use crate::latency_totals::LatencyTotals;
use crate::live::{Publisher, ShardSnapshot, SnapshotTotals};
use crate::order::OrderCheck;
use crate::packet::{Packet, Payload, WriteTime};
use crate::payload_sum::PayloadSum;
use crate::profile::{Place, Probe};
use crate::report::interval::IntervalStats;
use crate::report::log::{Level, Log};
use crate::report::machine::CpuTime;
use crate::series::{Series, ShardPeaks};
use crate::sink::Sink;
use crate::stop::Stop;

/// What it has done in the whole run.
#[derive(Debug, Default)]
pub(crate) struct ConsumerTotals {
    pub(crate) consumed: u64,
    pub(crate) trimmed: u64,
    pub(crate) bytes: u64,
    pub(crate) out_of_order: u64,
    /// Packets in the window at the end.
    pub(crate) window: usize,
    /// Their smallest and largest sequence numbers.
    pub(crate) window_span: Option<(u64, u64)>,
    /// Of every byte that was read.
    pub(crate) payload: PayloadSum,
    /// `None` if nothing was consumed.
    pub(crate) latency: Option<Latency>,
    /// `None` if the window does not go by it.
    pub(crate) rtp: Option<Rtp>,
    /// What the sink passed on; `None` if it keeps nothing.
    pub(crate) delivery: Option<Delivery>,
    pub(crate) series: Series,
    /// What the sink failed of, which ended the reading.
    pub(crate) failure: Option<RunError>,
}

/// What the consumer shares with the rest of the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) config: &'a Config,
    pub(crate) counters: &'a [Counters],
    pub(crate) depot: &'a Depot,
    pub(crate) stop: &'a Stop,
    pub(crate) log: &'a Log,
    pub(crate) start: Instant,
}

#[derive(Debug)]
pub(crate) struct ConsumerTask<'a> {
    around: Surroundings<'a>,
    ring: Consumer<Packet>,
    sink: Sink,
    /// Emptied after each read; kept for its room.
    batch: Vec<Packet>,
    /// Payloads that the sink let go; emptied after each batch.
    spent: Vec<Payload>,
    /// Items in one shard that are worth waking for before the tick.
    high_water: usize,
    interval: Interval,
    peaks: ShardPeaks,
    latency: LatencyMeter,
    order: OrderCheck,
    totals: ConsumerTotals,
    probe: Probe<'a>,
    /// If somebody watches.
    live: Option<Publisher>,
    /// Kept only then.
    latency_totals: LatencyTotals,
}

/// Why a drain came to its end.
#[derive(Clone, Copy, Debug)]
enum StoppedAt {
    /// The ring is empty.
    Empty,
    /// The sink takes nothing now.
    NoRoom,
    /// There may be more.
    Ringful,
}

/// What came since `begun`.
#[derive(Debug)]
struct Interval {
    begun: Instant,
    due: Instant,
    inserted: u64,
    trimmed: u64,
    bytes: u64,
    cpu_before: CpuTime,
    allocations_before: u64,
}

impl Interval {
    fn new(begun: Instant, due: Instant) -> Self {
        Self {
            begun,
            due,
            inserted: 0,
            trimmed: 0,
            bytes: 0,
            cpu_before: CpuTime::now(),
            allocations_before: allocator::allocations(),
        }
    }
}

impl<'a> ConsumerTask<'a> {
    pub(crate) fn new(
        ring: Consumer<Packet>,
        sink: Sink,
        around: Surroundings<'a>,
        probe: Probe<'a>,
        live: Option<Publisher>,
    ) -> Self {
        let high_water = (ring.shard_capacity() * 3 / 4).max(1);
        let series = Series::for_run(around.config);
        Self {
            sink,
            batch: Vec::with_capacity(READ_BATCH),
            spent: Vec::with_capacity(READ_BATCH),
            high_water,
            interval: Interval::new(around.start, around.start + around.config.stats_interval),
            peaks: ShardPeaks::new(ring.num_shards()),
            latency: LatencyMeter::new(),
            order: OrderCheck::new(around.config.producers),
            totals: ConsumerTotals { series, ..ConsumerTotals::default() },
            ring,
            around,
            probe,
            live,
            latency_totals: LatencyTotals::default(),
        }
    }

    /// Reads until the ring is closed and nothing more can come, or the sink fails.
    pub(crate) fn run(mut self) -> ConsumerTotals {
        let failure = self.read_all().err();
        self.end(failure)
    }

    fn read_all(&mut self) -> Result<(), RunError> {
        loop {
            let stopped_at = self.drain()?;
            self.sink.tick(&mut self.spent)?;
            if !self.spent.is_empty() {
                self.around.depot.take_back(&mut self.spent);
            }
            self.report_if_due();
            match stopped_at {
                _ if self.ring.is_finished() => return Ok(()),
                StoppedAt::Empty => self.sleep(),
                StoppedAt::NoRoom => self.wait_for_room(),
                StoppedAt::Ringful => {}
            }
        }
    }

    fn end(mut self, failure: Option<RunError>) -> ConsumerTotals {
        // As they stand when the run ends: what goes to the sink from here on was not trimmed.
        let (window, window_span) = (self.sink.len(), self.sink.span());
        let failure = failure.or_else(|| self.sink.end().err());
        ConsumerTotals {
            out_of_order: self.order.out_of_order(),
            window,
            window_span,
            latency: self.latency.end(),
            rtp: self.sink.rtp(),
            delivery: self.sink.delivery(),
            failure,
            ..self.totals
        }
    }

    /// Sleeps until the next tick, a shard's high-water mark, or the close, whichever is first.
    fn sleep(&mut self) {
        let until_tick = self.until_tick();
        // All three are followed by the same: a drain.
        let Self { ring, probe, high_water, .. } = self;
        let _first = probe.wait(Place::Tick, || ring.wait_for(*high_water, until_tick));
    }

    /// Sleeps until the sink has room or the next tick; not longer than the close of the ring
    /// may go unnoticed.
    fn wait_for_room(&mut self) {
        const CLOSE_LOOK: Duration = Duration::from_millis(20);
        let limit = self.until_tick().min(CLOSE_LOOK);
        let Self { sink, probe, .. } = self;
        probe.wait(Place::Sink, || sink.wait_for_room(limit));
    }

    fn until_tick(&self) -> Duration {
        until_next_tick(self.around.start.elapsed(), self.around.config.tick)
    }

    /// Reads until the ring is empty or the sink has no room; but never more than a ringful, so
    /// that producers that are as fast as this cannot keep it from all else.
    fn drain(&mut self) -> Result<StoppedAt, RunError> {
        self.peaks.look(&self.ring);
        let began = self.probe.begin();
        let mut left = self.ring.capacity();
        let mut stopped_at = StoppedAt::Ringful;
        while left > 0 {
            let since_stop = self.around.stop.requested_at().map(|stop| stop.elapsed());
            let room = self.sink.room(since_stop)?;
            let taken =
                self.ring.try_read_batch_into(&mut self.batch, READ_BATCH.min(left).min(room));
            if taken == 0 {
                stopped_at = if room == 0 { StoppedAt::NoRoom } else { StoppedAt::Empty };
                break;
            }
            self.take_in_batch()?;
            left -= taken;
        }
        let taken = self.ring.capacity() - left;
        if taken > 0 {
            self.probe.end("drain", began, taken as u64);
            self.around.log.line(Level::Drains, format_args!("Drained {taken} packets"));
        }
        Ok(stopped_at)
    }

    fn take_in_batch(&mut self) -> Result<(), RunError> {
        let now = WriteTime::now(self.around.start);
        let packets = self.batch.len() as u64;
        let mut bytes = 0;
        for packet in &self.batch {
            bytes += packet.payload.len() as u64;
            self.totals.payload.add(PayloadSum::of(&packet.payload));
            self.latency.record(packet.written.ns_until(now));
            self.order.note(packet.producer, packet.sequence);
        }
        let Self { interval, totals, .. } = self;
        (interval.inserted, totals.consumed) =
            (interval.inserted + packets, totals.consumed + packets);
        (interval.bytes, totals.bytes) = (interval.bytes + bytes, totals.bytes + bytes);
        let trimmed = self.sink.take(&mut self.batch, &mut self.spent)? as u64;
        self.around.depot.take_back(&mut self.spent);
        (interval.trimmed, totals.trimmed) = (interval.trimmed + trimmed, totals.trimmed + trimmed);
        Ok(())
    }

    /// To be called right after a drain. An interval ends when it is due by the clock, or in
    /// full by the stop: the time in which producers no longer produce belongs to none.
    fn report_if_due(&mut self) {
        let now = Instant::now();
        let end = self.around.stop.requested_at().map_or(now, |stopped| stopped.min(now));
        if end < self.interval.due {
            return;
        }
        if self.live.is_some() {
            self.latency.add_interval_to(&mut self.latency_totals);
        }
        let stats = self.interval_stats(end);
        self.print(stats);
        self.publish(stats);
        self.probe.counter("rate (Mb/s)", stats.rate_mbps());
        self.probe.counter("most packets in the ring", stats.peak_in_ring as f64);
        self.totals.series.push(stats, &self.peaks);
        let length = self.around.config.stats_interval;
        let due = end + until_next_tick(end - self.around.start, length);
        self.peaks.reset();
        self.interval = Interval::new(end, due);
    }

    fn interval_stats(&mut self, end: Instant) -> IntervalStats {
        let totals = Counters::total(self.around.counters);
        let interval = &self.interval;
        IntervalStats {
            since_start: end - self.around.start,
            inserted: interval.inserted,
            trimmed: interval.trimmed,
            bytes: interval.bytes,
            elapsed: end - interval.begun,
            window: self.sink.len(),
            in_ring: self.ring.len(),
            peak_in_ring: self.peaks.in_ring(),
            ring_slots: self.ring.capacity(),
            produced: totals.produced,
            dropped: totals.dropped,
            latency: self.latency.end_interval(),
            cpu: CpuTime::now().since(interval.cpu_before),
            allocations: allocator::allocations() - interval.allocations_before,
        }
    }

    /// Leaves the figures to whoever watches.
    fn publish(&mut self, stats: IntervalStats) {
        let Some(live) = &mut self.live else {
            return;
        };
        live.publish(|snapshot| {
            snapshot.stats = stats;
            snapshot.totals = SnapshotTotals {
                consumed: self.totals.consumed,
                trimmed: self.totals.trimmed,
                bytes: self.totals.bytes,
                out_of_order: self.order.out_of_order(),
                allocations: allocator::allocations(),
                cpu: CpuTime::now(),
                latency: self.latency_totals,
            };
            snapshot.shards.clear();
            let shards = self.ring.stats().zip(self.peaks.in_shard());
            snapshot.shards.extend(shards.map(|(shard, &peak)| ShardSnapshot {
                peak,
                written: shard.written,
                read: shard.read,
                refused: shard.refused,
            }));
        });
    }

    fn print(&self, stats: IntervalStats) {
        let log = self.around.log;
        if !log.is_live() {
            log.line(Level::Info, stats);
        }
        if log.shows(Level::Shards) {
            for (index, shard) in self.ring.stats().enumerate() {
                log.line(Level::Shards, format_args!("[shard {index}] {shard:?}"));
            }
        }
    }
}

/// From `elapsed` to the next whole multiple of `tick`: an absolute schedule, on which a late
/// wake-up shortens the next sleep.
fn until_next_tick(elapsed: Duration, tick: Duration) -> Duration {
    let into_tick_ns = elapsed.as_nanos() % tick.as_nanos().max(1);
    tick - Duration::from_nanos(into_tick_ns as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_lie_on_an_absolute_schedule() {
        let tick = Duration::from_millis(10);
        for (elapsed_us, left_us) in
            [(0, 10_000), (1, 9_999), (9_999, 1), (10_000, 10_000), (123_456, 6_544)]
        {
            let left = until_next_tick(Duration::from_micros(elapsed_us), tick);
            assert_eq!(left, Duration::from_micros(left_us));
        }
    }
}
