//! The run for Prometheus: what it is at the end of the last interval of statistics.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::encoding::{prometheus_text, text as openmetrics_text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};

use crate::live::feed::{ShardSnapshot, Snapshot};
use crate::live::history::{Facts, History};

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    OpenMetrics,
    /// As Prometheus wrote them before that.
    Plain,
}

impl Format {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Plain => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// All metrics. Before the first interval has ended there are only those that do not change.
pub(super) fn text(history: &History, format: Format) -> String {
    let run = Run {
        facts: history.facts().clone(),
        last: history.last().cloned(),
        kernel_drops: history.kernel_drops(),
    };
    let mut registry = Registry::default();
    registry.register_collector(Box::new(run));
    let mut text = String::new();
    let written = match format {
        Format::OpenMetrics => openmetrics_text::encode(&mut text, &registry),
        Format::Plain => prometheus_text::encode(&mut text, &registry),
    };
    written.expect("a string takes whatever is written to it");
    text
}

#[derive(Debug)]
struct Run {
    facts: Facts,
    last: Option<Snapshot>,
    kernel_drops: Option<u64>,
}

impl Collector for Run {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Families(encoder);
        out.info("ring_build", "The program", [("version", self.facts.version)])?;
        let help = "When the run began, in seconds since 1970";
        out.gauge("ring_start_time", help, &Unit::Seconds, self.facts.started_unix_s)?;
        if let Some(drops) = self.kernel_drops {
            let help = "Datagrams that the kernel dropped before they could be received";
            out.counter("ring_kernel", help, &Unit::Other("drops".to_owned()), drops)?;
        }
        match &self.last {
            Some(last) => last.encode(&mut out, self.facts.shard_slots),
            None => Ok(()),
        }
    }
}

impl Snapshot {
    fn encode(&self, out: &mut Families<'_>, shard_slots: u64) -> fmt::Result {
        let Self { stats, totals, shards } = self;
        let packets = &Unit::Other("packets".to_owned());
        for (name, help, value) in [
            ("ring_produced", "Packets that the ring accepted", stats.produced),
            ("ring_dropped", "Packets that the ring refused for good", stats.dropped),
            ("ring_consumed", "Packets that the consumer took", totals.consumed),
            ("ring_trimmed", "Packets that left the window", totals.trimmed),
            (
                "ring_out_of_order",
                "Packets after a later one of their producer",
                totals.out_of_order,
            ),
        ] {
            out.counter(name, help, packets, value)?;
        }
        out.counter("ring_consumed", "Payload that the consumer took", &Unit::Bytes, totals.bytes)?;
        let help = "Packets in the window";
        out.gauge("ring_window", help, packets, stats.window as f64)?;
        self.encode_shards(shards, out, packets, shard_slots)?;
        self.encode_latency(out)?;
        out.counter(
            "process_cpu",
            "Processor time, of the program and of the system for it",
            &Unit::Seconds,
            totals.cpu.in_all().as_secs_f64(),
        )?;
        let allocations = &Unit::Other("allocations".to_owned());
        let help = "Allocations of all threads, those of this server among them";
        out.counter("ring_memory", help, allocations, totals.allocations)
    }

    fn encode_shards(
        &self,
        shards: &[ShardSnapshot],
        out: &mut Families<'_>,
        packets: &Unit,
        shard_slots: u64,
    ) -> fmt::Result {
        let help = "Packets that there is room for in each shard";
        out.gauge("ring_shard_capacity", help, packets, shard_slots as f64)?;
        let (gauge, counter) = (MetricType::Gauge, MetricType::Counter);
        let writes = &Unit::Other("writes".to_owned());
        let help = "The most packets that a drain of the last interval found in the shard";
        out.by_shard("ring_shard_peak", help, packets, gauge, shards, |shard| shard.peak)?;
        let help = "Packets written to the shard";
        out.by_shard("ring_shard_written", help, packets, counter, shards, |shard| shard.written)?;
        let help = "Packets read from the shard";
        out.by_shard("ring_shard_read", help, packets, counter, shards, |shard| shard.read)?;
        let help = "Tries to write to the shard that found it full";
        out.by_shard("ring_shard_refused", help, writes, counter, shards, |shard| shard.refused)
    }

