//! Takes `ring`'s flags, and behaves as `FAKE_RING` says: `1x10=hang,4x50=crash` gives a behaviour
//! to each load (producers x Mb/s), `*=…` one to all others. What it writes for a good run is what
//! `ring` would, without the time that it would take.

#![forbid(unsafe_code)]

mod profile;
mod run;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use run::Load;

fn main() -> ExitCode {
    let flags: Vec<String> = env::args().skip(1).collect();
    if flags == ["--version"] {
        println!("ring 9.9.9-fake");
        return ExitCode::SUCCESS;
    }
    let load = Load::of(&flags);
    let json = PathBuf::from(flag(&flags, "json").expect("--json"));
    let mut result = load.result();
    let mut told = result.clone();
    match behaviour(&load).as_str() {
        "ok" => {}
        "slow" => result.totals.bytes /= 2,
        "drop" => result.totals.dropped = result.totals.produced / 10,
        "lost" => result.totals.produced += 1,
        "unordered" => result.totals.out_of_order = 1,
        "costly" => result.usage.cpu_user_s = 30.0,
        "lie" => told.totals.consumed += 1,
        "silent" => return write(&json, &result.to_json().expect("plain numbers")),
        "no-json" => {
            run::log(&result);
            return ExitCode::SUCCESS;
        }
        "rubbish" => {
            let _ = io::stdout().write_all(b"\xff\xfe\x00 Produced: many\n[stats] x=y\n\x1b[2J");
            return write(&json, "{\"schema\": 1, \"produced\": NaN");
        }
        "exit3" => {
            eprintln!("ring: out of luck");
            return ExitCode::from(3);
        }
        "crash" => process::abort(),
        "loud" => loop {
            if io::stdout().write_all(&[b'x'; 1 << 16]).is_err() {
                return ExitCode::FAILURE;
            }
        },
        "hang" => return wait(false),
        "wait" => return wait(true),
        "full-results" => fill_results(&json),
        "full-disk" => fill_disk(&json),
        other => panic!("no behaviour {other:?}"),
    }
    if result != load.result() {
        told = result.clone();
    }
    run::log(&told);
    if let Some(mode) = flag(&flags, "profile") {
        let folder = flag(&flags, "profilepath").expect("--profilepath");
        profile::write(Path::new(&folder), &mode, &behaviour_of_profile());
    }
    write(&json, &result.to_json().expect("plain numbers"))
}

fn flag(flags: &[String], name: &str) -> Option<String> {
    let start = format!("--{name}=");
    flags.iter().find_map(|flag| flag.strip_prefix(&start)).map(str::to_owned)
}

fn behaviour(load: &Load) -> String {
    let all = env::var("FAKE_RING").unwrap_or_default();
    let own = format!("{}x{}", load.producers, load.rate_mbps);
    let rules = || all.split(',').filter_map(|rule| rule.split_once('='));
    let rule = |key: &str| rules().find(|(known, _)| *known == key).map(|(_, what)| what);
    rule(&own).or_else(|| rule("*")).unwrap_or("ok").to_owned()
}

fn behaviour_of_profile() -> String {
    env::var("FAKE_PROFILE").unwrap_or_default()
}

fn write(path: &Path, text: &str) -> ExitCode {
    match fs::write(path, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ring: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

/// Does not end by itself, unless whoever has started it is gone.
fn wait(ends_by_signal: bool) -> ExitCode {
    let signalled = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, signalled.clone()).expect("a handler");
    let parent = parent_id();
    eprintln!("2006/01/02 15:04:05 waiting");
    while parent_id() == parent {
        if ends_by_signal && signalled.load(Ordering::Relaxed) {
            eprintln!("2006/01/02 15:04:05 Shutdown signal received, waiting for threads...");
            return ExitCode::SUCCESS;
        }
        thread::sleep(Duration::from_millis(10));
    }
    ExitCode::FAILURE
}

/// From now on nobody can write the suite's results: a write to them finds no room.
fn fill_results(json: &Path) {
    let part = json.with_file_name("../results.json.part");
    std::os::unix::fs::symlink("/dev/full", part).expect("a link");
}

/// From now on there is no room on the disk of the output folder.
fn fill_disk(json: &Path) {
    let path = json.with_file_name("../ballast");
    let mut ballast = fs::File::create(path).expect("a file");
    for size in [1 << 12, 1] {
        while ballast.write_all(&vec![0; size]).is_ok() {}
    }
}
