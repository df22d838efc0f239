//! `--sink pcap:FILE`: what leaves the window, in order, as a capture file.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::path::Path;
use std::time::SystemTime;

use etherparse::PacketBuilder;
use run_result::Delivery;

use super::Target;
use crate::capture::{Captured, Link, WholeRecords, file_header, record_header};
use crate::error::RunError;
use crate::packet::{Packet, Payload};

/// Bytes that are gathered before they are written.
const WRITE_BYTES: usize = 256 * 1024;
/// More than any packet takes with all headers.
const MAX_RECORD_BYTES: usize = 66_000;

/// Packets of generators and sockets get headers, as from here to there: addresses of
/// documentation (RFC 5737), a port for each producer, and the port of RTP.
const FROM: [u8; 4] = [192, 0, 2, 1];
const TO: [u8; 4] = [192, 0, 2, 2];
const FIRST_PORT: u16 = 10_000;
const TO_PORT: u16 = 5004;
const TIME_TO_LIVE: u8 = 64;

/// A capture file that is being written. But for the moment of a write it ends with a whole packet.
#[derive(Debug)]
pub(super) struct PcapFile {
    file: File,
    /// Of the packets so far. The file's header, which has it too, is written with the first.
    link: Option<Link>,
    /// Whole records that are still to be written.
    pending: Vec<u8>,
    file_bytes: u64,
    run_started_ns: u64,
    delivery: Delivery,
    /// One packet with its headers; kept for its room.
    framed: Vec<u8>,
}

impl PcapFile {
    pub(super) fn create(path: &Path) -> Result<Self, RunError> {
        let to = format!("pcap:{}", path.display());
        let file = File::create(path).map_err(|error| RunError::Sink(to.clone(), error))?;
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Ok(Self {
            file,
            link: None,
            pending: Vec::with_capacity(WRITE_BYTES + MAX_RECORD_BYTES),
            file_bytes: 0,
            run_started_ns: since_1970.unwrap_or_default().as_nanos() as u64,
            delivery: Delivery { to, packets: 0, bytes: 0, failed: 0 },
            framed: Vec::with_capacity(MAX_RECORD_BYTES),
        })
    }

    /// Appends a packet; one of another link type than the first has no place in the file.
    fn append(&mut self, packet: &Packet) -> Result<(), RunError> {
        let link = packet.captured.map_or(Link::RawIp, |captured| captured.link);
        if self.link.is_none() {
            self.begin(link)?;
        }
        if self.link != Some(link) {
            self.delivery.failed += 1;
            return Ok(());
        }
        match packet.captured {
            Some(captured) => self.append_record(captured, &packet.payload),
            None => {
                let at_ns = self.run_started_ns.saturating_add(packet.written.ns());
                let mut framed = mem::take(&mut self.framed);
                frame(packet, &mut framed);
                self.append_record(Captured { at_ns, cut_bytes: 0, link }, &framed);
                self.framed = framed;
            }
        }
        if self.pending.len() < WRITE_BYTES { Ok(()) } else { self.write_pending() }
    }

    fn begin(&mut self, link: Link) -> Result<(), RunError> {
        let header = file_header(link);
        self.link = Some(link);
        self.file_bytes = header.len() as u64;
        self.file.write_all(&header).map_err(|error| self.failure(error))
    }

    fn append_record(&mut self, captured: Captured, bytes: &[u8]) {
        self.pending.extend_from_slice(&record_header(captured, bytes.len()));
        self.pending.extend_from_slice(bytes);
    }

    /// Writes what is pending. If that fails, the file is cut back to its last whole packet.
    fn write_pending(&mut self) -> Result<(), RunError> {
        let (done, written) = write_while_it_goes(&mut self.file, &self.pending);
        let whole = WholeRecords::of(&self.pending[..done]);
        self.file_bytes += whole.file_bytes;
        self.delivery.packets += whole.packets;
        self.delivery.bytes += whole.packet_bytes();
        self.delivery.failed += WholeRecords::of(&self.pending).packets - whole.packets;
        self.pending.clear();
        written.map_err(|error| {
            // A device or a pipe has no length; then there is nothing to cut either.
            let _ = self.file.set_len(self.file_bytes);
            self.failure(error)
        })
    }

