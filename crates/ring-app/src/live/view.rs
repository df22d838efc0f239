//! The figures of a running run on a terminal.

use std::fmt::{self, Write as _};
use std::time::Duration;

use go_duration::GoDuration;
use lock_free_ring::Pooled;
use run_result::Latency;

use super::feed::Snapshot;
use crate::config::Config;
use crate::report::interval::IntervalStats;
use crate::report::screen::Frame;

/// Intervals whose rates are drawn.
const RATES: usize = 40;
const BAR_COLUMNS: usize = 16;

/// What does not change in a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    duration: Option<Duration>,
    stats_interval: Duration,
    window: Option<usize>,
    shards: usize,
    shard_slots: u64,
}

impl Facts {
    pub(crate) fn of(config: &Config) -> Self {
        let window = config.sink.window.map(|window| window.packets);
        Self {
            duration: config.duration,
            stats_interval: config.stats_interval,
            window,
            shards: config.ring.shards,
            shard_slots: (config.ring.slots / config.ring.shards) as u64,
        }
    }
}

#[derive(Debug)]
pub(crate) struct View {
    facts: Facts,
    last: Option<Pooled<Snapshot>>,
    /// Mb/s of the last intervals, oldest first.
    rates_mbps: Vec<f64>,
}

impl View {
    pub(crate) fn new(facts: Facts) -> Self {
        // Room for all that comes, so that a steady run allocates nothing.
        Self { facts, last: None, rates_mbps: Vec::with_capacity(RATES) }
    }

    /// Takes in the figures of an interval.
    pub(crate) fn take(&mut self, snapshot: Pooled<Snapshot>) {
        if self.rates_mbps.len() == RATES {
            self.rates_mbps.remove(0);
        }
        self.rates_mbps.push(snapshot.stats.rate_mbps());
        self.last = Some(snapshot);
    }

    pub(crate) fn draw(&self, frame: &mut Frame<'_>, elapsed: Duration) {
        frame.line("");
        frame.line(Clock { facts: self.facts, elapsed });
        let Some(Snapshot { stats, shards, .. }) = self.last.as_deref() else {
            let interval = GoDuration(self.facts.stats_interval);
            frame.line(format_args!("The first figures come after {interval}."));
            return;
        };
        let packets = stats.inserted as f64 / stats.elapsed.as_secs_f64();
        frame.line(format_args!(
            "Rate     {:>9.2} Mb/s  {packets:.0} packets/s  {}",
            stats.rate_mbps(),
            Sparks(&self.rates_mbps)
        ));
        let (dropped, offered) = (stats.dropped, stats.produced + stats.dropped);
        let percent = 100.0 * dropped as f64 / offered.max(1) as f64;
        frame.line(format_args!("Dropped  {dropped} of {offered} packets ({percent:.2}%)"));
        match stats.latency {
            Some(latency) => frame.line(format_args!("In ring  {}", Percentiles(latency))),
            None => frame.line("In ring  nothing came"),
        }
        self.draw_use(frame, stats);
        frame.line(format_args!("Shards   the most in each, of {} slots", self.facts.shard_slots));
        self.draw_shards(frame, shards.iter().map(|shard| shard.peak));
    }

    fn draw_use(&self, frame: &mut Frame<'_>, stats: &IntervalStats) {
        let cpu_percent = 100.0 * stats.cpu.in_all().as_secs_f64() / stats.elapsed.as_secs_f64();
        let cpu = format_args!("CPU      {cpu_percent:.1}% of a core");
        match self.facts.window {
            Some(most) => frame.line(format_args!("{cpu}  Window {} of {most}", stats.window)),
            None => frame.line(format_args!("{cpu}  No window")),
        }
    }

    /// As many bars side by side as there is room for.
    fn draw_shards(&self, frame: &mut Frame<'_>, peaks: impl Iterator<Item = u64> + Clone) {
        let slots = self.facts.shard_slots;
        let (label, count) = (digits(self.facts.shards as u64 - 1), digits(slots));
        let cell = label + BAR_COLUMNS + count + 5;
        let across = ((frame.columns() + 1) / cell).max(1);
        let shards = self.facts.shards;
        let fitting = across * frame.rows_left();
        let shown = if shards <= fitting { shards } else { fitting.saturating_sub(across) };
        for first in (0..shown).step_by(across) {
            let end = (first + across).min(shown);
            let bars = peaks.clone().enumerate().take(end).skip(first);
            frame.line(Bars { bars, slots, label, count });
        }
        if shown < shards {
            let most = peaks.skip(shown).max().unwrap_or_default();
            frame.line(format_args!("  and {} shards more, at most {most}", shards - shown));
        }
    }
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

struct Clock {
    facts: Facts,
    elapsed: Duration,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |time: Duration| GoDuration(Duration::from_secs(time.as_secs()));
        write!(f, "Running  {}", whole(self.elapsed))?;
        match self.facts.duration {
            Some(all) => write!(f, " of {}, Ctrl-C ends it before", GoDuration(all)),
            None => f.write_str(", Ctrl-C ends"),
        }
    }
}

/// Rates as a line of columns, the highest one full.
struct Sparks<'a>(&'a [f64]);

