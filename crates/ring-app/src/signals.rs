use std::io;
use std::process;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::profile::Profiler;

/// What a shell reports for a process that a signal has ended: 128 and the signal's number.
const EXIT_BY_SIGNAL: i32 = 128;

/// SIGINT and SIGTERM, for as long as this lives.
#[derive(Debug)]
pub(crate) struct SignalWatch {
    handle: Handle,
}

impl SignalWatch {
    /// Calls `on_first` for the first signal. The second one ends the process at once: whoever
    /// sends it has lost patience with the clean way.
    pub(crate) fn new(
        profiler: &Profiler,
        on_first: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let handle = signals.handle();
        let entry = profiler.starting("signals");
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let _clock = entry.enter();
            let mut signals = signals.forever();
            if signals.next().is_none() {
                return;
            }
            on_first();
            if let Some(second) = signals.next() {
                process::exit(EXIT_BY_SIGNAL + second);
            }
        })?;
        Ok(Self { handle })
    }
}

impl Drop for SignalWatch {
    fn drop(&mut self) {
        self.handle.close();
    }
}
