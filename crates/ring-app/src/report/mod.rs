//! What the user gets to see.

pub(crate) mod final_stats;
pub(crate) mod interval;
pub(crate) mod log;
pub(crate) mod machine;
pub(crate) mod screen;
pub(crate) mod start;
