//! The parsers, as the fuzz targets call them (`fuzz/`): what must hold for any input.

use crate::capture::{CaptureReader, Headers, Link, Record, file_header, record_header};
use crate::cli::{self, Request};
use crate::packet::{Packet, WriteTime};
use crate::rtp::RtpHeader;
use crate::sink::{Order, WindowPlan};
use crate::window::Window;

const RAM_BYTES: u64 = 8 << 30;

/// A command line is understood, or refused in one line.
pub fn command_line(args: impl IntoIterator<Item = String>) {
    match cli::parse(args, RAM_BYTES) {
        Ok(Request::Print(text)) => assert!(!text.is_empty()),
        Ok(Request::Run(config)) => assert!(!format!("{config:?}").is_empty()),
        #[cfg(feature = "nats")]
        Ok(Request::Collect(plan)) => assert!(!format!("{plan:?}").is_empty()),
        Err(refused) => {
            let text = refused.to_string();
            assert!(!text.is_empty() && !text.contains('\n'), "not one line: {text:?}");
        }
    }
}

/// What is read as a duration is written so that it is read as the same.
pub fn duration(text: &str) {
    if let Some(duration) = go_duration::parse(text) {
        let written = go_duration::GoDuration(duration).to_string();
        assert_eq!(go_duration::parse(&written), Some(duration), "{text:?} as {written:?}");
    }
}

/// A capture file gives packets up to its end or up to one error, in one line; their headers,
/// and what there is of RTP in them, can be read without harm. A file that is written of them
/// gives the same packets.
pub fn capture_file(bytes: &[u8]) {
    let mut reader = CaptureReader::new(bytes);
    let mut written = file_header(Link::Ethernet).to_vec();
    let mut packets = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(Record { captured, bytes })) => {
                let headers = Headers::of(captured, bytes);
                let inside = headers.udp_payload.unwrap_or_default();
                assert!(inside.len() <= bytes.len());
                let _rtp = RtpHeader::parse(inside);
                written.extend_from_slice(&record_header(captured, bytes.len()));
                written.extend_from_slice(bytes);
                packets.push(bytes.to_vec());
            }
            Ok(None) => break,
            Err(error) => {
                let text = error.to_string();
                assert!(!text.is_empty() && !text.contains('\n'), "not one line: {text:?}");
                break;
            }
        }
    }
    let mut again = CaptureReader::new(&written[..]);
    for packet in packets {
        let read = again.next().expect("what was written is whole");
        assert_eq!(read.map(|record| record.bytes), Some(&packet[..]));
    }
}

/// Of any datagrams, one after the other with a length before each, every one is counted once, and
/// leaves the window or is given back.
pub fn rtp(bytes: &[u8]) {
    let plan = WindowPlan { packets: 16, degree: 2, order: Order::Rtp };
    let mut window = Window::new(plan);
    let (mut spent, mut leaving) = (Vec::new(), Vec::new());
    let (mut rest, mut sent) = (bytes, 0);
    while let Some((length, behind)) = rest.split_first() {
        let (payload, after) = behind.split_at(behind.len().min(usize::from(*length)));
        let (written, payload) = (WriteTime::default(), payload.to_vec());
        window.insert(
            Packet { sequence: sent, written, producer: 0, captured: None, payload },
            &mut spent,
        );
        window.trim(&mut leaving);
        (rest, sent) = (after, sent + 1);
    }
    window.trim_to(0, &mut leaving);
    assert_eq!((leaving.len() + spent.len()) as u64, sent);
    let seen = window.rtp().expect("the window goes by RTP");
    let received: u64 = seen.streams.iter().map(|stream| stream.received).sum();
    assert_eq!(received + seen.other + seen.beyond, sent);
}

/// A message of the stream is refused, or has one form and no other.
#[cfg(feature = "nats")]
pub fn nats_message(bytes: &[u8]) {
    use crate::nats::Message;
    if let Ok(message) = Message::decode(bytes.to_vec().into()) {
        assert_eq!(message.encode(), bytes);
    }
}
