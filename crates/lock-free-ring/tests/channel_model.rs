//! The channel beside std's own: the same operations, the same outcome of each.
#![cfg(not(any(ring_loom, ring_shuttle)))]

use lock_free_ring::channel;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::mpsc;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Op {
    TrySend,
    /// With no time to wait, since all is done by one thread.
    SendIfItNeedNotWait,
    TryRecv,
    RecvTimeout,
    TryIter(usize),
    CloneSender,
    DropSender,
    DropReceiver,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::TrySend),
        2 => Just(Op::SendIfItNeedNotWait),
        5 => Just(Op::TryRecv),
        1 => Just(Op::RecvTimeout),
        1 => (0..4_usize).prop_map(Op::TryIter),
        2 => Just(Op::CloneSender),
        2 => Just(Op::DropSender),
        1 => Just(Op::DropReceiver),
    ]
}

/// Both channels, and what was asked of both so far.
struct Twins {
    ours: (Vec<channel::SyncSender<u32>>, Option<channel::Receiver<u32>>),
    theirs: (Vec<mpsc::SyncSender<u32>>, Option<mpsc::Receiver<u32>>),
    capacity: usize,
    next: u32,
}

impl Twins {
    fn new(capacity: usize) -> Self {
        let (tx, rx) = channel::sync_channel(capacity);
        let ours = (vec![tx], Some(rx));
        let (tx, rx) = mpsc::sync_channel(capacity);
        Self { ours, theirs: (vec![tx], Some(rx)), capacity, next: 0 }
    }

    /// What each of the two says, errors by name.
    fn run(&mut self, op: &Op) -> (String, String) {
        match op {
            Op::TrySend => self.try_send(),
            Op::SendIfItNeedNotWait => self.send(),
            Op::TryRecv => self.receive(|rx| said(rx.try_recv()), |rx| said(rx.try_recv())),
            Op::RecvTimeout => {
                let now = Duration::ZERO;
                self.receive(
                    move |rx| said(rx.recv_timeout(now)),
                    move |rx| said(rx.recv_timeout(now)),
                )
            }
            Op::TryIter(len) => self.receive(
                |rx| said::<_, ()>(Ok(rx.try_iter().take(*len).collect::<Vec<_>>())),
                |rx| said::<_, ()>(Ok(rx.try_iter().take(*len).collect::<Vec<_>>())),
            ),
            Op::CloneSender => {
                self.ours.0.extend(self.ours.0.last().cloned());
                self.theirs.0.extend(self.theirs.0.last().cloned());
                Default::default()
            }
            Op::DropSender => (gone(self.ours.0.pop()), gone(self.theirs.0.pop())),
            Op::DropReceiver => (gone(self.ours.1.take()), gone(self.theirs.1.take())),
        }
    }

    fn try_send(&mut self) -> (String, String) {
        let (Some(ours), Some(theirs)) = (self.ours.0.last(), self.theirs.0.last()) else {
            return Default::default();
        };
        self.next += 1;
        // Whether it was full, and what came back.
        let ours = ours.try_send(self.next).map_err(|e| (e.is_full(), e.into_inner()));
        let theirs = theirs.try_send(self.next).map_err(|refused| match refused {
            mpsc::TrySendError::Full(item) => (true, item),
            mpsc::TrySendError::Disconnected(item) => (false, item),
        });
        (said(ours), said(theirs))
    }

    fn send(&mut self) -> (String, String) {
        let full = self.ours.1.as_ref().is_some_and(|rx| rx.len() == self.capacity);
        let (Some(ours), Some(theirs), false) = (self.ours.0.last(), self.theirs.0.last(), full)
        else {
            return Default::default();
        };
        self.next += 1;
        let ours = ours.send(self.next).map_err(|refused| refused.0);
        let theirs = theirs.send(self.next).map_err(|refused| refused.0);
        (said(ours), said(theirs))
    }

    fn receive(
        &mut self,
        ours: impl Fn(&channel::Receiver<u32>) -> String,
        theirs: impl Fn(&mpsc::Receiver<u32>) -> String,
    ) -> (String, String) {
        match (&self.ours.1, &self.theirs.1) {
            (Some(our_end), Some(their_end)) => (ours(our_end), theirs(their_end)),
            _ => Default::default(),
        }
    }
}

fn said<T: std::fmt::Debug, E: std::fmt::Debug>(outcome: Result<T, E>) -> String {
    format!("{outcome:?}")
}

fn gone<T>(end: Option<T>) -> String {
    end.is_some().to_string()
}

proptest! {
    #[test]
    fn every_outcome_is_that_of_stds_channel(
        capacity in 1..5_usize,
        ops in vec(op(), 1..60),
    ) {
        let mut twins = Twins::new(capacity);
        for (step, op) in ops.iter().enumerate() {
            let (ours, theirs) = twins.run(op);
            prop_assert_eq!(ours, theirs, "step {}: {:?}", step, op);
        }
    }
}
