//! Capture files as tests make and read them.

use std::fs;
use std::path::Path;

use etherparse::PacketBuilder;
use pcap_parser::{parse_pcap_frame, parse_pcap_header};

/// A packet of a file: when it was recorded, and its bytes.
pub(crate) type Recorded = (u64, Vec<u8>);

pub(crate) const ETHERNET: u32 = 1;
pub(crate) const RAW_IP: u32 = 101;

/// A datagram on Ethernet, from this port.
pub(crate) fn datagram(port: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let headers = PacketBuilder::ethernet2([1; 6], [2; 6])
        .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
        .udp(port, 5004);
    headers.write(&mut frame, payload).unwrap();
    frame
}

/// Numbered datagrams of several flows, 100 µs apart.
pub(crate) fn datagrams(count: u64, flows: u16) -> Vec<Recorded> {
    let each = |number: u64| {
        let port = 7000 + (number % u64::from(flows)) as u16;
        let payload = [&number.to_be_bytes()[..], &vec![7; number as usize % 50]].concat();
        (1_700_000_000_000_000_000 + number * 100_000, datagram(port, &payload))
    };
    (0..count).map(each).collect()
}

/// A classic file with nanoseconds; `big_endian` as some machines write it.
pub(crate) fn classic(packets: &[Recorded], big_endian: bool) -> Vec<u8> {
    let word = |word: u32| if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
    let half = |half: u16| if big_endian { half.to_be_bytes() } else { half.to_le_bytes() };
    let words = [&[0; 8][..], &word(65_535), &word(ETHERNET)].concat();
    let mut file = [&word(0xa1b2_3c4d)[..], &half(2), &half(4), &words].concat();
    for (at_ns, bytes) in packets {
        let seconds = word((at_ns / 1_000_000_000) as u32);
        let rest = word((at_ns % 1_000_000_000) as u32);
        let length = word(bytes.len() as u32);
        file.extend([&seconds[..], &rest, &length, &length, bytes].concat());
    }
    file
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let length = ((12 + body.len() + padding.len()) as u32).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &padding, &length].concat()
}

/// A pcapng file with microseconds.
pub(crate) fn pcapng(packets: &[Recorded]) -> Vec<u8> {
    let section = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    let mut file = block(0x0a0d_0d0a, &section);
    file.extend(block(1, &[1, 0, 0, 0, 0, 0, 0, 0]));
    for (at_ns, bytes) in packets {
        let us = at_ns / 1000;
        let words = [0, (us >> 32) as u32, us as u32, bytes.len() as u32, bytes.len() as u32];
        let header: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
        file.extend(block(6, &[&header[..], bytes].concat()));
    }
    file
}

/// The link type and the packets of a classic file, which must be whole.
pub(crate) fn read(path: &Path) -> (u32, Vec<Recorded>) {
    let file = fs::read(path).unwrap();
    let (mut rest, header) = parse_pcap_header(&file).unwrap();
    assert!(header.is_nanosecond_precision());
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let (behind, packet) = parse_pcap_frame(rest).unwrap();
        let at_ns = u64::from(packet.ts_sec) * 1_000_000_000 + u64::from(packet.ts_usec);
        packets.push((at_ns, packet.data.to_vec()));
        rest = behind;
    }
    (header.network.0 as u32, packets)
}

/// The payload of a datagram over IPv4.
pub(crate) fn payload(ip: &[u8]) -> (u16, Vec<u8>) {
    let packet = etherparse::SlicedPacket::from_ip(ip).unwrap();
    let Some(etherparse::TransportSlice::Udp(udp)) = packet.transport else { panic!("{packet:?}") };
    (udp.source_port(), udp.payload().to_vec())
}
