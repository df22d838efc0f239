use std::fs;
use std::path::Path;
use std::time::Duration;

use run_result::Mode;
use serde::de::IgnoredAny;

use super::command::Profiling;
use super::log_file::remove_if_there;
use super::outcome::Outcome;
use super::{Executor, PROFILES, file_error};
use crate::figures::{cpu_s, mean_rate_mbps};
use crate::matrix::Case;
use crate::profile::{Analysis, analyze, may_be_empty};
use crate::results::{CaseResult, ProfileResult, Verdict};

/// What a profiled run must leave behind, in the output folder.
struct Written {
    analysis: Option<Analysis>,
    pprof_path: Option<String>,
    flame_graph_path: Option<String>,
    trace_path: Option<String>,
}

impl Executor {
    /// One run for each mode. A profile that was asked for and is not there fails the case.
    pub(super) fn profile(&self, case: &Case, result: &mut CaseResult) {
        for &mode in &self.modes {
            if self.interrupt.is_set() {
                result.verdict = Verdict::Interrupted;
                result.reasons.push(format!("profile {}: interrupted", mode.name()));
                return;
            }
            let profile = self.profile_once(case, mode);
            if let Some(error) = &profile.error {
                result.reasons.push(format!("profile {}: {error}", mode.name()));
                result.verdict = Verdict::Failed;
            }
            result.profiles.push(profile);
        }
    }

    fn profile_once(&self, case: &Case, mode: Mode) -> ProfileResult {
        let relative = format!("{PROFILES}/{}", case.id);
        let folder = self.path(&relative);
        let name = format!("{}-{}", case.id, mode.name());
        let prepared = prepare(&folder, mode);
        let outcome = self.run_once(case, &name, Some(Profiling { mode, folder: &folder }));
        let patience = Duration::from_secs_f64(case.settings.duration_s) + self.margin;
        let written = prepared.and_then(|()| match outcome.verdict_of_end(patience) {
            Some((_, reason)) => Err(format!("the profiled run {reason}")),
            None => self.read_written(mode, &relative),
        });
        profile_result(mode, written, outcome)
    }

    fn read_written(&self, mode: Mode, relative: &str) -> Result<Written, String> {
        if mode == Mode::Trace {
            let trace_path = format!("{relative}/trace.json");
            let path = self.path(&trace_path);
            let text = fs::read(&path).map_err(|error| file_error("read", &path, error))?;
            serde_json::from_slice::<IgnoredAny>(&text)
                .map_err(|error| file_error("understand", &path, error))?;
            let trace_path = Some(trace_path);
            return Ok(Written {
                analysis: None,
                pprof_path: None,
                flame_graph_path: None,
                trace_path,
            });
        }
        let pprof_path = format!("{relative}/{}.pb.gz", mode.name());
        let path = self.path(&pprof_path);
        let file = fs::read(&path).map_err(|error| file_error("read", &path, error))?;
        let analysis =
            analyze(&file, mode).map_err(|error| format!("{}: {error}", path.display()))?;
        if analysis.total == 0 && !may_be_empty(mode) {
            return Err(format!("{}: has no sample", path.display()));
        }
        let flame_graph_path = format!("{relative}/{}.svg", mode.name());
        let path = self.path(&flame_graph_path);
        let svg = fs::read_to_string(&path).map_err(|error| file_error("read", &path, error))?;
        if !svg.contains("<svg") {
            return Err(format!("{}: is no SVG", path.display()));
        }
        Ok(Written {
            analysis: Some(analysis),
            pprof_path: Some(pprof_path),
            flame_graph_path: Some(flame_graph_path),
            trace_path: None,
        })
    }
}

/// Makes the folder, without the files of a run before.
fn prepare(folder: &Path, mode: Mode) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| file_error("make", folder, error))?;
    for ending in ["pb.gz", "svg", "json"] {
        let path = folder.join(format!("{}.{ending}", mode.name()));
        remove_if_there(&path).map_err(|error| file_error("remove", &path, error))?;
    }
    Ok(())
}

fn profile_result(mode: Mode, written: Result<Written, String>, outcome: Outcome) -> ProfileResult {
    let run = outcome.run.ok();
    let error = written.as_ref().err().cloned();
    let written = written.ok();
    let path = |of: fn(&Written) -> &Option<String>| written.as_ref().and_then(|w| of(w).clone());
    let (pprof_path, flame_graph_path) =
        (path(|written| &written.pprof_path), path(|written| &written.flame_graph_path));
    let trace_path = path(|written| &written.trace_path);
    let analysis = written.and_then(|written| written.analysis).unwrap_or_else(|| Analysis {
        measure: String::new(),
        unit: String::new(),
        total: 0,
        top: Vec::new(),
    });
    ProfileResult {
        mode: mode.name().to_owned(),
        error,
        measure: analysis.measure,
        unit: analysis.unit,
        total: analysis.total,
        top: analysis.top,
        pprof_path,
        flame_graph_path,
        trace_path,
        flame_graph_svg: None,
        cpu_s: run.as_ref().map(cpu_s),
        rate_mbps: run.as_ref().and_then(mean_rate_mbps),
        log_path: outcome.log.path,
    }
}
