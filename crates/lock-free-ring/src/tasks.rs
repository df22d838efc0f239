//! The tasks that wait at a gate, in the order in which they came.

#[cfg(not(feature = "async"))]
pub(crate) use none::Tasks;
#[cfg(feature = "async")]
pub(crate) use some::{TaskId, Tasks};

#[cfg(feature = "async")]
mod some {
    use crate::sync::quietly;
    use alloc::collections::VecDeque;
    use core::sync::atomic::{AtomicU64, Ordering};
    use core::task::Waker;

    /// Tells apart who waits. Wakers do not: two who wait in one task have the same.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct TaskId(u64);

    impl TaskId {
        pub(crate) fn new() -> Self {
            // A process-wide count: core's own atomic, also under the model checker.
            static NEXT: AtomicU64 = AtomicU64::new(0);
            Self(NEXT.fetch_add(1, Ordering::Relaxed))
        }
    }

    /// What is kept of a task that waits. Only ever dropped while nobody holds a lock.
    #[derive(Debug)]
    pub(crate) struct Task {
        id: TaskId,
        /// Not there once it was used.
        waker: Option<Waker>,
    }

    impl Task {
        pub(crate) fn wake(mut self) {
            if let Some(waker) = self.waker.take() {
                quietly(|| waker.wake());
            }
        }
    }

    impl Drop for Task {
        fn drop(&mut self) {
            quietly(|| drop(self.waker.take()));
        }
    }

    #[derive(Debug)]
    pub(crate) struct Tasks(VecDeque<Task>);

    impl Tasks {
        pub(crate) fn new() -> Self {
            Self(VecDeque::new())
        }

        pub(crate) fn len(&self) -> usize {
            self.0.len()
        }

        pub(crate) fn is_empty(&self) -> bool {
            self.0.is_empty()
        }

        /// Takes off who has waited longest.
        pub(crate) fn first(&mut self) -> Option<Task> {
            self.0.pop_front()
        }

        /// Puts a task at the end, or in the place that it has. Answers with what was there.
        pub(crate) fn enlist(&mut self, id: TaskId, waker: Waker) -> Option<Task> {
            let task = Task { id, waker: Some(waker) };
            match self.0.iter_mut().find(|task| task.id == id) {
                Some(there) => Some(core::mem::replace(there, task)),
                None => {
                    self.0.push_back(task);
                    None
                }
            }
        }

        /// Takes a task off, if it is there.
        pub(crate) fn delist(&mut self, id: TaskId) -> Option<Task> {
            let place = self.0.iter().position(|task| task.id == id)?;
            self.0.remove(place)
        }
    }
}

/// Without the feature `async` there are none, and their list takes no room.
#[cfg(not(feature = "async"))]
mod none {
    #[derive(Debug)]
    pub(crate) struct Tasks;

    /// There is none.
    pub(crate) enum Task {}

    impl Task {
        pub(crate) fn wake(self) {
            match self {}
        }
    }

    impl Tasks {
        pub(crate) fn new() -> Self {
            Self
        }

        pub(crate) fn len(&self) -> usize {
            0
        }

        pub(crate) fn is_empty(&self) -> bool {
            true
        }

        pub(crate) fn first(&mut self) -> Option<Task> {
            None
        }
    }
}
