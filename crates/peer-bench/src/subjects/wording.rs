//! Channels that have std's words are used alike.

/// `Tx` by `send`, which waits while there is no room.
macro_rules! send_by_sending {
    ($end:ident) => {
        impl<T: Item> Tx<T> for $end<T> {
            #[inline(always)]
            fn send<F: Fn() -> T>(&mut self, make: F) -> Result<(), Stopped> {
                $end::send(self, make()).map_err(|_| Stopped)
            }
        }
    };
}

/// `Rx` by `recv`, and `try_iter` for what is there with the item that was waited for.
macro_rules! receive_by_iterating {
    ($end:ident) => {
        impl<T: Item> Rx<T> for $end<T> {
            #[inline(always)]
            fn receive<F: FnMut(&T)>(&mut self, sink: F) -> Result<usize, Stopped> {
                let first = self.recv().map_err(|_| Stopped)?;
                let more = self.try_iter().take($crate::subjects::MOST_RECEIVED - 1);
                Ok($crate::subjects::wording::show(first, more, sink))
            }
        }
    };
}

pub(super) use {receive_by_iterating, send_by_sending};

/// Shows to `sink` the item that was waited for and those that were there with it. Answers how
/// many that is.
#[inline(always)]
pub(super) fn show<T>(first: T, more: impl Iterator<Item = T>, mut sink: impl FnMut(&T)) -> usize {
    sink(&first);
    1 + more.map(|item| sink(&item)).count()
}
