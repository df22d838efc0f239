//! Waiting: try, spin for a measured time, announce, look once more, sleep.

use crate::barrier::Barrier;
use crate::cursor::Refusal;
use crate::gate::Gate;
use crate::ring::Ring;
use crate::shard::Shard;
use crate::sync::{MODEL, Sleeper, spin_loop};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::thread::yield_now;
use std::time::Instant;

/// How often a sleeper looks again when the kernel refused the barrier that would let it trust
/// in being woken.
const POLL: Duration = Duration::from_millis(1);

/// Times that a waiting thread gives up its core in vain, since nobody else wants it, before it
/// sleeps.
const YIELDS: u32 = 16;

/// And in all.
const MOST_YIELDS: u32 = if MODEL { 0 } else { 256 };

/// Another thread had our core if it took that long to get it back.
const SWITCH: Duration = Duration::from_micros(4);

/// How long a producer that finds its shard full leaves the consumer alone. No longer than the
/// consumer needs for a good part of a shard.
const MOST_FOR_ROOM: Duration = Duration::from_nanos(if MODEL { 0 } else { 800 });

/// Attempts between two looks at the clock while spinning.
const SPINS_PER_LOOK: u32 = 16;

/// The cores that this process may use, at least one.
pub(crate) fn cores() -> u64 {
    // Asked of the system once; 0 stands for not yet.
    static CORES: AtomicU64 = AtomicU64::new(0);
    match CORES.load(Ordering::Relaxed) {
        0 => {
            let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
            CORES.store(cores, Ordering::Relaxed);
            cores
        }
        cores => cores,
    }
}

/// What the last wait taught: to spin is in vain where waits are long, and a thread that has
/// spun is woken later.
#[derive(Debug)]
pub(crate) struct Habit {
    spins: bool,
}

impl Habit {
    /// Waits that are longer than this are long.
    const LONG: Duration = Duration::from_micros(100);

    pub(crate) const fn new() -> Self {
        Self { spins: true }
    }
}

/// Waits at `gate` until `attempt` succeeds; no longer than `limit`, if there is one. After
/// the time is up it tries once more.
pub(crate) fn until<T, R>(
    ring: &Ring<T>,
    gate: &Gate,
    mark: u64,
    limit: Option<Duration>,
    habit: &mut Habit,
    mut attempt: impl FnMut() -> Option<R>,
) -> Option<R> {
    let first = attempt();
    if first.is_some() || limit == Some(Duration::ZERO) {
        return first;
    }
    let begun = Instant::now();
    let deadline = limit.and_then(|limit| begun.checked_add(limit));
    let spin = ring.spin_limit();
    // With more threads than cores a long wait says nothing: others had our core meanwhile. With
    // a core for each, whom we have waited for in vain may share ours all the same: to yield
    // would leave it so, while a thread that is woken is given a core that is idle.
    let awake = if spin.is_zero() {
        yield_until(deadline, &mut attempt)
    } else if habit.spins {
        spin_until(spin.min(limit.unwrap_or(Duration::MAX)), &mut attempt)
    } else {
        None
    };
    let result = awake.or_else(|| sleep_until(&[gate], mark, ring.barrier(), deadline, attempt));
    habit.spins = begun.elapsed() < Habit::LONG;
    result
}

/// Waits until `attempt` finds room in `shard` or is refused for good.
pub(crate) fn until_room<T, R>(
    ring: &Ring<T>,
    shard: &Shard<T>,
    limit: Option<Duration>,
    mut attempt: impl FnMut() -> Result<R, Refusal>,
) -> Result<R, Refusal> {
    if !ring.spin_limit().is_zero() {
        give_way(ring, MOST_FOR_ROOM.min(Duration::from_nanos(ring.shard_capacity() as u64)));
    }
    let settled = until(ring, &shard.room, 1, limit, &mut Habit::new(), || match attempt() {
        Err(Refusal::Full) => None,
        settled => Some(settled),
    });
    settled.unwrap_or(Err(Refusal::Full))
}

fn spin_until<R>(limit: Duration, attempt: &mut impl FnMut() -> Option<R>) -> Option<R> {
    let start = Instant::now();
    loop {
        for _ in 0..SPINS_PER_LOOK {
            spin_loop();
            if let Some(result) = attempt() {
                return Some(result);
            }
        }
        if start.elapsed() >= limit {
            return None;
        }
    }
}

/// Leaves what others write alone for `breath`, so that they get on with it: with more threads
/// than cores, on this core if they like.
pub(crate) fn give_way<T>(ring: &Ring<T>, breath: Duration) {
    let start = Instant::now();
    if ring.spin_limit().is_zero() {
        yield_now();
    }
    while start.elapsed() < breath {
        spin_loop();
    }
}

