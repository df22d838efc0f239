use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use data_generator::Rate;

use super::address;
use super::nats;
use super::number::Given;
use super::raw::RawArgs;
use super::sink;
use super::spelling::Spelling;
use super::usage::UsageError;
use crate::config::{Config, RingPlan, SlotsFrom, Source, WhenFull};
use crate::profile::{ProfilePlan, mode};
use crate::replay::{SourceFile, Speed};
use crate::result_file::ResultFile;
use crate::sink::{Order, SinkPlan, TargetPlan, WindowPlan};
use crate::sizing::{Load, SLOTS_PER_SHARD_AT_UNKNOWN_RATE};

const MAX_SHARDS: usize = 1024;
const MAX_SLOTS: usize = 1 << 24;
pub(super) const MAX_WINDOW_PACKETS: usize = 10_000_000;
pub(super) const MAX_DEGREE: usize = 1024;
const MAX_TICK_MS: u64 = 60_000;
const MAX_BACKOFF: Duration = Duration::from_secs(60);
pub(super) const MAX_DURATION: Duration = Duration::from_secs(8760 * 3600);
pub(super) const MAX_DEBUG_LEVEL: u8 = 7;

/// Checks every value, and then what they ask for together.
pub(super) fn config(
    raw: &RawArgs,
    spelling: &Spelling,
    ram_bytes: u64,
) -> Result<Config, UsageError> {
    let checked = Validator { raw, spelling };
    let source = checked.source()?;
    let tick =
        Duration::from_millis(checked.given("frequency", &raw.frequency).whole(1..=MAX_TICK_MS)?);
    let producers = checked.producers_in_all(&source)?;
    let mut config = Config {
        when_full: checked.when_full(&source)?,
        ring: checked.ring(&source, producers, tick)?,
        granularity: checked.granularity(&source)?,
        sink: checked.sink(&source)?,
        stats_interval: checked.stats_interval()?,
        duration: checked.duration()?,
        debug_level: checked.given("debug-level", &raw.debug_level).whole(0..=MAX_DEBUG_LEVEL)?,
        plain: raw.plain,
        dashboard: checked.dashboard()?,
        json: checked.json()?,
        profile: None,
        source,
        producers,
        tick,
    };
    checked.fits_into_memory(&config, ram_bytes)?;
    // Last, since it may make a folder.
    config.profile = checked.profile()?;
    Ok(config)
}

pub(super) struct Validator<'a> {
    pub(super) raw: &'a RawArgs,
    pub(super) spelling: &'a Spelling,
}

