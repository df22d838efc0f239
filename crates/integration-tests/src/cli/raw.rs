use clap::{Args, Parser, Subcommand};

/// The arguments as text: clap sees to names, counts and help, `validate` to the values.
#[derive(Debug, Parser)]
#[command(
    name = "integration-tests",
    version,
    about = "Runs ring over a matrix of loads, judges and profiles each run, and reports.",
    after_help = "Exit codes: 0 every case passed, 1 a case did not pass, 2 wrong usage, 3 ring \
                  cannot be built or results cannot be stored, 4 every case passed but a figure \
                  is worse than the baseline's, 130 SIGINT, 143 SIGTERM."
)]
pub(super) struct RawArgs {
    #[command(subcommand)]
    pub(super) action: RawAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum RawAction {
    /// Run a set of cases
    Run(Box<RawRun>),
    /// Make the reports from the results of a run, also of one that was cut off
    Report {
        /// Output folder of the run
        #[arg(long, value_name = "DIR")]
        from: String,
    },
    /// Show the cases of a set
    List {
        /// smoke, quick, standard, full, all, stress or overload
        #[arg(long, value_name = "SET", default_value = "quick")]
        set: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Compare two results.json; exit 4 if the second is worse
    Compare {
        /// The earlier one
        before: String,
        /// The later one
        after: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct RawRun {
    /// smoke (3 s), quick (20 s), standard (100 s), full (the document's 68 cases, 12 minutes),
    /// all (240 cases, 40 minutes), stress (4 cases of 5 minutes), overload (30 s)
    #[arg(long, value_name = "SET", default_value = "quick", help_heading = CASES)]
    pub(super) set: String,

    /// Only the case with this id; may be repeated
    #[arg(long, value_name = "ID", help_heading = CASES)]
    pub(super) id: Vec<String>,

    /// Length of each run, instead of the set's: 100ms to 24h
    #[arg(long, value_name = "DURATION", help_heading = CASES)]
    pub(super) duration: Option<String>,

    /// Run each case once more for each of these profiles: cpu, mem, allocs, heap, rate, mutex,
    /// block, thread, trace with commas between, or all (cpu, mem, allocs, heap, mutex, block)
    #[arg(long, value_name = "MODES", help_heading = CASES)]
    pub(super) profile: Option<String>,

    /// Cases at the same time; above 1, CPU and latency are those of a shared machine
    #[arg(long, value_name = "N", default_value = "1", help_heading = CASES)]
    pub(super) parallel: String,

    /// Bars: strict (2 % of rate, 0.1 % drops, 1s shutdown), default (5 %, 1 %, 2s) or relaxed
    /// (10 %, 5 %, 5s)
    #[arg(long, value_name = "PRESET", default_value = "default", help_heading = BARS)]
    pub(super) preset: String,

    /// Percent of the asked rate to either side, instead of the preset's
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, help_heading = BARS)]
    pub(super) tolerance: Option<String>,

    /// Percent of packets that may be dropped, instead of the preset's
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, help_heading = BARS)]
    pub(super) max_drop: Option<String>,

    /// Longest shutdown, instead of the preset's
    #[arg(long, value_name = "DURATION", help_heading = BARS)]
    pub(super) max_shutdown: Option<String>,

    /// Bars of one case, which go before all others: ID:tolerance=3,max-drop=0.5,max-shutdown=1s
    /// with one or more of the three; may be repeated
    #[arg(long, value_name = "ID:BARS", help_heading = BARS)]
    pub(super) threshold: Vec<String>,

    /// The ring to judge; without it, this workspace's is built in release
    #[arg(long, value_name = "PROGRAM", help_heading = RING)]
    pub(super) ring: Option<String>,

    /// Cores that ring may use, 1 to those of the machine
    #[arg(long, value_name = "N", help_heading = RING)]
    pub(super) cpus: Option<String>,

    /// Address space that ring may take, in MiB (ulimit -v)
    #[arg(long, value_name = "MIB", help_heading = RING)]
    pub(super) memory: Option<String>,

    /// How much longer than its duration a run may take before it is killed
    #[arg(long, value_name = "DURATION", default_value = "15s", help_heading = RING)]
    pub(super) margin: String,

    /// Folder for logs, profiles, results.json and reports
    #[arg(long, value_name = "DIR", default_value = "output", help_heading = OUTPUT)]
    pub(super) output: String,

    /// Write the page report-TIME.html and report-latest.html too
    #[arg(long, help_heading = OUTPUT)]
    pub(super) report: bool,

    /// results.json of an earlier run to compare with
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) baseline: Option<String>,
}

const CASES: &str = "Cases";
const BARS: &str = "Bars";
const RING: &str = "The program";
const OUTPUT: &str = "Output";
