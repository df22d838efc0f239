//! The threads of a run: who works on what, and what they leave behind.

use std::io;
use std::sync::mpsc::SyncSender;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Instant;

use data_generator::{Generator, GeneratorConfig, Rate};
use lock_free_ring::{LeaseError, Pool};

use crate::config::{Config, Source};
use crate::consumer::{ConsumerTask, ConsumerTotals, Surroundings};
use crate::counters::Counters;
use crate::error::RunError;
use crate::generated;
use crate::outlet::{Origin, Outlet};
use crate::profile::{Place, Probe, Profiler};
use crate::report::log::{Level, Log};
use crate::ring_handle::RingHandle;
use crate::sequence::{SequenceSource, Sequences};
use crate::stop::Stop;
use crate::udp::{Receiver, ReceiverTotals, UdpSocket};

/// Numbers that a producer takes at a time when all of them never rest.
const UNLIMITED_SEQUENCE_BLOCK: u64 = 32;

/// All that the threads of a run share.
#[derive(Debug)]
pub(crate) struct Workplace<'a> {
    pub(crate) config: &'a Config,
    pub(crate) log: &'a Log,
    pub(crate) ring: RingHandle,
    pub(crate) pool: Pool<Vec<u8>>,
    /// One for each producer, or none if packets are generated.
    pub(crate) sockets: Vec<UdpSocket>,
    pub(crate) counters: Vec<Counters>,
    pub(crate) sequences: SequenceSource,
    pub(crate) stop: Stop,
    pub(crate) start: Instant,
    pub(crate) profiler: &'a Profiler,
}

/// What the main thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Signal,
    WorkerEnded,
}

/// The threads of a run, as far as they could be started.
#[derive(Debug)]
pub(crate) struct Crew<'scope> {
    consumer: Option<ScopedJoinHandle<'scope, ConsumerTotals>>,
    producers: Vec<ScopedJoinHandle<'scope, io::Result<ReceiverTotals>>>,
    failures: Vec<RunError>,
}

/// What is known when all threads have ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// All zero if the consumer has failed.
    pub(crate) consumer: ConsumerTotals,
    pub(crate) udp: ReceiverTotals,
    pub(crate) failures: Vec<RunError>,
}

impl<'scope> Crew<'scope> {
    /// Starts the consumer and then the producers, up to the first that fails to start.
    pub(crate) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        workplace: &'env Workplace<'env>,
        events: &SyncSender<Event>,
    ) -> Self {
        let mut crew = Self { consumer: None, producers: Vec::new(), failures: Vec::new() };
        if let Err(error) = crew.start_all(scope, workplace, events) {
            crew.failures.push(error);
        }
        crew
    }

    fn start_all<'env>(
        &mut self,
        scope: &'scope Scope<'scope, 'env>,
        workplace: &'env Workplace<'env>,
        events: &SyncSender<Event>,
    ) -> Result<(), RunError> {
        let consumer = workplace.consumer().map_err(RunError::ring)?;
        let ring = &workplace.ring;
        let consume = move || {
            let _closing = CloseOnEnd(ring);
            consumer.run()
        };
        self.consumer =
            Some(spawn(scope, "consumer".to_owned(), workplace.hands(), events, consume)?);
        for id in 0..workplace.config.producers {
            let produce = workplace.producer(id).map_err(RunError::ring)?;
            let producer = spawn(scope, producer_name(id), workplace.hands(), events, produce)?;
            self.producers.push(producer);
        }
        Ok(())
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }

    /// Waits for the producers, which must have been told to stop, and then lets the consumer
    /// make its last drain.
    pub(crate) fn join(self, workplace: &Workplace<'_>, probe: &mut Probe<'_>) -> Outcome {
        let mut failures = self.failures;
        let mut receivers = Vec::new();
        for (id, producer) in self.producers.into_iter().enumerate() {
            match probe.wait(Place::Join, || producer.join()) {
                Ok(Ok(totals)) => receivers.push(totals),
                Ok(Err(error)) => failures.push(RunError::Worker(producer_name(id), error)),
                Err(_) => failures.push(RunError::Panicked(producer_name(id))),
            }
        }
        workplace.ring.close();
        let consumer = self
            .consumer
            .map(|consumer| probe.wait(Place::Join, || consumer.join()))
            .transpose()
            .unwrap_or_else(|_| {
                failures.push(RunError::Panicked("consumer".to_owned()));
                None
            });
        let consumer = consumer.unwrap_or_default();
        Outcome { consumer, udp: receivers.into_iter().sum(), failures }
    }
}

/// What every thread gets, whatever its work.
#[derive(Clone, Copy, Debug)]
struct Hands<'a> {
    log: &'a Log,
    profiler: &'a Profiler,
}

