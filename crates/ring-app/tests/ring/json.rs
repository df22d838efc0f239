//! The result that a run writes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use run_result::{End, RunResult};

use crate::program::{Ended, Running, ring};

fn result_of(args: &[&str]) -> RunResult {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.json");
    let ended = ring(&[args, &["--json", path.to_str().unwrap()]].concat());
    assert_eq!(ended.code(), Some(0), "{}", ended.stderr);
    let result = read(&path);
    assert_agrees(&result, &ended);
    result
}

fn read(path: &Path) -> RunResult {
    RunResult::from_json(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The result says what the log says, and its sums are right.
fn assert_agrees(result: &RunResult, ended: &Ended) {
    let (figures, totals) = (ended.figures(), result.totals);
    figures.assert_conservation();
    assert_eq!(
        [totals.produced, totals.dropped, totals.consumed, totals.trimmed, totals.window],
        [figures.produced, figures.dropped, figures.consumed, figures.trimmed, figures.final_size]
    );
    assert_eq!((totals.in_ring, totals.out_of_order), (0, 0));
    assert_eq!(result.series.len(), figures.intervals.len());
    for (interval, line) in result.series.iter().zip(&figures.intervals) {
        assert_eq!(interval.inserted, line.fields["inserted"]);
        assert!((interval.rate_mbps - line.rate_mbps).abs() < 0.01);
        assert_eq!(interval.peak_in_shard.len(), result.config.ring_shards);
        assert!(interval.peak_in_shard.iter().all(|peak| *peak <= result.shards[0].capacity));
        let latency = interval.latency_ns.map_or(0, |latency| latency.count);
        assert_eq!(latency, interval.inserted);
    }
    let latency = result.latency_ns.unwrap();
    assert_eq!(latency.count, totals.consumed);
    assert!(latency.p50 > 0 && latency.p50 <= latency.p99);
    assert!(latency.p99 <= latency.p999 && latency.p999 <= latency.max);
    assert_eq!(result.shards.iter().map(|shard| shard.written).sum::<u64>(), totals.produced);
    assert_eq!(result.shards.iter().map(|shard| shard.read).sum::<u64>(), totals.consumed);
    let mbit = totals.bytes as f64 * 8.0 / 1e6;
    assert!((totals.rate_mbps - mbit / totals.elapsed_s).abs() < 1e-6);
    assert!(result.usage.peak_rss_bytes > 1 << 20 && result.usage.allocations > 0);
    assert!(result.usage.cpu_user_s + result.usage.cpu_system_s > 0.0);
}

#[test]
fn a_result_holds_what_was_asked_for_and_what_came() {
    let result = result_of(&["-producers=4", "-rate=50", "-statsInterval=0.2", "-duration=700ms"]);
    assert_eq!((result.schema, result.end), (run_result::SCHEMA, End::Duration));
    assert_eq!(result.version, env!("CARGO_PKG_VERSION"));
    let config = &result.config;
    assert_eq!(
        (config.source.as_str(), config.producers, config.dedicated),
        ("generated", 4, true)
    );
    assert_eq!((config.rate_mbps, config.packet_bytes), (Some(50.0), Some(1450)));
    assert_eq!((config.ring_slots, config.ring_shards), (512, 4));
    assert_eq!((config.btree_size, config.btree_degree), (Some(2000), Some(32)));
    assert_eq!(
        (config.duration_s, config.stats_interval_s, config.tick_ms),
        (Some(0.7), 0.2, 10.0)
    );
    assert!(result.totals.elapsed_s >= 0.7 && result.totals.shutdown_us.unwrap() > 0.0);
    assert_eq!(result.totals.bytes, result.totals.consumed * 1450);
    assert_eq!(result.usage.steady_allocations, None, "it ended in its first second");
    assert_eq!(result.shards.len(), 4);
    assert!(!result.series.is_empty());
}

#[test]
fn unlimited_producers_on_shared_shards_keep_their_order() {
    let result =
        result_of(&["--unlimited", "-producers=6", "-statsInterval=0.1", "-duration=400ms"]);
    assert_eq!((result.config.rate_mbps, result.config.dedicated), (None, false));
    assert!(result.totals.produced > 1000);
}

#[test]
fn what_was_dropped_is_told() {
    let args = "-rate=200 -ringSize=4 -frequency=100 -maxRetries=1 -maxBackoffs=1 -duration=500ms";
    let result = result_of(&args.split(' ').collect::<Vec<_>>());
    assert!(result.totals.dropped > 0);
    assert!(result.shards.iter().all(|shard| shard.refused > 0 && shard.high_water == 1));
}

/// The bar of a run that has got going: nothing allocates any more, on any thread.
#[test]
fn a_steady_run_allocates_nothing() {
    for args in [&["-rate=20", "-producers=4"][..], &["-rate=20", "-producers=6"]] {
        let result = result_of(&[args, &["-duration=2200ms"]].concat());
        assert_eq!(result.usage.steady_allocations, Some(0), "{:?}", result.series);
    }
}

#[test]
fn stdout_gets_the_result_alone() {
    let ended = ring(&["-json=-", "-duration=200ms"]);
    assert_agrees(&RunResult::from_json(&ended.stdout).unwrap(), &ended);
}

#[test]
fn a_run_that_a_signal_ended_has_its_result_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.json");
    let mut running = Running::start(&["-statsInterval=0.1", &format!("-json={}", path.display())]);
    running.line_with("[stats]");
    running.send(Signal::SIGTERM);
    let ended = running.end();
    let result = read(&path);
    assert_agrees(&result, &ended);
    assert_eq!((result.end, result.config.duration_s), (End::Signal, None));
}

#[test]
fn a_run_that_could_not_start_whole_tells_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.json");
    let args = "-producers=500 -rate=1 -duration=1m -debugLevel=1 --json";
    let script = format!("ulimit -v 300000; exec \"$0\" {args} {}", path.display());
    let output =
        Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_ring")]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let result = read(&path);
    assert_eq!((result.end, result.totals.shutdown_us), (End::Failure, None));
    assert_eq!(result.totals.produced, result.totals.consumed);
}

#[test]
fn a_file_that_does_not_fit_is_an_error_and_the_older_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.json");
    fs::write(&path, "older").unwrap();
    // As on a full disk: no file may be longer than a block.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec \"$0\" -debugLevel=0 -duration=100ms --json {}",
        path.display()
    );
    let output =
        Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_ring")]).output().unwrap();
    assert_one_line(&output, 1, "--json: the result cannot be written: File too large");
    assert_eq!(fs::read_to_string(&path).unwrap(), "older");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no half of a file is left");
}

#[test]
fn a_folder_that_takes_no_file_is_an_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_ring"))
        .args(["-debugLevel=0", "-duration=100ms", "--json", "/proc/result.json"])
        .output()
        .unwrap();
    assert_one_line(&output, 1, "--json: the result cannot be written: ");
}

#[test]
fn a_full_stdout_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ring"))
        .args(["-debugLevel=0", "-duration=100ms", "--json", "-"])
        .stdout(Stdio::from(full))
        .output()
        .unwrap();
    assert_one_line(&output, 1, "--json: the result cannot be written: No space left on device");
}

fn assert_one_line(output: &std::process::Output, code: i32, part: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.starts_with("ring: ") && stderr.contains(part), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
