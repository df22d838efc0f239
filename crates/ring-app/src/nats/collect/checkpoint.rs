//! The record of a collection as a value of a key-value bucket of JetStream: JSON, so that
//! `nats kv get` shows it to people too.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::ledger::Record;
use super::source::Position;
use crate::nats::message::{RunId, RunTotals};
use crate::payload_sum::PayloadSum;

const SCHEMA: u32 = 1;

/// A record, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The collector's process.
    pub(super) writer: u64,
    /// Its how many-eth checkpoint this is.
    pub(super) serial: u64,
    pub(super) record: Record,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: u32,
    writer: u64,
    serial: u64,
    closed: bool,
    forgotten: Totals,
    runs: Vec<Run>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    node: String,
    run: u64,
    earlier: bool,
    next: u64,
    gone: Vec<u64>,
    partly_left: Vec<(u64, u64)>,
    missing: Vec<u64>,
    left: Totals,
    left_next: Vec<(u32, u64)>,
    end: Option<Totals>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Totals {
    packets: u64,
    bytes: u64,
    words: u64,
}

impl From<RunTotals> for Totals {
    fn from(totals: RunTotals) -> Self {
        let RunTotals { packets, payload } = totals;
        Self { packets, bytes: payload.bytes(), words: payload.words() }
    }
}

impl From<Totals> for RunTotals {
    fn from(totals: Totals) -> Self {
        let payload = PayloadSum::from_parts(totals.bytes, totals.words);
        Self { packets: totals.packets, payload }
    }
}

impl Checkpoint {
    pub(super) fn to_json(&self) -> Result<Bytes, serde_json::Error> {
        let run = |(id, earlier, position): &(RunId, bool, Position)| {
            let position = position.clone();
            Run {
                node: id.node.clone(),
                run: id.run,
                earlier: *earlier,
                next: position.next,
                gone: position.gone,
                partly_left: position.partly_left,
                missing: position.missing,
                left: position.left.into(),
                left_next: position.left_next,
                end: position.end.map(Totals::from),
            }
        };
        let stored = Stored {
            schema: SCHEMA,
            writer: self.writer,
            serial: self.serial,
            closed: self.record.is_closed,
            forgotten: self.record.forgotten.into(),
            runs: self.record.runs.iter().map(run).collect(),
        };
        serde_json::to_vec(&stored).map(Bytes::from)
    }

    /// Reads what [`to_json`](Self::to_json) wrote, or says what is wrong with it.
    pub(super) fn from_json(text: &[u8]) -> Result<Self, String> {
        let stored: Stored = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if stored.schema != SCHEMA {
            return Err(format!("schema {}, this ring knows {SCHEMA}", stored.schema));
        }
        let run = |run: Run| {
            let position = Position {
                next: run.next,
                gone: run.gone,
                partly_left: run.partly_left,
                missing: run.missing,
                left: run.left.into(),
                left_next: run.left_next,
                end: run.end.map(RunTotals::from),
            };
            (RunId { node: run.node, run: run.run }, run.earlier, position)
        };
        let record = Record {
            is_closed: stored.closed,
            forgotten: stored.forgotten.into(),
            runs: stored.runs.into_iter().map(run).collect(),
        };
        Ok(Self { writer: stored.writer, serial: stored.serial, record })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_as_it_was() {
        let payload = PayloadSum::from_parts(7, u64::MAX);
        let totals = RunTotals { packets: 3, payload };
        let position = Position {
            next: 1,
            gone: vec![2, 4],
            partly_left: vec![(3, 1)],
            missing: vec![0],
            left: totals,
            left_next: vec![(0, 9)],
            end: Some(totals),
        };
        let runs = vec![(RunId { node: "a".to_owned(), run: u64::MAX }, true, position)];
        let record = Record { is_closed: true, forgotten: totals, runs };
        let checkpoint = Checkpoint { writer: 5, serial: 6, record };
        let json = checkpoint.to_json().unwrap();
        assert_eq!(Checkpoint::from_json(&json), Ok(checkpoint));
    }

    #[test]
    fn another_schema_is_refused() {
        let record = Record::default();
        let json = Checkpoint { writer: 1, serial: 1, record }.to_json().unwrap();
        let text = String::from_utf8(json.to_vec()).unwrap();
        let other = text.replace("\"schema\":1", "\"schema\":2");
        assert_eq!(
            Checkpoint::from_json(other.as_bytes()).unwrap_err(),
            "schema 2, this ring knows 1"
        );
        assert!(Checkpoint::from_json(b"{}").is_err());
    }
}
