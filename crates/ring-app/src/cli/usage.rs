use std::fmt;

/// Why a command line cannot be carried out: one line.
#[derive(Debug)]
pub(crate) struct UsageError {
    message: String,
}

impl UsageError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// `flag` has a `value` that is not among what is `allowed`.
    pub(super) fn value(flag: &str, value: &str, allowed: &str) -> Self {
        Self::new(format!("{flag} {value:?}: must be {allowed}"))
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for UsageError {}
