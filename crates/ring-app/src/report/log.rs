use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::profile::{Place, Waits};

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
    /// Found once: each look at the environment would allocate.
    zone: TimeZone,
    screen: Mutex<Screen>,
    /// Knows how long threads wait for the screen, if somebody wants to know.
    waits: Option<Arc<Waits>>,
}

#[derive(Debug)]
struct Screen {
    /// Whether a live line stands there.
    live_line: bool,
    /// What is about to be written: kept for its room, so that a line costs no allocation.
    text: String,
}

/// More than any line of a run is long.
const LONGEST_LINE_BYTES: usize = 1024;

impl Screen {
    fn new() -> Self {
        Self { live_line: false, text: String::with_capacity(LONGEST_LINE_BYTES) }
    }

    /// Writes the text in one piece, so that no reader of a pipe sees half of a line.
    fn write_text(&mut self) {
        let _ = io::stderr().write_all(self.text.as_bytes());
        self.text.clear();
    }
}

const CLEAR_LINE: &str = "\r\x1b[2K";

impl Log {
    /// With a live line if stderr is a terminal and `plain` does not forbid it.
    pub(crate) fn new(level: u8, plain: bool, waits: Option<Arc<Waits>>) -> Self {
        Self {
            level,
            live: !plain && io::stderr().is_terminal(),
            zone: TimeZone::system(),
            screen: Mutex::new(Screen::new()),
            waits,
        }
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
        let mut screen = self.screen();
        if std::mem::take(&mut screen.live_line) {
            screen.text.push_str(CLEAR_LINE);
        }
        let _ = writeln!(screen.text, "{} {text}", self.stamp());
        screen.write_text();
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        match &self.waits {
            Some(waits) => waits.lock(Place::Log, &self.screen),
            None => self.screen.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp(self.zone.to_datetime(Timestamp::now()))
    }

    /// Puts `text` in place of the live line before it.
    pub(crate) fn live_line(&self, text: impl fmt::Display) {
        let mut screen = self.screen();
        screen.live_line = true;
        let _ = write!(screen.text, "{CLEAR_LINE}{text}");
        screen.write_text();
    }
}

/// `2006/01/02 15:04:05`, local time.
struct Stamp(DateTime);

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
        let stamp = Stamp(jiff::civil::date(2006, 1, 2).at(15, 4, 5, 0));
        assert_eq!(stamp.to_string(), "2006/01/02 15:04:05");
    }

    #[test]
    fn a_level_shows_itself_and_what_matters_more() {
        let log = Log::new(3, true, None);
        assert!(log.shows(Level::Error) && log.shows(Level::Info));
        assert!(!log.shows(Level::Detail));
        assert!(!Log::new(0, true, None).shows(Level::Error), "0 is silent");
        assert!(Log::new(7, true, None).shows(Level::Drains));
    }
}
