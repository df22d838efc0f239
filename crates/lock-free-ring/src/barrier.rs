//! The barrier between "I published" and "does anybody sleep?", cheap where it is hot.
//!
//! Whoever goes to sleep *announces* it and then *looks* once more; whoever publishes looks
//! for announcements *afterwards*. Both store first and load second, so without a barrier on
//! both sides each may miss the other (Dekker's problem) and a wake-up is lost.
//! [`Barrier::light`] stands between the two steps of the one who publishes,
//! [`Barrier::heavy`] between those of the one who sleeps. For every such pair: if our store
//! comes first, the other's load sees it; if theirs does, ours sees theirs.
//!
//! On Linux the heavy side runs `membarrier(2)` (private expedited), which makes every running
//! thread of the process execute a full barrier; the light side is then free. Elsewhere, under
//! the model checker, or where the kernel refuses, both are a sequentially consistent fence.
//! The idea is that of `asymmetric fences` in folly and of C++ P1202; it lies outside Rust's
//! memory model, so the models of sleep check the version with fences. The other models run with
//! no barrier at all, so that none hides a missing ordering.

use crate::sync::{Ordering, compiler_fence, fence};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// Light: nothing but the compiler's order. Heavy: `membarrier`.
    Asymmetric,
    /// Both sides: `fence(SeqCst)`.
    Fence,
}

impl Barrier {
    /// The cheapest barrier that this machine offers.
    pub(crate) fn detect() -> Self {
        if membarrier::register() { Self::Asymmetric } else { Self::Fence }
    }

    #[inline(always)]
    pub(crate) fn light(self) {
        match self {
            Self::Asymmetric => compiler_fence(Ordering::SeqCst),
            // Partner: the fence in `heavy`.
            Self::Fence => fence(Ordering::SeqCst),
        }
    }

    /// Answers whether the barrier took place. It does not where the process has since
    /// forbidden itself the system call; the caller must then look again by the clock.
    #[must_use]
    pub(crate) fn heavy(self) -> bool {
        match self {
            // Partner: every running thread, wherever it is, and so the gap in its `light` too.
            Self::Asymmetric => membarrier::run() || (membarrier::register() && membarrier::run()),
            Self::Fence => {
                // Partner: the fence in `light`.
                fence(Ordering::SeqCst);
                true
            }
        }
    }
}

#[cfg(all(feature = "std", target_os = "linux", not(miri)))]
mod membarrier {
    use crate::sync::MODEL;

    /// Makes this process known to the kernel; false if the kernel does not offer it.
    pub(super) fn register() -> bool {
        MODEL || call(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
    }

    pub(super) fn run() -> bool {
        if MODEL {
            panic!("a model that needs the heavy barrier asks for fences");
        }
        call(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED)
    }

    fn call(command: libc::c_int) -> bool {
        // SAFETY: membarrier(2) takes three integers and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }
}

#[cfg(not(all(feature = "std", target_os = "linux", not(miri))))]
mod membarrier {
    pub(super) fn register() -> bool {
        false
    }

    pub(super) fn run() -> bool {
        false
    }
}
