//! Stderr as a screen: lines that stay, and below them a view that is drawn anew.
//!
//! Nothing here changes a mode of the terminal (no alternate screen, no raw input, the cursor stays
//! visible), so there is nothing to restore, however the process ends.

use std::fmt::{self, Write as _};
use std::io::{Stderr, Write};

use terminal_size::{Height, Width, terminal_size_of};

/// What the lines are written to.
pub(crate) trait Terminal: Write + Send {
    /// Columns and rows; `None` if it is no terminal.
    fn size(&self) -> Option<(usize, usize)>;
}

impl Terminal for Stderr {
    fn size(&self) -> Option<(usize, usize)> {
        let (Width(columns), Height(rows)) = terminal_size_of(self)?;
        Some((columns.into(), rows.into()))
    }
}

/// More than any line of a run is long, and more than any view is.
const TEXT_BYTES: usize = 16 << 10;
const MAX_VIEW_ROWS: usize = 64;
/// Rows that the view leaves to the lines above.
const ROWS_FOR_LINES: usize = 4;
/// Of a terminal that does not tell.
const DEFAULT_SIZE: (usize, usize) = (80, 24);
const CLEAR_TO_END: &str = "\x1b[J";

pub(crate) struct Screen {
    terminal: Box<dyn Terminal>,
    /// What is about to be written: kept for its room, so that a line costs no allocation.
    text: String,
    /// The view that stands there, and how wide each of its lines is.
    view: String,
    widths: Vec<usize>,
    is_closed: bool,
}

impl Screen {
    pub(crate) fn new(terminal: Box<dyn Terminal>) -> Self {
        Self {
            terminal,
            text: String::with_capacity(TEXT_BYTES),
            view: String::with_capacity(TEXT_BYTES),
            widths: Vec::with_capacity(MAX_VIEW_ROWS),
            is_closed: false,
        }
    }

    /// Writes a line that stays, above the view.
    pub(crate) fn line(&mut self, line: impl fmt::Display) {
        self.erase();
        let _ = writeln!(self.text, "{line}");
        self.text.push_str(&self.view);
        self.write();
    }

    /// Puts what `draw` draws in place of the view before it.
    pub(crate) fn show(&mut self, draw: impl FnOnce(&mut Frame<'_>)) {
        if self.is_closed {
            return;
        }
        let (columns, rows) = self.size();
        self.erase();
        self.view.clear();
        self.widths.clear();
        draw(&mut Frame {
            text: &mut self.view,
            widths: &mut self.widths,
            columns: columns.saturating_sub(1),
            rows: rows.saturating_sub(ROWS_FOR_LINES).min(MAX_VIEW_ROWS),
        });
        self.text.push_str(&self.view);
        self.write();
    }

    /// Takes the view away for good.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
        if !self.widths.is_empty() {
            self.erase();
            self.view.clear();
            self.widths.clear();
            self.write();
        }
    }

    /// Begins a text that takes the view away: the cursor stands on the line below it, perhaps
    /// behind a `^C`. A terminal that has become narrower has wrapped the view's lines.
    fn erase(&mut self) {
        if self.widths.is_empty() {
            return;
        }
        let (columns, _) = self.size();
        let rows: usize = self.widths.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        let _ = write!(self.text, "\r\x1b[{rows}A{CLEAR_TO_END}");
    }

    fn size(&self) -> (usize, usize) {
        let known = self.terminal.size().filter(|(columns, rows)| *columns > 0 && *rows > 0);
        known.unwrap_or(DEFAULT_SIZE)
    }

    /// Writes the text in one piece, so that no reader of a pipe sees half of a line.
    fn write(&mut self) {
        let _ = self.terminal.write_all(self.text.as_bytes());
        self.text.clear();
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("widths", &self.widths).finish_non_exhaustive()
    }
}

/// A view while it is drawn. Every character must be one column wide.
pub(crate) struct Frame<'a> {
    text: &'a mut String,
    widths: &'a mut Vec<usize>,
    columns: usize,
    rows: usize,
}

