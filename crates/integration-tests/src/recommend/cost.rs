//! Rules on what a run took: processor, memory, allocations.

use run_result::RunResult;

use super::{CaseRule, Finding, flow};
use crate::figures::{cores, mean_rate_mbps};
use crate::results::{CaseResult, Goal, Severity};

/// Of one core, for each Gb/s, and for each thread that has to wake up.
const MOST_CORES_PER_GBPS: f64 = 0.3;
const MOST_CORES_PER_THREAD: f64 = 0.02;
/// Beside window and ring.
const MOST_FURTHER_BYTES: u64 = 16 << 20;

pub(super) const RULES: [CaseRule; 4] = [
    CaseRule {
        name: "processor-hungry",
        severity: Severity::Advice,
        advice: "Something spins or copies more than it needs to: look at --profile cpu.",
        finds: processor_hungry,
    },
    CaseRule {
        name: "allocations",
        severity: Severity::Problem,
        advice: "The steady state should allocate nothing: --profile allocs names the place.",
        finds: |_, run| {
            let count = run.usage.steady_allocations.filter(|count| *count > 0)?;
            Some(format!("{count} allocations after the first second"))
        },
    },
    CaseRule {
        name: "memory",
        severity: Severity::Advice,
        advice: "Window and ring do not explain it: look at --profile heap.",
        finds: memory,
    },
    CaseRule {
        name: "contended-claims",
        severity: Severity::Advice,
        advice: "Producers share shards: with --ring-shards of at least --producers each has one \
                 to itself.",
        finds: |_, run| flow::contended(run),
    },
];

fn processor_hungry(case: &CaseResult, run: &RunResult) -> Finding {
    let cores = cores(run)?;
    let gbps = mean_rate_mbps(run)? / 1000.0;
    let threads = case.settings.producers as f64 + 1.0;
    let most = gbps * MOST_CORES_PER_GBPS + threads * MOST_CORES_PER_THREAD;
    (cores > most && case.goal == Goal::Rate)
        .then(|| format!("{cores:.2} cores for {gbps:.3} Gb/s, where {most:.2} should do"))
}

fn memory(_: &CaseResult, run: &RunResult) -> Finding {
    let packets = run.config.btree_size.unwrap_or(0) + run.config.ring_slots;
    let explained_bytes = packets as u64 * run.config.packet_bytes? as u64;
    let peak_bytes = run.usage.peak_rss_bytes;
    let mb = |bytes: u64| bytes as f64 / 1e6;
    (peak_bytes > explained_bytes + MOST_FURTHER_BYTES).then(|| {
        format!("{:.1} MB at the peak, {:.1} MB in packets", mb(peak_bytes), mb(explained_bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{rules_after, run};

    #[test]
    fn processor_hungry_counts_threads_and_rate() {
        let cpu_s = |cpu_s| rules_after(|case| run(case).usage.cpu_user_s = cpu_s);
        assert_eq!(cpu_s(79.54), ["processor-hungry"], "as the document's");
        assert!(cpu_s(0.5).is_empty());
        let overload = rules_after(|case| {
            run(case).usage.cpu_user_s = 79.54;
            case.goal = crate::results::Goal::Overload;
        });
        assert!(overload.is_empty(), "an overload is to take what there is");
    }

    #[test]
    fn allocations_are_any_in_steady_state() {
        let steady = |count| rules_after(|case| run(case).usage.steady_allocations = count);
        assert_eq!(steady(Some(1)), ["allocations"]);
        assert!(steady(Some(0)).is_empty());
        assert!(steady(None).is_empty());
    }

    #[test]
    fn memory_beyond_window_and_ring() {
        let peak = |bytes| rules_after(|case| run(case).usage.peak_rss_bytes = bytes);
        assert_eq!(peak(30_000_000), ["memory"]);
        assert!(peak(20_000_000).is_empty());
    }

    #[test]
    fn contended_claims_from_one_in_twenty() {
        let retries = |share: u64| {
            rules_after(|case| {
                let shard = &mut run(case).shards[0];
                shard.claim_retries = shard.written * 8 / share;
            })
        };
        assert_eq!(retries(19), ["contended-claims"]);
        assert!(retries(21).is_empty());
    }
}
