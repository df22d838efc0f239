use proptest::prelude::*;

use super::*;
use crate::packet::WriteTime;
use crate::sink::Order;

const SMALL: WindowPlan = WindowPlan { packets: 64, degree: 2, order: Order::Rtp };

fn rtp(ssrc: u32, number: u64) -> Packet {
    let [high, low] = (number as u16).to_be_bytes();
    let payload = [&[0x80, 96, high, low, 0, 0, 0, 0][..], &ssrc.to_be_bytes()].concat();
    other(number, payload)
}

fn other(sequence: u64, payload: Vec<u8>) -> Packet {
    Packet { sequence, written: WriteTime::default(), producer: 0, captured: None, payload }
}

/// What leaves when all of `packets` go through; and the window at the end, empty.
fn through(packets: impl IntoIterator<Item = Packet>) -> (Vec<Packet>, RtpWindow, u64) {
    let mut window = RtpWindow::new(SMALL);
    let (mut leaving, mut given_back) = (Vec::new(), 0);
    for packet in packets {
        given_back += u64::from(window.insert(packet).is_some());
        window.trim_to(SMALL.packets, &mut leaving);
        assert!(window.len() <= SMALL.packets);
    }
    window.trim_to(0, &mut leaving);
    (leaving, window, given_back)
}

#[test]
fn late_packets_are_counted_and_left_out() {
    let numbers = (0..200).filter(|number| *number != 50).chain([50, 49, 200]);
    let (leaving, window, given_back) = through(numbers.map(|number| rtp(7, number)));
    assert!(leaving.iter().map(|packet| packet.sequence).eq((0..=200).filter(|n| *n != 50)));
    let stream = window.to_result().streams[0];
    assert_eq!((stream.received, stream.lost, stream.reordered), (202, 0, 1));
    assert_eq!((stream.late, stream.duplicates, given_back), (1, 1, 2));
}

#[test]
fn packets_that_are_not_rtp_keep_their_place_in_time() {
    let packets = [rtp(1, 5), other(900, vec![1]), rtp(1, 4), other(901, vec![]), rtp(1, 6)];
    let (leaving, window, _) = through(packets);
    let order: Vec<u64> = leaving.iter().map(|packet| packet.sequence).collect();
    assert_eq!(order, [4, 900, 5, 901, 6]);
    assert_eq!(window.to_result().other, 2);
}

#[test]
fn streams_without_end_are_told_apart_up_to_a_limit() {
    let packets = (0..3 * MAX_STREAMS as u32).map(|ssrc| rtp(ssrc, 1));
    let (leaving, window, given_back) = through(packets);
    let result = window.to_result();
    assert_eq!((leaving.len(), given_back), (3 * MAX_STREAMS, 0));
    assert_eq!((result.streams.len(), result.beyond), (MAX_STREAMS, 2 * MAX_STREAMS as u64));
}

proptest! {
    /// Streams that wrap around, each disturbed by less than the window is wide.
    #[test]
    fn each_stream_leaves_in_order_and_whole(
        start in 0..65_536_u64,
        packets in prop::collection::vec((0..3_u32, 0..8_u64, 0..10_u8), 1..3000),
    ) {
        let mut sent = Vec::new();
        let mut next = [start; 3];
        for (index, (ssrc, late, fate)) in packets.into_iter().enumerate() {
            let number = next[ssrc as usize];
            next[ssrc as usize] += 1;
            // One of ten is lost, one of ten comes twice.
            let copies = match fate { 0 => 0, 1 => 2, _ => 1 };
            (0..copies).for_each(|copy| sent.push((index as u64 + late + copy, ssrc, number)));
        }
        prop_assume!(!sent.is_empty());
        sent.sort_unstable();
        let (leaving, window, given_back) =
            through(sent.iter().map(|&(_, ssrc, number)| rtp(ssrc, number)));
        for ssrc in 0..3 {
            let mut expected: Vec<u64> =
                sent.iter().filter(|sent| sent.1 == ssrc).map(|sent| sent.2).collect();
            expected.sort_unstable();
            expected.dedup();
            let left: Vec<u64> = leaving.iter()
                .filter(|packet| packet.payload[8..12] == ssrc.to_be_bytes())
                .map(|packet| packet.sequence)
                .collect();
            prop_assert_eq!(left, expected);
        }
        let result = window.to_result();
        let sum = |of: fn(&run_result::RtpStream) -> u64| result.streams.iter().map(of).sum::<u64>();
        prop_assert_eq!(sum(|stream| stream.late), 0);
        prop_assert_eq!(sum(|stream| stream.duplicates), given_back);
        prop_assert_eq!(leaving.len() as u64 + given_back, sent.len() as u64);
    }
}
