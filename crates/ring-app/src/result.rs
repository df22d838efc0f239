//! The result of a run, from what its threads leave behind.

use std::time::{Duration, SystemTime};

use data_generator::Rate;
use run_result::{End, RunConfig, RunResult, Totals, Usage};

use crate::config::{Config, Source};
use crate::counters::Counters;
use crate::crew::{Outcome, Workplace};
use crate::replay::Speed;
use crate::report::machine;

/// How a run has ended, and what it took.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) started: SystemTime,
    pub(crate) outcome: Outcome,
    /// From the stop to the last thread's end; `None` if a thread has failed.
    pub(crate) shutdown: Option<Duration>,
    pub(crate) usage: machine::Usage,
    pub(crate) allocations: u64,
    /// `None` if the run ended in its first second.
    pub(crate) steady_allocations: Option<u64>,
}

impl Ended {
    pub(crate) fn to_result(
        &self,
        workplace: &Workplace<'_>,
        profiles: Vec<run_result::Profile>,
    ) -> RunResult {
        let config = workplace.config;
        RunResult {
            schema: run_result::SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_unix_s: seconds_since_1970(self.started),
            config: asked_for(config, workplace.ring.is_dedicated()),
            end: self.end,
            totals: self.totals(workplace),
            series: self.outcome.consumer.series.to_result(),
            shards: shards(workplace),
            latency_ns: self.outcome.consumer.latency,
            replay: self.outcome.replay.map(|replay| run_result::Replay {
                packets: replay.packets,
                bytes: replay.bytes,
                malformed: replay.malformed,
                oversized: replay.oversized,
            }),
            rtp: self.outcome.consumer.rtp.clone(),
            delivery: self.outcome.consumer.delivery.clone(),
            usage: Usage {
                cpu_user_s: self.usage.cpu.user.as_secs_f64(),
                cpu_system_s: self.usage.cpu.system.as_secs_f64(),
                peak_rss_bytes: self.usage.peak_rss_bytes,
                allocations: self.allocations,
                steady_allocations: self.steady_allocations,
            },
            profiles,
        }
    }

    fn totals(&self, workplace: &Workplace<'_>) -> Totals {
        let counted = Counters::total(&workplace.counters);
        let consumer = &self.outcome.consumer;
        let elapsed =
            workplace.stop.requested_at().map_or(Duration::ZERO, |stop| stop - workplace.start);
        let elapsed_s = elapsed.as_secs_f64();
        let mbit = consumer.bytes as f64 * 8.0 / 1e6;
        let is_udp = matches!(workplace.config.source, Source::Udp { .. });
        Totals {
            produced: counted.produced,
            dropped: counted.dropped,
            consumed: consumer.consumed,
            trimmed: consumer.trimmed,
            window: consumer.window as u64,
            in_ring: workplace.ring.len() as u64,
            bytes: consumer.bytes,
            out_of_order: consumer.out_of_order,
            elapsed_s,
            rate_mbps: if elapsed_s > 0.0 { mbit / elapsed_s } else { 0.0 },
            shutdown_us: self.shutdown.map(|taken| taken.as_secs_f64() * 1e6),
            kernel_drops: self.outcome.udp.kernel_drops.filter(|_| is_udp),
        }
    }
}

fn asked_for(config: &Config, dedicated: bool) -> RunConfig {
    let (source, rate_mbps, packet_bytes) = match &config.source {
        Source::Generated { rate, sizing, packet_bytes } => {
            let rate_mbps = matches!(rate, Rate::BitsPerSecond(_)).then_some(sizing.rate_mbps);
            ("generated", rate_mbps, Some(*packet_bytes))
        }
        Source::Udp { .. } => ("udp", None, None),
        Source::Capture { speed, .. } => {
            let rate_mbps = match speed {
                Speed::BitsPerSecond(rate) => Some(rate / 1e6),
                Speed::Recorded | Speed::Unlimited => None,
            };
            ("pcap", rate_mbps, None)
        }
    };
    RunConfig {
        source: source.to_owned(),
        producers: config.producers,
        rate_mbps,
        packet_bytes,
        ring_slots: config.ring.slots,
        ring_shards: config.ring.shards,
        dedicated,
        tick_ms: config.tick.as_secs_f64() * 1e3,
        btree_size: config.sink.window.map(|window| window.packets),
        btree_degree: config.sink.window.map(|window| window.degree),
        duration_s: config.duration.map(|duration| duration.as_secs_f64()),
        stats_interval_s: config.stats_interval.as_secs_f64(),
    }
}

fn shards(workplace: &Workplace<'_>) -> Vec<run_result::Shard> {
    let capacity = workplace.ring.shard_capacity() as u64;
    let each = workplace.ring.stats().map(|shard| run_result::Shard {
        capacity,
        written: shard.written,
        read: shard.read,
        refused: shard.refused,
        high_water: shard.high_water,
        aborted: shard.aborted,
        claim_retries: shard.claim_retries,
    });
    each.collect()
}

fn seconds_since_1970(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
