//! The nine profiles of a run. What each measures is said in [`Mode`]; a mode that is not asked
//! for costs nothing but a test here and there.

mod allocations;
mod cpu;
mod flame_graph;
pub(crate) mod mode;
mod plan;
mod probe;
mod sampler;
mod stack_profile;
mod stacks;
mod threads;
mod trace;
mod waits;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use run_result::Mode;

use allocations::AllocationRecorder;
use cpu::CpuProfiler;
use flame_graph::FlameGraph;
pub(crate) use plan::ProfilePlan;
pub(crate) use probe::Probe;
use stack_profile::StackProfile;
use threads::{Entry, ThreadClock, Threads};
use trace::Trace;
pub(crate) use waits::{Place, Waits};

use crate::error::RunError;
use crate::whole_file;

/// How often somebody must look how much memory is in use, to see the peak.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Whatever of a run is profiled.
pub(crate) struct Profiler {
    plan: Option<ProfilePlan>,
    begun: Instant,
    cpu: Option<Mutex<CpuProfiler>>,
    allocations: Option<AllocationRecorder>,
    waits: Option<Arc<Waits>>,
    threads: Option<Arc<Threads>>,
    trace: Option<Trace>,
}

impl fmt::Debug for Profiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profiler").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl Profiler {
    /// Starts what the plan asks for; nothing without one.
    pub(crate) fn start(plan: Option<&ProfilePlan>) -> Result<Self, RunError> {
        let has = |mode| plan.is_some_and(|plan| plan.modes.contains(&mode));
        let begun = Instant::now();
        let threads = (has(Mode::Thread) || has(Mode::Cpu)).then(Arc::<Threads>::default);
        let sampled = threads.iter().filter(|_| has(Mode::Cpu)).cloned();
        let cpu = sampled.map(CpuProfiler::start).next().transpose();
        let cpu = cpu.map_err(|error| profile_error(Mode::Cpu, error))?;
        Ok(Self {
            begun,
            cpu: cpu.map(Mutex::new),
            waits: (has(Mode::Mutex) || has(Mode::Block)).then(Arc::default),
            threads,
            trace: has(Mode::Trace).then(|| Trace::new(begun)),
            // Last, so that it does not see the others being set up.
            allocations: plan.and_then(|plan| AllocationRecorder::start(&plan.modes)),
            plan: plan.cloned(),
        })
    }

    /// What the thread of this name tells of itself.
    pub(crate) fn probe(&self, name: &str) -> Probe<'_> {
        Probe::new(self.waits(), self.trace.as_ref().map(|trace| trace.thread(name)))
    }

    pub(crate) fn waits(&self) -> Option<Arc<Waits>> {
        self.waits.clone()
    }

    /// To be called by the thread that starts the one of this name, which then enters.
    pub(crate) fn starting(&self, name: &str) -> ThreadEntry {
        ThreadEntry(self.threads.as_ref().map(|threads| threads.register(name)))
    }

    /// How long the main thread may sleep before it looks how much memory is in use.
    pub(crate) fn look_every(&self) -> Option<Duration> {
        let follows = self.allocations.as_ref().is_some_and(AllocationRecorder::follows_peak);
        follows.then_some(LOOK_EVERY)
    }

    /// Notes how much memory is in use.
    pub(crate) fn look(&self) {
        // It looks once more at the end, and what is wrong now is wrong then.
        let _ = self.allocations.as_ref().map(AllocationRecorder::look);
    }

    /// Writes all that was asked for, when all threads but this one have ended.
    pub(crate) fn finish(&self) -> Result<Vec<run_result::Profile>, RunError> {
        let mut written = Vec::new();
        let Some(plan) = &self.plan else {
            return Ok(written);
        };
        for profile in self.stack_profiles(plan)? {
            let mode = profile.mode;
            let bytes = profile.to_pprof().to_gzip().map_err(|error| profile_error(mode, error))?;
            written.push(self.write(mode, "pb.gz", "pprof", |file| file.write_all(&bytes))?);
            let svg = FlameGraph(&profile).to_string();
            written.push(self.write(mode, "svg", "svg", |file| file.write_all(svg.as_bytes()))?);
        }
        if let Some(trace) = &self.trace {
            let write = |file: &mut dyn Write| trace.write(io::BufWriter::new(file));
            written.push(self.write(Mode::Trace, "json", "perfetto", write)?);
        }
        Ok(written)
    }

    fn stack_profiles(&self, plan: &ProfilePlan) -> Result<Vec<StackProfile>, RunError> {
        let covers = self.begun.elapsed();
        let mut profiles = Vec::new();
        if let Some(allocations) = &self.allocations {
            let all = allocations.profiles(covers);
            profiles.extend(all.map_err(|error| profile_error(Mode::Allocs, error))?);
        }
        if let Some(cpu) = &self.cpu {
            let mut cpu = cpu.lock().unwrap_or_else(PoisonError::into_inner);
            profiles.push(cpu.profile().map_err(|error| profile_error(Mode::Cpu, error))?);
        }
        if let Some(waits) = &self.waits {
            let about_waits = |mode: &&Mode| matches!(mode, Mode::Mutex | Mode::Block);
            let modes = plan.modes.iter().filter(about_waits);
            profiles.extend(modes.map(|mode| waits.profile(*mode, covers)));
        }
        let threads = self.threads.iter().filter(|_| plan.modes.contains(&Mode::Thread));
        profiles.extend(threads.map(|threads| threads.profile(covers)));
        Ok(profiles)
    }

    fn write(
        &self,
        mode: Mode,
        extension: &str,
        format: &str,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<run_result::Profile, RunError> {
        let folder = self.plan.as_ref().map(|plan| plan.folder.clone()).unwrap_or_default();
        let path: PathBuf = folder.join(format!("{mode}.{extension}"));
        whole_file::replace(&path, content).map_err(|error| profile_error(mode, error))?;
        Ok(run_result::Profile {
            mode: mode.name().to_owned(),
            path: path.display().to_string(),
            format: format.to_owned(),
        })
    }
}

fn profile_error(mode: Mode, error: impl fmt::Display) -> RunError {
    RunError::Profile(mode, error.to_string())
}

/// What a thread's profile begins with.
#[derive(Debug)]
pub(crate) struct ThreadEntry(Option<Arc<Entry>>);

impl ThreadEntry {
    /// To be called by the thread itself; it lasts for as long as what this returns.
    pub(crate) fn enter(self) -> Option<ThreadClock> {
        self.0.map(Entry::enter)
    }
}
