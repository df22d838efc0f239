//! The command line of `ring`: each line of the input is an argument.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    ring_app::fuzzing::command_line(text.lines().map(str::to_owned));
});