    fn failure(&self, error: io::Error) -> RunError {
        RunError::Sink(self.delivery.to.clone(), error)
    }
}

impl Target for PcapFile {
    fn take(
        &mut self,
        packets: &mut Vec<Packet>,
        spent: &mut Vec<Payload>,
    ) -> Result<(), RunError> {
        for packet in packets.drain(..) {
            self.append(&packet)?;
            spent.push(packet.payload);
        }
        Ok(())
    }

    /// Who reads the file while it grows is a tick behind.
    fn tick(&mut self, _spent: &mut Vec<Payload>) -> Result<(), RunError> {
        self.write_pending()
    }

    fn end(&mut self) -> Result<(), RunError> {
        if self.link.is_none() {
            self.begin(Link::RawIp)?;
        }
        self.write_pending()
    }

    fn delivery(&self) -> Option<Delivery> {
        Some(self.delivery.clone())
    }
}

/// Writes until all is written or something is wrong; answers how many bytes were written too.
fn write_while_it_goes(to: &mut impl Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut done = 0;
    while done < bytes.len() {
        match to.write(&bytes[done..]) {
            Ok(0) => return (done, Err(io::ErrorKind::WriteZero.into())),
            Ok(more) => done += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (done, Err(error)),
        }
    }
    (done, Ok(()))
}

/// Puts the packet, as the payload of a UDP datagram over IPv4, into `framed`.
fn frame(packet: &Packet, framed: &mut Vec<u8>) {
    framed.clear();
    let port = FIRST_PORT + packet.producer;
    let headers = PacketBuilder::ipv4(FROM, TO, TIME_TO_LIVE).udp(port, TO_PORT);
    headers.write(framed, &packet.payload).expect("no payload is longer than a datagram's");
}

#[cfg(test)]
mod tests {
    use etherparse::SlicedPacket;

    use super::*;
    use crate::packet::WriteTime;

    /// Takes so many bytes, then none.
    struct Narrow(Vec<u8>, usize);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.1 - self.0.len()).min(3);
            self.0.extend_from_slice(&bytes[..taken]);
            if taken > 0 { Ok(taken) } else { Err(io::ErrorKind::StorageFull.into()) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_write_that_fails_says_how_far_it_came() {
        for (room, done, is_ok) in [(0, 0, false), (7, 7, false), (10, 10, true)] {
            let mut narrow = Narrow(Vec::new(), room);
            let (written, result) = write_while_it_goes(&mut narrow, b"0123456789");
            assert_eq!((written, result.is_ok()), (done, is_ok));
            assert_eq!(narrow.0, b"0123456789"[..done]);
        }
    }

    #[test]
    fn a_payload_of_any_length_gets_headers_with_right_sums() {
        let mut framed = Vec::new();
        for bytes in [0, 1, 1450, crate::config::MAX_DATAGRAM_BYTES] {
            let (written, payload) = (WriteTime::default(), vec![7; bytes]);
            let packet = Packet { sequence: 0, written, producer: 3, captured: None, payload };
            frame(&packet, &mut framed);
            let sliced = SlicedPacket::from_ip(&framed).unwrap();
            let etherparse::TransportSlice::Udp(udp) = sliced.transport.unwrap() else {
                panic!("no UDP")
            };
            assert_eq!((udp.source_port(), udp.payload()), (10_003, &packet.payload[..]));
            let ipv4 = etherparse::Ipv4HeaderSlice::from_slice(&framed).unwrap().to_header();
            assert_eq!(ipv4.calc_header_checksum(), ipv4.header_checksum);
            let sum = udp.to_header().calc_checksum_ipv4(&ipv4, udp.payload()).unwrap();
            assert_eq!(sum, udp.checksum());
        }
    }
}
