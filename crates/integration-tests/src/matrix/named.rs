use std::time::Duration;

use super::{Case, Load};
use crate::results::Goal;

const NORMAL_TICK_MS: u64 = 10;
const STANDARD_BYTES: usize = 1450;

pub(super) fn smoke() -> Vec<Case> {
    numbered('T', Duration::from_secs(3), &[normal(4, 10.0)])
}

pub(super) fn quick() -> Vec<Case> {
    numbered('T', Duration::from_secs(5), &quick_loads())
}

pub(super) fn standard() -> Vec<Case> {
    let mut loads = quick_loads().to_vec();
    loads.extend([
        normal(8, 100.0),
        normal(16, 100.0),
        Load { packet_bytes: 500, ..normal(4, 50.0) },
        Load { packet_bytes: 9000, ..normal(4, 50.0) },
        Load { tick_ms: 50, ..normal(4, 10.0) },
        Load { tick_ms: 5, ..normal(4, 10.0) },
    ]);
    numbered('T', Duration::from_secs(10), &loads)
}

/// What only shows after minutes: growth of memory, drift of the pace, a wake-up that is lost once
/// in a million.
pub(super) fn stress() -> Vec<Case> {
    let loads = [
        normal(8, 50.0),
        normal(16, 100.0),
        Load { tick_ms: 100, ..normal(8, 50.0) },
        Load { packet_bytes: 500, ..normal(4, 100.0) },
    ];
    numbered('S', Duration::from_secs(300), &loads)
}

/// More than a machine carries. All but the last give up a packet after a few tries, so that there
/// are drops to count; the last is unlimited, and waits.
pub(super) fn overload() -> Vec<Case> {
    let loads = [
        normal(4, 40_000.0),
        normal(8, 20_000.0),
        Load { packet_bytes: 500, ..normal(16, 10_000.0) },
        Load { packet_bytes: 9000, ..normal(4, 90_000.0) },
        Load { tick_ms: 100, ..normal(8, 20_000.0) },
        normal(8, 0.0),
    ];
    let mut cases = numbered('O', Duration::from_secs(5), &loads);
    for case in &mut cases {
        case.goal = Goal::Overload;
        // By itself the ring would grow with the rate until there is room for everything.
        let ring_size = format!("--ring-size={}", 64 * case.settings.shards);
        case.settings.further.push(ring_size);
        if case.settings.rate_mbps > 0.0 {
            let impatient = ["--max-retries=2", "--max-backoffs=1", "--backoff=10us"];
            case.settings.further.extend(impatient.map(String::from));
        }
    }
    cases
}

fn quick_loads() -> [Load; 4] {
    [normal(1, 10.0), normal(4, 10.0), normal(4, 50.0), normal(8, 50.0)]
}

fn normal(producers: usize, rate_mbps: f64) -> Load {
    Load { producers, rate_mbps, packet_bytes: STANDARD_BYTES, tick_ms: NORMAL_TICK_MS }
}

fn numbered(letter: char, duration: Duration, loads: &[Load]) -> Vec<Case> {
    let id = |index| format!("{letter}{:03}", index + 1);
    loads.iter().enumerate().map(|(index, load)| load.case(id(index), duration)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(cases: &[Case]) -> Vec<&str> {
        cases.iter().map(|case| case.name.as_str()).collect()
    }

    #[test]
    fn smoke_is_one_case_of_three_seconds() {
        let cases = smoke();
        assert_eq!(names(&cases), ["4p_10Mb_std_normal"]);
        assert_eq!(cases[0].settings.duration_s, 3.0);
    }

    #[test]
    fn quick_and_standard_are_the_document_s() {
        let quick = quick();
        assert_eq!(
            names(&quick),
            [
                "1p_10Mb_std_normal",
                "4p_10Mb_std_normal",
                "4p_50Mb_std_normal",
                "8p_50Mb_std_normal"
            ]
        );
        assert!(quick.iter().all(|case| case.settings.duration_s == 5.0));
        let standard = standard();
        assert_eq!(
            names(&standard)[4..],
            [
                "8p_100Mb_std_normal",
                "16p_100Mb_std_normal",
                "4p_50Mb_small_normal",
                "4p_50Mb_jumbo_normal",
                "4p_10Mb_std_slow",
                "4p_10Mb_std_fast"
            ]
        );
        assert!(standard.iter().all(|case| case.settings.duration_s == 10.0));
        assert_eq!(standard[9].id, "T010");
    }

    #[test]
    fn stress_takes_five_minutes_a_case() {
        assert!(stress().iter().all(|case| case.settings.duration_s >= 300.0));
    }

    #[test]
    fn overload_is_not_judged_by_its_rate() {
        assert!(overload().iter().all(|case| case.goal == Goal::Overload));
    }
}
