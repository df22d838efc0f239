//! Runs that a signal ends.

use nix::sys::signal::Signal;

use crate::program::Running;

#[test]
fn the_first_signal_ends_the_run_cleanly() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut running = Running::start(&["-rate=50", "-statsInterval=0.1"]);
        running.line_with("[stats]");
        running.send(signal);
        let ended = running.end();
        ended.figures().assert_conservation();
        assert!(ended.stderr.contains(" Shutdown signal received, waiting for threads...\n"));
        assert!(ended.stderr.contains(" Clean shutdown completed in "));
    }
}

#[test]
fn a_signal_ends_an_unlimited_run() {
    let mut running = Running::start(&["--unlimited", "--stats-interval=0.1"]);
    running.line_with("[stats]");
    running.send(Signal::SIGINT);
    running.end().figures().assert_conservation();
}

#[test]
fn generators_that_sleep_long_end_at_once() {
    let mut running = Running::start(&["-rate=0.001", "-packetSize=65507", "-frequency=60000"]);
    running.line_with("Starting");
    running.send(Signal::SIGTERM);
    let figures = running.end().figures();
    figures.assert_conservation();
    assert_eq!(figures.produced, 0);
}

#[test]
fn what_was_stopped_goes_on_as_before() {
    let mut running = Running::start(&["-rate=10", "-statsInterval=0.1"]);
    running.line_with("[stats]");
    running.send(Signal::SIGSTOP);
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.send(Signal::SIGCONT);
    running.line_with("[stats]");
    running.line_with("[stats]");
    running.send(Signal::SIGINT);
    running.end().figures().assert_conservation();
}