impl<'a> Validator<'a> {
    pub(super) fn given(&self, name: &str, text: &'a str) -> Given<'a> {
        Given { flag: self.spelling.of(name), text }
    }

    fn ring(
        &self,
        source: &Source,
        producers: usize,
        tick: Duration,
    ) -> Result<RingPlan, UsageError> {
        let shards = self.shards()?;
        let given = self.given("ring-size", &self.raw.ring_size);
        let allowed = || {
            let shards_flag = self.spelling.of("ring-shards");
            format!("0 for automatic, or a multiple of {shards_flag} {shards} up to {MAX_SLOTS}")
        };
        let slots: usize = given.text.parse().map_err(|_| given.must_be(&allowed()))?;
        if slots > 0 {
            if slots > MAX_SLOTS || !slots.is_multiple_of(shards) {
                return Err(given.must_be(&allowed()));
            }
            return Ok(RingPlan { slots, shards, slots_from: SlotsFrom::User });
        }
        let Source::Generated { rate: Rate::BitsPerSecond(_), packet_bytes, sizing } = *source
        else {
            let slots = shards * SLOTS_PER_SHARD_AT_UNKNOWN_RATE;
            return Ok(RingPlan { slots, shards, slots_from: SlotsFrom::UnknownRate });
        };
        let load = Load {
            producers,
            rate_mbps: sizing.rate_mbps,
            packet_bytes,
            interval_ms: tick.as_millis() as u64,
            multiplier: sizing.multiplier,
        };
        let slots = load.ring_slots(shards);
        if slots > MAX_SLOTS {
            return Err(given.must_be(&format!(
                "set, or the load be less: automatically the ring would get {slots} slots, \
                 {MAX_SLOTS} is the most"
            )));
        }
        Ok(RingPlan { slots, shards, slots_from: SlotsFrom::Load })
    }

    fn shards(&self) -> Result<usize, UsageError> {
        let given = self.given("ring-shards", &self.raw.ring_shards);
        let valid = |shards: &usize| shards.is_power_of_two() && *shards <= MAX_SHARDS;
        given
            .text
            .parse()
            .ok()
            .filter(valid)
            .ok_or_else(|| given.must_be(&format!("a power of two from 1 to {MAX_SHARDS}")))
    }

    fn when_full(&self, source: &Source) -> Result<WhenFull, UsageError> {
        let raw = self.raw;
        let backoff =
            self.given("backoff", &raw.backoff).duration(Duration::from_micros(1)..=MAX_BACKOFF)?;
        let max_retries =
            self.given("max-retries", &raw.max_retries).whole(NonZeroU32::MIN..=NonZeroU32::MAX)?;
        let max_backoffs = self.given("max-backoffs", &raw.max_backoffs).whole(0..=u32::MAX)?;
        Ok(match source {
            Source::Generated { rate: Rate::Unlimited, .. }
            | Source::Capture { speed: Speed::Unlimited, .. } => WhenFull::Wait,
            _ => WhenFull::BackOff {
                backoff,
                max_retries,
                max_backoffs: NonZeroU32::new(max_backoffs),
            },
        })
    }

    fn sink(&self, source: &Source) -> Result<SinkPlan, UsageError> {
        let packets =
            self.given("btree-size", &self.raw.btree_size).whole(1..=MAX_WINDOW_PACKETS)?;
        let degree = self
            .given("btree-degree", &self.raw.btree_degree)
            .whole(crate::btree::MIN_DEGREE..=MAX_DEGREE)?;
        let given = self.given("sink", &self.raw.sink);
        let order = self.order()?;
        if nats::is_address(given.text) {
            if order == Order::Rtp {
                return Err(self.needs_a_window(&given));
            }
            return nats::sink(&given, self.raw, self.spelling, source.max_packet_bytes());
        }
        #[cfg(feature = "nats")]
        nats::refuse_stray_flags(self.spelling)?;
        let plan = sink::parse(given.text, WindowPlan { packets, degree, order })
            .map_err(|allowed| given.must_be(&allowed))?;
        if order == Order::Rtp && plan.window.is_none() {
            return Err(self.needs_a_window(&given));
        }
        if would_overwrite(source, &plan.target) {
            return Err(given.must_be(&format!("another file than {}'s", self.spelling.of("pcap"))));
        }
        Ok(plan)
    }

    fn needs_a_window(&self, sink: &Given<'_>) -> UsageError {
        sink.must_be(&format!("one with a window for {}", self.spelling.of("order")))
    }

    fn order(&self) -> Result<Order, UsageError> {
        let given = self.given("order", &self.raw.order);
        match given.text {
            "arrival" => Ok(Order::Arrival),
            "rtp" if self.raw.pcap.is_some() || !self.raw.listen.is_empty() => Ok(Order::Rtp),
            "rtp" => Err(given.must_be("together with --listen or --pcap")),
            _ => Err(given.must_be("arrival or rtp")),
        }
    }

    fn stats_interval(&self) -> Result<Duration, UsageError> {
        self.given("stats-interval", &self.raw.stats_interval)
            .decimal(0.1..=86_400.0)
            .map(Duration::from_secs_f64)
    }

    fn duration(&self) -> Result<Option<Duration>, UsageError> {
        let duration =
            self.given("duration", &self.raw.duration).duration(Duration::ZERO..=MAX_DURATION)?;
        Ok((!duration.is_zero()).then_some(duration))
    }

    fn dashboard(&self) -> Result<Option<SocketAddr>, UsageError> {
        let Some(text) = &self.raw.dashboard else {
            return Ok(None);
        };
        let address = address::parse_to_serve(text);
        address.map(Some).map_err(|allowed| self.given("dashboard", text).must_be(&allowed))
    }

    fn json(&self) -> Result<Option<ResultFile>, UsageError> {
        let Some(text) = &self.raw.json else {
            return Ok(None);
        };
        let file = ResultFile::parse(text);
        file.map(Some).map_err(|allowed| self.given("json", text).must_be(allowed))
    }

    fn profile(&self) -> Result<Option<ProfilePlan>, UsageError> {
        let folder = self.given("profilepath", &self.raw.profilepath);
        let Some(modes) = &self.raw.profile else {
            if self.spelling.was_given("profilepath") {
                let needed = self.spelling.of("profile");
                return Err(folder.must_be(&format!("together with {needed}")));
            }
            return Ok(None);
        };
        let given = self.given("profile", modes);
        let modes = mode::parse(modes).map_err(|allowed| given.must_be(&allowed))?;
        let plan = ProfilePlan::new(modes, folder.text).map_err(|allowed| folder.must_be(&allowed));
        plan.map(Some)
    }

    fn fits_into_memory(&self, config: &Config, ram_bytes: u64) -> Result<(), UsageError> {
        let needed_bytes = config.max_packet_memory_bytes();
        if needed_bytes <= ram_bytes {
            return Ok(());
        }
        let [ring_size, btree_size] =
            ["ring-size", "btree-size"].map(|name| self.spelling.of(name));
        Err(UsageError::new(format!(
            "{ring_size}, {btree_size}: {} packets may take {} MiB, must be at most this machine's {} MiB",
            config.buffers(),
            needed_bytes >> 20,
            ram_bytes >> 20
        )))
    }
}

/// Whether the file to be written is the one to be read, by whatever name.
fn would_overwrite(source: &Source, target: &TargetPlan) -> bool {
    let (Source::Capture { file: SourceFile::File(read), .. }, TargetPlan::Pcap(written)) =
        (source, target)
    else {
        return false;
    };
    matches!((read.canonicalize(), written.canonicalize()), (Ok(read), Ok(written)) if read == written)
}

#[cfg(test)]
mod tests {
    use super::super::{Request, parse};
    use super::*;

