//! Capture files, and what is in them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ring_app::fuzzing::capture_file(bytes));
