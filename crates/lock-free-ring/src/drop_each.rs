//! Drops that leave nothing behind when one of them unwinds.

/// Drops what `next` returns, one by one, until it returns nothing. If a drop unwinds, the others
/// are dropped on the way out; a second one that unwinds then aborts, as everywhere in Rust.
pub(crate) fn drop_each<T>(next: impl FnMut() -> Option<T>) {
    struct Rest<T, F: FnMut() -> Option<T>>(F);

    impl<T, F: FnMut() -> Option<T>> Rest<T, F> {
        fn run(&mut self) {
            while let Some(item) = (self.0)() {
                drop(item);
            }
        }
    }

    impl<T, F: FnMut() -> Option<T>> Drop for Rest<T, F> {
        fn drop(&mut self) {
            self.run();
        }
    }

    Rest(next).run();
}
