//! What this machine is, and what it can do at best: the bounds beside which results stand.

mod bounds;
mod describe;

pub(crate) use describe::commit;

use crate::cases::{Case, Group};
use crate::round::Payload;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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
    /// The wires are those that `groups` are to be compared with. About two seconds for all.
    pub(crate) fn measure<'a>(groups: impl Iterator<Item = &'a Group>) -> Self {
        let (mut words, mut blocks) = (BTreeSet::from([1]), BTreeSet::new());
        for group in groups {
            let producers = group.shape.producers;
            match group.payload() {
                Payload::Bytes1450 => blocks.insert(producers),
                _ => words.insert(producers),
            };
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cpu: describe::cpu(),
            cores,
            kernel: describe::kernel(),
            rustc: describe::rustc(),
            date: describe::date(),
            line_one_way_ns: bounds::line_one_way_ns(),
            wire_ns: words.into_iter().map(|p| (p, bounds::wire_ns(p))).collect(),
            wire_1450_ns: blocks.into_iter().map(|p| (p, bounds::wire_1450_ns(p))).collect(),
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
