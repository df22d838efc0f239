//! The dashboard in a real Chromium and its metrics in Prometheus' own parser, which `cargo test`
//! alone cannot ask for: `make test-browser`.

use std::path::Path;
use std::process::Command;

use nix::sys::signal::Signal;

use crate::dashboard::{start, start_and_flood};

/// The checks themselves are in `dashboard.test.mjs`, beside those of the suite's report, whose
/// harness they share.
#[test]
#[ignore = "needs Chromium and node: `make test-browser` installs both and runs it"]
fn the_dashboard_works_in_a_real_browser() {
    let (mut busy, address) = start(&["--rate=50", "--stats-interval=0.25"]);
    // The consumer is too slow for a ring that small: packets are dropped, and shards are full.
    let narrow = [
        "--stats-interval=0.25",
        "--ring-size=128",
        "--ring-shards=64",
        "--rate=20",
        "--frequency=60000",
        "--max-backoffs=1",
        "--backoff=1us",
        "--producers=64",
    ];
    let (narrow, narrow_address) = start(&narrow);
    let (flooded, udp_address) = start_and_flood();
    busy.line_with("[stats]");
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../integration-tests/tests/report");
    let node = Command::new("node")
        .args(["--test", "--test-reporter=spec", "dashboard.test.mjs"])
        .env("DASHBOARD", format!("http://{address}/"))
        .env("NARROW_DASHBOARD", format!("http://{narrow_address}/"))
        .env("UDP_DASHBOARD", format!("http://{udp_address}/"))
        .current_dir(checks)
        .status()
        .expect("node starts");
    assert!(node.success(), "the browser found something wrong");
    for running in [busy, narrow, flooded] {
        running.send(Signal::SIGINT);
        running.end().figures().assert_conservation();
    }
}

#[test]
#[ignore = "needs Python's prometheus-client: `make test-browser` installs it and runs it"]
fn prometheus_understands_the_metrics() {
    let (mut running, address) = start(&["--rate=50", "--stats-interval=0.2"]);
    running.line_with("[stats]");
    let python = std::env::var("METRICS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ring/metrics.py");
    let python = Command::new(python).arg(checks).arg(format!("http://{address}/metrics")).status();
    assert!(python.expect("python starts").success(), "the parser found something wrong");
    running.send(Signal::SIGINT);
    running.end().figures().assert_conservation();
}
