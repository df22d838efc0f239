//! The view on a terminal: the program runs in a pseudo-terminal, and a terminal emulator says what
//! a person would see.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::pty::{Winsize, openpty};
use rustix::termios::tcsetwinsize;

/// The program on a terminal of its own, which is its controlling one.
struct Terminal {
    master: File,
    child: Child,
    emulator: vt100::Parser,
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

impl Terminal {
    fn start(columns: u16, rows: u16, term: &str, args: &[&str]) -> Self {
        let pty = openpty(Some(&size(columns, rows)), None).unwrap();
        let slave = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = Command::new("setsid")
            .arg("--ctty")
            .arg(env!("CARGO_BIN_EXE_ring"))
            .args(args)
            .env("TERM", term)
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .unwrap();
        drop(pty.slave);
        Self { master: master(pty.master), child, emulator: vt100::Parser::new(rows, columns, 0) }
    }

    fn lines(&self) -> Vec<String> {
        self.emulator.screen().contents().lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// Lets the program go on until its terminal shows what is wanted.
    fn until(&mut self, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        loop {
            let lines = self.lines();
            if wanted(&lines) {
                return lines;
            }
            assert!(self.read(), "it ended with\n{}", lines.join("\n"));
        }
    }

    /// Shows what the program writes next; `false` when it has ended.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        match self.master.read(&mut bytes) {
            Ok(count @ 1..) => {
                self.emulator.process(&bytes[..count]);
                true
            }
            // Linux says EIO when nobody holds the other side any more.
            Ok(0) | Err(_) => false,
        }
    }

    fn press(&mut self, keys: &[u8]) {
        self.master.write_all(keys).unwrap();
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        let size =
            rustix::termios::Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.master, size).unwrap();
        self.emulator.screen_mut().set_size(rows, columns);
    }

    /// Waits for its end, and says what is left on the terminal.
    fn end(mut self) -> (ExitStatus, Vec<String>) {
        while self.read() {}
        let screen = self.emulator.screen();
        assert!(!screen.hide_cursor() && !screen.alternate_screen(), "not as it was before");
        assert_eq!(screen.cursor_position().1, 0, "the prompt would not begin its line");
        (self.child.wait().unwrap(), self.lines())
    }
}

fn master(fd: OwnedFd) -> File {
    File::from(fd)
}

/// A test that fails leaves no program behind.
impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn shows(lines: &[String], part: &str) -> bool {
    lines.iter().any(|line| line.contains(part))
}

fn count(lines: &[String], part: &str) -> usize {
    lines.iter().filter(|line| line.contains(part)).count()
}

const FAST: [&str; 2] = ["--rate=50", "--stats-interval=0.2"];

#[test]
fn a_terminal_shows_the_view_and_ctrl_c_leaves_it_clean() {
    let mut terminal = Terminal::start(100, 40, "xterm-256color", &FAST);
    let lines = terminal.until(|lines| shows(lines, "█"));
    for part in
        ["Starting: ", "Running  ", "Rate  ", " Mb/s  ", "Dropped  0 of ", " p99.9 ", "CPU  "]
    {
        assert!(shows(&lines, part), "no {part:?} in\n{}", lines.join("\n"));
    }
    terminal.until(|lines| shows(lines, "Running  2s, Ctrl-C ends"));
    terminal.press(b"\x03");
    let (status, lines) = terminal.end();
    let text = lines.join("\n");
    assert_eq!(status.code(), Some(0), "{text}");
    for part in ["Shutdown signal received", "Clean shutdown completed in", "Consumed: "] {
        assert!(shows(&lines, part), "no {part:?} in\n{text}");
    }
    for part in ["Running", "Rate  ", "█", "[stats]", "^C"] {
        assert!(!shows(&lines, part), "{part:?} is still in\n{text}");
    }
    assert_eq!(count(&lines, "Starting: "), 1, "lines above the view stay: {text}");
}

#[test]
fn drawing_allocates_nothing_while_it_runs() {
    let args = [&FAST[..], &["--duration=2500ms"]].concat();
    let (status, lines) = Terminal::start(100, 40, "xterm-256color", &args).end();
    assert_eq!(status.code(), Some(0));
    assert!(shows(&lines, "of these 0 after the first second"), "{}", lines.join("\n"));
}

#[test]
fn the_view_follows_the_size_of_the_terminal() {
    let mut terminal = Terminal::start(110, 40, "xterm-256color", &FAST);
    terminal.until(|lines| lines.iter().any(|line| line.matches('░').count() >= 40));
    terminal.resize(40, 30);
    // One narrow bar in a row now.
    let is_narrow = |lines: &[String]| count(lines, "░") >= 4 && count(lines, "Running") == 1;
    let lines = terminal.until(is_narrow);
    assert!(lines.iter().all(|line| line.chars().count() < 40), "{}", lines.join("\n"));
    terminal.resize(110, 40);
    terminal.until(|lines| lines.iter().any(|line| line.matches('░').count() >= 40));
    terminal.press(b"\x03");
    let (status, lines) = terminal.end();
    assert_eq!(status.code(), Some(0));
    assert!(!shows(&lines, "░"), "{}", lines.join("\n"));
}

#[test]
fn plain_lines_are_printed_where_they_are_wanted_or_nothing_else_can_be_shown() {
    let args = [&FAST[..], &["--duration=1s", "--plain"]].concat();
    for (term, args) in [("xterm-256color", &args[..]), ("dumb", &args[..3])] {
        let (status, lines) = Terminal::start(120, 40, term, args).end();
        assert_eq!(status.code(), Some(0));
        assert!(shows(&lines, "[stats] inserted=") && !shows(&lines, "Running"), "{lines:#?}");
    }
}
