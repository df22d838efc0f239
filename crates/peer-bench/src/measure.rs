//! What travels, how it is checked, what time it took, and what the figures come to.

pub(crate) mod cpu;
pub(crate) mod item;
pub(crate) mod stats;
pub(crate) mod verify;
