//! Messages of a NATS stream: refused, or with one form and no other.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ring_app::fuzzing::nats_message(bytes));
