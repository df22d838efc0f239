//! Durations in Go's spelling.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| ring_app::fuzzing::duration(text));
