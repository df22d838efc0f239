//! What a task writes through: a shard of either kind.

use crate::cursor::Refusal;
use crate::error::{Closed, WriteRefused};
use crate::producer::Producer;
use crate::sharded::ShardedRing;
use alloc::vec::Vec;

/// A dedicated shard's producer, or a handle of a shared ring, where an item that waits stays with
/// the shard that was picked for it.
pub(crate) enum Outlet<T> {
    Dedicated(Producer<T>),
    Shared { ring: ShardedRing<T>, producer_id: u64, picked: Option<usize> },
}

impl<T> Outlet<T> {
    /// The number of the shard that is written to.
    pub(crate) fn shard(&mut self) -> usize {
        match self {
            Self::Dedicated(producer) => producer.shard(),
            Self::Shared { ring, producer_id, picked } => {
                *picked.get_or_insert_with(|| ring.pick(*producer_id))
            }
        }
    }

    /// What comes next may go to another shard.
    pub(crate) fn pick_anew(&mut self) {
        if let Self::Shared { picked, .. } = self {
            *picked = None;
        }
    }

    /// Whether a write would find room.
    pub(crate) fn has_room(&mut self) -> Result<bool, Closed> {
        let number = self.shard();
        match self {
            Self::Dedicated(producer) => producer.has_room(),
            Self::Shared { ring, .. } if ring.is_closed() => Err(Closed(())),
            Self::Shared { ring, .. } => Ok(ring.shared().shard(number).has_room()),
        }
    }

    /// Writes the item, if there is one, and takes it out. No answer: there is no room.
    pub(crate) fn offer(&mut self, item: &mut Option<T>) -> Option<Result<(), Closed>> {
        let Some(offered) = item.take() else { return Some(Ok(())) };
        let number = self.shard();
        let result = match self {
            Self::Dedicated(producer) => producer.offer(offered),
            Self::Shared { ring, .. } => ring.offer(ring.shared().shard(number), offered),
        };
        match result {
            Ok(()) => {
                self.pick_anew();
                Some(Ok(()))
            }
            Err(WriteRefused::Full(refused)) => {
                *item = Some(refused);
                None
            }
            Err(WriteRefused::Closed(refused)) => {
                *item = Some(refused);
                Some(Err(Closed(())))
            }
        }
    }

    /// Writes as many of `items` as there is room for. No answer: some are left.
    pub(crate) fn offer_batch(&mut self, items: &mut Vec<T>) -> Option<Result<(), Closed>> {
        if items.is_empty() {
            return Some(Ok(()));
        }
        let number = self.shard();
        let written = match self {
            Self::Dedicated(producer) => producer.write_some(items),
            Self::Shared { ring, .. } => {
                match ring.write_some(ring.shared().shard(number), items) {
                    Err(Refusal::Closed) => Err(Closed(())),
                    written => Ok(written.unwrap_or(0)),
                }
            }
        };
        if written.is_ok() && !items.is_empty() {
            return None;
        }
        self.pick_anew();
        Some(written.map(drop))
    }
}
