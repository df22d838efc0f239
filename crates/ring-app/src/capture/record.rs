//! The classic format as it is written here: little-endian, with nanoseconds. 40 lines of ours,
//! since `pcap-parser`, which reads, writes each packet by way of two allocations.

use super::{Captured, Link};

/// Of a file with nanoseconds.
const MAGIC: u32 = 0xa1b2_3c4d;
const VERSION: [u16; 2] = [2, 4];
/// The longest recorded packet that tools accept.
const SNAP_BYTES: u32 = 262_144;
const NS_PER_S: u64 = 1_000_000_000;

/// What a file begins with: all its packets are of one link type.
pub(crate) fn file_header(link: Link) -> [u8; 24] {
    let mut header = [0; 24];
    header[..4].copy_from_slice(&MAGIC.to_le_bytes());
    header[4..6].copy_from_slice(&VERSION[0].to_le_bytes());
    header[6..8].copy_from_slice(&VERSION[1].to_le_bytes());
    // Eight bytes of time zone and accuracy are always 0.
    header[16..20].copy_from_slice(&SNAP_BYTES.to_le_bytes());
    header[20..].copy_from_slice(&u32::from(link.number()).to_le_bytes());
    header
}

const RECORD_HEADER_BYTES: usize = 16;

/// What stands before the `bytes` of a packet.
pub(crate) fn record_header(captured: Captured, bytes: usize) -> [u8; RECORD_HEADER_BYTES] {
    let recorded = bytes as u32;
    let words = [
        // The format has 32 bits, unsigned: until 2106.
        (captured.at_ns / NS_PER_S) as u32,
        (captured.at_ns % NS_PER_S) as u32,
        recorded,
        recorded.saturating_add(captured.cut_bytes),
    ];
    let mut header = [0; RECORD_HEADER_BYTES];
    for (place, word) in header.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    header
}

/// Records that are complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WholeRecords {
    pub(crate) packets: u64,
    /// Of the records, their headers included.
    pub(crate) file_bytes: u64,
}

impl WholeRecords {
    /// Those that `bytes` begin with.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut whole = Self::default();
        let mut rest = bytes;
        while let Some(recorded) = rest.get(8..12).and_then(|length| length.first_chunk()) {
            let record_bytes = RECORD_HEADER_BYTES + u32::from_le_bytes(*recorded) as usize;
            let Some(behind) = rest.get(record_bytes..) else {
                break;
            };
            whole.packets += 1;
            whole.file_bytes += record_bytes as u64;
            rest = behind;
        }
        whole
    }

    pub(crate) fn packet_bytes(self) -> u64 {
        self.file_bytes - self.packets * RECORD_HEADER_BYTES as u64
    }
}

#[cfg(test)]
mod tests {
    use pcap_parser::{parse_pcap_frame, parse_pcap_header};

    use super::*;

    const CAPTURED: Captured =
        Captured { at_ns: 1_700_000_000_123_456_789, cut_bytes: 40, link: Link::LinuxSll };

    #[test]
    fn what_is_written_is_what_the_parser_reads() {
        let file = file_header(CAPTURED.link);
        let (rest, header) = parse_pcap_header(&file).unwrap();
        assert!(rest.is_empty() && header.is_nanosecond_precision() && !header.is_bigendian());
        assert_eq!((header.version_major, header.version_minor, header.network.0), (2, 4, 113));
        let record = [&record_header(CAPTURED, 3)[..], &[7, 8, 9]].concat();
        let (rest, read) = parse_pcap_frame(&record).unwrap();
        assert!(rest.is_empty());
        assert_eq!((read.ts_sec, read.ts_usec), (1_700_000_000, 123_456_789));
        assert_eq!((read.caplen, read.origlen, read.data), (3, 43, &[7, 8, 9][..]));
    }

    #[test]
    fn a_record_counts_when_it_is_whole() {
        let record = |bytes: usize| [&record_header(CAPTURED, bytes)[..], &vec![1; bytes]].concat();
        let both = [record(5), record(0)].concat();
        for upto in 0..=both.len() {
            let (packets, packet_bytes) = match upto {
                0..21 => (0, 0),
                21..37 => (1, 5),
                _ => (2, 5),
            };
            let whole = WholeRecords::of(&both[..upto]);
            assert_eq!((whole.packets, whole.packet_bytes()), (packets, packet_bytes), "{upto}");
        }
    }
}
