//! What a message in the stream says, byte by byte. Version 1:
//!
//! ```text
//! "ring"   4 bytes
//! version  1 byte, 1
//! kind     1 byte, 0 packets, 1 the end of a run
//! node     varint of its length, then UTF-8
//! run      8 bytes, little endian
//! number   varint: 0 for the first message of the run, one more for each further one
//!
//! packets  until the message ends, each:
//!          producer varint · sequence varint · written varint (ns since 1970) · length varint ·
//!          payload
//! end      packets varint · payload bytes varint · payload sum 8 bytes, little endian
//! ```
//!
//! Each content has one form, so a message that is published again is the same, bit by bit.

use std::fmt;

use bytes::Bytes;

use super::varint::{self, MAX_VARINT_BYTES};
use crate::payload_sum::PayloadSum;

const MAGIC: &[u8; 4] = b"ring";
const VERSION: u8 = 1;
const KIND_PACKETS: u8 = 0;
const KIND_END: u8 = 1;

/// The longest name of a node.
pub(crate) const MAX_NODE_BYTES: usize = 64;
/// The most that a packet takes beside its payload.
pub(super) const MAX_PACKET_OVERHEAD_BYTES: usize = 4 * MAX_VARINT_BYTES;
/// The most that a message takes beside its packets.
pub(super) const MAX_HEAD_BYTES: usize = 4 + 1 + 1 + 1 + MAX_NODE_BYTES + 8 + MAX_VARINT_BYTES;

/// One run of one node: what message numbers count in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RunId {
    pub(crate) node: String,
    /// Later runs of a node have higher ones.
    pub(crate) run: u64,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:016x}", self.node, self.run)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) from: RunId,
    pub(crate) number: u64,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Packets(Vec<NodePacket>),
    /// The run has ended: nothing comes after this.
    End(RunTotals),
}

/// A packet as a node sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodePacket {
    pub(crate) producer: u32,
    pub(crate) sequence: u64,
    pub(crate) written_unix_ns: u64,
    /// A part of the message, which lives as long as this.
    pub(crate) payload: Bytes,
}

/// All packets of a run that were given to the sink.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunTotals {
    pub(crate) packets: u64,
    pub(crate) payload: PayloadSum,
}

/// Puts packets into one message, one after the other.
#[derive(Debug)]
pub(super) struct MessageBuilder {
    bytes: Vec<u8>,
    packets: u64,
}

impl MessageBuilder {
    pub(super) fn new(from: &RunId, number: u64, capacity_bytes: usize) -> Self {
        Self { bytes: head(from, number, KIND_PACKETS, capacity_bytes), packets: 0 }
    }

    pub(super) fn push(&mut self, packet: PacketParts<'_>) {
        varint::put(&mut self.bytes, u64::from(packet.producer));
        varint::put(&mut self.bytes, packet.sequence);
        varint::put(&mut self.bytes, packet.written_unix_ns);
        varint::put(&mut self.bytes, packet.payload.len() as u64);
        self.bytes.extend_from_slice(packet.payload);
        self.packets += 1;
    }

    pub(super) fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    pub(super) fn finish(self) -> Bytes {
        self.bytes.into()
    }
}

/// A packet that is to be put into a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct PacketParts<'a> {
    pub(super) producer: u32,
    pub(super) sequence: u64,
    pub(super) written_unix_ns: u64,
    pub(super) payload: &'a [u8],
}

/// The message that says that a run has ended.
pub(super) fn end_of_run(from: &RunId, number: u64, totals: RunTotals) -> Bytes {
    let mut bytes = head(from, number, KIND_END, MAX_HEAD_BYTES + 3 * MAX_VARINT_BYTES);
    varint::put(&mut bytes, totals.packets);
    varint::put(&mut bytes, totals.payload.bytes());
    bytes.extend_from_slice(&totals.payload.words().to_le_bytes());
    bytes.into()
}

fn head(from: &RunId, number: u64, kind: u8, capacity_bytes: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity_bytes);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[VERSION, kind]);
    varint::put(&mut bytes, from.node.len() as u64);
    bytes.extend_from_slice(from.node.as_bytes());
    bytes.extend_from_slice(&from.run.to_le_bytes());
    varint::put(&mut bytes, number);
    bytes
}

/// Why bytes are no message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    NotOurs,
    Version(u8),
    Kind(u8),
    /// What was to come at this byte is not there, or not as it must be.
    At(usize),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("not a message of ring's"),
            Self::Version(version) => write!(f, "version {version}, this ring knows {VERSION}"),
            Self::Kind(kind) => write!(f, "kind {kind}, which this ring does not know"),
            Self::At(byte) => write!(f, "damaged at byte {byte}"),
        }
    }
}

impl Message {
    pub(crate) fn decode(bytes: Bytes) -> Result<Self, DecodeError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(MAGIC.len()).is_none_or(|magic| magic != MAGIC[..]) {
            return Err(DecodeError::NotOurs);
        }
        let damaged = |reader: &Reader| DecodeError::At(reader.at);
        let version = reader.byte().ok_or_else(|| damaged(&reader))?;
        if version != VERSION {
            return Err(DecodeError::Version(version));
        }
        let kind = reader.byte().ok_or_else(|| damaged(&reader))?;
        if ![KIND_PACKETS, KIND_END].contains(&kind) {
            return Err(DecodeError::Kind(kind));
        }
        let message = reader.rest_of_message(kind);
        message.filter(|_| reader.is_at_end()).ok_or_else(|| damaged(&reader))
    }

    /// As it was before [`decode`](Self::decode).
    pub(crate) fn encode(&self) -> Bytes {
        match &self.content {
            Content::End(totals) => end_of_run(&self.from, self.number, *totals),
            Content::Packets(packets) => {
                let mut builder = MessageBuilder::new(&self.from, self.number, MAX_HEAD_BYTES);
                for NodePacket { producer, sequence, written_unix_ns, payload } in packets {
                    builder.push(PacketParts {
                        producer: *producer,
                        sequence: *sequence,
                        written_unix_ns: *written_unix_ns,
                        payload,
                    });
                }
                builder.finish()
            }
        }
    }
}

