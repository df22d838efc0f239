use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// Tells every thread at once that the run is over, whatever it sleeps on.
#[derive(Debug)]
pub(crate) struct Stop {
    generators: data_generator::Cancel,
    backoffs: lock_free_ring::Cancel,
    /// Never written to: its end of file is what wakes a receiver that polls.
    receivers: PipeReader,
    receivers_keep_on: Mutex<Option<PipeWriter>>,
    requested: OnceLock<Instant>,
}

impl Stop {
    pub(crate) fn new() -> io::Result<Self> {
        let (receivers, writer) = io::pipe()?;
        Ok(Self {
            generators: data_generator::Cancel::new(),
            backoffs: lock_free_ring::Cancel::new(),
            receivers,
            receivers_keep_on: Mutex::new(Some(writer)),
            requested: OnceLock::new(),
        })
    }

    /// Stops the producers; only the first call counts.
    pub(crate) fn request(&self) {
        self.requested.get_or_init(Instant::now);
        self.generators.cancel();
        self.backoffs.cancel();
        self.receivers_keep_on.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.requested.get().is_some()
    }

    pub(crate) fn requested_at(&self) -> Option<Instant> {
        self.requested.get().copied()
    }

    pub(crate) fn generators(&self) -> data_generator::Cancel {
        self.generators.clone()
    }

    pub(crate) fn backoffs(&self) -> lock_free_ring::Cancel {
        self.backoffs.clone()
    }

    /// Becomes readable (end of file) when the stop is requested.
    pub(crate) fn as_pollable(&self) -> BorrowedFd<'_> {
        self.receivers.as_fd()
    }
}
