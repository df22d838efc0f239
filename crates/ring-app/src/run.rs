//! A run from start to end: build, start, wait, stop, sum up.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use go_duration::GoDuration;
use run_result::End;

use crate::allocator;
use crate::config::{Config, Source};
use crate::counters::Counters;
use crate::crew::{Crew, Event, Workplace};
use crate::depot::Depot;
use crate::error::RunError;
use crate::live::Watch;
use crate::profile::{Place, Probe, Profiler};
use crate::report::final_stats::FinalStats;
use crate::report::log::{Level, Log};
use crate::report::machine::Usage;
use crate::report::start::{RingSizeLine, StartLine};
use crate::result::Ended;
use crate::ring_handle::RingHandle;
use crate::sequence::SequenceSource;
use crate::signals::SignalWatch;
use crate::sink::Sink;
use crate::stop::Stop;
use crate::udp::{self, UdpSocket};

/// What a run may allocate in, to get going.
const WARM_UP: Duration = Duration::from_secs(1);

pub(crate) fn run(config: &Config) -> Result<(), RunError> {
    let profiler = Profiler::start(config.profile.as_ref())?;
    let _clock = profiler.starting("main").enter();
    let log = Arc::new(Log::new(config.debug_level, config.plain, profiler.waits()));
    // Before anything is said to have started: a signal that comes after that is for us.
    // Each thread tells its end (and the dealer twice) and the signal is told once, so nobody
    // ever waits for room.
    let (events, inbox) = mpsc::sync_channel(config.producers + 4);
    let on_signal = events.clone();
    let _signals = SignalWatch::new(&profiler, move || {
        // Nobody listens any more only if the run has just ended by itself.
        let _ = on_signal.send(Event::Signal);
    })
    .map_err(|error| RunError::System("signal handlers", error))?;

    let sink = Sink::open(&config.sink, &log)?;
    let sockets = listen(config, &log)?;
    let dashboard = config.dashboard.map(bind_dashboard).transpose()?;
    let workplace = build(config, &log, sockets, dashboard, &profiler)?;
    log.line(Level::Info, RingSizeLine(config));
    let mut listening: Vec<_> = workplace.sockets.iter().map(UdpSocket::address).collect();
    listening.dedup();
    log.line(Level::Info, StartLine { config, listening: &listening });
    if let Some(address) = workplace.dashboard.as_ref().and_then(|it| it.local_addr().ok()) {
        log_dashboard(address, &log);
    }
    if let Some(pacing) = config.pacing() {
        let (granularity, catch_up) = (GoDuration(pacing.granularity), GoDuration(pacing.catch_up));
        let text = format_args!("Pacing: granularity {granularity}, catches up {catch_up}");
        log.line(Level::Detail, text);
    }

    let mut ended = work(&workplace, sink, &events, &inbox)?;
    sum_up(&workplace, &mut ended);
    report_failures(ended.outcome.failures, &log)
}

/// Starts all threads, waits for the end, and joins them. What fails in them is told in what is
/// returned, but for who watches: without that nothing is started.
fn work(
    workplace: &Workplace<'_>,
    sink: Sink,
    events: &SyncSender<Event>,
    inbox: &Receiver<Event>,
) -> Result<Ended, RunError> {
    let started = SystemTime::now();
    let mut probe = workplace.profiler.probe("main");
    probe.instant("start");
    thread::scope(|scope| {
        let (watch, publisher) = Watch::start(scope, workplace)?.unzip();
        let crew = Crew::start(scope, workplace, sink, events, publisher);
        let (end, steady_allocations) = if crew.is_complete() {
            wait_for_the_end(workplace, inbox, &mut probe)
        } else {
            (End::Failure, None)
        };
        probe.instant("stop");
        workplace.stop.request();
        let mut outcome = crew.join(workplace, &mut probe);
        let clean = outcome.failures.is_empty();
        let shutdown = workplace.stop.requested_at().filter(|_| clean).map(|at| at.elapsed());
        outcome.failures.extend(watch.into_iter().flat_map(Watch::join));
        Ok(Ended {
            end: if clean { end } else { End::Failure },
            started,
            shutdown,
            outcome,
            usage: Usage::now(),
            allocations: allocator::allocations(),
            steady_allocations,
        })
    })
}

