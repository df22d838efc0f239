//! Packets as capture files (pcap, pcapng) have them.

mod headers;
mod input;
mod link;
mod reader;
mod record;
mod sections;

pub(crate) use headers::Headers;
pub(crate) use link::Link;
pub(crate) use reader::{CaptureError, CaptureReader, Record, is_magic};
pub(crate) use record::{WholeRecords, file_header, record_header};

/// What a capture file says of a packet, besides its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Captured {
    /// When it was recorded, in nanoseconds since 1970.
    pub(crate) at_ns: u64,
    /// Bytes of it that were not recorded.
    pub(crate) cut_bytes: u32,
    pub(crate) link: Link,
}
