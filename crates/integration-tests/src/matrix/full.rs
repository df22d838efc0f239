use std::time::Duration;

use super::{Case, Load};

const PRODUCERS: [usize; 5] = [1, 2, 4, 8, 16];
const RATES_MBPS: [f64; 4] = [1.0, 10.0, 50.0, 100.0];
const PACKET_BYTES: [usize; 3] = [500, 1450, 9000];
const TICKS_MS: [u64; 4] = [5, 10, 50, 100];
const DURATION: Duration = Duration::from_secs(10);

const PUBLISHED_PACKET_BYTES: usize = 1450;
const PUBLISHED_MOST_MBPS: f64 = 400.0;

/// The document's whole matrix, numbered in its nesting: T001 to T240.
pub(super) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for producers in PRODUCERS {
        for rate_mbps in RATES_MBPS {
            for packet_bytes in PACKET_BYTES {
                for tick_ms in TICKS_MS {
                    let id = format!("T{:03}", cases.len() + 1);
                    let load = Load { producers, rate_mbps, packet_bytes, tick_ms };
                    cases.push(load.case(id, DURATION));
                }
            }
        }
    }
    cases
}

/// The 68 whose results the document publishes, under the ids that they have in the whole matrix.
pub(super) fn published() -> Vec<Case> {
    all()
        .into_iter()
        .filter(|case| case.settings.packet_bytes == PUBLISHED_PACKET_BYTES)
        .filter(|case| case.settings.total_rate_mbps() <= PUBLISHED_MOST_MBPS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_240_and_68_of_them() {
        let all = all();
        assert_eq!(all.len(), 240);
        assert_eq!(all[0].id, "T001");
        assert_eq!(all[0].name, "1p_1Mb_small_fast");
        assert_eq!(all[239].id, "T240");
        assert_eq!(all[239].name, "16p_100Mb_jumbo_veryslow");
        assert_eq!(published().len(), 68);
    }

    /// What the document says of each: producers, their rate, the tick and the rate it reached.
    const PUBLISHED_FAILURES: [(&str, usize, f64, u64, f64); 7] = [
        ("T092", 2, 100.0, 100, 116.0),
        ("T128", 4, 50.0, 100, 116.0),
        ("T139", 4, 100.0, 50, 232.0),
        ("T140", 4, 100.0, 100, 116.0),
        ("T175", 8, 50.0, 50, 232.0),
        ("T176", 8, 50.0, 100, 116.0),
        ("T212", 16, 10.0, 100, 116.0),
    ];

    #[test]
    fn the_published_failures_have_the_published_settings() {
        let cases = published();
        for (id, producers, rate_mbps, tick_ms, _) in PUBLISHED_FAILURES {
            let case = cases.iter().find(|case| case.id == id).unwrap();
            assert_eq!(case.settings.producers, producers, "{id}");
            assert_eq!(case.settings.rate_mbps, rate_mbps, "{id}");
            assert_eq!(case.settings.packet_bytes, 1450, "{id}");
            assert_eq!(case.settings.tick_ms, tick_ms, "{id}");
        }
    }

    /// The reason that the document does not give: its consumer takes 1000 packets a tick.
    #[test]
    fn the_published_failures_are_those_that_1000_packets_a_tick_cannot_carry() {
        let most_mbps = |case: &Case| 1000.0 * 1450.0 * 8.0 / 1e3 / case.settings.tick_ms as f64;
        let too_fast: Vec<_> = published()
            .into_iter()
            .filter(|case| case.settings.total_rate_mbps() > most_mbps(case))
            .map(|case| (case.id.clone(), most_mbps(&case)))
            .collect();
        let failures: Vec<_> =
            PUBLISHED_FAILURES.iter().map(|&(id, .., mbps)| (id.to_owned(), mbps)).collect();
        assert_eq!(too_fast, failures);
    }
}
