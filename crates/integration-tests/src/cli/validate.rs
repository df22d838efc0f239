use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use go_duration::GoDuration;
use run_result::Mode;

use super::raw::{RawAction, RawArgs, RawRun};
use super::usage::UsageError;
use crate::judge::thresholds::{Bars, Override, Preset};
use crate::matrix::{Case, Set};
use crate::profile;
use crate::results::Limits;

const DURATIONS: RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(24 * 3600);
const MARGINS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);
const SHUTDOWNS: RangeInclusive<Duration> = Duration::from_micros(1)..=Duration::from_secs(60);
const PERCENTS: RangeInclusive<f64> = 0.0..=100.0;
const MOST_PARALLEL: usize = 64;
const MEMORY_MIB: RangeInclusive<u64> = 16..=1 << 20;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Run(Box<RunPlan>),
    Report {
        from: PathBuf,
    },
    List {
        set: Set,
        json: bool,
    },
    Compare {
        before: PathBuf,
        after: PathBuf,
    },
    /// Print this on stdout and end: help or version.
    Print(String),
}

/// A run, with every value checked.
#[derive(Debug)]
pub(crate) struct RunPlan {
    pub(crate) set: Set,
    pub(crate) cases: Vec<Case>,
    pub(crate) modes: Vec<Mode>,
    pub(crate) parallel: usize,
    pub(crate) bars: Bars,
    /// `None` builds it.
    pub(crate) ring: Option<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) margin: Duration,
    pub(crate) output: PathBuf,
    pub(crate) report: bool,
    pub(crate) baseline: Option<PathBuf>,
}

pub(super) fn request(raw: &RawArgs, cores: usize) -> Result<Request, UsageError> {
    Ok(match &raw.action {
        RawAction::Run(raw) => Request::Run(Box::new(run_plan(raw, cores)?)),
        RawAction::Report { from } => Request::Report { from: from.into() },
        RawAction::List { set, json } => Request::List { set: set_named(set)?, json: *json },
        RawAction::Compare { before, after } => {
            Request::Compare { before: before.into(), after: after.into() }
        }
    })
}

fn run_plan(raw: &RawRun, cores: usize) -> Result<RunPlan, UsageError> {
    let set = set_named(&raw.set)?;
    Ok(RunPlan {
        set,
        cases: cases(raw, set)?,
        modes: raw.profile.as_deref().map(modes).transpose()?.unwrap_or_default(),
        parallel: whole("--parallel", &raw.parallel, 1..=MOST_PARALLEL)?,
        bars: bars(raw, set)?,
        ring: raw.ring.as_ref().map(PathBuf::from),
        limits: limits(raw, cores)?,
        margin: duration("--margin", &raw.margin, MARGINS)?,
        output: PathBuf::from(&raw.output),
        report: raw.report,
        baseline: raw.baseline.as_ref().map(PathBuf::from),
    })
}

