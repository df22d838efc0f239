use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rpprof::{ProfilerGuard, ProfilerGuardBuilder, Report};
use run_result::Mode;

use super::sampler::Sampler;
use super::stack_profile::{StackProfile, StackSample, whole_ns};
use super::stacks::{Frame, named};
use super::threads::{Entry, Threads};

/// More than a microsecond has room for, so that the library sets its own timer to zero, which is
/// to leave it off.
const NO_TIMER_HZ: i32 = i32::MAX;

/// Processor time by stack: how much a thread used, its own clock tells; where, its samples do.
pub(super) struct CpuProfiler {
    library: ProfilerGuard<'static>,
    sampler: Sampler,
    threads: Arc<Threads>,
    begun: Instant,
}

impl CpuProfiler {
    pub(super) fn start(threads: Arc<Threads>) -> Result<Self, Box<dyn Error>> {
        // Before the first signal, which ends a process that does not expect it.
        let library = ProfilerGuardBuilder::new().frequency(NO_TIMER_HZ).build()?;
        let sampler = Sampler::start(Arc::clone(&threads))?;
        Ok(Self { library, sampler, threads, begun: Instant::now() })
    }

    /// All samples so far; none is taken from then on.
    pub(super) fn profile(&mut self) -> Result<StackProfile, Box<dyn Error>> {
        self.sampler.stop();
        let covers = self.begun.elapsed();
        let threads = self.threads.all();
        Ok(profile(&self.library.report().build()?, &threads, covers))
    }
}

fn profile(report: &Report, threads: &[Arc<Entry>], covers: Duration) -> StackProfile {
    let mut by_thread: HashMap<u64, Vec<(Vec<Frame>, i64)>> = HashMap::new();
    for (stack, &count) in &report.data {
        let sampled = by_thread.entry(stack.thread_id).or_default();
        sampled.push((named(&stack.frames), count as i64));
    }
    let samples = threads.iter().flat_map(|thread| {
        // A handle is given again only when its thread has ended, and here all begin before one ends.
        let handle = thread.begun().map(|begun| begun.handle);
        let stacks = handle.and_then(|handle| by_thread.remove(&handle)).unwrap_or_default();
        shared_out(&thread.name, whole_ns(thread.cpu_since_it_entered()), stacks)
    });
    let samples: Vec<StackSample> = samples.collect();
    let sum = |value: usize| samples.iter().map(|sample| sample.values[value]).sum::<i64>();
    StackProfile {
        mode: Mode::Cpu,
        kinds: vec![("samples", "count"), ("cpu", "nanoseconds")],
        shown: 1,
        period: (("cpu", "nanoseconds"), sum(1) / sum(0).max(1)),
        covers,
        comment: "processor time by stack: each thread's own clock, shared out over its samples",
        samples,
    }
}

/// The time of a thread, in equal parts for each of its samples; whole if there are none.
fn shared_out(thread: &str, used_ns: i64, mut stacks: Vec<(Vec<Frame>, i64)>) -> Vec<StackSample> {
    if stacks.is_empty() {
        if used_ns == 0 {
            return Vec::new();
        }
        stacks.push((vec![Frame::label("[no sample]")], 0));
    }
    let in_all = stacks.iter().map(|(_, count)| count).sum::<i64>();
    let share_ns = |count: i64| if in_all == 0 { used_ns } else { used_ns * count / in_all };
    let sample = |(frames, count): (Vec<Frame>, i64)| StackSample {
        frames,
        values: vec![count, share_ns(count)],
        thread: Some(thread.to_owned()),
    };
    stacks.into_iter().map(sample).collect()
}

#[cfg(test)]
mod tests {
    use nix::time::{ClockId, clock_gettime};

    use super::*;
    use crate::payload_sum::PayloadSum;

    fn stack(function: &str, samples: i64) -> (Vec<Frame>, i64) {
        (vec![Frame::label(function)], samples)
    }

    fn values(samples: &[StackSample]) -> Vec<(&str, i64, i64)> {
        samples.iter().map(values_of).collect()
    }

    fn values_of(sample: &StackSample) -> (&str, i64, i64) {
        (&sample.frames[0].function, sample.values[0], sample.values[1])
    }

    #[test]
    fn the_time_of_a_thread_is_shared_out_over_its_samples() {
        let samples = shared_out("worker", 800, vec![stack("often", 3), stack("once", 1)]);
        assert_eq!(values(&samples), [("often", 3, 600), ("once", 1, 200)]);
        assert!(samples.iter().all(|sample| sample.thread.as_deref() == Some("worker")));
    }

    #[test]
    fn a_thread_without_a_sample_is_there_with_its_time() {
        assert_eq!(values(&shared_out("brief", 800, Vec::new())), [("[no sample]", 0, 800)]);
        assert!(shared_out("never ran", 0, Vec::new()).is_empty());
    }

    /// No other unit test may start the library's sampling, which a process has once.
    #[test]
    fn a_thread_that_works_is_sampled_where_it_works_and_one_that_sleeps_is_not() {
        let threads = Arc::new(Threads::default());
        let mut profiler = CpuProfiler::start(Arc::clone(&threads)).unwrap();
        let (busy, idle) = (threads.register("busy"), threads.register("idle"));
        let (end, ended) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let _clock = idle.enter();
                let _ = ended.recv();
            });
            let work = scope.spawn(move || {
                let _clock = busy.enter();
                work(Duration::from_millis(200));
            });
            work.join().unwrap();
            drop(end);
        });
        let profile = profiler.profile().unwrap();
        let of = |thread: &str| {
            let samples = profile.samples.iter();
            samples.filter(|sample| sample.thread.as_deref() == Some(thread)).collect::<Vec<_>>()
        };
        let in_sum = |sample: &&&StackSample| {
            sample.frames.iter().any(|frame| frame.function.contains("PayloadSum"))
        };
        let sum = |value: usize| of("busy").iter().map(|sample| sample.values[value]).sum::<i64>();
        assert!(sum(1) >= 190_000_000, "its clock: {}", sum(1));
        let found: i64 = of("busy").iter().filter(in_sum).map(|sample| sample.values[0]).sum();
        assert!(found > 0 && found * 2 > sum(0), "{found} of {} samples", sum(0));
        assert!(of("idle").iter().map(|sample| sample.values[0]).sum::<i64>() <= 2);
    }

    /// Not in this module, whose own calls are left out.
    fn work(for_cpu: Duration) {
        let used = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap();
        let packet = [7; 65_507];
        while used() < for_cpu {
            std::hint::black_box(PayloadSum::of(&packet));
        }
    }
}
