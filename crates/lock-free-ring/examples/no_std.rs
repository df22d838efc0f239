//! As on a microcontroller: `core` and `alloc` only, no waiting, one ring for the life of the
//! device between an interrupt handler and the main loop. `std` is here for `main` alone, which
//! plays the hardware. Run with `--no-default-features`. It prints:
//!
//! ```text
//! 100 samples taken: 84 handled, 16 refused while the main loop was busy
//! sum of the handled ones: 84000
//! ```
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use lock_free_ring::{ConfigError, Consumer, ShardedRing};

/// What the sensor gives.
struct Sample(u16);

/// Built once, never freed: `&'static`, as an interrupt handler needs it.
fn build() -> Result<&'static ShardedRing<Sample>, ConfigError> {
    Ok(Box::leak(Box::new(ShardedRing::new(16, 1)?)))
}

/// In the interrupt handler: never waits, never allocates. Full: the shard's statistics count it.
fn on_interrupt(ring: &ShardedRing<Sample>, value: u16) {
    let _refused = ring.try_write(0, Sample(value));
}

/// A turn of the main loop: takes what is there.
fn turn(consumer: &mut Consumer<Sample>) -> (u32, u32) {
    consumer.drain(16).fold((0, 0), |(count, sum), sample| (count + 1, sum + u32::from(sample.0)))
}

extern crate std;

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let ring = build()?;
    let mut consumer = ring.consumer()?;
    let (mut handled, mut sum) = (0, 0);
    for number in 1..=100 {
        on_interrupt(ring, 1000);
        // It is busy with something else for the first 32, and looks every fourth time after that.
        if number > 28 && number % 4 == 0 {
            let (count, of_these) = turn(&mut consumer);
            (handled, sum) = (handled + count, sum + of_these);
        }
    }
    let refused: u64 = ring.stats().map(|shard| shard.refused).sum();
    std::println!(
        "100 samples taken: {handled} handled, {refused} refused while the main loop was busy"
    );
    std::println!("sum of the handled ones: {sum}");
    Ok(())
}
