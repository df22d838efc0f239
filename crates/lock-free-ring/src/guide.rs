//! The guide: how to choose, what to expect, how it works, how to move here. Nothing but text, in
//! the order in which one may want to read it.
//!
//! | page | question |
//! |---|---|
//! | [`shards`] | which ring, how many shards, how large |
//! | [`backpressure`] | what a producer does when its shard is full |
//! | [`ordering`] | what arrives after what |
//! | [`latency`] | one by one or in batches; who waits, and how |
//! | [`allocation`] | how to allocate nothing |
//! | [`limits`] | what it does not do |
//! | [`internals`] | how it works, with pictures |
//! | [`moving`] | from Go, std, crossbeam-channel or the LMAX Disruptor |
//!
//! Each is short. Figures in them are quoted from files of the repository's `results/`, with the
//! command that made them beside them.

pub mod allocation;
pub mod backpressure;
pub mod internals;
pub mod latency;
pub mod limits;
pub mod moving;
pub mod ordering;
pub mod shards;