/// What is left of the bytes; nothing of a part that is not there is taken.
struct Reader {
    bytes: Bytes,
    at: usize,
}

impl Reader {
    fn rest_of_message(&mut self, kind: u8) -> Option<Message> {
        let node_bytes = self.length().filter(|&length| length <= MAX_NODE_BYTES)?;
        let node = String::from_utf8(self.take(node_bytes)?.to_vec()).ok()?;
        let from = RunId { node, run: self.word()? };
        let number = self.number()?;
        let content = match kind {
            KIND_END => {
                let packets = self.number()?;
                let payload = PayloadSum::from_parts(self.number()?, self.word()?);
                Content::End(RunTotals { packets, payload })
            }
            _ => Content::Packets(self.packets()?),
        };
        Some(Message { from, number, content })
    }

    fn packets(&mut self) -> Option<Vec<NodePacket>> {
        let mut packets = Vec::new();
        while !self.is_at_end() {
            let producer = u32::try_from(self.number()?).ok()?;
            let sequence = self.number()?;
            let written_unix_ns = self.number()?;
            let payload_bytes = self.length()?;
            let payload = self.take(payload_bytes)?;
            packets.push(NodePacket { producer, sequence, written_unix_ns, payload });
        }
        Some(packets)
    }

    fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn word(&mut self) -> Option<u64> {
        let word = self.take(size_of::<u64>())?;
        word.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
    }

    fn number(&mut self) -> Option<u64> {
        let (value, length) = varint::get(&self.bytes[self.at..])?;
        self.at += length;
        Some(value)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn take(&mut self, length: usize) -> Option<Bytes> {
        let end = self.at.checked_add(length).filter(|&end| end <= self.bytes.len())?;
        let part = self.bytes.slice(self.at..end);
        self.at = end;
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn from() -> RunId {
        RunId { node: "a".to_owned(), run: 7 }
    }

    fn packet() -> impl Strategy<Value = NodePacket> {
        (any::<u32>(), any::<u64>(), any::<u64>(), vec(any::<u8>(), 0..40)).prop_map(
            |(producer, sequence, written_unix_ns, payload)| NodePacket {
                producer,
                sequence,
                written_unix_ns,
                payload: payload.into(),
            },
        )
    }

    fn content() -> impl Strategy<Value = Content> {
        let end = (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(packets, bytes, words)| {
            Content::End(RunTotals { packets, payload: PayloadSum::from_parts(bytes, words) })
        });
        prop_oneof![vec(packet(), 0..9).prop_map(Content::Packets), end]
    }

    proptest! {
        #[test]
        fn a_message_comes_back_as_it_was(
            node in "[a-zä.-]{0,30}", run: u64, number: u64, content in content()
        ) {
            let message = Message { from: RunId { node, run }, number, content };
            let bytes = message.encode();
            prop_assert_eq!(Message::decode(bytes.clone()).unwrap(), message);
            let cut = bytes.slice(..bytes.len() - 1);
            let shorter = Message::decode(cut.clone());
            prop_assert!(shorter.is_err() || shorter.unwrap().encode() == cut);
        }

        #[test]
        fn any_bytes_are_refused_or_have_one_form(tail: Vec<u8>, kind in 0_u8..3) {
            let mut bytes = MAGIC.to_vec();
            bytes.extend([VERSION, kind]);
            bytes.extend(tail);
            let bytes = Bytes::from(bytes);
            if let Ok(message) = Message::decode(bytes.clone()) {
                prop_assert_eq!(message.encode(), bytes);
            }
        }
    }

    #[test]
    fn a_message_is_no_longer_than_its_limits_say() {
        let from = RunId { node: "n".repeat(MAX_NODE_BYTES), run: u64::MAX };
        let mut builder = MessageBuilder::new(&from, u64::MAX, 0);
        assert_eq!(builder.len_bytes(), MAX_HEAD_BYTES);
        let (producer, sequence, written_unix_ns) = (u32::MAX, u64::MAX, u64::MAX);
        let payload = &[0; 1450][..];
        builder.push(PacketParts { producer, sequence, written_unix_ns, payload });
        let overhead = builder.len_bytes() - MAX_HEAD_BYTES - payload.len();
        assert!(overhead <= MAX_PACKET_OVERHEAD_BYTES);
    }

    #[test]
    fn what_is_not_ours_is_refused_with_the_reason() {
        let good = end_of_run(&from(), 3, RunTotals::default());
        let changed = |at: usize, to: u8| {
            let mut bytes = good.to_vec();
            bytes[at] = to;
            Message::decode(bytes.into())
        };
        assert_eq!(Message::decode(Bytes::new()), Err(DecodeError::NotOurs));
        assert_eq!(Message::decode(Bytes::from_static(b"rin")), Err(DecodeError::NotOurs));
        assert_eq!(changed(0, b'R'), Err(DecodeError::NotOurs));
        assert_eq!(changed(4, 2), Err(DecodeError::Version(2)));
        assert_eq!(changed(5, 9), Err(DecodeError::Kind(9)));
        assert!(matches!(changed(6, 255), Err(DecodeError::At(_))));
        let longer = Message::decode([&good[..], &[0]].concat().into());
        assert_eq!(longer, Err(DecodeError::At(good.len())));
    }
}
