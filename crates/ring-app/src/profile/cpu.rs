use rpprof::{Error, ProfilerGuard, ProfilerGuardBuilder};

use super::mode::Mode;
use super::stack_profile::{StackProfile, StackSample, whole_ns};
use super::stacks::{Frame, without_machinery};
use crate::report::machine::CpuTime;

/// The kernel looks at a process's timer with its own tick, which is that often on most machines.
const SAMPLES_PER_SECOND: i32 = 250;

/// Interrupts the program whenever it has used so much processor time, and takes the stack.
///
/// The kernel sees that only at a tick at which the program runs, so some interrupts come late
/// and some not at all. Each sample stands for the same share of the time that was truly used.
pub(super) struct CpuSampler {
    sampling: ProfilerGuard<'static>,
    used_before: CpuTime,
}

impl CpuSampler {
    pub(super) fn start() -> Result<Self, Error> {
        let sampling = ProfilerGuardBuilder::new().frequency(SAMPLES_PER_SECOND).build()?;
        Ok(Self { sampling, used_before: CpuTime::now() })
    }

    pub(super) fn profile(&self) -> Result<StackProfile, Error> {
        let used_ns = whole_ns(CpuTime::now().since(self.used_before).in_all());
        // Before the report, which is in the way of samples itself.
        let missed = self.sampling.missed_samples() as i64;
        let report = self.sampling.report().build()?;
        let in_all = report.data.values().map(|count| *count as i64).sum::<i64>() + missed;
        let ns_per_sample = used_ns / in_all.max(1);
        let values = |count: i64| vec![count, count * ns_per_sample];
        let samples = report.data.iter().map(|(stack, &count)| StackSample {
            frames: named(&stack.frames),
            values: values(count as i64),
            thread: Some(stack.thread_name.clone()),
        });
        let mut samples: Vec<StackSample> = samples.collect();
        if missed > 0 {
            // They came while another thread was being sampled, so their stack is not known.
            let frames = vec![Frame::label("[sample missed]")];
            samples.push(StackSample { frames, values: values(missed), thread: None });
        }
        Ok(StackProfile {
            mode: Mode::Cpu,
            kinds: vec![("samples", "count"), ("cpu", "nanoseconds")],
            shown: 1,
            period: (("cpu", "nanoseconds"), ns_per_sample),
            covers: report.timing.duration,
            comment: "processor time by stack: each sample stands for an equal share of what was used",
            samples,
        })
    }
}

pub(super) fn named(stack: &[Vec<rpprof::Symbol>]) -> Vec<Frame> {
    let frames = stack.iter().flatten().map(|symbol| Frame {
        function: symbol.name(),
        file: symbol.filename.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
        line: symbol.lineno(),
    });
    without_machinery(frames.collect())
}
