//! Results as a run of the suite writes them, with every kind of verdict in them.
//!
//! The root that takes this file in must have `results` in it: the crate itself has, a test
//! program says `use integration_tests::results;`.

use run_result::{End, Interval, Latency, RunConfig, RunResult, Shard, Totals, Usage};

use crate::results::{
    CaseComparison, CaseResult, Change, Check, CheckName, Comparison, Exit, Figure, FigureChange,
    Goal, Headline, Limits, LogFile, Machine, ProfileResult, Program, Recommendation, Results,
    SCHEMA, Settings, Severity, State, Thresholds, TopFunction, Verdict,
};

const STARTED_UNIX_S: f64 = 1_795_500_000.0;
const PACKET_BYTES: f64 = 1450.0;

/// Six cases: two pass (one of them profiled), one misses its rate, one hangs, one crashes, one is
/// an overload; and one that is planned has not run.
pub(crate) fn sample() -> Results {
    let cases = vec![
        passed("T003", 4, 50.0, Vec::new()),
        passed("T004", 8, 50.0, profiles()),
        too_slow("T128"),
        hung("T139"),
        crashed("T140"),
        overload("O001"),
    ];
    let mut planned: Vec<_> =
        cases.iter().map(|case| (case.id.clone(), case.name.clone())).collect();
    planned.push(("T175".to_owned(), "8p_50Mb_std_slow".to_owned()));
    Results {
        schema: SCHEMA,
        started_unix_s: STARTED_UNIX_S,
        written_unix_s: STARTED_UNIX_S + 75.0,
        state: State::Interrupted,
        command: ["integration-tests", "run", "--set", "full", "--report"].map(String::from).into(),
        machine: machine(),
        ring: Program {
            path: "target/release/ring".to_owned(),
            version: Some("ring 0.1.0".to_owned()),
        },
        set: "full".to_owned(),
        preset: "default".to_owned(),
        parallel: 1,
        limits: Limits { cpus: None, memory_bytes: Some(256 << 20) },
        planned,
        headlines: headlines(),
        recommendations: recommendations(),
        comparison: Some(comparison()),
        cases,
    }
}

fn machine() -> Machine {
    Machine {
        cpu: Some("AMD EPYC-Milan Processor".to_owned()),
        cores: 2,
        memory_bytes: Some(25_275_924_480),
        kernel: Some("Linux 6.1.0".to_owned()),
        rustc: Some("rustc 1.91.0".to_owned()),
        commit: Some("58e3b35".to_owned()),
        dirty: Some(false),
    }
}

fn case(id: &str, producers: usize, rate_mbps: f64, tick_ms: u64) -> CaseResult {
    let tick = match tick_ms {
        0..10 => "fast",
        10..50 => "normal",
        50..100 => "slow",
        _ => "veryslow",
    };
    CaseResult {
        id: id.to_owned(),
        name: format!("{producers}p_{rate_mbps}Mb_std_{tick}"),
        settings: Settings {
            producers,
            rate_mbps,
            packet_bytes: PACKET_BYTES as usize,
            tick_ms,
            shards: producers.next_power_of_two(),
            duration_s: 10.0,
            further: Vec::new(),
        },
        goal: Goal::Rate,
        thresholds: Thresholds {
            tolerance_percent: 5.0,
            max_drop_percent: 1.0,
            max_shutdown_s: 2.0,
        },
        verdict: Verdict::Passed,
        reasons: Vec::new(),
        checks: Vec::new(),
        started_unix_s: STARTED_UNIX_S,
        took_s: 10.02,
        exit: Some(Exit { code: Some(0), signal: None }),
        run: None,
        log: LogFile { path: format!("logs/{id}.log"), tail: tail() },
        profiles: Vec::new(),
    }
}

