use std::path::{Path, PathBuf};

use crate::sink::{SinkPlan, TargetPlan, WindowPlan};
use crate::whole_file::folder_of;

const ALLOWED: &str = "window, null, pcap:FILE or nats://HOST:PORT/SUBJECT";

/// Reads what `--sink` says, or says what it must be. `window` is what the flags make of one.
pub(super) fn parse(text: &str, window: WindowPlan) -> Result<SinkPlan, String> {
    let behind_window = |target| SinkPlan { window: Some(window), target };
    match text.split_once(':') {
        None if text == "window" => Ok(behind_window(TargetPlan::Discard)),
        None if text == "null" => Ok(SinkPlan { window: None, target: TargetPlan::Discard }),
        Some(("pcap", file)) => Ok(behind_window(TargetPlan::Pcap(pcap_file(file)?))),
        _ => Err(ALLOWED.to_owned()),
    }
}

/// A file that can be written, as far as can be seen without writing it.
fn pcap_file(text: &str) -> Result<PathBuf, String> {
    let path = Path::new(text);
    if text.is_empty() || text.ends_with('/') || path.is_dir() {
        return Err(format!("{ALLOWED}, with a file, not a folder"));
    }
    if !folder_of(path).is_dir() {
        return Err(format!("{ALLOWED}, with a file in a folder that exists"));
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sink_is_called() {
        let window = WindowPlan { packets: 5, degree: 2, order: crate::sink::Order::Arrival };
        let parse = |text| parse(text, window);
        assert!(parse("window").unwrap().window.is_some());
        assert_eq!((parse("null").unwrap().packets(), parse("window").unwrap().packets()), (0, 5));
        let pcap = parse("pcap:a:b.pcap").unwrap();
        assert!(matches!(pcap.target, TargetPlan::Pcap(file) if file == Path::new("a:b.pcap")));
        for wrong in [
            "",
            "Window",
            "window:",
            "null:x",
            "pcap",
            "pcap:",
            "pcap:/",
            "pcap:missing/x",
            "file:x",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
