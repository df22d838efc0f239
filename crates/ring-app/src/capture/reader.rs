//! Reads capture files: `pcap-parser` knows the formats, this knows where in the file it is.

use std::fmt;
use std::io::{self, Read};

use pcap_parser::nom::{Err as NomErr, IResult};
use pcap_parser::{
    LegacyPcapBlock, PcapError, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
    parse_pcap_header,
};

use super::input::{Input, MAX_BLOCK_BYTES, More};
use super::sections::Sections;
use super::{Captured, Link};

/// Packets of a capture file, classic or pcapng, in the file's order.
#[derive(Debug)]
pub(crate) struct CaptureReader<R> {
    input: Input<R>,
    format: Format,
    packets: u64,
}

/// One packet, as long as nothing further is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) captured: Captured,
    pub(crate) bytes: &'a [u8],
}

/// Why a capture file cannot be read on.
#[derive(Debug)]
pub(crate) enum CaptureError {
    Io(io::Error),
    /// The file is of no format that is known here.
    NotACapture,
    /// What is at this place is wrong. `packet` counts from 1, as Wireshark does.
    Broken {
        packet: u64,
        offset: u64,
        fault: Fault,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The file ends before the packet does.
    Truncated,
    /// Lengths that do not fit together.
    Malformed,
    TooLong,
    /// A packet of an interface that was not described before.
    UnknownInterface,
    TooManyInterfaces,
}

/// What stands at the start of some bytes.
pub(super) enum Parsed {
    /// A packet in so many bytes, of which these are its own.
    Packet {
        block_bytes: usize,
        captured: Captured,
        own: std::ops::Range<usize>,
    },
    /// Something else, in so many bytes.
    Other {
        block_bytes: usize,
    },
    /// More bytes are needed to tell.
    Incomplete,
    Wrong(Fault),
}

#[derive(Debug)]
enum Format {
    Unknown,
    Classic { parse: ClassicParse, ns_per_unit: u64, link: Link },
    Ng(Sections),
}

type ClassicParse = fn(&[u8]) -> IResult<&[u8], LegacyPcapBlock<'_>, PcapError<&[u8]>>;

/// The first four bytes of a pcapng file, in either byte order.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const MAGIC_BYTES: usize = SECTION.len();

/// Whether a file that begins so can be a capture file.
pub(crate) fn is_magic(start: &[u8]) -> bool {
    let Some(magic) = start.first_chunk::<MAGIC_BYTES>() else {
        return false;
    };
    let classic = [0xa1b2_c3d4_u32, 0xa1b2_3c4d];
    *magic == SECTION
        // A format of its time with longer records, which only little-endian machines wrote.
        || *magic == 0xa1b2_cd34_u32.to_le_bytes()
        || classic.iter().any(|known| *magic == known.to_le_bytes() || *magic == known.to_be_bytes())
}

impl<R: Read> CaptureReader<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { input: Input::new(source), format: Format::Unknown, packets: 0 }
    }

    /// The next packet, or `None` at the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<Record<'_>>, CaptureError> {
        loop {
            match self.format.parse(self.input.unread()) {
                Parsed::Packet { block_bytes, captured, own } => {
                    self.packets += 1;
                    let bytes = &self.input.consume(block_bytes)[own];
                    return Ok(Some(Record { captured, bytes }));
                }
                Parsed::Other { block_bytes } => {
                    self.input.consume(block_bytes);
                }
                Parsed::Incomplete => match self.input.read_more().map_err(CaptureError::Io)? {
                    More::Read => {}
                    More::EndOfFile if self.is_at_an_end() => return Ok(None),
                    More::EndOfFile => return Err(self.broken(Fault::Truncated)),
                    More::TooLong => return Err(self.broken(Fault::TooLong)),
                },
                Parsed::Wrong(fault) => return Err(self.broken(fault)),
            }
        }
    }

    /// Whether more was read from the file already than the packets so far.
    pub(crate) fn has_unread(&self) -> bool {
        !self.input.unread().is_empty()
    }

    fn is_at_an_end(&self) -> bool {
        self.input.unread().is_empty() && !matches!(self.format, Format::Unknown)
    }

    fn broken(&self, fault: Fault) -> CaptureError {
        if matches!(self.format, Format::Unknown) {
            return CaptureError::NotACapture;
        }
        CaptureError::Broken { packet: self.packets + 1, offset: self.input.offset(), fault }
    }
}

impl Format {
    fn parse(&mut self, bytes: &[u8]) -> Parsed {
        match self {
            Self::Unknown => self.begin(bytes),
            Self::Classic { parse, ns_per_unit, link } => {
                classic_record(bytes, *parse, *ns_per_unit, *link)
            }
            Self::Ng(sections) => sections.parse(bytes),
        }
    }

    /// Finds out which format it is.
    fn begin(&mut self, bytes: &[u8]) -> Parsed {
        if bytes.len() < MAGIC_BYTES {
            return Parsed::Incomplete;
        }
        if bytes.starts_with(&SECTION) {
            let mut sections = Sections::default();
            let parsed = sections.parse(bytes);
            if matches!(parsed, Parsed::Other { .. }) {
                *self = Self::Ng(sections);
            }
            return parsed;
        }
        match parse_pcap_header(bytes) {
            Ok((_, header)) => {
                let parse = match (header.is_modified_format(), header.is_bigendian()) {
                    (true, _) => parse_pcap_frame_modified,
                    (false, true) => parse_pcap_frame_be,
                    (false, false) => parse_pcap_frame,
                };
                let ns_per_unit = if header.is_nanosecond_precision() { 1 } else { 1000 };
                // The upper half says whether a checksum follows each frame.
                let link = Link::from_number((header.network.0 & 0xffff) as u16);
                *self = Self::Classic { parse, ns_per_unit, link };
                Parsed::Other { block_bytes: header.size() }
            }
            Err(error) => wrong(&error),
        }
    }
}

fn classic_record(bytes: &[u8], parse: ClassicParse, ns_per_unit: u64, link: Link) -> Parsed {
    match parse(bytes) {
        Ok((rest, record)) => {
            let block_bytes = bytes.len() - rest.len();
            let at_ns =
                u64::from(record.ts_sec) * 1_000_000_000 + u64::from(record.ts_usec) * ns_per_unit;
            let cut_bytes = record.origlen.saturating_sub(record.caplen);
            let captured = Captured { at_ns, cut_bytes, link };
            let own = block_bytes - record.data.len()..block_bytes;
            Parsed::Packet { block_bytes, captured, own }
        }
        Err(error) => wrong(&error),
    }
}

pub(super) fn wrong(error: &NomErr<PcapError<&[u8]>>) -> Parsed {
    if error.is_incomplete() { Parsed::Incomplete } else { Parsed::Wrong(Fault::Malformed) }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::NotACapture => f.write_str("not a capture file (pcap or pcapng)"),
            Self::Broken { packet, offset, fault } => {
                write!(f, "packet {packet}, at byte {offset}: ")?;
                match fault {
                    Fault::Truncated => f.write_str("the file ends in the middle"),
                    Fault::Malformed => f.write_str("malformed"),
                    Fault::TooLong => write!(f, "longer than {} MiB", MAX_BLOCK_BYTES >> 20),
                    Fault::UnknownInterface => f.write_str("of an interface that is not described"),
                    Fault::TooManyInterfaces => f.write_str("too many interfaces"),
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