    const RAM_BYTES: u64 = 8 << 30;

    fn config(args: &[&str]) -> Result<Config, String> {
        match parse(args.iter().map(ToString::to_string), RAM_BYTES) {
            Ok(Request::Run(config)) => Ok(*config),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn defaults_are_the_described_ones() {
        let config = config(&[]).unwrap();
        assert!(matches!(config.source, Source::Generated { packet_bytes: 1450, .. }));
        assert_eq!(config.producers, 4);
        assert_eq!((config.ring.slots, config.ring.shards), (128, 4));
        assert!(matches!(
            config.sink.window,
            Some(WindowPlan { packets: 2000, degree: 32, order: Order::Arrival })
        ));
        assert_eq!(config.tick, Duration::from_millis(10));
        assert_eq!(config.stats_interval, Duration::from_secs(1));
        assert_eq!(config.duration, None);
        assert_eq!(config.debug_level, 3);
        let WhenFull::BackOff { backoff, max_retries, max_backoffs } = config.when_full else {
            panic!("{:?}", config.when_full);
        };
        assert_eq!(backoff, Duration::from_millis(10));
        assert_eq!((max_retries.get(), max_backoffs.map(NonZeroU32::get)), (10, Some(100)));
    }

    #[test]
    fn unlimited_producers_wait() {
        for args in [&["-rate=0"][..], &["--unlimited"], &["--unlimited", "--rate", "0"]] {
            let config = config(args).unwrap();
            assert!(matches!(config.when_full, WhenFull::Wait));
            assert_eq!(config.ring.slots, 4 * SLOTS_PER_SHARD_AT_UNKNOWN_RATE);
            assert_eq!(config.ring.slots_from, SlotsFrom::UnknownRate);
        }
        let sized = config(&["--unlimited", "--ring-size", "256"]).unwrap();
        assert_eq!((sized.ring.slots, sized.ring.slots_from), (256, SlotsFrom::User));
    }

    #[test]
    fn the_granularity_is_automatic_or_the_user_s() {
        let pacing = |args| config(args).unwrap().pacing().map(|pacing| pacing.granularity);
        let ms = Duration::from_millis;
        assert_eq!(pacing(&[]), Some(ms(2)));
        assert_eq!(pacing(&["--pacing-granularity", "auto"]), Some(ms(2)));
        assert_eq!(pacing(&["-pacingGranularity=500us"]), Some(Duration::from_micros(500)));
        assert_eq!(pacing(&["--pacing-granularity=0"]), Some(Duration::ZERO));
        assert_eq!(pacing(&["--unlimited"]), None);
    }

    #[test]
    fn each_address_has_its_producers() {
        let args = ["--listen", "127.0.0.1:1", "--listen=[::1]:1", "--producers", "3"];
        let config = config(&args).unwrap();
        assert_eq!(config.producers, 6);
        assert!(matches!(config.source, Source::Udp { receivers_each: 3, .. }));
    }

    #[test]
    fn backoffs_without_limit() {
        let config = config(&["-maxBackoffs=0"]).unwrap();
        assert!(matches!(config.when_full, WhenFull::BackOff { max_backoffs: None, .. }));
    }

    #[test]
    fn more_than_the_machine_has_is_refused() {
        let error = config(&["-ringSize=16777216", "-packetSize", "65507"]).unwrap_err();
        assert!(error.contains("-ringSize") && error.contains("8192 MiB"), "{error}");
        assert!(config(&["-producers=1024", "-rate=100000"]).unwrap_err().contains("--ring-size"));
    }

    #[test]
    fn errors_name_the_flag_as_typed_with_value_and_range() {
        let error = config(&["-packetSize=0"]).unwrap_err();
        assert_eq!(error, "-packetSize \"0\": must be a whole number from 1 to 65507");
        let error = config(&["--packet-size", "0"]).unwrap_err();
        assert_eq!(error, "--packet-size \"0\": must be a whole number from 1 to 65507");
    }
}
