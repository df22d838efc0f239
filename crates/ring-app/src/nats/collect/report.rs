//! What a collector tells: its lines, and its result as JSON.

use std::fmt;
use std::time::{Duration, Instant};

use go_duration::GoDuration;
use serde::Serialize;

use super::collector::Ending;
use super::delivery::Receipt;
use super::ledger::{Counts, Ledger};
use super::source::Source;
use crate::nats::message::RunTotals;
use crate::report::log::{Level, Log};
use crate::report::machine::Usage;

/// The version of the JSON.
const SCHEMA: u32 = 1;

/// Counts messages, and measures intervals.
#[derive(Debug)]
pub(super) struct Meter {
    began: Instant,
    interval_began: Instant,
    before: Counts,
    messages: u64,
    redelivered: u64,
    foreign: u64,
}

impl Meter {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            began: now,
            interval_began: now,
            before: Counts::default(),
            messages: 0,
            redelivered: 0,
            foreign: 0,
        }
    }

    pub(super) fn count_message(&mut self, again: bool) {
        self.messages += 1;
        self.redelivered += u64::from(again);
    }

    pub(super) fn count_foreign(&mut self) {
        self.foreign += 1;
    }

    /// The `[stats]` line of the interval that ends now.
    pub(super) fn interval(&mut self, ledger: &Ledger<Receipt>, expected: usize) -> String {
        let now = Instant::now();
        let (counts, before) = (ledger.counts(), self.before);
        let nodes = ledger.nodes();
        let seconds = (now - self.interval_began).as_secs_f64();
        let rate_mbps = (counts.bytes - before.bytes) as f64 * 8.0 / 1e6 / seconds;
        (self.interval_began, self.before) = (now, counts);
        format!(
            "[stats] inserted={} trimmed={} rate={rate_mbps:.2} Mb/s btree={} nodes={}/{expected} \
             ended={} repeats={} redelivered={} held={}",
            counts.inserted - before.inserted,
            counts.trimmed - before.trimmed,
            ledger.len(),
            nodes.seen,
            nodes.ended,
            counts.repeats,
            self.redelivered,
            ledger.held()
        )
    }
}

/// When the server was away.
#[derive(Debug, Default)]
pub(super) struct Outages {
    count: u64,
    in_all: Duration,
    since: Option<Instant>,
}

