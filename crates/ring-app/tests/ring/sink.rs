//! `--sink pcap:FILE`: what leaves the window, in a file.

use std::fs;
use std::process::Command;

use crate::captures::{RAW_IP, payload, read};
use crate::log_lines::without_stamp;
use crate::program::ring;

#[test]
fn every_packet_is_in_the_file_in_the_order_of_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcap");
    let sink = format!("pcap:{}", path.display());
    let size = "--packet-size=100";
    let ended = ring(&["--sink", &sink, "-rate=2", size, "-btreeSize=50", "-duration=300ms"]);
    let figures = ended.figures();
    figures.assert_conservation();
    assert_eq!(figures.final_size, 50);
    let (link, packets) = read(&path);
    assert_eq!((link, packets.len() as u64), (RAW_IP, figures.consumed));
    // Each producer's packets begin with their numbers, and its port is its own.
    let mut next = [None; 4];
    for (_, packet) in &packets {
        let (port, payload) = payload(packet);
        assert_eq!(payload.len(), 100);
        let number = u64::from_le_bytes(*payload.first_chunk().unwrap());
        let next = &mut next[usize::from(port - 10_000)];
        assert_eq!(number, next.unwrap_or(number));
        *next = Some(number + 1);
    }
    assert!(next.iter().all(Option::is_some));
    let line = format!("Sink: {sink} packets={} ", figures.consumed);
    assert!(ended.stderr.contains(&line), "no {line:?} in {}", ended.stderr);
}

#[test]
fn a_file_that_cannot_be_written_is_a_failure_before_anything_starts() {
    let ended = ring(&["--sink=pcap:/proc/nothing.pcap", "-duration=100ms"]);
    assert_eq!(ended.code(), Some(1));
    assert!(ended.stderr.starts_with("ring: --sink pcap:/proc/nothing.pcap: "), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1);
}

#[test]
fn the_file_that_is_replayed_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.pcap");
    let file = path.to_str().unwrap();
    ring(&["--sink", &format!("pcap:{file}"), "-duration=100ms"]);
    let before = fs::read(&path).unwrap();
    assert!(before.len() > 100);
    let by_another_name = format!("pcap:{}/./in.pcap", folder.path().display());
    let ended = ring(&["--pcap", file, "--sink", &by_another_name]);
    assert_eq!(ended.code(), Some(2));
    assert!(ended.stderr.contains("another file than --pcap's"), "{}", ended.stderr);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_full_disk_ends_the_run_as_a_failure() {
    for speed in ["-rate=50", "--unlimited"] {
        let ended = ring(&["--sink=pcap:/dev/full", speed]);
        assert_eq!(ended.code(), Some(1));
        let last = ended.stderr.lines().last().unwrap();
        assert!(last.starts_with("ring: --sink pcap:/dev/full: No space left"), "{last}");
    }
}

#[test]
fn what_fits_before_a_limit_stays_a_readable_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcap");
    let script = format!(
        "trap '' XFSZ; ulimit -f 40; exec \"$0\" --sink pcap:{} -packetSize=999 -btreeSize=10",
        path.display()
    );
    let run =
        Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_ring")]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let log = String::from_utf8(run.stderr).unwrap();
    let (log, error) = log.trim_end().rsplit_once('\n').unwrap();
    assert!(error.contains("--sink pcap:") && error.contains("too large"), "{error}");
    let (_, packets) = read(&path);
    assert!(packets.len() > 10, "{log}");
    let line = log.lines().map(without_stamp).find(|line| line.starts_with("Sink: ")).unwrap();
    assert!(line.contains(&format!(" packets={} ", packets.len())), "{line}");
    assert!(!line.ends_with("failed=0"), "{line}");
}

#[test]
fn a_run_without_packets_leaves_an_empty_file_of_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.pcap");
    let sink = format!("pcap:{}", path.display());
    fs::write(&path, "an older and longer file than that will be, which goes").unwrap();
    ring(&["--listen=127.0.0.1:0", "--sink", &sink, "-duration=100ms"]).figures();
    assert_eq!(read(&path), (RAW_IP, Vec::new()));
}