/// Logs the figures of the run, and writes its result if that is wanted.
fn sum_up(workplace: &Workplace<'_>, ended: &mut Ended) {
    let Workplace { config, log, .. } = workplace;
    if let Some(taken) = ended.shutdown.map(GoDuration) {
        log.line(Level::Info, format_args!("Clean shutdown completed in {taken}"));
    }
    let totals = Counters::total(&workplace.counters);
    let stats = FinalStats {
        produced: totals.produced,
        dropped: totals.dropped,
        consumer: &ended.outcome.consumer,
        udp: matches!(config.source, Source::Udp { .. }).then_some(ended.outcome.udp),
        replay: ended.outcome.replay,
        usage: ended.usage,
        allocations: ended.allocations,
        steady_allocations: ended.steady_allocations,
    };
    stats.print(log);
    let profiles = workplace.profiler.finish().unwrap_or_else(|error| {
        ended.outcome.failures.push(error);
        Vec::new()
    });
    for profile in &profiles {
        log.line(Level::Info, format_args!("Profile {}: {}", profile.mode, profile.path));
    }
    if let Some(file) = &config.json {
        let text = ended.to_result(workplace, profiles).to_json();
        let written = text.map_err(io::Error::from).and_then(|text| file.write(&text));
        if let Err(error) = written {
            ended.outcome.failures.push(RunError::Result(error));
        }
    }
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

fn bind_dashboard(address: SocketAddr) -> Result<TcpListener, RunError> {
    TcpListener::bind(address).map_err(|error| RunError::Dashboard(address, error))
}

/// Says where the dashboard is: the port may be the system's choice.
fn log_dashboard(address: SocketAddr, log: &Log) {
    log.line(Level::Info, format_args!("Dashboard: http://{address}/, for Prometheus /metrics"));
    if !address.ip().is_loopback() {
        let text = "Dashboard: open to the network, since --dashboard names such an address";
        log.line(Level::Warning, text);
    }
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
    dashboard: Option<TcpListener>,
    profiler: &'a Profiler,
) -> Result<Workplace<'a>, RunError> {
    ensure_memory(config)?;
    let ring = RingHandle::new(config.ring, config.producers).map_err(RunError::ring)?;
    let packet_bytes = match config.source {
        Source::Generated { packet_bytes, .. } => packet_bytes,
        // Each buffer gets its size with its first packet.
        Source::Udp { .. } | Source::Capture { .. } => 0,
    };
    Ok(Workplace {
        config,
        log,
        ring,
        depot: Depot::new(config.buffers(), packet_bytes),
        sockets,
        dashboard,
        counters: (0..config.producers).map(|_| Counters::default()).collect(),
        sequences: SequenceSource::default(),
        stop: Stop::new().map_err(|error| RunError::System("a pipe", error))?,
        start: Instant::now(),
        profiler,
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

/// Returns when the time is up, the source has come to its end, a signal has come, or a thread has
/// ended that should not have;
/// with the number of allocations between the first second and that moment.
fn wait_for_the_end(
    workplace: &Workplace<'_>,
    inbox: &Receiver<Event>,
    probe: &mut Probe<'_>,
) -> (End, Option<u64>) {
    let Workplace { config, log, start, profiler, .. } = workplace;
    let mut next_event = |until| next_event(inbox, until, profiler, probe);
    let time_up = config.duration.map(|duration| *start + duration);
    let steady_from = *start + WARM_UP;
    let mut allocations_before = None;
    let mut event = next_event(Some(time_up.map_or(steady_from, |up| up.min(steady_from))));
    if event == Err(RecvTimeoutError::Timeout) && time_up.is_none_or(|up| up > steady_from) {
        allocations_before = Some(allocator::allocations());
        event = next_event(time_up);
    }
    let steady_allocations = allocations_before.map(|before| allocator::allocations() - before);
    let end = match event {
        Ok(Event::Signal) => {
            log.line(Level::Info, "Shutdown signal received, waiting for threads...");
            End::Signal
        }
        Ok(Event::SourceEnded) => {
            if let Source::Capture { file, .. } = &config.source {
                log.line(Level::Info, format_args!("End of {file} reached, shutting down..."));
            }
            End::Source
        }
        Err(RecvTimeoutError::Timeout) => {
            let duration = GoDuration(config.duration.unwrap_or_default());
            log.line(Level::Info, format_args!("Duration {duration} reached, shutting down..."));
            End::Duration
        }
        // The reason comes when it is joined.
        Ok(Event::WorkerEnded) | Err(RecvTimeoutError::Disconnected) => End::Failure,
    };
    (end, steady_allocations)
}

/// Sleeps until there is an event or the time is up, and looks after the profiler meanwhile.
fn next_event(
    inbox: &Receiver<Event>,
    until: Option<Instant>,
    profiler: &Profiler,
    probe: &mut Probe<'_>,
) -> Result<Event, RecvTimeoutError> {
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let limit = left.into_iter().chain(profiler.look_every()).min();
        let event = probe.wait(Place::End, || match limit {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(limit) => inbox.recv_timeout(limit),
        });
        if event != Err(RecvTimeoutError::Timeout) || limit == left {
            return event;
        }
        profiler.look();
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
