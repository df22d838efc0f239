//! The program: a request in, an exit code out.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::thread;

use crate::cli::{self, Request, RunPlan};
use crate::clock::{now_for_a_name, unix_now_s};
use crate::execute::{Executor, program};
use crate::interrupt::Interrupt;
use crate::matrix::Set;
use crate::report::{html, text};
use crate::results::{Results, SCHEMA, State, Verdict};
use crate::run::Suite;
use crate::store::{OutputFolder, read_results};
use crate::{compare, machine};

const PASSED: u8 = 0;
const NOT_PASSED: u8 = 1;
const WRONG_USAGE: u8 = 2;
const CANNOT_WORK: u8 = 3;
const REGRESSION: u8 = 4;

/// Why there is no verdict: one line, and the exit code that says of which kind it is.
struct Failure {
    code: u8,
    reason: String,
}

fn wrong_usage(reason: impl fmt::Display) -> Failure {
    Failure { code: WRONG_USAGE, reason: reason.to_string() }
}

fn cannot_work(reason: impl fmt::Display) -> Failure {
    Failure { code: CANNOT_WORK, reason: reason.to_string() }
}

/// Carries out a command line, without the program's name, and returns the exit code.
pub fn main(args: impl IntoIterator<Item = String>) -> u8 {
    let args: Vec<_> = args.into_iter().collect();
    carry_out(&args).unwrap_or_else(|failure| {
        let _ = writeln!(io::stderr(), "integration-tests: {}", failure.reason);
        failure.code
    })
}

fn carry_out(args: &[String]) -> Result<u8, Failure> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    match cli::parse(args.iter().cloned(), cores).map_err(wrong_usage)? {
        Request::Print(text) => {
            print(&text);
            Ok(PASSED)
        }
        Request::List { set, json } => list(set, json),
        Request::Run(plan) => run(&plan, args),
        Request::Report { from } => report(&from),
        Request::Compare { before, after } => compare_files(&before, &after),
    }
}

/// Whoever has closed stdout needs no text.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn list(set: Set, json: bool) -> Result<u8, Failure> {
    let cases = set.cases();
    if json {
        let entry = |case: &crate::matrix::Case| serde_json::json!({ "id": case.id, "name": case.name, "settings": case.settings });
        let entries: Vec<_> = cases.iter().map(entry).collect();
        print(&format!("{:#}\n", serde_json::Value::from(entries)));
        return Ok(PASSED);
    }
    for case in &cases {
        let total_mbps = case.settings.total_rate_mbps();
        let seconds = case.settings.duration_s;
        print(&format!("{}  {:<24} {total_mbps:>8} Mb/s {seconds:>5} s\n", case.id, case.name));
    }
    print(&format!("{} cases\n", cases.len()));
    Ok(PASSED)
}

fn run(plan: &RunPlan, args: &[String]) -> Result<u8, Failure> {
    let baseline = plan.baseline.as_deref().map(read_results).transpose().map_err(wrong_usage)?;
    let interrupt = Interrupt::listen().map_err(cannot_work)?;
    let folder = OutputFolder::create(&plan.output).map_err(cannot_work)?;
    let ring = match &plan.ring {
        Some(path) => path.clone(),
        None => program::build().map_err(cannot_work)?,
    };
    let described = program::describe(&ring)
        .map_err(|error| wrong_usage(format!("cannot run {}: {error}", ring.display())))?;
    let executor = Executor {
        // A plain name would be looked for on the path.
        ring: std::path::absolute(&ring).map_err(cannot_work)?,
        output: plan.output.clone(),
        modes: plan.modes.clone(),
        bars: plan.bars.clone(),
        limits: plan.limits,
        margin: plan.margin,
        interrupt: interrupt.clone(),
    };
    let baseline_path = plan.baseline.as_deref().map(|path| path.display().to_string());
    let suite = Suite {
        cases: &plan.cases,
        executor: &executor,
        folder: &folder,
        baseline: baseline_path.as_deref().zip(baseline.as_ref()),
    };
    let now_s = unix_now_s();
    let program_name = std::iter::once("integration-tests".to_owned());
    let results = suite
        .run(Results {
            schema: SCHEMA,
            started_unix_s: now_s,
            written_unix_s: now_s,
            state: State::Running,
            command: program_name.chain(args.iter().cloned()).collect(),
            machine: machine::describe(),
            ring: described,
            set: plan.set.name().to_owned(),
            preset: plan.bars.preset.name().to_owned(),
            parallel: plan.parallel,
            limits: plan.limits,
            planned: plan.cases.iter().map(|case| (case.id.clone(), case.name.clone())).collect(),
            cases: Vec::new(),
            headlines: Vec::new(),
            recommendations: Vec::new(),
            comparison: None,
        })
        .map_err(cannot_work)?;
    write_reports(&folder, results.clone(), plan.report)?;
    Ok(interrupt.exit_code().unwrap_or_else(|| exit_code(&results)))
}

fn report(from: &Path) -> Result<u8, Failure> {
    let folder = OutputFolder::at(from);
    let results = folder.read_results().map_err(wrong_usage)?;
    let code = exit_code(&results);
    write_reports(&folder, results, true)?;
    Ok(code)
}

/// The text on stdout and in its file, and the page if it is asked for.
fn write_reports(folder: &OutputFolder, mut results: Results, page: bool) -> Result<(), Failure> {
    let text = text::render(&results);
    print(&text);
    folder.replace("report.txt", &text).map_err(cannot_work)?;
    if page {
        folder.load_flame_graphs(&mut results);
        let page = html::render(&results).map_err(cannot_work)?;
        let name = format!("report-{}.html", now_for_a_name());
        folder.replace(&name, &page).map_err(cannot_work)?;
        let latest = folder.replace("report-latest.html", &page).map_err(cannot_work)?;
        print(&format!("report: {}\n", latest.display()));
    }
    Ok(())
}

fn compare_files(before: &Path, after: &Path) -> Result<u8, Failure> {
    let earlier = read_results(before).map_err(wrong_usage)?;
    let later = read_results(after).map_err(wrong_usage)?;
    let comparison = compare::compare(&earlier, &before.display().to_string(), &later);
    print(&text::render_comparison(&comparison));
    let regressions = comparison.regressions().count();
    print(&format!("{}\n", text::counted(regressions, "regression")));
    Ok(if regressions > 0 { REGRESSION } else { PASSED })
}

/// A case that did not pass, or did not run, weighs more than a figure that got worse.
fn exit_code(results: &Results) -> u8 {
    let all_passed = results.count(Verdict::Passed) == results.planned.len();
    let regressed = results.comparison.as_ref().is_some_and(|c| c.regressions().count() > 0);
    match (all_passed, regressed) {
        (false, _) => NOT_PASSED,
        (true, true) => REGRESSION,
        (true, false) => PASSED,
    }
}
