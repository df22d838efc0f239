use serde::{Deserialize, Serialize};

/// What one profiled run of a case found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileResult {
    /// One of the modes of `ring --profile`.
    pub mode: String,
    /// Why there is no table; `null` if there is one.
    pub error: Option<String>,
    /// What is counted, such as `cpu` or `alloc_space`.
    pub measure: String,
    /// Of every value below: `nanoseconds`, `bytes` or `count`.
    pub unit: String,
    /// Over all samples.
    pub total: i64,
    /// The functions with the largest own share, largest first, five at most.
    pub top: Vec<TopFunction>,
    /// The pprof file, in the output folder; `null` if the mode writes none.
    pub pprof_path: Option<String>,
    /// The flame graph, in the output folder.
    pub flame_graph_path: Option<String>,
    /// The trace, in the output folder, for the mode that writes one.
    pub trace_path: Option<String>,
    /// The flame graph itself: read from its file before a report is rendered, so that
    /// `results.json` stays small.
    #[serde(skip)]
    pub flame_graph_svg: Option<String>,
    /// CPU of the profiled run; beside the plain run's it is what profiling costs.
    pub cpu_s: Option<f64>,
    /// Rate of the profiled run.
    pub rate_mbps: Option<f64>,
    /// Its log, in the output folder.
    pub log_path: String,
}

/// A function in a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopFunction {
    /// As the profile names it.
    pub function: String,
    /// In itself.
    pub own: i64,
    /// Of the total.
    pub own_percent: f64,
    /// In itself and what it calls, each sample once however often the function is in its stack.
    pub cumulative: i64,
    /// Of the total.
    pub cumulative_percent: f64,
}
