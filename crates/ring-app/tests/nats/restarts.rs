use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::process::{Ended, Ring};
use crate::server::Server;

fn collect(server: &Server, further: &[&str]) -> Ring {
    let from = server.address("ring.a");
    let common = ["collect", "--from", &from, "--nodes", "1", "--ack-wait", "1s"];
    Ring::start(&[&common, further].concat())
}

fn produce(server: &Server, seconds: &str) -> Ring {
    let sink = server.address("ring.a");
    Ring::start(&["--sink", &sink, "--node", "a", "--duration", seconds])
}

/// A collector that is stopped and started again goes on where it was, whatever stopped it.
#[test]
fn a_collector_goes_on_where_it_was() {
    let server = Server::start();
    let by_duration = collect(&server, &["--duration", "2s"]);
    let node = produce(&server, "5s");
    let first = by_duration.end();
    assert_eq!(
        (first.code, first.json["end"].as_str()),
        (Some(0), Some("duration")),
        "{}",
        first.log
    );
    let by_signal = collect(&server, &[]);
    sleep(Duration::from_millis(1500));
    by_signal.send(Signal::SIGINT);
    let second = by_signal.end();
    assert_eq!(
        (second.code, second.json["end"].as_str()),
        (Some(0), Some("signal")),
        "{}",
        second.log
    );
    let accepted = node.end().assert_all_delivered();
    assert!(first.number("/received") < accepted && second.number("/received") < accepted);
    let third = collect(&server, &[]).end();
    third.assert_collected(accepted);

    // The next collection begins with that window, and counts its own packets only.
    let node = produce(&server, "1s");
    let next = collect(&server, &[]).end();
    let accepted = node.end().assert_all_delivered();
    assert_eq!(next.code, Some(0), "{}", next.log);
    assert_eq!(
        (next.number("/received"), next.number("/window")),
        (accepted, 2000),
        "{}",
        next.log
    );
    assert_eq!(next.number("/inserted"), 2000 + accepted, "{}", next.log);
}

/// Two of the same name would take each other's messages.
#[test]
fn the_later_of_two_collectors_takes_over() {
    let server = Server::start();
    let first = collect(&server, &[]);
    first.wait_for("Collecting");
    let node = produce(&server, "3s");
    sleep(Duration::from_secs(1));
    let second = collect(&server, &[]);
    let first: Ended = first.end();
    assert_eq!(first.code, Some(1), "{}", first.log);
    assert!(first.log.contains("another collector has taken over"), "{}", first.log);
    let accepted = node.end().assert_all_delivered();
    second.end().assert_collected(accepted);
}
