//! A bar with the time left, on a terminal and nowhere else.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::Duration;

/// Counts planned milliseconds.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(planned: Duration) -> Self {
        let bar = ProgressBar::with_draw_target(
            Some(planned.as_millis() as u64),
            if stderr().is_terminal() {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        if let Ok(style) = ProgressStyle::with_template(
            "{percent:>3} % {wide_bar} {elapsed} gone, about {eta} left · {msg}",
        ) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn say(&self, what: String) {
        self.0.set_message(what);
    }

    /// A line beside the bar.
    pub(crate) fn note(&self, line: &str) {
        self.0.suspend(|| eprintln!("{line}"));
    }

    pub(crate) fn done(&self, planned: Duration) {
        self.0.inc(planned.as_millis() as u64);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
