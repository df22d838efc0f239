//! The result of one run of `ring`, as `ring --json FILE` writes it and the suite reads it.
//!
//! A field is never left out: what was not measured is `null`, so that a reader can tell "none"
//! from "not known". Each file says which [`SCHEMA`] it follows.
//!
//! ```
//! let error = run_result::RunResult::from_json("{}").unwrap_err();
//! assert!(error.to_string().contains("schema"));
//! ```
#![forbid(unsafe_code)]

mod mode;
pub mod pprof;

pub use mode::Mode;
use serde::{Deserialize, Serialize};

/// The version of this format. It grows when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// One whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunResult {
    /// [`SCHEMA`] of the program that wrote it.
    pub schema: u32,
    /// The version of `ring`.
    pub version: String,
    /// Seconds since 1970 at the start of the run.
    pub started_unix_s: f64,
    /// What was asked for, defaults included.
    pub config: RunConfig,
    /// Why it ended.
    pub end: End,
    /// The whole run, from the first packet to the last drain.
    pub totals: Totals,
    /// One entry for each interval of statistics.
    pub series: Vec<Interval>,
    /// One entry for each shard, as the ring itself counts.
    pub shards: Vec<Shard>,
    /// Time in the ring, from the write to the drain; `null` if no packet was consumed.
    pub latency_ns: Option<Latency>,
    /// What was read of a capture file; `null` with another source.
    pub replay: Option<Replay>,
    /// What the window saw of RTP; `null` if it does not go by that.
    pub rtp: Option<Rtp>,
    /// What the sink passed on beyond the window; `null` if it keeps nothing.
    pub delivery: Option<Delivery>,
    /// What the process took.
    pub usage: Usage,
    /// Files that the profiler wrote.
    pub profiles: Vec<Profile>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// `generated`, `udp` or `pcap`.
    pub source: String,
    /// Threads that wrote, in all.
    pub producers: usize,
    /// Of each producer, of a whole capture file; `null` if unlimited, as recorded or received.
    pub rate_mbps: Option<f64>,
    /// `null` if not generated.
    pub packet_bytes: Option<usize>,
    /// In all.
    pub ring_slots: usize,
    /// Parts of the ring.
    pub ring_shards: usize,
    /// Whether each producer had a shard to itself.
    pub dedicated: bool,
    /// Between two ticks of the consumer.
    pub tick_ms: f64,
    /// Packets that the window keeps; `null` without a window.
    pub btree_size: Option<usize>,
    /// Of the window's B-tree; `null` without a window.
    pub btree_degree: Option<usize>,
    /// `null` ran until a signal.
    pub duration_s: Option<f64>,
    /// Between two entries of the series.
    pub stats_interval_s: f64,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Its time was up.
    Duration,
    /// The capture file has come to its end.
    Source,
    /// SIGINT or SIGTERM.
    Signal,
    /// A thread failed.
    Failure,
}

/// Sums over the run. Of a run that ended cleanly holds:
/// `produced = consumed = trimmed + window`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Packets that the ring accepted.
    pub produced: u64,
    /// Packets that it refused for good.
    pub dropped: u64,
    /// Packets that the consumer took.
    pub consumed: u64,
    /// Of these, the ones that left the window.
    pub trimmed: u64,
    /// Packets in the window at the end.
    pub window: u64,
    /// Packets left in the ring at the end.
    pub in_ring: u64,
    /// Consumed payload.
    pub bytes: u64,
    /// Packets of one producer that came after a later one of the same producer.
    pub out_of_order: u64,
    /// From the first to the last moment in which producers were to produce.
    pub elapsed_s: f64,
    /// `bytes` over `elapsed_s`, all producers together.
    pub rate_mbps: f64,
    /// From the stop to the last thread's end; `null` if the run did not end cleanly.
    pub shutdown_us: Option<f64>,
    /// Datagrams that the kernel dropped before we saw them; `null` if not UDP.
    pub kernel_drops: Option<u64>,
}

