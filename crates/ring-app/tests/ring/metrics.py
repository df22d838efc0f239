"""Reads a run's /metrics by Prometheus' own parsers, in both of its formats."""

import sys
import time
import urllib.request

from prometheus_client import openmetrics, parser
import prometheus_client.openmetrics.parser

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
FAMILIES = {
    "ring_produced_packets": ("counter", "packets"),
    "ring_dropped_packets": ("counter", "packets"),
    "ring_consumed_packets": ("counter", "packets"),
    "ring_consumed_bytes": ("counter", "bytes"),
    "ring_trimmed_packets": ("counter", "packets"),
    "ring_window_packets": ("gauge", "packets"),
    "ring_shard_peak_packets": ("gauge", "packets"),
    "ring_shard_capacity_packets": ("gauge", "packets"),
    "ring_shard_written_packets": ("counter", "packets"),
    "ring_shard_refused_writes": ("counter", "writes"),
    "ring_latency_seconds": ("histogram", "seconds"),
    "ring_interval_latency_seconds": ("gauge", "seconds"),
    "process_cpu_seconds": ("counter", "seconds"),
}


def ask(url, accept):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def read(url):
    """Its families by name; the strict parser refuses what is not OpenMetrics."""
    content_type, text = ask(url, OPENMETRICS)
    assert content_type.startswith("application/openmetrics-text"), content_type
    assert text.endswith("# EOF\n"), text[-40:]
    return {f.name: f for f in openmetrics.parser.text_string_to_metric_families(text)}


def value(families, name, sample=None):
    samples = [s for s in families[name].samples if s.name == (sample or name)]
    assert len(samples) == 1, (name, samples)
    return samples[0].value


def check_families(families):
    for name, (kind, unit) in FAMILIES.items():
        family = families[name]
        assert (family.type, family.unit) == (kind, unit), (name, family.type, family.unit)
        assert family.documentation, name
    shards = [s.labels["shard"] for s in families["ring_shard_peak_packets"].samples]
    assert shards == ["0", "1", "2", "3"], shards


def check_histogram(families):
    count = value(families, "ring_latency_seconds", "ring_latency_seconds_count")
    total = value(families, "ring_latency_seconds", "ring_latency_seconds_sum")
    consumed = value(families, "ring_consumed_packets", "ring_consumed_packets_total")
    assert count == consumed > 0, (count, consumed)
    assert 0 < total < 10 * count, total


def main(url):
    first = read(url)
    check_families(first)
    check_histogram(first)
    produced = "ring_produced_packets", "ring_produced_packets_total"
    while value(read(url), *produced) <= value(first, *produced):
        time.sleep(0.1)

    content_type, text = ask(url, "text/plain")
    assert content_type.startswith("text/plain; version=0.0.4"), content_type
    plain = {f.name: f for f in parser.text_string_to_metric_families(text)}
    for name, (kind, _) in FAMILIES.items():
        assert plain[name].type == kind, (name, plain[name].type)
    print(f"{len(first)} families in OpenMetrics, {len(plain)} in the older format: understood")


main(sys.argv[1])
