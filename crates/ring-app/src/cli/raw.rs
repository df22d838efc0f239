use std::fmt::Write as _;

use clap::{ArgAction, Command, CommandFactory, Parser};

/// The arguments as text: clap sees to names, counts and help, `validate` to the values.
#[derive(Debug, Parser)]
#[command(
    name = "ring",
    version,
    about = "Many producers write packets into one lock-free ring; one consumer keeps the newest \
             in a B-tree window.",
    after_help = SPELLINGS,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(super) struct RawArgs {
    /// Threads that write into the ring, 1 to 1024; with --listen, for each address
    #[arg(long, value_name = "N", default_value = "4", help_heading = SOURCE)]
    pub(super) producers: String,

    /// Megabits a second that each producer generates, or at which a whole --pcap file is
    /// replayed; 0 is --unlimited
    #[arg(long, value_name = "MBPS", default_value = "10.0", help_heading = SOURCE)]
    pub(super) rate: String,

    /// Generate as fast as the consumer takes; producers wait for room and drop nothing
    #[arg(long, help_heading = SOURCE)]
    pub(super) unlimited: bool,

    /// Bytes in a generated packet, 1 to 65507
    #[arg(long, value_name = "BYTES", default_value = "1450", help_heading = SOURCE)]
    pub(super) packet_size: String,

    /// Least time between two sleeps of a producer, 0 to 1s: packets that fall due within it come
    /// together. Finer is smoother and takes more processor time, 0 sleeps for each packet; auto
    /// is a fifth of --frequency, 2ms at most, and less if the ring is small
    #[arg(long, value_name = "DURATION", default_value = "auto", help_heading = SOURCE)]
    pub(super) pacing_granularity: String,

    /// Receive UDP datagrams on HOST:PORT instead of generating packets; may be repeated. The
    /// kernel spreads flows over the producers' sockets (SO_REUSEPORT): one flow, which is one
    /// sender's address and port, stays on one thread
    #[arg(long, value_name = "ADDR", action = ArgAction::Append, help_heading = SOURCE)]
    pub(super) listen: Vec<String>,

    /// Replay a capture file (pcap or pcapng; - is stdin) instead of generating packets: as it was
    /// recorded, at --rate or --unlimited. The run ends with the file. Packets are dealt to the
    /// producers by flow, which is addresses, protocol and ports, so that each flow keeps its order
    #[arg(long, value_name = "FILE", help_heading = SOURCE)]
    pub(super) pcap: Option<String>,

    /// Slots in the ring, a multiple of --ring-shards; 0 chooses by rate, packet size and
    /// frequency (4096 for each shard when the rate is unknown)
    #[arg(long, value_name = "SLOTS", default_value = "0", help_heading = RING)]
    pub(super) ring_size: String,

    /// Shards of the ring, a power of two from 1 to 1024. With no more producers than shards,
    /// each producer has a shard to itself
    #[arg(long, value_name = "N", default_value = "4", help_heading = RING)]
    pub(super) ring_shards: String,

    /// Margin of the automatic size over one interval's packets, 0.01 to 1000
    #[arg(long, value_name = "X", default_value = "2.0", help_heading = RING)]
    pub(super) size_multiplier: String,

    /// Sleep between rounds of tries, 1us to 1m
    #[arg(long, value_name = "DURATION", default_value = "10ms", help_heading = FULL)]
    pub(super) backoff: String,

    /// Tries in a round, at least 1
    #[arg(long, value_name = "N", default_value = "10", help_heading = FULL)]
    pub(super) max_retries: String,

    /// Rounds before the packet is dropped; 0 tries for ever
    #[arg(long, value_name = "N", default_value = "100", help_heading = FULL)]
    pub(super) max_backoffs: String,

    /// Milliseconds between two ticks of the consumer, 1 to 60000. It also wakes when a shard
    /// is three quarters full
    #[arg(long, value_name = "MS", default_value = "10", help_heading = CONSUMER)]
    pub(super) frequency: String,

    /// Where packets go: window (a B-tree of the newest), null (nowhere), pcap:FILE (the
    /// window, and from there, in order, into a capture file), or
    /// nats://HOST:PORT/SUBJECT?stream=NAME (a JetStream stream, in a ring that was built with
    /// --features nats; the stream's name may be left out)
    #[arg(long, value_name = "SINK", default_value = "window", help_heading = CONSUMER)]
    pub(super) sink: String,

    /// What the window is ordered by: arrival (the producers' numbers), or rtp: each RTP stream
    /// (SSRC) of --listen or --pcap by its sequence numbers, with loss, duplicates and reordering
    /// counted
    #[arg(long, value_name = "MODE", default_value = "arrival", help_heading = CONSUMER)]
    pub(super) order: String,

    /// With --sink nats://…: the name of this node, 1 to 64 letters, digits, dots, - and _. No two
    /// that run at once may have the same; the default is the machine's name
    #[cfg(feature = "nats")]
    #[arg(long, value_name = "NAME", help_heading = CONSUMER)]
    pub(super) node: Option<String>,

    /// With --sink nats://…: how long the server may be away at the start; and at the end, while
    /// packets wait for its acknowledgement, 0s to 1h
    #[cfg(feature = "nats")]
    #[arg(long, value_name = "DURATION", default_value = "10s", help_heading = CONSUMER)]
    pub(super) nats_wait: String,

    /// Packets that the window keeps, 1 to 10000000
    #[arg(long, value_name = "PACKETS", default_value = "2000", help_heading = CONSUMER)]
    pub(super) btree_size: String,

    /// Degree of the B-tree, 2 to 1024: a node holds at most twice as many packets, less one
    #[arg(long, value_name = "N", default_value = "32", help_heading = CONSUMER)]
    pub(super) btree_degree: String,

    /// How long to run; 0 runs until SIGINT or SIGTERM
    #[arg(long, value_name = "DURATION", default_value = "0", help_heading = RUN)]
    pub(super) duration: String,

    /// Seconds between two lines of statistics, 0.1 to 86400
    #[arg(long, value_name = "SECONDS", default_value = "1", help_heading = RUN)]
    pub(super) stats_interval: String,

    /// 0 silent, 1 errors, 2 warnings, 3 the run's log lines, 4 details of start and end,
    /// 5 each shard with the statistics, 6 each thread, 7 each drain
    #[arg(long, value_name = "LEVEL", default_value = "3", help_heading = RUN)]
    pub(super) debug_level: String,

    /// Write the whole result of the run to FILE, as JSON; - is stdout. The file is replaced only
    /// when the new one is complete
    #[arg(long, value_name = "FILE", help_heading = RUN)]
    pub(super) json: Option<String>,

    /// Print lines of statistics even on a terminal, where a live view would stand for them
    #[arg(long, help_heading = RUN)]
    pub(super) plain: bool,

    /// Show the run on a web page at ADDR, and its metrics for Prometheus at ADDR/metrics. A port
    /// alone, or :PORT, is for this machine only; port 0 takes a free one, which the log tells
    #[arg(long, value_name = "ADDR", help_heading = RUN)]
    pub(super) dashboard: Option<String>,

    /// Take settings from FILE, in TOML: the flags' names without the dashes, such as rate = 50.0.
    /// What is typed wins over what stands there; --print-config prints such a file
    #[arg(long, value_name = "FILE", help_heading = RUN)]
    pub(super) config: Option<String>,

    /// What to profile; several with commas between them, where they do not disturb each other:
    /// cpu (processor time by stack, sampled about every millisecond), mem (bytes in use by allocation
    /// site when most were in use), allocs (every allocation since the start by site), heap (what
    /// is in use by site when all threads have ended), rate (allocations by site, one of each 2048
    /// bytes), mutex (time waited for locks that another thread held), block (time waited for
    /// anything, by place), thread (where each thread was started, and its processor time), trace
    /// (what each thread did when). Each is written as MODE.pb.gz, for pprof, and as MODE.svg, a
    /// flame graph; trace as trace.json, for ui.perfetto.dev or chrome://tracing
    #[arg(long, value_name = "MODE", help_heading = PROFILES)]
    pub(super) profile: Option<String>,

    /// Folder for the profiles; made if it is missing
    #[arg(long, value_name = "DIR", default_value = ".", help_heading = PROFILES)]
    pub(super) profilepath: String,

    /// Print every setting as a file for --config, with those that are not the default set
    #[arg(long, help_heading = PRINT)]
    pub(super) print_config: bool,

    /// Print what makes the shell complete this program's flags: bash, elvish, fish, powershell
    /// or zsh
    #[arg(long, value_name = "SHELL", help_heading = PRINT)]
    pub(super) completions: Option<String>,

    /// Print the manual page, for man -l
    #[arg(long, help_heading = PRINT)]
    pub(super) man: bool,

    /// Print this help
    #[arg(short, long, action = ArgAction::Help, help_heading = PRINT)]
    help: Option<bool>,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = PRINT)]
    version: Option<bool>,
}

