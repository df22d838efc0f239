//! Datagrams into a window in the order of RTP.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ring_app::fuzzing::rtp(bytes));
