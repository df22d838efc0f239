//! RTP (RFC 3550): which packets are of it, and what their sequence numbers tell.

mod tracker;

use rtp_types::RtpPacket;

pub(crate) use tracker::{Place, Tracker};

use crate::capture::Headers;
use crate::packet::Packet;

/// What places a packet in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RtpHeader {
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
}

/// Second bytes of RTCP packets, which come on the same port (RFC 5761).
const RTCP_TYPES: std::ops::RangeInclusive<u8> = 192..=223;

impl RtpHeader {
    /// Of a received datagram, or of the one in a recorded frame; `None` if it is not RTP.
    pub(crate) fn of(packet: &Packet) -> Option<Self> {
        match packet.captured {
            Some(captured) => {
                Headers::of(captured, &packet.payload).udp_payload.and_then(Self::parse)
            }
            None => Self::parse(&packet.payload),
        }
    }

    pub(crate) fn parse(datagram: &[u8]) -> Option<Self> {
        if datagram.get(1).is_some_and(|kind| RTCP_TYPES.contains(kind)) {
            return None;
        }
        let rtp = RtpPacket::parse(datagram).ok()?;
        Some(Self { ssrc: rtp.ssrc(), sequence: rtp.sequence_number() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rtp() {
        let mut packet = [0; 20];
        packet[..12].copy_from_slice(&[0x80, 96, 1, 2, 0, 0, 0, 0, 3, 4, 5, 6]);
        let header = Some(RtpHeader { ssrc: 0x0304_0506, sequence: 0x0102 });
        assert_eq!(RtpHeader::parse(&packet), header);
        assert_eq!(RtpHeader::parse(&packet[..11]), None);
        packet[1] = 200;
        assert_eq!(RtpHeader::parse(&packet), None, "RTCP");
        packet[..2].copy_from_slice(&[0x40, 96]);
        assert_eq!(RtpHeader::parse(&packet), None, "another version");
        packet[..2].copy_from_slice(&[0x8f, 96]);
        assert_eq!(RtpHeader::parse(&packet), None, "more sources than fit");
    }
}