/// Lets others run before it goes to sleep: with more threads than cores, whom we wait for is
/// often ready to run and has no core. Far cheaper than a sleep and a wake.
fn yield_until<R>(deadline: Option<Instant>, attempt: &mut impl FnMut() -> Option<R>) -> Option<R> {
    let mut in_vain = 0;
    for _ in 0..MOST_YIELDS {
        let before = Instant::now();
        yield_now();
        if let Some(result) = attempt() {
            return Some(result);
        }
        let now = Instant::now();
        if deadline.is_some_and(|deadline| now >= deadline) {
            break;
        }
        if now - before < SWITCH {
            in_vain += 1;
            if in_vain == YIELDS {
                break;
            }
        }
    }
    None
}

/// Sleeps at all of `gates` until `attempt` succeeds or the deadline passes.
pub(crate) fn sleep_until<R>(
    gates: &[&Gate],
    mark: u64,
    barrier: Barrier,
    deadline: Option<Instant>,
    mut attempt: impl FnMut() -> Option<R>,
) -> Option<R> {
    let me = Sleeper::current();
    loop {
        gates.iter().for_each(|gate| gate.announce(&me, mark));
        // Partner: `light` in `Ring::announce` and `Ring::released`.
        let ordered = barrier.heavy();
        let result = attempt();
        let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        if result.is_some() || left == Some(Duration::ZERO) {
            gates.iter().for_each(|gate| gate.retract(&me));
            return result;
        }
        me.sleep(if ordered { left } else { Some(left.unwrap_or(POLL).min(POLL)) });
        // Who was woken is off the list, and needs no barrier to see what it was woken for.
        let result = attempt();
        if result.is_some() {
            gates.iter().for_each(|gate| gate.retract(&me));
            return result;
        }
    }
}

#[cfg(all(test, not(any(ring_loom, ring_shuttle))))]
mod tests {
    use super::*;
    use crate::sharded::ShardedRing;

    /// Succeeds when it is asked for the `nth` time, and counts.
    fn at_last(nth: u32, asked: &mut u32) -> impl FnMut() -> Option<u32> + '_ {
        move || {
            *asked += 1;
            (*asked == nth).then_some(nth)
        }
    }

    fn ring_that_spins() -> ShardedRing<u8> {
        let minute = Duration::from_secs(60);
        crate::RingBuilder::new(1, 1).spin(minute).shared().expect("valid")
    }

    #[test]
    fn the_cores_are_those_that_the_system_names() {
        let cores_of_system = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
        assert_eq!([cores(), cores()], [cores_of_system; 2]);
    }

    #[test]
    fn a_wait_without_time_asks_once() {
        let (ring, mut habit, mut asked) = (ring_that_spins(), Habit::new(), 0);
        let attempt = at_last(2, &mut asked);
        let none = until(&ring, ring.items(), 1, Some(Duration::ZERO), &mut habit, attempt);
        assert_eq!((none, asked), (None, 1));
    }

    #[test]
    fn who_has_waited_long_sleeps_at_once_the_next_time_and_then_spins_again() {
        let (ring, mut habit) = (ring_that_spins(), Habit::new());
        if ring.spin_limit().is_zero() {
            return; // with one core nobody ever spins
        }
        let mut wait = |nth, limit| {
            let mut asked = 0;
            let attempt = at_last(nth, &mut asked);
            until(&ring, ring.items(), 1, limit, &mut habit, attempt);
            (asked, habit.spins)
        };
        let (asked, spins) = wait(u32::MAX, Some(Duration::from_millis(1)));
        assert!(asked > SPINS_PER_LOOK && !spins, "{asked}");
        let (asked, _) = wait(u32::MAX, Some(Duration::from_millis(1)));
        assert!(asked < SPINS_PER_LOOK, "{asked}");
        // Unless something else has the core just then.
        assert!((0..).any(|_| wait(2, None).1));
    }

    #[test]
    fn a_spin_asks_until_it_succeeds_or_its_time_is_up() {
        let (mut asked, hour) = (0, Duration::from_secs(3600));
        let nth = 3 * SPINS_PER_LOOK + 1;
        assert_eq!(spin_until(hour, &mut at_last(nth, &mut asked)), Some(nth));
        let short = Duration::from_nanos(1);
        assert_eq!(spin_until(short, &mut at_last(u32::MAX, &mut asked)), None);
    }

    #[test]
    fn who_yields_asks_a_number_of_times_within_its_deadline() {
        let now = Instant::now();
        for deadline in [None, Some(now + Duration::from_secs(3600))] {
            let mut asked = 0;
            assert_eq!(yield_until(deadline, &mut at_last(3, &mut asked)), Some(3));
            asked = 0;
            assert_eq!(yield_until(deadline, &mut at_last(u32::MAX, &mut asked)), None);
            assert!((YIELDS..=MOST_YIELDS).contains(&asked), "{asked}");
        }
        let mut asked = 0;
        assert_eq!(yield_until(Some(now), &mut at_last(3, &mut asked)), None);
        assert_eq!(asked, 1);
    }

    #[test]
    fn a_breath_is_no_shorter_than_it_is_to_be() {
        let (begun, breath) = (Instant::now(), Duration::from_micros(300));
        give_way(&ring_that_spins(), breath);
        assert!(begun.elapsed() >= breath);
    }
}