impl fmt::Display for Sparks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const COLUMNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let most = self.0.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        self.0
            .iter()
            .try_for_each(|rate| f.write_char(COLUMNS[(rate / most * 7.0).round() as usize]))
    }
}

/// Times in three digits: there are no more in the histogram.
struct Percentiles(Latency);

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Latency { p50, p99, p999, max, .. } = self.0;
        for (name, ns) in [("p50", p50), ("  p99", p99), ("  p99.9", p999), ("  max", max)] {
            let unit = 10_u64.pow((digits(ns) as u32).saturating_sub(3));
            write!(
                f,
                "{name} {}",
                GoDuration(Duration::from_nanos((ns + unit / 2) / unit * unit))
            )?;
        }
        Ok(())
    }
}

/// A row of numbered bars.
struct Bars<I> {
    bars: I,
    slots: u64,
    label: usize,
    count: usize,
}

impl<I: Iterator<Item = (usize, u64)> + Clone> fmt::Display for Bars<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, count, slots, .. } = *self;
        for (shard, peak) in self.bars.clone() {
            write!(f, "  {shard:>label$} ")?;
            let full = (peak * BAR_COLUMNS as u64).div_ceil(slots.max(1)).min(BAR_COLUMNS as u64);
            (0..BAR_COLUMNS as u64)
                .try_for_each(|column| f.write_char(if column < full { '█' } else { '░' }))?;
            write!(f, " {peak:>count$} ")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::feed::{ShardSnapshot, feed};
    use super::*;
    use crate::report::screen::Screen;
    use crate::report::screen::fake::Fake;

    const FACTS: Facts = Facts {
        duration: Some(Duration::from_secs(60)),
        stats_interval: Duration::from_secs(1),
        window: Some(2000),
        shards: 4,
        shard_slots: 128,
    };

    /// What stands on a terminal after one interval with such peaks in the shards.
    fn shown(facts: Facts, peaks: &[u64], columns: u16, rows: u16) -> Vec<String> {
        let (mut publisher, mut watcher) = feed(facts.shards).unwrap();
        publisher.publish(|snapshot| {
            snapshot.shards.extend(
                peaks.iter().map(|&peak| ShardSnapshot { peak, ..ShardSnapshot::default() }),
            );
            snapshot.stats = IntervalStats {
                inserted: 17_259,
                bytes: 17_259 * 1450,
                elapsed: Duration::from_secs(1),
                window: 1999,
                produced: 999,
                dropped: 1,
                latency: Some(Latency {
                    count: 17_259,
                    p50: 4_042_751,
                    p99: 9_969_663,
                    p999: 987,
                    max: 10_100_735,
                }),
                ..IntervalStats::NONE
            };
        });
        let mut view = View::new(facts);
        view.take(watcher.next(Duration::ZERO).unwrap());
        let fake = Fake::new(columns, rows);
        let mut screen = Screen::new(Box::new(fake.clone()));
        screen.show(|frame| view.draw(frame, Duration::from_millis(1999)));
        fake.lines()
    }

    #[test]
    fn all_figures_are_there() {
        let lines = shown(FACTS, &[0, 1, 64, 128], 100, 24);
        assert_eq!(
            lines,
            [
                "",
                "Running  1s of 1m0s, Ctrl-C ends it before",
                "Rate        200.20 Mb/s  17259 packets/s  █",
                "Dropped  1 of 1000 packets (0.10%)",
                "In ring  p50 4.04ms  p99 9.97ms  p99.9 987ns  max 10.1ms",
                "CPU      0.0% of a core  Window 1999 of 2000",
                "Shards   the most in each, of 128 slots",
                "  0 ░░░░░░░░░░░░░░░░   0   1 █░░░░░░░░░░░░░░░   1   2 ████████░░░░░░░░  64   3 ████████████████ 128",
            ]
        );
    }

    #[test]
    fn more_shards_than_there_is_room_for_are_summed_up() {
        let facts = Facts { shards: 64, ..FACTS };
        let peaks: Vec<u64> = (0..64).collect();
        let lines = shown(facts, &peaks, 60, 14);
        assert_eq!(lines.len(), 10, "four are left to the lines above: {lines:#?}");
        assert_eq!(lines[9], "  and 60 shards more, at most 63");
        assert_eq!(shown(facts, &peaks, 120, 40).len(), 7 + 16);
        assert_eq!(shown(facts, &peaks, 20, 6), ["", "Running  1s of 1m0s"], "hardly any room");
    }

    #[test]
    fn before_the_first_figures_it_says_when_they_come() {
        let fake = Fake::new(80, 24);
        let facts = Facts { duration: None, ..FACTS };
        Screen::new(Box::new(fake.clone()))
            .show(|frame| View::new(facts).draw(frame, Duration::ZERO));
        let expected = ["", "Running  0s, Ctrl-C ends", "The first figures come after 1s."];
        assert_eq!(fake.lines(), expected);
    }

    #[test]
    fn the_highest_rate_is_the_highest_column() {
        assert_eq!(Sparks(&[0.0, 50.0, 100.0]).to_string(), "▁▅█");
        assert_eq!(Sparks(&[0.0, 0.0]).to_string(), "▁▁");
    }
}
