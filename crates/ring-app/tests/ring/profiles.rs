//! The nine profiles of a run: each file is read back, and says what the run did.

use std::fs;
use std::path::Path;

use run_result::RunResult;
use run_result::pprof::Profile;
use serde_json::Value;

use crate::program::{Running, ring};

/// A run that was profiled, and its files.
struct Profiled {
    folder: tempfile::TempDir,
    result: RunResult,
}

impl Profiled {
    fn run(modes: &str, args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (profiles, json) = (at("new/profiles"), at("result.json"));
        let own = [&format!("-profile={modes}"), "-profilepath", &profiles, "--json", &json];
        let ended = ring(&[args, &own].concat());
        ended.figures().assert_conservation();
        let result = RunResult::from_json(&fs::read_to_string(json).unwrap()).unwrap();
        let profiled = Self { folder, result };
        profiled.assert_files_are_listed(modes);
        profiled
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        self.folder.path().join("new/profiles").join(file)
    }

    fn assert_files_are_listed(&self, modes: &str) {
        let mut listed: Vec<_> =
            self.result.profiles.iter().map(|profile| Path::new(&profile.path)).collect();
        listed.sort_unstable();
        let mut there: Vec<_> =
            fs::read_dir(self.path("")).unwrap().map(|file| file.unwrap().path()).collect();
        there.sort_unstable();
        assert_eq!(listed, there);
        for mode in modes.split(',') {
            let formats: Vec<&str> = self
                .result
                .profiles
                .iter()
                .filter(|profile| profile.mode == mode)
                .map(|profile| profile.format.as_str())
                .collect();
            let expected = if mode == "trace" { &["perfetto"][..] } else { &["pprof", "svg"] };
            assert_eq!(formats, expected, "{mode}");
        }
    }

