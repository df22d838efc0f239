//! Where checkpoints are kept: one key of a bucket, whose revision also tells when another
//! collector has written there.

use std::hash::{BuildHasher, Hasher, RandomState};

use async_nats::jetstream::kv::{Entry, Operation, Store, UpdateErrorKind};
use async_nats::jetstream::stream::{Config as StreamConfig, DiscardPolicy, StorageType};

use super::checkpoint::Checkpoint;
use super::ledger::Record;
use crate::nats::error::NatsError;
use crate::nats::server::{Server, request, with_causes};

const BUCKET: &str = "ring_collect";

pub(super) struct CheckpointStore {
    bucket: Store,
    key: String,
    /// Of the value that we know; 0 if there is none.
    revision: u64,
    writer: u64,
    serial: u64,
}

/// Why a checkpoint was not kept.
#[derive(Debug)]
pub(super) enum NotKept {
    /// It may be tried again.
    NotNow(String),
    /// Another collector writes here.
    TakenOver,
}

/// The key for a consumer of a stream.
pub(super) fn key(stream: &str, durable: &str) -> String {
    format!("{stream}.{durable}")
}

impl CheckpointStore {
    /// Opens the store, which is made if there is none, and reads what is in it. `replicas` is
    /// for a new one: as many as the stream has.
    pub(super) async fn open(
        server: &Server,
        key: String,
        replicas: usize,
    ) -> Result<(Self, Record), NatsError> {
        let what = format!("bucket {BUCKET}");
        let made = server.jetstream.get_or_create_stream(bucket_stream(replicas)).await;
        made.map_err(|error| request(&what, &error))?;
        let bucket = server.jetstream.get_key_value(BUCKET).await;
        let bucket = bucket.map_err(|error| request(&what, &error))?;
        let entry = bucket.entry(&key).await.map_err(|error| request(&what, &error))?;
        let writer = RandomState::new().build_hasher().finish();
        let mut store = Self { bucket, key, revision: 0, writer, serial: 0 };
        let Some(entry) = entry else { return Ok((store, Record::default())) };
        store.revision = entry.revision;
        let checkpoint = read(&entry).map_err(|reason| NatsError::Request {
            what: format!("{what}, key {}", store.key),
            reason,
        })?;
        Ok((store, checkpoint.map(|checkpoint| checkpoint.record).unwrap_or_default()))
    }

    /// Keeps a record: it is on the server when this succeeds.
    pub(super) async fn keep(&mut self, record: Record) -> Result<(), NotKept> {
        self.serial += 1;
        let checkpoint = Checkpoint { writer: self.writer, serial: self.serial, record };
        let json = checkpoint.to_json().map_err(|error| NotKept::NotNow(error.to_string()))?;
        match self.bucket.update(&self.key, json, self.revision).await {
            Ok(revision) => {
                self.revision = revision;
                Ok(())
            }
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {
                self.find_out_who().await
            }
            Err(error) => Err(NotKept::NotNow(with_causes(&error))),
        }
    }

    /// Another value is there than the one we know: one of ours whose acknowledgement was lost,
    /// or somebody else's.
    async fn find_out_who(&mut self) -> Result<(), NotKept> {
        let entry = self.bucket.entry(&self.key).await;
        let entry = entry.map_err(|error| NotKept::NotNow(with_causes(&error)))?;
        let Some(entry) = entry else {
            self.revision = 0;
            return Err(NotKept::NotNow("the checkpoint was deleted".to_owned()));
        };
        match read(&entry) {
            Ok(Some(there)) if there.writer == self.writer => {
                self.revision = entry.revision;
                if there.serial == self.serial {
                    return Ok(());
                }
                Err(NotKept::NotNow("an earlier checkpoint of ours came late".to_owned()))
            }
            _ => Err(NotKept::TakenOver),
        }
    }
}

/// The stream behind the bucket, as every NATS client makes it, but that reads go to the leader:
/// they are always of the last value. (The client's own call for it does not understand servers
/// before 2.10.)
fn bucket_stream(replicas: usize) -> StreamConfig {
    StreamConfig {
        name: format!("KV_{BUCKET}"),
        subjects: vec![format!("$KV.{BUCKET}.>")],
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        allow_rollup: true,
        deny_delete: true,
        ..StreamConfig::default()
    }
}

/// `None` if the value was deleted.
fn read(entry: &Entry) -> Result<Option<Checkpoint>, String> {
    match entry.operation {
        Operation::Put => Checkpoint::from_json(&entry.value).map(Some),
        _ => Ok(None),
    }
}
