//! A run from start to end: build, start, wait, stop, sum up.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use go_duration::GoDuration;
use lock_free_ring::Pool;

use crate::config::{Config, Source};
use crate::counters::Counters;
use crate::crew::{Crew, Event, Workplace};
use crate::error::RunError;
use crate::report::final_stats::FinalStats;
use crate::report::log::{Level, Log};
use crate::report::start::{RingSizeLine, StartLine};
use crate::ring_handle::RingHandle;
use crate::sequence::SequenceSource;
use crate::signals::SignalWatch;
use crate::stop::Stop;
use crate::udp::{self, UdpSocket};

pub(crate) fn run(config: &Config) -> Result<(), RunError> {
    let log = Log::new(config.debug_level, config.plain);
    // Before anything is said to have started: a signal that comes after that is for us.
    let (events, inbox) = mpsc::channel();
    let on_signal = events.clone();
    let _signals = SignalWatch::new(move || {
        // Nobody listens any more only if the run has just ended by itself.
        let _ = on_signal.send(Event::Signal);
    })
    .map_err(|error| RunError::System("signal handlers", error))?;

    let sockets = listen(config, &log)?;
    let workplace = build(config, &log, sockets)?;
    log.line(Level::Info, RingSizeLine(config));
    let mut listening: Vec<_> = workplace.sockets.iter().map(UdpSocket::address).collect();
    listening.dedup();
    log.line(Level::Info, StartLine { config, listening: &listening });

    let outcome = thread::scope(|scope| {
        let crew = Crew::start(scope, &workplace, &events);
        if crew.is_complete() {
            wait_for_the_end(&workplace, &inbox);
        }
        workplace.stop.request();
        crew.join(&workplace)
    });
    let clean = outcome.failures.is_empty();
    log_shutdown_time(&workplace, clean);
    let totals = Counters::total(&workplace.counters);
    let stats = FinalStats {
        produced: totals.produced,
        dropped: totals.dropped,
        consumer: outcome.consumer.unwrap_or_default(),
        udp: matches!(config.source, Source::Udp { .. }).then_some(outcome.udp),
    };
    stats.print(&log);
    report_failures(outcome.failures, &log)
}

/// Binds every socket of the run; none if packets are generated.
fn listen(config: &Config, log: &Log) -> Result<Vec<UdpSocket>, RunError> {
    let Source::Udp { addresses, receivers_each } = &config.source else {
        return Ok(Vec::new());
    };
    let mut sockets = Vec::new();
    for &address in addresses {
        let in_use = |error| RunError::Listen(address, error);
        let group = udp::bind_group(address, *receivers_each).map_err(in_use)?;
        log_receive_buffer(&group[0], log);
        sockets.extend(group);
    }
    Ok(sockets)
}

/// The sockets of a group are alike, so one tells for all.
fn log_receive_buffer(socket: &UdpSocket, log: &Log) {
    let address = socket.address();
    match socket.receive_buffer() {
        Ok(buffer) => {
            let level = if buffer.is_short() { Level::Warning } else { Level::Detail };
            log.line(level, format_args!("{address}: {buffer}"));
        }
        Err(error) => log.line(Level::Warning, format_args!("{address}: receive buffer: {error}")),
    }
}

fn build<'a>(
    config: &'a Config,
    log: &'a Log,
    sockets: Vec<UdpSocket>,
) -> Result<Workplace<'a>, RunError> {
    ensure_memory(config)?;
    let ring = RingHandle::new(config.ring, config.producers).map_err(RunError::ring)?;
    let packet_bytes = match config.source {
        Source::Generated { packet_bytes, .. } => packet_bytes,
        // Each buffer gets its size with its first datagram.
        Source::Udp { .. } => 0,
    };
    let pool =
        Pool::new(config.buffers(), move || vec![0; packet_bytes]).map_err(RunError::ring)?;
    Ok(Workplace {
        config,
        log,
        ring,
        pool,
        sockets,
        counters: (0..config.producers).map(|_| Counters::default()).collect(),
        sequences: SequenceSource::default(),
        stop: Stop::new().map_err(|error| RunError::System("a pipe", error))?,
        start: Instant::now(),
    })
}

/// Asks for as much memory as the packets may come to take, and gives it back: under a limit
/// (`ulimit -v`) that is an error now, where running out of it later would be an abort.
fn ensure_memory(config: &Config) -> Result<(), RunError> {
    let needed_bytes = config.max_packet_memory_bytes();
    let trial =
        usize::try_from(needed_bytes).map(|bytes| Vec::<u8>::new().try_reserve_exact(bytes));
    match trial {
        Ok(Ok(())) => Ok(()),
        _ => Err(RunError::Memory { needed_bytes }),
    }
}

/// Returns when the time is up, a signal has come, or a thread has ended that should not have.
fn wait_for_the_end(workplace: &Workplace<'_>, inbox: &Receiver<Event>) {
    let Workplace { config, log, start, .. } = workplace;
    let event = match config.duration {
        None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(duration) => inbox.recv_timeout(duration.saturating_sub(start.elapsed())),
    };
    match event {
        Ok(Event::Signal) => {
            log.line(Level::Info, "Shutdown signal received, waiting for threads...");
        }
        Err(RecvTimeoutError::Timeout) => {
            let duration = GoDuration(config.duration.unwrap_or_default());
            log.line(Level::Info, format_args!("Duration {duration} reached, shutting down..."));
        }
        // The reason comes when it is joined.
        Ok(Event::WorkerEnded) | Err(RecvTimeoutError::Disconnected) => {}
    }
}

fn log_shutdown_time(workplace: &Workplace<'_>, clean: bool) {
    let taken = workplace.stop.requested_at().map(|at| GoDuration(at.elapsed()));
    if let (true, Some(taken)) = (clean, taken) {
        workplace.log.line(Level::Info, format_args!("Clean shutdown completed in {taken}"));
    }
}

/// The first failure is the run's; the log has the others.
fn report_failures(failures: Vec<RunError>, log: &Log) -> Result<(), RunError> {
    let mut failures = failures.into_iter();
    let first = failures.next();
    for further in failures {
        log.line(Level::Error, further);
    }
    first.map_or(Ok(()), Err)
}
