//! The result file of a run (`ring --json`): what is read is written so that it is read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use run_result::RunResult;

fuzz_target!(|text: &str| {
    let Ok(result) = RunResult::from_json(text) else { return };
    let written = result.to_json().expect("plain numbers and text");
    // A number that is too large to be written again is read as infinite: written as null.
    if let Ok(again) = RunResult::from_json(&written) {
        assert_eq!(again.to_json().expect("as before"), written);
    }
});
