//! What each thread did when, as Perfetto and Chrome's `about:tracing` read it.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

/// More than these of one thread are counted, not kept: 48 bytes each.
const MAX_EVENTS_PER_THREAD: usize = 400_000;
const PROCESS: u32 = 1;

#[derive(Debug)]
pub(super) struct Trace {
    begun: Instant,
    threads: Mutex<Vec<Track>>,
}

/// The events of one thread.
#[derive(Debug)]
struct Track {
    name: String,
    events: Vec<Event>,
    lost: u64,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    name: &'static str,
    at: Duration,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// Lasts so long.
    Span { length: Duration, packets: u64 },
    /// A moment.
    Instant,
    /// A figure from now on.
    Counter(f64),
}

/// An event as Chrome's trace format has it; times are microseconds.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    ph: &'static str,
    ts: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u32,
    tid: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Value::is_null")]
    args: Value,
}

impl Trace {
    pub(super) fn new(begun: Instant) -> Self {
        Self { begun, threads: Mutex::default() }
    }

    /// Where the calling thread notes its events.
    pub(super) fn thread(&self, name: &str) -> ThreadTrace<'_> {
        let track = Track { name: name.to_owned(), events: Vec::new(), lost: 0 };
        ThreadTrace { trace: self, track }
    }

    pub(super) fn write(&self, mut to: impl Write) -> io::Result<()> {
        to.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")?;
        line(&mut to, &meta("process_name", 0, json!({ "name": "ring" })))?;
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for (track, tid) in threads.iter().zip(1..) {
            for (about, args) in [
                ("thread_name", json!({ "name": track.name })),
                ("events_lost", json!({ "count": track.lost })),
            ] {
                to.write_all(b",\n")?;
                line(&mut to, &meta(about, tid, args))?;
            }
            for event in &track.events {
                to.write_all(b",\n")?;
                line(&mut to, &event.to_line(tid))?;
            }
        }
        to.write_all(b"\n]}\n")?;
        to.flush()
    }
}

fn line(to: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
    Ok(serde_json::to_writer(to, line)?)
}

fn meta(name: &'static str, tid: usize, args: Value) -> Line<'static> {
    Line { name, ph: "M", ts: 0.0, dur: None, pid: PROCESS, tid, s: None, args }
}

impl Event {
    fn to_line(self, tid: usize) -> Line<'static> {
        let (ph, dur, s, args) = match self.what {
            What::Span { length, packets: 0 } => ("X", Some(micros(length)), None, Value::Null),
            What::Span { length, packets } => {
                ("X", Some(micros(length)), None, json!({ "packets": packets }))
            }
            What::Instant => ("i", None, Some("t"), Value::Null),
            What::Counter(value) => ("C", None, None, json!({ "value": value })),
        };
        Line { name: self.name, ph, ts: micros(self.at), dur, pid: PROCESS, tid, s, args }
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}

/// A thread's events so far; it hands them over when it is dropped.
#[derive(Debug)]
pub(super) struct ThreadTrace<'a> {
    trace: &'a Trace,
    track: Track,
}

impl ThreadTrace<'_> {
    pub(super) fn span(&mut self, name: &'static str, began: Instant, packets: u64) {
        let at = began.saturating_duration_since(self.trace.begun);
        self.push(Event { name, at, what: What::Span { length: began.elapsed(), packets } });
    }

    pub(super) fn instant(&mut self, name: &'static str) {
        self.push(Event { name, at: self.trace.begun.elapsed(), what: What::Instant });
    }

    pub(super) fn counter(&mut self, name: &'static str, value: f64) {
        self.push(Event { name, at: self.trace.begun.elapsed(), what: What::Counter(value) });
    }

    fn push(&mut self, event: Event) {
        if self.track.events.len() < MAX_EVENTS_PER_THREAD {
            self.track.events.push(event);
        } else {
            self.track.lost += 1;
        }
    }
}

impl Drop for ThreadTrace<'_> {
    fn drop(&mut self) {
        let empty = Track { name: String::new(), events: Vec::new(), lost: 0 };
        let track = std::mem::replace(&mut self.track, empty);
        self.trace.threads.lock().unwrap_or_else(PoisonError::into_inner).push(track);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_is_what_viewers_read() {
        let trace = Trace::new(Instant::now());
        let mut worker = trace.thread("worker \"1\"");
        worker.instant("start");
        worker.span("drain", Instant::now(), 7);
        worker.counter("rate", 1.5);
        drop(worker);
        let mut text = Vec::new();
        trace.write(&mut text).unwrap();

        let read: Value = serde_json::from_slice(&text).unwrap();
        let events = read["traceEvents"].as_array().unwrap();
        let phases: Vec<&str> = events.iter().map(|event| event["ph"].as_str().unwrap()).collect();
        assert_eq!(phases, ["M", "M", "M", "i", "X", "C"]);
        assert_eq!(events[1]["args"]["name"], "worker \"1\"");
        assert_eq!((&events[4]["args"]["packets"], &events[4]["tid"]), (&json!(7), &json!(1)));
        assert!(events[4]["dur"].as_f64().unwrap() >= 0.0);
        assert_eq!(events[5]["args"]["value"], 1.5);
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let trace = Trace::new(Instant::now());
        let mut worker = trace.thread("worker");
        (0..MAX_EVENTS_PER_THREAD + 2).for_each(|_| worker.instant("tick"));
        drop(worker);
        let threads = trace.threads.lock().unwrap();
        assert_eq!((threads[0].events.len(), threads[0].lost), (MAX_EVENTS_PER_THREAD, 2));
    }
}
