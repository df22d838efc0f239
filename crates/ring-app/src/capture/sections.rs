//! The blocks of a pcapng file.

use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{
    Block, EnhancedPacketBlock, InterfaceDescriptionBlock, SimplePacketBlock, parse_block_be,
    parse_block_le,
};
use std::ops::Range;

use super::reader::{Fault, Parsed, wrong};
use super::{Captured, Link};

/// More than any machine has; each is remembered until its section ends.
const MAX_INTERFACES: usize = 65_536;
const NS_PER_S: u128 = 1_000_000_000;
/// What stands before a packet in its block.
const ENHANCED_HEADER_BYTES: usize = 28;
const SIMPLE_HEADER_BYTES: usize = 12;

/// Where a pcapng file is: the byte order and the interfaces of the current section.
#[derive(Debug, Default)]
pub(super) struct Sections {
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// Of the last packet: simple packet blocks have no time.
    last_at_ns: u64,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: Link,
    /// 0 is no limit.
    snap_bytes: u32,
    /// `None` if it cannot be represented.
    units_per_s: Option<u128>,
    offset_s: i64,
}

impl Sections {
    pub(super) fn parse(&mut self, bytes: &[u8]) -> Parsed {
        let parse = if self.big_endian { parse_block_be } else { parse_block_le };
        let (rest, block) = match parse(bytes) {
            Ok(parsed) => parsed,
            Err(error) => return wrong(&error),
        };
        let block_bytes = bytes.len() - rest.len();
        match block {
            Block::SectionHeader(section) => {
                self.big_endian = section.big_endian();
                self.interfaces.clear();
            }
            Block::InterfaceDescription(_) if self.interfaces.len() == MAX_INTERFACES => {
                return Parsed::Wrong(Fault::TooManyInterfaces);
            }
            Block::InterfaceDescription(described) => {
                self.interfaces.push(Interface::of(&described, self.big_endian));
            }
            Block::EnhancedPacket(packet) => return self.enhanced(&packet, block_bytes),
            Block::SimplePacket(packet) => return self.simple(&packet, block_bytes),
            // Names, statistics, secrets, blocks of others.
            _ => {}
        }
        Parsed::Other { block_bytes }
    }

    fn enhanced(&mut self, packet: &EnhancedPacketBlock<'_>, block_bytes: usize) -> Parsed {
        let Some(interface) = self.interfaces.get(packet.if_id as usize) else {
            return Parsed::Wrong(Fault::UnknownInterface);
        };
        let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
        self.last_at_ns = interface.at_ns(units);
        let recorded = packet.packet_data().len();
        let own = ENHANCED_HEADER_BYTES..ENHANCED_HEADER_BYTES + recorded;
        self.packet(interface.link, packet.origlen, own, block_bytes)
    }

    fn simple(&self, packet: &SimplePacketBlock<'_>, block_bytes: usize) -> Parsed {
        let Some(interface) = self.interfaces.first() else {
            return Parsed::Wrong(Fault::UnknownInterface);
        };
        let most = if interface.snap_bytes == 0 { u32::MAX } else { interface.snap_bytes };
        let recorded = packet.packet_data().len().min(most as usize);
        let own = SIMPLE_HEADER_BYTES..SIMPLE_HEADER_BYTES + recorded;
        self.packet(interface.link, packet.origlen, own, block_bytes)
    }

    /// A packet of the time that was read last, of which `own` is what its block holds.
    fn packet(&self, link: Link, original: u32, own: Range<usize>, block_bytes: usize) -> Parsed {
        let cut_bytes = cut_bytes(original, own.len());
        let captured = Captured { at_ns: self.last_at_ns, cut_bytes, link };
        Parsed::Packet { block_bytes, captured, own }
    }
}

impl Interface {
    fn of(described: &InterfaceDescriptionBlock<'_>, big_endian: bool) -> Self {
        // The parser takes the offset as little-endian, always.
        let offset_s = described.if_tsoffset;
        Self {
            link: Link::from_number((described.linktype.0 & 0xffff) as u16),
            snap_bytes: described.snaplen,
            units_per_s: units_per_s(described.if_tsresol),
            offset_s: if big_endian { offset_s.swap_bytes() } else { offset_s },
        }
    }

    /// Nanoseconds since 1970; the limits of what can be said for what lies beyond.
    fn at_ns(&self, units: u64) -> u64 {
        let Some(units_per_s) = self.units_per_s else {
            return 0;
        };
        let since_offset_ns = u128::from(units) * NS_PER_S / units_per_s;
        let offset_ns = i128::from(self.offset_s) * NS_PER_S as i128;
        let at_ns = i128::try_from(since_offset_ns).unwrap_or(i128::MAX).saturating_add(offset_ns);
        at_ns.clamp(0, u64::MAX.into()) as u64
    }
}

/// The parser's own function knows no powers of two.
fn units_per_s(resolution: u8) -> Option<u128> {
    let exponent = u32::from(resolution & 0x7f);
    if resolution & 0x80 == 0 {
        10_u128.checked_pow(exponent)
    } else {
        1_u128.checked_shl(exponent)
    }
}

fn cut_bytes(original: u32, recorded: usize) -> u32 {
    original.saturating_sub(u32::try_from(recorded).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_any_unit() {
        let of = |resolution, offset_s, units| {
            let units_per_s = units_per_s(resolution);
            Interface { link: Link::Ethernet, snap_bytes: 0, units_per_s, offset_s }.at_ns(units)
        };
        assert_eq!(of(6, 0, 1_500_000), 1_500_000_000);
        assert_eq!(of(9, 2, 7), 2_000_000_007);
        assert_eq!(of(0, -3, 10), 7_000_000_000);
        assert_eq!(of(0x80 | 10, 0, 512), 500_000_000);
        assert_eq!(of(0, -20, 10), 0);
        assert_eq!(of(0, i64::MAX, u64::MAX), u64::MAX);
        assert_eq!((of(127, 0, 5), of(0xff, 0, u64::MAX)), (0, 0));
    }
}
