use std::env;
use std::fmt;
use std::io::{self, IsTerminal};
use std::panic;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::screen::{Frame, Screen, Terminal};
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
/// On a terminal a view may stand below them. Nothing here fails: when stderr is gone there is
/// nobody left to tell.
#[derive(Debug)]
pub(crate) struct Log {
    level: u8,
    live: bool,
    /// Found once: each look at the environment would allocate.
    zone: TimeZone,
    screen: Arc<Mutex<Screen>>,
    /// Knows how long threads wait for the screen, if somebody wants to know.
    waits: Option<Arc<Waits>>,
}

impl Log {
    /// With a view if stderr is a terminal that can draw one and `plain` does not forbid it.
    pub(crate) fn new(level: u8, plain: bool, waits: Option<Arc<Waits>>) -> Self {
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let live = !plain && !is_dumb && io::stderr().is_terminal();
        Self::on(Box::new(io::stderr()), level, live, waits)
    }

    fn on(terminal: Box<dyn Terminal>, level: u8, live: bool, waits: Option<Arc<Waits>>) -> Self {
        let screen = Arc::new(Mutex::new(Screen::new(terminal)));
        Self { level, live, zone: TimeZone::system(), screen, waits }
    }

    pub(crate) fn shows(&self, level: Level) -> bool {
        level as u8 <= self.level
    }

    /// Whether a view stands for the statistics of each interval.
    pub(crate) fn is_live(&self) -> bool {
        self.live && self.shows(Level::Info)
    }

    pub(crate) fn line(&self, level: Level, text: impl fmt::Display) {
        if self.shows(level) {
            let stamp = Stamp(self.zone.to_datetime(Timestamp::now()));
            self.screen().line(format_args!("{stamp} {text}"));
        }
    }

    /// Puts what `draw` draws in place of the view before it.
    pub(crate) fn show(&self, draw: impl FnOnce(&mut Frame<'_>)) {
        self.screen().show(draw);
    }

    /// Takes the view away for good.
    pub(crate) fn end_view(&self) {
        self.screen().close();
    }

    /// From now on a panic takes the view away before it says what it says.
    pub(crate) fn end_view_on_panic(&self) {
        let screen = Arc::downgrade(&self.screen);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Whoever panics may hold the lock.
            if let Some(screen) = screen.upgrade()
                && let Ok(mut screen) = screen.try_lock()
            {
                screen.close();
            }
            before(info);
        }));
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        match &self.waits {
            Some(waits) => waits.lock(Place::Log, &self.screen),
            None => self.screen.lock().unwrap_or_else(PoisonError::into_inner),
        }
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
    use super::super::screen::fake::Fake;
    use super::*;

    #[test]
    fn a_panic_leaves_a_clean_terminal() {
        let fake = Fake::new(80, 10);
        let log = Log::on(Box::new(fake.clone()), 3, true, None);
        log.line(Level::Info, "a line");
        log.show(|frame| frame.line("a view"));
        assert_eq!(fake.lines().len(), 2);
        log.end_view_on_panic();
        let thread = std::thread::spawn(|| panic!("as this test wants it"));
        assert!(thread.join().is_err());
        log.show(|frame| frame.line("too late"));
        let lines = fake.lines();
        assert!(lines.len() == 1 && lines[0].ends_with(" a line"), "{lines:?}");
    }

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