impl Outages {
    /// Answers whether it is a new one.
    pub(super) fn begin(&mut self) -> bool {
        let is_new = self.since.is_none();
        self.since.get_or_insert_with(Instant::now);
        self.count += u64::from(is_new);
        is_new
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Answers how long it was, if there was one.
    pub(super) fn end(&mut self) -> Option<GoDuration> {
        let away = self.since.take()?.elapsed();
        self.in_all += away;
        Some(GoDuration(Duration::from_millis(away.as_millis() as u64)))
    }
}

/// All that is known at the end.
#[derive(Debug, Serialize)]
pub(super) struct CollectResult {
    schema: u32,
    version: &'static str,
    from: String,
    durable: String,
    /// `nodes`, `duration` or `signal`.
    end: &'static str,
    nodes_expected: usize,
    nodes_seen: usize,
    nodes_ended: usize,
    /// Packets of this collection, each once, those before a restart included.
    received: u64,
    received_bytes: u64,
    /// Of these, the ones that have left the window.
    left: u64,
    window: usize,
    window_bytes: u64,
    /// The rest is of this process alone.
    inserted: u64,
    trimmed: u64,
    messages: u64,
    messages_redelivered: u64,
    messages_foreign: u64,
    repeats_dropped: u64,
    out_of_order: u64,
    messages_skipped: u64,
    messages_held: usize,
    messages_missing: usize,
    outages: u64,
    outages_s: f64,
    elapsed_s: f64,
    cpu_s: f64,
    peak_rss_bytes: u64,
    runs: Vec<RunResult>,
}

#[derive(Debug, Serialize)]
struct RunResult {
    node: String,
    run: String,
    received: u64,
    /// What the node says; `null` while it has not ended.
    sent: Option<u64>,
    missing_messages: usize,
    /// Whether all that was sent is here, each byte once; `null` while it has not ended.
    complete: Option<bool>,
}

impl CollectResult {
    pub(super) fn new(collector: &super::collector::Collector<'_>, ending: Ending) -> Self {
        let super::collector::Collector { plan, ledger, meter, outages, .. } = collector;
        let RunTotals { packets, payload } = ledger.received();
        let (counts, nodes, usage) = (ledger.counts(), ledger.nodes(), Usage::now());
        let still_away = outages.since.map_or(Duration::ZERO, |since| since.elapsed());
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            from: plan.address.to_string(),
            durable: plan.durable.clone(),
            end: match ending {
                Ending::AllNodesEnded => "nodes",
                Ending::Duration => "duration",
                Ending::Signal => "signal",
            },
            nodes_expected: plan.nodes,
            nodes_seen: nodes.seen,
            nodes_ended: nodes.ended,
            received: packets,
            received_bytes: payload.bytes(),
            left: ledger.left().packets,
            window: ledger.len(),
            window_bytes: ledger.window_bytes(),
            inserted: counts.inserted,
            trimmed: counts.trimmed,
            messages: meter.messages,
            messages_redelivered: meter.redelivered,
            messages_foreign: meter.foreign,
            repeats_dropped: counts.repeats,
            out_of_order: counts.out_of_order,
            messages_skipped: counts.skipped,
            messages_held: ledger.held(),
            messages_missing: ledger.missing(),
            outages: outages.count,
            outages_s: (outages.in_all + still_away).as_secs_f64(),
            elapsed_s: meter.began.elapsed().as_secs_f64(),
            cpu_s: usage.cpu.in_all().as_secs_f64(),
            peak_rss_bytes: usage.peak_rss_bytes,
            runs: ledger.runs().map(RunResult::of).collect(),
        }
    }

    pub(super) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// The lines of the log.
    pub(super) fn print(&self, log: &Log) {
        let info = |text: fmt::Arguments<'_>| log.line(Level::Info, text);
        info(format_args!("=== Final Statistics ==="));
        self.runs.iter().for_each(|run| info(format_args!("{run}")));
        info(format_args!("Received: {} ({} bytes)", self.received, self.received_bytes));
        info(format_args!("Trimmed:  {}", self.left));
        info(format_args!("BTree final size: {}", self.window));
        info(format_args!(
            "Repeats dropped: {}, messages: {}, of these {} redelivered, out of order: {}",
            self.repeats_dropped, self.messages, self.messages_redelivered, self.out_of_order
        ));
        if self.outages > 0 {
            let text = format_args!("Server away: {} times, {:.1} s", self.outages, self.outages_s);
            log.line(Level::Info, text);
        }
        if self.messages_held + self.messages_missing > 0 {
            let text = format_args!(
                "Messages that wait for earlier ones: {}, that did not come: {}",
                self.messages_held, self.messages_missing
            );
            log.line(Level::Warning, text);
        }
        info(format_args!("{}", Usage::now()));
    }

    /// Runs that have ended and are not here as they were sent.
    pub(super) fn incomplete(&self) -> Vec<String> {
        let runs = self.runs.iter().filter(|run| run.complete == Some(false));
        runs.map(ToString::to_string).collect()
    }
}

impl RunResult {
    fn of(source: &Source<Receipt>) -> Self {
        Self {
            node: source.id.node.clone(),
            run: format!("{:016x}", source.id.run),
            received: source.taken().packets,
            sent: source.sent().map(|sent| sent.packets),
            missing_messages: source.missing(),
            complete: source.is_complete(),
        }
    }
}

impl fmt::Display for RunResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node {}/{}: received {}", self.node, self.run, self.received)?;
        match (self.sent, self.complete) {
            (Some(sent), Some(true)) => write!(f, " of {sent}, each byte as it was sent"),
            (Some(sent), _) if sent == self.received => {
                write!(f, " of {sent}, but not the bytes that were sent")
            }
            (Some(sent), _) => write!(f, " of {sent}, NOT ALL"),
            (None, _) => f.write_str(", not ended"),
        }
    }
}
