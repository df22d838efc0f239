//! Where packets come from, and what goes with which source.

use std::net::SocketAddr;
use std::time::Duration;

use data_generator::Rate;

use super::address;
use super::usage::UsageError;
use super::validate::Validator;
use crate::config::{MAX_DATAGRAM_BYTES, SizingNote, Source};
use crate::replay::{SourceFile, Speed};

const MAX_PRODUCERS: usize = 1024;
const RATE_MBPS: std::ops::RangeInclusive<f64> = 0.001..=100_000.0;
const MAX_GRANULARITY: Duration = Duration::from_secs(1);

impl Validator<'_> {
    pub(super) fn source(&self) -> Result<Source, UsageError> {
        let rate = self.rate()?;
        let packet_bytes =
            self.given("packet-size", &self.raw.packet_size).whole(1..=MAX_DATAGRAM_BYTES)?;
        let multiplier =
            self.given("size-multiplier", &self.raw.size_multiplier).decimal(0.01..=1000.0)?;
        if let Some(text) = &self.raw.pcap {
            return self.capture(text, rate);
        }
        if self.raw.listen.is_empty() {
            let rate_mbps = rate.bits_per_second().map_or(0.0, |bits| bits.get() as f64 / 1e6);
            let sizing = SizingNote { rate_mbps, multiplier };
            return Ok(Source::Generated { rate, packet_bytes, sizing });
        }
        self.forbid(&["rate", "unlimited", "packet-size", "pacing-granularity"], "listen")?;
        Ok(Source::Udp { addresses: self.addresses()?, receivers_each: self.producers()? })
    }

    /// `rate` is of the whole file here, and only if it was asked for.
    fn capture(&self, text: &str, rate: Rate) -> Result<Source, UsageError> {
        self.forbid(&["packet-size", "pacing-granularity", "listen"], "pcap")?;
        let file = SourceFile::parse(text)
            .map_err(|allowed| self.given("pcap", text).must_be(&allowed))?;
        let speed = match rate.bits_per_second() {
            None => Speed::Unlimited,
            Some(bits) if self.spelling.was_given("rate") => {
                Speed::BitsPerSecond(bits.get() as f64)
            }
            Some(_) => Speed::Recorded,
        };
        Ok(Source::Capture { file, speed })
    }

    /// None of `names` may stand with the source that `source` names.
    fn forbid(&self, names: &[&str], source: &str) -> Result<(), UsageError> {
        let Some(name) = names.iter().find(|name| self.spelling.was_given(name)) else {
            return Ok(());
        };
        let (flag, source) = (self.spelling.of(name), self.spelling.of(source));
        let message = format!("{flag}: is for another source, must not stand with {source}");
        Err(UsageError::new(message))
    }

    fn rate(&self) -> Result<Rate, UsageError> {
        let given = self.given("rate", &self.raw.rate);
        let invalid = || {
            let (least, most) = (RATE_MBPS.start(), RATE_MBPS.end());
            given.must_be(&format!("0 for unlimited, or Mb/s from {least} to {most}"))
        };
        let mbps: f64 = given.text.parse().map_err(|_| invalid())?;
        if self.raw.unlimited && self.spelling.was_given("rate") && mbps != 0.0 {
            let unlimited = self.spelling.of("unlimited");
            return Err(given.must_be(&format!("0 or left out with {unlimited}")));
        }
        if mbps == 0.0 || self.raw.unlimited {
            return Ok(Rate::Unlimited);
        }
        if !RATE_MBPS.contains(&mbps) {
            return Err(invalid());
        }
        Rate::mbps(mbps).map_err(|_| invalid())
    }

    pub(super) fn granularity(&self, source: &Source) -> Result<Option<Duration>, UsageError> {
        let given = self.given("pacing-granularity", &self.raw.pacing_granularity);
        if given.text == "auto" {
            return Ok(None);
        }
        if matches!(source, Source::Generated { rate: Rate::Unlimited, .. }) {
            return Err(given.must_be("auto or left out without a set rate"));
        }
        given
            .duration(Duration::ZERO..=MAX_GRANULARITY)
            .map(Some)
            .map_err(|_| given.must_be("auto, or a duration with its unit from 0s to 1s"))
    }

    fn addresses(&self) -> Result<Vec<SocketAddr>, UsageError> {
        let mut addresses = Vec::new();
        for text in &self.raw.listen {
            let given = self.given("listen", text);
            let address = address::parse(text).map_err(|allowed| given.must_be(&allowed))?;
            if address.port() != 0 && addresses.contains(&address) {
                return Err(given.must_be("another address than the ones before it"));
            }
            addresses.push(address);
        }
        Ok(addresses)
    }

    fn producers(&self) -> Result<usize, UsageError> {
        self.given("producers", &self.raw.producers).whole(1..=MAX_PRODUCERS)
    }

    pub(super) fn producers_in_all(&self, source: &Source) -> Result<usize, UsageError> {
        let producers = self.producers()?;
        let Source::Udp { addresses, .. } = source else {
            return Ok(producers);
        };
        let in_all = producers * addresses.len();
        if in_all > MAX_PRODUCERS {
            let most = MAX_PRODUCERS / addresses.len();
            let allowed = format!("at most {most} for each of {} addresses", addresses.len());
            return Err(self.given("producers", &self.raw.producers).must_be(&allowed));
        }
        Ok(in_all)
    }
}
