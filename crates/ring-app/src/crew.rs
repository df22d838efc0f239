//! The threads of a run: who works on what, and what they leave behind.

use std::io;
use std::net::TcpListener;
use std::sync::mpsc::SyncSender;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Instant;

use data_generator::{Generator, GeneratorConfig, Rate};
use lock_free_ring::{Consumer, LeaseError, Producer};

use crate::config::{Config, Source};
use crate::consumer::{ConsumerTask, ConsumerTotals, Surroundings};
use crate::counters::Counters;
use crate::depot::Depot;
use crate::error::RunError;
use crate::generated;
use crate::live::Publisher;
use crate::outlet::{Origin, Outlet};
use crate::payload_sum::PayloadSum;
use crate::profile::{Place, Probe, Profiler};
use crate::replay::{self, Dealer, Dealt, ReplayTotals, SourceFile, Speed};
use crate::report::log::{Level, Log};
use crate::ring_handle::RingHandle;
use crate::sequence::{SequenceSource, Sequences};
use crate::sink::Sink;
use crate::stop::Stop;
use crate::udp::{Receiver, ReceiverTotals, UdpSocket};

/// All that the threads of a run share.
#[derive(Debug)]
pub(crate) struct Workplace<'a> {
    pub(crate) config: &'a Config,
    pub(crate) log: &'a Log,
    pub(crate) ring: RingHandle,
    pub(crate) depot: Depot,
    /// One for each producer, or none if packets are generated.
    pub(crate) sockets: Vec<UdpSocket>,
    /// Where the dashboard is asked, if there is one.
    pub(crate) dashboard: Option<TcpListener>,
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
    /// All packets of the source have been dealt.
    SourceEnded,
}

/// The threads of a run, as far as they could be started.
#[derive(Debug)]
pub(crate) struct Crew<'scope> {
    consumer: Option<ScopedJoinHandle<'scope, ConsumerTotals>>,
    /// Of a capture file's packets.
    dealer: Option<ScopedJoinHandle<'scope, (ReplayTotals, Result<(), RunError>)>>,
    producers: Vec<ScopedJoinHandle<'scope, io::Result<ProducerTotals>>>,
    failures: Vec<RunError>,
}

/// What a producer leaves behind.
#[derive(Clone, Copy, Debug, Default)]
struct ProducerTotals {
    udp: ReceiverTotals,
    /// Of what the ring accepted.
    payload: PayloadSum,
}

/// What is known when all threads have ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// All zero if the consumer has failed.
    pub(crate) consumer: ConsumerTotals,
    pub(crate) udp: ReceiverTotals,
    /// `None` if no capture file was read.
    pub(crate) replay: Option<ReplayTotals>,
    pub(crate) failures: Vec<RunError>,
}

impl<'scope> Crew<'scope> {
    /// Starts the consumer, which tells `live` how it goes, the dealer and then the producers, up
    /// to the first that fails to start.
    pub(crate) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        workplace: &'env Workplace<'env>,
        sink: Sink,
        events: &SyncSender<Event>,
        live: Option<Publisher>,
    ) -> Self {
        let mut crew =
            Self { consumer: None, dealer: None, producers: Vec::new(), failures: Vec::new() };
        if let Err(error) = crew.start_all(scope, workplace, sink, events, live) {
            crew.failures.push(error);
        }
        crew
    }

    fn start_all<'env>(
        &mut self,
        scope: &'scope Scope<'scope, 'env>,
        workplace: &'env Workplace<'env>,
        sink: Sink,
        events: &SyncSender<Event>,
        live: Option<Publisher>,
    ) -> Result<(), RunError> {
        let consumer = workplace.consumer(sink, live).map_err(RunError::ring)?;
        let ring = &workplace.ring;
        let consume = move || {
            let _closing = CloseOnEnd(ring);
            consumer.run()
        };
        self.consumer =
            Some(spawn(scope, "consumer".to_owned(), workplace.hands(), events, consume)?);
        let mut to_producers = Vec::new();
        if let Source::Capture { file, speed } = &workplace.config.source {
            let ways = replay::ways(workplace.config.producers)?;
            to_producers = ways.to_producers;
            let dealer = workplace.dealer(file, *speed, ways.from_dealer);
            let at_end = events.clone();
            let deal = move || {
                dealer.run(move || {
                    // Nobody listens any more when the run is ending anyway.
                    let _ = at_end.send(Event::SourceEnded);
                })
            };
            self.dealer = Some(spawn(scope, DEALER.to_owned(), workplace.hands(), events, deal)?);
        }
        let mut ways = to_producers.into_iter();
        for id in 0..workplace.config.producers {
            let produce = workplace.producer(id, ways.next()).map_err(RunError::ring)?;
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
        let mut producers = Vec::new();
        let replay = self.dealer.and_then(|dealer| {
            let Ok((totals, ended)) = probe.wait(Place::Join, || dealer.join()) else {
                failures.push(RunError::Panicked(DEALER.to_owned()));
                return None;
            };
            failures.extend(ended.err());
            Some(totals)
        });
        for (id, producer) in self.producers.into_iter().enumerate() {
            match probe.wait(Place::Join, || producer.join()) {
                Ok(Ok(totals)) => producers.push(totals),
                Ok(Err(error)) => failures.push(RunError::Worker(producer_name(id), error)),
                Err(_) => failures.push(RunError::Panicked(producer_name(id))),
            }
        }
        workplace.ring.close();
        let mut consumer = self
            .consumer
            .map(|consumer| probe.wait(Place::Join, || consumer.join()))
            .transpose()
            .unwrap_or_else(|_| {
                failures.push(RunError::Panicked("consumer".to_owned()));
                None
            });
        failures.extend(consumer.as_mut().and_then(|totals| totals.failure.take()));
        if let (true, Some(consumer)) = (failures.is_empty(), &consumer) {
            let written = producers.iter().map(|totals| totals.payload).sum();
            failures.extend(corruption(written, consumer.payload));
        }
        let consumer = consumer.unwrap_or_default();
        let udp = producers.iter().map(|totals| totals.udp).sum();
        Outcome { consumer, udp, replay, failures }
    }
}

