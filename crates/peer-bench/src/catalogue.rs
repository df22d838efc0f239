//! All subjects, as data: what they are called, and how each is run.

use crate::round::{self, Job, Outcome};
use crate::subject::{Facts, Subject};
use crate::subjects::{
    channel, concurrent_queue, crossbeam, crossfire, dedicated, disruptor, document, fanring,
    flume, gil, kanal, nexus, rtrb, shared, std_channel, thingbuf, tokio,
};

/// Where a subject takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In every run.
    Quick,
    /// In a whole run.
    Full,
    /// In a whole run, in the cases that tell flavours apart.
    Flavour,
}

/// A subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) facts: &'static Facts,
    pub(crate) scope: Scope,
    pub(crate) run: fn(&Job) -> Outcome,
}

const fn entry<S: Subject>(scope: Scope) -> Entry {
    Entry { facts: &S::FACTS, scope, run: round::run::<S> }
}

/// Ours first, the described algorithm last.
pub(crate) static ALL: [Entry; 31] = [
    entry::<dedicated::Batch>(Scope::Quick),
    entry::<dedicated::OneByOne>(Scope::Flavour),
    entry::<dedicated::InPlace>(Scope::Flavour),
    entry::<dedicated::Polling>(Scope::Flavour),
    entry::<shared::Batch>(Scope::Quick),
    entry::<shared::OneByOne>(Scope::Flavour),
    entry::<shared::InPlace>(Scope::Flavour),
    entry::<shared::Polling>(Scope::Flavour),
    entry::<channel::Channel>(Scope::Quick),
    entry::<crossbeam::Channel>(Scope::Quick),
    entry::<crossbeam::Array>(Scope::Full),
    entry::<std_channel::SyncChannel>(Scope::Full),
    entry::<kanal::Bounded>(Scope::Quick),
    entry::<flume::Bounded>(Scope::Full),
    entry::<crossfire::Mpsc>(Scope::Quick),
    entry::<thingbuf::Blocking>(Scope::Full),
    entry::<tokio::Blocking>(Scope::Full),
    entry::<concurrent_queue::Bounded>(Scope::Full),
    entry::<disruptor::Poller>(Scope::Full),
    entry::<nexus::Mpsc>(Scope::Quick),
    entry::<nexus::Spsc>(Scope::Full),
    entry::<rtrb::One>(Scope::Full),
    entry::<rtrb::Chunks>(Scope::Quick),
    entry::<fanring::Batch>(Scope::Full),
    entry::<fanring::Deferred>(Scope::Quick),
    entry::<gil::Mpsc>(Scope::Full),
    entry::<gil::Sharded>(Scope::Quick),
    entry::<gil::ShardedParking>(Scope::Full),
    entry::<gil::ShardedGuard>(Scope::Quick),
    entry::<gil::Spsc>(Scope::Full),
    entry::<document::Document>(Scope::Quick),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::round::{Payload, Work};
    use crate::subject::{Layout, Shape};
    use std::collections::HashSet;
    use std::time::Duration;

    #[test]
    fn names_are_unique() {
        let names: HashSet<_> = ALL.iter().map(|entry| entry.facts.name).collect();
        assert_eq!(names.len(), ALL.iter().count());
    }

    #[test]
    fn every_subject_passes_a_small_round_one_by_one_and_batched() {
        for entry in ALL.iter() {
            for batch in [false, true] {
                let producers = if entry.facts.layout == Layout::Pair { 1 } else { 4 };
                let job = Job {
                    work: Work::Send { batch, payload: Payload::Word },
                    shape: Shape { producers, lanes: producers, capacity: 256 * producers },
                    amount: 5_000,
                    limit: Duration::from_secs(20),
                };
                let outcome = (entry.run)(&job).expect("a shape that all can have");
                assert!(outcome.is_ok(), "{} {batch}: {outcome:?}", entry.facts.name);
            }
        }
    }

    /// The canary: a check that lets this algorithm pass here would prove nothing.
    #[test]
    fn the_document_on_a_tiny_full_shard_is_caught() {
        let document = ALL.iter().find(|entry| entry.facts.name == "document");
        let job = Job {
            work: Work::Send { batch: false, payload: Payload::Word },
            shape: Shape { producers: 4, lanes: 1, capacity: 4 },
            amount: 100_000,
            limit: Duration::from_millis(500),
        };
        let fails = |entry: &Entry| (entry.run)(&job).is_some_and(|outcome| outcome.is_err());
        assert!((0..40).any(|_| document.is_some_and(fails)));
    }
}
