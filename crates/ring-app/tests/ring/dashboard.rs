//! The dashboard as any client meets it; `browser` looks at the page in a real one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};

use nix::sys::signal::Signal;

use crate::program::{Running, ring};
use crate::udp::listening;

/// A run with a dashboard, and its address.
pub(crate) fn start(args: &[&str]) -> (Running, String) {
    let mut running = Running::start(&[&["--dashboard=127.0.0.1:0"], args].concat());
    let address = address(&mut running);
    (running, address)
}

/// A run that listens, and was sent more than a socket may queue while it did not receive.
pub(crate) fn start_and_flood() -> (Running, String) {
    let (mut running, to) =
        listening("127.0.0.1", &["--dashboard=127.0.0.1:0", "--stats-interval=0.2"]);
    let address = address(&mut running);
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    sender.connect(to).unwrap();
    running.send(Signal::SIGSTOP);
    for _ in 0..4000 {
        sender.send(&[0; 9000]).unwrap();
    }
    running.send(Signal::SIGCONT);
    (running, address)
}

fn address(running: &mut Running) -> String {
    let line = running.line_with("Dashboard: http://");
    line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

/// Sends one request, and reads all that is answered.
fn send(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    // A refused client may see its connection reset after the answer.
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn ask(address: &str, method: &str, path: &str) -> String {
    send(address, &format!("{method} {path} HTTP/1.1\r\nHost: ring\r\nConnection: close\r\n\r\n"))
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn the_figures_of_the_log_are_those_of_the_dashboard() {
    let (mut running, address) = start(&["--stats-interval=0.2", "--rate=50"]);
    running.line_with("[stats]");
    running.line_with("[stats]");
    let data = ask(&address, "GET", "/data");
    let data: serde_json::Value = serde_json::from_str(body(&data)).unwrap();
    assert!(data["totals"]["consumed"].as_u64().unwrap() > 0, "{data}");
    assert_eq!(data["shards"].as_array().unwrap().len(), 4);
    let known = data["points"].as_array().unwrap().len();
    running.line_with("[stats]");
    let path = format!("/data?after={known}");
    let mut newer = 0;
    // The snapshot and the line do not come at the same moment.
    while newer == 0 {
        let answer = ask(&address, "GET", &path);
        let data: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
        let points = data["points"].as_array().unwrap();
        assert!(points.iter().all(|point| point["number"].as_u64().unwrap() > known as u64));
        newer = points.len();
    }
    running.send(Signal::SIGINT);
    running.end().figures().assert_conservation();
}

#[test]
fn what_the_kernel_drops_is_shown_while_the_run_goes_on() {
    let (mut running, address) = start_and_flood();
    let dropped = loop {
        running.line_with("[stats]");
        let data = ask(&address, "GET", "/data");
        let data: serde_json::Value = serde_json::from_str(body(&data)).unwrap();
        let dropped = data["totals"]["kernel_drops"].as_u64().unwrap_or_default();
        if dropped > 0 {
            break dropped;
        }
    };
    let metrics = ask(&address, "GET", "/metrics");
    assert!(metrics.contains(&format!("\nring_kernel_drops_total {dropped}\n")), "{metrics}");
    running.send(Signal::SIGINT);
    let figures = running.end().figures();
    assert_eq!(figures.udp["kernel_drops"], dropped, "{figures:?}");
}

#[test]
fn what_is_not_there_and_what_is_not_reading_is_refused() {
    let (running, address) = start(&[]);
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/metrics", 200),
        ("GET", "/nosuch", 404),
        ("GET", "/../../etc/passwd", 404),
        ("POST", "/", 405),
        ("PUT", "/data", 405),
        ("DELETE", "/metrics", 405),
    ] {
        let answer = ask(&address, method, path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {path}: {answer}");
        assert_eq!(body(&answer).is_empty(), method == "HEAD", "{method} {path}");
    }
    running.send(Signal::SIGINT);
    assert_eq!(running.end().code(), Some(0));
}

#[test]
fn broken_and_endless_requests_are_refused_and_the_next_is_answered() {
    let (running, address) = start(&[]);
    let long = "x".repeat(100_000);
    for request in [
        "nonsense\r\n\r\n".to_owned(),
        "\0\u{1}\u{2}\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nA: {long}\r\n\r\n"),
        "GET / HTTP/1.1\r\n".to_owned() + &"A: b\r\n".repeat(1000) + "\r\n",
    ] {
        let answer = send(&address, &request);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{}: {answer}", &request[..8]);
    }
    assert!(ask(&address, "GET", "/data").starts_with("HTTP/1.1 200 "));
    running.send(Signal::SIGINT);
    assert_eq!(running.end().code(), Some(0));
}

#[test]
fn clients_that_hold_on_hold_nothing_up() {
    let (mut running, address) = start(&["--stats-interval=0.1", "--rate=50"]);
    let mut held = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(&address).unwrap();
        // Half of a request, or a whole one whose answer nobody takes.
        let _ = stream.write_all(if held.len() % 2 == 0 {
            b"GET / HT"
        } else {
            b"GET / HTTP/1.1\r\nHost: ring\r\n\r\n"
        });
        held.push(stream);
    }
    running.line_with("[stats]");
    running.line_with("[stats]");
    running.send(Signal::SIGINT);
    running.end().figures().assert_conservation();
    let mut refused = 0;
    for mut stream in held {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        refused += u32::from(answer.starts_with(b"HTTP/1.1 503 "));
    }
    assert!(refused > 0, "100 connections at once were all served");
}

#[test]
fn a_place_is_free_again_when_a_slow_client_has_lost_it() {
    let (running, address) = start(&[]);
    let held: Vec<_> = (0..64).map(|_| TcpStream::connect(&address).unwrap()).collect();
    // They say nothing, and so are sent away; the test ends when that has happened.
    while !ask(&address, "GET", "/data").starts_with("HTTP/1.1 200 ") {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(held);
    running.send(Signal::SIGINT);
    assert_eq!(running.end().code(), Some(0));
}

#[test]
fn a_dashboard_that_nobody_asks_allocates_nothing() {
    let (running, _) = start(&["--duration=2500ms", "--stats-interval=0.2"]);
    let ended = running.end();
    assert!(ended.stderr.contains(", of these 0 after the first second\n"), "{}", ended.stderr);
}

#[test]
fn an_address_in_use_is_a_failure_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = ring(&["--dashboard", &address, "--duration=50ms"]);
    assert_eq!(ended.code(), Some(1));
    let expected =
        format!("ring: --dashboard \"{address}\": Address already in use (os error 98)\n");
    assert_eq!(ended.stderr, expected);
}

#[test]
fn an_open_address_is_honoured_and_said() {
    let open = ring(&["--dashboard=0.0.0.0:0", "--duration=50ms"]);
    assert_eq!(open.code(), Some(0), "{}", open.stderr);
    assert!(open.stderr.contains(" Dashboard: open to the network"), "{}", open.stderr);
    for own in ["0", ":0", "127.0.0.1:0", "localhost:0"] {
        let own = ring(&["--dashboard", own, "--duration=50ms"]);
        assert_eq!(own.code(), Some(0), "{}", own.stderr);
        assert!(!own.stderr.contains("open to the network"), "{}", own.stderr);
    }
}
