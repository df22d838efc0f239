//! The cases, as data. Their names are fixed: scripts read them.

use crate::catalogue::{Entry, Scope};
use crate::round::{Payload, Work};
use crate::subject::{Layout, Shape};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Single,
    Batch64,
    Payload,
    Contended,
    Idle,
    Stalled,
    PingPong,
    Wake,
    OpenLoop,
    Scale,
}

pub(crate) const CASES: [Case; 10] = [
    Case::Single,
    Case::Batch64,
    Case::Payload,
    Case::Contended,
    Case::Idle,
    Case::Stalled,
    Case::PingPong,
    Case::Wake,
    Case::OpenLoop,
    Case::Scale,
];

/// The cases of a quick run.
pub(crate) const QUICK: [Case; 3] = [Case::Single, Case::Batch64, Case::Idle];

/// Subjects are compared within a group: same work, same shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) case: Case,
    pub(crate) work: Work,
    pub(crate) shape: Shape,
    /// In percent of the subject's own maximum, where a group has a load.
    pub(crate) load: Option<u32>,
}

const PRODUCERS: [usize; 6] = [1, 2, 4, 8, 16, 32];
const SLOTS_EACH: usize = 1024;
const SLOTS_IN_ALL: usize = 4096;
const ONE_BY_ONE: Work = Work::Send { batch: false, payload: Payload::Word };

impl Case {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Batch64 => "batch64",
            Self::Payload => "payload",
            Self::Contended => "contended",
            Self::Idle => "idle",
            Self::Stalled => "stalled",
            Self::PingPong => "pingpong",
            Self::Wake => "wake",
            Self::OpenLoop => "openloop",
            Self::Scale => "scale",
        }
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Single => "producers write one at a time, the consumer receives its best way",
            Self::Batch64 => "producers write 64 at a time where the subject can",
            Self::Payload => "64, 256 and 1450 bytes inline, written one at a time",
            Self::Contended => "all producers on one shard",
            Self::Idle => "one active shard of 1, 64, 1024",
            Self::Stalled => "the others' throughput, one producer between claim and publish",
            Self::PingPong => "a round trip, halved",
            Self::Wake => "from send to receipt by a sleeping consumer, 1,000 items/s",
            Self::OpenLoop => "latency from the intended send, at a share of the own maximum",
            Self::Scale => "one producer, from 64 to 1 Mi slots",
        }
    }

    pub(crate) fn groups(self) -> Vec<Group> {
        let group = |work, shape| Group { case: self, work, shape, load: None };
        match self {
            Self::Single => each_capacity().map(|shape| group(ONE_BY_ONE, shape)).collect(),
            Self::Batch64 => {
                let work = Work::Send { batch: true, payload: Payload::Word };
                each_capacity().map(|shape| group(work, shape)).collect()
            }
            Self::Payload => payloads().map(|(work, shape)| group(work, shape)).collect(),
            Self::Contended => {
                let shape = |producers| Shape { producers, lanes: 1, capacity: SLOTS_IN_ALL };
                PRODUCERS.map(|producers| group(ONE_BY_ONE, shape(producers))).to_vec()
            }
            Self::Idle => {
                let shape = |lanes| Shape { producers: 1, lanes, capacity: SLOTS_EACH * lanes };
                [1, 64, 1024].map(|lanes| group(ONE_BY_ONE, shape(lanes))).to_vec()
            }
            Self::Stalled => [2, 4]
                .into_iter()
                .flat_map(|producers| [false, true].map(|still| (producers, still)))
                .map(|(p, stand_still)| {
                    group(Work::Stalled { stand_still }, own(p, SLOTS_EACH * p))
                })
                .collect(),
            Self::PingPong => vec![group(Work::PingPong, own(1, SLOTS_EACH))],
            Self::Wake => vec![group(Work::Wake, own(1, SLOTS_EACH))],
            Self::OpenLoop => {
                let group = group(Work::OpenLoop { interval_ns: 0.0 }, own(1, SLOTS_EACH));
                [10, 50, 80].map(|load| Group { load: Some(load), ..group }).to_vec()
            }
            Self::Scale => {
                (6..=20).step_by(2).map(|bits| group(ONE_BY_ONE, own(1, 1 << bits))).collect()
            }
        }
    }
}

/// A lane for each producer.
fn own(producers: usize, capacity: usize) -> Shape {
    Shape { producers, lanes: producers, capacity }
}

/// First with so many slots for each producer, then with so many in all.
fn each_capacity() -> impl Iterator<Item = Shape> {
    let each = PRODUCERS.into_iter().map(|producers| own(producers, SLOTS_EACH * producers));
    let in_all = PRODUCERS.into_iter().map(|producers| own(producers, SLOTS_IN_ALL));
    // Of four producers both are the same.
    each.chain(in_all.filter(|shape| shape.capacity_per_producer() != SLOTS_EACH))
}

