//! The cases that more than one subject runs, side by side: rounds in turn, another subject
//! first in each, medians with their spread (median absolute deviation).
//! `cargo bench -p lock-free-ring --bench compared -- [PATTERN]… [--rounds N] [--ms N]`

mod suite;

use std::env;
use std::process::ExitCode;
use std::time::Duration;
use suite::Case;

struct Options {
    patterns: Vec<String>,
    rounds: usize,
    /// What one run of a case is to take, at least.
    run: Duration,
}

impl Options {
    fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        // `cargo test` runs benches too, and means: does it work?
        let mut options = Self { patterns: Vec::new(), rounds: 1, run: Duration::ZERO };
        let mut args = args;
        while let Some(arg) = args.next() {
            let mut number = || {
                let value = args.next().unwrap_or_default();
                value.parse().map_err(|_| format!("{arg} needs a number, not '{value}'"))
            };
            match &*arg {
                "--bench" => (options.rounds, options.run) = (9, Duration::from_millis(20)),
                "--rounds" => options.rounds = (number()? as usize).max(1),
                "--ms" => options.run = Duration::from_millis(number()?),
                unknown if unknown.starts_with('-') => return Err(format!("unknown: {unknown}")),
                _ => options.patterns.push(arg),
            }
        }
        Ok(options)
    }

    fn asks_for(&self, case: &Case) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|part| case.name.contains(part))
    }
}

fn main() -> ExitCode {
    // cargo puts its `--bench` last; what the user says shall win.
    let mut args: Vec<_> = env::args().skip(1).collect();
    args.sort_by_key(|arg| arg != "--bench");
    let options = match Options::parse(args.into_iter()) {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("{wrong}\nusage: [PATTERN]… [--rounds N] [--ms N]");
            return ExitCode::from(2);
        }
    };
    println!(
        "{:<22} {:<18} {:>14} {:>9} {:>9}",
        "case", "subject", "ns per item", "spread", "ratio"
    );
    let cases: Vec<_> = suite::all().into_iter().filter(|case| options.asks_for(case)).collect();
    let mut seen = Vec::new();
    for case in &cases {
        let rivals: Vec<_> = cases.iter().filter(|other| other.name == case.name).collect();
        if rivals.len() > 1 && !seen.contains(&&case.name) {
            seen.push(&case.name);
            compare(&rivals, &options);
        }
    }
    ExitCode::SUCCESS
}

/// One row for each of `rivals`; the ratio says how many times as fast as the first it is.
fn compare(rivals: &[&Case], options: &Options) {
    let iterations: Vec<_> = rivals.iter().map(|case| calibrate(case, options.run)).collect();
    let mut figures = vec![Vec::new(); rivals.len()];
    for round in 0..options.rounds {
        for turn in 0..rivals.len() {
            let index = (turn + round) % rivals.len();
            let (case, iterations) = (rivals[index], iterations[index]);
            let elapsed = time(case, iterations);
            figures[index].push(elapsed.as_secs_f64() * 1e9 / (iterations * case.items) as f64);
        }
    }
    let reference = median(&figures[0]);
    for (case, figures) in rivals.iter().zip(&figures) {
        let middle = median(figures);
        let away: Vec<_> = figures.iter().map(|figure| (figure - middle).abs()).collect();
        let spread = 100.0 * median(&away) / middle;
        let ratio = reference / middle;
        println!(
            "{:<22} {:<18} {middle:>14.2} {spread:>8.1}% {ratio:>8.2}×",
            case.name, case.subject
        );
    }
}

fn time(case: &Case, iterations: u64) -> Duration {
    case.run(iterations, &mut |_| ())
}

/// How many iterations take `run`. Of several tries the shortest counts: on a busy machine one
/// iteration may take long for reasons of its own.
fn calibrate(case: &Case, run: Duration) -> u64 {
    let shortest = |iterations| (0..3).map(|_| time(case, iterations)).min();
    let mut iterations = 1;
    while shortest(iterations) < Some(run) {
        iterations *= 2;
    }
    iterations
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}
