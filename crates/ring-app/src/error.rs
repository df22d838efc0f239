use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::capture::CaptureError;
use run_result::Mode;

#[cfg(feature = "nats")]
use crate::nats::NatsError;
use crate::payload_sum::PayloadSum;

/// Why a run failed. Each is one line.
#[derive(Debug)]
pub(crate) enum RunError {
    /// A socket cannot be had at this address.
    Listen(SocketAddr, io::Error),
    /// The dashboard cannot be had at this address.
    Dashboard(SocketAddr, io::Error),
    /// The packets do not fit into the memory that this process may use.
    Memory { needed_bytes: u64 },
    /// The ring cannot be built.
    Ring(String),
    /// A pipe or a signal handler cannot be had.
    System(&'static str, io::Error),
    /// A thread cannot be had.
    Start(String, io::Error),
    /// A thread has given up.
    Worker(String, io::Error),
    /// The capture file cannot be read on.
    Capture(String, CaptureError),
    /// A sink, as `--sink` names it, takes no more.
    Sink(String, io::Error),
    /// The result cannot be written.
    Result(io::Error),
    /// A profile cannot be taken or written.
    Profile(Mode, String),
    /// A thread has panicked.
    Panicked(String),
    /// NATS does not do what is asked of it.
    #[cfg(feature = "nats")]
    Nats(NatsError),
    /// What was read is not what was written.
    Corrupt { written: PayloadSum, read: PayloadSum },
}

impl RunError {
    pub(crate) fn ring(error: impl fmt::Display) -> Self {
        Self::Ring(error.to_string())
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(f, "--listen \"{address}\": {error}"),
            Self::Dashboard(address, error) => write!(f, "--dashboard \"{address}\": {error}"),
            Self::Memory { needed_bytes } => {
                write!(f, "no memory for up to {} MiB of packets", needed_bytes >> 20)
            }
            Self::Ring(error) => write!(f, "the ring: {error}"),
            Self::System(what, error) => write!(f, "{what}: {error}"),
            Self::Start(name, error) => write!(f, "cannot start {name}: {error}"),
            Self::Worker(name, error) => write!(f, "{name} failed: {error}"),
            Self::Capture(file, error) => write!(f, "--pcap {file:?}: {error}"),
            Self::Sink(to, error) => write!(f, "--sink {to}: {error}"),
            Self::Result(error) => write!(f, "--json: the result cannot be written: {error}"),
            Self::Profile(mode, error) => write!(f, "--profile {mode}: {error}"),
            #[cfg(feature = "nats")]
            Self::Nats(error) => write!(f, "{error}"),
            Self::Panicked(name) => write!(f, "{name} panicked"),
            Self::Corrupt { written, read } => write!(
                f,
                "payload corrupted: producers wrote {written}, the consumer read {read}; please report this"
            ),
        }
    }
}

impl std::error::Error for RunError {}

#[cfg(feature = "nats")]
impl From<NatsError> for RunError {
    fn from(error: NatsError) -> Self {
        Self::Nats(error)
    }
}
