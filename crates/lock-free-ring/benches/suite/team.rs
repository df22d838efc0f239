//! Threads that work at the same time, in rounds, so that what must happen in between is not
//! measured.

use crate::suite::meter::Meter;
use std::hint::spin_loop;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A wait this long is in vain: the benchmark fails instead of hanging.
const LIMIT: Duration = Duration::from_secs(20);

/// How many threads there are to be where the document has one for each core.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(2, NonZeroUsize::get).max(2)
}

/// A polling wait that gives the core away, and gives up some day.
pub(crate) struct Patience {
    polls: u32,
    since: Option<Instant>,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { polls: 0, since: None }
    }

    /// Polls until `done`.
    pub(crate) fn until(mut self, mut done: impl FnMut() -> bool) {
        while !done() {
            self.pause();
        }
    }

    fn pause(&mut self) {
        self.polls += 1;
        if self.polls < 500 {
            return spin_loop();
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        assert!(since.elapsed() < LIMIT, "waited in vain: wedged, or another thread is gone");
        thread::yield_now();
    }
}

/// Where a team meets: nobody leaves before all have come.
pub(crate) struct Gate {
    members: usize,
    arrived: AtomicUsize,
    meetings: AtomicUsize,
}

impl Gate {
    pub(crate) fn new(members: usize) -> Self {
        Self { members, arrived: AtomicUsize::new(0), meetings: AtomicUsize::new(0) }
    }

    pub(crate) fn meet(&self) {
        let meeting = self.meetings.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.members {
            self.arrived.store(0, Ordering::Relaxed);
            self.meetings.store(meeting + 1, Ordering::Release);
        } else {
            Patience::new().until(|| self.meetings.load(Ordering::Acquire) != meeting);
        }
    }
}

/// From the first begin to the last end of a round.
#[derive(Default)]
struct Span(Option<(Instant, Instant)>);

impl Span {
    fn cover(&mut self, begin: Instant, end: Instant) {
        let (first, last) = self.0.unwrap_or((begin, end));
        self.0 = Some((first.min(begin), last.max(end)));
    }

    fn length(self) -> Duration {
        self.0.map_or(Duration::ZERO, |(first, last)| last - first)
    }
}

struct Team<F> {
    gate: Gate,
    /// Items of this round, all members together. 0: it is over.
    round: AtomicU64,
    span: Mutex<Span>,
    work: F,
}

impl<F> Team<F> {
    /// One member's part in a round.
    fn play<M>(&self, number: usize, member: &mut M)
    where
        F: Fn(&mut M, u64),
    {
        let (items, members) = (self.round.load(Ordering::Relaxed), self.gate.members as u64);
        let share = items / members + u64::from((number as u64) < items % members);
        let begin = Instant::now();
        (self.work)(member, share);
        let end = Instant::now();
        self.span.lock().expect("not poisoned").cover(begin, end);
    }
}

/// Has `members`, each on a thread of its own, `work` on `items` items in all, at most `most`
/// for each member in a round. After each round `between` is called with the items it had, and
/// is not measured; it runs on the thread of the first member.
pub(crate) fn rounds<M: Send>(
    meter: &mut Meter<'_>,
    members: Vec<M>,
    items: u64,
    most: u64,
    work: impl Fn(&mut M, u64) + Sync,
    mut between: impl FnMut(u64),
) {
    let team = Team {
        gate: Gate::new(members.len()),
        round: AtomicU64::new(0),
        span: Mutex::default(),
        work,
    };
    let mut members = members.into_iter().enumerate();
    let (_, mut first) = members.next().expect("a team");
    thread::scope(|scope| {
        for (number, mut member) in members {
            let team = &team;
            scope.spawn(move || {
                loop {
                    team.gate.meet();
                    if team.round.load(Ordering::Relaxed) == 0 {
                        break;
                    }
                    team.play(number, &mut member);
                    team.gate.meet();
                }
            });
        }
        let mut left = items;
        while left > 0 {
            let round = left.min(most * team.gate.members as u64);
            team.round.store(round, Ordering::Relaxed);
            meter.stretch(|| {
                team.gate.meet();
                team.play(0, &mut first);
                team.gate.meet();
                (std::mem::take(&mut *team.span.lock().expect("not poisoned")).length(), ())
            });
            between(round);
            left -= round;
        }
        team.round.store(0, Ordering::Relaxed);
        team.gate.meet();
    });
}