/// What happened between two ticks of the statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Its end, since the start of the run.
    pub end_s: f64,
    /// Its true length.
    pub length_s: f64,
    /// Packets that came into the window.
    pub inserted: u64,
    /// Packets that left it.
    pub trimmed: u64,
    /// Payload over `length_s`.
    pub rate_mbps: f64,
    /// Packets in the window at the end.
    pub window: u64,
    /// The most that any drain of the interval found in each shard.
    pub peak_in_shard: Vec<u64>,
    /// Since the start of the run.
    pub produced: u64,
    /// Since the start of the run.
    pub dropped: u64,
    /// Of this interval's packets; `null` if there were none.
    pub latency_ns: Option<Latency>,
    /// Of this interval.
    pub cpu_s: f64,
    /// In this interval, by all threads.
    pub allocations: u64,
}

/// A shard's own counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Slots of it.
    pub capacity: u64,
    /// Items accepted.
    pub written: u64,
    /// Items taken.
    pub read: u64,
    /// Writes that found it full.
    pub refused: u64,
    /// The most that it held.
    pub high_water: u64,
    /// Claims whose item never came.
    pub aborted: u64,
    /// Claims that another producer won first.
    pub claim_retries: u64,
}

/// Percentiles, from a histogram of three significant digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Packets measured.
    pub count: u64,
    /// Half were quicker.
    pub p50: u64,
    /// 99 of 100 were quicker.
    pub p99: u64,
    /// 999 of 1000 were quicker.
    pub p999: u64,
    /// The slowest.
    pub max: u64,
}

/// What was read of a capture file. Each packet was produced, dropped or is oversized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// In the file, or in what was read of it.
    pub packets: u64,
    /// Of these, as they were recorded.
    pub bytes: u64,
    /// Packets whose headers contradict themselves.
    pub malformed: u64,
    /// Packets that are longer than a packet may be, and so were left out.
    pub oversized: u64,
}

/// What a window in the order of RTP has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rtp {
    /// In the order in which they began.
    pub streams: Vec<RtpStream>,
    /// Packets that are not RTP.
    pub other: u64,
    /// Packets of streams beyond the number that is told apart.
    pub beyond: u64,
}

/// One RTP stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RtpStream {
    /// Its synchronisation source.
    pub ssrc: u32,
    /// Packets of it, all that follow included.
    pub received: u64,
    /// Sequence numbers that never came.
    pub lost: u64,
    /// Packets that came again; the window leaves them out.
    pub duplicates: u64,
    /// Packets that came after one with a higher number.
    pub reordered: u64,
    /// Of these, the ones that came when a later one had left the window, which leaves them out.
    pub late: u64,
    /// Packets whose numbers are too far from the others'; they keep their place in time.
    pub strays: u64,
    /// Times that the sender began anew.
    pub restarts: u64,
}

/// What a sink passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The sink, as `--sink` names it.
    pub to: String,
    /// Packets that are there for good.
    pub packets: u64,
    /// Their payload.
    pub bytes: u64,
    /// Packets that the sink took and could not pass on.
    pub failed: u64,
}

/// What the process took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// In our code.
    pub cpu_user_s: f64,
    /// In the kernel.
    pub cpu_system_s: f64,
    /// The most memory that was resident at once.
    pub peak_rss_bytes: u64,
    /// From the start to the end of the process's run.
    pub allocations: u64,
    /// From one second after the start until the stop, by all threads; `null` if it ended before.
    pub steady_allocations: Option<u64>,
}

/// A file that the profiler wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name of its [`Mode`].
    pub mode: String,
    /// Where it is.
    pub path: String,
    /// `pprof` (protobuf, gzip), `svg` (flame graph) or `perfetto` (trace, JSON).
    pub format: String,
}

impl RunResult {
    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// Says what is missing or wrong, and where.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let result: Self = serde_json::from_str(text)?;
        if result.schema != SCHEMA {
            let schema = result.schema;
            let text = format!("schema {schema} is not the {SCHEMA} that this program knows");
            return Err(serde::de::Error::custom(text));
        }
        Ok(result)
    }

    /// The result as a file holds it.
    ///
    /// # Errors
    /// None that a result of plain numbers can cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}
