//! Runs on generated packets.

use crate::log_lines::without_stamp;
use crate::program::ring;

fn texts(log: &str) -> Vec<&str> {
    log.lines().map(without_stamp).collect()
}

#[test]
fn a_run_logs_the_described_lines_and_loses_nothing() {
    let ended = ring(&["-producers=4", "-rate=50", "-duration=1500ms"]);
    let figures = ended.figures();
    figures.assert_conservation();
    assert_eq!(figures.dropped, 0);
    assert_eq!(figures.final_size, 2000);
    assert!(figures.produced > 10_000, "{figures:?}");

    let texts = texts(&ended.stderr);
    assert_eq!(
        texts[0],
        "Ring size auto-calculated: 512 (4 producers × 50.0 Mb/s, 10ms interval, 2.0x multiplier)"
    );
    assert_eq!(
        texts[1],
        "Starting: 4 producers @ 50.0 Mb/s, ring=512/4 shards, btree max=2000, consumer every 10ms"
    );
    assert!(texts.contains(&"Duration 1.5s reached, shutting down..."));
    assert!(texts.iter().any(|text| text.starts_with("Clean shutdown completed in ")));
    assert!(texts.contains(&"=== Final Statistics ==="));
    assert!(texts.contains(&"Dropped:  0 (0.00%)"));
    assert!(texts.iter().any(|text| text.starts_with("CPU time: ")));

    let [interval] = &figures.intervals[..] else {
        panic!("one whole second has passed: {figures:?}");
    };
    assert_eq!(interval.fields["inserted"], interval.fields["trimmed"] + 2000);
    assert_eq!(interval.fields["btree"], 2000);
    assert_eq!(interval.ring_slots, 512);
    assert!(interval.in_ring <= interval.ring_slots);
    assert!(interval.rate_mbps > 100.0, "{interval:?}");
}

/// The last one releases more packets at a time than a shard holds.
#[test]
fn every_granularity_keeps_the_promises() {
    for granularity in ["0", "300us", "50ms"] {
        let args = ["--rate=20", "--duration=300ms", "--debug-level=4", "--pacing-granularity"];
        let ended = ring(&[&args[..], &[granularity]].concat());
        let figures = ended.figures();
        figures.assert_conservation();
        assert!(figures.produced > 0);
        assert!(ended.stderr.contains("Pacing: granularity "), "{}", ended.stderr);
    }
}

#[test]
fn every_byte_is_summed() {
    for (speed, packet_bytes) in [("--rate=20", 1450), ("--unlimited", 1450), ("--unlimited", 3)] {
        let packet_size = format!("--packet-size={packet_bytes}");
        let ended = ring(&[speed, &packet_size, "--duration=200ms"]);
        let bytes = ended.figures().produced * packet_bytes;
        let line = format!("Payload:  {bytes} bytes, sum ");
        assert!(ended.stderr.contains(&line), "no {line:?} in {}", ended.stderr);
    }
}

#[test]
fn both_spellings_and_both_places_of_the_value_mean_the_same() {
    let go = "-packetSize=500 -rate 10 -ringSize=256 -ringShards 2 -btreeSize=100 -duration=100ms";
    let ours = "--packet-size 500 --rate=10 --ring-size 256 --ring-shards=2 --btree-size 100 --duration 100ms";
    let lines = [go, ours].map(|args| {
        let args: Vec<&str> = args.split(' ').collect();
        let ended = ring(&args);
        ended.figures().assert_conservation();
        texts(&ended.stderr)[..2].join("\n")
    });
    assert_eq!(lines[0], lines[1]);
    assert_eq!(
        lines[0],
        "Ring size: 256 (user-specified)\n\
         Starting: 4 producers @ 10.0 Mb/s, ring=256/2 shards, btree max=100, consumer every 10ms"
    );
}

#[test]
fn more_producers_than_shards_share_them() {
    let figures = ring(&["-producers=9", "-rate=5", "-ringShards=2", "-duration=300ms"]).figures();
    figures.assert_conservation();
    assert!(figures.produced > 0);
}

#[test]
fn unlimited_producers_wait_and_drop_nothing() {
    for producers in ["1", "3", "8"] {
        let args = ["--unlimited", "--producers", producers, "--duration", "300ms"];
        let ended = ring(&args);
        let figures = ended.figures();
        figures.assert_conservation();
        assert_eq!(figures.dropped, 0);
        assert_eq!(figures.final_size, 2000);
        assert!(ended.stderr.contains("ring=16384/4 shards"), "{}", ended.stderr);
    }
}

#[test]
fn unlimited_through_one_slot_a_shard() {
    let args = ["-rate=0", "-ringSize=4", "-producers=4", "-duration=200ms"];
    let figures = ring(&args).figures();
    figures.assert_conservation();
    assert_eq!(figures.dropped, 0);
}

#[test]
fn what_a_full_ring_refuses_is_dropped_and_counted() {
    let args = "-rate=200 -ringSize=4 -frequency=100 -maxRetries=1 -maxBackoffs=1 -duration=500ms";
    let figures = ring(&args.split(' ').collect::<Vec<_>>()).figures();
    figures.assert_conservation();
    assert!(figures.dropped > 0, "{figures:?}");
}

#[test]
fn a_waiting_backoff_ends_with_the_run() {
    let args = "-rate=200 -ringSize=4 -frequency=60000 -backoff=1m -maxBackoffs=0 -duration=200ms";
    ring(&args.split(' ').collect::<Vec<_>>()).figures().assert_conservation();
}

#[test]
fn a_window_smaller_than_a_node() {
    let figures = ring(&["-btreeSize=1", "-btreeDegree=1024", "-duration=200ms"]).figures();
    figures.assert_conservation();
    assert_eq!(figures.final_size, 1);
}

#[test]
fn the_null_sink_keeps_nothing() {
    let figures = ring(&["--sink", "null", "--duration", "200ms"]).figures();
    figures.assert_conservation();
    assert_eq!(figures.final_size, 0);
}

#[test]
fn level_0_is_silent() {
    let ended = ring(&["-debugLevel=0", "-duration=100ms"]);
    assert_eq!((ended.code(), ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn higher_levels_tell_more() {
    let lines = ["3", "4", "5", "6", "7"].map(|level| {
        let ended = ring(&["-debugLevel", level, "-statsInterval=0.2", "-duration=300ms"]);
        ended.figures().assert_conservation();
        ended.stderr.lines().count()
    });
    assert!(lines.is_sorted_by(|less, more| less < more), "{lines:?}");
}

#[test]
fn help_and_version_go_to_stdout() {
    for args in [["--help"], ["-h"], ["-help"]] {
        let ended = ring(&args);
        assert_eq!((ended.code(), ended.stderr.as_str()), (Some(0), ""));
        for flag in
            ["--packet-size", "--listen", "--ring-shards", "--btree-degree", "--debug-level"]
        {
            assert!(ended.stdout.contains(flag), "{flag} in {}", ended.stdout);
        }
    }
    for args in [["--version"], ["-version"], ["-V"]] {
        let expected = format!("ring {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(ring(&args).stdout, expected);
    }
}
