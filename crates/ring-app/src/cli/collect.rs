//! `ring collect`: its flags, and what they must be.

use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser};

use super::number::Given;
use super::spelling::Spelling;
use super::usage::UsageError;
use super::{
    MAX_DEBUG_LEVEL, MAX_DEGREE, MAX_DURATION, MAX_WINDOW_PACKETS, Request, clap_error, nats,
};
use crate::nats::collect::CollectPlan;
use crate::nats::{NatsAddress, Subjects, node};
use crate::result_file::ResultFile;
use crate::sink::{Order, WindowPlan};

const MAX_NODES: usize = 100_000;
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

#[derive(Debug, Parser)]
#[command(
    name = "ring collect",
    version,
    about = "Reads what nodes publish with --sink nats://…, and keeps one B-tree window over all of \
             them. Goes on where it was when it is started again.",
    after_help = "Exit codes: 0 all nodes have ended and all has arrived, or the duration, SIGINT or \
                  SIGTERM came first; 1 failure; 2 wrong usage; 130 second SIGINT."
)]
struct RawArgs {
    /// nats://HOST:PORT/SUBJECT or nats://HOST:PORT/SUBJECT?stream=NAME; in SUBJECT a * stands for
    /// one word, a last > for all that follow
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,

    /// Nodes that are expected, 1 to 100000: it ends when all have said that they ended. Warns
    /// when there are more
    #[arg(long, value_name = "N")]
    nodes: Option<String>,

    /// Packets that the window keeps, 1 to 10000000
    #[arg(long, value_name = "PACKETS", default_value = "2000")]
    btree_size: String,

    /// Degree of the B-tree, 2 to 1024
    #[arg(long, value_name = "N", default_value = "32")]
    btree_degree: String,

    /// Name of the durable consumer and of its checkpoint. Collectors of one stream with subjects
    /// of their own have names of their own
    #[arg(long, value_name = "NAME", default_value = "ring-collect")]
    durable: String,

    /// A message of which the server has heard nothing for so long is delivered again: what a
    /// collector that was killed had in its window comes to the next one after this, 1s to 1h
    #[arg(long, value_name = "DURATION", default_value = "5s")]
    ack_wait: String,

    /// Messages wait so long for an earlier one of their node, 1s to 1h; after that they go first
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    hole_wait: String,

    /// How long the server may be away at the start, 0s to 1h
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    nats_wait: String,

    /// How long to run; 0 runs until all nodes have ended
    #[arg(long, value_name = "DURATION", default_value = "0")]
    duration: String,

    /// Seconds between two lines of statistics, 0.1 to 86400
    #[arg(long, value_name = "SECONDS", default_value = "1")]
    stats_interval: String,

    /// 0 silent, 1 errors, 2 warnings, 3 the log lines, 4 details
    #[arg(long, value_name = "LEVEL", default_value = "3")]
    debug_level: String,

    /// Write the result to FILE, as JSON; - is stdout
    #[arg(long, value_name = "FILE")]
    json: Option<String>,
}

/// Reads the words behind `collect`.
pub(super) fn parse(args: impl IntoIterator<Item = String>) -> Result<Request, UsageError> {
    let mut command = RawArgs::command();
    command.build();
    let (args, spelling) = Spelling::normalise(args, &command);
    let words = std::iter::once("ring collect".to_owned()).chain(args);
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok(Request::Print(error.to_string())),
        Err(error) => return Err(clap_error::one_line(&error, &spelling)),
    };
    let raw = RawArgs::from_arg_matches(&matches);
    let raw = raw.map_err(|error| clap_error::one_line(&error, &spelling))?;
    plan(&raw, &spelling).map(|plan| Request::Collect(Box::new(plan)))
}

