//! `--pcap FILE`: capture files as the source.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use run_result::{End, RunResult};

use crate::captures::{ETHERNET, Recorded, classic, datagram, datagrams, pcapng, read};
use crate::program::{Running, ring};

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn with(&self, content: &[u8]) -> PathBuf {
        let path = self.at("in");
        fs::write(&path, content).unwrap();
        path
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// By flow, which is the port, the packets in their order.
fn by_flow(packets: &[Recorded]) -> Vec<Vec<&Recorded>> {
    let port = |packet: &Recorded| u16::from_be_bytes([packet.1[34], packet.1[35]]);
    let mut ports: Vec<u16> = packets.iter().map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    let of = |wanted: u16| packets.iter().filter(|packet| port(packet) == wanted).collect();
    ports.into_iter().map(of).collect()
}

#[test]
fn a_file_that_is_read_and_written_keeps_every_packet_and_time_and_the_order_of_each_flow() {
    let packets = datagrams(3000, 7);
    for content in [classic(&packets, false), classic(&packets, true), pcapng(&packets)] {
        let files = Files::new();
        let (from, to) = (files.with(&content), files.at("out"));
        for speed in ["--unlimited", "-rate=100"] {
            let sink = format!("pcap:{}", text(&to));
            let ended = ring(&["--pcap", text(&from), speed, "--sink", &sink, "--btree-size=40"]);
            let figures = ended.figures();
            figures.assert_conservation();
            assert_eq!((figures.produced, figures.dropped), (3000, 0));
            let bytes: usize = packets.iter().map(|(_, bytes)| bytes.len()).sum();
            let line = format!("Capture: packets=3000 bytes={bytes} malformed=0 oversized=0");
            assert!(ended.stderr.contains(&line), "no {line:?} in {}", ended.stderr);
            let (link, written) = read(&to);
            assert_eq!((link, written.len()), (ETHERNET, packets.len()));
            assert_eq!(by_flow(&written), by_flow(&packets));
        }
    }
}

#[test]
fn one_producer_keeps_the_order_of_the_file() {
    let files = Files::new();
    let packets = datagrams(500, 5);
    let (from, to) = (files.with(&pcapng(&packets)), files.at("out"));
    let sink = format!("pcap:{}", text(&to));
    ring(&["--pcap", text(&from), "--producers=1", "--unlimited", "--sink", &sink]).figures();
    assert_eq!(read(&to), (ETHERNET, packets));
}

#[test]
fn the_recorded_pauses_are_kept() {
    let files = Files::new();
    let packets = [0, 400].map(|ms| (ms * 1_000_000, datagram(1, b"packet")));
    let (from, to) = (files.with(&classic(&packets, false)), files.at("result"));
    let ended = ring(&["--pcap", text(&from), "--json", text(&to)]);
    assert!(ended.stderr.contains(" as recorded, "), "{}", ended.stderr);
    assert!(ended.stderr.contains(&format!("End of {} reached", text(&from))));
    let result = RunResult::from_json(&fs::read_to_string(&to).unwrap()).unwrap();
    assert!(result.totals.elapsed_s >= 0.4, "{}", result.totals.elapsed_s);
    assert_eq!((result.end, result.config.source.as_str()), (End::Source, "pcap"));
    let replay = result.replay.unwrap();
    assert_eq!((replay.packets, replay.bytes, result.totals.produced), (2, 96, 2));
}

#[test]
fn a_broken_file_is_a_failure_that_says_where_after_all_that_came_before() {
    let packets = datagrams(20, 2);
    for content in [classic(&packets, false), pcapng(&packets)] {
        let files = Files::new();
        let (from, to) = (files.with(&content[..content.len() - 5]), files.at("out"));
        let sink = format!("pcap:{}", text(&to));
        let ended = ring(&["--pcap", text(&from), "--unlimited", "--sink", &sink]);
        assert_eq!(ended.code(), Some(1));
        let last = ended.stderr.lines().last().unwrap();
        assert!(last.starts_with("ring: --pcap \""), "{last}");
        assert!(last.contains("packet 20, at byte "), "{last}");
        assert!(last.ends_with("the file ends in the middle"), "{last}");
        assert_eq!(read(&to).1.len(), 19);
    }
}

#[test]
fn what_is_too_long_or_contradicts_itself_is_counted() {
    let files = Files::new();
    let mut packets = datagrams(3, 1);
    packets[0].1[14] = 0x4f;
    packets[1].1.resize(65_601, 0);
    let from = files.with(&classic(&packets, false));
    let ended = ring(&["--pcap", text(&from), "--unlimited"]);
    assert_eq!(ended.figures().produced, 2);
    assert!(ended.stderr.contains("malformed=1 oversized=1"), "{}", ended.stderr);
}

#[test]
fn a_pipe_is_a_source_too() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ring"))
        .args(["--pcap", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let file = classic(&datagrams(10, 3), false);
    child.stdin.take().unwrap().write_all(&file).unwrap();
    let log = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert!(log.contains("Produced: 10\n") && log.contains("End of stdin reached"), "{log}");
}

#[test]
fn a_pipe_from_which_nothing_comes_does_not_hold_up_a_signal() {
    let files = Files::new();
    let fifo = files.at("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    // Open at both ends, so that opening it does not wait either.
    let keep = fs::File::options().read(true).write(true).open(&fifo).unwrap();
    let mut running = Running::start(&["--pcap", text(&fifo)]);
    running.line_with("Starting: ");
    running.send(Signal::SIGINT);
    running.end().figures().assert_conservation();
    drop(keep);
}

#[test]
fn a_signal_ends_a_replay_that_would_go_on_for_years() {
    let files = Files::new();
    let packets = [1, 1 << 62].map(|at_ns| (at_ns, datagram(1, b"packet")));
    let from = files.with(&classic(&packets, false));
    let mut running = Running::start(&["--pcap", text(&from)]);
    running.line_with("inserted=1 ");
    running.send(Signal::SIGTERM);
    assert_eq!(running.end().figures().produced, 1);
}

fn rtp(ssrc: u32, number: u64) -> Vec<u8> {
    let [high, low] = (number as u16).to_be_bytes();
    [&[0x80, 96, high, low, 0, 0, 0, 0][..], &ssrc.to_be_bytes(), b"sound"].concat()
}

#[test]
fn rtp_streams_leave_the_window_in_order_with_what_is_wrong_counted() {
    let files = Files::new();
    // Two streams in turns; one wraps around, and of it a number is lost, one comes twice and
    // two neighbours come in the other order.
    let mut numbers: Vec<u64> = (65_500..65_700).filter(|number| *number != 65_540).collect();
    numbers.swap(100, 101);
    numbers.insert(150, 65_640);
    let both = numbers.iter().flat_map(|&number| [rtp(1, number), rtp(2, 0)]);
    let mut second = 0;
    let payloads = both.map(|mut packet| {
        if packet[11] == 2 {
            packet[2..4].copy_from_slice(&(second as u16).to_be_bytes());
            second += 1;
        }
        packet
    });
    let mut packets: Vec<Recorded> =
        payloads.zip(1..).map(|(payload, at_ns)| (at_ns, datagram(9, &payload))).collect();
    packets.push((1000, datagram(9, b"not RTP")));
    let (from, to, json) =
        (files.with(&classic(&packets, false)), files.at("out"), files.at("json"));
    let sink = format!("pcap:{}", text(&to));
    let args = ["--order=rtp", "--unlimited", "--btree-size=40", "--json", text(&json)];
    let ended = ring(&[&["--pcap", text(&from), "--sink", &sink][..], &args].concat());
    ended.figures().assert_conservation();
    let line =
        "RTP 0x00000001: received=200 lost=1 duplicates=1 reordered=1 late=0 strays=0 restarts=0";
    assert!(ended.stderr.contains(line), "{}", ended.stderr);
    assert!(ended.stderr.contains("RTP: streams=2 other=1 beyond=0"), "{}", ended.stderr);
    let result = RunResult::from_json(&fs::read_to_string(&json).unwrap()).unwrap();
    let other = result.rtp.unwrap().streams[1];
    assert_eq!((other.received, other.lost, other.reordered), (200, 0, 0));

    let written = read(&to).1;
    let of_first =
        written.iter().map(|(_, frame)| &frame[42..]).filter(|rtp| rtp.get(11) == Some(&1));
    let order: Vec<u64> =
        of_first.map(|rtp| u64::from(u16::from_be_bytes([rtp[2], rtp[3]]))).collect();
    assert!(order.into_iter().eq((65_500..65_700).filter(|n| *n != 65_540).map(|n| n % 65_536)));
}
