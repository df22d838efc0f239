use std::sync::Arc;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

use super::trace::ThreadTrace;
use super::waits::{Place, Waits};

/// What one thread tells the profilers of itself. If none wants to know, each call costs one
/// test.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    is_idle: bool,
    waits: Option<Arc<Waits>>,
    trace: Option<ThreadTrace<'a>>,
}

impl<'a> Probe<'a> {
    pub(super) fn new(waits: Option<Arc<Waits>>, trace: Option<ThreadTrace<'a>>) -> Self {
        Self { is_idle: waits.is_none() && trace.is_none(), waits, trace }
    }

    /// Does `work`, which waits at `place` if it must. It counts as a wait if the thread gave up
    /// its core in it, or if it was certain before that it must.
    #[inline]
    pub(crate) fn wait<T>(&mut self, place: Place, work: impl FnOnce() -> T) -> T {
        if self.is_idle { work() } else { self.watch(place, work) }
    }

    #[cold]
    #[inline(never)]
    fn watch<T>(&mut self, place: Place, work: impl FnOnce() -> T) -> T {
        let switches_before = voluntary_switches();
        let began = Instant::now();
        let result = work();
        let waited = began.elapsed();
        if place.is_certain() || voluntary_switches() > switches_before {
            if let Some(waits) = &self.waits {
                waits.record(place, waited);
            }
            if let Some(trace) = &mut self.trace {
                trace.span(place.name(), began, 0);
            }
        }
        result
    }

    /// Begins a span, if somebody wants to know.
    pub(crate) fn begin(&self) -> Option<Instant> {
        self.trace.is_some().then(Instant::now)
    }

    /// Ends what [`begin`](Self::begin) began, with the number of packets that it was about.
    pub(crate) fn end(&mut self, name: &'static str, began: Option<Instant>, packets: u64) {
        if let (Some(trace), Some(began)) = (&mut self.trace, began) {
            trace.span(name, began, packets);
        }
    }

    pub(crate) fn instant(&mut self, name: &'static str) {
        if let Some(trace) = &mut self.trace {
            trace.instant(name);
        }
    }

    pub(crate) fn counter(&mut self, name: &'static str, value: f64) {
        if let Some(trace) = &mut self.trace {
            trace.counter(name, value);
        }
    }
}

/// How often this thread has given up its core because it had to wait.
fn voluntary_switches() -> i64 {
    getrusage(UsageWho::RUSAGE_THREAD).map_or(0, |usage| usage.voluntary_context_switches())
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;
    use run_result::Mode;

    #[test]
    fn sleep_counts_as_a_wait_and_work_does_not() {
        let waits = Arc::new(Waits::default());
        let mut probe = Probe::new(Some(Arc::clone(&waits)), None);
        assert_eq!(probe.wait(Place::Depot, || 7), 7);
        probe.wait(Place::Tick, || thread::sleep(Duration::from_millis(5)));
        let profile = waits.profile(Mode::Block, Duration::from_secs(1));
        let [sample] = &profile.samples[..] else {
            panic!("{profile:?}");
        };
        assert_eq!(
            (sample.frames[0].function.as_str(), sample.values[0]),
            ("wait for the tick", 1)
        );
        assert!(sample.values[1] >= 5_000_000, "{sample:?}");
    }
}