fn named<T: Copy>(
    flag: &str,
    text: &str,
    every: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, UsageError> {
    every.iter().copied().find(|item| name(*item) == text).ok_or_else(|| {
        let names: Vec<_> = every.iter().map(|item| name(*item)).collect();
        UsageError::value(flag, text, &format!("one of {}", names.join(", ")))
    })
}

fn set_named(text: &str) -> Result<Set, UsageError> {
    named("--set", text, &Set::EVERY, Set::name)
}

/// Those of the set that are asked for, with the duration that is asked for.
fn cases(raw: &RawRun, set: Set) -> Result<Vec<Case>, UsageError> {
    let mut cases = set.cases();
    for id in &raw.id {
        known("--id", id, set, &cases)?;
    }
    if !raw.id.is_empty() {
        cases.retain(|case| raw.id.contains(&case.id));
    }
    if let Some(text) = &raw.duration {
        let duration = duration("--duration", text, DURATIONS)?;
        for case in &mut cases {
            case.settings.duration_s = duration.as_secs_f64();
        }
    }
    Ok(cases)
}

fn known(flag: &str, id: &str, set: Set, cases: &[Case]) -> Result<(), UsageError> {
    if cases.iter().any(|case| case.id == id) {
        return Ok(());
    }
    let set = set.name();
    let allowed = format!("an id of the set {set}; see integration-tests list --set {set}");
    Err(UsageError::value(flag, id, &allowed))
}

fn modes(text: &str) -> Result<Vec<Mode>, UsageError> {
    if text == "all" {
        return Ok(profile::ALL.to_vec());
    }
    let mut modes = Vec::new();
    for name in text.split(',') {
        let mode = named("--profile", name.trim(), &Mode::EVERY, Mode::name)?;
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    Ok(modes)
}

fn bars(raw: &RawRun, set: Set) -> Result<Bars, UsageError> {
    let percent_of = |flag: &str, text: &Option<String>| {
        text.as_deref().map(|text| percent(flag, text)).transpose()
    };
    let for_all = Override {
        tolerance_percent: percent_of("--tolerance", &raw.tolerance)?,
        max_drop_percent: percent_of("--max-drop", &raw.max_drop)?,
        max_shutdown_s: raw
            .max_shutdown
            .as_deref()
            .map(|text| shutdown_s("--max-shutdown", text))
            .transpose()?,
    };
    let cases = set.cases();
    let mut by_id = BTreeMap::new();
    for text in &raw.threshold {
        let (id, own) = own_bars(text)?;
        known("--threshold", &id, set, &cases)?;
        if by_id.insert(id, own).is_some() {
            return Err(UsageError::value("--threshold", text, "the only one of its case"));
        }
    }
    let preset = named("--preset", &raw.preset, &Preset::EVERY, Preset::name)?;
    Ok(Bars { preset, for_all, by_id })
}

/// Reads `ID:tolerance=3,max-drop=0.5,max-shutdown=1s`.
fn own_bars(text: &str) -> Result<(String, Override), UsageError> {
    let flag = "--threshold";
    let wrong = || {
        let allowed = "ID:BAR=VALUE,…, such as T003:tolerance=3,max-drop=0.5,max-shutdown=1s";
        UsageError::value(flag, text, allowed)
    };
    let (id, bars) = text.split_once(':').ok_or_else(wrong)?;
    let mut own = Override::default();
    for bar in bars.split(',') {
        let (name, value) = bar.split_once('=').ok_or_else(wrong)?;
        match name {
            "tolerance" => own.tolerance_percent = Some(percent(flag, value)?),
            "max-drop" => own.max_drop_percent = Some(percent(flag, value)?),
            "max-shutdown" => own.max_shutdown_s = Some(shutdown_s(flag, value)?),
            _ => return Err(wrong()),
        }
    }
    Ok((id.to_owned(), own))
}

fn limits(raw: &RawRun, cores: usize) -> Result<Limits, UsageError> {
    let cpus = raw.cpus.as_deref().map(|text| whole("--cpus", text, 1..=cores)).transpose()?;
    let memory = raw.memory.as_deref().map(|text| whole("--memory", text, MEMORY_MIB));
    Ok(Limits { cpus, memory_bytes: memory.transpose()?.map(|mib| mib << 20) })
}

fn whole<T>(flag: &str, text: &str, range: RangeInclusive<T>) -> Result<T, UsageError>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        let allowed = format!("a whole number from {} to {}", range.start(), range.end());
        UsageError::value(flag, text, &allowed)
    })
}

fn percent(flag: &str, text: &str) -> Result<f64, UsageError> {
    let number = text.parse().ok().filter(|number| PERCENTS.contains(number));
    number.ok_or_else(|| UsageError::value(flag, text, "a percentage from 0 to 100"))
}

fn shutdown_s(flag: &str, text: &str) -> Result<f64, UsageError> {
    duration(flag, text, SHUTDOWNS).map(|duration| duration.as_secs_f64())
}

