//! The three benchmarks of the described generator, by its names.
//! `cargo bench -p data-generator -- PATTERN`

use std::hint::black_box;
use std::io::Read;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use data_generator::{Cancel, DEFAULT_PAYLOAD_BYTES, Generator, GeneratorConfig, Rate};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    data_generator(&mut criterion);
    rate_limiter_overhead(&mut criterion);
    data_generator_throughput(&mut criterion);
    criterion.final_summary();
}

fn rated(mbps: f64, payload_bytes: usize) -> GeneratorConfig {
    let rate = Rate::mbps(mbps).expect("a possible rate");
    GeneratorConfig::new(rate).with_payload_bytes(payload_bytes)
}

/// Reads so many packets, and answers how long it took.
fn read(mut generator: Generator, packets: u64) -> Duration {
    let mut packet = [0; DEFAULT_PAYLOAD_BYTES];
    let begin = Instant::now();
    for _ in 0..packets {
        let packet_bytes = generator.read(&mut packet).expect("it never fails");
        black_box(&packet[..packet_bytes]);
    }
    begin.elapsed()
}

/// Time for a call, the wait included: at a set rate that is the time between two packets.
fn data_generator(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("DataGenerator");
    for (name, mbps) in [
        ("2Mbps", 2.0),
        ("10Mbps", 10.0),
        ("50Mbps", 50.0),
        ("100Mbps", 100.0),
        ("500Mbps", 500.0),
        ("1Gbps", 1000.0),
    ] {
        let config = rated(mbps, 0);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|packets| read(Generator::new(&config, Cancel::new()), packets));
        });
    }
    let unlimited = GeneratorConfig::new(Rate::Unlimited);
    group.bench_function("Unlimited", |bencher| {
        bencher.iter_custom(|packets| read(Generator::new(&unlimited, Cancel::new()), packets));
    });
    group.finish();
}

/// Time for a call that need not wait: one byte is all that is copied, and it is long due. 1,000
/// in a second is the token bucket, more is the schedule.
fn rate_limiter_overhead(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("RateLimiterOverhead");
    for (name, packets_per_second) in
        [("1k_ops", 1e3), ("10k_ops", 1e4), ("100k_ops", 1e5), ("1M_ops", 1e6)]
    {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|packets| {
                let all_due = Duration::from_secs_f64(packets as f64 / packets_per_second + 1.0);
                let config = rated(packets_per_second * 8.0 / 1e6, 1).with_burst(all_due);
                let generator = Generator::new(&config, Cancel::new());
                read(generator.starting_at(Instant::now() - all_due), packets)
            });
        });
    }
    group.finish();
}

/// The bit rate that is reached.
fn data_generator_throughput(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("DataGeneratorThroughput");
    group.throughput(Throughput::Bits(DEFAULT_PAYLOAD_BYTES as u64 * 8));
    for mbps in [10, 50, 100] {
        let config = rated(f64::from(mbps), 0);
        let id = BenchmarkId::from_parameter(format!("Target_{mbps}Mbps"));
        group.bench_function(id, |bencher| {
            bencher.iter_custom(|packets| read(Generator::new(&config, Cancel::new()), packets));
        });
    }
    group.finish();
}
