//! From what a run left behind to a verdict on it.

pub(crate) mod agreement;
pub(crate) mod checks;
pub(crate) mod log_figures;
pub(crate) mod thresholds;
