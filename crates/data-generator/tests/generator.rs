//! What a reader of packets sees: content, sizes, end of file, statistics, allocations.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use data_generator::{Cancel, DEFAULT_PAYLOAD_BYTES, Generator, GeneratorConfig, Rate};

fn unlimited(payload_bytes: usize) -> Generator {
    let config = GeneratorConfig::new(Rate::Unlimited).with_payload_bytes(payload_bytes);
    Generator::new(&config, Cancel::new())
}

fn paced(mbps: f64, cancel: &Cancel) -> Generator {
    Generator::new(&GeneratorConfig::new(Rate::mbps(mbps).unwrap()), cancel.clone())
}

#[test]
fn payload_content() {
    let mut packet = vec![0xff; 2000];
    let mut generator = unlimited(1450);
    for _ in 0..3 {
        let packet_bytes = generator.read(&mut packet).unwrap();
        assert!(packet[..packet_bytes].iter().enumerate().all(|(i, &byte)| byte == i as u8));
        assert!(packet[packet_bytes..].iter().all(|&byte| byte == 0xff), "wrote past the packet");
    }
}

#[test]
fn payload_sizes() {
    let mut packet = vec![0; 100_000];
    for payload_bytes in [1, 188, 500, 1316, 1450, 9000, 65_507, 80_000] {
        assert_eq!(unlimited(payload_bytes).read(&mut packet).unwrap(), payload_bytes);
    }
    assert_eq!(unlimited(0).read(&mut packet).unwrap(), DEFAULT_PAYLOAD_BYTES);
}

#[test]
fn small_buffers() {
    let mut generator = unlimited(1450);
    for buffer_bytes in [0, 1, 100, 1449, 1450, 1451] {
        let mut buffer = vec![0; buffer_bytes];
        assert_eq!(generator.read(&mut buffer).unwrap(), buffer_bytes.min(1450));
    }
    let stats = generator.stats();
    assert_eq!(stats.packets, 5, "an empty buffer takes no packet");
    assert_eq!(stats.bytes, 1 + 100 + 1449 + 1450 + 1450);
}

#[test]
fn a_payload_of_any_size_costs_no_memory() {
    let mut packet = [0; 10];
    assert_eq!(unlimited(usize::MAX).read(&mut packet).unwrap(), 10);
}

#[test]
fn cancellation_of_a_sleeping_read() {
    let cancel = Cancel::new();
    let mut generator = paced(0.001, &cancel);
    let reader = thread::spawn(move || {
        let end_of_file = generator.read(&mut [0; 1500]).unwrap();
        (end_of_file, Instant::now(), generator)
    });
    thread::sleep(Duration::from_millis(50));
    let cancelled = Instant::now();
    cancel.cancel();
    let (end_of_file, returned, generator) = reader.join().unwrap();
    assert_eq!(end_of_file, 0);
    assert!(returned - cancelled < Duration::from_secs(1));
    assert_eq!(generator.stats().packets, 0);
}

#[test]
fn cancelled_stays_cancelled() {
    let cancel = Cancel::new();
    let mut generators = [unlimited(0), paced(75.0, &cancel), paced(1e-6, &cancel)];
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
fn statistics() {
    let mut generator = paced(75.0, &Cancel::new());
    let before = generator.stats();
    assert_eq!((before.packets, before.bytes, before.duration), (0, 0, Duration::ZERO));
    assert!(before.started.is_none());
    assert_eq!(before.actual_bits_per_second(), 0.0);

    let begin = Instant::now();
    for _ in 0..20 {
        assert_eq!(generator.read(&mut [0; 1456]).unwrap(), 1456);
    }
    let stats = generator.stats();
    assert_eq!((stats.packets, stats.bytes), (20, 20 * 1456));
    assert!(stats.started.is_some_and(|started| started >= begin));
    assert!(stats.duration <= begin.elapsed());
    assert_eq!(stats.target_bits_per_second.unwrap().get(), 75_000_000);
    assert!(stats.actual_bits_per_second() <= 75_000_000.0, "packets never come early");
}

#[test]
fn a_common_start_lies_before_the_first_read() {
    let start = Instant::now() - Duration::from_millis(50);
    let mut generator = paced(10.0, &Cancel::new()).starting_at(start);
    let begin = Instant::now();
    for _ in 0..10 {
        assert_eq!(generator.read(&mut [0; 1456]).unwrap(), 1456);
    }
    assert!(generator.stats().duration >= Duration::from_millis(50));
    assert_eq!(generator.stats().started, Some(start));
    assert!(begin.elapsed() < Duration::from_secs(1), "ten were due 12 ms after the start");
}

#[test]
fn allocations() {
    let mut packet = [0; 1500];
    let cancel = Cancel::new();
    for mut generator in [unlimited(1450), paced(75.0, &cancel)] {
        let counted = allocation_counter::measure(|| {
            for _ in 0..100 {
                assert_ne!(generator.read(&mut packet).unwrap(), 0);
            }
        });
        assert_eq!(counted.count_total, 0);
    }
}
