use std::sync::{Arc, Mutex};

use super::*;
use crate::packet::WriteTime;

fn packet(sequence: u64) -> Packet {
    let (written, payload) = (WriteTime::default(), vec![sequence as u8]);
    Packet { sequence, written, producer: 0, captured: None, payload }
}

fn packets(numbers: impl IntoIterator<Item = u64>) -> Vec<Packet> {
    numbers.into_iter().map(packet).collect()
}

const SMALL: WindowPlan = WindowPlan { packets: 3, degree: 2, order: Order::Arrival };

/// Has room for three packets, and after that for one of each two times it is asked.
#[derive(Debug, Default)]
struct Narrow {
    got: Arc<Mutex<Vec<u64>>>,
    asked: usize,
}

impl Target for Narrow {
    fn room(&mut self, _since_stop: Option<Duration>) -> Result<usize, RunError> {
        self.asked += 1;
        Ok(if self.asked == 1 { 3 } else { self.asked % 2 })
    }

    fn wait_for_room(&mut self, _limit: Duration) {}

    fn take(
        &mut self,
        packets: &mut Vec<Packet>,
        spent: &mut Vec<Payload>,
    ) -> Result<(), RunError> {
        let mut got = self.got.lock().unwrap();
        got.extend(packets.iter().map(|packet| packet.sequence));
        spent.extend(packets.drain(..).map(|packet| packet.payload));
        Ok(())
    }
}

/// Never has room again once the run ends.
#[derive(Debug)]
struct Stuck;

impl Target for Stuck {
    fn room(&mut self, since_stop: Option<Duration>) -> Result<usize, RunError> {
        match since_stop {
            None => Ok(1),
            Some(stopped) if stopped < Duration::from_millis(1) => Ok(0),
            Some(_) => Err(RunError::Ring("stuck".to_owned())),
        }
    }

    fn wait_for_room(&mut self, _limit: Duration) {}

    fn take(&mut self, _: &mut Vec<Packet>, _: &mut Vec<Payload>) -> Result<(), RunError> {
        panic!("there is no room");
    }
}

#[test]
fn the_oldest_by_number_leave_and_their_buffers_come_back() {
    let mut sink = Sink::new(Some(Window::new(SMALL)), Box::new(Discard));
    let mut spent = Vec::new();
    let trimmed = [&[5, 9][..], &[7], &[8], &[6], &[4, 3, 10]].map(|numbers| {
        let mut batch = packets(numbers.iter().copied());
        let left = sink.take(&mut batch, &mut spent).unwrap();
        assert!(batch.is_empty());
        assert_eq!(left, spent.len());
        spent.drain(..).map(|payload| payload[0]).collect::<Vec<_>>()
    });
    assert_eq!(trimmed, [vec![], vec![], vec![5], vec![6], vec![3, 4, 7]]);
    assert_eq!((sink.len(), sink.span()), (3, Some((8, 10))));
    sink.end().unwrap();
    assert_eq!(sink.delivery(), None);
}

#[test]
fn without_a_window_every_packet_leaves_at_once() {
    let mut sink = Sink::new(None, Box::new(Discard));
    let mut spent = Vec::new();
    assert_eq!(sink.take(&mut packets([1]), &mut spent).unwrap(), 1);
    assert_eq!((spent.len(), sink.len(), sink.span()), (1, 0, None));
}

#[test]
fn at_the_end_the_target_gets_what_the_window_holds_as_it_has_room() {
    let target = Narrow::default();
    let got = target.got.clone();
    let mut sink = Sink::new(Some(Window::new(SMALL)), Box::new(target));
    let room = sink.room(None).unwrap();
    sink.take(&mut packets([5, 4, 6]), &mut Vec::new()).unwrap();
    assert_eq!((room, got.lock().unwrap().len()), (3, 0));
    sink.end().unwrap();
    assert_eq!(*got.lock().unwrap(), [4, 5, 6]);
}

#[test]
fn a_target_that_takes_nothing_at_the_end_is_a_failure_and_no_endless_wait() {
    let mut sink = Sink::new(Some(Window::new(SMALL)), Box::new(Stuck));
    sink.window.as_mut().unwrap().insert(packet(1), &mut Vec::new());
    assert!(sink.end().is_err());
}