const SOURCE: &str = "Packets";
const RING: &str = "Ring";
const FULL: &str = "When a shard is full";
const CONSUMER: &str = "Consumer";
const PROFILES: &str = "Profiles";
const RUN: &str = "Run and output";
/// What does not run anything.
pub(super) const PRINT: &str = "Print and end";

/// The values that are numbers, by their names above; in a file they stand without quotes.
pub(super) const NUMBERS: &[&str] =
    &["BYTES", "LEVEL", "MBPS", "MS", "N", "PACKETS", "SECONDS", "SLOTS", "X"];
/// And those that are not.
#[cfg(test)]
pub(super) const TEXTS: &[&str] = &["ADDR", "DIR", "DURATION", "FILE", "MODE", "NAME", "SINK"];

/// The exit codes, each with what it says; the help and the manual page tell them.
pub(super) const EXIT_CODES: &[(&str, &str)] = &[
    (
        "0",
        "the run ended by its duration, the end of the capture file, SIGINT or SIGTERM, or what was asked for is printed",
    ),
    (
        "1",
        "it failed: an address in use, no memory, no threads, a broken capture file, a full disk, undelivered packets, corrupted data",
    ),
    ("2", "wrong usage: nothing was started"),
    ("130, 143", "a second SIGINT or SIGTERM ended it at once"),
];

/// How flags and values may be written.
pub(super) const SPELLINGS: &str = "\
Each flag may also be typed as in Go: -packetSize=1450, -packetSize 1450.
Durations are Go's: 100ms, 5s, 1m30s. Log lines and statistics go to stderr.";

/// The command, with a help that ends with the exit codes.
pub(super) fn command() -> Command {
    let mut end = format!("{SPELLINGS}\n\nExit codes:\n");
    for (code, meaning) in EXIT_CODES {
        let _ = writeln!(end, "  {code:<10}{meaning}");
    }
    RawArgs::command().after_help(end)
}
