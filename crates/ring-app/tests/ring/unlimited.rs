//! How fast the program goes without a set rate, beside what the machine can copy. It needs a
//! machine that does nothing else, so it runs by `make test-unlimited` only.

use std::hint::black_box;
use std::time::Instant;

use crate::program::ring;

const PACKET_BYTES: usize = 1450;
const MIN_GBPS: f64 = 50.0;
/// Of the copy bound.
const MIN_SHARE: f64 = 0.25;

/// What one core writes and reads again: packets are copied into 1024 buffers, which stay in its
/// cache, and then summed. The best of a few tries, since a bound is what the machine can do.
fn copy_bound_gbps() -> f64 {
    const LAPS: usize = 200;
    let pattern: Vec<u8> = (0..PACKET_BYTES).map(|i| i as u8).collect();
    let mut buffers = vec![vec![0; PACKET_BYTES]; 1024];
    let mut copy = || {
        let begin = Instant::now();
        for _ in 0..LAPS {
            buffers.iter_mut().for_each(|buffer| buffer.copy_from_slice(black_box(&pattern)));
            black_box(buffers.iter().map(|buffer| sum(buffer)).fold(0, u64::wrapping_add));
        }
        (LAPS * buffers.len() * PACKET_BYTES * 8) as f64 / begin.elapsed().as_nanos() as f64
    };
    (0..5).map(|_| copy()).fold(0.0, f64::max)
}

fn sum(packet: &[u8]) -> u64 {
    let (words, rest) = packet.as_chunks();
    let words = words.iter().map(|&word| u64::from_le_bytes(word)).fold(0, u64::wrapping_add);
    rest.iter().fold(words, |sum, &byte| sum.wrapping_add(byte.into()))
}

#[test]
#[ignore = "timed: make test-unlimited"]
fn unlimited_reaches_50_gbps_and_a_quarter_of_the_copy_bound() {
    let bound = copy_bound_gbps();
    println!("copy bound: {bound:.1} Gb/s");
    for producers in ["1", "2", "4", "8"] {
        let figures = ring(&["--unlimited", "--duration=5s", "--producers", producers]).figures();
        figures.assert_conservation();
        assert_eq!(figures.dropped, 0);
        let rates: Vec<f64> = figures.intervals.iter().map(|i| i.rate_mbps / 1000.0).collect();
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        println!(
            "{producers} producers: {mean:.1} Gb/s ({:.1} to {:.1}), {:.0} % of the copy bound",
            rates.iter().copied().fold(f64::INFINITY, f64::min),
            rates.iter().copied().fold(0.0, f64::max),
            mean / bound * 100.0
        );
        assert!(mean >= MIN_GBPS && mean >= MIN_SHARE * bound, "{mean} Gb/s, bound {bound}");
    }
}
