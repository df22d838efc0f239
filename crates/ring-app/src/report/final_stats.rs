use std::fmt;
use std::time::Duration;

use go_duration::GoDuration;
use run_result::{Latency, Rtp, RtpStream};

use crate::consumer::ConsumerTotals;
use crate::replay::ReplayTotals;
use crate::report::log::{Level, Log};
use crate::report::machine::Usage;
use crate::udp::ReceiverTotals;

/// The whole run in figures.
#[derive(Debug)]
pub(crate) struct FinalStats<'a> {
    pub(crate) produced: u64,
    pub(crate) dropped: u64,
    pub(crate) consumer: &'a ConsumerTotals,
    /// `None` unless packets came by UDP.
    pub(crate) udp: Option<ReceiverTotals>,
    /// `None` unless they came out of a capture file.
    pub(crate) replay: Option<ReplayTotals>,
    pub(crate) usage: Usage,
    pub(crate) allocations: u64,
    /// `None` if the run ended in its first second.
    pub(crate) steady_allocations: Option<u64>,
}

impl FinalStats<'_> {
    /// First the lines that the described program prints, then what only this one knows.
    pub(crate) fn print(&self, log: &Log) {
        let info = |text: std::fmt::Arguments<'_>| log.line(Level::Info, text);
        info(format_args!("=== Final Statistics ==="));
        info(format_args!("Produced: {}", self.produced));
        info(format_args!("Dropped:  {} ({:.2}%)", self.dropped, self.dropped_percent()));
        info(format_args!("Consumed: {}", self.consumer.consumed));
        info(format_args!("Trimmed:  {}", self.consumer.trimmed));
        info(format_args!("BTree final size: {}", self.consumer.window));
        info(format_args!("Payload:  {} as read", self.consumer.payload));
        if let Some(udp) = &self.udp {
            info(format_args!("{udp}"));
        }
        if let Some(replay) = &self.replay {
            info(format_args!("{replay}"));
        }
        if let Some(rtp) = &self.consumer.rtp {
            print_rtp(rtp, log);
        }
        if let Some(delivery) = &self.consumer.delivery {
            let run_result::Delivery { to, packets, bytes, failed } = delivery;
            info(format_args!("Sink: {to} packets={packets} bytes={bytes} failed={failed}"));
        }
        info(format_args!("{}", self.usage));
        match self.steady_allocations {
            Some(steady) => info(format_args!(
                "Allocations: {}, of these {steady} after the first second",
                self.allocations
            )),
            None => info(format_args!("Allocations: {}", self.allocations)),
        }
        if let Some(latency) = self.consumer.latency {
            info(format_args!("{}", LatencyLine(latency)));
        }
        if self.consumer.out_of_order > 0 {
            let text = format_args!("Out of order: {}", self.consumer.out_of_order);
            log.line(Level::Error, text);
        }
        if let Some((first, last)) = self.consumer.window_span {
            let missing = (last - first + 1) - self.consumer.window as u64;
            let text = format_args!("Window: sequences {first} to {last}, {missing} missing");
            log.line(Level::Detail, text);
        }
    }

    fn dropped_percent(&self) -> f64 {
        let offered = self.produced + self.dropped;
        if offered == 0 { 0.0 } else { self.dropped as f64 * 100.0 / offered as f64 }
    }
}

/// A line for all, and one for each of the first streams.
fn print_rtp(rtp: &Rtp, log: &Log) {
    /// The result as JSON has them all.
    const STREAMS_SHOWN: usize = 32;
    let Rtp { streams, other, beyond } = rtp;
    let text = format_args!("RTP: streams={} other={other} beyond={beyond}", streams.len());
    log.line(Level::Info, text);
    for stream in streams.iter().take(STREAMS_SHOWN) {
        log.line(Level::Info, StreamLine(*stream));
    }
}

struct StreamLine(RtpStream);

impl fmt::Display for StreamLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RtpStream { ssrc, received, lost, duplicates, .. } = self.0;
        let RtpStream { reordered, late, strays, restarts, .. } = self.0;
        write!(f, "RTP 0x{ssrc:08x}: received={received} lost={lost} duplicates={duplicates} ")?;
        write!(f, "reordered={reordered} late={late} strays={strays} restarts={restarts}")
    }
}

struct LatencyLine(Latency);

impl fmt::Display for LatencyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = |ns| GoDuration(Duration::from_nanos(ns));
        let Latency { p50, p99, p999, max, .. } = self.0;
        write!(f, "Time in the ring: p50={} p99={} ", ns(p50), ns(p99))?;
        write!(f, "p99.9={} max={}", ns(p999), ns(max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_told_in_fitting_units() {
        let latency =
            Latency { count: 4, p50: 900, p99: 5_050_000, p999: 12_000_000, max: 1 << 30 };
        assert_eq!(
            LatencyLine(latency).to_string(),
            "Time in the ring: p50=900ns p99=5.05ms p99.9=12ms max=1.073741824s"
        );
    }
}
