//! The nine tests of the described generator, by its names, with our bounds where they are
//! tighter. Those that assert a rate need a machine that does nothing else, so they run by
//! `make test-datagen` only.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Read;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{assert_rate, at, measured_mbps, paced, variation_of_gaps, without_rate};

use data_generator::{Cancel, DEFAULT_PAYLOAD_BYTES};

/// Theirs allows 3 to 10 %.
#[test]
#[ignore = "timed: make test-datagen"]
fn rate_accuracy() {
    for mbps in [2.0, 10.0, 25.0, 50.0, 75.0] {
        assert_rate(&at(mbps), mbps, Duration::from_secs(5));
    }
}

#[test]
#[ignore = "timed: make test-datagen"]
fn smoothness() {
    let variation = variation_of_gaps(&at(10.0), 500);
    println!("10 Mb/s: coefficient of variation {:.1} %", variation * 100.0);
    assert!(variation <= 1.0);
}

#[test]
fn context_cancellation() {
    let cancel = Cancel::new();
    let mut generator = paced(10.0, &cancel);
    let (running, first_packet) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut packet = [0; 1500];
        while generator.read(&mut packet).unwrap() > 0 {
            running.send(()).unwrap();
        }
    });
    first_packet.recv().unwrap();
    cancel.cancel();
    reader.join().unwrap();
}

#[test]
fn payload_content() {
    let mut packet = vec![0xff; 2000];
    let mut generator = without_rate(1450);
    for _ in 0..3 {
        let packet_bytes = generator.read(&mut packet).unwrap();
        assert!(packet[..packet_bytes].iter().enumerate().all(|(i, &byte)| byte == i as u8));
        assert!(packet[packet_bytes..].iter().all(|&byte| byte == 0xff), "wrote past the packet");
    }
}

#[test]
fn stats() {
    let mut generator = paced(75.0, &Cancel::new());
    let before = generator.stats();
    assert_eq!((before.packets, before.bytes, before.duration), (0, 0, Duration::ZERO));
    assert!(before.started.is_none());
    assert_eq!(before.actual_bits_per_second(), 0.0);

    let begin = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(generator.read(&mut [0; 1000]).unwrap(), 1000);
    }
    let stats = generator.stats();
    assert_eq!((stats.packets, stats.bytes), (100, 100 * 1000));
    assert!(stats.started.is_some_and(|started| started >= begin));
    assert!(stats.duration <= begin.elapsed());
    assert_eq!(stats.target_bits_per_second.unwrap().get(), 75_000_000);
    let actual = stats.actual_bits_per_second();
    assert!(actual > 0.0 && actual <= 75_000_000.0, "packets never come early: {actual}");
}

#[test]
fn payload_size() {
    let mut packet = vec![0; 100_000];
    for payload_bytes in [1, 100, 188, 1000, 1316, 1450, 9000, 65_507, 80_000] {
        assert_eq!(without_rate(payload_bytes).read(&mut packet).unwrap(), payload_bytes);
    }
    assert_eq!(without_rate(0).read(&mut packet).unwrap(), DEFAULT_PAYLOAD_BYTES);
    assert_eq!(DEFAULT_PAYLOAD_BYTES, 1456);
}

#[test]
fn small_buffer() {
    let mut generator = without_rate(1450);
    for buffer_bytes in [0, 1, 100, 1449, 1450, 1451] {
        let mut buffer = vec![0; buffer_bytes];
        assert_eq!(generator.read(&mut buffer).unwrap(), buffer_bytes.min(1450));
    }
    let stats = generator.stats();
    assert_eq!(stats.packets, 5, "an empty buffer takes no packet");
    assert_eq!(stats.bytes, 1 + 100 + 1449 + 1450 + 1450);
}

/// Theirs wants 1 Gb/s.
#[test]
#[ignore = "timed: make test-datagen"]
fn unlimited() {
    let measured = measured_mbps(&mut without_rate(0), Duration::from_secs(2));
    println!("unlimited: {:.1} Gb/s", measured / 1000.0);
    assert!(measured >= 20_000.0, "{measured} Mb/s");
}

/// Theirs allows two a call.
#[test]
fn minimal_allocations() {
    let mut packet = [0; 1500];
    let cancel = Cancel::new();
    // By the schedule, by the token bucket, and without either.
    for mut generator in [paced(75.0, &cancel), paced(10.0, &cancel), without_rate(1450)] {
        let counted = allocation_counter::measure(|| {
            for _ in 0..100 {
                assert_ne!(generator.read(&mut packet).unwrap(), 0);
            }
        });
        assert_eq!(counted.count_total, 0);
    }
}
