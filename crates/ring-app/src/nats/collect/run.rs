//! A collection from start to end.

use std::io;

use go_duration::GoDuration;
use tokio::sync::watch;

use super::CollectPlan;
use super::collector::{Collector, Ending};
use super::ledger::Ledger;
use super::report::CollectResult;
use super::store::CheckpointStore;
use super::{delivery, store};
use crate::error::RunError;
use crate::nats::error::NatsError;
use crate::nats::server;
use crate::nats::target::runtime;
use crate::profile::Profiler;
use crate::report::log::{Level, Log};
use crate::signals::SignalWatch;

/// Collects as `plan` says, and reports.
pub(crate) fn run(plan: &CollectPlan) -> Result<(), RunError> {
    let log = Log::new(plan.debug_level, true, None);
    let profiler = Profiler::start(None)?;
    let (stop, stopped) = watch::channel(false);
    let _signals = SignalWatch::new(&profiler, move || {
        // Nobody listens any more only if the collection has just ended by itself.
        let _ = stop.send(true);
    })
    .map_err(|error| RunError::System("signal handlers", error))?;
    runtime()?.block_on(collect(plan, &log, stopped))
}

async fn collect(
    plan: &CollectPlan,
    log: &Log,
    stopped: watch::Receiver<bool>,
) -> Result<(), RunError> {
    let mut early = stopped.clone();
    let mut collector = tokio::select! {
        collector = open(plan, log) => collector?,
        _ = early.wait_for(|stop| *stop) => {
            log.line(Level::Info, "Shutdown signal received");
            return Ok(());
        }
    };
    let ending = collector.run(stopped).await?;
    log.line(
        Level::Info,
        match ending {
            Ending::AllNodesEnded => "All nodes have ended".to_owned(),
            Ending::Signal => "Shutdown signal received".to_owned(),
            Ending::Duration => {
                format!("Duration {} reached", GoDuration(plan.duration.unwrap_or_default()))
            }
        },
    );
    collector.end(ending).await?;
    let result = CollectResult::new(&collector, ending);
    result.print(log);
    if let Some(file) = &plan.json {
        let text = result.to_json().map_err(io::Error::from);
        text.and_then(|text| file.write(&text)).map_err(RunError::Result)?;
    }
    match result.incomplete() {
        runs if runs.is_empty() => Ok(()),
        runs => Err(NatsError::Incomplete { runs }.into()),
    }
}

async fn open<'a>(plan: &'a CollectPlan, log: &'a Log) -> Result<Collector<'a>, RunError> {
    let notice = |text: &str| log.line(Level::Warning, text);
    let name = format!("ring collect {}", plan.durable);
    let server = server::connect(&plan.address, &name, plan.wait, &notice).await?;
    let stream = server.stream(&plan.address, false).await?;
    stream.log(log);
    let config = &stream.handle.cached_info().config;
    let key = store::key(&config.name, &plan.durable);
    let (store, record) = CheckpointStore::open(&server, key, config.num_replicas).await?;
    let consumer = delivery::consumer(plan, &stream).await?;
    let known = record.runs.len();
    log.line(
        Level::Info,
        format_args!(
            "Collecting: {}, stream {}, durable {}, {} nodes, btree max={}, {known} runs known",
            plan.address, config.name, plan.durable, plan.nodes, plan.window.packets
        ),
    );
    let ledger = Ledger::new(plan.window, record);
    Ok(Collector::new(plan, log, server, consumer, store, ledger))
}