fn tail() -> Vec<String> {
    [
        "2026/11/24 16:00:10 Duration 10s reached, shutting down...",
        "2026/11/24 16:00:10 Clean shutdown completed in 113.224µs",
        "2026/11/24 16:00:10 === Final Statistics ===",
        "2026/11/24 16:00:10 Dropped:  0 (0.00%) <not markup> & \"quoted\"",
    ]
    .map(String::from)
    .into()
}

fn passed(id: &str, producers: usize, rate_mbps: f64, profiles: Vec<ProfileResult>) -> CaseResult {
    let total_mbps = rate_mbps * producers as f64;
    let found = total_mbps * 1.000_05;
    CaseResult {
        run: Some(run(producers, rate_mbps, found, 0)),
        checks: vec![
            check(
                CheckName::Rate,
                &format!("within 5 % of {total_mbps} Mb/s"),
                Some(&format!("{found:.2} Mb/s (+0.005 %)")),
                true,
            ),
            check(CheckName::Drops, "at most 1 %", Some("0 %"), true),
            check(CheckName::Shutdown, "at most 2s", Some("113.224µs"), true),
            check(CheckName::Conservation, "nothing lost", Some("0 packets astray"), true),
            check(CheckName::Order, "each producer's order", Some("0 out of order"), true),
            check(CheckName::Agreement, "log and JSON alike", Some("6 figures alike"), true),
        ],
        profiles,
        ..case(id, producers, rate_mbps, 10)
    }
}

fn too_slow(id: &str) -> CaseResult {
    let reason = "rate: 116.00 Mb/s (-42.000 %) is not within 5 % of 200 Mb/s";
    CaseResult {
        verdict: Verdict::Failed,
        reasons: vec![reason.to_owned()],
        run: Some(run(4, 50.0, 116.0, 3_000)),
        checks: vec![
            check(
                CheckName::Rate,
                "within 5 % of 200 Mb/s",
                Some("116.00 Mb/s (-42.000 %)"),
                false,
            ),
            check(CheckName::Drops, "at most 1 %", Some("0.29 %"), true),
            check(CheckName::Shutdown, "at most 2s", None, false),
        ],
        ..case(id, 4, 50.0, 100)
    }
}

fn hung(id: &str) -> CaseResult {
    CaseResult {
        verdict: Verdict::Hung,
        reasons: vec!["did not end within 25s, and was killed".to_owned()],
        took_s: 25.0,
        exit: Some(Exit { code: None, signal: Some(9) }),
        ..case(id, 4, 100.0, 50)
    }
}

fn crashed(id: &str) -> CaseResult {
    CaseResult {
        verdict: Verdict::Crashed,
        reasons: vec!["ended by signal 11 (SIGSEGV)".to_owned()],
        took_s: 0.3,
        exit: Some(Exit { code: None, signal: Some(11) }),
        ..case(id, 4, 100.0, 100)
    }
}

fn overload(id: &str) -> CaseResult {
    CaseResult {
        name: "8p_20000Mb_std_normal".to_owned(),
        goal: Goal::Overload,
        run: Some(run(8, 20_000.0, 61_000.0, 9_000_000)),
        checks: vec![
            check(CheckName::Drops, "counted, not judged", Some("14.6 %"), true),
            check(CheckName::Conservation, "nothing lost", Some("0 packets astray"), true),
            check(CheckName::Order, "each producer's order", Some("0 out of order"), true),
        ],
        ..case(id, 8, 20_000.0, 10)
    }
}

fn check(name: CheckName, bar: &str, value: Option<&str>, passed: bool) -> Check {
    Check { name, bar: bar.to_owned(), value: value.map(str::to_owned), passed }
}

