//! A counted handle of a ring: what makes it known that nobody can write, or read, any more.

use crate::ring::Ring;
use crate::sync::Arc;
use core::ops::Deref;

/// What [`ShardedRing`](crate::ShardedRing) and [`DedicatedRing`](crate::DedicatedRing) hold.
pub(crate) struct Handle<T> {
    ring: Arc<Ring<T>>,
}

impl<T> Handle<T> {
    pub(crate) fn new(ring: Ring<T>) -> Self {
        Self { ring: Arc::new(ring) }
    }

    pub(crate) fn shared(&self) -> &Arc<Ring<T>> {
        &self.ring
    }

    /// How many handles there are: tells a clone from the one before it.
    pub(crate) fn number(&self) -> u64 {
        self.ring.holders().handles()
    }
}

impl<T> Deref for Handle<T> {
    type Target = Ring<T>;

    #[inline(always)]
    fn deref(&self) -> &Ring<T> {
        &self.ring
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        self.ring.add_handle();
        Self { ring: self.ring.clone() }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        self.ring.end_handle();
    }
}