    /// The profile of one mode, whose kinds must be these.
    fn profile(&self, mode: &str, kinds: &[(&str, &str)]) -> Profile {
        let bytes = fs::read(self.path(&format!("{mode}.pb.gz"))).unwrap();
        let profile = Profile::from_gzip(&bytes).unwrap();
        let found: Vec<_> = profile
            .sample_type
            .iter()
            .map(|kind| (profile.string(kind.r#type), profile.string(kind.unit)))
            .collect();
        assert_eq!(found, kinds);
        assert!(profile.sample.iter().all(|sample| sample.value.len() == kinds.len()));
        assert!(profile.duration_nanos > 0 && profile.time_nanos > 0);
        self.assert_graph_is_of(mode, &profile);
        profile
    }

    /// The flame graph has a box for the whole, and for the functions in it.
    fn assert_graph_is_of(&self, mode: &str, profile: &Profile) {
        let svg = fs::read_to_string(self.path(&format!("{mode}.svg"))).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert_eq!(svg.matches("<g>").count(), svg.matches("</g>").count());
        assert!(svg.contains(&format!("profile {mode}")));
        if profile.sample.iter().any(|sample| sample.value[1] > 0) {
            assert!(svg.matches("<rect").count() > 3, "{svg}");
        }
    }
}

/// The sum of one value over all samples whose stack has a function with `part` in its name.
fn sum_with(profile: &Profile, value: usize, part: &str) -> i64 {
    let has = |sample: &&run_result::pprof::Sample| {
        part.is_empty() || profile.stack(sample).any(|function| function.contains(part))
    };
    profile.sample.iter().filter(has).map(|sample| sample.value[value]).sum()
}

fn innermost<'a>(profile: &'a Profile, sample: &'a run_result::pprof::Sample) -> &'a str {
    profile.stack(sample).next().unwrap()
}

fn sum(profile: &Profile, value: usize) -> i64 {
    sum_with(profile, value, "")
}

const BUSY: &[&str] = &["--unlimited", "-producers=2", "-duration=700ms"];
const RATED: &[&str] = &["-rate=50", "-producers=6", "-duration=500ms"];
/// So slow that each thread comes in time, and so waits, also where it shares one core with many: a
/// packet in 116 ms, a look in 100 ms.
const LEISURELY: &[&str] =
    &["-rate=0.1", "-frequency=100", "-statsInterval=0.2", "-duration=500ms"];
const WINDOW_BYTES: i64 = 2000 * 1450;
const DEPOT_BYTES: i64 = (1024 + 512 + 6) * 1450 + WINDOW_BYTES;

#[test]
fn cpu_is_sampled_by_stack_and_adds_up_to_what_was_used() {
    // A busy machine may take a while to give it time enough for samples.
    let used_s = |run: &Profiled| run.result.usage.cpu_user_s + run.result.usage.cpu_system_s;
    let mut run = Profiled::run("cpu", BUSY);
    for duration in ["-duration=4s", "-duration=20s"] {
        if used_s(&run) < 0.4 {
            run = Profiled::run("cpu", &["--unlimited", "-producers=2", duration]);
        }
    }
    let profile = run.profile("cpu", &[("samples", "count"), ("cpu", "nanoseconds")]);
    assert!(sum(&profile, 0) > 0);
    let used_ns = used_s(&run) * 1e9;
    // What came before the sampling is in the one, the end of the run in the other.
    let sampled_ns = sum(&profile, 1) as f64;
    assert!(sampled_ns > used_ns * 0.1 && sampled_ns < used_ns * 1.5, "{sampled_ns} of {used_ns}");
    assert!(profile.period > 0 && profile.period * sum(&profile, 0) <= sum(&profile, 1));
    assert!(sum_with(&profile, 0, "ring_app::") > 0, "functions of this program");
    let threads = profile.sample.iter().flat_map(|sample| &sample.label);
    assert!(
        threads.map(|label| profile.string(label.str)).any(|name| name.starts_with("producer"))
    );
}

/// A timer of the kernel's would miss it: it looks at its tick, and the program sleeps by one too.
#[test]
fn cpu_of_a_run_that_uses_little_has_every_thread_s_time_and_samples() {
    let run = Profiled::run("cpu", &["-rate=20", "-duration=1500ms"]);
    let profile = run.profile("cpu", &[("samples", "count"), ("cpu", "nanoseconds")]);
    assert!(sum(&profile, 0) > 0, "{profile:?}");
    let time_of = |thread: &str| {
        let of_thread = |sample: &&run_result::pprof::Sample| {
            sample.label.iter().any(|label| profile.string(label.str) == thread)
        };
        profile.sample.iter().filter(of_thread).map(|sample| sample.value[1]).sum::<i64>()
    };
    for thread in ["main", "consumer", "producer 0", "producer 1", "producer 2", "producer 3"] {
        assert!(time_of(thread) > 0, "{thread}");
    }
}

#[test]
fn allocs_counts_every_allocation_and_heap_what_is_left() {
    let run = Profiled::run("allocs,heap", RATED);
    let allocs = run.profile("allocs", &[("alloc_objects", "count"), ("alloc_space", "bytes")]);
    let heap = run.profile("heap", &[("inuse_objects", "count"), ("inuse_space", "bytes")]);
    assert_eq!((allocs.period, heap.period), (1, 1));
    assert!(sum(&allocs, 0) > sum(&heap, 0) && sum(&allocs, 1) > sum(&heap, 1));
    let buffers = |of| sum_with(of, 1, "ring_app::depot::Depot::new");
    // One buffer for each packet that can be alive, made where the run is built.
    assert!((DEPOT_BYTES..DEPOT_BYTES * 2).contains(&buffers(&allocs)), "{}", buffers(&allocs));
    // Those of the window's packets have gone with it.
    assert!(buffers(&heap) <= buffers(&allocs) - WINDOW_BYTES, "{}", buffers(&heap));
    assert!(buffers(&heap) >= DEPOT_BYTES - WINDOW_BYTES - 6 * 1450, "{}", buffers(&heap));
    let [node, packet] = [&allocs, &heap].map(|of| sum_with(of, 1, "ring_app::btree"));
    assert!(node > 0 && packet == 0, "the window has gone with its thread");
    for profile in [&allocs, &heap] {
        let of_std = ["<u8 as alloc::", "<alloc::vec::", "alloc::vec::", "alloc::boxed::"];
        for sample in &profile.sample {
            let site = innermost(profile, sample);
            assert!(!of_std.iter().any(|start| site.starts_with(start)), "{site} is no site");
        }
    }
}

#[test]
fn mem_is_what_was_in_use_while_the_window_was_there() {
    let run = Profiled::run("mem", RATED);
    let mem = run.profile("mem", &[("inuse_objects", "count"), ("inuse_space", "bytes")]);
    assert!(sum_with(&mem, 1, "ring_app::run::build") >= DEPOT_BYTES);
    assert!(sum_with(&mem, 1, "ring_app::btree") > 100_000, "the nodes of the window");
}

#[test]
fn rate_looks_at_one_allocation_of_each_2048_bytes() {
    let kinds = [
        ("alloc_objects", "count"),
        ("alloc_space", "bytes"),
        ("inuse_objects", "count"),
        ("inuse_space", "bytes"),
    ];
    let run = Profiled::run("rate", RATED);
    let rate = run.profile("rate", &kinds);
    assert_eq!(rate.period, 2048);
    // Buffers of 1450 bytes: of every two, one takes the sum over 2048.
    let buffers = sum_with(&rate, 0, "ring_app::depot::Depot::new");
    let all = DEPOT_BYTES / 1450;
    assert!(buffers >= all / 2 - 10 && buffers <= all / 2 + 100, "{buffers} of {all}");
}

#[test]
fn block_has_every_place_where_threads_wait() {
    let kinds = [("contentions", "count"), ("delay", "nanoseconds")];
    let run = Profiled::run("block", LEISURELY);
    let block = run.profile("block", &kinds);
    let waited_ns = |place| sum_with(&block, 1, place);
    let run_ns = 500_000_000;
    assert!(waited_ns("wait for the end of the run") >= run_ns * 9 / 10);
    assert!(waited_ns("wait until a packet is due") > 0 && waited_ns("wait for the tick") > 0);
    assert!(
        sum_with(&block, 0, "ring_app::consumer::ConsumerTask::sleep") > 0,
        "the consumer's stack"
    );
    assert!(sum(&block, 1) <= block.duration_nanos * 8, "no thread waits longer than it is there");

    let full = "-rate=200 -ringSize=4 -frequency=50 -maxBackoffs=2 -duration=300ms";
    let full = Profiled::run("block", &full.split(' ').collect::<Vec<_>>());
    assert!(sum_with(&full.profile("block", &kinds), 1, "back off") > 0);

    let waiting = Profiled::run("block", &["--unlimited", "-ringSize=4", "-duration=300ms"]);
    assert!(sum_with(&waiting.profile("block", &kinds), 1, "wait for room") > 0);
}

#[test]
fn mutex_has_locks_alone() {
    let kinds = [("contentions", "count"), ("delay", "nanoseconds")];
    let run = Profiled::run("mutex,block", &["--unlimited", "-producers=4", "-duration=300ms"]);
    let (mutex, block) = (run.profile("mutex", &kinds), run.profile("block", &kinds));
    for sample in &mutex.sample {
        let place = mutex.stack(sample).next().unwrap();
        assert!(place.ends_with("lock"), "{place}");
    }
    let of_locks = sum_with(&block, 1, "'s lock");
    assert_eq!(sum(&mutex, 1), of_locks);
    assert!(sum(&block, 1) > of_locks);
}

#[test]
fn thread_has_each_thread_with_its_time_and_who_started_it() {
    let run = Profiled::run("thread", BUSY);
    let profile = run.profile("thread", &[("threads", "count"), ("cpu", "nanoseconds")]);
    let name = |sample| innermost(&profile, sample);
    let mut names: Vec<&str> = profile.sample.iter().map(name).collect();
    names.sort_unstable();
    let expected = ["consumer", "main", "producer 0", "producer 1", "signals"];
    assert_eq!(names, expected.map(|name| format!("thread {name}")));
    assert_eq!(sum(&profile, 0), 5);
    assert_eq!(sum_with(&profile, 0, "ring_app::crew::Crew::start_all"), 3);
    for sample in &profile.sample {
        assert!(sample.value[1] > 0 || innermost(&profile, sample) == "thread signals");
    }
}

#[test]
fn trace_has_the_events_of_each_thread_in_time() {
    let run = Profiled::run("trace", LEISURELY);
    let text = fs::read_to_string(run.path("trace.json")).unwrap();
    let trace: Value = serde_json::from_str(&text).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    for event in events {
        let phase = event["ph"].as_str().unwrap();
        assert!(["M", "X", "i", "C"].contains(&phase), "{event}");
        assert!(event["pid"].is_u64() && event["tid"].is_u64() && event["name"].is_string());
        let ts = event["ts"].as_f64().unwrap();
        assert!((0.0..60e6).contains(&ts), "{event}");
        assert_eq!(phase == "X", event["dur"].as_f64().is_some_and(|length| length >= 0.0));
    }
    let of = |name: &'static str| events.iter().filter(move |event| event["name"] == name);
    let threads: Vec<&str> =
        of("thread_name").map(|event| event["args"]["name"].as_str().unwrap()).collect();
    for thread in ["main", "consumer", "producer 0", "producer 3"] {
        assert!(threads.contains(&thread), "{thread} in {threads:?}");
    }
    let drained: u64 = of("drain").map(|event| event["args"]["packets"].as_u64().unwrap()).sum();
    assert_eq!(drained, run.result.totals.consumed);
    assert_eq!(of("rate (Mb/s)").count(), run.result.series.len());
    assert!(of("wait until a packet is due").count() > 0 && of("wait for the tick").count() > 0);
    assert_eq!((of("start").count(), of("stop").count()), (1, 1));
}

#[test]
fn a_run_that_a_signal_ended_has_its_profiles() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let mut running =
        Running::start(&["-profile=block,trace", "-profilepath", path, "-statsInterval=0.1"]);
    running.line_with("[stats]");
    running.send(nix::sys::signal::Signal::SIGINT);
    running.end().figures().assert_conservation();
    for file in ["block.pb.gz", "block.svg", "trace.json"] {
        assert!(folder.path().join(file).metadata().unwrap().len() > 0, "{file}");
    }
}
