use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::NamedTempFile;

/// No process of these tests takes so long.
const LIMIT: Duration = Duration::from_secs(90);

/// A `ring` while it runs, with its result file.
#[derive(Debug)]
pub(crate) struct Ring {
    child: Child,
    reader: Option<JoinHandle<()>>,
    seen: Arc<Mutex<String>>,
    json: NamedTempFile,
}

/// What it leaves behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) log: String,
    /// `Null` if it wrote none.
    pub(crate) json: Value,
}

impl Ring {
    pub(crate) fn start(args: &[&str]) -> Self {
        let json = NamedTempFile::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_ring"))
            .args(args)
            .args(["--json", json.path().to_str().unwrap()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let seen = Arc::new(Mutex::new(String::new()));
        let (stderr, log) = (BufReader::new(child.stderr.take().unwrap()), seen.clone());
        let reader = thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut log = log.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { child, reader: Some(reader), seen, json }
    }

    pub(crate) fn send(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until the log has `part`.
    pub(crate) fn wait_for(&self, part: &str) {
        let began = Instant::now();
        while !self.log().contains(part) {
            assert!(began.elapsed() < LIMIT, "no {part:?} in\n{}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn end(mut self) -> Ended {
        let began = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(began.elapsed() < LIMIT, "it does not end:\n{}", self.log()),
            }
            thread::sleep(Duration::from_millis(10));
        };
        self.reader.take().unwrap().join().unwrap();
        let json = std::fs::read_to_string(self.json.path()).unwrap();
        let json = serde_json::from_str(&json).unwrap_or(Value::Null);
        Ended { code: status.code(), log: self.log(), json }
    }
}

/// A test that fails leaves no program behind.
impl Drop for Ring {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    pub(crate) fn number(&self, pointer: &str) -> u64 {
        let number = self.json.pointer(pointer).and_then(Value::as_u64);
        number.unwrap_or_else(|| panic!("no {pointer} in {}\n{}", self.json, self.log))
    }

    /// It ended well, and what it says of its own figures agrees.
    pub(crate) fn assert_all_delivered(&self) -> u64 {
        assert_eq!(self.code, Some(0), "{}", self.log);
        let produced = self.number("/totals/produced");
        assert_eq!(self.number("/delivery/packets"), produced, "{}", self.log);
        assert_eq!(self.number("/delivery/failed"), 0);
        produced
    }

    /// Of a collector: it ended well, with `packets` in all, each once and in order.
    pub(crate) fn assert_collected(&self, packets: u64) {
        assert_eq!(self.code, Some(0), "{}", self.log);
        assert_eq!(self.number("/received"), packets, "{}", self.log);
        assert_eq!(self.number("/left") + self.number("/window"), packets);
        assert_eq!(self.number("/out_of_order"), 0, "{}", self.log);
        assert_eq!((self.number("/messages_held"), self.number("/messages_missing")), (0, 0));
        let runs = self.json["runs"].as_array().unwrap();
        assert!(runs.iter().all(|run| run["complete"] == true), "{}", self.log);
    }
}
