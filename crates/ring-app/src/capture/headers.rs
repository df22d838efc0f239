use std::hash::{DefaultHasher, Hash, Hasher};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

use super::{Captured, Link};

/// What the headers of a recorded packet say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers<'a> {
    /// The same for all packets of one flow: addresses, protocol and ports; 0 if it has none.
    pub(crate) flow: u64,
    pub(crate) udp_payload: Option<&'a [u8]>,
    /// Whether they contradict themselves, though nothing was cut off.
    pub(crate) are_malformed: bool,
}

const SLL_PROTOCOL_AT: usize = 14;
const SLL_BYTES: usize = 16;
const SLL2_PROTOCOL_AT: usize = 0;
const SLL2_BYTES: usize = 20;
const FAMILY_BYTES: usize = 4;

impl<'a> Headers<'a> {
    pub(crate) fn of(captured: Captured, frame: &'a [u8]) -> Self {
        let malformed = Self { are_malformed: captured.cut_bytes == 0, ..Self::default() };
        let packet = match captured.link {
            Link::Ethernet => LaxSlicedPacket::from_ethernet(frame).ok(),
            Link::RawIp | Link::Ipv4 | Link::Ipv6 => LaxSlicedPacket::from_ip(frame).ok(),
            Link::Null | Link::Loop => {
                frame.get(FAMILY_BYTES..).and_then(|ip| LaxSlicedPacket::from_ip(ip).ok())
            }
            Link::LinuxSll => behind(frame, SLL_PROTOCOL_AT, SLL_BYTES),
            Link::LinuxSll2 => behind(frame, SLL2_PROTOCOL_AT, SLL2_BYTES),
            Link::Other(_) => return Self::default(),
        };
        let Some(packet) = packet else {
            return malformed;
        };
        let udp_payload = match &packet.transport {
            Some(TransportSlice::Udp(udp)) => Some(udp.payload()),
            _ => None,
        };
        let are_malformed = malformed.are_malformed && packet.stop_err.is_some();
        Self { flow: flow(&packet), udp_payload, are_malformed }
    }
}

/// The packet behind a header of so many bytes that has its protocol at this place.
fn behind(frame: &[u8], protocol_at: usize, header_bytes: usize) -> Option<LaxSlicedPacket<'_>> {
    let protocol = frame.get(protocol_at..)?.first_chunk()?;
    let ether_type = EtherType(u16::from_be_bytes(*protocol));
    Some(LaxSlicedPacket::from_ether_type(ether_type, frame.get(header_bytes..)?))
}

/// Fragments have no ports here, so that all of one datagram are of one flow.
fn flow(packet: &LaxSlicedPacket<'_>) -> u64 {
    // The same in every run, unlike that of a HashMap.
    let mut hasher = DefaultHasher::new();
    match &packet.net {
        Some(LaxNetSlice::Ipv4(ip)) => {
            let header = ip.header();
            (header.source(), header.destination(), ip.payload().ip_number).hash(&mut hasher);
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            let header = ip.header();
            (header.source(), header.destination(), ip.payload().ip_number).hash(&mut hasher);
        }
        _ => return 0,
    }
    match &packet.transport {
        Some(TransportSlice::Udp(udp)) => {
            (udp.source_port(), udp.destination_port()).hash(&mut hasher);
        }
        Some(TransportSlice::Tcp(tcp)) => {
            (tcp.source_port(), tcp.destination_port()).hash(&mut hasher);
        }
        _ => {}
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;

    use super::*;

    fn ip(port: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 9).udp(port, 5004);
        builder.write(&mut bytes, payload).unwrap();
        bytes
    }

    fn captured(link: Link) -> Captured {
        Captured { at_ns: 0, cut_bytes: 0, link }
    }

    fn with_link(link: Link, ip: &[u8]) -> Vec<u8> {
        let header: &[u8] = match link {
            Link::Null => &[2, 0, 0, 0],
            Link::Loop => &[0, 0, 0, 2],
            Link::Ethernet => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 8, 0],
            Link::LinuxSll => &[0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0],
            Link::LinuxSll2 => &[8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0],
            _ => &[],
        };
        [header, ip].concat()
    }

    #[test]
    fn the_payload_is_found_behind_every_link_type() {
        let links = [
            Link::Null,
            Link::Loop,
            Link::Ethernet,
            Link::LinuxSll,
            Link::LinuxSll2,
            Link::RawIp,
            Link::Ipv4,
        ];
        let mut flows = Vec::new();
        for link in links {
            let frame = with_link(link, &ip(7, b"hello"));
            let headers = Headers::of(captured(link), &frame);
            assert_eq!(headers.udp_payload, Some(&b"hello"[..]), "{link}");
            assert!(!headers.are_malformed);
            flows.push(headers.flow);
            assert_ne!(
                headers.flow,
                Headers::of(captured(link), &with_link(link, &ip(8, b""))).flow
            );
        }
        flows.dedup();
        assert_eq!(flows.len(), 1, "the flow does not depend on the link");
    }

    #[test]
    fn what_contradicts_itself_is_malformed_unless_it_was_cut() {
        let whole = ip(7, b"hello");
        for upto in 0..20 {
            let cut = Captured { cut_bytes: 9, ..captured(Link::RawIp) };
            assert!(Headers::of(captured(Link::RawIp), &whole[..upto]).are_malformed, "{upto}");
            assert!(!Headers::of(cut, &whole[..upto]).are_malformed, "{upto}");
        }
        let unknown = Headers::of(captured(Link::Other(147)), &[1, 2, 3]);
        assert_eq!(unknown, Headers::default());
    }
}
