use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write as _};
use std::sync::{Mutex, PoisonError};

use chrono::{Datelike, Local, Timelike};

/// How much a line matters; a log of level `n` shows those up to `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Error = 1,
    Warning,
    Info,
    /// What the start and the end decide and find out.
    Detail,
    /// Each shard, with each interval's statistics.
    Shards,
    Threads,
    Drains,
}

/// Lines on stderr, each after the local time, as Go's `log` package writes them.
///
/// On a terminal a live line may stand below them. Nothing here fails: when stderr is gone there
/// is nobody left to tell.
#[derive(Debug)]
pub(crate) struct Log {
    level: u8,
    live: bool,
    screen: Mutex<Screen>,
}

#[derive(Debug, Default)]
struct Screen {
    /// Whether a live line stands there.
    live_line: bool,
    /// What is about to be written: kept for its room, so that a line costs no allocation.
    text: String,
}

impl Screen {
    /// Writes the text in one piece, so that no reader of a pipe sees half of a line.
    fn write_text(&mut self) {
        let _ = io::stderr().write_all(self.text.as_bytes());
        self.text.clear();
    }
}

const CLEAR_LINE: &str = "\r\x1b[2K";

impl Log {
    /// With a live line if stderr is a terminal and `plain` does not forbid it.
    pub(crate) fn new(level: u8, plain: bool) -> Self {
        Self { level, live: !plain && io::stderr().is_terminal(), screen: Mutex::default() }
    }

    pub(crate) fn shows(&self, level: Level) -> bool {
        level as u8 <= self.level
    }

    /// Whether a live line stands for the statistics of each interval.
    pub(crate) fn is_live(&self) -> bool {
        self.live && self.shows(Level::Info)
    }

    pub(crate) fn line(&self, level: Level, text: impl fmt::Display) {
        if !self.shows(level) {
            return;
        }
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut screen.live_line) {
            screen.text.push_str(CLEAR_LINE);
        }
        let _ = writeln!(screen.text, "{} {text}", Stamp::now());
        screen.write_text();
    }

    /// Puts `text` in place of the live line before it.
    pub(crate) fn live_line(&self, text: impl fmt::Display) {
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.live_line = true;
        let _ = write!(screen.text, "{CLEAR_LINE}{text}");
        screen.write_text();
    }
}

/// `2006/01/02 15:04:05`, local time.
struct Stamp(chrono::NaiveDateTime);

impl Stamp {
    fn now() -> Self {
        Self(Local::now().naive_local())
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date(), self.0.time());
        write!(f, "{:04}/{:02}/{:02} ", date.year(), date.month(), date.day())?;
        write!(f, "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_go_s() {
        let date = chrono::NaiveDate::from_ymd_opt(2006, 1, 2).unwrap();
        let stamp = Stamp(date.and_hms_opt(15, 4, 5).unwrap());
        assert_eq!(stamp.to_string(), "2006/01/02 15:04:05");
    }

    #[test]
    fn a_level_shows_itself_and_what_matters_more() {
        let log = Log::new(3, true);
        assert!(log.shows(Level::Error) && log.shows(Level::Info));
        assert!(!log.shows(Level::Detail));
        assert!(!Log::new(0, true).shows(Level::Error), "0 is silent");
        assert!(Log::new(7, true).shows(Level::Drains));
    }
}
