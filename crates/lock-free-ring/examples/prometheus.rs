//! What each shard tells of itself, as Prometheus reads it, through the crate `metrics`. Serve
//! the text at `/metrics` with whatever HTTP server the program has. It prints:
//!
//! ```text
//! # TYPE ring_high_water gauge
//! ring_high_water{shard="0"} 4
//! ring_high_water{shard="1"} 2
//! # TYPE ring_read_total counter
//! ring_read_total{shard="0"} 3
//! ring_read_total{shard="1"} 1
//! # TYPE ring_refused_total counter
//! ring_refused_total{shard="0"} 2
//! ring_refused_total{shard="1"} 0
//! # TYPE ring_written_total counter
//! ring_written_total{shard="0"} 4
//! ring_written_total{shard="1"} 2
//! ```
use lock_free_ring::{Ring, ShardedRing};
use metrics::{counter, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;

/// To be called before each scrape: it costs the ring's users nothing in between.
fn record<T>(ring: &Ring<T>) {
    for (number, shard) in ring.stats().enumerate() {
        let label = [("shard", number.to_string())];
        counter!("ring_written_total", &label).absolute(shard.written);
        counter!("ring_read_total", &label).absolute(shard.read);
        counter!("ring_refused_total", &label).absolute(shard.refused);
        gauge!("ring_high_water", &label).set(shard.high_water as f64);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `install_recorder` in a program; here the recorder serves this one call.
    let recorder = PrometheusBuilder::new().build_recorder();
    let ring = ShardedRing::new(8, 2)?;
    let mut consumer = ring.consumer()?;
    let shard_0 = (0..6).filter(|item| ring.try_write(0, *item).is_ok()).count();
    let shard_1 = (0..2).filter(|item| ring.try_write(1, *item).is_ok()).count();
    assert_eq!((shard_0, shard_1), (4, 2), "a shard of this ring holds 4");
    consumer.set_quota(3.try_into()?);
    assert_eq!(consumer.drain(4).count(), 4, "three of shard 0, one of shard 1");

    metrics::with_local_recorder(&recorder, || record(&ring));
    let text = recorder.handle().render();
    let mut families: Vec<_> = text.split("\n\n").map(sorted).filter(|f| !f.is_empty()).collect();
    families.sort_unstable();
    print!("{}", families.concat());
    Ok(())
}

/// The exporter keeps no order, neither of families nor within one.
fn sorted(family: &str) -> String {
    let mut lines: Vec<_> = family.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.iter().map(|line| format!("{line}\n")).collect()
}