/// Ten seconds at `found_mbps` with a little unevenness, so that a chart has something to show.
fn run(producers: usize, rate_mbps: f64, found_mbps: f64, dropped: u64) -> RunResult {
    let shards = producers.next_power_of_two();
    let per_second = (found_mbps * 1e6 / 8.0 / PACKET_BYTES) as u64;
    let consumed = per_second * 10;
    let latency = Latency {
        count: consumed,
        p50: 5_100_000,
        p99: 10_050_000,
        p999: 10_300_000,
        max: 12_400_000,
    };
    let interval = |second: u64| Interval {
        end_s: second as f64,
        length_s: 1.0,
        inserted: per_second,
        trimmed: if second == 1 { per_second.saturating_sub(2000) } else { per_second },
        rate_mbps: found_mbps * (1.0 + ((second * 7 % 5) as f64 - 2.0) * 0.004),
        window: 2000.min(per_second),
        peak_in_shard: (0..shards as u64)
            .map(|shard| 40 + (shard * 13 + second * 5) % 30)
            .collect(),
        produced: per_second * second,
        dropped: dropped * second / 10,
        latency_ns: Some(Latency {
            count: per_second,
            p99: latency.p99 + (second * 3 % 4) * 100_000,
            ..latency
        }),
        cpu_s: 0.06 + (second % 3) as f64 * 0.005,
        allocations: if second == 1 { 42 } else { 0 },
    };
    RunResult {
        schema: run_result::SCHEMA,
        version: "0.1.0".to_owned(),
        started_unix_s: STARTED_UNIX_S,
        config: RunConfig {
            source: "generated".to_owned(),
            producers,
            rate_mbps: Some(rate_mbps),
            packet_bytes: Some(PACKET_BYTES as usize),
            ring_slots: 128 * shards,
            ring_shards: shards,
            dedicated: true,
            tick_ms: 10.0,
            btree_size: Some(2000),
            btree_degree: Some(32),
            duration_s: Some(10.0),
            stats_interval_s: 1.0,
        },
        end: End::Duration,
        totals: Totals {
            produced: consumed,
            dropped,
            consumed,
            trimmed: consumed.saturating_sub(2000),
            window: 2000.min(consumed),
            in_ring: 0,
            bytes: consumed * PACKET_BYTES as u64,
            out_of_order: 0,
            elapsed_s: 10.0,
            rate_mbps: found_mbps,
            shutdown_us: Some(113.224),
            kernel_drops: None,
        },
        series: (1..=10).map(interval).collect(),
        shards: vec![
            Shard {
                capacity: 128,
                written: consumed / shards as u64,
                read: consumed / shards as u64,
                refused: dropped / shards as u64,
                high_water: 71,
                aborted: 0,
                claim_retries: 0,
            };
            shards
        ],
        latency_ns: Some(latency),
        replay: None,
        rtp: None,
        delivery: None,
        usage: Usage {
            cpu_user_s: 0.31,
            cpu_system_s: 0.34,
            peak_rss_bytes: 9_400_000,
            allocations: 1_204,
            steady_allocations: Some(0),
        },
        profiles: Vec::new(),
    }
}

fn profiles() -> Vec<ProfileResult> {
    let modes = [
        ("cpu", "cpu", "nanoseconds", 640_000_000),
        ("mem", "alloc_space", "bytes", 8_200_000),
        ("allocs", "alloc_objects", "count", 1_204),
        ("heap", "inuse_space", "bytes", 5_100_000),
        ("mutex", "delay", "nanoseconds", 81_000),
        ("block", "delay", "nanoseconds", 39_880_000_000),
    ];
    let mut all: Vec<_> = modes
        .map(|(mode, measure, unit, total)| {
            let top = [
                "clock_nanosleep",
                "data_generator::pattern::fill",
                "btree::insert",
                "write",
                "<main>",
            ];
            let shares = [0.41, 0.22, 0.13, 0.05, 0.0];
            let top = top.iter().zip(shares).map(|(function, share)| TopFunction {
                function: (*function).to_owned(),
                own: (total as f64 * share) as i64,
                own_percent: share * 100.0,
                cumulative: (total as f64 * (share + 0.02)) as i64,
                cumulative_percent: share * 100.0 + 2.0,
            });
            ProfileResult {
                mode: mode.to_owned(),
                error: None,
                measure: measure.to_owned(),
                unit: unit.to_owned(),
                total,
                top: top.collect(),
                pprof_path: Some(format!("profiles/T004/{mode}.pb.gz")),
                flame_graph_path: Some(format!("profiles/T004/{mode}.svg")),
                trace_path: None,
                flame_graph_svg: Some(flame_graph(mode)),
                cpu_s: Some(0.71),
                rate_mbps: Some(400.02),
                log_path: format!("logs/T004-{mode}.log"),
            }
        })
        .into();
    all[5] = ProfileResult {
        error: Some("profiles/T004/block.pb.gz: not a gzip file".to_owned()),
        top: Vec::new(),
        total: 0,
        flame_graph_path: None,
        flame_graph_svg: None,
        ..all[5].clone()
    };
    all
}

