//! What does not work says so in one line, and what to do.

use async_nats::jetstream::stream::{Config, DiscardPolicy};

use crate::process::{Ended, Ring};
use crate::server::{Server, free_port};

fn sink(address: &str, further: &[&str]) -> Ended {
    let common = ["--sink", address, "--nats-wait", "1s", "--duration", "1s"];
    Ring::start(&[&common, further].concat()).end()
}

fn collect(address: &str) -> Ended {
    let args = ["collect", "--from", address, "--nodes", "1", "--nats-wait", "1s"];
    Ring::start(&[&args[..], &["--duration", "1s"]].concat()).end()
}

fn assert_verdict(ended: &Ended, part: &str) {
    assert_eq!(ended.code, Some(1), "{}", ended.log);
    let lines: Vec<_> = ended.log.lines().filter(|line| line.starts_with("ring: ")).collect();
    assert!(lines.len() == 1 && lines[0].contains(part), "no {part:?} in\n{}", ended.log);
}

#[test]
fn a_server_that_is_away_or_elsewhere() {
    let nobody = format!("nats://127.0.0.1:{}/ring.a", free_port());
    for ended in [sink(&nobody, &[]), collect(&nobody)] {
        assert_verdict(&ended, "no NATS server within 1s");
        assert!(ended.log.contains("trying again"), "{}", ended.log);
    }
    assert_verdict(&sink("nats://no.such.host.invalid/ring.a", &[]), "no NATS server within 1s");
}

#[test]
fn a_server_without_jetstream() {
    let server = Server::without_jetstream();
    for ended in [sink(&server.address("ring.a"), &[]), collect(&server.address("ring.a"))] {
        assert_verdict(&ended, "start it with: nats-server -js");
    }
}

#[test]
fn a_stream_for_other_subjects() {
    let server = Server::start();
    let subjects = vec!["other.>".to_owned()];
    server.make_stream(Config { name: "S".to_owned(), subjects, ..Config::default() });
    for ended in
        [sink(&server.address("ring.a?stream=S"), &[]), collect(&server.address("ring.a?stream=S"))]
    {
        assert_verdict(&ended, "stream S takes other.>, not ring.a");
    }
}

#[test]
fn a_stream_that_is_full() {
    let server = Server::start();
    server.make_stream(Config {
        name: "S".to_owned(),
        subjects: vec!["ring.a".to_owned()],
        max_messages: 3,
        discard: DiscardPolicy::New,
        ..Config::default()
    });
    let ended = sink(&server.address("ring.a"), &["--max-backoffs", "0"]);
    assert_verdict(&ended, "packets not delivered");
    assert!(ended.log.contains("maximum messages exceeded"), "{}", ended.log);
    let (there, failed) = (ended.number("/delivery/packets"), ended.number("/delivery/failed"));
    assert_eq!(there + failed, ended.number("/totals/produced"));
}

#[test]
fn the_longest_packets_arrive() {
    let server = Server::start();
    let long = sink(&server.address("ring.a"), &["--packet-size", "65507"]);
    long.assert_all_delivered();
}
