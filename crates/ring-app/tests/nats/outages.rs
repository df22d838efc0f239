use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::process::{Ended, Ring};
use crate::server::Server;

fn node(server: &Server, name: &str, further: &[&str]) -> Ring {
    let sink = server.address(&format!("ring.{name}"));
    let common = ["--sink", &sink, "--node", name, "--nats-wait", "30s", "--duration", "14s"];
    Ring::start(&[&common, further].concat())
}

fn collector(server: &Server) -> Ring {
    let from = server.address("ring.>");
    Ring::start(&["collect", "--from", &from, "--nodes", "3", "--ack-wait", "2s"])
}

/// Three nodes, one collector; the server is killed twice and the collector once.
#[test]
fn every_accepted_packet_arrives_in_the_window_once() {
    let began = Instant::now();
    let mut server = Server::start();
    let first = collector(&server);
    first.wait_for("Collecting");
    let wait = &["--max-backoffs", "0"][..];
    let nodes = [
        node(&server, "a", wait),
        node(&server, "b", &[wait, &["--rate", "50"]].concat()),
        // This one is to drop packets when its ring is full.
        node(&server, "c", &["--max-backoffs", "1"]),
    ];
    let outage = |server: &mut Server, length_ms| {
        server.kill();
        sleep(Duration::from_millis(length_ms));
        server.restart();
    };
    sleep(Duration::from_secs(2));
    outage(&mut server, 1000);
    sleep(Duration::from_secs(2));
    first.send(Signal::SIGKILL);
    let before_kill = first.end().log;
    sleep(Duration::from_millis(500));
    let second = collector(&server);
    sleep(Duration::from_secs(3));
    outage(&mut server, 2000);

    let ended = nodes.map(Ring::end);
    let accepted = ended.each_ref().map(Ended::assert_all_delivered);
    let dropped = ended.each_ref().map(|ended| ended.number("/totals/dropped"));
    assert!(accepted.iter().all(|packets| *packets > 1000), "{accepted:?}");
    // The producers that wait give up the packet that they hold at the end, at most.
    assert!(dropped[0] <= 4 && dropped[1] <= 4 && dropped[2] > 0, "{dropped:?}");
    let collected = second.end();
    collected.assert_collected(accepted.iter().sum());
    assert_eq!(collected.number("/nodes_ended"), 3);
    assert!(before_kill.contains("connected again"), "{before_kill}");
    assert!(collected.number("/messages_redelivered") > 0, "the window came again");
    assert!(collected.number("/outages") >= 1, "{}", collected.log);

    let number = |pointer| collected.number(pointer);
    println!("accepted by node: {accepted:?}, dropped: {dropped:?}");
    println!(
        "received: {} = {} left + {} in the window; since the collector's restart: {} messages, \
         {} redelivered, {} packets dropped as repeats, {} outages",
        number("/received"),
        number("/left"),
        number("/window"),
        number("/messages"),
        number("/messages_redelivered"),
        number("/repeats_dropped"),
        number("/outages")
    );
    println!("server killed twice, collector once; {:.1} s in all", began.elapsed().as_secs_f64());
}

/// At the end the server is away for good: the sink says how much of it was in vain.
#[test]
fn what_is_not_delivered_is_told_exactly() {
    let mut server = Server::start();
    let sink = server.address("ring.a");
    let args = ["--sink", &sink, "--nats-wait", "1s", "--duration", "3s", "--max-backoffs", "0"];
    let node = Ring::start(&args);
    sleep(Duration::from_millis(1500));
    server.kill();
    let ended = node.end();
    assert_eq!(ended.code, Some(1), "{}", ended.log);
    let (there, failed) = (ended.number("/delivery/packets"), ended.number("/delivery/failed"));
    assert_eq!(there + failed, ended.number("/totals/produced"));
    assert!(there > 0 && failed > 0, "{there} {failed}");
    let told = format!("{failed} packets not delivered");
    assert!(ended.log.contains(&told), "no {told:?} in\n{}", ended.log);
    assert_eq!(ended.log.lines().filter(|line| line.starts_with("ring: ")).count(), 1);
}
