use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Seconds since 1970. A clock that is set before 1970 is at 1970.
pub(crate) fn unix_now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// `2026-11-24 16:05:00`, in local time.
pub(crate) fn local_time(unix_s: f64) -> String {
    let time = Timestamp::from_second(unix_s as i64).unwrap_or_default();
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `20261124-160500`, in local time: for the name of a file.
pub(crate) fn now_for_a_name() -> String {
    Zoned::now().strftime("%Y%m%d-%H%M%S").to_string()
}
