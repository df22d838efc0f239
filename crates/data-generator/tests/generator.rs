//! What a reader of packets sees beyond what the described tests look at.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use common::{at, paced, without_rate};
use data_generator::{Cancel, Generator};

#[test]
fn a_payload_of_any_size_costs_no_memory() {
    let mut packet = [0; 10];
    assert_eq!(without_rate(usize::MAX).read(&mut packet).unwrap(), 10);
}

/// This one would sleep for hours.
#[test]
fn cancellation_of_a_sleeping_read() {
    for mbps in [1e-6, 0.001] {
        let cancel = Cancel::new();
        let mut generator = paced(mbps, &cancel);
        let reader = thread::spawn(move || {
            let end_of_file = generator.read(&mut [0; 1500]).unwrap();
            (end_of_file, generator)
        });
        thread::sleep(Duration::from_millis(50));
        cancel.cancel();
        let (end_of_file, generator) = reader.join().unwrap();
        assert_eq!(end_of_file, 0);
        assert_eq!(generator.stats().packets, 0);
    }
}

#[test]
fn cancelled_stays_cancelled() {
    let cancel = Cancel::new();
    let mut generators = [without_rate(0), paced(75.0, &cancel), paced(1e-6, &cancel)];
    cancel.cancel();
    assert!(cancel.is_cancelled());
    for generator in &mut generators[1..] {
        for _ in 0..3 {
            assert_eq!(generator.read(&mut [0; 100]).unwrap(), 0);
        }
        let frozen = generator.stats().duration;
        assert_eq!(generator.stats().duration, frozen, "time stops at the end of file");
    }
    assert_eq!(generators[0].read(&mut [0; 100]).unwrap(), 100, "another's cancel");
}

#[test]
fn a_common_start_lies_before_the_first_read() {
    for mbps in [10.0, 50.0] {
        let start = Instant::now() - Duration::from_millis(50);
        let mut generator = paced(mbps, &Cancel::new()).starting_at(start);
        for _ in 0..10 {
            assert_eq!(generator.read(&mut [0; 1456]).unwrap(), 1456);
        }
        assert!(generator.stats().duration >= Duration::from_millis(50));
        assert_eq!(generator.stats().started, Some(start));
    }
}

/// Whatever the granularity is, packets never come before they are due.
#[test]
fn no_packet_comes_early() {
    for mbps in [10.0, 75.0] {
        for granularity_us in [0, 100, 1000, 20_000] {
            let config = at(mbps).with_granularity(Duration::from_micros(granularity_us));
            let start = Instant::now();
            let mut generator = Generator::new(&config, Cancel::new()).starting_at(start);
            for packets in 1..=50_u32 {
                assert_eq!(generator.read(&mut [0; 1456]).unwrap(), 1456);
                let due_s = f64::from(packets) * 1456.0 * 8.0 / (mbps * 1e6);
                // A nanosecond for the rounding of this line.
                assert!(start.elapsed().as_secs_f64() >= due_s - 1e-9, "packet {packets}");
            }
        }
    }
}
