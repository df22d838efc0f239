use proptest::prelude::*;

use super::*;
use crate::sink::Order;

const WINDOW: WindowPlan = WindowPlan { packets: 5, degree: 2, order: Order::Arrival };
const NEVER: Duration = Duration::from_secs(3600);

fn id(node: &str, run: u64) -> RunId {
    RunId { node: node.to_owned(), run }
}

fn packet(producer: u32, sequence: u64) -> NodePacket {
    let payload = Bytes::from(format!("{producer}:{sequence}"));
    NodePacket { producer, sequence, written_unix_ns: sequence * 10, payload }
}

fn packets(from: RunId, number: u64, sequences: std::ops::Range<u64>) -> Message {
    let content = Content::Packets(sequences.map(|sequence| packet(0, sequence)).collect());
    Message { from, number, content }
}

/// All messages of a run of two producers: as many packets in each as `lengths` says, and the end.
fn run(from: &RunId, lengths: &[u8]) -> Vec<Message> {
    let mut sequence = 0_u64;
    let mut totals = RunTotals::default();
    let mut messages = Vec::new();
    for (number, length) in (0..).zip(lengths) {
        let next = (0..*length).map(|at| {
            sequence += 1;
            // Producers are drained one after the other, so times within a message go to and fro.
            let back = u64::from(at % 2) * 15;
            let written_unix_ns = (100 + sequence * 10).saturating_sub(back);
            NodePacket { written_unix_ns, ..packet(u32::from(at % 2), sequence) }
        });
        let content: Vec<_> = next.collect();
        totals.packets += content.len() as u64;
        content.iter().for_each(|packet| totals.payload.add(PayloadSum::of(&packet.payload)));
        messages.push(Message { from: from.clone(), number, content: Content::Packets(content) });
    }
    let number = lengths.len() as u64;
    messages.push(Message { from: from.clone(), number, content: Content::End(totals) });
    messages
}

/// A stream with a durable consumer, as far as a collector can see: each message comes until it
/// is acknowledged, in any order and more than once.
struct Stream {
    messages: Vec<Message>,
    acknowledged: Vec<bool>,
}

impl Stream {
    fn deliver(&self, at: usize, to: &mut Ledger<usize>) {
        to.offer(self.messages[at].clone(), at, Instant::now());
    }

    fn acknowledge(&mut self, done: Vec<usize>) {
        done.into_iter().for_each(|at| self.acknowledged[at] = true);
    }