fn payloads() -> impl Iterator<Item = (Work, Shape)> {
    let payloads = [Payload::Bytes64, Payload::Bytes256, Payload::Bytes1450];
    payloads.into_iter().flat_map(|payload| {
        let work = Work::Send { batch: false, payload };
        [1, 2, 4].map(|producers| (work, own(producers, SLOTS_EACH * producers)))
    })
}

impl Group {
    /// Whether a subject takes part.
    pub(crate) fn admits(&self, entry: &Entry) -> bool {
        let Entry { facts, scope, .. } = entry;
        let flavours_differ = matches!(self.case, Case::Single | Case::Batch64 | Case::Payload);
        let shape_fits = self.shape.producers == 1 || facts.layout != Layout::Pair;
        let case_fits = match self.case {
            Case::Contended => matches!(facts.layout, Layout::Queue | Layout::Shards),
            Case::Idle => matches!(facts.layout, Layout::Rings | Layout::Shards),
            Case::Stalled => facts.window,
            Case::Wake => facts.sleeps,
            _ => true,
        };
        shape_fits && case_fits && (flavours_differ || *scope != Scope::Flavour)
    }

    pub(crate) fn payload(&self) -> Payload {
        match self.work {
            Work::Send { payload, .. } => payload,
            _ => Payload::Word,
        }
    }

    /// What the group adds to how a subject is used.
    pub(crate) fn api(&self, entry: &Entry) -> String {
        let facts = entry.facts;
        let send = match self.work {
            Work::Send { batch: true, .. } => facts.send_batch.unwrap_or(facts.send),
            _ => facts.send,
        };
        let api = format!("{send} | {}", facts.receive);
        match (self.work, self.load) {
            (Work::Stalled { stand_still: true }, _) => format!("{api} | one stands still"),
            (Work::Stalled { stand_still: false }, _) => format!("{api} | none stands still"),
            (_, Some(load)) => format!("{api} | {load} % load"),
            _ => api,
        }
    }

    /// A heading.
    pub(crate) fn title(&self) -> String {
        let Shape { producers, lanes, capacity } = self.shape;
        let plural = if producers == 1 { "" } else { "s" };
        let mut title = format!("{producers} producer{plural}, {capacity} slots in all");
        match self.case {
            Case::Idle => title = format!("1 of {lanes} shards active, {SLOTS_EACH} slots each"),
            Case::Payload => title = format!("{} B, {title}", self.payload().bytes()),
            Case::Stalled if self.work == (Work::Stalled { stand_still: true }) => {
                title.push_str(", one stands still");
            }
            Case::Stalled => title.push_str(", one does not send"),
            _ => {}
        }
        match self.load {
            Some(load) => format!("{load} % load, {title}"),
            None => title,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::ALL;

    fn admitted(case: Case, index: usize) -> Vec<&'static str> {
        let group = case.groups()[index];
        ALL.iter().filter(|entry| group.admits(entry)).map(|entry| entry.facts.name).collect()
    }

    #[test]
    fn both_capacities_for_all_producers() {
        for case in [Case::Single, Case::Batch64] {
            let shapes: Vec<_> = case.groups().iter().map(|group| group.shape).collect();
            for producers in PRODUCERS {
                assert!(shapes.contains(&own(producers, 1024 * producers)));
                assert!(shapes.contains(&own(producers, 4096)));
            }
            assert_eq!(shapes.len(), 11);
        }
    }

    #[test]
    fn only_those_take_part_who_can() {
        assert!(admitted(Case::Single, 0).contains(&"rtrb/chunks"));
        assert!(!admitted(Case::Single, 1).contains(&"rtrb/chunks"));
        assert!(!admitted(Case::Contended, 1).contains(&"lock-free-ring/dedicated"));
        assert!(admitted(Case::Contended, 1).contains(&"lock-free-ring/shared"));
        assert!(!admitted(Case::Idle, 1).contains(&"crossbeam-channel/bounded"));
        assert_eq!(
            admitted(Case::Stalled, 0),
            ["lock-free-ring/shared", "thingbuf/blocking", "disruptor/poller"]
        );
        assert!(!admitted(Case::Wake, 0).contains(&"gil/sharded"));
    }

    #[test]
    fn our_channel_takes_part_wherever_that_of_crossbeam_does() {
        for group in CASES.into_iter().flat_map(Case::groups) {
            let named = |name| ALL.iter().find(|entry| entry.facts.name == name);
            let takes_part = |name| named(name).is_some_and(|entry| group.admits(entry));
            if takes_part("crossbeam-channel/bounded") {
                assert!(takes_part("lock-free-ring/channel"), "{group:?}");
            }
        }
    }

    #[test]
    fn case_names_are_those_that_scripts_read() {
        let names = CASES.map(Case::name).join(" ");
        let fixed = "single batch64 payload contended idle stalled pingpong wake openloop scale";
        assert_eq!(names, fixed);
    }
}
