use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::log_file::LogWriter;
use crate::interrupt::Interrupt;
use crate::results::Exit;

const POLL: Duration = Duration::from_millis(20);
/// What `ring` prints in a year is less: this is a program that has lost its way.
const MOST_LOG_BYTES: u64 = 64 << 20;

/// Why a process is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// By itself.
    ByItself,
    /// Its time was up, and it was killed.
    TimeUp,
    /// It filled the disk with its log, and was killed.
    LogTooLong,
    /// The suite is to end; it was asked to, by SIGINT.
    Interrupted,
}

/// How long a process may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From its start to its end.
    pub(super) in_all: Duration,
    /// From being asked to end.
    pub(super) to_end: Duration,
}

/// Runs a command to its end, its output into the log. It is dead when this returns.
pub(super) fn run(
    mut command: Command,
    log: &LogWriter,
    patience: Patience,
    interrupt: &Interrupt,
) -> io::Result<(Ending, Exit)> {
    let start = Instant::now();
    command.stdout(log.handle()?).stderr(log.handle()?);
    let mut running = Running::start(&mut command)?;
    loop {
        if let Some(status) = running.poll()? {
            let ending = if interrupt.is_set() { Ending::Interrupted } else { Ending::ByItself };
            return Ok((ending, exit(status)));
        }
        if interrupt.is_set() {
            return Ok((Ending::Interrupted, exit(running.end(patience.to_end)?)));
        }
        if start.elapsed() >= patience.in_all {
            return Ok((Ending::TimeUp, exit(running.kill()?)));
        }
        if log.len()? > MOST_LOG_BYTES {
            return Ok((Ending::LogTooLong, exit(running.kill()?)));
        }
        thread::sleep(POLL);
    }
}

fn exit(status: ExitStatus) -> Exit {
    Exit { code: status.code(), signal: status.signal() }
}

/// A process that does not outlive this value, nor does what it has started.
pub(super) struct Running {
    child: Child,
    ended: Option<ExitStatus>,
}

impl Running {
    /// It gets a process group of its own, so that Ctrl-C reaches the suite alone, which passes it
    /// on once: a second one would make `ring` give up its clean end.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.stdin(Stdio::null()).process_group(0).spawn()?;
        Ok(Self { child, ended: None })
    }

    /// What it prints, if that was piped.
    pub(super) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Its own until it is waited for; also that of its process group.
    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a process id is positive"))
    }

    pub(super) fn poll(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        Ok(self.ended)
    }

    /// Asks it to end, and kills it if it does not.
    fn end(&mut self, patience: Duration) -> io::Result<ExitStatus> {
        // That fails only if it has just ended by itself.
        let _ = kill(self.pid(), Signal::SIGINT);
        let asked = Instant::now();
        while asked.elapsed() < patience {
            if let Some(status) = self.poll()? {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
        self.kill()
    }

    /// Kills it, and whatever it has started.
    pub(super) fn kill(&mut self) -> io::Result<ExitStatus> {
        let _ = killpg(self.pid(), Signal::SIGKILL);
        self.child.kill()?;
        let status = self.child.wait()?;
        self.ended = Some(status);
        Ok(status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended.is_none() {
            let _ = self.kill();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_a_killed_process_has_started_is_killed_too() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & sleep 1000"]).stdout(Stdio::piped());
        let mut running = Running::start(&mut command).unwrap();
        let mut stdout = running.stdout().unwrap();
        running.kill().unwrap();
        // It ends when nobody is left who could write into it.
        assert_eq!(stdout.read(&mut [0]).unwrap(), 0);
    }
}
