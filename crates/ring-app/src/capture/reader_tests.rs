use super::*;
use crate::capture::{file_header, record_header};

fn captured(at_ns: u64) -> Captured {
    Captured { at_ns, cut_bytes: 0, link: Link::Ethernet }
}

/// Gives one byte at a time, as a slow pipe may.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
        buffer[0] = *first;
        self.0 = rest;
        Ok(1)
    }
}

/// All packets up to the end or an error.
fn read_all(source: impl Read) -> (Vec<(Captured, Vec<u8>)>, Option<CaptureError>) {
    let mut reader = CaptureReader::new(source);
    let mut packets = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(record)) => packets.push((record.captured, record.bytes.to_vec())),
            Ok(None) => return (packets, None),
            Err(error) => return (packets, Some(error)),
        }
    }
}

/// A classic file of both byte orders and units.
fn classic(big_endian: bool, nanoseconds: bool, packets: &[(u64, &[u8])]) -> Vec<u8> {
    let word = |word: u32| if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
    let half = |half: u16| if big_endian { half.to_be_bytes() } else { half.to_le_bytes() };
    let magic = if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
    let ns_per_unit = if nanoseconds { 1 } else { 1000 };
    let mut file =
        [&word(magic)[..], &half(2), &half(4), &[0; 8], &word(65_535), &word(1)].concat();
    for (at_ns, bytes) in packets {
        let (seconds, rest_ns) = (at_ns / 1_000_000_000, at_ns % 1_000_000_000);
        let length = word(bytes.len() as u32);
        let units = word((rest_ns / ns_per_unit) as u32);
        file.extend([&word(seconds as u32)[..], &units, &length, &length, bytes].concat());
    }
    file
}

fn block(kind: u32, body: &[u8], big_endian: bool) -> Vec<u8> {
    let word = |word: u32| if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let length = word((12 + body.len() + padding.len()) as u32);
    [&word(kind)[..], &length, body, &padding, &length].concat()
}

/// A pcapng file of one interface with microseconds, and a block of names that means nothing here.
fn ng(big_endian: bool, packets: &[(u64, &[u8])]) -> Vec<u8> {
    let word = |word: u32| if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
    let half = |half: u16| if big_endian { half.to_be_bytes() } else { half.to_le_bytes() };
    let section = [&word(0x1a2b_3c4d)[..], &half(1), &half(0), &[0xff; 8]].concat();
    let interface = [&half(1)[..], &half(0), &word(0)].concat();
    let mut file = block(0x0a0d_0d0a, &section, big_endian);
    file.extend(block(1, &interface, big_endian));
    file.extend(block(4, &[0; 4], big_endian));
    for (at_ns, bytes) in packets {
        let us = at_ns / 1000;
        let length = word(bytes.len() as u32);
        let (high, low) = (word((us >> 32) as u32), word(us as u32));
        let body = [&word(0)[..], &high, &low, &length, &length, bytes].concat();
        file.extend(block(6, &body, big_endian));
    }
    file
}

const PACKETS: [(u64, &[u8]); 3] =
    [(1_700_000_000_123_456_000, b"first"), (1_700_000_001_000_001_000, b""), (5_000, b"third!!")];

fn every_format() -> Vec<Vec<u8>> {
    vec![
        classic(false, false, &PACKETS),
        classic(false, true, &PACKETS),
        classic(true, false, &PACKETS),
        classic(true, true, &PACKETS),
        ng(false, &PACKETS),
        ng(true, &PACKETS),
    ]
}

#[test]
fn every_format_gives_the_same_packets_however_slowly_it_comes() {
    let expected = PACKETS.map(|(at_ns, bytes)| (captured(at_ns), bytes.to_vec()));
    for file in every_format() {
        assert!(is_magic(&file));
        for (packets, error) in [read_all(&file[..]), read_all(Slow(&file))] {
            assert!(error.is_none(), "{error:?}");
            assert_eq!(packets, expected);
        }
    }
}

#[test]
fn a_file_that_ends_too_early_gives_what_came_before_and_says_where() {
    for file in every_format() {
        let mut ends = 0;
        for upto in 0..file.len() {
            let (packets, error) = read_all(&file[..upto]);
            assert!(packets.len() < PACKETS.len());
            let whole = |(at_ns, bytes): (u64, &[u8])| (captured(at_ns), bytes.to_vec());
            assert!(packets.iter().cloned().eq(PACKETS.map(whole).into_iter().take(packets.len())));
            match error {
                None => ends += 1,
                Some(CaptureError::NotACapture) => assert!(packets.is_empty()),
                Some(CaptureError::Broken { packet, offset, fault: Fault::Truncated }) => {
                    assert_eq!(packet, packets.len() as u64 + 1);
                    assert!(offset < upto as u64);
                }
                Some(other) => panic!("{other} at {upto}"),
            }
        }
        assert!(ends >= 3, "between two blocks it may end");
    }
}

#[test]
fn lengths_that_cannot_be_are_an_error_with_a_place() {
    let mut file = classic(false, true, &PACKETS);
    file[24 + 8..24 + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    file.resize(MAX_BLOCK_BYTES + 100, 0);
    let (packets, error) = read_all(&file[..]);
    assert!(packets.is_empty());
    assert_eq!(error.unwrap().to_string(), "packet 1, at byte 24: longer than 16 MiB");

    let mut file = ng(false, &PACKETS[..1]);
    let last = file.len() - 4;
    file[last] ^= 4;
    let place = file.len() - block(6, &[0; 25], false).len();
    let said = read_all(&file[..]).1.unwrap().to_string();
    assert_eq!(said, format!("packet 1, at byte {place}: malformed"));
}

#[test]
fn a_packet_of_no_interface_is_an_error() {
    let mut file = ng(false, &[]);
    file.extend(block(6, &[[1, 0, 0, 0], [0; 4], [0; 4], [0; 4], [0; 4]].concat(), false));
    let said = read_all(&file[..]).1.unwrap().to_string();
    assert!(said.ends_with("of an interface that is not described"), "{said}");
}

#[test]
fn what_is_no_capture_file_is_said_so() {
    for file in [&b""[..], b"ab", b"no capture file", &[0x0a, 0x0d, 0x0d, 0x0a], &[0; 64]] {
        assert!(matches!(read_all(file).1, Some(CaptureError::NotACapture)), "{file:?}");
    }
}

#[test]
fn simple_packets_have_the_time_of_the_one_before_and_what_the_interface_recorded() {
    let mut file = block(
        0x0a0d_0d0a,
        &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat(),
        false,
    );
    file.extend(block(1, &[1, 0, 0, 0, 3, 0, 0, 0], false));
    file.extend(block(3, &[9, 0, 0, 0, 1, 2, 3], false));
    let (packets, error) = read_all(&file[..]);
    assert!(error.is_none());
    assert_eq!(packets, [(Captured { cut_bytes: 6, ..captured(0) }, vec![1, 2, 3])]);
}

#[test]
fn what_is_written_is_read() {
    let mut file = file_header(Link::LinuxSll2).to_vec();
    let captured = Captured { at_ns: 7_000_000_009, cut_bytes: 2, link: Link::LinuxSll2 };
    file.extend([&record_header(captured, 3)[..], b"abc"].concat());
    assert_eq!(read_all(&file[..]).0, [(captured, b"abc".to_vec())]);
}
