//! The sink `nats://`: packets go into messages here, and to the publisher on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use run_result::Delivery;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::address::NatsAddress;
use super::error::NatsError;
use super::message::{
    self, MAX_HEAD_BYTES, MAX_PACKET_OVERHEAD_BYTES, MessageBuilder, PacketParts, RunId, RunTotals,
};
use super::node;
use super::progress::Progress;
use super::publisher::{Outgoing, Publisher};
use super::server::{self, Server};
use crate::error::RunError;
use crate::packet::{Packet, Payload, WriteTime};
use crate::payload_sum::PayloadSum;
use crate::report::log::{Level, Log};
use crate::sink::Target;

/// What `--sink nats://…` asks for.
#[derive(Clone, Debug)]
pub(crate) struct NatsPlan {
    pub(crate) address: NatsAddress,
    pub(crate) node: String,
    /// How long the server may be away at the start and at the end.
    pub(crate) wait: Duration,
    /// The longest packet that may come.
    pub(crate) max_packet_bytes: usize,
}

/// Messages that wait to be sent. Few: what cannot be sent is to stay in the ring.
const QUEUED_MESSAGES: usize = 8;
/// A message is not made longer than this.
const MESSAGE_BYTES: usize = 256 << 10;
/// What the server counts beside the message itself: its headers.
const HEADER_BYTES: usize = 256;
/// How often the queue is looked at while it is full.
const ROOM_LOOK: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(crate) struct NatsTarget {
    address: NatsAddress,
    from: RunId,
    wait: Duration,
    message_bytes: usize,
    /// However long they are, so many packets fit into a message.
    packets_that_fit: usize,
    building: MessageBuilder,
    building_payload_bytes: u64,
    next_number: u64,
    /// `None` once nothing more is to be sent.
    queue: Option<mpsc::Sender<Outgoing>>,
    abandon: Option<oneshot::Sender<()>>,
    publisher: Option<JoinHandle<()>>,
    /// What is not acknowledged will not be waited for any longer.
    given_up: bool,
    progress: Arc<Progress>,
    /// The time of day at which the run's own time began; known with the first packets.
    start_unix_ns: Option<u64>,
    taken: RunTotals,
    log: Arc<Log>,
}

impl NatsTarget {
    /// Connects, sees to it that there is a stream, and starts the publisher.
    pub(crate) fn open(plan: &NatsPlan, log: &Arc<Log>) -> Result<Self, NatsError> {
        let from = node::new_run(&plan.node);
        let (ready, opened) = std_mpsc::sync_channel(1);
        let (queue, queued) = mpsc::channel(QUEUED_MESSAGES);
        let (abandon, abandoned) = oneshot::channel();
        let progress = Arc::new(Progress::new());
        let runtime = runtime()?;
        let work = {
            let (plan, from, log, progress) =
                (plan.clone(), from.clone(), log.clone(), progress.clone());
            async move {
                let server = prepare(&plan, &log).await;
                let (max_payload, server) = match server {
                    Ok(server) => (Ok(server.max_payload_bytes()), Some(server)),
                    Err(error) => (Err(error), None),
                };
                // Whoever opens waits for this.
                let _ = ready.send(max_payload);
                if let Some(server) = server {
                    let subject = plan.address.subject.clone();
                    let publisher = Publisher::new(server, subject, from, progress, log);
                    publisher.run(queued, abandoned).await;
                }
            }
        };
        let publisher = thread::Builder::new()
            .name("nats".to_owned())
            .spawn(move || runtime.block_on(work))
            .map_err(NatsError::Start)?;
        let lost = || NatsError::Start(std::io::Error::other("its thread has ended"));
        let max_payload_bytes = opened.recv().map_err(|_| lost())??;
        let message_bytes =
            MESSAGE_BYTES.min(max_payload_bytes - HEADER_BYTES.min(max_payload_bytes));
        let packet_bytes = plan.max_packet_bytes + MAX_PACKET_OVERHEAD_BYTES;
        Ok(Self {
            address: plan.address.clone(),
            wait: plan.wait,
            message_bytes,
            packets_that_fit: message_bytes.saturating_sub(MAX_HEAD_BYTES) / packet_bytes,
            building: MessageBuilder::new(&from, 0, message_bytes),
            building_payload_bytes: 0,
            next_number: 0,
            queue: Some(queue),
            abandon: Some(abandon),
            publisher: Some(publisher),
            given_up: false,
            progress,
            start_unix_ns: None,
            taken: RunTotals::default(),
            log: log.clone(),
            from,
        })
    }

    fn put(&mut self, packet: &Packet) {
        let start_unix_ns = self.start_unix_ns.unwrap_or_default();
        let parts = PacketParts {
            producer: packet.producer.into(),
            sequence: packet.sequence,
            written_unix_ns: start_unix_ns + WriteTime::default().ns_until(packet.written),
            payload: &packet.payload,
        };
        let longest = self.building.len_bytes() + MAX_PACKET_OVERHEAD_BYTES + packet.payload.len();
        if self.building.packets() > 0 && longest > self.message_bytes {
            self.pass_on();
        }
        self.building.push(parts);
        self.building_payload_bytes += packet.payload.len() as u64;
    }

    /// Gives the message that is being built to the publisher, if there is room for it.
    fn pass_on(&mut self) {
        let Some(queue) = &self.queue else { return };
        let Ok(place) = queue.try_reserve() else { return };
        let number = self.next_number;
        self.next_number += 1;
        let next = MessageBuilder::new(&self.from, self.next_number, self.message_bytes);
        let built = std::mem::replace(&mut self.building, next);
        place.send(Outgoing {
            number,
            packets: built.packets(),
            payload_bytes: std::mem::take(&mut self.building_payload_bytes),
            body: built.finish(),
        });
    }

