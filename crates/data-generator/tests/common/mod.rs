//! What the tests measure with. Not every test file uses all of it.
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::Read;
use std::time::{Duration, Instant};

use data_generator::{Cancel, Generator, GeneratorConfig, Rate};
use nix::sys::resource::{UsageWho, getrusage};

pub(crate) fn without_rate(payload_bytes: usize) -> Generator {
    let config = GeneratorConfig::new(Rate::Unlimited).with_payload_bytes(payload_bytes);
    Generator::new(&config, Cancel::new())
}

pub(crate) fn at(mbps: f64) -> GeneratorConfig {
    GeneratorConfig::new(Rate::mbps(mbps).unwrap())
}

pub(crate) fn paced(mbps: f64, cancel: &Cancel) -> Generator {
    Generator::new(&at(mbps), cancel.clone())
}

/// Reads for `time` and returns the megabits a second that came.
pub(crate) fn measured_mbps(generator: &mut Generator, time: Duration) -> f64 {
    let mut packet = [0; 1500];
    let mut bytes = 0;
    let begin = Instant::now();
    while begin.elapsed() < time {
        bytes += generator.read(&mut packet).unwrap();
    }
    bytes as f64 * 8.0 / begin.elapsed().as_secs_f64() / 1e6
}

/// That a generator of `config` keeps its rate over `time`, within half a percent.
pub(crate) fn assert_rate(config: &GeneratorConfig, mbps: f64, time: Duration) {
    let mut generator = Generator::new(config, Cancel::new());
    let measured = measured_mbps(&mut generator, time);
    let error = measured / mbps - 1.0;
    println!("{mbps} Mb/s set, {measured:.4} Mb/s measured: {:+.3} %", error * 100.0);
    assert!(error.abs() <= 0.005, "{mbps} Mb/s set, {measured} Mb/s measured");
}

/// The standard deviation over the mean of the gaps between `packets` packets.
pub(crate) fn variation_of_gaps(config: &GeneratorConfig, packets: usize) -> f64 {
    let mut generator = Generator::new(config, Cancel::new());
    let mut packet = [0; 1500];
    let begin = Instant::now();
    let mut arrive = || {
        assert_ne!(generator.read(&mut packet).unwrap(), 0);
        begin.elapsed().as_secs_f64()
    };
    let arrivals: Vec<f64> = (0..=packets).map(|_| arrive()).collect();
    let gaps: Vec<f64> = arrivals.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    variance.sqrt() / mean
}

/// Processor time that this process has taken so far.
pub(crate) fn cpu_time() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Duration::from_secs_f64(seconds(usage.user_time()) + seconds(usage.system_time()))
}
