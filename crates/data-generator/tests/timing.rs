//! Rates, processor time and delays beyond what the described tests measure. They need a
//! machine that does nothing else, so they run by `make test-datagen` only.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Read;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{assert_rate, at, cpu_time, measured_mbps, paced, variation_of_gaps};
use data_generator::{Cancel, Generator, GeneratorConfig};

#[test]
#[ignore = "timed: make test-datagen"]
fn rate_accuracy_at_1_gbps() {
    assert_rate(&at(1000.0), 1000.0, Duration::from_secs(5));
}

#[test]
#[ignore = "timed: make test-datagen"]
fn the_mean_rate_does_not_depend_on_the_granularity() {
    for granularity_us in [0, 100, 1000, 10_000] {
        for mbps in [10.0, 50.0] {
            print!("{granularity_us} µs: ");
            let config = at(mbps).with_granularity(Duration::from_micros(granularity_us));
            assert_rate(&config, mbps, Duration::from_secs(3));
        }
    }
}

/// Processor time over real time, of `readers` that each read from a generator of its own.
fn cpu_share(config: &GeneratorConfig, readers: usize) -> f64 {
    const MEASURED: Duration = Duration::from_secs(3);
    let (before, begin) = (cpu_time(), Instant::now());
    thread::scope(|scope| {
        for _ in 0..readers {
            scope.spawn(|| measured_mbps(&mut Generator::new(config, Cancel::new()), MEASURED));
        }
    });
    (cpu_time() - before).as_secs_f64() / begin.elapsed().as_secs_f64()
}

#[test]
#[ignore = "timed: make test-datagen"]
fn eight_at_50_mbps_use_under_a_tenth_of_a_core() {
    let share = cpu_share(&at(50.0), 8);
    println!("8 × 50 Mb/s: {:.1} % of a core", share * 100.0);
    assert!(share < 0.1);
}

/// The table of the README.
#[test]
#[ignore = "timed: make test-datagen"]
fn a_finer_granularity_is_smoother_and_takes_more_time() {
    let mut variations = Vec::new();
    for granularity_us in [0, 250, 500, 1000, 2000, 5000, 10_000] {
        let granularity = Duration::from_micros(granularity_us);
        let [low, high] = [10.0, 50.0]
            .map(|mbps| variation_of_gaps(&at(mbps).with_granularity(granularity), 2000));
        let share = cpu_share(&at(50.0).with_granularity(granularity), 8);
        println!(
            "granularity {:>5} µs: variation {:>4.0} % at 10 Mb/s, {:>4.0} % at 50 Mb/s; \
             8 × 50 Mb/s: {:>4.1} % of a core",
            granularity_us,
            low * 100.0,
            high * 100.0,
            share * 100.0
        );
        variations.push((high, share));
    }
    let (finest, coarsest) = (variations[0], variations[variations.len() - 1]);
    assert!(finest.0 < coarsest.0, "smoother");
    assert!(finest.1 > coarsest.1, "takes more time");
}

#[test]
#[ignore = "timed: make test-datagen"]
fn a_cancel_ends_a_sleep_at_once() {
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let cancel = Cancel::new();
        let mut generator = paced(0.001, &cancel);
        let (ready, started) = mpsc::channel();
        let reader = thread::spawn(move || {
            ready.send(()).unwrap();
            assert_eq!(generator.read(&mut [0; 1500]).unwrap(), 0);
            Instant::now()
        });
        started.recv().unwrap();
        thread::sleep(Duration::from_millis(10));
        let cancelled = Instant::now();
        cancel.cancel();
        slowest = slowest.max(reader.join().unwrap() - cancelled);
    }
    println!("the slowest of 20 took {slowest:?}");
    assert!(slowest < Duration::from_millis(20));
}

#[test]
#[ignore = "timed: make test-datagen"]
fn a_stalled_reader_gets_one_burst_then_the_set_rate() {
    // By the token bucket and by the schedule.
    for mbps in [10.0, 50.0] {
        let burst = Duration::from_millis(50);
        let mut generator = Generator::new(&at(mbps).with_burst(burst), Cancel::new());
        measured_mbps(&mut generator, Duration::from_millis(200));
        thread::sleep(Duration::from_millis(700));

        let after_the_stall = measured_mbps(&mut generator, Duration::from_secs(2));
        let with_one_burst = mbps * (1.0 + burst.as_secs_f64() / 2.0);
        println!("{after_the_stall:.3} Mb/s, with one burst {with_one_burst:.3}");
        assert!((after_the_stall / with_one_burst - 1.0).abs() < 0.005, "{after_the_stall} Mb/s");

        let steady = measured_mbps(&mut generator, Duration::from_secs(2));
        assert!((steady / mbps - 1.0).abs() < 0.005, "{steady} Mb/s");
    }
}
