//! The sink `nats://…`, in a program that was built with it and in one that was not.

use super::number::Given;
use super::raw::RawArgs;
use super::spelling::Spelling;
use super::usage::UsageError;
use crate::sink::SinkPlan;

/// Whether `text` is meant as the address of a subject of a NATS server.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("nats:") || text.starts_with("tls:")
}

#[cfg(feature = "nats")]
pub(super) use built::*;
#[cfg(not(feature = "nats"))]
pub(super) use not_built::*;

#[cfg(not(feature = "nats"))]
mod not_built {
    use super::*;

    pub(in super::super) fn sink(
        given: &Given<'_>,
        _raw: &RawArgs,
        _spelling: &Spelling,
        _max_packet_bytes: usize,
    ) -> Result<SinkPlan, UsageError> {
        Err(not_built(&format!("{} {:?}", given.flag, given.text)))
    }

    /// What was asked for is not in this program.
    pub(in super::super) fn not_built(what: &str) -> UsageError {
        UsageError::new(format!(
            "{what}: this ring was built without NATS; build one with: \
             cargo build --release -p ring-app --features nats"
        ))
    }
}

#[cfg(feature = "nats")]
mod built {
    use std::time::Duration;

    use super::*;
    use crate::nats::{NatsAddress, NatsPlan, Subjects, node};
    use crate::sink::TargetPlan;

    const MAX_WAIT: Duration = Duration::from_secs(3600);

    pub(in super::super) fn sink(
        given: &Given<'_>,
        raw: &RawArgs,
        spelling: &Spelling,
        max_packet_bytes: usize,
    ) -> Result<SinkPlan, UsageError> {
        let address = NatsAddress::parse(given.text, Subjects::One);
        let address = address.map_err(|allowed| given.must_be(&allowed))?;
        let node = match &raw.node {
            None => node::of_this_machine(),
            Some(text) => node::parse(text)
                .map_err(|allowed| Given { flag: spelling.of("node"), text }.must_be(&allowed))?,
        };
        let wait = wait(spelling, &raw.nats_wait)?;
        let plan = NatsPlan { address, node, wait, max_packet_bytes };
        Ok(SinkPlan { window: None, target: TargetPlan::Nats(plan) })
    }

    pub(in super::super) fn wait(spelling: &Spelling, text: &str) -> Result<Duration, UsageError> {
        Given { flag: spelling.of("nats-wait"), text }.duration(Duration::ZERO..=MAX_WAIT)
    }

    /// Flags that mean something for this sink only must not stand with another.
    pub(in super::super) fn refuse_stray_flags(spelling: &Spelling) -> Result<(), UsageError> {
        for name in ["node", "nats-wait"] {
            if spelling.was_given(name) {
                let (flag, sink) = (spelling.of(name), spelling.of("sink"));
                return Err(UsageError::new(format!("{flag}: must stand with {sink} nats://…")));
            }
        }
        Ok(())
    }
}
