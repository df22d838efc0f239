//! Runs on datagrams that this test sends.

use std::net::UdpSocket;

use nix::sys::signal::Signal;

use crate::program::{Ended, Running, ring};

/// Starts the program on a port that the kernel chooses, and returns it with its address.
pub(crate) fn listening(host: &str, args: &[&str]) -> (Running, String) {
    let address = format!("{host}:0");
    let args = [&["--listen", &address], args].concat();
    let mut running = Running::start(&args);
    let starting = running.line_with("Starting: ");
    let (_, rest) = starting.split_once("udp ").unwrap();
    let address = rest.split(',').next().unwrap().to_owned();
    (running, address)
}

fn senders(address: &str, count: usize) -> Vec<UdpSocket> {
    let here = if address.starts_with('[') { "[::1]:0" } else { "127.0.0.1:0" };
    let senders = (0..count).map(|_| UdpSocket::bind(here).unwrap());
    senders.inspect(|sender| sender.connect(address).unwrap()).collect()
}

fn assert_all_accounted_for(ended: &Ended, sent: u64) {
    let figures = ended.figures();
    figures.assert_conservation();
    assert_eq!(figures.udp["received"] + figures.udp["kernel_drops"], sent, "{figures:?}");
    assert_eq!(figures.udp["received"], figures.produced + figures.dropped, "{figures:?}");
}

#[test]
fn numbered_datagrams_all_arrive_or_are_counted() {
    const SENT: u64 = 20_000;
    let (running, address) = listening("127.0.0.1", &["--producers", "2"]);
    let senders = senders(&address, 8);
    for number in 0..SENT {
        let sender = &senders[number as usize % senders.len()];
        sender.send(&[&number.to_be_bytes()[..], &[0; 192]].concat()).unwrap();
    }
    running.send(Signal::SIGINT);
    let ended = running.end();
    assert_all_accounted_for(&ended, SENT);
    let figures = ended.figures();
    assert_eq!(figures.dropped, 0, "the ring had room, or the receivers could wait for it");
    assert!(figures.produced > 0);
}

#[test]
fn datagrams_of_every_legal_size() {
    let (running, address) = listening("127.0.0.1", &["--producers", "1"]);
    let sender = &senders(&address, 1)[0];
    let sizes = [0, 1, 7, 1450, 9000, 65_507, 0];
    for size in sizes {
        assert_eq!(sender.send(&vec![0xab; size]).unwrap(), size);
    }
    running.send(Signal::SIGTERM);
    let ended = running.end();
    assert_all_accounted_for(&ended, sizes.len() as u64);
    assert_eq!(ended.figures().udp["empty"], 2);
    assert_eq!(ended.figures().produced, 7);
}

#[test]
fn oversized_datagrams_are_counted_and_dropped() {
    if UdpSocket::bind("[::1]:0").is_err() {
        println!("no IPv6 here, and only there can a datagram be that long");
        return;
    }
    let (running, address) = listening("[::1]", &[]);
    let sender = &senders(&address, 1)[0];
    sender.send(&vec![0; 65_508]).unwrap();
    sender.send(&vec![0; 65_507]).unwrap();
    running.send(Signal::SIGINT);
    let ended = running.end();
    assert_all_accounted_for(&ended, 2);
    assert_eq!(ended.figures().udp["oversized"], 1);
    assert_eq!(ended.figures().dropped, 1);
}

#[test]
fn a_ring_that_is_too_small_backs_the_kernel_up_but_loses_no_count() {
    const SENT: u64 = 5_000;
    let args = ["--ring-size=4", "--max-retries=1", "--max-backoffs=1", "--frequency=50"];
    let (running, address) = listening("127.0.0.1", &args);
    let sender = &senders(&address, 1)[0];
    for _ in 0..SENT {
        sender.send(&[0; 100]).unwrap();
    }
    running.send(Signal::SIGINT);
    assert_all_accounted_for(&running.end(), SENT);
}

#[test]
fn several_addresses() {
    let args = ["--producers", "2", "--listen", "127.0.0.1:0"];
    let (running, address) = listening("127.0.0.1", &args);
    let addresses: Vec<&str> = address.split(" + udp ").collect();
    assert_eq!(addresses.len(), 2, "{address}");
    for address in &addresses {
        senders(address, 1)[0].send(b"hello").unwrap();
    }
    running.send(Signal::SIGINT);
    let ended = running.end();
    assert_all_accounted_for(&ended, 2);
    assert!(ended.stderr.contains("Starting: 4 producers @ udp "));
}

#[test]
fn an_address_in_use_is_a_failure() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = ring(&["--listen", &address]);
    assert_eq!(ended.code(), Some(1));
    assert!(
        ended.stderr.starts_with(&format!("ring: --listen \"{address}\": ")),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr.lines().count(), 1);
}

#[test]
fn two_programs_do_not_share_an_address() {
    let (running, address) = listening("127.0.0.1", &["--producers", "2"]);
    assert_eq!(ring(&["--listen", &address]).code(), Some(1));
    running.send(Signal::SIGINT);
    assert_all_accounted_for(&running.end(), 0);
}