/// What every thread gets, whatever its work.
#[derive(Clone, Copy, Debug)]
struct Hands<'a> {
    log: &'a Log,
    profiler: &'a Profiler,
}

const DEALER: &str = "dealer";

fn producer_name(id: usize) -> String {
    format!("producer {id}")
}

impl Workplace<'_> {
    fn hands(&self) -> Hands<'_> {
        Hands { log: self.log, profiler: self.profiler }
    }

    fn consumer(
        &self,
        sink: Sink,
        live: Option<Publisher>,
    ) -> Result<ConsumerTask<'_>, LeaseError> {
        let probe = self.profiler.probe("consumer");
        let around = Surroundings {
            config: self.config,
            counters: &self.counters,
            depot: &self.depot,
            stop: &self.stop,
            log: self.log,
            start: self.start,
        };
        Ok(ConsumerTask::new(self.ring.consumer()?, sink, around, probe, live))
    }

    fn dealer<'a>(
        &'a self,
        file: &'a SourceFile,
        speed: Speed,
        ways: Vec<Producer<Dealt>>,
    ) -> Dealer<'a> {
        let probe = self.profiler.probe(DEALER);
        Dealer::new(file, ways, &self.depot, &self.stop, (speed, self.start), probe)
    }

    /// The work of producer number `id`; with a capture file, on what is dealt to it.
    fn producer(
        &self,
        id: usize,
        way: Option<Consumer<Dealt>>,
    ) -> Result<impl FnOnce() -> io::Result<ProducerTotals> + Send, LeaseError> {
        let outlet = self.outlet(id)?;
        Ok(move || match &self.config.source {
            Source::Generated { rate, packet_bytes, .. } => {
                let generator = self.generator(*rate, *packet_bytes);
                let marker = generated::marker(*packet_bytes, id)?;
                let payload = match self.config.write_batch() {
                    1 => generated::produce(generator, marker, &self.depot, outlet),
                    batch => {
                        let depot = &self.depot;
                        generated::produce_in_batches(generator, marker, depot, outlet, batch)
                    }
                }?;
                Ok(ProducerTotals { payload, ..ProducerTotals::default() })
            }
            Source::Udp { .. } => {
                let receiver = Receiver::new(&self.sockets[id], &self.depot, outlet, &self.stop);
                let (udp, payload) = receiver.run()?;
                Ok(ProducerTotals { udp, payload })
            }
            Source::Capture { .. } => {
                let way = way.expect("each producer has its way from the dealer");
                let payload = replay::play(way, outlet, &self.stop, self.config.write_batch());
                Ok(ProducerTotals { payload, ..ProducerTotals::default() })
            }
        })
    }

    fn outlet(&self, id: usize) -> Result<Outlet<'_>, LeaseError> {
        // Who writes in batches never rests, and so may hold numbers back.
        let block = self.config.write_batch() as u64;
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
        if let Some(pacing) = self.config.pacing() {
            config = config.with_granularity(pacing.granularity).with_burst(pacing.catch_up);
        }
        Generator::new(&config, self.stop.generators()).starting_at(self.start)
    }
}

/// The failure, if what was read is not what was written.
fn corruption(written: PayloadSum, read: PayloadSum) -> Option<RunError> {
    (written != read).then_some(RunError::Corrupt { written, read })
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
    fn a_byte_that_was_not_read_as_written_is_a_failure() {
        let written = PayloadSum::of(&[1, 2, 3]);
        assert!(corruption(written, PayloadSum::of(&[1, 2, 3])).is_none());
        let failure = corruption(written, PayloadSum::of(&[1, 2, 4])).unwrap().to_string();
        assert_eq!(
            failure,
            "payload corrupted: producers wrote 3 bytes, sum 0000000000030201, \
             the consumer read 3 bytes, sum 0000000000040201; please report this"
        );
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