fn producer_name(id: usize) -> String {
    format!("producer {id}")
}

impl Workplace<'_> {
    fn hands(&self) -> Hands<'_> {
        Hands { log: self.log, profiler: self.profiler }
    }

    fn consumer(&self) -> Result<ConsumerTask<'_>, LeaseError> {
        let probe = self.profiler.probe("consumer");
        let around = Surroundings {
            config: self.config,
            counters: &self.counters,
            stop: &self.stop,
            log: self.log,
            start: self.start,
        };
        Ok(ConsumerTask::new(self.ring.consumer()?, around, probe))
    }

    /// The work of producer number `id`.
    fn producer(
        &self,
        id: usize,
    ) -> Result<impl FnOnce() -> io::Result<ReceiverTotals> + Send, LeaseError> {
        let outlet = self.outlet(id)?;
        Ok(move || match &self.config.source {
            Source::Generated { rate, packet_bytes, .. } => {
                let generator = self.generator(*rate, *packet_bytes);
                generated::produce(generator, &self.pool, outlet)?;
                Ok(ReceiverTotals::default())
            }
            Source::Udp { .. } => {
                Receiver::new(&self.sockets[id], &self.pool, outlet, &self.stop).run()
            }
        })
    }

    fn outlet(&self, id: usize) -> Result<Outlet<'_>, LeaseError> {
        let block = match self.config.source {
            Source::Generated { rate: Rate::Unlimited, .. } => UNLIMITED_SEQUENCE_BLOCK,
            _ => 1,
        };
        Ok(Outlet::new(
            Origin { producer: id, start: self.start },
            self.ring.writer(id)?,
            Sequences::new(&self.sequences, block),
            &self.counters[id],
            self.config.when_full,
            self.stop.backoffs(),
            self.profiler.probe(&producer_name(id)),
        ))
    }

    fn generator(&self, rate: Rate, packet_bytes: usize) -> Generator {
        let mut config = GeneratorConfig::new(rate).with_payload_bytes(packet_bytes);
        if let Some(flow) = self.config.flow() {
            let granularity = flow.granularity(self.config.tick);
            config = config.with_granularity(granularity).with_burst(flow.catch_up());
        }
        Generator::new(&config, self.stop.generators()).starting_at(self.start)
    }
}

/// Closes the ring when the consumer's thread ends. If it ends by a panic, producers that wait
/// for room must not wait for ever.
struct CloseOnEnd<'a>(&'a RingHandle);

impl Drop for CloseOnEnd<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Tells the main thread that a thread has ended, by a panic too.
struct TellOnEnd(SyncSender<Event>);

impl Drop for TellOnEnd {
    fn drop(&mut self) {
        // Nobody listens any more when the run is ending anyway.
        let _ = self.0.send(Event::WorkerEnded);
    }
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: String,
    hands: Hands<'scope>,
    events: &SyncSender<Event>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, RunError> {
    let tell = TellOnEnd(events.clone());
    let thread = thread::Builder::new().name(name.clone());
    let started_name = name.clone();
    let entry = hands.profiler.starting(&name);
    let log = hands.log;
    thread
        .spawn_scoped(scope, move || {
            let _tell = tell;
            let _clock = entry.enter();
            log.line(Level::Threads, format_args!("{started_name} starts"));
            let result = work();
            log.line(Level::Threads, format_args!("{started_name} ends"));
            result
        })
        .map_err(|error| RunError::Start(name, error))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::config::{RingPlan, SlotsFrom};

    #[test]
    fn a_thread_that_panics_tells_the_main_thread() {
        let (events, inbox) = mpsc::sync_channel(1);
        let log = Log::new(0, true, None);
        let profiler = Profiler::start(None).unwrap();
        let hands = Hands { log: &log, profiler: &profiler };
        thread::scope(|scope| {
            let work = || panic!("as this test wants it");
            let thread = spawn::<()>(scope, "worker".to_owned(), hands, &events, work).unwrap();
            assert!(matches!(inbox.recv(), Ok(Event::WorkerEnded)));
            assert!(thread.join().is_err());
        });
    }

    #[test]
    fn a_consumer_that_panics_closes_the_ring() {
        let plan = RingPlan { slots: 4, shards: 4, slots_from: SlotsFrom::User };
        for producers in [1, 8] {
            let ring = RingHandle::new(plan, producers).unwrap();
            thread::scope(|scope| {
                let consumer = scope.spawn(|| {
                    let _closing = CloseOnEnd(&ring);
                    panic!("as this test wants it");
                });
                assert!(consumer.join().is_err());
            });
            assert!(ring.is_closed());
        }
    }
}