    /// Gives up what nobody has acknowledged, for good, if that has lasted too long.
    fn give_up_if_late(&mut self, since_stop: Duration) -> bool {
        let idle = self.progress.since_last_ack().min(since_stop);
        if !self.given_up && idle >= self.wait {
            self.given_up = true;
            self.queue = None;
            if let Some(abandon) = self.abandon.take() {
                // It may have ended by itself just now.
                let _ = abandon.send(());
            }
        }
        self.given_up
    }

    /// Says that the run has ended, and waits until all is acknowledged or given up.
    fn finish(&mut self) {
        let began = Instant::now();
        while self.building.packets() > 0 && !self.give_up_if_late(began.elapsed()) {
            self.pass_on();
            thread::sleep(ROOM_LOOK);
        }
        while !self.pass_on_end() && !self.give_up_if_late(began.elapsed()) {
            thread::sleep(ROOM_LOOK);
        }
        // That nothing more comes is what lets the publisher end when all is acknowledged.
        self.queue = None;
        while !self.publisher.as_ref().is_none_or(JoinHandle::is_finished) {
            self.give_up_if_late(began.elapsed());
            thread::sleep(ROOM_LOOK);
        }
    }

    /// Gives the message that ends the run to the publisher, if there is room for it.
    fn pass_on_end(&mut self) -> bool {
        let Some(queue) = &self.queue else { return false };
        let body = message::end_of_run(&self.from, self.next_number, self.taken);
        let end = Outgoing { number: self.next_number, packets: 0, payload_bytes: 0, body };
        queue.try_send(end).is_ok()
    }

    fn undelivered(&self) -> u64 {
        self.taken.packets - self.progress.packets()
    }
}

impl Target for NatsTarget {
    fn room(&mut self, since_stop: Option<Duration>) -> Result<usize, RunError> {
        self.start_unix_ns.get_or_insert_with(node::unix_ns);
        if since_stop.is_some_and(|since| self.give_up_if_late(since)) {
            // What is left is taken only to be counted.
            return Ok(usize::MAX);
        }
        let places = self.queue.as_ref().map_or(0, mpsc::Sender::capacity);
        let building = usize::try_from(self.building.packets()).unwrap_or(usize::MAX);
        Ok((places * self.packets_that_fit).saturating_sub(building))
    }

    fn wait_for_room(&mut self, limit: Duration) {
        let until = Instant::now() + limit;
        while Instant::now() < until {
            thread::sleep(ROOM_LOOK.min(limit));
            if self.queue.as_ref().is_some_and(|queue| queue.capacity() > 0) {
                return;
            }
        }
    }

    fn take(
        &mut self,
        packets: &mut Vec<Packet>,
        spent: &mut Vec<Payload>,
    ) -> Result<(), RunError> {
        for packet in packets.drain(..) {
            self.taken.packets += 1;
            self.taken.payload.add(PayloadSum::of(&packet.payload));
            if self.queue.is_some() {
                self.put(&packet);
            }
            spent.push(packet.payload);
        }
        Ok(())
    }

    fn tick(&mut self, _spent: &mut Vec<Payload>) -> Result<(), RunError> {
        if !self.given_up && self.publisher.as_ref().is_some_and(JoinHandle::is_finished) {
            let reason = std::io::Error::other("its thread has ended before the run");
            return Err(NatsError::Start(reason).into());
        }
        if self.building.packets() > 0 {
            self.pass_on();
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), RunError> {
        self.finish();
        let republished = self.progress.republished();
        let text = format_args!("Node {}: {republished} messages sent again", self.from);
        self.log.line(Level::Detail, text);
        let died = self.publisher.take().is_some_and(|publisher| publisher.join().is_err());
        match self.undelivered() {
            0 if died => Err(RunError::Panicked("nats".to_owned())),
            0 => Ok(()),
            packets => Err(NatsError::Undelivered {
                server: self.address.shown_server().to_owned(),
                packets,
                waited: self.wait,
                reason: self.progress.trouble().unwrap_or_else(|| "no connection".to_owned()),
            }
            .into()),
        }
    }

    fn delivery(&self) -> Option<Delivery> {
        Some(Delivery {
            to: self.address.to_string(),
            packets: self.progress.packets(),
            bytes: self.progress.payload_bytes(),
            failed: self.undelivered(),
        })
    }
}

pub(super) fn runtime() -> Result<Runtime, NatsError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(NatsError::Start)
}

/// The connection, once it is known that packets can go through it.
async fn prepare(plan: &NatsPlan, log: &Log) -> Result<Server, NatsError> {
    let name = format!("ring {}", plan.node);
    let notice = |text: &str| log.line(Level::Warning, text);
    let server = server::connect(&plan.address, &name, plan.wait, &notice).await?;
    let stream = server.stream(&plan.address, true).await?;
    stream.log(log);
    let max_payload_bytes = server.max_payload_bytes();
    let needed_bytes =
        plan.max_packet_bytes + MAX_HEAD_BYTES + MAX_PACKET_OVERHEAD_BYTES + HEADER_BYTES;
    if needed_bytes > max_payload_bytes {
        let server = plan.address.shown_server().to_owned();
        return Err(NatsError::TooLong { server, max_payload_bytes, needed_bytes });
    }
    Ok(server)
}
