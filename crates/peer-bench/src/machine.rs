//! What this machine is, and what it can do at best: the bounds beside which results stand.

mod bounds;
mod describe;

pub(crate) use describe::commit;

use crate::cases::{Case, Group};
use crate::round::Payload;
use serde::Serialize;
use std::collections::BTreeMap;

/// The machine, described and measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    pub(crate) date: String,
    /// A line from one core to another.
    pub(crate) line_one_way_ns: f64,
    /// An item of 8 bytes in blocks of 1024 through a dedicated ring, every item read, by the
    /// number of producers.
    pub(crate) wire_ns: BTreeMap<usize, f64>,
    /// The same with 1450 bytes, in blocks of 64.
    pub(crate) wire_1450_ns: BTreeMap<usize, f64>,
    /// A fetch-add that all cores make on one word, by wall time over all of them.
    pub(crate) fetch_add_ns: f64,
    /// A copy of 1450 bytes within one core, into as many slots as a ring has, and its reading.
    pub(crate) copy_1450_ns: f64,
}

impl Machine {
    /// Takes about two seconds.
    pub(crate) fn measure() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cpu: describe::cpu(),
            cores,
            kernel: describe::kernel(),
            rustc: describe::rustc(),
            date: describe::date(),
            line_one_way_ns: bounds::line_one_way_ns(),
            wire_ns: [1, 2, 4, 8, 16, 32].map(|p| (p, bounds::wire_ns::<u64>(p, 1024))).into(),
            wire_1450_ns: [1, 2, 4].map(|p| (p, bounds::wire_1450_ns(p))).into(),
            fetch_add_ns: bounds::fetch_add_ns(cores),
            copy_1450_ns: bounds::copy_1450_ns(),
        }
    }

    /// What bounds a group's results from below, and its name.
    pub(crate) fn bound(&self, group: &Group) -> (&'static str, f64) {
        let producers = &group.shape.producers;
        let of = |bounds: &BTreeMap<usize, f64>| bounds.get(producers).copied().unwrap_or(f64::NAN);
        match (group.case, group.payload()) {
            (Case::PingPong | Case::Wake | Case::OpenLoop, _) => ("line", self.line_one_way_ns),
            (Case::Contended, _) => ("fetch-add", self.fetch_add_ns),
            (_, Payload::Bytes1450) => ("wire of 1450 B", of(&self.wire_1450_ns)),
            _ => ("wire", of(&self.wire_ns)),
        }
    }
}
