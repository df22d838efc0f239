use std::fmt;

use go_duration::GoDuration;
use std::time::Duration;

/// Why NATS cannot do what is asked of it. Each is one line that says what to do.
#[derive(Debug)]
pub(crate) enum NatsError {
    /// The client itself cannot be had.
    Start(std::io::Error),
    /// No server answered within the time that was given.
    Unreachable { server: String, waited: Duration, reason: String },
    /// The server does not let us in.
    Refused { server: String, reason: String },
    /// The server has no JetStream.
    NoJetStream { server: String, reason: String },
    /// There is a stream of that name, for other subjects.
    OtherSubjects { stream: String, has: Vec<String>, wanted: String },
    /// More than one stream has something of what is wanted.
    SeveralStreams { subject: String, streams: Vec<String> },
    /// A packet may be longer than what the server takes.
    TooLong { server: String, max_payload_bytes: usize, needed_bytes: usize },
    /// The server answered a request with an error.
    Request { what: String, reason: String },
    /// Packets that the sink accepted and whose arrival nobody has confirmed.
    Undelivered { server: String, packets: u64, waited: Duration, reason: String },
    /// Another collector has taken over.
    TakenOver { durable: String },
    /// What was collected is not what the nodes say they sent.
    Incomplete { runs: Vec<String> },
}

impl fmt::Display for NatsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the NATS client cannot be started: {error}"),
            Self::Unreachable { server, waited, reason } => write!(
                f,
                "{server}: no NATS server within {}: {reason}; start one, correct the address, \
                 or set --nats-wait",
                GoDuration(*waited)
            ),
            Self::Refused { server, reason } => write!(f, "{server}: {reason}"),
            Self::NoJetStream { server, reason } => write!(
                f,
                "{server}: the server has no JetStream ({reason}); start it with: nats-server -js"
            ),
            Self::OtherSubjects { stream, has, wanted } => write!(
                f,
                "stream {stream} takes {}, not {wanted}; add the subject to it, or name another",
                has.join(", ")
            ),
            Self::SeveralStreams { subject, streams } => write!(
                f,
                "{} streams have subjects of {subject}: {}; say which: ?stream=NAME",
                streams.len(),
                streams.join(", ")
            ),
            Self::TooLong { server, max_payload_bytes, needed_bytes } => write!(
                f,
                "{server}: takes messages up to {max_payload_bytes} bytes, one packet may need \
                 {needed_bytes}; set max_payload higher there, or --packet-size lower"
            ),
            Self::Request { what, reason } => write!(f, "{what}: {reason}"),
            Self::Undelivered { server, packets, waited, reason } => write!(
                f,
                "{server}: {packets} packets not delivered: no acknowledgement for {} ({reason})",
                GoDuration(*waited)
            ),
            Self::TakenOver { durable } => write!(
                f,
                "another collector has taken over from this one; give each its own --durable \
                 (this is {durable}) and its own subjects"
            ),
            Self::Incomplete { runs } => {
                write!(f, "not all arrived as it was sent: {}", runs.join("; "))
            }
        }
    }
}

impl std::error::Error for NatsError {}
