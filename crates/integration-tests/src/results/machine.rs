use serde::{Deserialize, Serialize};

/// Where the suite ran. What could not be found out is `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// As the kernel names it.
    pub cpu: Option<String>,
    /// That the suite may use.
    pub cores: usize,
    /// In all.
    pub memory_bytes: Option<u64>,
    /// The kernel and its version.
    pub kernel: Option<String>,
    /// Of the compiler on the path.
    pub rustc: Option<String>,
    /// Of the working directory's repository.
    pub commit: Option<String>,
    /// Whether files differ from the commit.
    pub dirty: Option<bool>,
}

/// The program that was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Where it is.
    pub path: String,
    /// What it says to `--version`; `null` if it does not answer.
    pub version: Option<String>,
}

/// What `ring` was held to; `null` is all of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Cores that it may run on.
    pub cpus: Option<usize>,
    /// Address space that it may take.
    pub memory_bytes: Option<u64>,
}
