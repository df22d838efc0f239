//! Us beside every peer, in one process and one run. See README.md of this crate.
// Not forbidden: one peer's batch write cannot be called without (`subjects/gil.rs`).
#![deny(unsafe_code)]

mod cases;
mod catalogue;
mod cli;
mod machine;
mod measure;
mod patience;
mod plan;
mod progress;
mod report;
mod round;
mod runner;
mod subject;
mod subjects;
mod team;

use clap::Parser;
use machine::Machine;
use plan::Plan;
use progress::Progress;
use report::{Report, Row};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use std::{fs, io};

fn main() -> ExitCode {
    let start = Instant::now();
    let arguments = cli::Arguments::parse();
    // As crossfire's README asks of its users.
    crossfire::detect_backoff_cfg();
    let plan = Plan::new(&arguments.wish());
    if plan.heats.is_empty() {
        eprintln!("error: none of these subjects takes part in any of these cases");
        return ExitCode::from(2);
    }
    let progress = Progress::new(plan.heats.iter().map(|heat| plan.cost(heat)).sum());
    // Before the rounds: who works on the sources meanwhile does not change what is measured.
    let commit = machine::commit();
    progress.say("the machine".into());
    let machine = Machine::measure(plan.heats.iter().map(|heat| &heat.group));
    let rows = runner::run(&plan, start, &progress).iter().map(Row::from).collect();
    progress.finish();
    let report = Report { machine, commit, rows };
    print!("{}", report::table(&report));
    match write_files(&arguments, &report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_files(arguments: &cli::Arguments, report: &Report) -> io::Result<()> {
    if let Some(path) = &arguments.json {
        write(path, &serde_json::to_string_pretty(report)?)?;
    }
    if let Some(path) = &arguments.html {
        write(path, &report::html(report))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    fs::write(path, text).map_err(named)
}
