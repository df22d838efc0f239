//! Rates measured over seconds. They need a machine that does nothing else, so they run by
//! `make test-datagen` (`cargo test --release -p data-generator -- --ignored --test-threads=1`).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use data_generator::{Cancel, Generator, GeneratorConfig, Rate};

const MEASURED: Duration = Duration::from_secs(5);
const PAYLOAD_BYTES: usize = 1450;

fn generator(rate: Rate) -> Generator {
    let config = GeneratorConfig::new(rate).with_payload_bytes(PAYLOAD_BYTES);
    Generator::new(&config, Cancel::new())
}

/// Reads for `time` and returns the megabits a second that came.
fn measured_mbps(generator: &mut Generator, time: Duration) -> f64 {
    let mut packet = [0; PAYLOAD_BYTES];
    let mut bytes = 0;
    let begin = Instant::now();
    while begin.elapsed() < time {
        bytes += generator.read(&mut packet).unwrap();
    }
    bytes as f64 * 8.0 / begin.elapsed().as_secs_f64() / 1e6
}

fn assert_rate(mbps: f64) {
    let mut generator = generator(Rate::mbps(mbps).unwrap());
    let measured = measured_mbps(&mut generator, MEASURED);
    println!("{mbps} Mb/s set, {measured:.4} Mb/s measured");
    assert!((measured / mbps - 1.0).abs() < 0.005, "{mbps} Mb/s set, {measured} Mb/s measured");
}

#[test]
#[ignore = "timed: make test-datagen"]
fn rate_accuracy_2_mbps() {
    assert_rate(2.0);
}

#[test]
#[ignore = "timed: make test-datagen"]
fn rate_accuracy_10_mbps() {
    assert_rate(10.0);
}

#[test]
#[ignore = "timed: make test-datagen"]
fn rate_accuracy_25_mbps() {
    assert_rate(25.0);
}

#[test]
#[ignore = "timed: make test-datagen"]
fn rate_accuracy_50_mbps() {
    assert_rate(50.0);
}

#[test]
#[ignore = "timed: make test-datagen"]
fn rate_accuracy_75_mbps() {
    assert_rate(75.0);
}

/// The coefficient of variation of the gaps between packets at 10 Mb/s.
#[test]
#[ignore = "timed: make test-datagen"]
fn smoothness_10_mbps() {
    let mut generator = generator(Rate::mbps(10.0).unwrap());
    let mut packet = [0; PAYLOAD_BYTES];
    let mut arrivals = Vec::with_capacity(4000);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(3) {
        assert_eq!(generator.read(&mut packet).unwrap(), PAYLOAD_BYTES);
        arrivals.push(begin.elapsed().as_secs_f64());
    }
    let gaps: Vec<f64> = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    let variation = variance.sqrt() / mean;
    println!("coefficient of variation {:.1} %", variation * 100.0);
    assert!(variation <= 1.0);
}

#[test]
#[ignore = "timed: make test-datagen"]
fn unlimited_reaches_20_gbps() {
    let measured = measured_mbps(&mut generator(Rate::Unlimited), Duration::from_secs(1));
    println!("{measured:.0} Mb/s");
    assert!(measured >= 20_000.0, "{measured} Mb/s");
}

#[test]
#[ignore = "timed: make test-datagen"]
fn a_stalled_reader_gets_one_burst_then_the_set_rate() {
    let mbps = 50.0;
    let burst = Duration::from_millis(50);
    let config = GeneratorConfig::new(Rate::mbps(mbps).unwrap())
        .with_payload_bytes(PAYLOAD_BYTES)
        .with_burst(burst);
    let mut generator = Generator::new(&config, Cancel::new());
    measured_mbps(&mut generator, Duration::from_millis(200));
    thread::sleep(Duration::from_millis(700));

    let after_the_stall = measured_mbps(&mut generator, Duration::from_secs(2));
    let with_one_burst = mbps * (1.0 + burst.as_secs_f64() / 2.0);
    println!("{after_the_stall:.3} Mb/s, with one burst {with_one_burst:.3}");
    assert!((after_the_stall / with_one_burst - 1.0).abs() < 0.005, "{after_the_stall} Mb/s");

    let steady = measured_mbps(&mut generator, Duration::from_secs(2));
    assert!((steady / mbps - 1.0).abs() < 0.005, "{steady} Mb/s");
}
