use crate::consumer::ConsumerTotals;
use crate::report::log::{Level, Log};
use crate::report::machine::Usage;
use crate::udp::ReceiverTotals;

/// The whole run in figures.
#[derive(Debug)]
pub(crate) struct FinalStats {
    pub(crate) produced: u64,
    pub(crate) dropped: u64,
    pub(crate) consumer: ConsumerTotals,
    /// `None` when packets were generated.
    pub(crate) udp: Option<ReceiverTotals>,
}

impl FinalStats {
    /// First the lines that the described program prints, then what only this one knows.
    pub(crate) fn print(&self, log: &Log) {
        let info = |text: std::fmt::Arguments<'_>| log.line(Level::Info, text);
        info(format_args!("=== Final Statistics ==="));
        info(format_args!("Produced: {}", self.produced));
        info(format_args!("Dropped:  {} ({:.2}%)", self.dropped, self.dropped_percent()));
        info(format_args!("Consumed: {}", self.consumer.consumed));
        info(format_args!("Trimmed:  {}", self.consumer.trimmed));
        info(format_args!("BTree final size: {}", self.consumer.window));
        info(format_args!("Payload:  {} as read", self.consumer.payload));
        if let Some(udp) = &self.udp {
            info(format_args!("{udp}"));
        }
        if let Some(usage) = Usage::now() {
            info(format_args!("{usage}"));
        }
        if let Some((first, last)) = self.consumer.window_span {
            let missing = (last - first + 1) - self.consumer.window as u64;
            let text = format_args!("Window: sequences {first} to {last}, {missing} missing");
            log.line(Level::Detail, text);
        }
    }

    fn dropped_percent(&self) -> f64 {
        let offered = self.produced + self.dropped;
        if offered == 0 { 0.0 } else { self.dropped as f64 * 100.0 / offered as f64 }
    }
}
