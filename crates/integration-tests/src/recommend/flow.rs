//! Rules on what went through: rate, drops, room, latency.

use run_result::{RunResult, Shard};

use super::{CaseRule, Finding};
use crate::figures::{drop_percent, mean_rate_mbps};
use crate::results::{CaseResult, Goal, Severity};

const NEARLY_FULL: f64 = 0.9;
const NEARLY_EMPTY: f64 = 0.05;
const UNEVEN: u64 = 2;
const MANY_RETRIES: f64 = 0.05;
const NS_PER_MS: f64 = 1e6;
/// A tick of this length is worth shortening for latency alone.
const LONG_TICK_MS: u64 = 50;
/// A packet waits a tick at most if the consumer comes in time.
const LATE_TICKS: f64 = 2.0;
/// What a scheduler may take to wake a thread on a busy machine.
const WAKE_UP_MS: f64 = 5.0;

pub(super) const RULES: [CaseRule; 8] = [
    CaseRule {
        name: "consumer-behind",
        severity: Severity::Problem,
        advice: "Producers found shards full: the consumer does not keep up. Shorten --frequency, \
                 or give it a core of its own.",
        finds: |case, run| short_of_rate(case, run).filter(|_| refused(run) > 0),
    },
    CaseRule {
        name: "producers-behind",
        severity: Severity::Problem,
        advice: "No shard was ever full, so the producers did not make enough: the machine is too \
                 busy for this load. Use fewer producers or other cores.",
        finds: |case, run| short_of_rate(case, run).filter(|_| refused(run) == 0),
    },
    CaseRule {
        name: "drops",
        severity: Severity::Problem,
        advice: "Raise --size-multiplier, shorten --frequency, or let producers wait longer with \
                 --max-backoffs.",
        finds: drops,
    },
    CaseRule {
        name: "ring-nearly-full",
        severity: Severity::Advice,
        advice: "Nothing was lost, but a longer pause of the consumer would cost packets: raise \
                 --size-multiplier.",
        finds: nearly_full,
    },
    CaseRule {
        name: "ring-too-large",
        severity: Severity::Note,
        advice: "A smaller --size-multiplier or --ring-size would do, and stay in the cache.",
        finds: too_large,
    },
    CaseRule {
        name: "uneven-shards",
        severity: Severity::Advice,
        advice: "Make the number of producers a multiple of --ring-shards, or give each a shard of \
                 its own.",
        finds: uneven,
    },
    CaseRule {
        name: "tick-is-the-latency",
        severity: Severity::Note,
        advice: "Packets wait for the consumer's tick, not for the ring: shorten --frequency if \
                 they should come sooner.",
        finds: tick_is_latency,
    },
    CaseRule {
        name: "consumer-late",
        severity: Severity::Advice,
        advice: "The consumer wakes late: the cores are busy with other things.",
        finds: late,
    },
];

fn refused(run: &RunResult) -> u64 {
    run.shards.iter().map(|shard| shard.refused).sum()
}

fn short_of_rate(case: &CaseResult, run: &RunResult) -> Finding {
    let goal_mbps = case.settings.total_rate_mbps();
    let rate_mbps = mean_rate_mbps(run)?;
    let least_mbps = goal_mbps * (1.0 - case.thresholds.tolerance_percent / 100.0);
    (case.goal == Goal::Rate && rate_mbps < least_mbps)
        .then(|| format!("{rate_mbps:.2} of {goal_mbps} Mb/s"))
}

fn drops(case: &CaseResult, run: &RunResult) -> Finding {
    let dropped = run.totals.dropped;
    (case.goal == Goal::Rate && dropped > 0)
        .then(|| format!("{dropped} packets dropped ({:.3} %)", drop_percent(run)))
}

/// The fullest shard.
fn fullest(run: &RunResult) -> Option<(f64, &Shard)> {
    let share = |shard: &Shard| shard.high_water as f64 / shard.capacity.max(1) as f64;
    let shares = run.shards.iter().map(|shard| (share(shard), shard));
    shares.max_by(|(one, _), (other, _)| one.total_cmp(other))
}

fn nearly_full(case: &CaseResult, run: &RunResult) -> Finding {
    let (share, shard) = fullest(run)?;
    (case.goal == Goal::Rate && share >= NEARLY_FULL && run.totals.dropped == 0)
        .then(|| format!("a shard held {} of {} packets", shard.high_water, shard.capacity))
}

fn too_large(_: &CaseResult, run: &RunResult) -> Finding {
    // A ring of a few pages is as small as it needs to be.
    const SMALL_SHARD: u64 = 64;
    let (share, shard) = fullest(run)?;
    (share <= NEARLY_EMPTY && shard.capacity > SMALL_SHARD).then(|| {
        format!("no shard held more than {} of {} packets", shard.high_water, shard.capacity)
    })
}