fn duration(
    flag: &str,
    text: &str,
    range: RangeInclusive<Duration>,
) -> Result<Duration, UsageError> {
    let duration = go_duration::parse(text).filter(|duration| range.contains(duration));
    duration.ok_or_else(|| {
        let (least, most) = (GoDuration(*range.start()), GoDuration(*range.end()));
        let allowed = format!("a duration with its unit, such as 5s, from {least} to {most}");
        UsageError::value(flag, text, &allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn plan(args: &str) -> RunPlan {
        let args = format!("run {args}");
        match parse(args.split_whitespace().map(str::to_owned), 2).unwrap() {
            Request::Run(plan) => *plan,
            other => panic!("{other:?}"),
        }
    }

    fn refusal(args: &str) -> String {
        let error = parse(args.split_whitespace().map(str::to_owned), 2).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    }

    #[test]
    fn defaults() {
        let plan = plan("");
        assert_eq!(plan.set, Set::Quick);
        assert_eq!(plan.cases, Set::Quick.cases());
        assert_eq!(plan.bars.of("T001"), Preset::Default.thresholds());
        assert_eq!((plan.parallel, plan.margin), (1, Duration::from_secs(15)));
        assert_eq!(plan.output, PathBuf::from("output"));
        assert!(plan.modes.is_empty() && plan.ring.is_none() && plan.baseline.is_none());
        assert!(!plan.report);
        assert_eq!(plan.limits, Limits::default());
    }

    #[test]
    fn every_flag_reaches_the_plan() {
        let plan = plan(
            "--set full --id T128 --id T092 --duration 5s --profile cpu,trace,cpu --parallel 2 \
             --preset strict --tolerance 3 --max-drop 0.5 --max-shutdown 250ms \
             --threshold T092:tolerance=7 --ring /bin/true --cpus 2 --memory 64 --margin 1m \
             --output out --report --baseline b.json",
        );
        let ids: Vec<_> = plan.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["T092", "T128"]);
        assert!(plan.cases.iter().all(|case| case.settings.duration_s == 5.0));
        assert_eq!(plan.modes, [Mode::Cpu, Mode::Trace]);
        assert_eq!(plan.parallel, 2);
        let bars = plan.bars.of("T128");
        assert_eq!(
            (bars.tolerance_percent, bars.max_drop_percent, bars.max_shutdown_s),
            (3.0, 0.5, 0.25)
        );
        assert_eq!(plan.bars.of("T092").tolerance_percent, 7.0);
        assert_eq!(plan.ring, Some(PathBuf::from("/bin/true")));
        assert_eq!(plan.limits, Limits { cpus: Some(2), memory_bytes: Some(64 << 20) });
        assert_eq!(plan.margin, Duration::from_secs(60));
        assert_eq!(plan.output, PathBuf::from("out"));
        assert!(plan.report);
        assert_eq!(plan.baseline, Some(PathBuf::from("b.json")));
    }

    #[test]
    fn all_profiles_are_the_document_s_six() {
        let names: Vec<_> = plan("--profile all").modes.iter().map(|mode| mode.name()).collect();
        assert_eq!(names, ["cpu", "mem", "allocs", "heap", "mutex", "block"]);
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_is_allowed() {
        for (args, part) in [
            ("run --set tiny", "--set \"tiny\": must be one of smoke, quick"),
            ("list --set tiny", "--set \"tiny\": must be one of smoke, quick"),
            ("run --id T999", "--id \"T999\": must be an id of the set quick"),
            ("run --duration 5", "--duration \"5\": must be a duration with its unit"),
            ("run --duration 0s", "--duration \"0s\": must be a duration"),
            ("run --profile gpu", "--profile \"gpu\": must be one of cpu, mem"),
            ("run --profile all,cpu", "--profile \"all\": must be one of cpu"),
            ("run --parallel 0", "--parallel \"0\": must be a whole number from 1 to 64"),
            ("run --preset lax", "--preset \"lax\": must be one of strict, default, relaxed"),
            ("run --tolerance -1", "--tolerance"),
            ("run --tolerance NaN", "--tolerance \"NaN\": must be a percentage"),
            ("run --max-drop 101", "--max-drop \"101\": must be a percentage"),
            ("run --max-shutdown 1", "--max-shutdown \"1\": must be a duration"),
            ("run --threshold T001", "--threshold \"T001\": must be ID:BAR=VALUE"),
            ("run --threshold T001:speed=1", "must be ID:BAR=VALUE"),
            ("run --threshold T001:max-drop=x", "must be a percentage"),
            ("run --threshold X1:max-drop=1", "must be an id of the set quick"),
            (
                "run --threshold T001:max-drop=1 --threshold T001:max-drop=2",
                "must be the only one of its case",
            ),
            ("run --cpus 3", "--cpus \"3\": must be a whole number from 1 to 2"),
            ("run --memory 1", "--memory \"1\": must be a whole number from 16"),
            ("run --margin 0s", "--margin \"0s\": must be a duration"),
            ("run --sett smoke", "--set"),
            ("run extra", "extra"),
            ("report", "--from"),
            ("compare a.json", "<AFTER>"),
            ("dance", "dance"),
            ("", "run, list, report or compare"),
        ] {
            let refusal = refusal(args);
            assert!(refusal.contains(part), "{args}: {refusal}");
        }
    }

    #[test]
    fn help_is_printed_and_tells_the_exit_codes() {
        for args in ["--help", "run --help", "-V"] {
            let request = parse(args.split_whitespace().map(str::to_owned), 2).unwrap();
            assert!(matches!(request, Request::Print(text) if !text.is_empty()));
        }
        let Ok(Request::Print(help)) = parse(["--help".to_owned()], 2) else { panic!() };
        assert!(help.contains("Exit codes: 0 every case passed"), "{help}");
    }
}