    fn encode_latency(&self, out: &mut Families<'_>) -> fmt::Result {
        let latency = &self.totals.latency;
        let help = "Time from a packet's write until the consumer takes it";
        let mut histogram = out.0.encode_descriptor(
            "ring_latency",
            help,
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        histogram.encode_histogram::<NoLabelSet>(
            latency.sum_s(),
            latency.count(),
            &latency.classes(),
            None,
        )?;
        let Some(interval) = self.stats.latency else {
            return Ok(());
        };
        let help = "The same in the last interval: what so many percent of packets did not exceed";
        let mut gauge = out.0.encode_descriptor(
            "ring_interval_latency",
            help,
            Some(&Unit::Seconds),
            MetricType::Gauge,
        )?;
        for (percentile, ns) in [
            ("50", interval.p50),
            ("99", interval.p99),
            ("99.9", interval.p999),
            ("100", interval.max),
        ] {
            let seconds = ns as f64 / 1e9;
            gauge.encode_family(&[("percentile", percentile)])?.encode_gauge(&seconds)?;
        }
        Ok(())
    }
}

/// Writes one family of metrics after the other. The name of its unit is put behind its own.
struct Families<'a>(DescriptorEncoder<'a>);

const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, u64>> = None;

impl Families<'_> {
    fn counter(
        &mut self,
        name: &str,
        help: &str,
        unit: &Unit,
        value: impl prometheus_client::encoding::EncodeCounterValue,
    ) -> fmt::Result {
        let mut out = self.0.encode_descriptor(name, help, Some(unit), MetricType::Counter)?;
        out.encode_counter(&value, NO_EXEMPLAR)
    }

    fn gauge(&mut self, name: &str, help: &str, unit: &Unit, value: f64) -> fmt::Result {
        self.0.encode_descriptor(name, help, Some(unit), MetricType::Gauge)?.encode_gauge(&value)
    }

    fn info(&mut self, name: &str, help: &str, labels: [(&str, &str); 1]) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Info)?.encode_info(&labels)
    }

    fn by_shard(
        &mut self,
        name: &str,
        help: &str,
        unit: &Unit,
        kind: MetricType,
        shards: &[ShardSnapshot],
        value: impl Fn(&ShardSnapshot) -> u64,
    ) -> fmt::Result {
        let mut family: MetricEncoder<'_> =
            self.0.encode_descriptor(name, help, Some(unit), kind)?;
        for (index, shard) in shards.iter().enumerate() {
            let labels = [("shard", index)];
            let mut out = family.encode_family(&labels)?;
            match kind {
                MetricType::Counter => out.encode_counter(&value(shard), NO_EXEMPLAR)?,
                _ => out.encode_gauge(&value(shard))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::history::sample;

    fn metrics(format: Format, kernel_drops: Option<u64>) -> String {
        let mut history = History::new(sample::facts());
        history.take(&sample::snapshot(2), kernel_drops);
        text(&history, format)
    }

    #[test]
    fn counters_end_in_total_and_units_stand_in_names() {
        let text = metrics(Format::OpenMetrics, Some(7));
        for line in [
            "# TYPE ring_dropped_packets counter",
            "# UNIT ring_dropped_packets packets",
            "ring_dropped_packets_total 20",
            "ring_produced_packets_total 2000",
            "ring_window_packets 2000.0",
            "ring_shard_capacity_packets 128.0",
            "ring_shard_peak_packets{shard=\"1\"} 128",
            "ring_shard_refused_writes_total{shard=\"0\"} 3",
            "ring_interval_latency_seconds{percentile=\"99.9\"} 0.003",
            "# TYPE ring_kernel_drops counter",
            "ring_kernel_drops_total 7",
            "ring_build_info{version=\"1.2.3\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|have| have == line), "no {line} in\n{text}");
        }
    }

    #[test]
    fn no_family_is_there_twice() {
        for format in [Format::OpenMetrics, Format::Plain] {
            let text = metrics(format, Some(0));
            let mut families: Vec<_> =
                text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
            let count = families.len();
            families.sort_unstable();
            families.dedup();
            assert!(families.len() == count && count > 12, "{families:?}");
        }
    }

    #[test]
    fn what_the_kernel_drops_is_there_only_where_it_is_known() {
        assert!(!metrics(Format::Plain, None).contains("ring_kernel_drops"));
        assert!(metrics(Format::Plain, Some(0)).contains("ring_kernel_drops_total 0\n"));
    }

    #[test]
    fn before_the_first_interval_there_are_only_facts() {
        let text = text(&History::new(sample::facts()), Format::OpenMetrics);
        assert!(text.contains("ring_build_info") && !text.contains("ring_dropped"), "{text}");
    }
}
