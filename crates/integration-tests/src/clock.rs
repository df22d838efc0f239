use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Local};

/// Seconds since 1970. A clock that is set before 1970 is at 1970.
pub(crate) fn unix_now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// `2026-11-24 16:05:00`, in local time.
pub(crate) fn local_time(unix_s: f64) -> String {
    let time = DateTime::from_timestamp(unix_s as i64, 0).unwrap_or_default();
    time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}
