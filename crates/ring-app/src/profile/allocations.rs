use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rpprof::alloc::{self, HeapRecord, HeapReport};
use run_result::Mode;

use super::mode::counts_allocations;
use super::stack_profile::{Kind, StackProfile, StackSample};
use super::stacks::{from_its_site, named};
use crate::allocator;

/// What is between two samples of the mode `rate`, on each thread.
const RATE_BYTES: usize = 2048;
const ALLOCATED: [Kind; 2] = [("alloc_objects", "count"), ("alloc_space", "bytes")];
const IN_USE: [Kind; 2] = [("inuse_objects", "count"), ("inuse_space", "bytes")];

/// Notes each allocation with its stack, or some of them, and when it is given back.
#[derive(Debug)]
pub(super) struct AllocationRecorder {
    modes: Vec<Mode>,
    peak: Option<Mutex<Peak>>,
}

/// The most that was in use whenever somebody looked.
#[derive(Debug, Default)]
struct Peak {
    bytes: usize,
    samples: Vec<StackSample>,
}

impl AllocationRecorder {
    /// `None` if no mode is about allocations.
    pub(super) fn start(modes: &[Mode]) -> Option<Self> {
        let about = |mode: &Mode| counts_allocations(*mode) || *mode == Mode::Rate;
        let modes: Vec<Mode> = modes.iter().copied().filter(about).collect();
        if modes.is_empty() {
            return None;
        }
        alloc::set_sample_rate(if modes.contains(&Mode::Rate) { RATE_BYTES } else { 1 });
        alloc::start();
        let peak = modes.contains(&Mode::Mem).then(Mutex::default);
        Some(Self { modes, peak })
    }

    /// Whether somebody must look now and then how much is in use.
    pub(super) fn follows_peak(&self) -> bool {
        self.peak.is_some()
    }

    /// Keeps who holds what, if more is in use than ever before.
    pub(super) fn look(&self) -> Result<(), rpprof::Error> {
        let Some(peak) = &self.peak else {
            return Ok(());
        };
        let mut peak = peak.lock().unwrap_or_else(PoisonError::into_inner);
        if allocator::bytes_in_use() > peak.bytes {
            peak.samples = in_use(&report()?);
            alloc::start();
            // With what was just noted: only what the program adds to it is more.
            peak.bytes = allocator::bytes_in_use();
        }
        Ok(())
    }

    pub(super) fn profiles(&self, covers: Duration) -> Result<Vec<StackProfile>, rpprof::Error> {
        self.look()?;
        let report = report()?;
        Ok(self.modes.iter().map(|mode| self.profile(*mode, &report, covers)).collect())
    }

    fn profile(&self, mode: Mode, report: &HeapReport, covers: Duration) -> StackProfile {
        let (kinds, samples, comment) = match mode {
            Mode::Mem => {
                let peak = self.peak.iter().flat_map(|peak| {
                    let mut peak = peak.lock().unwrap_or_else(PoisonError::into_inner);
                    std::mem::take(&mut peak.samples)
                });
                let comment = "bytes in use by allocation site when most were in use, as looked at \
                               every 100 ms; every allocation counts";
                (IN_USE.to_vec(), peak.collect(), comment)
            }
            Mode::Heap => {
                let comment = "bytes in use by allocation site when all threads had ended; every \
                               allocation counts";
                (IN_USE.to_vec(), in_use(report), comment)
            }
            Mode::Rate => {
                let comment = "allocations by site, one of each 2048 bytes of a thread's, and every \
                               reallocation; not scaled up";
                ([ALLOCATED, IN_USE].concat(), allocated(report, true), comment)
            }
            _ => {
                let comment = "bytes allocated by site since the start; every allocation counts";
                (ALLOCATED.to_vec(), allocated(report, false), comment)
            }
        };
        StackProfile {
            mode,
            kinds,
            shown: 1,
            period: (("space", "bytes"), report.sample_rate as i64),
            covers,
            comment,
            samples,
        }
    }
}

/// Stops the recording, since the library may wait for its own lock for ever if the report's
/// allocations are recorded too.
fn report() -> Result<HeapReport, rpprof::Error> {
    alloc::stop();
    alloc::heap_report()
}

fn in_use(report: &HeapReport) -> Vec<StackSample> {
    let held = report.records.iter().filter(|record| record.inuse_objects > 0);
    held.map(|record| sample(record, in_use_values(record).to_vec())).collect()
}

fn in_use_values(record: &HeapRecord) -> [i64; 2] {
    [record.inuse_objects.max(0), record.inuse_bytes.max(0)]
}

fn allocated(report: &HeapReport, with_in_use: bool) -> Vec<StackSample> {
    let each = report.records.iter().map(|record| {
        let mut values = vec![record.alloc_objects as i64, record.alloc_bytes as i64];
        if with_in_use {
            values.extend(in_use_values(record));
        }
        sample(record, values)
    });
    each.collect()
}

fn sample(record: &HeapRecord, values: Vec<i64>) -> StackSample {
    let frames = from_its_site(named(&record.frames.frames));
    StackSample { frames, values, thread: None }
}
