//! What runs while something is measured, and only then.

use std::time::{Duration, Instant};

/// An end of a measured stretch.
#[derive(Clone, Copy)]
pub(crate) enum Edge {
    /// From here …
    Begin,
    /// … to here.
    End,
}

/// Adds up the time of the measured stretches, and tells `watch` of their ends.
pub(crate) struct Meter<'a> {
    elapsed: Duration,
    watch: &'a mut dyn FnMut(Edge),
}

impl<'a> Meter<'a> {
    pub(crate) fn new(watch: &'a mut dyn FnMut(Edge)) -> Self {
        Self { elapsed: Duration::ZERO, watch }
    }

    /// The time of all stretches together.
    pub(crate) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Measures `work`.
    pub(crate) fn time<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.stretch(|| {
            let begin = Instant::now();
            let result = work();
            (begin.elapsed(), result)
        })
    }

    /// Measures `work`, which says itself how long it took.
    pub(crate) fn stretch<R>(&mut self, work: impl FnOnce() -> (Duration, R)) -> R {
        (self.watch)(Edge::Begin);
        let (elapsed, result) = work();
        (self.watch)(Edge::End);
        self.elapsed += elapsed;
        result
    }
}
