use std::fmt;
use std::net::SocketAddr;

use data_generator::Rate;
use go_duration::GoDuration;

use crate::config::{Config, SlotsFrom, Source};
use crate::replay::Speed;

/// How the ring got its size.
pub(crate) struct RingSizeLine<'a>(pub(crate) &'a Config);

impl fmt::Display for RingSizeLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Config { ring, producers, tick, .. } = self.0;
        match (ring.slots_from, &self.0.source) {
            (SlotsFrom::User, _) => write!(f, "Ring size: {} (user-specified)", ring.slots),
            (SlotsFrom::Load, Source::Generated { sizing, .. }) => write!(
                f,
                "Ring size auto-calculated: {} ({producers} producers × {:.1} Mb/s, {} interval, {:.1}x multiplier)",
                ring.slots,
                sizing.rate_mbps,
                GoDuration(*tick),
                sizing.multiplier
            ),
            _ => write!(
                f,
                "Ring size auto-calculated: {} ({} shards × {} slots, unknown rate)",
                ring.slots,
                ring.shards,
                ring.slots / ring.shards
            ),
        }
    }
}

/// What is about to run; `listening` are the addresses that the sockets really have.
pub(crate) struct StartLine<'a> {
    pub(crate) config: &'a Config,
    pub(crate) listening: &'a [SocketAddr],
}

impl fmt::Display for StartLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Config { ring, producers, tick, .. } = self.config;
        write!(f, "Starting: {producers} producers @ ")?;
        match &self.config.source {
            Source::Generated { rate: Rate::Unlimited, .. } => f.write_str("unlimited rate")?,
            Source::Generated { sizing, .. } => write!(f, "{:.1} Mb/s", sizing.rate_mbps)?,
            Source::Capture { file, speed } => match speed {
                Speed::Recorded => write!(f, "{file} as recorded")?,
                Speed::BitsPerSecond(rate) => write!(f, "{file} at {:.1} Mb/s", rate / 1e6)?,
                Speed::Unlimited => write!(f, "{file} at unlimited rate")?,
            },
            Source::Udp { .. } => {
                for (index, address) in self.listening.iter().enumerate() {
                    write!(f, "{}udp {address}", if index == 0 { "" } else { " + " })?;
                }
            }
        }
        write!(f, ", ring={}/{} shards, ", ring.slots, ring.shards)?;
        match self.config.sink.window {
            Some(window) => write!(f, "btree max={}", window.packets)?,
            None => f.write_str("no window")?,
        }
        write!(f, ", consumer every {}", GoDuration(*tick))
    }
}