    fn left(&self) -> Vec<usize> {
        (0..self.messages.len()).filter(|at| !self.acknowledged[*at]).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Deliveries in any order, repeats, acknowledgements that are lost, and restarts at any
    /// moment: at the end each packet was taken once, and is in the window or has left it.
    #[test]
    fn every_packet_is_taken_once(
        runs in prop::collection::vec(prop::collection::vec(1_u8..5, 1..8), 1..4),
        steps in prop::collection::vec((0_u8..10, any::<prop::sample::Index>()), 0..200),
    ) {
        let all: Vec<_> = (0..).zip(&runs).map(|(node, lengths)| run(&id("n", node), lengths)).collect();
        let messages: Vec<_> = all.concat();
        let mut stream = Stream { acknowledged: vec![false; messages.len()], messages };
        let mut record = Record::default();
        let mut ledger = Ledger::new(WINDOW, record.clone());
        for (action, index) in steps {
            let any = index.index(stream.messages.len());
            match action {
                // What was acknowledged may come again: the server may have forgotten that.
                0..6 => stream.deliver(any, &mut ledger),
                6 | 7 => {
                    record = ledger.record(false);
                    stream.acknowledge(ledger.take_done());
                }
                // The acknowledgements are lost.
                8 => {
                    record = ledger.record(false);
                    ledger.take_done();
                }
                _ => ledger = Ledger::new(WINDOW, record.clone()),
            }
        }
        stream.left().into_iter().rev().for_each(|at| stream.deliver(at, &mut ledger));
        let sent: u64 = runs.iter().flatten().map(|length| u64::from(*length)).sum();
        prop_assert_eq!(ledger.received().packets, sent);
        prop_assert_eq!(ledger.left().packets + ledger.len() as u64, sent);
        prop_assert!(ledger.runs().all(|source| source.is_complete() == Some(true)));
        prop_assert_eq!(ledger.counts().out_of_order, 0);
        prop_assert_eq!((ledger.held(), ledger.missing()), (0, 0));

        // What is in the window is all that is not acknowledged, and rebuilds it.
        record = ledger.record(false);
        stream.acknowledge(ledger.take_done());
        let mut next = Ledger::new(WINDOW, record);
        stream.left().into_iter().for_each(|at| stream.deliver(at, &mut next));
        prop_assert_eq!(next.len(), ledger.len());
        prop_assert!(next.window.iter().map(|(key, _)| key).eq(ledger.window.iter().map(|(key, _)| key)));
        prop_assert_eq!(next.received(), ledger.received());
    }
}

fn ledger() -> Ledger<u64> {
    Ledger::new(WINDOW, Record::default())
}

#[test]
fn a_message_is_done_when_its_last_packet_has_left() {
    let mut ledger = ledger();
    let now = Instant::now();
    ledger.offer(packets(id("a", 1), 0, 0..4), 10, now);
    ledger.offer(packets(id("a", 1), 1, 4..8), 11, now);
    assert_eq!((ledger.len(), ledger.take_done()), (5, vec![]), "3 of the first have left");
    ledger.offer(packets(id("b", 1), 0, 5..6), 12, now);
    assert_eq!(ledger.take_done(), [10]);
}

#[test]
fn the_window_is_one_over_all_nodes_by_time() {
    let mut ledger = ledger();
    let now = Instant::now();
    ledger.offer(packets(id("a", 1), 0, 10..14), 1, now);
    ledger.offer(packets(id("b", 1), 0, 0..3), 2, now);
    assert_eq!(ledger.len(), 5);
    let nodes: Vec<_> = ledger.window.iter().map(|(key, _)| (key.source, key.sequence)).collect();
    assert_eq!(nodes, [(1, 2), (0, 10), (0, 11), (0, 12), (0, 13)]);
}

#[test]
fn what_comes_before_its_turn_waits_and_a_repeat_of_it_is_one() {
    let mut ledger = ledger();
    let now = Instant::now();
    assert_eq!(ledger.offer(packets(id("a", 1), 1, 2..4), 1, now), 0);
    assert_eq!(ledger.offer(packets(id("a", 1), 1, 2..4), 2, now), 2);
    assert_eq!((ledger.len(), ledger.held()), (0, 1));
    ledger.offer(packets(id("a", 1), 0, 0..2), 3, now);
    assert_eq!((ledger.len(), ledger.held(), ledger.counts().out_of_order), (4, 0, 0));
    let waiting: Vec<_> = ledger.unacknowledged().map(|ack| *ack).collect();
    assert_eq!(waiting, [3, 2], "the ack of the last delivery counts");
}

#[test]
fn a_hole_is_not_waited_for_for_ever_and_what_fills_it_late_is_no_repeat() {
    let mut ledger = ledger();
    let start = Instant::now();
    let limit = Duration::from_secs(30);
    ledger.offer(packets(id("a", 1), 2, 4..5), 2, start);
    assert!(ledger.skip_old_holes(limit, start + limit / 2).is_empty());
    ledger.wait_anew(start + limit / 2);
    assert!(ledger.skip_old_holes(limit, start + limit).is_empty(), "no connection meanwhile");
    assert_eq!(ledger.skip_old_holes(limit, start + 2 * limit), [(id("a", 1), 2)]);
    assert_eq!((ledger.len(), ledger.missing()), (1, 2));

    let mut ledger = Ledger::new(WINDOW, ledger.record(false));
    assert_eq!(ledger.offer(packets(id("a", 1), 2, 4..5), 2, start), 0, "it is in no window now");
    assert_eq!(ledger.offer(packets(id("a", 1), 1, 2..4), 1, start), 0);
    assert_eq!(ledger.offer(packets(id("a", 1), 1, 2..4), 1, start), 2);
    assert_eq!((ledger.len(), ledger.missing()), (3, 1));
    assert!(ledger.counts().out_of_order > 0);
}

#[test]
fn a_run_that_lacks_a_packet_is_not_complete() {
    let mut ledger = ledger();
    let now = Instant::now();
    let messages = run(&id("a", 1), &[2, 3]);
    for at in [0, 2] {
        ledger.offer(messages[at].clone(), 0, now);
    }
    let complete = |ledger: &Ledger<u64>| ledger.runs().next().unwrap().is_complete();
    assert_eq!(complete(&ledger), None, "the end waits for its turn");
    ledger.skip_old_holes(Duration::ZERO, now);
    assert_eq!(complete(&ledger), Some(false));
    ledger.offer(messages[1].clone(), 0, now);
    assert_eq!(complete(&ledger), Some(true));
}

#[test]
fn a_node_has_ended_when_its_last_run_has() {
    let mut ledger = ledger();
    let now = Instant::now();
    ledger.offer(packets(id("a", 1), 0, 0..1), 0, now);
    assert_eq!(ledger.nodes(), Nodes { seen: 1, ended: 0 });
    run(&id("a", 2), &[1]).into_iter().for_each(|message| {
        ledger.offer(message, 0, now);
    });
    ledger.offer(packets(id("b", 1), 0, 0..1), 0, now);
    assert_eq!(ledger.nodes(), Nodes { seen: 2, ended: 1 }, "the first run of a has died");
}

#[test]
fn after_a_collection_that_is_closed_the_next_one_counts_anew() {
    let mut ledger = ledger();
    let now = Instant::now();
    run(&id("a", 1), &[2, 2]).into_iter().for_each(|message| {
        ledger.offer(message, 0, now);
    });
    let mut next = Ledger::new(WINDOW, ledger.record(true));
    assert_eq!((next.nodes(), next.received().packets), (Nodes { seen: 0, ended: 0 }, 0));
    let again = next.offer(packets(id("a", 1), 0, 0..2), 7, now);
    assert_eq!((again, next.len(), next.received().packets), (0, 2, 0), "still in the window");
}

#[test]
fn runs_that_are_long_over_are_forgotten_and_their_packets_counted() {
    let mut ledger: Ledger<u64> =
        Ledger::new(WindowPlan { packets: 2, degree: 2, order: Order::Arrival }, Record::default());
    let now = Instant::now();
    let runs = KNOWN_RUNS as u64 + 50;
    for number in 0..runs {
        run(&id("a", number), &[1]).into_iter().for_each(|message| {
            ledger.offer(message, 0, now);
        });
        ledger.offer(packets(id("b", 1), number, number * 50..number * 50 + 2), 0, now);
        ledger.skip_old_holes(NEVER, now);
    }
    let record = ledger.record(false);
    assert!(record.runs.len() <= KNOWN_RUNS + 3, "{}", record.runs.len());
    assert!(record.forgotten.packets > 0);
    assert_eq!(ledger.received().packets, runs * 3);
    assert_eq!(ledger.nodes(), Nodes { seen: 2, ended: 1 });
    ledger.offer(packets(id("b", 1), runs, runs * 50..runs * 50 + 2), 0, now);
    assert_eq!((ledger.len(), ledger.received().packets), (2, runs * 3 + 2));
}