fn uneven(case: &CaseResult, run: &RunResult) -> Finding {
    let used = run.shards.iter().map(|shard| shard.written).filter(|written| *written > 0);
    let (least, most) = (used.clone().min()?, used.max()?);
    (case.goal == Goal::Rate && most > least.saturating_mul(UNEVEN))
        .then(|| format!("one shard took {most} packets, another {least}"))
}

fn tick_is_latency(case: &CaseResult, run: &RunResult) -> Finding {
    let tick_ms = case.settings.tick_ms;
    let p99_ms = run.latency_ns?.p99 as f64 / NS_PER_MS;
    let share = p99_ms / tick_ms as f64;
    (tick_ms >= LONG_TICK_MS && (0.8..LATE_TICKS).contains(&share))
        .then(|| format!("99 of 100 packets wait up to {p99_ms:.1} ms, the tick is {tick_ms} ms"))
}

fn late(case: &CaseResult, run: &RunResult) -> Finding {
    let tick_ms = case.settings.tick_ms;
    let p99_ms = run.latency_ns?.p99 as f64 / NS_PER_MS;
    (case.goal == Goal::Rate && p99_ms > tick_ms as f64 * LATE_TICKS + WAKE_UP_MS)
        .then(|| format!("1 of 100 packets waits over {p99_ms:.1} ms, the tick is {tick_ms} ms"))
}

/// Not a matter of flow alone, so that the costs have it: see `contended-claims`.
pub(super) fn contended(run: &RunResult) -> Finding {
    let retries: u64 = run.shards.iter().map(|shard| shard.claim_retries).sum();
    let written: u64 = run.shards.iter().map(|shard| shard.written).sum();
    (retries as f64 > written as f64 * MANY_RETRIES)
        .then(|| format!("{retries} claims lost to another producer, for {written} packets"))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{rules_after, run};

    fn slower(case: &mut crate::results::CaseResult) {
        run(case).totals.bytes /= 2;
    }

    #[test]
    fn consumer_behind_is_short_of_rate_with_full_shards() {
        let found = rules_after(|case| {
            slower(case);
            run(case).shards[0].refused = 9;
        });
        assert_eq!(found, ["consumer-behind"]);
        assert!(rules_after(|case| run(case).shards[0].refused = 9).is_empty());
    }

    #[test]
    fn producers_behind_is_short_of_rate_without_full_shards() {
        assert_eq!(rules_after(slower), ["producers-behind"]);
        let within = rules_after(|case| run(case).totals.bytes -= run(case).totals.bytes / 50);
        assert!(within.is_empty());
    }

    #[test]
    fn drops_are_any_drop() {
        assert_eq!(rules_after(|case| run(case).totals.dropped = 1), ["drops"]);
        assert!(rules_after(|case| run(case).totals.dropped = 0).is_empty());
    }

    #[test]
    fn ring_nearly_full_from_nine_tenths_without_a_drop() {
        assert_eq!(rules_after(|case| run(case).shards[3].high_water = 120), ["ring-nearly-full"]);
        assert!(rules_after(|case| run(case).shards[3].high_water = 110).is_empty());
    }

    #[test]
    fn ring_too_large_if_all_shards_stay_nearly_empty() {
        let filled = |high_water| {
            rules_after(|case| run(case).shards.iter_mut().for_each(|s| s.high_water = high_water))
        };
        assert_eq!(filled(6), ["ring-too-large"]);
        assert!(filled(7).is_empty());
    }

    #[test]
    fn uneven_shards_from_twice_as_much() {
        let first = |factor: u64| {
            rules_after(|case| {
                let shards = &mut run(case).shards;
                shards[0].written = shards[1].written * factor + 1;
            })
        };
        assert_eq!(first(2), ["uneven-shards"]);
        assert!(first(1).is_empty());
    }

    #[test]
    fn tick_is_the_latency_of_a_long_tick_only() {
        let p99_ms = |tick_ms, p99_ms: u64| {
            rules_after(|case| {
                case.settings.tick_ms = tick_ms;
                run(case).latency_ns.as_mut().unwrap().p99 = p99_ms * 1_000_000;
            })
        };
        assert_eq!(p99_ms(100, 99), ["tick-is-the-latency"]);
        assert!(p99_ms(10, 10).is_empty());
        assert!(p99_ms(100, 20).is_empty());
    }

    #[test]
    fn consumer_late_beyond_two_ticks_and_a_wake_up() {
        let p99_ms = |p99_ms: u64| {
            rules_after(|case| run(case).latency_ns.as_mut().unwrap().p99 = p99_ms * 1_000_000)
        };
        assert_eq!(p99_ms(26), ["consumer-late"]);
        assert!(p99_ms(24).is_empty());
    }

    #[test]
    fn an_overload_is_not_advised_for_being_one() {
        let found = rules_after(|case| {
            case.goal = crate::results::Goal::Overload;
            slower(case);
            run(case).totals.dropped = 1000;
            run(case).shards[0].refused = 9;
            run(case).shards[0].high_water = 128;
        });
        assert!(found.is_empty(), "{found:?}");
    }
}
