use rpprof::{Error, ProfilerGuard, ProfilerGuardBuilder};

use super::mode::Mode;
use super::stack_profile::{StackProfile, StackSample};
use super::stacks::{Frame, without_machinery};

/// The kernel looks at a process's timer with its own tick, which is that often on most machines.
const SAMPLES_PER_SECOND: i32 = 250;
const NS_PER_SAMPLE: i64 = 1_000_000_000 / SAMPLES_PER_SECOND as i64;

/// Interrupts the program whenever it has used so much processor time, and takes the stack.
pub(super) struct CpuSampler(ProfilerGuard<'static>);

impl CpuSampler {
    pub(super) fn start() -> Result<Self, Error> {
        ProfilerGuardBuilder::new().frequency(SAMPLES_PER_SECOND).build().map(Self)
    }

    pub(super) fn profile(&self) -> Result<StackProfile, Error> {
        let report = self.0.report().build()?;
        let samples = report.data.iter().map(|(stack, &count)| {
            let count = count as i64;
            StackSample {
                frames: named(&stack.frames),
                values: vec![count, count * NS_PER_SAMPLE],
                thread: Some(stack.thread_name.clone()),
            }
        });
        let mut samples: Vec<StackSample> = samples.collect();
        if report.missed_samples > 0 {
            samples.push(missed(report.missed_samples as i64));
        }
        Ok(StackProfile {
            mode: Mode::Cpu,
            kinds: vec![("samples", "count"), ("cpu", "nanoseconds")],
            shown: 1,
            period: (("cpu", "nanoseconds"), NS_PER_SAMPLE),
            covers: report.timing.duration,
            comment: "processor time by stack, sampled every 4 ms of it",
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

/// Interrupts that came while another thread was being sampled: their time is known, and their
/// stack is not.
fn missed(count: i64) -> StackSample {
    StackSample {
        frames: vec![Frame::label("[sample missed]")],
        values: vec![count, count * NS_PER_SAMPLE],
        thread: None,
    }
}
