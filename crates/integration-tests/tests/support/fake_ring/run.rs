use run_result::{End, Interval, Latency, RunConfig, RunResult, Shard, Totals, Usage};

use super::flag;

const WINDOW: u64 = 2000;

pub(super) struct Load {
    pub(super) producers: usize,
    pub(super) rate_mbps: f64,
    packet_bytes: u64,
    tick_ms: f64,
    shards: usize,
    duration_s: f64,
}

impl Load {
    pub(super) fn of(flags: &[String]) -> Self {
        let text = |name| flag(flags, name).unwrap_or_else(|| panic!("no --{name}"));
        let number = |name| text(name).parse().unwrap_or_else(|_| panic!("--{name}"));
        Self {
            producers: number("producers") as usize,
            rate_mbps: number("rate"),
            packet_bytes: number("packet-size") as u64,
            tick_ms: number("frequency"),
            shards: number("ring-shards") as usize,
            duration_s: go_duration::parse(&text("duration")).expect("--duration").as_secs_f64(),
        }
    }

    /// A run at which nothing is wrong.
    pub(super) fn result(&self) -> RunResult {
        let rate_mbps = self.rate_mbps * self.producers as f64;
        let bytes = rate_mbps * 1e6 / 8.0 * self.duration_s;
        let packets = (bytes / self.packet_bytes as f64).round() as u64;
        let window = packets.min(WINDOW);
        let latency = Latency {
            count: packets,
            p50: 5_000_000,
            p99: (self.tick_ms * 1e6) as u64,
            p999: (self.tick_ms * 1e6) as u64,
            max: (self.tick_ms * 1.1e6) as u64,
        };
        let shards = self.shards as u64;
        RunResult {
            schema: run_result::SCHEMA,
            version: "9.9.9-fake".to_owned(),
            started_unix_s: 0.0,
            config: self.config(),
            end: End::Duration,
            totals: Totals {
                produced: packets,
                dropped: 0,
                consumed: packets,
                trimmed: packets - window,
                window,
                in_ring: 0,
                bytes: packets * self.packet_bytes,
                out_of_order: 0,
                elapsed_s: self.duration_s,
                rate_mbps,
                shutdown_us: Some(23.224),
                kernel_drops: None,
            },
            series: vec![Interval {
                end_s: self.duration_s,
                length_s: self.duration_s,
                inserted: packets,
                trimmed: packets - window,
                rate_mbps,
                window,
                peak_in_shard: vec![packets.div_ceil(10); self.shards],
                produced: packets,
                dropped: 0,
                latency_ns: Some(latency),
                cpu_s: 0.01,
                allocations: 10,
            }],
            shards: (0..shards)
                .map(|shard| Shard {
                    capacity: 128,
                    written: packets / shards + u64::from(shard < packets % shards),
                    read: packets / shards + u64::from(shard < packets % shards),
                    refused: 0,
                    high_water: 60,
                    aborted: 0,
                    claim_retries: 0,
                })
                .collect(),
            latency_ns: Some(latency),
            replay: None,
            rtp: None,
            delivery: None,
            usage: Usage {
                cpu_user_s: 0.01,
                cpu_system_s: 0.01,
                peak_rss_bytes: 5_000_000,
                allocations: 100,
                steady_allocations: Some(0),
            },
            profiles: Vec::new(),
        }
    }

    fn config(&self) -> RunConfig {
        RunConfig {
            source: "generated".to_owned(),
            producers: self.producers,
            rate_mbps: Some(self.rate_mbps),
            packet_bytes: Some(self.packet_bytes as usize),
            ring_slots: 128 * self.shards,
            ring_shards: self.shards,
            dedicated: true,
            tick_ms: self.tick_ms,
            btree_size: Some(WINDOW as usize),
            btree_degree: Some(32),
            duration_s: Some(self.duration_s),
            stats_interval_s: 1.0,
        }
    }
}

/// Prints the lines that `ring` prints of such a run.
pub(super) fn log(result: &RunResult) {
    let line = |text: String| eprintln!("2006/01/02 15:04:05 {text}");
    for interval in &result.series {
        line(format!(
            "[stats] inserted={} trimmed={} rate={:.2} Mb/s btree={} ring=0/{} produced={} \
             dropped={}",
            interval.inserted,
            interval.trimmed,
            interval.rate_mbps,
            interval.window,
            result.config.ring_slots,
            interval.produced,
            interval.dropped
        ));
    }
    let totals = &result.totals;
    line(format!("Clean shutdown completed in {}µs", totals.shutdown_us.unwrap_or_default()));
    line("=== Final Statistics ===".to_owned());
    line(format!("Produced: {}", totals.produced));
    line(format!("Dropped:  {} (0.00%)", totals.dropped));
    line(format!("Consumed: {}", totals.consumed));
    line(format!("Trimmed:  {}", totals.trimmed));
    line(format!("BTree final size: {}", totals.window));
}