fn flame_graph(mode: &str) -> String {
    format!(
        "<?xml version=\"1.0\" standalone=\"no\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
         viewBox=\"0 0 1200 40\" width=\"1200\" height=\"40\"><rect width=\"1200\" height=\"18\" \
         fill=\"#e66\"/><text x=\"4\" y=\"13\">{mode}</text></svg>\n"
    )
}

fn headlines() -> Vec<Headline> {
    let headline =
        |figure: &str, document: &str, goal: &str, ours: Option<&str>, beaten| Headline {
            case: "T004".to_owned(),
            figure: figure.to_owned(),
            document: document.to_owned(),
            goal: goal.to_owned(),
            ours: ours.map(str::to_owned),
            beaten,
        };
    vec![
        headline("CPU for 10 s at 400 Mb/s", "79.54 s", "at most 1 s", Some("0.65 s"), true),
        headline("rate error", "at most 0.02 %", "at most 0.02 %", Some("0.005 %"), true),
        headline("allocations in steady state", "7 objects (not counted)", "0", Some("0"), true),
        headline("shutdown", "23 to 238 µs", "at most 1 ms", None, false),
    ]
}

fn recommendations() -> Vec<Recommendation> {
    vec![
        Recommendation {
            rule: "consumer-too-slow".to_owned(),
            severity: Severity::Problem,
            text: "The rate stayed 42 % below its goal while shards were full.".to_owned(),
            cases: vec!["T128".to_owned()],
        },
        Recommendation {
            rule: "tick-dominates-latency".to_owned(),
            severity: Severity::Advice,
            text: "p99 of 10.05 ms is the tick of 10 ms: a shorter --frequency lowers it."
                .to_owned(),
            cases: vec!["T003".to_owned(), "T004".to_owned()],
        },
    ]
}

fn comparison() -> Comparison {
    let figure = |figure, unit: &str, before, after, change| FigureChange {
        figure,
        unit: unit.to_owned(),
        before,
        after,
        threshold: "worse by more than 10 %".to_owned(),
        change,
    };
    Comparison {
        baseline_path: "baseline.json".to_owned(),
        baseline_commit: Some("7eed251".to_owned()),
        baseline_started_unix_s: STARTED_UNIX_S - 86_400.0,
        warnings: vec!["another machine: 4 cores before, 2 now".to_owned()],
        cases: vec![CaseComparison {
            id: "T004".to_owned(),
            name: "8p_50Mb_std_normal".to_owned(),
            figures: vec![
                figure(Figure::Rate, "Mb/s", Some(400.0), Some(400.02), Change::Same),
                figure(Figure::Cpu, "s/s", Some(0.051), Some(0.065), Change::Worse),
                figure(Figure::LatencyP99, "ms", Some(12.9), Some(10.05), Change::Better),
                figure(Figure::PeakRss, "bytes", None, Some(9_400_000.0), Change::New),
            ],
        }],
        only_here: vec!["T139".to_owned()],
        only_in_baseline: vec!["T212".to_owned()],
    }
}