impl Frame<'_> {
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    pub(crate) fn rows_left(&self) -> usize {
        self.rows.saturating_sub(self.widths.len())
    }

    /// Draws a line, as far as there is room for it.
    pub(crate) fn line(&mut self, line: impl fmt::Display) {
        if self.rows_left() == 0 {
            return;
        }
        let start = self.text.len();
        let _ = write!(self.text, "{line}");
        let mut ends = self.text[start..].char_indices().map(|(at, _)| at);
        if let Some(end) = ends.nth(self.columns) {
            self.text.truncate(start + end);
        }
        self.widths.push(self.text[start..].chars().count());
        self.text.push('\n');
    }
}

#[cfg(test)]
pub(crate) mod fake {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A terminal that a test can look at.
    #[derive(Clone)]
    pub(crate) struct Fake(Arc<Mutex<vt100::Parser>>);

    impl Fake {
        pub(crate) fn new(columns: u16, rows: u16) -> Self {
            Self(Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 100))))
        }

        /// The lines that it shows, without the empty ones at the end.
        pub(crate) fn lines(&self) -> Vec<String> {
            let contents = self.0.lock().unwrap().screen().contents();
            contents.lines().map(|line| line.trim_end().to_owned()).collect()
        }
    }

    impl Write for Fake {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // As a terminal does with the line feeds of a program.
            let text = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
            self.0.lock().unwrap().process(text.as_bytes());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Terminal for Fake {
        fn size(&self) -> Option<(usize, usize)> {
            let (rows, columns) = self.0.lock().unwrap().screen().size();
            Some((columns.into(), rows.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::fake::Fake;
    use super::*;

    fn screen(columns: u16, rows: u16) -> (Screen, Fake) {
        let fake = Fake::new(columns, rows);
        (Screen::new(Box::new(fake.clone())), fake)
    }

    #[test]
    fn lines_stay_above_a_view_that_is_drawn_anew() {
        let (mut screen, fake) = screen(20, 10);
        screen.line("first");
        for number in 1..4 {
            screen.show(|frame| (0..number).for_each(|row| frame.line(row)));
        }
        assert_eq!(fake.lines(), ["first", "0", "1", "2"]);
        screen.line("second");
        screen.show(|frame| frame.line("now"));
        assert_eq!(fake.lines(), ["first", "second", "now"]);
        screen.close();
        assert_eq!(fake.lines(), ["first", "second"]);
        screen.show(|frame| frame.line("too late"));
        screen.line("third");
        assert_eq!(fake.lines(), ["first", "second", "third"]);
    }

    #[test]
    fn a_view_is_cut_to_the_terminal() {
        let (mut screen, fake) = screen(10, 7);
        screen.line("above");
        for _ in 0..2 {
            screen.show(|frame| {
                (0..9).for_each(|row| frame.line(format_args!("{row} ████████████")))
            });
        }
        assert_eq!(fake.lines(), ["above", "0 ███████", "1 ███████", "2 ███████"]);
    }

    #[test]
    fn what_is_typed_does_not_stay() {
        let (mut screen, mut fake) = screen(10, 7);
        screen.show(|frame| frame.line("view"));
        fake.write_all(b"^C").unwrap();
        screen.line("line");
        assert_eq!(fake.lines(), ["line", "view"]);
    }

    #[test]
    fn redrawing_allocates_nothing() {
        struct Sink;
        impl Write for Sink {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        impl Terminal for Sink {
            fn size(&self) -> Option<(usize, usize)> {
                Some((120, 60))
            }
        }
        let mut screen = Screen::new(Box::new(Sink));
        let counts = allocation_counter::measure(|| {
            for row in 0..10 {
                screen.show(|frame| (0..70).for_each(|_| frame.line(format_args!("{row} ███"))));
                screen.line(row);
            }
        });
        assert_eq!(counts.count_total, 0);
    }
}
