//! Packets of a fixed pattern at a set bit rate, paced by sleeping.
//!
//! A [`Generator`] is a [`std::io::Read`] that gives one packet per call and makes the caller
//! wait until that packet is due. It never spins: between packets the thread sleeps. Up to 1000
//! packets a second a token bucket says until when, above it an absolute, monotonic schedule; in
//! either, late wake-ups do not add up, and the rate over any longer time is the one that was
//! set. A [`Cancel`] ends a sleeping read at once.
//!
//! ```
//! use std::io::Read;
//! use data_generator::{Cancel, Generator, GeneratorConfig, Rate};
//!
//! let config = GeneratorConfig::new(Rate::mbps(50.0)?).with_payload_bytes(1450);
//! let mut generator = Generator::new(&config, Cancel::new());
//! let mut packet = [0_u8; 1500];
//! assert_eq!(generator.read(&mut packet)?, 1450);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod cancel;
mod config;
mod generator;
mod pacer;
mod pattern;
mod rate;
mod schedule;
mod stats;
mod token_bucket;

pub use cancel::Cancel;
pub use config::{DEFAULT_BURST, DEFAULT_GRANULARITY, DEFAULT_PAYLOAD_BYTES, GeneratorConfig};
pub use generator::Generator;
pub use rate::{InvalidRate, Rate};
pub use stats::Stats;