fn plan(raw: &RawArgs, spelling: &Spelling) -> Result<CollectPlan, UsageError> {
    let given = |name: &str, text| Given { flag: spelling.of(name), text };
    let needed = |name: &str, what: &str| {
        UsageError::new(format!("{}: is needed: {what}", spelling.of(name)))
    };
    let from = raw.from.as_deref().ok_or_else(|| needed("from", "nats://HOST:PORT/SUBJECT"))?;
    let nodes = raw.nodes.as_deref().ok_or_else(|| needed("nodes", "how many are expected"))?;
    let address = NatsAddress::parse(from, Subjects::Many);
    let duration = given("duration", &raw.duration).duration(Duration::ZERO..=MAX_DURATION)?;
    let second = Duration::from_secs(1);
    Ok(CollectPlan {
        address: address.map_err(|allowed| given("from", from).must_be(&allowed))?,
        nodes: given("nodes", nodes).whole(1..=MAX_NODES)?,
        window: WindowPlan {
            packets: given("btree-size", &raw.btree_size).whole(1..=MAX_WINDOW_PACKETS)?,
            degree: given("btree-degree", &raw.btree_degree)
                .whole(crate::btree::MIN_DEGREE..=MAX_DEGREE)?,
            order: Order::Arrival,
        },
        durable: durable(&given("durable", &raw.durable))?,
        ack_wait: given("ack-wait", &raw.ack_wait).duration(second..=LONGEST_WAIT)?,
        hole_wait: given("hole-wait", &raw.hole_wait).duration(second..=LONGEST_WAIT)?,
        wait: nats::wait(spelling, &raw.nats_wait)?,
        duration: (!duration.is_zero()).then_some(duration),
        stats_interval: given("stats-interval", &raw.stats_interval)
            .decimal(0.1..=86_400.0)
            .map(Duration::from_secs_f64)?,
        debug_level: given("debug-level", &raw.debug_level).whole(0..=MAX_DEBUG_LEVEL)?,
        json: raw.json.as_deref().map(|text| json(&given("json", text))).transpose()?,
    })
}

fn durable(given: &Given<'_>) -> Result<String, UsageError> {
    let name = node::parse(given.text).ok().filter(|name| !name.contains('.'));
    name.ok_or_else(|| given.must_be("1 to 64 letters, digits, - and _"))
}

fn json(given: &Given<'_>) -> Result<ResultFile, UsageError> {
    ResultFile::parse(given.text).map_err(|allowed| given.must_be(allowed))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    const FROM: &str = "--from=nats://h/ring.>";

    fn collect(args: &[&str]) -> Result<CollectPlan, String> {
        let args = std::iter::once(&"collect").chain(args).map(ToString::to_string);
        match parse(args, 8 << 30) {
            Ok(Request::Collect(plan)) => Ok(*plan),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn defaults_and_both_spellings() {
        let plan = collect(&[FROM, "-nodes=3", "-btreeSize", "50"]).unwrap();
        assert_eq!((plan.nodes, plan.window.packets, plan.window.degree), (3, 50, 32));
        assert_eq!((plan.duration, plan.durable.as_str()), (None, "ring-collect"));
        assert_eq!(plan.ack_wait, Duration::from_secs(5));
        let plan = collect(&[FROM, "--nodes", "1", "--duration", "1m"]).unwrap();
        assert_eq!(plan.duration, Some(Duration::from_secs(60)));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (args, part) in [
            (&[][..], "--from: is needed"),
            (&[FROM], "--nodes: is needed"),
            (&["--from", "h:1", "--nodes", "1"], "--from \"h:1\": must be nats://"),
            (&[FROM, "--nodes", "0"], "a whole number from 1 to 100000"),
            (&[FROM, "--nodes", "1", "--durable", "a.b"], "--durable"),
            (&[FROM, "--nodes", "1", "-ackWait=10ms"], "-ackWait"),
            (&[FROM, "--nodes", "1", "--rate", "5"], "--rate: unknown flag"),
        ] {
            let error = collect(args).unwrap_err();
            assert!(error.contains(part) && !error.contains('\n'), "{args:?}: {error}");
        }
    }
}
