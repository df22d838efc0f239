//! A deliberately faulty subject, whose every fault the rounds must report.

use super::*;
use crate::measure::item::Item;
use crate::subject::{Ends, Facts, Layout, Rx, Stop, Stopped, Tx};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const SOUND: u8 = 0;
const LOSES: u8 = 1;
const REPEATS: u8 = 2;
const REORDERS: u8 = 3;
const HANGS: u8 = 4;

/// The standard channel with one fault, at its hundredth item.
struct Faulty<const FAULT: u8>;

struct FaultyTx<T, const FAULT: u8> {
    sender: SyncSender<T>,
    sent: u64,
    held: Option<T>,
}

impl<T: Item, const FAULT: u8> Tx<T> for FaultyTx<T, FAULT> {
    fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
        self.sent += 1;
        let send = |item| self.sender.send(item).map_err(|_| Stopped);
        match (FAULT, self.sent) {
            (LOSES | HANGS, 100) => Ok(()),
            (REPEATS, 100) => send(make()).and_then(|()| send(make())),
            (REORDERS, 100) => {
                self.held = Some(make());
                Ok(())
            }
            (REORDERS, 101) => {
                send(make())?;
                self.held.take().map_or(Ok(()), send)
            }
            _ => send(make()),
        }
    }
}

struct FaultyRx<T, const FAULT: u8> {
    receiver: Receiver<T>,
    stop: Stop,
}

impl<T: Item, const FAULT: u8> Rx<T> for FaultyRx<T, FAULT> {
    fn receive<F: FnMut(&T)>(&mut self, mut sink: F) -> Result<usize, Stopped> {
        let received = self.receiver.recv();
        while FAULT == HANGS && received.is_err() {
            self.stop.check()?;
            std::thread::yield_now();
        }
        sink(&received.map_err(|_| Stopped)?);
        Ok(1)
    }
}

impl<const FAULT: u8> Subject for Faulty<FAULT> {
    const FACTS: Facts = Facts {
        name: "faulty",
        layout: Layout::Queue,
        send: "send",
        send_batch: None,
        receive: "recv",
        sleeps: true,
        window: false,
    };
    type Tx<T: Item> = FaultyTx<T, FAULT>;
    type Rx<T: Item> = FaultyRx<T, FAULT>;

    fn open<T: Item>(shape: Shape, stop: &Stop) -> Option<Ends<Self::Tx<T>, Self::Rx<T>>> {
        let (sender, receiver) = sync_channel(shape.capacity);
        let tx = |_| FaultyTx { sender: sender.clone(), sent: 0, held: None };
        let producers = (0..shape.producers).map(tx).collect();
        Some(Ends { producers, consumer: FaultyRx { receiver, stop: stop.clone() } })
    }
}

const ONE: Shape = Shape { producers: 1, lanes: 1, capacity: 64 };

fn job(work: Work) -> Job {
    Job { work, shape: ONE, amount: 640, limit: Duration::from_millis(300) }
}

const ALL: [Work; 5] = [
    Work::Send { batch: false, payload: Payload::Word },
    Work::Send { batch: true, payload: Payload::Bytes1450 },
    Work::PingPong,
    Work::Wake,
    Work::OpenLoop { interval_ns: 100.0 },
];

#[test]
fn every_kind_of_round_passes_a_sound_subject() {
    for work in ALL {
        let job = Job { limit: Duration::from_secs(20), ..job(work) };
        let round = run::<Faulty<SOUND>>(&job).unwrap().unwrap();
        assert!(round.ns_per_item > 0.0, "{work:?}");
        assert_eq!(round.latency.is_some(), !matches!(work, Work::Send { .. }), "{work:?}");
    }
}

#[test]
fn every_kind_of_round_reports_a_loss() {
    for work in ALL {
        assert!(run::<Faulty<LOSES>>(&job(work)).unwrap().is_err(), "{work:?}");
    }
}

#[test]
fn repeats_and_reorders_are_reported() {
    for work in [ALL[0], ALL[1], ALL[4]] {
        let repeats = run::<Faulty<REPEATS>>(&job(work)).unwrap();
        assert!(matches!(repeats, Err(Fault::Wrong(_))), "{work:?}: {repeats:?}");
        let reorders = run::<Faulty<REORDERS>>(&job(work)).unwrap();
        assert!(matches!(reorders, Err(Fault::Wrong(_))), "{work:?}: {reorders:?}");
    }
}

#[test]
fn a_subject_that_hangs_is_called_off() {
    let outcome = run::<Faulty<HANGS>>(&job(ALL[0])).unwrap();
    assert_eq!(outcome.unwrap_err(), Fault::Lost(Lost::TimeLimit));
}

#[test]
fn without_a_window_there_is_no_stalled_row() {
    assert!(run::<Faulty<SOUND>>(&job(Work::Stalled { stand_still: true })).is_none());
}
