//! A `tracing` layer: events of many threads go through the ring to one writer, so no thread that
//! logs ever waits for the output; what finds no room is counted. It prints:
//!
//! ```text
//! 4 threads logged 400 events: 400 written, 0 refused
//! the first of thread 0: INFO step=0 thread=0 working
//! ```
use lock_free_ring::{Routing, ShardedRing};
use std::fmt::{Debug, Write as _};
use std::io::{Write as _, sink};
use std::thread;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

struct RingLayer(ShardedRing<String>);

impl<S: Subscriber> Layer<S> for RingLayer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut line = Line(event.metadata().level().to_string(), String::new());
        event.record(&mut line);
        line.0.push_str(&line.1);
        let _refused = self.0.try_write(0, line.0); // to the thread's shard, whatever the id
    }
}

/// The fields, then the message.
struct Line(String, String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _infallible = match field.name() {
            "message" => write!(self.1, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ring = ShardedRing::new(1024, 4)?.with_routing(Routing::ByThread);
    let mut consumer = ring.consumer()?;
    let writer = thread::spawn(move || {
        let (mut output, mut lines) = (sink(), Vec::new()); // a file, in earnest
        while let Ok(line) = consumer.read() {
            writeln!(output, "{line}").expect("the output takes it");
            lines.push(line);
        }
        (lines, consumer.stats().map(|shard| shard.refused).sum::<u64>())
    });
    let work = |thread| (0..100).for_each(|step| tracing::info!(step, thread, "working"));
    tracing_subscriber::registry().with(RingLayer(ring.clone())).init();
    thread::scope(|scope| (0..4).for_each(|thread| _ = scope.spawn(move || work(thread))));
    ring.close(); // the layer lives as long as the process; the writer need not
    let (lines, refused) = writer.join().map_err(|_| "the writer panicked")?;
    println!("4 threads logged 400 events: {} written, {refused} refused", lines.len());
    let first = lines.iter().find(|line| line.contains("thread=0")).ok_or("none of thread 0")?;
    println!("the first of thread 0: {first}");
    Ok(())
}
